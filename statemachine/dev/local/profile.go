package local

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Profile returns the user's item in the profile table; nil if there is none.
func (a *AWS) Profile(ctx context.Context, sub string) (map[string]any, error) {
	out, err := dynamodb.NewFromConfig(a.Config()).GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &a.Stack.ProfileTable,
		Key:            map[string]types.AttributeValue{"sub": &types.AttributeValueMemberS{Value: sub}},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("get the profile: %w", err)
	}
	if out.Item == nil {
		return nil, nil //nolint:nilnil // no item is no error
	}
	var profile map[string]any
	if err := attributevalue.UnmarshalMap(out.Item, &profile); err != nil {
		return nil, fmt.Errorf("decode the profile: %w", err)
	}
	return profile, nil
}
