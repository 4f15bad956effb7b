package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/person"
)

// How long a removal waits: for executions to come to their ends, and, when one was
// stopped, for the function of its step, which may write until its time-out.
const (
	endsWithin    = 15 * time.Second
	writesWithin  = time.Minute
	removedWithin = 5 * time.Minute
)

type finder interface {
	Find(ctx context.Context, name string) (*person.Person, error)
}

type forgetter interface {
	Forget(ctx context.Context, p *person.Person) (done []string, err error)
	DeleteUser(ctx context.Context, username string) error
}

// remover removes users and app clients.
type remover struct {
	pool      *pool
	finder    finder
	forgetter forgetter
	sleep     func(context.Context, time.Duration) error
	now       func() time.Time
}

// former removes what former runs have left, and returns how many users and app clients
// that were.
func (r remover) former(ctx context.Context) (int, error) {
	subs, err := r.pool.markedUsers(ctx)
	if err != nil {
		return 0, err
	}
	clients, err := r.pool.markedClients(ctx)
	if err != nil {
		return 0, err
	}
	return len(subs) + len(clients), r.remove(ctx, subs, clients)
}

// remove removes all it can. That the context has ended does not stop it.
func (r remover) remove(ctx context.Context, subs, clients []string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removedWithin)
	defer cancel()
	var failed []error
	for _, sub := range subs {
		if err := r.removeUser(ctx, sub); err != nil {
			failed = append(failed, fmt.Errorf("the user %s is not removed yet: %w", sub, err))
		}
	}
	for _, id := range clients {
		_, err := r.pool.api.DeleteUserPoolClient(ctx, &cognito.DeleteUserPoolClientInput{UserPoolId: &r.pool.id, ClientId: &id})
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); err != nil && !gone {
			failed = append(failed, fmt.Errorf("the app client %s is not deleted yet: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// removeUser removes what there is of a user. The user in the pool is the last, by whom
// the next run finds what is left when this one is killed. What a step writes late is
// removed once more.
func (r remover) removeUser(ctx context.Context, sub string) error {
	for {
		p, err := r.ended(ctx, sub)
		if err != nil {
			return err
		}
		p.User = nil
		wait := r.writes(p)
		if _, err := r.forgetter.Forget(ctx, p); err != nil {
			return err
		}
		if wait <= 0 {
			return r.forgetter.DeleteUser(ctx, sub)
		}
		if err := r.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// ended returns the user once no execution runs, or enough time has passed.
func (r remover) ended(ctx context.Context, sub string) (*person.Person, error) {
	for end := r.now().Add(endsWithin); ; {
		p, err := r.finder.Find(ctx, sub)
		if err != nil || !p.Next().Runs || r.now().After(end) {
			return p, err
		}
		if err := r.sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// writes returns how long a step may still write: those of an execution that was stopped,
// or is about to be.
func (r remover) writes(p *person.Person) time.Duration {
	var wait time.Duration
	for _, e := range p.Executions {
		switch e.Status {
		case "RUNNING":
			wait = writesWithin
		case "ABORTED":
			wait = max(wait, e.StopDate.Add(writesWithin).Sub(r.now()))
		}
	}
	return wait
}

// markedUsers returns the subs of the users with the mark.
func (p *pool) markedUsers(ctx context.Context) (subs []string, err error) {
	pages := cognito.NewListUsersPaginator(p.api, &cognito.ListUsersInput{
		UserPoolId: &p.id, Filter: aws.String(`email ^= "` + addressStart + `"`),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list users: %w", err)
		}
		for _, u := range page.Users {
			attributes := make(map[string]string)
			for _, a := range u.Attributes {
				attributes[aws.ToString(a.Name)] = aws.ToString(a.Value)
			}
			if address := attributes["email"]; strings.HasPrefix(address, addressStart) && strings.HasSuffix(address, addressEnd) {
				subs = append(subs, attributes["sub"])
			}
		}
	}
	return slices.DeleteFunc(subs, func(sub string) bool { return sub == "" }), nil
}

// markedClients returns the IDs of the app clients with the mark.
func (p *pool) markedClients(ctx context.Context) (ids []string, err error) {
	pages := cognito.NewListUserPoolClientsPaginator(p.api, &cognito.ListUserPoolClientsInput{UserPoolId: &p.id, MaxResults: aws.Int32(60)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list app clients: %w", err)
		}
		for _, c := range page.UserPoolClients {
			if strings.HasPrefix(aws.ToString(c.ClientName), mark) {
				ids = append(ids, aws.ToString(c.ClientId))
			}
		}
	}
	return ids, nil
}
