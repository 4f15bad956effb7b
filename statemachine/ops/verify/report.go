package verify

import (
	"fmt"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// Report is what verify prints, as a table or as JSON.
type Report struct {
	Stack   string `json:"stack"`
	Rows    []Row  `json:"rows"`
	Summary struct {
		OK         int `json:"ok"`
		Failed     int `json:"failed"`
		NotChecked int `json:"notChecked"`
	} `json:"summary"`
}

func newReport(stack string, rows []Row) Report {
	r := Report{Stack: stack, Rows: rows}
	for _, row := range rows {
		switch row.Result {
		case OK:
			r.Summary.OK++
		case Failed:
			r.Summary.Failed++
		case NotChecked:
			r.Summary.NotChecked++
		}
	}
	return r
}

// err is nil when no check failed.
func (r Report) err() error {
	if r.Summary.Failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d checks FAILED", r.Summary.Failed, len(r.Rows))
}

func (r Report) print(s *session.Session) {
	rows := make([][]any, 0, len(r.Rows))
	for _, row := range r.Rows {
		rows = append(rows, []any{row.Check, row.Result, row.Seen})
	}
	s.PrintTable([]any{"CHECK", "RESULT", "SEEN"}, rows)
	fmt.Fprintf(s.Stdout, "%d ok, %d FAILED, %d not checked\n", r.Summary.OK, r.Summary.Failed, r.Summary.NotChecked)
}
