package local_test

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
)

// fault is one thing that goes wrong while one user is onboarded.
type fault struct {
	// at is the API call that it strikes, as user.isAt takes it.
	at, name string
	// times is how many calls it strikes; 0 for all that the first invocation of the
	// function makes, however often the SDK tries.
	times int
	// strike answers a struck call.
	strike func(*local.AWS) http.Handler
	// receipts decides about what SES tells of the user's mail; nil for all of it, at once.
	receipts func([]local.MailEvent) []local.MailDelivery
	// residue says that the mail is sent twice, as documented.
	residue bool
	// row is where the fault stands in the table, if not at the call that it strikes.
	row string
	// deliver confirms the user, where that is not done in the usual way.
	deliver func(*testing.T, *local.AWS, user)
	// want is the worst that may become of the user.
	want outcome
}

// outcome is what becomes of a user in the end.
type outcome string

const (
	// onboardedAnyway: without anybody's help.
	onboardedAnyway outcome = "onboarded"
	// redriven: the execution stopped, and a redrive finished it.
	redriven outcome = "stopped, redriven"
	// lost: neither onboarded nor stopped where an operator sees it.
	lost outcome = "LOST"
)

// verdict is what became of the user of a fault.
type verdict struct {
	fault

	got          outcome
	mailsMissing int
	mailsAgain   int // as documented
	doubled      int // mails and events, beyond what is documented
	again        int // events, as documented
}

// TestFaults strikes every call of an onboarding with every fault, and looks at
// what became of the user.
func TestFaults(t *testing.T) {
	if os.Getenv("FAULT_TESTS") == "" { //nolint:forbidigo // a test has no main.go
		t.Skip("takes minutes: make test-faults runs it")
	}
	aws := startAWS(t)
	together, alone := faults(t, aws)
	verdicts := append(tryAll(t, aws, together, true), tryAll(t, aws, alone, false)...)
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
	f.decideReceipts(t, aws, u)
	if f.deliver == nil {
		f.deliver = confirmOnce
	}
	f.deliver(t, aws, u)
	v := verdict{fault: f}
	e := wait(t, aws, u)
	mend()
	stopped := ""
	if e.Status != types.ExecutionStatusSucceeded {
		v.got, stopped = redriven, e.Path()[len(e.Path())-1]+" "+e.Error
		e = redrive(t, aws, u)
	}
	v.measure(t, aws, u, e)
	t.Logf("%s: %s: %s %s", f.at, f.name, v.got, stopped)
	// What an operator has to mend may also pass unnoticed, if all is there in the end.
	if v.got != f.want && (f.want != redriven || v.got != onboardedAnyway) {
		t.Errorf("%s (%s), want %s", v.got, stopped, f.want)
	}
	f.checkReceipts(t, aws, u)
	if v.doubled > 0 {
		t.Errorf("doubled: %+v", effectsOf(t, aws, u))
	}
	return v
}

// measure completes the verdict from what the user got, compared with what the steps of
// the definition have to give.
func (v *verdict) measure(t *testing.T, aws *local.AWS, u user, e local.Execution) {
	t.Helper()
	got, want := effectsOf(t, aws, u), onboarded(t)
	v.mailsMissing = want.mails - min(got.mails, want.mails)
	v.doubled = got.mails - min(got.mails, want.mails)
	if v.residue {
		v.mailsAgain, v.doubled = v.doubled, 0
	}
	more := got.events - min(got.events, want.events)
	if strings.Contains(v.name, "after its effect") || v.at == analyticsState+" UpdateItem" {
		v.again = more
	} else if !lateEvent(aws, u) {
		v.doubled += more
	}
	if e.Status != types.ExecutionStatusSucceeded || got.groups != want.groups || got.profiles < want.profiles || got.events < want.events {
		v.got = lost
		t.Errorf("%s %s, %+v, want %+v", e.Status, e.Error, got, want)
		return
	}
	switch {
	case v.mailsMissing > 0:
		v.got = lost
		t.Error("no mail")
	case v.got == "":
		v.got = onboardedAnyway
	}
}

// lateEvent reports whether an answer of EventBridge came too late for the step, as it
// does on a slow machine, so that the event was put again.
func lateEvent(aws *local.AWS, u user) bool {
	return len(aws.Calls(func(c local.Call) bool {
		return c.Action == "PutEvents" && c.Duration > 2900*time.Millisecond && u.isIn(c)
	})) > 0
}

func confirmOnce(t *testing.T, aws *local.AWS, u user) {
	t.Helper()
	if err := aws.Confirm(t.Context(), u.User, nil); err != nil {
		t.Errorf("the user saw an error: %v", err)
	}
}

// confirmAndSignIn has the user sign in before there is a group, so that the token needs
// what FirstToken reads.
func confirmAndSignIn(t *testing.T, aws *local.AWS, u user) {
	t.Helper()
	release := aws.AddFault(func(c local.Call) http.Handler {
		if c.Action == "AdminAddUserToGroup" && u.isIn(c) {
			return throttle(c)
		}
		return nil
	})
	defer release()
	confirmOnce(t, aws, u)
	if _, err := signIn(t, aws, u); err != nil {
		t.Errorf("the user could not sign in: %v", err)
	}
}

// plant makes the fault strike until it is mended.
func plant(t *testing.T, aws *local.AWS, u user, f fault) (mend func()) {
	t.Helper()
	if f.strike == nil {
		return func() {}
	}
	var mu sync.Mutex
	struck, invoked := 0, 0
	caller, _, _ := strings.Cut(f.at, " ")
	remove := aws.AddFault(func(c local.Call) http.Handler {
		mu.Lock()
		defer mu.Unlock()
		if u.isAt(c, caller+" Invoke") {
			invoked++
		}
		if over := struck == f.times; f.times > 0 && over || invoked > 1 && f.times == 0 || !u.isAt(c, f.at) {
			return nil
		}
		struck++
		return f.strike(aws)
	})
	return func() {
		defer remove()
		if !becomes(func() bool { // nobody waits for the function that notes receipts
			mu.Lock()
			defer mu.Unlock()
			return struck > 0
		}) {
			t.Error("the fault struck nothing")
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
