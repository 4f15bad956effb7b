// Package redrive lists executions that stopped, and redrives those that are chosen.
package redrive

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/internal/definition"
	"example.com/onboarding/statemachine/ops/internal/execution"
)

// The parts of Step Functions' API that the command needs.
type (
	redriveAPI interface {
		RedriveExecution(context.Context, *sfn.RedriveExecutionInput, ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error)
	}
	executionsAPI interface {
		definition.API
		execution.API
		redriveAPI
		sfn.ListExecutionsAPIClient
	}
)
