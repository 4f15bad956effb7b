package local_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/local"
)

var update = flag.Bool("update", false, "write the fault table into "+faultTable)

const faultTable = "../../FAULTS.md"

// fault is one thing that goes wrong while one user is onboarded.
type fault struct {
	// at is the API call that it strikes, or "Lambda Invoke" of a state's task.
	at, name string
	// times is how many calls it strikes.
	times int
	// strike answers a struck call.
	strike func(*local.AWS) http.Handler
	// deliver confirms the user, where that is not done in the usual way.
	deliver func(*testing.T, *local.AWS, user)
	// want is what becomes of the user.
	want outcome
}

// outcome is what becomes of a user in the end.
type outcome string

const (
	// onboardedAnyway: without anybody's help.
	onboardedAnyway outcome = "onboarded"
	// onboardedWithoutMail: the mail was skipped, and the reason is recorded.
	onboardedWithoutMail outcome = "onboarded, mail skipped"
	// redriven: the execution stopped, and a redrive finished it.
	redriven outcome = "stopped, redriven"
	// lost: neither onboarded nor stopped where an operator sees it.
	lost outcome = "LOST"
)

// verdict is the row of a fault in the table.
type verdict struct {
	fault

	got                   outcome
	detail                string
	groups, mails, events int
	// late says that an answer of EventBridge came too late for the step, as it
	// does on a slow machine.
	late bool
}

func (v verdict) String() string {
	return fmt.Sprintf("| %s | %s | %s | %s | %d | %d | %d |", v.at, v.name, v.got, v.detail, v.groups, v.mails, v.events)
}

// doubled reports whether the user got more than the documents state: no second
// mail, ever; a second event only when EventBridge's answer was lost.
func (v verdict) doubled() bool {
	return v.mails > 1 || v.events > 1 && !strings.Contains(v.name, "after its effect") && !v.late
}

// TestFaults strikes every call of an onboarding with every fault, and looks at
// what became of the user.
func TestFaults(t *testing.T) {
	if os.Getenv("FAULT_TESTS") == "" { //nolint:forbidigo // a test has no main.go
		t.Skip("takes minutes: make test-faults runs it")
	}
	aws := startAWS(t)
	verdicts := tryAll(t, aws, faults(), true)
	// A crash takes every process of the function along, and backfill looks at
	// every user.
	verdicts = append(verdicts, tryAll(t, aws, append(crashes(), lostStart()), false)...)
	checkTable(t, verdicts)
	checkPermissions(t, aws)
}

func tryAll(t *testing.T, aws *local.AWS, list []fault, parallel bool) []verdict {
	t.Helper()
	verdicts := make([]verdict, len(list))
	t.Run("faults", func(t *testing.T) {
		limit := make(chan struct{}, 6)
		for i, f := range list {
			t.Run(f.at+"/"+f.name, func(t *testing.T) {
				if parallel {
					t.Parallel()
				}
				limit <- struct{}{}
				defer func() { <-limit }()
				verdicts[i] = try(t, aws, f)
			})
		}
	})
	return verdicts
}

// try onboards one user while the fault strikes.
func try(t *testing.T, aws *local.AWS, f fault) verdict {
	t.Helper()
	u := signUp(t, aws)
	mend := plant(t, aws, u, f)
	if f.deliver == nil {
		f.deliver = confirmOnce
	}
	f.deliver(t, aws, u)
	v := verdict{fault: f}
	e := finish(t, aws, u)
	mend()
	if e.Status != types.ExecutionStatusSucceeded {
		v.got, v.detail = redriven, e.Path()[len(e.Path())-1]+" "+e.Error
		e = redrive(t, aws, u)
	}
	v.measure(t, aws, u, e)
	if v.got != f.want {
		t.Errorf("%s (%s), want %s", v.got, v.detail, f.want)
	}
	if v.doubled() {
		t.Errorf("doubled: %d mails, %d events", v.mails, v.events)
	}
	return v
}

// measure completes the verdict from what the user got.
func (v *verdict) measure(t *testing.T, aws *local.AWS, u user, e local.Execution) {
	t.Helper()
	got := effectsOf(t, aws, u)
	v.mails, v.events = got.mails, got.events
	v.groups = len(aws.Calls(func(c local.Call) bool {
		return c.Action == "AdminAddUserToGroup" && c.Status == http.StatusOK && u.isIn(c)
	}))
	v.late = len(aws.Calls(func(c local.Call) bool {
		return c.Action == "PutEvents" && c.Duration > 2900*time.Millisecond && u.isIn(c)
	})) > 0
	if e.Status != types.ExecutionStatusSucceeded || got.groups == "" || got.profiles == 0 || got.events == 0 {
		v.got, v.detail = lost, fmt.Sprintf("%s %s, %+v", e.Status, e.Error, got)
		return
	}
	email := resultOf(t, e, "email")
	switch {
	case email.Status == statemachine.StatusSkipped:
		if v.got == "" {
			v.got = onboardedWithoutMail
		}
		v.detail = strings.TrimSpace(v.detail + " " + string(email.Reason))
	case got.mails == 0:
		v.got, v.detail = lost, "no mail, and no reason"
	case v.got == "":
		v.got = onboardedAnyway
	}
}

func confirmOnce(t *testing.T, aws *local.AWS, u user) {
	t.Helper()
	if err := aws.Confirm(t.Context(), u.User, nil); err != nil {
		t.Errorf("the user saw an error: %v", err)
	}
}

// plant makes the fault strike until it is mended.
func plant(t *testing.T, aws *local.AWS, u user, f fault) (mend func()) {
	t.Helper()
	if f.strike == nil {
		return func() {}
	}
	var mu sync.Mutex
	struck := 0
	remove := aws.AddFault(func(c local.Call) http.Handler {
		mu.Lock()
		defer mu.Unlock()
		if struck == f.times || !u.isAt(c, f.at) {
			return nil
		}
		struck++
		return f.strike(aws)
	})
	return func() {
		remove()
		if struck == 0 {
			t.Error("the fault struck nothing")
		}
	}
}

// finish waits until there is an execution and it has ended.
func finish(t *testing.T, aws *local.AWS, u user) local.Execution {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	for {
		e, err := aws.WaitExecution(ctx, u.sub)
		if err == nil {
			return e
		}
		if _, missing := errors.AsType[*types.ExecutionDoesNotExist](err); !missing {
			t.Fatal(err)
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("LOST: no execution of %s", u.sub)
		}
	}
}

// redrive lets the execution go on, as an operator does who has mended the cause.
func redrive(t *testing.T, aws *local.AWS, u user) local.Execution {
	t.Helper()
	arn := aws.ExecutionARN(u.sub)
	if _, err := sfn.NewFromConfig(aws.Config()).RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &arn}); err != nil {
		t.Fatalf("redrive: %v", err)
	}
	return wait(t, aws, u)
}

// checkTable prints the table and compares it with the one in the documents.
func checkTable(t *testing.T, verdicts []verdict) {
	t.Helper()
	var rows strings.Builder
	var lostOnes, doubledOnes, mailless int
	for _, v := range verdicts {
		fmt.Fprintln(&rows, v)
		if v.got == lost || v.got == "" {
			lostOnes++
		}
		if v.doubled() {
			doubledOnes++
		}
		if v.mails == 0 {
			mailless++
		}
	}
	got := fmt.Sprintf(faultsHeader, len(verdicts), lostOnes, doubledOnes, mailless) + rows.String()
	fmt.Println(got)
	if *update {
		if err := os.WriteFile(faultTable, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(faultTable)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from this run; make test-faults UPDATE=1 writes it anew", faultTable)
	}
}
