package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Adopted is an event of another pool that was made one of the local pool.
type Adopted struct {
	Event []byte
	// Sub and Email are those of the user, if one was made.
	Sub, Email string
}

// Adopt makes an event of any pool one of the local pool. Region, pool and app client
// are replaced where the event has them. A user with a sub and an address is made with
// the event's attributes, is confirmed, and takes the place of the event's, but for a
// federated one: of those the local pool has none. No trigger is invoked.
func (a *AWS) Adopt(ctx context.Context, event []byte) (Adopted, error) {
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.UseNumber()
	var e map[string]any
	if err := decoder.Decode(&e); err != nil {
		return Adopted{}, fmt.Errorf("the event is no JSON object: %w", err)
	}
	caller, _ := e["callerContext"].(map[string]any)
	request, _ := e["request"].(map[string]any)
	attributes, _ := request["userAttributes"].(map[string]any)
	renew(e, "region", Region)
	renew(e, "userPoolId", a.Stack.UserPoolID)
	renew(caller, "clientId", a.Stack.ClientID)
	var adopted Adopted
	if email, _ := attributes["email"].(string); email != "" && attributes["sub"] != nil && attributes["cognito:user_status"] != "EXTERNAL_PROVIDER" {
		username, sub, err := a.makeConfirmed(ctx, email, attributes)
		if err != nil {
			return Adopted{}, err
		}
		renew(e, "userName", username)
		renew(attributes, "sub", sub)
		adopted.Sub, adopted.Email = sub, email
	}
	var err error
	if adopted.Event, err = json.Marshal(e); err != nil {
		return Adopted{}, fmt.Errorf("marshal event: %w", err)
	}
	return adopted, nil
}

// renew sets a member that there is.
func renew(object map[string]any, name, value string) {
	if _, ok := object[name]; ok {
		object[name] = value
	}
}

// makeConfirmed makes a confirmed user with the attributes, as an administrator can.
func (a *AWS) makeConfirmed(ctx context.Context, email string, attributes map[string]any) (username, sub string, err error) {
	in := &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &email, MessageAction: types.MessageActionTypeSuppress,
	}
	for name, value := range attributes {
		if name != "sub" && !strings.HasPrefix(name, "cognito:") {
			in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: aws.String(name), Value: aws.String(fmt.Sprint(value))})
		}
	}
	made, err := a.cognito().AdminCreateUser(ctx, in)
	if err != nil {
		return "", "", fmt.Errorf("make the event's user: %w", err)
	}
	_, err = a.cognito().AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &a.Stack.UserPoolID, Username: made.User.Username, Password: aws.String("Correct-horse-7-battery"), Permanent: true,
	})
	if err != nil {
		return "", "", fmt.Errorf("confirm the event's user: %w", err)
	}
	for _, attribute := range made.User.Attributes {
		if *attribute.Name == "sub" {
			sub = *attribute.Value
		}
	}
	return *made.User.Username, sub, nil
}
