package cost_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/cost"
)

func firstNumber(t *testing.T, file, pattern string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(matches(t, file, pattern)[0][1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// matches returns what a pattern finds in a file, at least one.
func matches(t *testing.T, file, pattern string) [][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1)
	if len(found) == 0 {
		t.Fatalf("%s has no %s", file, pattern)
	}
	return found
}

func onboarding(t *testing.T) *cost.Onboarding {
	t.Helper()
	return onboardingOf(t, templateText(t), statemachine.Definition)
}

func onboardingOf(t *testing.T, template, definition string) *cost.Onboarding {
	t.Helper()
	usage, err := cost.MeasuredUsage()
	if err != nil {
		t.Fatal(err)
	}
	o, err := cost.New([]byte(template), definition, usage)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func templateText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func use(t *testing.T, o *cost.Onboarding, users, failing float64) cost.Use {
	t.Helper()
	u, err := o.Use(users, failing)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func money(dollars float64) string { return fmt.Sprintf("$%.2f", dollars) }

// number writes a number with commas: with two digits behind the point below 100.
func number(n float64) string {
	if n < 100 {
		return strings.TrimSuffix(fmt.Sprintf("%.2f", n), ".00")
	}
	digits := fmt.Sprintf("%.0f", n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
