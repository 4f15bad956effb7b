package main

import "fmt"

// doctorReport is what doctor prints, as a table or as JSON.
type doctorReport struct {
	Stack    string    `json:"stack,omitempty"`
	Findings []finding `json:"findings"`
	Summary  struct {
		OK            int `json:"ok"`
		Warnings      int `json:"warnings"`
		Faults        int `json:"faults"`
		CouldNotCheck int `json:"couldNotCheck"`
	} `json:"summary"`
}

func (r *doctorReport) count() {
	for _, f := range r.Findings {
		switch f.Verdict {
		case verdictOK:
			r.Summary.OK++
		case verdictWarning:
			r.Summary.Warnings++
		case verdictFault:
			r.Summary.Faults++
		case verdictUnknown:
			r.Summary.CouldNotCheck++
		}
	}
}

func (r *doctorReport) needsAttention() bool { return r.Summary.Faults+r.Summary.CouldNotCheck > 0 }

// print prints a table, and below it the mends, because a command is to be copied
// as it stands.
func (r *doctorReport) print(s *session) {
	var rows [][]any
	for _, f := range r.Findings {
		rows = append(rows, []any{f.Check, f.Verdict, f.Found})
	}
	s.printTable([]any{"CHECK", "VERDICT", "FOUND"}, rows)
	for i, f := range r.Findings {
		if f.Mend == "" {
			continue
		}
		fmt.Fprintf(s.stdout, "%s: %s\n", f.Check, f.Found)
		if i+1 == len(r.Findings) || r.Findings[i+1].Mend != f.Mend { // one mend for all of them
			fmt.Fprintf(s.stdout, "    %s\n\n", f.Mend)
		}
	}
	sum := r.Summary
	fmt.Fprintf(s.stdout, "%d ok, %d warnings, %d faults, %d could not be checked\n", sum.OK, sum.Warnings, sum.Faults, sum.CouldNotCheck)
}
