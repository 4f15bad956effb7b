// Package redrive lists executions that stopped, and redrives those that are chosen.
package redrive

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// The parts of Step Functions' API that the command needs.
type (
	describeAPI interface {
		DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	}
	redriveAPI interface {
		RedriveExecution(context.Context, *sfn.RedriveExecutionInput, ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error)
	}
	executionsAPI interface {
		describeAPI
		redriveAPI
		sfn.ListExecutionsAPIClient
		sfn.GetExecutionHistoryAPIClient
	}
)
