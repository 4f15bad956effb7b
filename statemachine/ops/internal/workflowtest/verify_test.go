package workflowtest_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	known "example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/ops/verify"
)

// lacking are the checks of which the local AWS lacks an operation, or a trace.
var lacking = []string{"metric of alarms", "trace", "test alarm", "roles"}

// lateReceipt is how long a receipt may take: when the function MailReceipt has failed, it
// is tried again after a minute.
const lateReceipt = 2 * time.Minute

// runVerify runs the command, and returns the names of the checks by their result. It runs it
// again where FirstToken says that a read took longer than it waits, as on a machine that
// stands still.
func runVerify(t *testing.T, a *local.AWS, wantCode int, wait time.Duration) map[verify.Result][]string {
	t.Helper()
	var out, progress bytes.Buffer
	for range 3 {
		out.Reset()
		progress.Reset()
		logged := len(a.Logs())
		cmd := ops(t, a, "verify", "--stack", "onboarding", "--wait", wait.String(), "--json")
		cmd.Stdout, cmd.Stderr = &out, &progress
		err := cmd.Run()
		checkNoSecrets(t, a, out.String()+progress.String())
		if slices.ContainsFunc(a.Logs()[logged:], func(l local.LogLine) bool {
			return strings.Contains(l.Text, "token left without groups") && strings.Contains(l.Text, `"timeout"`)
		}) {
			t.Log("again, because a read took long")
			continue
		}
		if code := cmd.ProcessState.ExitCode(); code != wantCode {
			t.Errorf("exit code %d, want %d (%v)\n%s", code, wantCode, err, &progress)
		}
		break
	}
	checks := make(map[verify.Result][]string)
	report := opstest.Decode[verify.Report](t, out.String())
	for _, row := range report.Rows {
		t.Logf("%-18s %-12s %s", row.Check, row.Result, row.Seen)
		checks[row.Result] = append(checks[row.Result], row.Check)
	}
	return checks
}

// checkNoSecrets checks that neither an address nor a password is printed.
func checkNoSecrets(t *testing.T, a *local.AWS, printed string) {
	t.Helper()
	secrets := []string{"@"}
	for _, c := range a.Calls(func(c local.Call) bool { return c.Action == "SignUp" }) {
		var signUp struct{ Password string }
		if err := c.Decode(&signUp); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, signUp.Password)
	}
	for _, secret := range secrets {
		if strings.Contains(printed, secret) {
			t.Errorf("%s is printed:\n%s", secret, printed)
		}
	}
}

// kept counts what may be left of users: those in the pool, app clients, and items.
func kept(t *testing.T, a *local.AWS) (count [4]int) {
	t.Helper()
	users, items := cognitoidentityprovider.NewFromConfig(a.Config()), dynamodb.NewFromConfig(a.Config())
	for pages := cognitoidentityprovider.NewListUsersPaginator(users, &cognitoidentityprovider.ListUsersInput{UserPoolId: &a.Stack.UserPoolID}); pages.HasMorePages(); {
		count[0] += len(must[*cognitoidentityprovider.ListUsersOutput](t)(pages.NextPage(t.Context())).Users)
	}
	count[1] = len(must[*cognitoidentityprovider.ListUserPoolClientsOutput](t)(users.ListUserPoolClients(t.Context(), &cognitoidentityprovider.ListUserPoolClientsInput{
		UserPoolId: &a.Stack.UserPoolID, MaxResults: aws.Int32(60),
	})).UserPoolClients)
	for i, table := range []string{a.PhysicalID("DeliveryTable"), a.Stack.ProfileTable} {
		if table != "" {
			count[2+i] = int(must[*dynamodb.ScanOutput](t)(items.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})).Count)
		}
	}
	return count
}

// hold makes the first step of each second user whom ops confirms last until ops has stopped
// the execution. The function is not invoked then: it might write when the user is removed.
func hold(t *testing.T, a *local.AWS) {
	t.Helper()
	first := a.PhysicalID(states(t)[0] + "Function")
	var mu sync.Mutex
	var subs []string
	held, stopped := "", make(chan struct{})
	t.Cleanup(a.Observe(func(c local.Call) {
		mu.Lock()
		defer mu.Unlock()
		if c.Action == "StopExecution" && c.Status == http.StatusOK && held != "" {
			close(stopped)
			held, stopped = "", make(chan struct{})
		}
	}))
	t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case c.Action == "AdminConfirmSignUp":
			var in struct{ Username string }
			if err := c.Decode(&in); err != nil {
				t.Error(err)
			}
			if !slices.Contains(subs, in.Username) {
				subs = append(subs, in.Username)
			}
			if held = ""; len(subs)%2 == 0 {
				held = subs[len(subs)-1]
			}
		case c.Function == first && held != "" && strings.Contains(string(c.Body), held):
			until := stopped
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-until:
				case <-r.Context().Done():
				}
				io.WriteString(w, "{}") //nolint:errcheck // nobody reads it
			})
		}
		return nil
	}))
}

func TestVerifySeesAHealthyStackAndLeavesNothing(t *testing.T) {
	a := startAWS(t)
	hold(t, a)
	before := kept(t, a)
	seen := runVerify(t, a, 0, lateReceipt)
	if got := seen[verify.NotChecked]; !slices.Equal(got, lacking) {
		t.Errorf("not checked: %q, want %q", got, lacking)
	}
	want := []string{"first token", "execution", "group", "profile", "record", "mail receipt", "event", "stop and redrive", "removal"}
	without := map[string]bool{
		"group": !slices.Contains(states(t), "AddUserToGroup"), "profile": a.Stack.ProfileTable == "",
		"mail receipt": !slices.Contains(states(t), known.MailState), "event": a.Stack.AnalyticsLogGroup == "",
	}
	want = slices.DeleteFunc(want, func(check string) bool { return without[check] })
	if got := seen[verify.OK]; !slices.Equal(got, want) {
		t.Errorf("ok: %q, want %q", got, want)
	}
	if after := kept(t, a); after != before {
		t.Errorf("users, app clients, records, profiles: %v, before %v", after, before)
	}
}

// TestVerifySeesWhatIsBroken has two functions that answer well and do nothing.
func TestVerifySeesWhatIsBroken(t *testing.T) {
	a := startAWS(t)
	need(t, a, "AddUserToGroup")
	hold(t, a)
	before := kept(t, a)
	t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
		var answer []byte
		switch c.Function {
		case a.PhysicalID("FirstTokenFunction"):
			answer = c.Body
		case a.PhysicalID("AddUserToGroupFunction"):
			answer = []byte(`{"status": "done", "reason": "", "groups": []}`)
		default:
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(answer) }) //nolint:errcheck // the test sees it
	}))
	seen := runVerify(t, a, 1, lateReceipt)
	if got, want := seen[verify.Failed], []string{"first token", "group", "record"}; !slices.Equal(got, want) {
		t.Errorf("FAILED: %q, want %q", got, want)
	}
	if after := kept(t, a); after != before {
		t.Errorf("users, app clients, records, profiles: %v, before %v", after, before)
	}
}

// TestVerifySeesThatNoReceiptCame has SES tell nothing.
func TestVerifySeesThatNoReceiptCame(t *testing.T) {
	a := startAWS(t)
	need(t, a, known.MailState)
	hold(t, a)
	t.Cleanup(a.AddOutcomes(func(local.SentMail, []local.MailEvent) ([]local.MailDelivery, bool) { return nil, true }))
	seen := runVerify(t, a, 1, time.Second)
	if got, want := seen[verify.Failed], []string{"mail receipt"}; !slices.Equal(got, want) {
		t.Errorf("FAILED: %q, want %q", got, want)
	}
}

// TestVerifyLeavesNothingWhenItIsBrokenOff ends a run at its sign-in, when both users are
// there and an execution runs.
func TestVerifyLeavesNothingWhenItIsBrokenOff(t *testing.T) {
	a := startAWS(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			before, output := kept(t, a), breakOff(t, a, signal)
			if signal == syscall.SIGKILL {
				if after := kept(t, a); after == before {
					t.Error("a run that is killed leaves nothing: the test is none")
				}
				hold(t, a)
				if seen := runVerify(t, a, 0, lateReceipt); len(seen[verify.Failed]) > 0 {
					t.Errorf("the next run sees %v", seen)
				}
			} else if !strings.Contains(output, "interrupted") {
				t.Errorf("it says %s", output)
			}
			if after := kept(t, a); after != before {
				t.Errorf("users, app clients, records, profiles: %v, before %v", after, before)
			}
		})
	}
}

// breakOff sends the signal to a run that signs in, and returns what it printed.
func breakOff(t *testing.T, a *local.AWS, signal os.Signal) string {
	t.Helper()
	cmd := ops(t, a, "verify", "--stack", "onboarding", "--wait", "1s")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	signsIn := make(chan struct{})
	var once sync.Once
	t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "AdminInitiateAuth" {
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			held := false
			once.Do(func() { close(signsIn); held = true })
			if held {
				<-r.Context().Done()
				return
			}
			a.Forward(w, r)
		})
	}))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-signsIn:
	case <-time.After(time.Minute):
		t.Error("it does not sign in")
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("exit code 0")
	}
	checkNoSecrets(t, a, output.String())
	return output.String()
}

func TestReadmeNamesEveryPermissionOfVerify(t *testing.T) {
	a := startAWS(t)
	cfg, called := noting(a.Config())
	var out bytes.Buffer
	if err := (verify.Command{Stack: "onboarding", Wait: lateReceipt, Alarm: true}).Run(t.Context(), session.New(cfg, &out, io.Discard)); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, action := range []string{ // those that come after one that the local AWS lacks
		"BatchGetTraces", "DescribeAlarmHistory", "GetMetricStatistics", "GetRolePolicy", "ListMetrics", "ListRolePolicies", "SetAlarmState",
	} {
		called[action] = true
	}
	delete(called, "SignUp") // an app's call, which needs no permission
	checkReadmeNames(t, "`xray:BatchGetTraces`", called)
}
