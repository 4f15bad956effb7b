package statemachine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// dashboard is the body of the dashboard, as CloudWatch's reference has it
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
// There is no published schema; a member that is not here fails the tests.
type dashboard struct {
	Start          string            `json:"start"`
	PeriodOverride string            `json:"periodOverride"`
	Widgets        []dashboardWidget `json:"widgets"`
}

type dashboardWidget struct {
	Type       string `json:"type"`
	X          int    `json:"x"`
	Y          int    `json:"y"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	Properties struct {
		Title       string              `json:"title"`
		Markdown    string              `json:"markdown"`
		Alarms      []string            `json:"alarms"`
		Query       string              `json:"query"`
		View        string              `json:"view"`
		Region      string              `json:"region"`
		Stat        string              `json:"stat"`
		Period      int                 `json:"period"`
		WholeRange  bool                `json:"setPeriodToTimeRange"`
		Stacked     bool                `json:"stacked"`
		Metrics     [][]json.RawMessage `json:"metrics"`
		Annotations struct {
			Horizontal []struct {
				Value float64 `json:"value"`
				Label string  `json:"label"`
			} `json:"horizontal"`
		} `json:"annotations"`
		YAxis struct {
			Left struct {
				Min int `json:"min"`
			} `json:"left"`
		} `json:"yAxis"`
	} `json:"properties"`
}

// metricOptions is what may come last in a metric of a widget.
type metricOptions struct {
	ID         string `json:"id"`
	Label      string `json:"label"`
	Stat       string `json:"stat"`
	Visible    *bool  `json:"visible"`
	Expression string `json:"expression"`
}

var substitution = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// dashboardText is the body as the template has it, for Fn::Sub.
func dashboardText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Resources struct {
			Dashboard struct {
				Properties struct {
					Body []yaml.Node `yaml:"DashboardBody"` // of Fn::Sub: the text, and what it has of its own
				} `yaml:"Properties"`
			} `yaml:"Dashboard"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f.Resources.Dashboard.Properties.Body[0].Value
}

// readDashboard returns the body with the name of what is referred to in the place
// of each reference: $TriggerFunction for ${TriggerFunction}.
func readDashboard(t *testing.T) dashboard {
	t.Helper()
	text := substitution.ReplaceAllString(dashboardText(t), "$$$1")
	decoder := json.NewDecoder(strings.NewReader(strings.ReplaceAll(text, "${!", "${")))
	decoder.DisallowUnknownFields()
	var d dashboard
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("the body of the dashboard: %v", err)
	}
	return d
}

func TestDashboardRefersToWhatTheTemplateHas(t *testing.T) {
	resources := template(t).Resources
	others := []string{"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "Console"}
	for _, reference := range substitution.FindAllStringSubmatch(dashboardText(t), -1) {
		target, _, _ := strings.Cut(reference[1], ".")
		if _, ok := resources[target]; !ok && !slices.Contains(others, target) {
			t.Errorf("%s does not exist", reference[0])
		}
	}
}

func TestDashboardWidgetsFitAndDoNotOverlap(t *testing.T) {
	taken := make(map[[2]int]string)
	for _, w := range readDashboard(t).Widgets {
		name := w.Type + " " + w.Properties.Title
		if w.X < 0 || w.Y < 0 || w.Width < 1 || w.Height < 1 || w.X+w.Width > 24 {
			t.Errorf("%s: %d columns from %d, %d rows from %d", name, w.Width, w.X, w.Height, w.Y)
		}
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				if other, ok := taken[[2]int{x, y}]; ok {
					t.Fatalf("%s and %s overlap at %d, %d", name, other, x, y)
				}
				taken[[2]int{x, y}] = name
			}
		}
	}
}

func TestDashboardWidgetsSayWhatTheirTypeNeeds(t *testing.T) {
	for i, w := range readDashboard(t).Widgets {
		p := w.Properties
		var ok bool
		switch w.Type {
		case "text":
			ok = p.Markdown != ""
		case "alarm":
			ok = p.Title != "" && len(p.Alarms) <= 100
		case "log":
			ok = p.Title != "" && p.Region != "" && p.View == "table" && strings.HasPrefix(p.Query, "SOURCE '$FunctionLogGroup' | ")
		case "metric":
			shown := p.View == "timeSeries" || p.View == "singleValue" && p.WholeRange
			ok = p.Title != "" && p.Region != "" && shown && p.Period > 0 && len(p.Metrics) > 0
		}
		if !ok {
			t.Errorf("widget %d, %s %q: %+v", i, w.Type, p.Title, p)
		}
	}
	if size := len(dashboardText(t)); size > 1<<20 {
		t.Errorf("the body has %d bytes, and CloudWatch takes 1 MB", size)
	}
}

func TestDashboardShowsEachAlarm(t *testing.T) {
	var shown, want []string
	for _, w := range readDashboard(t).Widgets {
		shown = append(shown, w.Properties.Alarms...)
	}
	for id := range alarms(t) {
		want = append(want, "arn:$AWS::Partition:cloudwatch:$AWS::Region:$AWS::AccountId:alarm:$"+id)
	}
	slices.Sort(shown)
	if slices.Sort(want); !slices.Equal(shown, want) {
		t.Errorf("the dashboard shows the alarms\n %q, want\n %q", shown, want)
	}
}

// TestDashboardNamesNoStep finds a widget that would have to change with the steps.
func TestDashboardNamesNoStep(t *testing.T) {
	text := dashboardText(t)
	for _, step := range steps(t).Steps {
		if regexp.MustCompile(`\b` + step.State + `(Function)?\b`).MatchString(text) {
			t.Errorf("the dashboard names %s, which a search would find", step.State)
		}
	}
}

// TestDashboardPictureIsNew compares the hash at the end of the picture with what it
// is drawn from; make docs draws it anew.
func TestDashboardPictureIsNew(t *testing.T) {
	picture, err := os.ReadFile("dashboard.svg")
	if err != nil {
		t.Fatal(err)
	}
	source := []byte(dashboardText(t) + strings.Join(steps(t).States(), " "))
	for _, file := range []string{"dev/dashboard/draw.py", "dev/dashboard/sample.py"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	if want := fmt.Sprintf("</svg><!-- %x -->\n", sha256.Sum256(source)); !bytes.HasSuffix(picture, []byte(want)) {
		t.Errorf("dashboard.svg is older than the states, the dashboard in template.yaml, draw.py or sample.py (make docs mends it): it does not end with %q", want)
	}
}

// TestDashboardLimitsAreThoseOfTheAlarms reads the lines in the charts.
func TestDashboardLimitsAreThoseOfTheAlarms(t *testing.T) {
	found := 0
	for _, w := range readDashboard(t).Widgets {
		for _, line := range w.Properties.Annotations.Horizontal {
			name, isAlarm := strings.CutPrefix(line.Label, "alarm ")
			if !isAlarm {
				continue
			}
			found++
			if a := alarms(t)[name+"Alarm"]; a.threshold != line.Value {
				t.Errorf("%s: %v, and the threshold is %v", line.Label, line.Value, a.threshold)
			}
		}
	}
	if found == 0 {
		t.Error("the dashboard has no line at the threshold of an alarm")
	}
}
