package pooltrigger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// wholePools makes a client of Cognito read and write the settings of a pool
// whole: it sends switches that are off, and refuses answers with settings that
// this version of the SDK does not know.
func wholePools(o *cognitoidentityprovider.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return errors.Join(
			stack.Serialize.Add(middleware.SerializeMiddlewareFunc("SendSwitches", sendSwitches), middleware.After),
			stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("RefuseUnknown", refuseUnknown), middleware.After),
		)
	})
}

// switches are the paths of all switches in the calls that write a pool's settings.
// The SDK leaves a switch out when it is off, and that is not the same: Cognito
// remembers devices if any value of DeviceConfiguration is given, and both off
// means "always remember"
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeviceConfigurationType.html,
// https://github.com/lgallard/terraform-aws-cognito-user-pool/issues/124).
var switches = []string{
	"AdminCreateUserConfig.AllowAdminCreateUserOnly",
	"DeviceConfiguration.ChallengeRequiredOnNewDevice",
	"DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt",
	"Policies.PasswordPolicy.RequireLowercase",
	"Policies.PasswordPolicy.RequireNumbers",
	"Policies.PasswordPolicy.RequireSymbols",
	"Policies.PasswordPolicy.RequireUppercase",
	"SoftwareTokenMfaConfiguration.Enabled",
}

// sendSwitches adds the switches that are off, in objects that are there.
func sendSwitches(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
	switch in.Parameters.(type) {
	case *cognitoidentityprovider.UpdateUserPoolInput, *cognitoidentityprovider.SetUserPoolMfaConfigInput:
		var err error
		if in.Request, err = withSwitches(in.Request); err != nil {
			return middleware.SerializeOutput{}, middleware.Metadata{}, err
		}
	}
	return next.HandleSerialize(ctx, in) //nolint:wrapcheck // as it came
}

func withSwitches(request any) (*smithyhttp.Request, error) {
	req, ok := request.(*smithyhttp.Request)
	if !ok {
		return nil, fmt.Errorf("a request of type %T", request)
	}
	decoder := json.NewDecoder(req.GetStream())
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil {
		return nil, fmt.Errorf("decode the request: %w", err)
	}
	for _, path := range switches {
		names := strings.Split(path, ".")
		object, last := body, len(names)-1
		for _, name := range names[:last] {
			object, _ = object[name].(map[string]any)
		}
		if _, sent := object[names[last]]; object != nil && !sent {
			object[names[last]] = false
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("marshal the request: %w", err)
	}
	req, err = req.SetStream(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("set the request's body: %w", err)
	}
	return req, nil
}

// descriptions are the types of the answers that describe a pool's settings.
var descriptions = map[string]reflect.Type{
	"DescribeUserPool":     reflect.TypeFor[cognitoidentityprovider.DescribeUserPoolOutput](),
	"GetUserPoolMfaConfig": reflect.TypeFor[cognitoidentityprovider.GetUserPoolMfaConfigOutput](),
}

// refuseUnknown fails a call whose answer has members that the SDK would drop: a
// setting that Cognito has got since then would be lost without a trace.
func refuseUnknown(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	description, ok := descriptions[middleware.GetOperationName(ctx)]
	resp, isHTTP := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok || !isHTTP || resp.StatusCode != http.StatusOK {
		return out, metadata, err //nolint:wrapcheck // as it came
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return out, metadata, fmt.Errorf("read the answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var members any
	if json.Unmarshal(body, &members) == nil { // if not, the SDK says why
		if found := unknownMembers("", members, description); len(found) > 0 {
			slices.Sort(found)
			return out, metadata, fmt.Errorf("the user pool has settings that this version of ops does not know and would reset: %s; "+
				"build it with a later github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider, or set the trigger in the Cognito console", strings.Join(found, ", "))
		}
	}
	return out, metadata, nil
}

// unknownMembers returns the paths of the members that the type has no field for.
func unknownMembers(path string, value any, t reflect.Type) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var found []string
	switch value := value.(type) {
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return nil
		}
		for name, member := range value {
			field, known := t.FieldByName(name)
			if !known && member != nil {
				found = append(found, path+name)
			} else if known {
				found = append(found, unknownMembers(path+name+".", member, field.Type)...)
			}
		}
	case []any:
		for _, element := range value {
			found = append(found, unknownMembers(path, element, t.Elem())...)
		}
	}
	return found
}
