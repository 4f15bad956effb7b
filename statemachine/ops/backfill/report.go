package backfill

import (
	"fmt"
	"strings"

	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/sweep"
)

// Report is what backfill prints, as tables or as JSON.
type Report struct {
	DryRun bool `json:"dryRun"`
	// Users are those who were started, would be, or could not be.
	Users []User `json:"users"`
	// Summary counts all users who were looked at, by verdict.
	Summary map[sweep.Verdict]int `json:"summary"`
}

// User is what became of a user.
type User struct {
	Execution string        `json:"execution"`
	Verdict   sweep.Verdict `json:"verdict"`
	Cause     string        `json:"cause,omitempty"`
	Username  string        `json:"username,omitempty"`
	Detail    string        `json:"detail,omitempty"`
}

func (r *Report) add(users []sweep.User, showUsernames bool) {
	for _, u := range users {
		r.Summary[u.Verdict]++
		if u.Verdict != sweep.Found && u.Verdict != sweep.Restarted && u.Verdict != sweep.Failed {
			continue
		}
		shown := User{Execution: u.Input.ExecutionName(u.Cause), Verdict: u.Verdict, Cause: u.Cause}
		if showUsernames {
			shown.Username = u.Input.Username
		}
		if u.Err != nil {
			shown.Detail = strings.ReplaceAll(u.Err.Error(), "\n", " ")
		}
		r.Users = append(r.Users, shown)
	}
}

func (r *Report) needsAttention() bool {
	return r.Summary[sweep.Failed] > 0 || r.DryRun && r.Summary[sweep.Found]+r.Summary[sweep.Restarted] > 0
}

// words are the verdicts as the table has them, in its order.
var words = []struct {
	verdict sweep.Verdict
	text    string
}{
	{sweep.TooOld, "created before --since"},
	{sweep.Disabled, "disabled"},
	{sweep.NotConfirmed, "not confirmed"},
	{sweep.Onboarded, "onboarded"},
	{sweep.Unfinished, "under way, or to be redriven"},
	{sweep.Found, "started"},
	{sweep.Restarted, "started again"},
	{sweep.Failed, "failed"},
}

func (r *Report) print(s *session.Session, c Command) {
	header := []any{"EXECUTION", "RESULT", "CAUSE"}
	if c.ShowUsernames {
		header = append(header, "USERNAME")
	}
	var rows [][]any
	for _, u := range r.Users {
		if u.Verdict != sweep.Failed && !c.ShowUsernames && !r.DryRun {
			continue // thousands of lines that ask for nothing
		}
		row := []any{u.Execution, r.word(u.Verdict), u.Cause + u.Detail}
		if c.ShowUsernames {
			row = append(row, u.Username)
		}
		rows = append(rows, row)
	}
	s.PrintTable(header, rows)
	rows, all := nil, 0
	for _, w := range words {
		rows = append(rows, []any{r.word(w.verdict), r.Summary[w.verdict]})
		all += r.Summary[w.verdict]
	}
	s.PrintTable([]any{"looked at", all}, rows)
	if r.Summary[sweep.Failed] > 0 {
		fmt.Fprintln(s.Stdout, "run it again for those that failed")
	}
}

func (r *Report) word(v sweep.Verdict) string {
	for _, w := range words {
		switch {
		case w.verdict != v:
		case r.DryRun && (v == sweep.Found || v == sweep.Restarted):
			return "would be " + w.text
		default:
			return w.text
		}
	}
	return string(v)
}
