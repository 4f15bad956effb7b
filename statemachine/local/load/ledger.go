package main

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/restjson"

	"example.com/onboarding/statemachine/local"
)

// ledger counts what the gateway sees happen to each user.
type ledger struct {
	profileTable string

	mu        sync.Mutex
	bySub     map[string]*person
	byEmail   map[string]*person
	onboarded int // how many have had their event
	deferred  int // starts in the queue
	calls     int
	errors    map[string]int // answers that were errors, by call and code
	retried   map[string]int // tries of the SDK beyond the first, by call
	functions map[string]int // a number for each step
	triggers  []time.Duration
}

// person is a user and what was done for them. The ledger's mu guards the counts.
type person struct {
	number     int
	user       local.User
	sub        string
	due        time.Time // when the sign-up was due
	confirmDue time.Time
	signUpErr  error
	confirmErr error

	signedUp, confirmed, mailed, evented time.Duration // since they were due

	groups, profiles, mails, events int
	// tasks is how many steps were invoked for the user, and steps has a bit for
	// each that was: a user takes no more memory than was set aside before the run.
	tasks int
	steps uint64
	// event is what the trigger was invoked with, of users whose event is repeated.
	event   []byte
	repeats bool
	resets  int // invocations of the trigger for a password reset
}

func newLedger(aws *local.AWS, people []*person) *ledger {
	l := &ledger{
		profileTable: aws.Stack.ProfileTable, bySub: make(map[string]*person, len(people)), byEmail: make(map[string]*person, len(people)),
		errors: make(map[string]int), functions: make(map[string]int), retried: make(map[string]int), triggers: make([]time.Duration, 0, 2*len(people)),
	}
	for _, p := range people {
		l.byEmail[p.user.Email] = p
	}
	return l
}

// observe is told every call once it is answered.
func (l *ledger) observe(c local.Call) {
	now := c.Time.Add(c.Duration)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	name := c.Service + " " + c.Action
	if c.Attempt > 1 {
		l.retried[name]++
	}
	if c.Action == "Invoke" {
		l.invoked(c)
	}
	if c.Status != http.StatusOK {
		l.errors[name+" "+codeOf(c)]++
		return
	}
	switch name {
	case "cognito-idp SignUp":
		l.signedUp(c)
	case "cognito-idp AdminAddUserToGroup":
		var in struct{ Username string }
		l.count(c, &in, func() string { return in.Username }, func(p *person) { p.groups++ })
	case "dynamodb UpdateItem":
		var in struct {
			TableName string
			Key       struct{ Sub struct{ S string } }
		}
		l.count(c, &in, func() string { return in.Key.Sub.S }, func(p *person) {
			if in.TableName == l.profileTable {
				p.profiles++
			}
		})
	case "ses SendEmail":
		if p := l.byEmail[c.Form().Get("Destination.ToAddresses.member.1")]; p != nil {
			p.mails++
			p.mailed = now.Sub(p.confirmDue)
		}
	case "events PutEvents":
		l.recorded(c, now)
	case "sqs SendMessage":
		l.deferred++
	case "sqs DeleteMessage":
		l.deferred--
	}
}

// count does something for the person whose sub the call's body has.
func (l *ledger) count(c local.Call, in any, sub func() string, do func(*person)) {
	if c.Decode(in) != nil {
		return
	}
	if p := l.bySub[sub()]; p != nil {
		do(p)
	}
}

func (l *ledger) signedUp(c local.Call) {
	var in struct{ Username string }
	var out struct{ UserSub string }
	if c.Decode(&in) != nil || json.Unmarshal(c.Response, &out) != nil {
		return
	}
	if p := l.byEmail[in.Username]; p != nil {
		p.sub = out.UserSub
		l.bySub[p.sub] = p
	}
}

func (l *ledger) recorded(c local.Call, now time.Time) {
	var in struct{ Entries []struct{ Detail string } }
	var out struct{ FailedEntryCount int }
	if c.Decode(&in) != nil || json.Unmarshal(c.Response, &out) != nil || out.FailedEntryCount > 0 {
		return
	}
	for _, entry := range in.Entries {
		var detail struct{ Sub string }
		if json.Unmarshal([]byte(entry.Detail), &detail) != nil {
			continue
		}
		if p := l.bySub[detail.Sub]; p != nil {
			if p.events++; p.events == 1 {
				p.evented = now.Sub(p.confirmDue)
				l.onboarded++
			}
		}
	}
}

// invoked looks at an invocation of the trigger or of a step; that of StartDeferred
// names nobody.
func (l *ledger) invoked(c local.Call) {
	var in struct {
		ExecutionName string
		TriggerSource string
		Request       struct{ UserAttributes map[string]string }
	}
	if c.Decode(&in) != nil {
		return
	}
	if in.ExecutionName != "" {
		if p := l.bySub[in.ExecutionName]; p != nil {
			p.tasks++
			p.steps |= 1 << l.index(c.Function)
		}
		return
	}
	p := l.bySub[in.Request.UserAttributes["sub"]]
	switch {
	case p == nil:
	case strings.HasSuffix(in.TriggerSource, "ConfirmForgotPassword"):
		p.resets++
	default:
		l.triggers = append(l.triggers, c.Duration)
		if p.repeats && p.event == nil {
			p.event = bytes.Clone(c.Body)
		}
	}
}

// index numbers the functions of steps.
func (l *ledger) index(function string) int {
	i, known := l.functions[function]
	if !known {
		i = len(l.functions)
		l.functions[strings.Clone(function)] = i // the clone keeps no path alive
	}
	return i
}

// codeOf returns the error code of an answer, or its status.
func codeOf(c local.Call) string {
	if code, _, err := restjson.GetErrorInfo(json.NewDecoder(bytes.NewReader(c.Response))); err == nil && code != "" {
		return code
	}
	if _, rest, found := strings.Cut(string(c.Response), "<Code>"); found {
		code, _, _ := strings.Cut(rest, "<")
		return code
	}
	return strconv.Itoa(c.Status)
}

// progress returns how many are onboarded, and how many starts wait in the queue.
func (l *ledger) progress() (onboarded, deferred int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.onboarded, l.deferred
}

// eventOf returns what the trigger was invoked with; nil if it has not been yet.
func (l *ledger) eventOf(p *person) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return p.event
}

// retries returns how often a step was invoked again for the same user.
func (l *ledger) retries() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	again := 0
	for _, p := range l.byEmail {
		again += p.tasks - bits.OnesCount64(p.steps)
	}
	return again
}
