package local

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/internal/lambda"
)

const stackName = "onboarding"

// Stack has the names of what was deployed.
type Stack struct {
	UserPoolID, ClientID string
	StateMachineARN      string
	AnalyticsLogGroup    string
	// FunctionLogGroup is the log group of all functions.
	FunctionLogGroup string
	ProfileTable     string
	RecordTable      string
	TriggerARN       string
	AlarmTopicARN    string
	SenderEmail      string
	// Dropped are the fields of the definition that the engine does not know
	// and that were left out for it.
	Dropped []string
}

// deploy deploys template.yaml as CloudFormation would, with detours around what
// moto lacks: the pool is made by API call from the template's own properties
// and handed to the stack as an existing one; state machines are made again by API call,
// because moto does not run one that its CloudFormation made; queues are polled here.
// The sweep's schedule is not kept: what it starts can be started by API call.
func (a *AWS) deploy(ctx context.Context, t template, built builds) error {
	parameters := a.parameters(t)
	if err := a.verifySender(ctx, parameters["SenderEmail"]); err != nil {
		return err
	}
	if err := a.makePool(ctx, t, parameters["DefaultGroup"]); err != nil {
		return err
	}
	a.Stack.SenderEmail = parameters["SenderEmail"]
	parameters["ExistingUserPoolId"] = a.Stack.UserPoolID
	if err := a.makeStack(ctx, t, parameters); err != nil {
		return err
	}
	physical, err := a.physicalIDs(ctx)
	if err != nil {
		return err
	}
	a.template, a.names = t, physical
	if err := a.registerFunctions(ctx, t, parameters["LogLevel"], built); err != nil {
		return err
	}
	a.shipLogs(physical["FunctionLogGroup"])
	if err := a.makeStateMachines(ctx, t); err != nil {
		return err
	}
	if err := a.mapQueues(t, physical); err != nil {
		return err
	}
	return a.setTriggers(ctx, t)
}

func (a *AWS) parameters(t template) map[string]string {
	parameters := map[string]string{"SenderEmail": "welcome@onboarding.example"}
	for name, p := range t.Parameters {
		if p.Default != nil {
			parameters[name] = fmt.Sprint(p.Default) // text or a number
		}
	}
	maps.Copy(parameters, a.options.Parameters)
	return parameters
}

func (a *AWS) verifySender(ctx context.Context, sender string) error {
	_, err := ses.NewFromConfig(a.Config()).VerifyEmailIdentity(ctx, &ses.VerifyEmailIdentityInput{EmailAddress: &sender})
	if err != nil {
		return fmt.Errorf("verify the sender: %w", err)
	}
	return nil
}

func (a *AWS) makeStack(ctx context.Context, t template, parameters map[string]string) error {
	body, err := t.forStack("AWS::Lambda::EventSourceMapping")
	if err != nil {
		return err
	}
	in := &cloudformation.CreateStackInput{
		StackName:    aws.String(stackName),
		TemplateBody: aws.String(body),
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	}
	for name := range t.Parameters {
		in.Parameters = append(in.Parameters, cfntypes.Parameter{
			ParameterKey: aws.String(name), ParameterValue: aws.String(parameters[name]),
		})
	}
	stacks := cloudformation.NewFromConfig(a.Config())
	if _, err := stacks.CreateStack(ctx, in); err != nil {
		return fmt.Errorf("make the stack: %w", err)
	}
	return a.readOutputs(ctx, stacks)
}

func (a *AWS) readOutputs(ctx context.Context, stacks *cloudformation.Client) error {
	out, err := stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)})
	if err != nil {
		return fmt.Errorf("describe the stack: %w", err)
	}
	if len(out.Stacks) != 1 || out.Stacks[0].StackStatus != cfntypes.StackStatusCreateComplete {
		return errors.New("the stack was not made")
	}
	outputs := make(map[string]string)
	a.triggers = make(map[string]string)
	for _, o := range out.Stacks[0].Outputs {
		outputs[*o.OutputKey] = aws.ToString(o.OutputValue)
		if trigger, ok := strings.CutPrefix(*o.OutputKey, triggerOutput); ok {
			a.triggers[trigger] = *o.OutputValue
		}
	}
	a.Stack.AnalyticsLogGroup = outputs["AnalyticsLogGroupName"]
	a.Stack.ProfileTable = outputs["ProfileTableName"]
	a.Stack.RecordTable = outputs["RecordTableName"]
	a.Stack.TriggerARN = outputs["TriggerFunctionArn"]
	a.Stack.AlarmTopicARN = outputs["AlarmTopicArn"]
	return nil
}

func (a *AWS) physicalIDs(ctx context.Context) (map[string]string, error) {
	out, err := cloudformation.NewFromConfig(a.Config()).DescribeStackResources(ctx,
		&cloudformation.DescribeStackResourcesInput{StackName: aws.String(stackName)})
	if err != nil {
		return nil, fmt.Errorf("describe the stack's resources: %w", err)
	}
	ids := make(map[string]string)
	for _, r := range out.StackResources {
		ids[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
	}
	return ids, nil
}

// patience is the variable that says how long the receipt of a mail is waited for.
const patience = "RECEIPT_PATIENCE"

// registerFunctions makes the gateway run each function of the stack, with the
// time-out and the environment that the stack gives it, and the log level.
func (a *AWS) registerFunctions(ctx context.Context, t template, logLevel string, built builds) error {
	folders, err := t.functions()
	if err != nil {
		return err
	}
	client := lambdaclient.NewFromConfig(a.Config())
	for id, folder := range folders {
		f, err := client.GetFunctionConfiguration(ctx,
			&lambdaclient.GetFunctionConfigurationInput{FunctionName: aws.String(a.names[id])})
		if err != nil {
			return fmt.Errorf("configuration of %s: %w", id, err)
		}
		environment := map[string]string{
			"AWS_REGION":         Region,
			"AWS_DEFAULT_REGION": Region,
			"AWS_ENDPOINT_URL":   a.Endpoint,
			// The key tells the gateway which function makes a call.
			"AWS_ACCESS_KEY_ID":     id,
			"AWS_SECRET_ACCESS_KEY": "local",
			// moto drops the LoggingConfig.
			"AWS_LAMBDA_LOG_FORMAT": "JSON",
			"AWS_LAMBDA_LOG_LEVEL":  logLevel,
		}
		if f.Environment != nil {
			maps.Copy(environment, f.Environment.Variables)
		}
		if environment[patience] != "" && a.options.FastRetries {
			environment[patience] = "2s"
		}
		timeout := time.Duration(aws.ToInt32(f.Timeout)) * time.Second
		if limit := a.options.FunctionTimeout; limit > 0 {
			timeout = min(timeout, limit)
		}
		a.functions.Register(lambda.Function{
			Name: a.names[id], ARN: *f.FunctionArn, Binary: built.binary(folder), Timeout: timeout,
			MemoryMB: int(aws.ToInt32(f.MemorySize)), Environment: environment,
		})
	}
	return nil
}

// makeStateMachines makes those of the template in the engine.
func (a *AWS) makeStateMachines(ctx context.Context, t template) error {
	a.Stack.StateMachineARN = a.names["OnboardingStateMachine"]
	var deployed []*sfn.DescribeStateMachineOutput
	for id, r := range t.Resources {
		if r.Type != "AWS::StepFunctions::StateMachine" {
			continue
		}
		out, err := sfn.NewFromConfig(a.backendConfig()).DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(a.names[id])})
		if err != nil {
			return fmt.Errorf("describe %s: %w", id, err)
		}
		deployed = append(deployed, out)
	}
	if err := a.moto.runExecutions(ctx); err != nil {
		return err
	}
	for _, machine := range deployed {
		if err := a.makeStateMachine(ctx, machine); err != nil {
			return err
		}
	}
	return nil
}

func (a *AWS) makeStateMachine(ctx context.Context, deployed *sfn.DescribeStateMachineOutput) error {
	machines := sfn.NewFromConfig(a.Config())
	d, err := parseDefinition(*deployed.Definition)
	if err != nil {
		return err
	}
	if a.options.FastRetries {
		d.hurryRetries()
	}
	in := &sfn.CreateStateMachineInput{Name: deployed.Name, RoleArn: deployed.RoleArn, Definition: aws.String(d.String())}
	made, err := machines.CreateStateMachine(ctx, in)
	if _, invalid := errors.AsType[*sfntypes.InvalidDefinition](err); invalid {
		a.Stack.Dropped = d.dropNewRetryFields()
		in.Definition = aws.String(d.String())
		made, err = machines.CreateStateMachine(ctx, in)
	}
	if err != nil {
		return fmt.Errorf("make the state machine: %w", err)
	}
	if *made.StateMachineArn != *deployed.StateMachineArn {
		return fmt.Errorf("the engine made %s, and the stack has %s", *made.StateMachineArn, *deployed.StateMachineArn)
	}
	return nil
}
