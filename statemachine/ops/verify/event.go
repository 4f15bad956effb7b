package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

type logsAPI interface {
	StartQuery(context.Context, *cloudwatchlogs.StartQueryInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.StartQueryOutput, error)
	GetQueryResults(context.Context, *cloudwatchlogs.GetQueryResultsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetQueryResultsOutput, error)
}

// checkEvent asks Logs Insights for the event of the user, until it has it.
func checkEvent(ctx context.Context, api logsAPI, group, sub string, since time.Time, p patience) (seen string, err error) {
	query := `fields @timestamp, @message | filter detail.sub = "` + sub + `" | sort @timestamp desc | limit 20`
	found, err := p.until(ctx, func() (bool, error) {
		rows, err := runQuery(ctx, api, group, query, since)
		for _, row := range rows {
			if kind := eventOf(row, sub); kind != "" {
				seen = kind
				return true, nil
			}
		}
		return false, err
	})
	if err == nil && !found {
		err = fmt.Errorf("the event is not in Logs Insights within %s", p.wait)
	}
	return seen, err
}

func runQuery(ctx context.Context, api logsAPI, group, query string, since time.Time) ([][]types.ResultField, error) {
	started, err := api.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{
		LogGroupName: &group, QueryString: &query,
		StartTime: aws.Int64(since.Add(-time.Minute).Unix()), EndTime: aws.Int64(time.Now().Add(time.Minute).Unix()),
	})
	if err != nil {
		return nil, fmt.Errorf("start the query: %w", err)
	}
	var out *cloudwatchlogs.GetQueryResultsOutput
	ended, err := patience{time.Minute, time.Second}.until(ctx, func() (bool, error) {
		var err error
		if out, err = api.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId}); err != nil {
			return false, fmt.Errorf("get the results of the query: %w", err)
		}
		return out.Status != types.QueryStatusScheduled && out.Status != types.QueryStatusRunning, nil
	})
	if err == nil && (!ended || out.Status != types.QueryStatusComplete) {
		err = fmt.Errorf("the query is %s", out.Status)
	}
	if err != nil {
		return nil, err
	}
	return out.Results, nil
}

// eventOf returns the detail-type of an event of the user; empty if a row is none.
func eventOf(row []types.ResultField, sub string) string {
	for _, field := range row {
		var event struct {
			DetailType string `json:"detail-type"`
			Detail     struct{ Sub string }
		}
		if aws.ToString(field.Field) == "@message" && json.Unmarshal([]byte(aws.ToString(field.Value)), &event) == nil && event.Detail.Sub == sub {
			return event.DetailType
		}
	}
	return ""
}
