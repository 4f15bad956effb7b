package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/sweep"
)

const day = 24 * time.Hour

var sweeps atomic.Int64 // how many were started

// startSweep starts a sweep as the schedule does, and returns its execution's ARN.
func startSweep(t *testing.T, a *local.AWS) string {
	t.Helper()
	out, err := sfn.NewFromConfig(a.Config()).StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(a.PhysicalID("SweepStateMachine")), Input: aws.String("{}"),
		Name: aws.String(fmt.Sprintf("sweep-%d", sweeps.Add(1))), // the engine makes up none
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ExecutionArn
}

// sweepOnce sweeps, and returns how many users it counted.
func sweepOnce(t *testing.T, a *local.AWS) map[sweep.Verdict]int {
	t.Helper()
	out := endOf(t, a, startSweep(t, a))
	var place struct{ Counts map[sweep.Verdict]int }
	if out.Status != types.ExecutionStatusSucceeded || json.Unmarshal([]byte(aws.ToString(out.Output)), &place) != nil {
		t.Fatalf("the sweep: %s %s %s %s", out.Status, aws.ToString(out.Error), aws.ToString(out.Cause), aws.ToString(out.Output))
	}
	return place.Counts
}

// endOf waits for an execution of any state machine.
func endOf(t *testing.T, a *local.AWS, arn string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		out := describe(t, sfn.NewFromConfig(a.Config()), arn)
		if out.Status != types.ExecutionStatusRunning {
			return out
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not end", arn)
		}
	}
}

// executionsOf returns the names of all executions of a user, sorted.
func executionsOf(t *testing.T, a *local.AWS, u user) []string {
	t.Helper()
	names := slices.DeleteFunc(executions(t, a), func(name string) bool { return !strings.HasPrefix(name, u.sub) })
	slices.Sort(names)
	return names
}

// aged makes Cognito say that the users were created long ago, and last modified
// yesterday. All others of this AWS are too recent for a sweep.
func aged(t *testing.T, a *local.AWS, users ...user) {
	t.Helper()
	t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "ListUsers" {
			return nil
		}
		return rewritten(a, func(page map[string]any) {
			listed, _ := page["Users"].([]any)
			for _, item := range listed {
				text, _ := json.Marshal(item)                                     //nolint:errchkjson // it was JSON
				item.(map[string]any)["UserLastModifiedDate"] = time.Now().Unix() // those of other tests are new, however long these take
				if slices.ContainsFunc(users, func(u user) bool { return strings.Contains(string(text), u.sub) }) {
					item.(map[string]any)["UserCreateDate"] = time.Now().Add(-100 * day).Unix()
					item.(map[string]any)["UserLastModifiedDate"] = time.Now().Add(-day).Unix()
				}
			}
		})
	}))
}

// expired makes Step Functions say that what stopped of the user did so 15 days ago.
func expired(t *testing.T, a *local.AWS, u user) {
	t.Helper()
	stopped := time.Now().Add(-15 * day).Unix()
	t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "DescribeExecution" || !u.isIn(c) || c.AccessKeyID != "SweepFunction" {
			return nil
		}
		return rewritten(a, func(x map[string]any) {
			if x["status"] == string(types.ExecutionStatusFailed) {
				x["redriveStatus"], x["stopDate"] = "NOT_REDRIVABLE", stopped
			}
		})
	}))
	client, table := dynamodb.NewFromConfig(a.Config()), aws.String(a.PhysicalID("DeliveryTable"))
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: record.KeyOf(u.sub)})
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range out.Item {
		if step, ok := value.(*dynamotypes.AttributeValueMemberM); ok {
			step.Value["at"] = &dynamotypes.AttributeValueMemberS{Value: time.Now().Add(-20 * day).UTC().Format("2006-01-02T15:04:05.000Z")}
		}
	}
	if out.Item == nil { // it stopped at the first step
		return
	}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: out.Item}); err != nil {
		t.Fatal(err)
	}
}

// rewritten answers as AWS does, but for a change.
func rewritten(a *local.AWS, change func(map[string]any)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := httptest.NewRecorder()
		a.Forward(held, r)
		var answer map[string]any
		if held.Code == http.StatusOK && json.Unmarshal(held.Body.Bytes(), &answer) == nil {
			change(answer)
			held.Body.Reset()
			json.NewEncoder(held.Body).Encode(answer) //nolint:errcheck,errchkjson // it was JSON
		}
		w.Header().Set("Content-Type", held.Header().Get("Content-Type"))
		w.WriteHeader(held.Code)
		w.Write(held.Body.Bytes()) //nolint:errcheck // the caller may be gone
	})
}

// invited returns a user whom an administrator made, and who has yet to set a password.
func invited(t *testing.T, a *local.AWS) user {
	t.Helper()
	u := user{User: local.User{Email: fmt.Sprintf("invited-%d@example.com", users.Add(1))}}
	out, err := cognito(a).AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &u.Email, MessageAction: cognitotypes.MessageActionTypeSuppress,
		UserAttributes: append(attribute("email", u.Email), attribute("email_verified", "true")...),
	})
	if err != nil {
		t.Fatal(err)
	}
	u.username = *out.User.Username
	for _, a := range out.User.Attributes {
		if *a.Name == "sub" {
			u.sub = *a.Value
		}
	}
	return u
}

// givePassword confirms the user without the trigger, as a first password does.
func givePassword(t *testing.T, a *local.AWS, u user) {
	t.Helper()
	if _, err := cognito(a).AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &u.username, Password: aws.String("Correct-horse-7-battery"), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
}

// TestTheStackOnboardsWhomNothingElseDoes has a user of each kind, sweeps twice, and
// looks at what each was given.
func TestTheStackOnboardsWhomNothingElseDoes(t *testing.T) {
	a, _ := startRedriver(t)
	imported, later, never := invited(t, a), invited(t, a), invited(t, a)
	givePassword(t, a, imported)

	unverified := signUp(t, a)
	if _, err := cognito(a).AdminConfirmSignUp(t.Context(), &cognitoidentityprovider.AdminConfirmSignUpInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &unverified.username,
	}); err != nil {
		t.Fatal(err)
	}
	checkSucceeded(t, wait(t, a, unverified))

	failed, _, _ := failedUser(t, a)
	first := signUp(t, a)
	state := allStates(t)[0]
	places := placesOf(a, unverified)
	at := places[slices.IndexFunc(places, func(p place) bool { return p.function == state+"Function" })]
	failCalls(t, a, first, 1, at.at(), at.refuses())
	checkStoppedAt(t, confirm(t, a, first), state)
	waiting, _, _ := failedUser(t, a)

	all := []user{imported, later, never, unverified, failed, first, waiting}
	aged(t, a, all...)
	for _, u := range []user{failed, first} {
		expired(t, a, u)
	}
	if got := sweepOnce(t, a); got[sweep.Found] != 1 || got[sweep.Restarted] != 2 || got[sweep.Failed] != 0 {
		t.Errorf("the first sweep counts %v, want one imported, and two that failed and expired", got)
	}
	givePassword(t, a, later)
	setAttribute(t, a, unverified, "email_verified", "true")
	if got, want := sweepOnce(t, a), map[sweep.Verdict]int{sweep.Found: 1, sweep.Restarted: min(1, onboarded(t).mails)}; got[sweep.Found] != want[sweep.Found] || got[sweep.Restarted] != want[sweep.Restarted] {
		t.Errorf("the second sweep counts %v, want one with a late password, and one verified later", got)
	}
	for _, u := range []user{imported, later, unverified, failed, first} {
		for _, name := range executionsOf(t, a, u) {
			endOf(t, a, a.ExecutionARN(name))
		}
		checkEffects(t, a, u, onboarded(t))
	}
	if got := executionsOf(t, a, waiting); len(got) != 1 {
		t.Errorf("%v for a user who is to be redriven", got)
	}
	if got := sweepOnce(t, a); got[sweep.Found]+got[sweep.Restarted] != 0 || got[sweep.NotConfirmed] == 0 || got[sweep.Unfinished] == 0 {
		t.Errorf("the third sweep counts %v, want none started", got)
	}
	for _, u := range all {
		checkFoundLines(t, a, u, map[string]int{imported.sub: 1, later.sub: 1}[u.sub])
	}
}

func checkFoundLines(t *testing.T, a *local.AWS, u user, want int) {
	t.Helper()
	n := 0
	for _, line := range a.Logs() {
		if strings.Contains(line.Text, `"user found"`) && strings.Contains(line.Text, u.sub) {
			n++
		}
	}
	if n != want {
		t.Errorf("%d lines say that %s was found, want %d", n, u.sub, want)
	}
}

// TestSweepOutlastsWhatPasses throttles each of its calls twice, and its function.
func TestSweepOutlastsWhatPasses(t *testing.T) {
	for _, action := range []string{"Invoke", "ListUsers", "BatchGetItem", "DescribeExecution", "StartExecution"} {
		t.Run(action, func(t *testing.T) {
			a, _ := startRedriver(t)
			var struck atomic.Int64
			t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
				ours := c.AccessKeyID == "SweepFunction" || c.Function == a.PhysicalID("SweepFunction")
				if !ours || c.Action != action || struck.Add(1) > 2 {
					return nil
				}
				return jsonError(400, "ThrottlingException")
			}))
			u := missed(t, a)
			if got := sweepOnce(t, a); got[sweep.Found] != 1 || struck.Load() < 3 {
				t.Errorf("%v after %d faults, want one found after 2", got, struck.Load())
			}
			checkSucceeded(t, wait(t, a, u))
			checkEffects(t, a, u, onboarded(t))
		})
	}
}

// missed returns a user who is confirmed, and whom only a sweep finds.
func missed(t *testing.T, a *local.AWS) user {
	t.Helper()
	u := invited(t, a)
	givePassword(t, a, u)
	aged(t, a, u)
	return u
}

// userMadeByAdministrator is a plant of an alarm: the sweep finds a user.
func userMadeByAdministrator(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	u := missed(t, a)
	sweepOnce(t, a)
	return thenOnboarded(a, u, func() {}, "")
}

// sweepRefused is a plant of an alarm: the sweep cannot start a user. The mend starts
// another sweep, as the runbook's start-execution does.
func sweepRefused(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	u := missed(t, a)
	remove := a.AddFault(func(c local.Call) http.Handler {
		if c.AccessKeyID == "SweepFunction" && c.Action == "StartExecution" {
			return jsonError(400, "InvalidExecutionInput")
		}
		return nil
	})
	if out := endOf(t, a, startSweep(t, a)); out.Status != types.ExecutionStatusFailed || aws.ToString(out.Error) != "UsersFailed" {
		t.Errorf("the sweep: %s %s", out.Status, aws.ToString(out.Error))
	}
	return func(t *testing.T) {
		t.Helper()
		remove()
		if got := sweepOnce(t, a); got[sweep.Found] != 1 {
			t.Errorf("the next sweep counts %v, want one found", got)
		}
		checkOnboarded(t, a, u)
		time.Sleep(time.Second) // executions may end in whole seconds
	}
}

// The pool of the large test.
const (
	poolSize = 10_000
	lacking  = 60
)

// TestSweepOfALargePool sweeps 10,000 users, of whom some lack the onboarding, breaks
// the sweep off, and sweeps again. The others are in the table of records, and in the
// pages that Cognito answers with.
func TestSweepOfALargePool(t *testing.T) {
	a, client := startRedriver(t)
	began := time.Now()
	pool := plantPool(t, a)
	t.Logf("%d users, %d of them without a record, planted in %v", poolSize, lacking, time.Since(began))
	var starts atomic.Int64
	half := make(chan struct{})
	goOn := a.AddFault(func(c local.Call) http.Handler {
		if c.AccessKeyID != "SweepFunction" || c.Action != "StartExecution" {
			return nil
		}
		n := starts.Add(1)
		if n <= lacking/2 {
			return nil
		}
		if n == lacking/2+1 {
			close(half)
		}
		return http.HandlerFunc(hang)
	})
	firstSweep := startSweep(t, a)
	select {
	case <-half:
	case <-time.After(2 * time.Minute):
		t.Fatal("the sweep does not start half of them")
	}
	if _, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &firstSweep}); err != nil {
		t.Fatal(err)
	}
	a.Crash("SweepFunction")
	goOn()
	brokenOff := pool.started(t, a)
	if brokenOff != lacking/2 {
		t.Fatalf("broken off after %d starts, want half of %d", brokenOff, lacking)
	}
	got := sweepOnce(t, a)
	total := 0
	for _, n := range got {
		total += n
	}
	if total != poolSize || got[sweep.Onboarded] < poolSize-lacking || got[sweep.Found]+brokenOff > lacking {
		t.Errorf("the second sweep counts %v after %d", got, brokenOff)
	}
	if n := pool.started(t, a); n != lacking {
		t.Errorf("%d executions, want %d", n, lacking)
	}
	for _, u := range pool.lacking {
		checkSucceeded(t, wait(t, a, u))
	}
	checkEffects(t, a, pool.lacking[0], onboarded(t))
	t.Logf("broken off after %d starts; all done after %v", brokenOff, time.Since(began))
}

// largePool is a pool that Cognito is made to list in the place of the stack's.
type largePool struct {
	listed  []map[string]any
	lacking []user
}

func plantPool(t *testing.T, a *local.AWS) *largePool {
	t.Helper()
	p := &largePool{}
	var writes []dynamotypes.WriteRequest
	for n := range poolSize {
		sub := fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
		if n%(poolSize/lacking+1) == 0 && len(p.lacking) < lacking {
			u := invited(t, a)
			p.lacking = append(p.lacking, u)
			sub = u.sub
		} else {
			item := record.KeyOf(sub)
			item["onboardedAt"] = &dynamotypes.AttributeValueMemberS{Value: "2026-03-01T12:00:00.123Z"}
			writes = append(writes, dynamotypes.WriteRequest{PutRequest: &dynamotypes.PutRequest{Item: item}})
		}
		p.listed = append(p.listed, map[string]any{
			"Username": sub, "Enabled": true, "UserStatus": "CONFIRMED", "UserLastModifiedDate": time.Now().Add(-day).Unix(),
			"Attributes": []map[string]string{{"Name": "sub", "Value": sub}},
		})
	}
	client, table := dynamodb.NewFromConfig(a.Config()), a.PhysicalID("DeliveryTable")
	for some := range slices.Chunk(writes, 25) {
		if _, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]dynamotypes.WriteRequest{table: some},
		}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "ListUsers" {
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { p.answer(w, c) })
	}))
	return p
}

// answer answers ListUsers with a page.
func (p *largePool) answer(w http.ResponseWriter, c local.Call) {
	var in struct {
		Limit           int
		PaginationToken string
	}
	from := 0
	if err := c.Decode(&in); err == nil && in.PaginationToken != "" {
		fmt.Sscan(in.PaginationToken, &from) //nolint:errcheck // ours
	}
	to := min(from+in.Limit, len(p.listed))
	page := map[string]any{"Users": p.listed[from:to]}
	if to < len(p.listed) {
		page["PaginationToken"] = fmt.Sprint(to) //nolint:perfsprint // a test
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(page) //nolint:errcheck,errchkjson // the caller may be gone
}

// started is how many executions those who lack it have.
func (p *largePool) started(t *testing.T, a *local.AWS) int {
	t.Helper()
	names, err := a.Executions(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, u := range p.lacking {
		for _, name := range names {
			if strings.HasPrefix(name, u.sub) {
				n++
			}
		}
	}
	return n
}
