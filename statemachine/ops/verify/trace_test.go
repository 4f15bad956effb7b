package verify

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// traced is an execution with a trace header, and the documents of the trace's segments.
type traced struct {
	header   string
	segments []string
}

func (x traced) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return &sfn.DescribeExecutionOutput{TraceHeader: &x.header}, nil
}

func (x traced) BatchGetTraces(context.Context, *xray.BatchGetTracesInput, ...func(*xray.Options)) (*xray.BatchGetTracesOutput, error) {
	var trace types.Trace
	for _, document := range x.segments {
		trace.Segments = append(trace.Segments, types.Segment{Document: &document})
	}
	return &xray.BatchGetTracesOutput{Traces: []types.Trace{trace}}, nil
}

func TestTraceMustHaveEachFunction(t *testing.T) {
	const id = "1-5759e988-bd862e3fe1be46a994272793"
	for name, test := range map[string]struct {
		traced
		want string
	}{
		"complete":    {traced{"Root=" + id + ";Parent=53995c3f42cd8ad8;Sampled=1", []string{`{"name": "step"}`, `{"name": "trigger"}`, `no JSON`}}, "ok: " + id + " with 2 functions"},
		"incomplete":  {traced{"Root=" + id + ";Sampled=1", []string{`{"name": "trigger"}`}}, "FAILED: the trace " + id + " lacks step after"},
		"not there":   {traced{"Root=" + id + ";Sampled=1", nil}, "FAILED: the trace " + id + " lacks trigger, step after"},
		"not sampled": {traced{"Root=" + id + ";Sampled=0", nil}, "not checked: X-Ray has not sampled"},
		"no trace":    {traced{}, "not checked: the execution was started without"},
	} {
		want(t, name, outcome(t, func(ctx context.Context) (string, error) {
			return checkTrace(ctx, test.traced, "arn", []string{"trigger", "step"}, atOnce)
		}), test.want)
	}
}
