package user

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/record"
)

// Report is what user prints, as text or as JSON.
type Report struct {
	// User is the user's sub, or its stand-in.
	User       string `json:"user"`
	Pool       *pool  `json:"pool"` // null if the pool does not have the user
	HasProfile bool   `json:"hasProfile"`
	Steps      []step `json:"steps"`
	// OnboardedAt is when the last step ended.
	OnboardedAt time.Time             `json:"onboardedAt,omitzero"`
	Mail        string                `json:"mail"`
	Executions  []execution.Execution `json:"executions"`
	Next        person.Next           `json:"next"`
	// Commands do what is next, or may be done.
	Commands []string `json:"commands"`
}

type pool struct {
	Username      string               `json:"username,omitempty"`
	Email         string               `json:"email,omitempty"`
	Status        types.UserStatusType `json:"status"`
	Enabled       bool                 `json:"enabled"`
	Confirmed     bool                 `json:"confirmed"`
	EmailVerified bool                 `json:"emailVerified"`
	Created       time.Time            `json:"created"`
	Groups        []string             `json:"groups"`
}

type step struct {
	State     string                 `json:"state"`
	Status    statemachine.Status    `json:"status"`
	Reason    statemachine.Reason    `json:"reason,omitempty"`
	Until     statemachine.Condition `json:"until,omitempty"`
	At        time.Time              `json:"at"`
	Execution string                 `json:"execution"`
}

func newReport(k person.Stack, p *person.Person, now time.Time, showUsernames bool) Report {
	r := Report{
		User: p.Key, Pool: newPool(p.User, showUsernames), HasProfile: p.HasProfile, Steps: newSteps(p.Record),
		OnboardedAt: p.Record.OnboardedAt, Mail: p.Mail(now), Executions: slices.Clone(p.Executions),
		Next: p.Next(), Commands: make([]string, 0),
	}
	if r.Executions == nil {
		r.Executions = make([]execution.Execution, 0)
	}
	switch r.Next.Action {
	case person.Start, person.Redrive, person.StartAgain:
		r.Commands = append(r.Commands, k.Command("onboard", p.Key))
	case person.Forget:
		r.Commands = append(r.Commands, k.Command("forget", p.Key))
	case person.Nothing:
		if r.Next.Done && p.MailUnknown(now) {
			r.Commands = append(r.Commands, k.Command("resend", p.Key))
		}
	}
	return r
}

func newPool(u *person.User, showUsernames bool) *pool {
	if u == nil {
		return nil
	}
	shown := &pool{
		Status: u.Status, Enabled: u.Enabled, Confirmed: u.Confirmed(), EmailVerified: u.Verified, Created: u.Created, Groups: u.Groups,
	}
	if showUsernames {
		shown.Username, shown.Email = u.Username, u.Email
	}
	return shown
}

// newSteps returns the steps in the order in which they ended.
func newSteps(r record.Record) []step {
	steps := make([]step, 0, len(r.Steps))
	for _, state := range slices.Sorted(maps.Keys(r.Steps)) {
		s := r.Steps[state]
		steps = append(steps, step{State: state, Status: s.Status, Reason: s.Reason, Until: s.Until, At: s.At, Execution: s.Execution})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.At.Compare(b.At) })
	return steps
}

func (r Report) print(s *session.Session) {
	s.PrintTable([]any{"user", r.User}, r.facts())
	var rows [][]any
	for _, x := range r.Steps {
		rows = append(rows, []any{x.State, x.Status, x.Reason, x.Until, moment(x.At), x.Execution})
	}
	s.PrintTable([]any{"STEP", "STATUS", "REASON", "UNTIL", "ENDED", "EXECUTION"}, rows)
	rows = nil
	for _, e := range r.Executions {
		rows = append(rows, []any{e.Name, e.Status, e.State, e.Error, e.Cause, moment(e.StartDate), moment(e.StopDate)})
	}
	s.PrintTable([]any{"EXECUTION", "STATUS", "AT", "ERROR", "CAUSE", "STARTED", "STOPPED"}, rows)
	fmt.Fprintf(s.Stdout, "%s\n", r.Next.Why)
	if r.Next.Action == person.Redrive {
		fmt.Fprintln(s.Stdout, "mend the cause first: statemachine/ERRORS.md")
	}
	for _, command := range r.Commands {
		fmt.Fprintln(s.Stdout, command)
	}
}

func (r Report) facts() [][]any {
	rows := [][]any{{"in the pool", r.Pool != nil}}
	if p := r.Pool; p != nil {
		if p.Username != "" {
			rows = append(rows, []any{"username", p.Username}, []any{"mail address", p.Email})
		}
		rows = append(rows, []any{"status", p.Status}, []any{"enabled", p.Enabled}, []any{"address verified", p.EmailVerified},
			[]any{"created", moment(p.Created)}, []any{"groups", cmp.Or(strings.Join(p.Groups, ", "), "none")})
	}
	return append(rows, []any{"profile", r.HasProfile}, []any{"onboarded", moment(r.OnboardedAt)}, []any{"welcome mail", r.Mail})
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
