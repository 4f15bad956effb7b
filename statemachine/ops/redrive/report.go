package redrive

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// Report is what redrive prints, as tables or as JSON.
type Report struct {
	// DryRun says that nothing was redriven.
	DryRun     bool       `json:"dryRun"`
	Groups     []*group   `json:"groups"`
	Executions []*stopped `json:"executions"`
	Summary    struct {
		Stopped int `json:"stopped"`
		// Redrivable are those that stopped and can be redriven; what was
		// redriven is counted among them.
		Redrivable    int `json:"redrivable"`
		NotRedrivable int `json:"notRedrivable"`
		Redriven      int `json:"redriven"`
		WentOn        int `json:"wentOnAlready"`
		Failed        int `json:"failed"`
		// Unread are those of which nothing else is known.
		Unread int `json:"notRead"`
	} `json:"summary"`
}

// group is executions that stopped alike.
type group struct {
	State         string                `json:"state"`
	Error         string                `json:"error"`
	Status        types.ExecutionStatus `json:"status"`
	Executions    int                   `json:"executions"`
	NotRedrivable int                   `json:"notRedrivable"`
	LastStopped   time.Time             `json:"lastStopped,omitzero"`
	// Cause is the most frequent one, which CauseExecutions of them have.
	Cause           string `json:"cause,omitempty"`
	CauseExecutions int    `json:"causeExecutions,omitempty"`

	causes map[string]int
}

// because counts a cause. Of those that are equally frequent the first one stays.
func (g *group) because(cause string) {
	if cause == "" {
		return
	}
	g.causes[cause]++
	if n := g.causes[cause]; n > g.CauseExecutions {
		g.Cause, g.CauseExecutions = cause, n
	}
}

// why is the most frequent cause, with how many have it.
func (g *group) why() string {
	if g.Cause == "" {
		return ""
	}
	return fmt.Sprintf("%d× %s", g.CauseExecutions, g.Cause)
}

// add counts the executions.
func (r *Report) add(found []*stopped) {
	r.Groups = make([]*group, 0)
	for _, x := range found {
		switch x.Result {
		case resultRedriven:
			r.Summary.Redriven++
		case resultWentOn:
			r.Summary.WentOn++
		case resultFailed:
			r.Summary.Failed++
		case resultUnread:
			r.Summary.Unread++
			continue
		}
		if x.Stopped() {
			r.count(x)
		} else if r.DryRun {
			r.Summary.WentOn++
		}
	}
	slices.SortFunc(r.Groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.Executions, a.Executions), cmp.Compare(a.State, b.State), cmp.Compare(a.Error, b.Error))
	})
}

// count counts an execution that stopped.
func (r *Report) count(x *stopped) {
	r.Summary.Stopped++
	notRedrivable := 0
	if x.NotRedrivable != "" || x.Result == resultNotRedrivable {
		notRedrivable = 1
	}
	r.Summary.NotRedrivable += notRedrivable
	r.Summary.Redrivable += 1 - notRedrivable
	i := slices.IndexFunc(r.Groups, func(g *group) bool {
		return g.State == x.State && g.Error == x.Error && g.Status == x.Status
	})
	if i < 0 {
		i = len(r.Groups)
		r.Groups = append(r.Groups, &group{State: x.State, Error: x.Error, Status: x.Status, causes: make(map[string]int)})
	}
	g := r.Groups[i]
	g.Executions++
	g.because(x.Cause)
	g.NotRedrivable += notRedrivable
	if x.StopDate.After(g.LastStopped) {
		g.LastStopped = x.StopDate
	}
}

func (r *Report) needsAttention() bool {
	if r.DryRun {
		return r.Summary.Stopped+r.Summary.Unread > 0
	}
	return r.Summary.Failed+r.Summary.NotRedrivable+r.Summary.Unread > 0
}

func (r *Report) print(s *session.Session, c Command) {
	var rows [][]any
	for _, g := range r.Groups {
		rows = append(rows, []any{g.State, g.Error, g.Status, g.Executions, g.NotRedrivable, moment(g.LastStopped), g.why()})
	}
	s.PrintTable([]any{"STATE", "ERROR", "STATUS", "EXECUTIONS", "NOT REDRIVABLE", "LAST STOPPED", "MOST FREQUENT CAUSE"}, rows)
	r.printExecutions(s, c)
	sum := r.Summary
	if sum.Unread > 0 {
		fmt.Fprintf(s.Stdout, "%d could not be read, as the list says\n", sum.Unread)
	}
	switch {
	case !r.DryRun:
		fmt.Fprintf(s.Stdout, "%d redriven, %d went on already, %d not redrivable, %d failed\n",
			sum.Redriven, sum.WentOn, sum.NotRedrivable, sum.Failed)
	case c.chooses():
		fmt.Fprintf(s.Stdout, "dry run: %d would be redriven, %d went on already, %d not redrivable\n",
			sum.Redrivable, sum.WentOn, sum.NotRedrivable)
	case sum.Stopped+sum.Unread == 0:
		fmt.Fprintln(s.Stdout, "no execution has stopped")
	default:
		fmt.Fprintf(s.Stdout, "%d stopped, %d of them redrivable: redrive them with --all, or a part with --state, --error or --execution\n",
			sum.Stopped, sum.Redrivable)
	}
}

// printExecutions lists the executions if asked to, and those that failed always.
func (r *Report) printExecutions(s *session.Session, c Command) {
	header := []any{"EXECUTION", "STATE", "ERROR", "STOPPED", "REDRIVES", "RESULT"}
	if c.ShowUsernames {
		header = append(header, "USERNAME")
	}
	var rows [][]any
	for _, x := range r.Executions {
		if !c.Names && !c.ShowUsernames && x.Result != resultFailed && x.Result != resultUnread {
			continue
		}
		row := []any{x.Name, x.State, x.Error, moment(x.StopDate), x.RedriveCount, x.outcome()}
		if c.ShowUsernames {
			row = append(row, x.Username)
		}
		rows = append(rows, row)
	}
	s.PrintTable(header, rows)
}

// outcome is the result with its reason, on one line.
func (x *stopped) outcome() string {
	reason := cmp.Or(x.Detail, x.NotRedrivable)
	text := string(x.Result)
	if reason != "" {
		text = strings.TrimPrefix(text+": "+reason, ": ")
	}
	return strings.ReplaceAll(text, "\n", " ")
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
