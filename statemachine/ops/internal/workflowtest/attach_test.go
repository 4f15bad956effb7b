package workflowtest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/pooltrigger"
)

func (p *usedPool) args(command string, more ...string) []string {
	return append([]string{command, "--user-pool", p.id, "--trigger", p.aws.Stack.TriggerARN, "--json"}, more...)
}

func TestAttachToAPoolInUse(t *testing.T) {
	p := newUsedPool(t)
	if sub := p.confirm(t, "before@example.com"); p.executions(t, sub) != 0 {
		t.Error("a user was onboarded before the trigger was set")
	}
	former, _ := p.describe(t)
	ours := p.aws.Stack.TriggerARN

	runOps(t, p.aws, 1, p.args("attach")...) // nobody to ask
	r := opstest.Decode[pooltrigger.Report](t, runOps(t, p.aws, 2, p.args("attach", "--dry-run")...))
	if r.Wanted != ours || r.Permission != pooltrigger.PermissionToAdd {
		t.Errorf("dry run: %+v", r)
	}
	p.wantPool(t, former, "")

	r = opstest.Decode[pooltrigger.Report](t, runOps(t, p.aws, 0, p.args("attach", "--yes")...))
	if r.Result != pooltrigger.Changed || r.After != ours || r.Permission != pooltrigger.PermissionAdded {
		t.Errorf("%+v, want it done and %s", r, ours)
	}
	p.wantPool(t, former, ours)
	p.wantPermissions(t, 1)
	if r = opstest.Decode[pooltrigger.Report](t, runOps(t, p.aws, 0, p.args("attach", "--yes")...)); r.Result != pooltrigger.Already {
		t.Errorf("attached twice: %+v", r)
	}
	sub := p.confirm(t, "after@example.com")
	wait(t, p.aws, person{sub: sub}, sfntypes.ExecutionStatusSucceeded)
	if n := p.executions(t, sub); n != 1 {
		t.Errorf("%s has %d executions, want 1", sub, n)
	}
	former, _ = p.describe(t)

	r = opstest.Decode[pooltrigger.Report](t, runOps(t, p.aws, 0, p.args("detach", "-y")...))
	if r.Result != pooltrigger.Changed || r.Permission != pooltrigger.PermissionRemoved {
		t.Errorf("%+v, want it done, and the permission removed", r)
	}
	p.wantPool(t, former, "")
	p.wantPermissions(t, 0)
}

func TestAttachReplacesAndDetachRestores(t *testing.T) {
	p := newUsedPool(t)
	functions := lambda.NewFromConfig(p.aws.Config())
	found, err := functions.ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found.Functions, func(f lambdatypes.FunctionConfiguration) bool { return *f.FunctionArn != p.aws.Stack.TriggerARN })
	other, ours := *found.Functions[i].FunctionArn, p.aws.Stack.TriggerARN
	runOps(t, p.aws, 0, "attach", "--user-pool", p.id, "--trigger", other, "--yes")
	former, _ := p.describe(t)

	for _, command := range []string{"attach", "detach"} {
		runOps(t, p.aws, 1, p.args(command, "--yes")...)
		p.wantPool(t, former, other)
	}
	r := opstest.Decode[pooltrigger.Report](t, runOps(t, p.aws, 0, p.args("attach", "--yes", "--replace")...))
	if r.Before != other || r.After != ours {
		t.Errorf("%+v, want %s before", r, other)
	}
	p.wantPool(t, former, ours)
	runOps(t, p.aws, 0, p.args("detach", "--yes", "--restore", other)...)
	p.wantPool(t, former, other)
	runOps(t, p.aws, 0, "detach", "--user-pool", p.id, "--trigger", other, "--yes")
	p.wantPool(t, former, "")
}

func TestStackNamesItsPoolAndFunction(t *testing.T) {
	a := startAWS(t)
	r := opstest.Decode[pooltrigger.Report](t, runOps(t, a, 0, "attach", "--stack", "onboarding", "--json"))
	if r.Result != pooltrigger.Already || r.UserPool != a.Stack.UserPoolID || r.After != a.Stack.TriggerARN || r.Permission != pooltrigger.PermissionKept {
		t.Errorf("%+v, want that the stack's pool has its trigger, and the template's permission", r)
	}
	for _, contradiction := range [][]string{{"--user-pool", "us-east-1_Other1234"}, {"--trigger", opstest.FunctionARN}} {
		runOps(t, a, 1, append([]string{"attach", "--stack", "onboarding", "--yes"}, contradiction...)...)
	}
	// The stack's own pool is read-only for this test, because others use it.
	r = opstest.Decode[pooltrigger.Report](t, runOps(t, a, 2, "detach", "--stack", "onboarding", "--json", "--dry-run"))
	if r.Wanted != "" || r.Permission != pooltrigger.PermissionKept {
		t.Errorf("%+v, want that the template's permission stays", r)
	}
}

// TestLostSettingsAreRestored lets a setting get lost on the way.
func TestLostSettingsAreRestored(t *testing.T) {
	p := newUsedPool(t)
	former, _ := p.describe(t)
	lose := func(times int, setting string) (mend func()) {
		return p.aws.AddFault(func(c local.Call) http.Handler {
			if c.Action != "UpdateUserPool" || times == 0 {
				return nil
			}
			times--
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body map[string]json.RawMessage
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
					t.Error(err)
				}
				delete(body, setting)
				text, err := json.Marshal(body)
				if err != nil {
					t.Error(err)
				}
				without := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), bytes.NewReader(text))
				without.Header, without.Host = r.Header, r.Host
				p.aws.Forward(w, without)
			})
		})
	}
	mend := lose(1, "EmailConfiguration")
	r := opstest.Decode[pooltrigger.Report](t, runOps(t, p.aws, 1, p.args("attach", "--yes")...))
	mend()
	if r.Result != pooltrigger.Restored || r.After != "" || r.Permission != pooltrigger.PermissionTakenBack || len(r.Differences) == 0 {
		t.Errorf("%+v, want it restored, and the differences named", r)
	}
	for _, d := range r.Differences {
		if !strings.HasPrefix(d.Setting, "EmailConfiguration.") {
			t.Errorf("difference %s, want EmailConfiguration only", d)
		}
	}
	p.wantPool(t, former, "")
	p.wantPermissions(t, 0)

	mend = lose(2, "UserPoolTier")
	r = opstest.Decode[pooltrigger.Report](t, runOps(t, p.aws, 1, p.args("attach", "--yes")...))
	mend()
	if r.Result != pooltrigger.NotRestored || len(r.NotRestored) != 1 || r.NotRestored[0].Setting != "UserPoolTier" {
		t.Errorf("%+v", r)
	}
}

func TestCtrlCWaitsForTheChange(t *testing.T) {
	p := newUsedPool(t)
	former, _ := p.describe(t)
	arrived, interrupted := make(chan bool), make(chan bool)
	t.Cleanup(p.aws.AddFault(func(c local.Call) http.Handler {
		if c.Action != "UpdateUserPool" {
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			arrived <- true
			<-interrupted
			p.aws.Forward(w, r)
		})
	}))
	cmd := ops(t, p.aws, p.args("attach", "--yes")...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-arrived:
	case <-time.After(time.Minute):
		t.Fatalf("no update after a minute: %s", &out)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // it has been delivered
	close(interrupted)
	err := cmd.Wait()
	if r := opstest.Decode[pooltrigger.Report](t, out.String()); err != nil || r.Result != pooltrigger.Changed {
		t.Errorf("%v, %+v; want it done", err, r)
	}
	p.wantPool(t, former, p.aws.Stack.TriggerARN)
}
