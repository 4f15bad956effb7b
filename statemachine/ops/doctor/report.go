package doctor

import (
	"fmt"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// Report is what doctor prints, as a table or as JSON.
type Report struct {
	Stack    string    `json:"stack,omitempty"`
	Findings []Finding `json:"findings"`
	Summary  struct {
		OK            int `json:"ok"`
		Warnings      int `json:"warnings"`
		Faults        int `json:"faults"`
		CouldNotCheck int `json:"couldNotCheck"`
	} `json:"summary"`
}

func (r *Report) count() {
	for _, f := range r.Findings {
		switch f.Verdict {
		case OK:
			r.Summary.OK++
		case Warning:
			r.Summary.Warnings++
		case Fault:
			r.Summary.Faults++
		case Unknown:
			r.Summary.CouldNotCheck++
		}
	}
}

func (r *Report) needsAttention() bool { return r.Summary.Faults+r.Summary.CouldNotCheck > 0 }

// print prints a table, and below it the mends, because a command is to be copied
// as it stands.
func (r *Report) print(s *session.Session) {
	var rows [][]any
	for _, f := range r.Findings {
		rows = append(rows, []any{f.Check, f.Verdict, f.Found})
	}
	s.PrintTable([]any{"CHECK", "VERDICT", "FOUND"}, rows)
	for i, f := range r.Findings {
		if f.Mend == "" {
			continue
		}
		fmt.Fprintf(s.Stdout, "%s: %s\n", f.Check, f.Found)
		if i+1 == len(r.Findings) || r.Findings[i+1].Mend != f.Mend { // one mend for all of them
			fmt.Fprintf(s.Stdout, "    %s\n\n", f.Mend)
		}
	}
	sum := r.Summary
	fmt.Fprintf(s.Stdout, "%d ok, %d warnings, %d faults, %d could not be checked\n", sum.OK, sum.Warnings, sum.Faults, sum.CouldNotCheck)
}
