package orphans

import (
	"fmt"
	"strings"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// result is what became of one user; empty if nothing was done.
type result string

const (
	resultForgotten result = "forgotten"
	resultInPool    result = "is in the pool"
	resultFailed    result = "failed"
)

// Report is what orphans prints, as tables or as JSON.
type Report struct {
	Orphans []*orphan `json:"orphans"`
	Summary struct {
		Found     int `json:"found"`
		Forgotten int `json:"forgotten"`
		InPool    int `json:"inPool"`
		Failed    int `json:"failed"`
		// Left are those still to be forgotten.
		Left int `json:"left"`
	} `json:"summary"`
}

func (r *Report) count() {
	sum := &r.Summary
	sum.Found = len(r.Orphans)
	for _, o := range r.Orphans {
		switch o.Result {
		case resultForgotten:
			sum.Forgotten++
		case resultInPool:
			sum.InPool++
		case resultFailed:
			sum.Failed++
		}
	}
	sum.Left = sum.Found - sum.Forgotten - sum.InPool
}

func (r *Report) print(s *session.Session, c Command) {
	rows := make([][]any, 0, len(r.Orphans))
	for _, o := range r.Orphans {
		outcome := string(o.Result)
		if o.Detail != "" {
			outcome += ": " + strings.ReplaceAll(o.Detail, "\n", " ")
		}
		rows = append(rows, []any{o.User, o.HasProfile, o.HasRecord, outcome})
	}
	s.PrintTable([]any{"USER", "PROFILE", "RECORD", "RESULT"}, rows)
	sum := r.Summary
	switch {
	case sum.Found == 0:
		fmt.Fprintln(s.Stdout, "all users of whom something is kept are in the pool")
	case !c.Forget:
		fmt.Fprintf(s.Stdout, "%d users are no longer in the pool: forget them with --forget, or one by ops forget\n", sum.Found)
	default:
		fmt.Fprintf(s.Stdout, "%d forgotten, %d in the pool after all, %d failed\n", sum.Forgotten, sum.InPool, sum.Failed)
	}
}
