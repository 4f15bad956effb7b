package backfill

import (
	"fmt"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// Report is what backfill prints, as tables or as JSON.
type Report struct {
	DryRun bool `json:"dryRun"`
	// Users are those whose execution was started, would be, or could not be.
	Users   []user `json:"users"`
	Summary struct {
		LookedAt     int `json:"lookedAt"`
		TooOld       int `json:"createdBeforeSince"`
		Disabled     int `json:"disabled"`
		NotConfirmed int `json:"notConfirmed"`
		Existing     int `json:"alreadyOnboarded"`
		WouldStart   int `json:"wouldStart"`
		Started      int `json:"started"`
		Failed       int `json:"failed"`
	} `json:"summary"`
}

type user struct {
	Execution string `json:"execution"`
	Result    result `json:"result"`
	Username  string `json:"username,omitempty"`
	Detail    string `json:"detail,omitempty"`
}

func (r *Report) needsAttention() bool { return r.Summary.Failed+r.Summary.WouldStart > 0 }

func (r *Report) print(s *session.Session, c Command) {
	header := []any{"EXECUTION", "RESULT"}
	if c.ShowUsernames {
		header = append(header, "USERNAME")
	}
	var rows [][]any
	for _, u := range r.Users {
		if u.Result == resultStarted && !c.ShowUsernames {
			continue // thousands of lines that ask for nothing
		}
		outcome := string(u.Result)
		if u.Detail != "" {
			outcome += ": " + u.Detail
		}
		row := []any{u.Execution, outcome}
		if c.ShowUsernames {
			row = append(row, u.Username)
		}
		rows = append(rows, row)
	}
	s.PrintTable(header, rows)
	sum := r.Summary
	rows = [][]any{
		{"created before --since", sum.TooOld},
		{"disabled", sum.Disabled},
		{"not confirmed", sum.NotConfirmed},
		{"already onboarded", sum.Existing},
	}
	if r.DryRun {
		rows = append(rows, []any{"would start", sum.WouldStart})
	} else {
		rows = append(rows, []any{"started", sum.Started}, []any{"failed", sum.Failed})
	}
	s.PrintTable([]any{"looked at", sum.LookedAt}, rows)
	if sum.Failed > 0 {
		fmt.Fprintln(s.Stdout, "run it again for those that failed")
	}
}
