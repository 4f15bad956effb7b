// Package firsttoken puts the groups of a new user into the tokens of the first
// sign-in. The onboarding adds the user to the groups a moment after the confirmation,
// and an app that signs in at once would be given tokens without them.
//
// It changes the event of Cognito's Pre Token Generation trigger. What that does, says
// the guide
// (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html):
// the event of version V1_0, which every plan of Cognito has, can change the ID token
// only, but for the groups: groupOverrideDetails replaces the claim cognito:groups in the
// ID token and in the access token. It replaces the roles too, so they are sent back as
// they came.
//
// # Who is given groups
//
// A user whose event has none, or only some of those to be given, because Cognito was
// asked while the onboarding gave one after the other; and
//
//   - whom the onboarding has not put in the groups yet, according to the record, and who
//     was created, confirmed or changed within the last hour (Window);
//   - or whom it has put there within the last minute (Race): Cognito may have read the
//     user's groups for the event before that.
//
// Whoever is removed from the groups later is not given them again: the record says for
// good that they were given. In the minute of the race a token may have them all the
// same.
//
// A user who has the groups, or one that is not given here, costs no call. One who lacks
// some costs two reads for each token:
// GetItem of DynamoDB and AdminGetUser of Cognito.
package firsttoken

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
)

const (
	// Window is how long after the confirmation a user is given groups that the
	// onboarding has not given yet. It is as long as a token lasts by default
	// (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html),
	// and enough for a start that is repeated every three minutes. Cognito tells when
	// it last changed the user, and not why: so the window also opens for a user of
	// whom there is no record and whose attributes change, unless it was created before
	// Since.
	Window = time.Hour
	// Race is how long after the onboarding has given the groups an event may come
	// that was made before: Cognito waits 5 seconds for a trigger, three times, and
	// the rest is for clocks that differ.
	Race = time.Minute
	// Budget is how long the reads may take in all; Cognito waits 5 seconds.
	Budget = 2 * time.Second
)

// groupState is the state that puts a user in the groups.
const groupState = "AddUserToGroup"

// Users is the part of Cognito's API that is needed.
type Users interface {
	AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error)
}

// Records are the records of what users have been given: see [record.Table].
type Records interface {
	Get(ctx context.Context, user string) (record.Record, error)
}

// Groups gives new users their groups. Its function InToken is all that a Pre Token
// Generation function of another pool has to call.
type Groups struct {
	Users   Users
	Records Records
	// DefaultGroup and Rules are the stack's parameters.
	DefaultGroup string
	Rules        grouprules.Rules
	// Since is as the stack's SweepSince. Users who were created before may have no record,
	// however long ago somebody decided about their groups. They are given none because
	// something of them has changed: that may be an attribute, which they change themselves.
	Since time.Time
	Log   *slog.Logger
	Now   func() time.Time
}

// InToken takes the event of Cognito and returns the one to answer with. It never fails,
// and takes Budget at the most: the event is returned as it is, byte for byte, unless
// the user is to be given groups. Then the only difference is groupOverrideDetails in the
// response, with the groups, and all else as the request has it in groupConfiguration.
//
// A function that sets claims of its own passes the event on to it first. For events of
// the versions V2_0 and V3_0 the groups are set where these have them. A user of
// whom a call failed has no groups in the token, and the log says why.
func (g *Groups) InToken(ctx context.Context, payload []byte) []byte {
	e, ok := parse(payload)
	if !ok {
		return payload
	}
	wanted := append([]string{g.DefaultGroup}, g.Rules.Groups(e.Request.UserAttributes)...)
	if !e.lacks(wanted) {
		return payload
	}
	user := e.user().UserKey()
	due, err := g.due(ctx, e, user)
	if err != nil {
		g.Log.ErrorContext(ctx, "token left without groups", "execution", user, "error", start.ErrorCode(err))
		return payload
	}
	if !due {
		return payload
	}
	groups := slices.Clone(e.configuration.Groups)
	for _, group := range wanted {
		if !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	answer, err := e.with(payload, groups)
	if err != nil {
		g.Log.ErrorContext(ctx, "token left without groups", "execution", user, "error", "the event cannot be changed")
		return payload
	}
	g.Log.InfoContext(ctx, "token has the groups", "execution", user, "groups", groups)
	return answer
}

// due reads record and user at once, and reports whether the user is to be given groups.
func (g *Groups) due(ctx context.Context, e event, user string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, Budget)
	defer cancel()
	var (
		known     record.Record
		recordErr error
		reading   sync.WaitGroup
	)
	reading.Go(func() { known, recordErr = g.Records.Get(ctx, user) })
	found, err := g.Users.AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: &e.UserPoolID, Username: &e.Username})
	reading.Wait()
	if recordErr != nil {
		return false, fmt.Errorf("read the record: %w", recordErr)
	}
	if err != nil {
		return false, fmt.Errorf("read the user: %w", err)
	}
	return g.isDue(known, found), nil
}

func (g *Groups) isDue(known record.Record, user *cognito.AdminGetUserOutput) bool {
	now, created, changed := g.Now(), aws.ToTime(user.UserCreateDate), aws.ToTime(user.UserLastModifiedDate)
	if given := known.Steps[groupState]; given.Status == statemachine.StatusDone {
		return now.Sub(given.At) < Race
	}
	if known.Onboarded() { // without this step, or before there were records
		return false
	}
	return now.Sub(created) < Window || now.Sub(changed) < Window && !created.Before(g.Since)
}

// marshal is for what cannot fail.
func marshal(groups []string) json.RawMessage {
	text, err := json.Marshal(groups)
	if err != nil {
		return nil
	}
	return text
}
