package statemachine_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func runbook(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRunbookHasASectionForEachAlarm(t *testing.T) {
	sections := make(map[string]string)
	_, text, _ := strings.Cut(runbook(t), "\n## Alarms\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, section := range strings.Split(text, "\n### ")[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		sections[strings.ReplaceAll(strings.ToLower(heading), " ", "-")] = body
	}
	for id := range alarms(t) { // a section may outlive its alarm, when a step is taken out
		if sections[anchorOf(id)] == "" {
			t.Errorf("%s has no section under %q", id, anchorOf(id))
		}
	}
	for anchor, body := range sections {
		at := 0
		for _, part := range []string{"**Means.** ", "**First.**", "\n```\n", "**Mend.** ", "**Over.** ", "**Threshold.** "} {
			i := strings.Index(strings.ReplaceAll(body[at:], ".**\n", ".** \n"), part)
			if i < 0 {
				t.Errorf("%s has no %q, or not in its place", anchor, part)
				break
			}
			at += i
		}
	}
}

func TestRunbookListsEachAlarm(t *testing.T) {
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| \\[(.+)\\]\\(#(.+)\\) \\| .+ \\|$").FindAllStringSubmatch(runbook(t), -1)
	all := alarms(t)
	for _, row := range rows {
		if row[3] != anchorOf(row[1]) {
			t.Errorf("row %q", row[0])
		}
		delete(all, row[1])
	}
	if len(all) > 0 {
		t.Errorf("the runbook does not list %v", slices.Collect(maps.Keys(all)))
	}
}

func TestRunbookLinksLeadSomewhere(t *testing.T) {
	text := runbook(t)
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		target, anchor, isAnchor := strings.Cut(link[1], "#")
		if strings.HasPrefix(target, "https://") {
			continue
		}
		if target != "" {
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", link[1], err)
			}
		}
		if isAnchor && target == "" && !regexp.MustCompile(`(?mi)^#+ `+strings.ReplaceAll(anchor, "-", " ")+`$`).MatchString(text) {
			t.Errorf("no heading for %s", link[1])
		}
	}
}

func TestRunbookSaysWhatToDoAboutEachErrorThatStops(t *testing.T) {
	_, section, _ := strings.Cut(runbook(t), "\n### Executions failed\n")
	section, _, _ = strings.Cut(section, "\n### ")
	names := []string{decided}
	for _, e := range slices.Concat(retried, notRetried) {
		names = append(names, e.Name())
	}
	for _, name := range names {
		if name != "ThrottledError" && !strings.Contains(section, "\n- `"+name+"`") { // which becomes a QuotaExceededError
			t.Errorf("nothing about %s", name)
		}
	}
}
