package page

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// User is a user of the pool.
type User struct {
	Sub, Username, Email string
	Status               string
	Created              time.Time
	Attributes           []Attribute
	// Execution is the user's latest one; its Name is empty if there is none.
	Execution Execution
}

// Attribute is one of a user.
type Attribute struct{ Name, Value string }

// Name is what the page calls the user: the address, or else the username.
func (u User) Name() string {
	if u.Email != "" {
		return u.Email
	}
	return u.Username
}

// Profile is what there is of a user.
type Profile struct {
	User

	Groups []string
	// Item and Record are the items of the tables; nil if there is none.
	Item, Record map[string]any
	// Fate is what became of the mail, as the record has it.
	Fate Fate
}

// backend is the local AWS. It reads without leaving a trace in what the local AWS
// records; what it changes, it changes as anybody does.
type backend struct {
	aws  *local.AWS
	feed *feed.Feed
	pool *cognitoidentityprovider.Client
}

func newBackend(a *local.AWS, events *feed.Feed) *backend {
	return &backend{a, events, cognitoidentityprovider.NewFromConfig(a.QuietConfig())}
}

// Settings implements cloud.
func (b *backend) Settings() Settings {
	return Settings{b.aws.Endpoint, b.aws.Stack.UserPoolID, b.aws.Stack.ClientID, b.aws.Refused()}
}

// Functions implements cloud.
func (b *backend) Functions() []string {
	names := b.aws.Functions()
	slices.Sort(names)
	return names
}

// Users implements cloud: the latest 60, which is the most that Cognito lists at once.
func (b *backend) Users(ctx context.Context) ([]User, error) {
	return b.list(ctx, nil)
}

func (b *backend) list(ctx context.Context, filter *string) ([]User, error) {
	out, err := b.pool.ListUsers(ctx, &cognitoidentityprovider.ListUsersInput{UserPoolId: &b.aws.Stack.UserPoolID, Filter: filter})
	if err != nil {
		return nil, fmt.Errorf("list the users: %w", err)
	}
	var users []User
	for _, u := range out.Users {
		users = append(users, userOf(aws.ToString(u.Username), string(u.UserStatus), u.UserCreateDate, u.Attributes))
	}
	slices.SortStableFunc(users, func(a, b User) int { return b.Created.Compare(a.Created) })
	return users, nil
}

func userOf(username, status string, created *time.Time, attributes []types.AttributeType) User {
	u := User{Username: username, Status: status, Created: aws.ToTime(created)}
	for _, a := range attributes {
		name, value := aws.ToString(a.Name), aws.ToString(a.Value)
		switch name {
		case "sub":
			u.Sub = value
		case "email":
			u.Email = value
		}
		u.Attributes = append(u.Attributes, Attribute{name, value})
	}
	return u
}

// user returns the user with that sub, or errNone.
func (b *backend) user(ctx context.Context, sub string) (User, error) {
	if strings.ContainsAny(sub, `"\\`) {
		return User{}, errNone // and no part of a filter
	}
	users, err := b.list(ctx, aws.String(`sub = "`+sub+`"`))
	if err != nil {
		return User{}, err
	}
	if len(users) != 1 {
		return User{}, errNone
	}
	return users[0], nil
}

// Profile implements cloud.
func (b *backend) Profile(ctx context.Context, sub string) (Profile, error) {
	user, err := b.user(ctx, sub)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{User: user}
	groups, err := b.pool.AdminListGroupsForUser(ctx, &cognitoidentityprovider.AdminListGroupsForUserInput{
		UserPoolId: &b.aws.Stack.UserPoolID, Username: &p.Username,
	})
	if err != nil {
		return Profile{}, fmt.Errorf("list the groups: %w", err)
	}
	for _, g := range groups.Groups {
		p.Groups = append(p.Groups, aws.ToString(g.GroupName))
	}
	var errItem error
	_, p.Item, errItem = b.item(ctx, b.aws.Stack.ProfileTable, map[string]dynamodbtypes.AttributeValue{"sub": &dynamodbtypes.AttributeValueMemberS{Value: sub}})
	item, known, errRecord := b.item(ctx, b.aws.Stack.RecordTable, record.KeyOf(sub))
	receipt, _ := record.Read(item).Mail.Fate()
	p.Record, p.Fate = known, fateOf(receipt)
	return p, errors.Join(errItem, errRecord)
}

// item returns an item as DynamoDB has it, and decoded.
func (b *backend) item(ctx context.Context, table string, key map[string]dynamodbtypes.AttributeValue) (raw map[string]dynamodbtypes.AttributeValue, item map[string]any, err error) {
	if table == "" {
		return nil, nil, nil // the step that fills it is not there
	}
	out, err := dynamodb.NewFromConfig(b.aws.QuietConfig()).GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key})
	if err != nil {
		return nil, nil, fmt.Errorf("get the item of %s: %w", table, err)
	}
	if err := attributevalue.UnmarshalMap(out.Item, &item); err != nil {
		return nil, nil, fmt.Errorf("decode the item of %s: %w", table, err)
	}
	return out.Item, item, nil
}

// Deliver implements cloud: it hands the trigger the event of the confirmation again, as
// Cognito may.
func (b *backend) Deliver(ctx context.Context, sub string) error {
	p, err := b.user(ctx, sub)
	if err != nil {
		return err
	}
	user := local.User{Email: p.Email}
	for _, a := range p.Attributes {
		if a.Name == "name" {
			user.Name = a.Value
		}
	}
	event, err := b.aws.ConfirmationEvent(p.Username, sub, user)
	if err != nil {
		return err
	}
	_, err = b.aws.InvokeTrigger(ctx, event)
	return err
}

// Refuse implements cloud.
func (b *backend) Refuse(ctx context.Context, service string) error {
	return b.aws.Refuse(ctx, service)
}
