// Package pooltrigger sets the PostConfirmation trigger of a user pool that is in
// use, takes it away again, and carries every other setting of the pool over.
package pooltrigger

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/onboarding/statemachine/ops/internal/permission"
)

// poolsAPI is the part of Cognito's API that the commands need.
type poolsAPI interface {
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
	GetUserPoolMfaConfig(context.Context, *cognitoidentityprovider.GetUserPoolMfaConfigInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.GetUserPoolMfaConfigOutput, error)
	SetUserPoolMfaConfig(context.Context, *cognitoidentityprovider.SetUserPoolMfaConfigInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.SetUserPoolMfaConfigOutput, error)
	UpdateUserPool(context.Context, *cognitoidentityprovider.UpdateUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.UpdateUserPoolOutput, error)
}

// clients are those that the commands call AWS with.
type clients struct {
	pools     poolsAPI
	functions permission.API
}

func newClients(cfg aws.Config) clients {
	return clients{cognitoidentityprovider.NewFromConfig(cfg, wholePools), lambda.NewFromConfig(cfg)}
}
