package orphans

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

// scanRate is how many pages of a table are read a second; each has a megabyte, some
// thousands of items.
const scanRate = 5

// orphan is a user of whom something is left.
type orphan struct {
	User       string `json:"user"`
	HasProfile bool   `json:"hasProfile"`
	HasRecord  bool   `json:"hasRecord"`
	Result     result `json:"result,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

// find returns the users whom the tables have and the pool has not. The tables are read
// first: a user who signs up meanwhile is in the pool before the tables.
func find(ctx context.Context, tables dynamodb.ScanAPIClient, users cognito.ListUsersAPIClient, k person.Stack, add func(int)) ([]*orphan, error) {
	found := make(map[string]*orphan)
	of := func(user string) *orphan {
		if found[user] == nil {
			found[user] = &orphan{User: user}
		}
		return found[user]
	}
	var elsewhere []string
	if k.Profiles != "" {
		err := scan(ctx, tables, k.Profiles, "#key, userPoolId", "sub", func(user string, item map[string]types.AttributeValue) {
			if pool, ok := item["userPoolId"].(*types.AttributeValueMemberS); ok && pool.Value != k.Pool {
				elsewhere = append(elsewhere, user)
				return
			}
			of(user).HasProfile = true
		}, add)
		if err != nil {
			return nil, err
		}
	}
	err := scan(ctx, tables, k.Records, "#key", record.KeyName, func(key string, _ map[string]types.AttributeValue) {
		if user, isRecord := record.UserOf(key); isRecord {
			of(user).HasRecord = true
		}
	}, add)
	if err != nil {
		return nil, err
	}
	for _, user := range elsewhere {
		delete(found, user)
	}
	if err := dropPoolUsers(ctx, users, k.Pool, found, add); err != nil {
		return nil, err
	}
	return sorted(found), nil
}

// scan reads the keys of a table.
func scan(ctx context.Context, api dynamodb.ScanAPIClient, table, projection, key string, each func(string, map[string]types.AttributeValue), add func(int)) error {
	paced := pace.New(scanRate, scanRate)
	pages := dynamodb.NewScanPaginator(api, &dynamodb.ScanInput{
		TableName: &table, ProjectionExpression: &projection, ExpressionAttributeNames: map[string]string{"#key": key},
	})
	for pages.HasMorePages() {
		page, err := pace.Next(ctx, paced, "scan the table "+table, pages.NextPage)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if value, ok := item[key].(*types.AttributeValueMemberS); ok {
				each(value.Value, item)
			}
		}
		add(len(page.Items))
	}
	return nil
}

// dropPoolUsers takes the users of the pool out of those found, whichever name they are
// kept by: an event without a sub leaves the stand-in.
func dropPoolUsers(ctx context.Context, users cognito.ListUsersAPIClient, pool string, found map[string]*orphan, add func(int)) error {
	paced := pace.New(pace.ListUsersRate, pace.ListUsersBurst)
	pages := cognito.NewListUsersPaginator(users, &cognito.ListUsersInput{UserPoolId: &pool, Limit: aws.Int32(60)})
	for pages.HasMorePages() {
		page, err := pace.Next(ctx, paced, "list users", pages.NextPage)
		if err != nil {
			return err
		}
		for _, u := range page.Users {
			in := statemachine.Input{UserPoolID: pool, Username: aws.ToString(u.Username)}
			delete(found, in.UserKey())
			for _, a := range u.Attributes {
				if aws.ToString(a.Name) == "sub" {
					delete(found, aws.ToString(a.Value))
				}
			}
		}
		add(len(page.Users))
	}
	return nil
}

// sorted returns the orphans by name, without items that are nobody's.
func sorted(found map[string]*orphan) []*orphan {
	all := make([]*orphan, 0, len(found))
	for user, o := range found {
		if person.IsKey(user) {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *orphan) int { return cmp.Compare(strings.ToLower(a.User), strings.ToLower(b.User)) })
	return all
}
