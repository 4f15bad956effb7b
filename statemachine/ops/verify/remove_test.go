package verify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/person"
)

// removal is a user whose execution runs until then, or until it is stopped, and what was
// done.
type removal struct {
	usersAPI

	now       time.Time
	ends      time.Time
	status    string // of the execution in the end
	forgetErr error
	did       []string
}

func (r *removal) Find(_ context.Context, name string) (*person.Person, error) {
	p := &person.Person{Key: name, User: &person.User{Enabled: true, Status: types.UserStatusTypeConfirmed}}
	e := execution.Execution{Name: name, Status: "RUNNING"}
	if !r.now.Before(r.ends) {
		e.Status, e.StopDate = sfntypes.ExecutionStatus(r.status), r.ends
	}
	p.Executions = []execution.Execution{e}
	return p, nil
}

func (r *removal) Forget(_ context.Context, p *person.Person) ([]string, error) {
	if p.User != nil {
		return nil, errors.New("the user is deleted first")
	}
	if p.Executions[0].Status == "RUNNING" {
		r.ends, r.status = r.now, "ABORTED"
		r.did = append(r.did, "stop")
	}
	r.did = append(r.did, "forget")
	return nil, r.forgetErr
}

func (r *removal) DeleteUser(context.Context, string) error {
	r.did = append(r.did, "delete")
	return nil
}

func (r *removal) DeleteUserPoolClient(context.Context, *cognito.DeleteUserPoolClientInput, ...func(*cognito.Options)) (*cognito.DeleteUserPoolClientOutput, error) {
	r.did = append(r.did, "client")
	return nil, &types.ResourceNotFoundException{}
}

func (r *removal) remover() remover {
	return remover{
		pool: &pool{api: r}, finder: r, forgetter: r, now: func() time.Time { return r.now },
		sleep: func(ctx context.Context, d time.Duration) error {
			if d > time.Second {
				r.did = append(r.did, "wait")
			}
			r.now = r.now.Add(d)
			return ctx.Err()
		},
	}
}

func TestRemovalWaitsForWhatMayStillWrite(t *testing.T) {
	for name, test := range map[string]struct {
		removal
		want string
		wait time.Duration
	}{
		"ended":        {removal{status: "SUCCEEDED"}, "forget, delete, client", 0},
		"ends":         {removal{ends: opstest.Now.Add(3 * time.Second), status: "SUCCEEDED"}, "forget, delete, client", 3 * time.Second},
		"runs on":      {removal{ends: opstest.Now.Add(time.Hour)}, "stop, forget, wait, forget, delete, client", endsWithin + time.Second + writesWithin},
		"just stopped": {removal{ends: opstest.Now.Add(-10 * time.Second), status: "ABORTED"}, "forget, wait, forget, delete, client", writesWithin - 10*time.Second},
		"cannot":       {removal{status: "SUCCEEDED", forgetErr: errors.New("denied")}, "forget, client", 0},
	} {
		test.now = opstest.Now
		interrupted, cancel := context.WithCancel(t.Context())
		cancel()
		err := test.remover().remove(interrupted, []string{"sub"}, []string{"client"})
		if got := strings.Join(test.did, ", "); got != test.want || test.now.Sub(opstest.Now) != test.wait {
			t.Errorf("%s: %s after %s, want %s after %s", name, got, test.now.Sub(opstest.Now), test.want, test.wait)
		}
		if (err != nil) != (test.forgetErr != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// marked is a pool with users and app clients, some of them with the mark.
type marked struct{ usersAPI }

func (marked) ListUsers(_ context.Context, in *cognito.ListUsersInput, _ ...func(*cognito.Options)) (*cognito.ListUsersOutput, error) {
	out := new(cognito.ListUsersOutput)
	for sub, address := range map[string]string{
		"own": addressStart + "1" + addressEnd, "": addressStart + "2" + addressEnd, "alike": addressStart + "1@example.com", "other": "jane@example.com",
	} {
		if *in.Filter != `email ^= "success+ops-verify-"` {
			return nil, errors.New(*in.Filter)
		}
		out.Users = append(out.Users, types.UserType{Attributes: []types.AttributeType{{Name: aws.String("email"), Value: &address}, {Name: aws.String("sub"), Value: &sub}}})
	}
	return out, nil
}

func (marked) ListUserPoolClients(context.Context, *cognito.ListUserPoolClientsInput, ...func(*cognito.Options)) (*cognito.ListUserPoolClientsOutput, error) {
	return &cognito.ListUserPoolClientsOutput{UserPoolClients: []types.UserPoolClientDescription{
		{ClientId: aws.String("app"), ClientName: aws.String("app")}, {ClientId: aws.String("own"), ClientName: aws.String(mark + "1")},
	}}, nil
}

func TestFormerRunsAreKnownByTheirMark(t *testing.T) {
	p := &pool{api: marked{}}
	subs, err := p.markedUsers(t.Context())
	if err != nil || !slices.Equal(subs, []string{"own"}) {
		t.Errorf("users %q, %v", subs, err)
	}
	clients, err := p.markedClients(t.Context())
	if err != nil || !slices.Equal(clients, []string{"own"}) {
		t.Errorf("app clients %q, %v", clients, err)
	}
}
