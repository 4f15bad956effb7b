package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"example.com/onboarding/statemachine/ops/internal/execution"
)

type tracesAPI interface {
	execution.DescribeAPI
	xray.BatchGetTracesAPIClient
}

// traces are the APIs that know of traces.
type traces struct {
	*sfn.Client
	xray.BatchGetTracesAPIClient
}

// checkTrace checks that the trace of the execution has a segment of each function, by
// its name. X-Ray samples the first request of a second, and some of the others.
func checkTrace(ctx context.Context, api tracesAPI, arn string, functions []string, p patience) (seen string, err error) {
	out, err := api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		return "", fmt.Errorf("describe the execution: %w", err)
	}
	id, sampled := parseTrace(aws.ToString(out.TraceHeader))
	switch {
	case id == "":
		return "", uncheckedError("the execution was started without a trace")
	case !sampled:
		return "", uncheckedError("X-Ray has not sampled the trace " + id)
	}
	var missing []string
	complete, err := p.until(ctx, func() (bool, error) {
		names, err := segments(ctx, api, id)
		missing = slices.DeleteFunc(slices.Clone(functions), func(f string) bool { return slices.Contains(names, f) })
		return len(missing) == 0, err
	})
	if err == nil && !complete {
		err = fmt.Errorf("the trace %s lacks %s after %s", id, strings.Join(missing, ", "), p.wait)
	}
	return fmt.Sprintf("%s with %d functions", id, len(functions)), err
}

// parseTrace reads a header such as Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1
// (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html).
func parseTrace(header string) (id string, sampled bool) {
	for part := range strings.SplitSeq(header, ";") {
		switch key, value, _ := strings.Cut(strings.TrimSpace(part), "="); key {
		case "Root":
			id = value
		case "Sampled":
			sampled = value == "1"
		}
	}
	return id, sampled
}

// segments returns the names of a trace's segments. That of a function is the function's
// (https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html).
func segments(ctx context.Context, api tracesAPI, id string) ([]string, error) {
	var names []string
	pages := xray.NewBatchGetTracesPaginator(api, &xray.BatchGetTracesInput{TraceIds: []string{id}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("get the trace: %w", err)
		}
		for _, trace := range page.Traces {
			for _, segment := range trace.Segments {
				var document struct{ Name string }
				if json.Unmarshal([]byte(aws.ToString(segment.Document)), &document) == nil {
					names = append(names, document.Name)
				}
			}
		}
	}
	return names, nil
}
