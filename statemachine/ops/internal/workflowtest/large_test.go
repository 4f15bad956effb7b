package workflowtest_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/backfill"
	"example.com/onboarding/statemachine/ops/internal/opstest"
)

const (
	poolSize  = 2000
	onboarded = poolSize / 2
)

// largePool is a pool of its own, and a state machine that ends at once: what the
// workflow does is for the other tests.
type largePool struct {
	aws         *local.AWS
	id, machine string
	subs        [poolSize]string
	starts      atomic.Int64 // calls of StartExecution
}

func newLargePool(t *testing.T) *largePool {
	t.Helper()
	p := &largePool{aws: startAWS(t)}
	users := cognitoidentityprovider.NewFromConfig(p.aws.Config())
	pool, err := users.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("large")})
	if err != nil {
		t.Fatal(err)
	}
	p.id = *pool.UserPool.Id
	machine, err := sfn.NewFromConfig(p.aws.Config()).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("large"), RoleArn: aws.String("arn:aws:iam::123456789012:role/large"),
		Definition: aws.String(`{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.machine = *machine.StateMachineArn
	side(poolSize, func(i int) { p.subs[i] = p.confirmedUser(t, users, i) })
	side(onboarded, func(i int) { p.onboard(t, p.subs[2*i]) }) // every other user
	t.Cleanup(p.aws.AddFault(func(c local.Call) http.Handler {
		if c.Action == "StartExecution" {
			p.starts.Add(1)
		}
		return nil
	}))
	return p
}

// side calls f for the numbers below n, four at a time.
func side(n int, f func(int)) {
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := worker; i < n; i += 4 {
				f(i)
			}
		})
	}
	group.Wait()
}

func (p *largePool) confirmedUser(t *testing.T, users *cognitoidentityprovider.Client, i int) (sub string) {
	t.Helper()
	name := aws.String(fmt.Sprintf("user-%d", i))
	made, err := users.AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &p.id, Username: name, MessageAction: types.MessageActionTypeSuppress,
	})
	if err != nil {
		t.Errorf("make user %d: %v", i, err)
		return ""
	}
	if _, err := users.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &p.id, Username: name, Password: aws.String("Correct-horse-7"), Permanent: true,
	}); err != nil {
		t.Errorf("confirm user %d: %v", i, err)
	}
	for _, attribute := range made.User.Attributes {
		if *attribute.Name == "sub" {
			sub = *attribute.Value
		}
	}
	return sub
}

func (p *largePool) onboard(t *testing.T, sub string) {
	t.Helper()
	_, err := sfn.NewFromConfig(p.aws.Config()).StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &p.machine, Name: &sub, Input: aws.String(`{"by":"the trigger"}`),
	})
	if err != nil {
		t.Errorf("start %s: %v", sub, err)
	}
}

func (p *largePool) args() []string {
	return []string{"backfill", "--user-pool", p.id, "--state-machine", p.machine, "--since", "1h", "--rate", "150", "--json"}
}

// backfill runs the command to its end, and returns what it counted and how many
// calls of StartExecution it made.
func (p *largePool) backfill(t *testing.T) (backfill.Report, int) {
	t.Helper()
	before := p.starts.Load()
	r := opstest.Decode[backfill.Report](t, runOps(t, p.aws, 0, p.args()...))
	return r, int(p.starts.Load() - before)
}

// executions returns the names of all executions.
func (p *largePool) executions(t *testing.T) []string {
	t.Helper()
	var names []string
	pages := sfn.NewListExecutionsPaginator(sfn.NewFromConfig(p.aws.Config()),
		&sfn.ListExecutionsInput{StateMachineArn: &p.machine, MaxResults: 1000})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Executions {
			names = append(names, *e.Name)
		}
	}
	return names
}

// TestBackfillOfALargePool kills a backfill of 2,000 users, half of whom are
// onboarded, half-way, and runs it again.
func TestBackfillOfALargePool(t *testing.T) {
	began := time.Now()
	p := newLargePool(t)
	t.Logf("%d users and %d executions made after %v", poolSize, onboarded, time.Since(began))
	if got := len(p.executions(t)); got != onboarded {
		t.Fatalf("%d executions at first, want %d", got, onboarded)
	}

	cmd := ops(t, p.aws, p.args()...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); p.starts.Load() < onboarded/2 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	cmd.Process.Kill()                 //nolint:errcheck // the next line tells
	if err := cmd.Wait(); err == nil { // killed
		t.Fatal("the command ended before it was killed")
	}
	time.Sleep(time.Second) // calls under way arrive
	killed := len(p.executions(t)) - onboarded
	if killed < onboarded/4 || killed >= onboarded*3/4 {
		t.Fatalf("killed after %d starts, want about half of %d", killed, onboarded)
	}

	r, calls := p.backfill(t)
	if missing := onboarded - killed; r.Summary.LookedAt != poolSize || r.Summary.Started != missing || calls != missing {
		t.Errorf("the second run made %d calls and says %+v, want %d", calls, r.Summary, missing)
	}
	if got, want := slices.Sorted(slices.Values(p.executions(t))), slices.Sorted(slices.Values(p.subs[:])); !slices.Equal(got, want) {
		t.Errorf("%d executions, want one of each of %d users", len(got), len(want))
	}
	t.Logf("killed after %d starts, %d more after that; %v", killed, calls, time.Since(began))

	if r, calls := p.backfill(t); calls != 0 || r.Summary.Started != 0 || r.Summary.Existing != poolSize {
		t.Errorf("the third run made %d calls and says %+v, want none", calls, r.Summary)
	}
	t.Logf("all done after %v", time.Since(began))
}
