package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

type clientsAPI interface {
	cognitoidentityprovider.ListUserPoolClientsAPIClient
	DescribeUserPoolClient(context.Context, *cognitoidentityprovider.DescribeUserPoolClientInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolClientOutput, error)
}

// clientsFunc returns the app clients of the pool; with an error, those that it could
// read.
type clientsFunc func() ([]*types.UserPoolClientType, error)

// describeClients describes the app clients once, for all the checks that need them.
func describeClients(ctx context.Context, api clientsAPI, id string) clientsFunc {
	return sync.OnceValues(func() ([]*types.UserPoolClientType, error) {
		var clients []*types.UserPoolClientType
		pages := cognitoidentityprovider.NewListUserPoolClientsPaginator(api, &cognitoidentityprovider.ListUserPoolClientsInput{
			UserPoolId: &id, MaxResults: aws.Int32(60),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return clients, fmt.Errorf("list app clients: %w", err)
			}
			for _, c := range page.UserPoolClients {
				out, err := api.DescribeUserPoolClient(ctx, &cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: &id, ClientId: c.ClientId})
				if err != nil {
					return clients, fmt.Errorf("describe app client: %w", err)
				}
				clients = append(clients, out.UserPoolClient)
			}
		}
		return clients, nil
	})
}

// checkVerified checks that users cannot call an address or a number of theirs
// verified, which mails and group rules trust. A client without a list of attributes
// may not write these (https://github.com/aws/aws-sdk-js/issues/3603).
func checkVerified(k *stack, pool poolFunc, clients clientsFunc) ([]Finding, error) {
	if _, err := pool(); isGone(err) {
		return nil, errNoPool
	}
	all, err := clients()
	var found []Finding
	for _, c := range all {
		for _, name := range []string{"email_verified", "phone_number_verified"} {
			if slices.Contains(c.WriteAttributes, name) && !isServers(c) {
				found = append(found, warning("the app client "+nameOf(c)+" may write "+name+": whoever signs up could call any address or number verified, which mails and group rules trust",
					mendWritable(k, c, name)))
			}
		}
	}
	return found, err
}

// mayWrite reports whether users of the app client may write the attribute.
//
// A client without a list may write the standard attributes
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html);
// whether custom ones too, AWS's pages disagree about, so here it may. That an
// attribute is immutable does not help: its value can be set on sign-up, which is
// when the rules are applied
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddCustomAttributes.html).
func mayWrite(c *types.UserPoolClientType, name string) bool {
	return !isServers(c) && (len(c.WriteAttributes) == 0 || slices.Contains(c.WriteAttributes, name))
}

// isServers reports whether nobody but a server signs users up or in through the
// client, and their tokens do not let them change attributes. What an identity
// provider's mapping fills has to be writable for the client, and is safe in such a
// one. SignUp takes the secret
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html),
// UpdateUserAttributes that scope
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html),
// which a token of every flow but the managed login's has.
func isServers(c *types.UserPoolClientType) bool {
	signsIn := len(c.ExplicitAuthFlows) == 0 || slices.ContainsFunc(c.ExplicitAuthFlows, func(f types.ExplicitAuthFlowsType) bool {
		return f != types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth
	})
	return aws.ToString(c.ClientSecret) != "" && !signsIn && !slices.Contains(c.AllowedOAuthScopes, adminScope)
}

const adminScope = "aws.cognito.signin.user.admin"

// mendWritable has no command, because UpdateUserPoolClient resets what a call leaves
// out
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html).
func mendWritable(k *stack, c *types.UserPoolClientType, name string) string {
	return "in the Cognito console, under Attribute permissions, take the write permission for " + strings.TrimPrefix(name, "custom:") +
		" away: " + poolConsole(k, "app-clients/"+aws.ToString(c.ClientId)) +
		" ; if an identity provider fills it, let its users come through a client with a secret, ALLOW_REFRESH_TOKEN_AUTH alone, and without the scope " + adminScope
}

func nameOf(c *types.UserPoolClientType) string {
	return aws.ToString(c.ClientName) + " (" + aws.ToString(c.ClientId) + ")"
}
