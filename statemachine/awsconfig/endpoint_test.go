package awsconfig

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	endpoints "github.com/aws/smithy-go/endpoints"
)

// resolvers are what the SDK's clients find their endpoints by.
var resolvers = map[Service]func(context.Context, *string) (endpoints.Endpoint, error){
	StepFunctions: func(ctx context.Context, region *string) (endpoints.Endpoint, error) {
		return sfn.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sfn.EndpointParameters{Region: region})
	},
	Cognito: func(ctx context.Context, region *string) (endpoints.Endpoint, error) {
		return cognitoidentityprovider.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, cognitoidentityprovider.EndpointParameters{Region: region})
	},
	DynamoDB: func(ctx context.Context, region *string) (endpoints.Endpoint, error) {
		return dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, dynamodb.EndpointParameters{Region: region})
	},
	EventBridge: func(ctx context.Context, region *string) (endpoints.Endpoint, error) {
		return eventbridge.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, eventbridge.EndpointParameters{Region: region})
	},
}

func TestEndpointIsTheOneThatTheClientUses(t *testing.T) {
	for service, resolve := range resolvers {
		for _, region := range []string{"us-east-1", "eu-central-1", "us-gov-west-1", "eusc-de-east-1", "cn-north-1"} {
			want, err := resolve(t.Context(), &region)
			if err != nil {
				t.Fatal(err)
			}
			if got := endpoint(aws.Config{Region: region}, service); got != want.URI.String() {
				t.Errorf("%s in %s: got %s, want %s", service, region, got, want.URI.String())
			}
		}
	}
}
