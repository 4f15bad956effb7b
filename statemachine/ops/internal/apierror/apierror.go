// Package apierror tells what it means that a call of AWS failed.
package apierror

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// prefixes are those of the actions in IAM policies, by the service's name in the
// SDK
// (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
var prefixes = map[string]string{
	"CloudFormation": "cloudformation", "CloudWatch": "cloudwatch", "CloudWatch Logs": "logs", "Cognito Identity Provider": "cognito-idp",
	"DynamoDB": "dynamodb", "EventBridge": "events", "IAM": "iam", "Lambda": "lambda", "SESv2": "ses", "SFN": "states", "SNS": "sns",
	"SQS": "sqs", "XRay": "xray",
}

// DeniedAction returns the action that the caller is not allowed; empty if that is
// not what went wrong. Of the operations used here, each has the name of its
// action.
func DeniedAction(err error) string {
	api, isAPI := errors.AsType[smithy.APIError](err)
	operation, isOperation := errors.AsType[*smithy.OperationError](err)
	if !isAPI || !isOperation || !strings.HasPrefix(api.ErrorCode(), "AccessDenied") && api.ErrorCode() != "AuthorizationError" { // SNS says the latter
		return ""
	}
	return prefixes[operation.Service()] + ":" + operation.Operation()
}

// lackingCodes are the errors of an endpoint that does not have the operation.
var lackingCodes = []string{"UnknownOperationException", "UnknownOperation", "UnsupportedOperation", "InvalidAction", "NotImplemented", "NotImplementedException"}

// LackingOperation returns the operation that the endpoint does not have, as an AWS on
// this machine may lack some; empty if that is not what went wrong. A page without an
// error code, or a status that says it, is no answer of AWS to an operation that it has.
func LackingOperation(err error) string {
	operation, isOperation := errors.AsType[*smithy.OperationError](err)
	if !isOperation {
		return ""
	}
	name := operation.Service() + " " + operation.Operation()
	api, isAPI := errors.AsType[smithy.APIError](err)
	if isAPI && slices.Contains(lackingCodes, api.ErrorCode()) {
		return name
	}
	response, isResponse := errors.AsType[*smithyhttp.ResponseError](err)
	if !isResponse {
		return ""
	}
	status := response.HTTPStatusCode()
	named := isAPI && api.ErrorCode() != "" && !strings.HasPrefix(api.ErrorCode(), "Unknown")
	if status == http.StatusNotImplemented || status == http.StatusNotFound && !named {
		return name
	}
	return ""
}
