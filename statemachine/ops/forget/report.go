package forget

import (
	"cmp"
	"fmt"
	"time"

	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Report is what forget prints, as text or as JSON.
type Report struct {
	User   string `json:"user"`
	DryRun bool   `json:"dryRun"`
	// Done is what was deleted, stopped or put; in a dry run, what would be.
	Done    []string  `json:"done"`
	Remains []Remnant `json:"remains"`
	// Again says that the command should be run again in a minute.
	Again bool `json:"again"`
}

// Remnant is something that nobody can delete, or that this command does not.
type Remnant struct {
	What  string `json:"what"`
	Until string `json:"until"`
	// Personal says that it is, or may be, personal data and not the sub alone.
	Personal bool `json:"personal"`
}

// How long AWS keeps what it keeps of itself: executions
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html), backups
// for recovery
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html)
// and traces (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html);
// analyticsDays is the template's.
const (
	executionDays = 90
	backupDays    = 35
	traceDays     = 30
	analyticsDays = 400
)

// remains says what is left of the user after forgetting, at the latest until when.
func remains(k person.Stack, p *person.Person, now time.Time) []Remnant {
	until := func(days int) string { return now.Add(time.Duration(days) * session.Day).UTC().Format(time.DateOnly) }
	all := make([]Remnant, 0)
	if len(p.Executions) > 0 {
		all = append(all, Remnant{"executions: identifiers and allowed metadata", until(executionDays), false})
	}
	all = append(all,
		Remnant{"backups of the tables: profile and record", until(backupDays), true},
		Remnant{"logs: the sub", cmp.Or(k.LogDays, "?") + " days after each line", false},
		Remnant{"traces of X-Ray: the sub", until(traceDays), false})
	if k.HasAnalytics {
		all = append(all, Remnant{"UserOnboarded events in the analytics log group: the sub and allowed metadata", until(analyticsDays), false})
	}
	return append(all,
		Remnant{"suppression list of SES: the address, if a mail bounced or was complained of", "removed by hand", true},
		Remnant{"a start that waits in the queue, and an execution that is redriven: find no user, and may leave a record, which ops orphans finds", "14 days", false})
}

func (r Report) print(s *session.Session, k person.Stack) {
	verb := "done"
	if r.DryRun {
		verb = "would be done"
	}
	rows := make([][]any, 0, len(r.Done))
	for _, what := range r.Done {
		rows = append(rows, []any{what, verb})
	}
	s.PrintTable([]any{"USER", r.User}, rows)
	if len(r.Done) == 0 {
		fmt.Fprintf(s.Stdout, "nothing is known of the user %s\n\n", r.User)
	}
	rows = nil
	for _, left := range r.Remains {
		personal := ""
		if left.Personal {
			personal = "yes"
		}
		rows = append(rows, []any{left.What, left.Until, personal})
	}
	s.PrintTable([]any{"REMAINS", "UNTIL", "PERSONAL DATA"}, rows)
	if r.Again {
		fmt.Fprintln(s.Stdout, "a step of the stopped execution may write for another minute; then run: "+k.Command("forget", r.User))
	}
}
