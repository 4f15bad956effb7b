package local_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
)

// shared is the local AWS of all workflow tests; each test has users of its own.
var shared = localtest.Shared{Options: local.Options{
	Root: "../../..", Build: "../../../.local/test", FastRetries: true,
	Engine: otherEngine(), Port: gatewayPort(), FunctionTimeout: 8 * time.Second,
}}

func TestMain(m *testing.M) {
	code := shared.Main(m)
	ruled.Close()
	os.Exit(code)
}

func startAWS(t *testing.T) *local.AWS {
	t.Helper()
	return shared.Start(t)
}

// gatewayPort is the port that the other engine was told; 0 is any.
func gatewayPort() int {
	port, _ := strconv.Atoi(os.Getenv("PORT")) //nolint:forbidigo // a test has no main.go
	return port
}

// otherEngine is the address of the engine that the tests are to run on instead of
// moto's; empty for moto's.
func otherEngine() string { return os.Getenv("ENGINE") } //nolint:forbidigo // likewise

// user is somebody who has signed up for one test.
type user struct {
	local.User

	sub, username string
}

var users atomic.Int64 // how many have signed up

// signUp signs a new user up.
func signUp(t *testing.T, aws *local.AWS) user {
	t.Helper()
	return signUpAs(t, aws, local.User{Name: "Zéphyrine Quux"})
}

// signUpAs signs a new user up, with an address of example.com if there is none.
func signUpAs(t *testing.T, aws *local.AWS, as local.User) user {
	t.Helper()
	u := user{User: as}
	if u.Email == "" {
		u.Email = fmt.Sprintf("user-%d-of-the-tests@example.com", users.Add(1))
	}
	var err error
	if u.sub, err = aws.SignUp(t.Context(), u.User); err != nil {
		t.Fatal(err)
	}
	out, err := cognito(aws).AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: &aws.Stack.UserPoolID, Username: &u.Email,
	})
	if err != nil {
		t.Fatal(err)
	}
	u.username = *out.Username
	return u
}

func cognito(aws *local.AWS) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.NewFromConfig(aws.Config())
}

// confirm confirms the user and waits until the execution has ended.
func confirm(t *testing.T, aws *local.AWS, u user) local.Execution {
	t.Helper()
	if err := aws.Confirm(t.Context(), u.User, map[string]string{"campaign": "spring"}); err != nil {
		t.Fatal(err)
	}
	return wait(t, aws, u)
}

// wait waits until there is an execution and it has ended.
func wait(t *testing.T, aws *local.AWS, u user) local.Execution {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	e, err := aws.WaitStarted(ctx, u.sub)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// becomes reports whether something becomes true within half a minute.
func becomes(isSo func() bool) bool {
	for range 600 {
		if isSo() {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// once leaves of the attempts of a call the first that came: on a machine that stands still,
// an answer may come too late.
func once(calls []local.Call) []local.Call {
	seen := make(map[string]bool)
	return slices.DeleteFunc(calls, func(c local.Call) bool {
		again := seen[c.Invocation]
		seen[c.Invocation] = c.Invocation != ""
		return again
	})
}

// failCalls makes the next n calls that are about the user and at that place fail
// with the answer.
func failCalls(t *testing.T, aws *local.AWS, u user, n int, at string, answer http.Handler) {
	t.Helper()
	var mu sync.Mutex
	remove := aws.AddFault(func(c local.Call) http.Handler {
		mu.Lock()
		defer mu.Unlock()
		if n == 0 || !u.isAt(c, at) {
			return nil
		}
		n--
		return answer
	})
	t.Cleanup(func() {
		remove()
		mu.Lock()
		defer mu.Unlock()
		if n > 0 {
			t.Errorf("%d calls of %s less than expected", n, at)
		}
	})
}

// isAt reports whether the call is about the user, and the one that at names: an API
// operation, such as "StartExecution", or also who calls it, such as "trigger
// StartExecution". "SaveProfile Invoke" is the invocation of that state's function.
func (u user) isAt(c local.Call, at string) bool {
	caller, action, found := strings.Cut(at, " ")
	switch {
	case !found:
		return c.Action == at && u.isIn(c)
	case action == "Invoke":
		return (u.isTask(c) || caller == mailReceipt && u.isIn(c)) && strings.Contains(c.Function, caller+"Function")
	}
	return c.Action == action && u.isIn(c) && strings.EqualFold(c.AccessKeyID, caller+"Function")
}

// isIn reports whether the call is about the user.
func (u user) isIn(c local.Call) bool {
	body := string(c.Body)
	return strings.Contains(body, u.sub) || strings.Contains(body, u.username) || strings.Contains(body, url.QueryEscape(u.Email))
}

// effects are what a user got out of the onboarding.
type effects struct {
	groups                  string
	profiles, mails, events int
}

func effectsOf(t *testing.T, aws *local.AWS, u user) effects {
	t.Helper()
	groups, err := aws.Groups(t.Context(), u.username)
	if err != nil {
		t.Fatal(err)
	}
	got := effects{groups: strings.Join(groups, ","), mails: len(aws.Mails(u.Email))}
	if hasStep(t, profileState) && profileOf(t, aws, u) != nil {
		got.profiles = 1
	}
	if hasStep(t, analyticsState) {
		events, err := aws.Events(t.Context(), u.sub)
		if err != nil {
			t.Fatal(err)
		}
		got.events = len(events)
	}
	return got
}

// checkEffects excuses events that were put again because an answer came too late, as it
// does on a machine that stands still.
func checkEffects(t *testing.T, aws *local.AWS, u user, want effects) {
	t.Helper()
	got := effectsOf(t, aws, u)
	if again := got.events - want.events; again > 0 && again <= len(aws.Calls(func(c local.Call) bool { return c.Action == "PutEvents" && c.Attempt > 1 && u.isIn(c) })) {
		got.events = want.events
	}
	if got != want {
		t.Errorf("effects %+v, want %+v", got, want)
	}
}
