package local_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
)

// over evaluates an alarm over one period, the one from since until now, and
// reports whether its value is past the threshold. Without data it is not: every
// alarm treats missing data as no reason to go off. For how many periods a value
// must be past the threshold is CloudWatch's affair.
func over(t *testing.T, aws *local.AWS, a local.Alarm, since time.Time) (past bool, value float64) {
	t.Helper()
	expression := a.Expression
	if expression == "" {
		expression, a.Metrics[0].ID = "metric", "metric"
	}
	values := make(map[string]float64)
	for _, m := range a.Metrics {
		if points := datapoints(t, aws, m, since); len(points) > 0 {
			values[m.ID] = statistic(t, m.Stat, points)
		}
	}
	parsed, err := parser.ParseExpr(expression)
	if err != nil {
		t.Fatalf("%s: expression %s: %v", a.ID, expression, err)
	}
	value = evaluate(t, parsed, values)
	switch a.Operator { // no comparison with missing is true
	case "GreaterThanThreshold":
		return value > a.Threshold, value
	case "GreaterThanOrEqualToThreshold":
		return value >= a.Threshold, value
	}
	t.Fatalf("%s: operator %s", a.ID, a.Operator)
	return false, 0
}

// missing is the value of a metric without data. As in metric math, whatever is
// computed with it is missing too.
var missing = math.NaN()

// evaluate evaluates the metric math that the template uses
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
func evaluate(t *testing.T, e ast.Expr, values map[string]float64) float64 {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		value, err := strconv.ParseFloat(e.Value, 64)
		if err != nil {
			t.Fatal(err)
		}
		return value
	case *ast.Ident:
		if value, ok := values[e.Name]; ok {
			return value
		}
		return missing
	case *ast.BinaryExpr:
		return calculate(t, e.Op, evaluate(t, e.X, values), evaluate(t, e.Y, values))
	case *ast.CallExpr:
		if function, ok := e.Fun.(*ast.Ident); ok && function.Name == "FILL" && len(e.Args) == 2 {
			if value := evaluate(t, e.Args[0], values); !math.IsNaN(value) {
				return value
			}
			return evaluate(t, e.Args[1], values)
		}
	}
	t.Fatalf("metric math that is not provided for: %v", e)
	return 0
}

func calculate(t *testing.T, op token.Token, x, y float64) float64 {
	t.Helper()
	switch op {
	case token.ADD:
		return x + y
	case token.MUL:
		return x * y
	case token.QUO:
		return x / y
	default:
		t.Fatalf("metric math that is not provided for: %s", op)
		return 0
	}
}

// statistic is what CloudWatch makes of the values of a period.
func statistic(t *testing.T, name string, points []float64) float64 {
	t.Helper()
	if percent, ok := strings.CutPrefix(name, "p"); ok {
		p, err := strconv.ParseFloat(percent, 64)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(points)
		return points[int(math.Ceil(p/100*float64(len(points))))-1]
	}
	switch name {
	case "Maximum":
		return slices.Max(points)
	case "Sum":
		sum := 0.0
		for _, p := range points {
			sum += p
		}
		return sum
	}
	t.Fatalf("statistic %s", name)
	return 0
}

func TestMetricMath(t *testing.T) {
	values := map[string]float64{"a": 6, "b": 3}
	for _, c := range []struct {
		expression, want string
	}{
		{"100 * a / b", "200"}, {"a + b", "9"}, {"FILL(a, 0) + FILL(none, 2)", "8"}, {"a + none", "NaN"}, {"a / none", "NaN"},
	} {
		parsed, err := parser.ParseExpr(c.expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(evaluate(t, parsed, values)); got != c.want {
			t.Errorf("%s = %s, want %s", c.expression, got, c.want)
		}
	}
	for _, c := range []struct {
		name string
		want float64
	}{{"Sum", 110}, {"Maximum", 100}, {"p50", 3}, {"p99", 100}} {
		if got := statistic(t, c.name, []float64{100, 1, 2, 3, 4}); got != c.want {
			t.Errorf("%s = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestBounceInAnHourWithoutMailsIsPastTheThreshold(t *testing.T) {
	alarm, ok := resources(t)["MailsBouncedAlarm"]
	if !ok {
		t.Skip("template.yaml has no MailsBouncedAlarm")
	}
	_, expression, _ := strings.Cut(rendered(alarm.properties["Metrics"]), "Expression ")
	expression, _, _ = strings.Cut(expression, ";")
	parsed, err := parser.ParseExpr(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	if got := evaluate(t, parsed, map[string]float64{"bounced": 1}); got != 100 {
		t.Errorf("%s is %v, want 100", expression, got)
	}
}
