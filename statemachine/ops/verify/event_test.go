package verify

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

type query func() (*cloudwatchlogs.GetQueryResultsOutput, error)

func (query) StartQuery(context.Context, *cloudwatchlogs.StartQueryInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.StartQueryOutput, error) {
	return &cloudwatchlogs.StartQueryOutput{QueryId: aws.String("id")}, nil
}

func (f query) GetQueryResults(context.Context, *cloudwatchlogs.GetQueryResultsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetQueryResultsOutput, error) {
	return f()
}

func TestEventMustBeTheUsers(t *testing.T) {
	results := func(status types.QueryStatus, messages ...string) *cloudwatchlogs.GetQueryResultsOutput {
		out := &cloudwatchlogs.GetQueryResultsOutput{Status: status}
		for _, message := range messages {
			out.Results = append(out.Results, []types.ResultField{{Field: aws.String("@message"), Value: &message}})
		}
		return out
	}
	const own, other = `{"detail-type": "UserOnboarded", "detail": {"sub": "own"}}`, `{"detail-type": "UserOnboarded", "detail": {"sub": "other"}}`
	for name, test := range map[string]struct {
		out  *cloudwatchlogs.GetQueryResultsOutput
		err  error
		want string
	}{
		"found":        {results(types.QueryStatusComplete, other, "no JSON", own), nil, "ok: UserOnboarded"},
		"another's":    {results(types.QueryStatusComplete, other), nil, "FAILED: the event is not in Logs Insights"},
		"nothing":      {results(types.QueryStatusComplete), nil, "FAILED: the event is not in Logs Insights"},
		"query failed": {results(types.QueryStatusFailed), nil, "FAILED: the query is Failed"},
		"error":        {nil, opstest.APIError("ServiceUnavailable"), "FAILED: get the results"},
	} {
		want(t, name, outcome(t, func(ctx context.Context) (string, error) {
			return checkEvent(ctx, query(func() (*cloudwatchlogs.GetQueryResultsOutput, error) { return test.out, test.err }), "group", "own", opstest.Now, atOnce)
		}), test.want)
	}
}
