// Package cost says what onboardings cost on AWS, from prices and from what an
// onboarding uses of each service. That follows from the project: the transitions from
// the definition, memory from template.yaml, calls and log lines from
// the measured usage. How long an invocation takes is an assumption: see CallMillis.
package cost

// Price is what AWS asks for so many units of something, in us-east-1, without free
// tier, volume discount and tax.
type Price struct {
	// What is the unit, as in "4 state transitions".
	What string
	// Dollars are asked for Per units.
	Dollars, Per float64
	// Page is AWS's page of the price, below https://aws.amazon.com/. None could be
	// opened in November 2026, when the prices were taken from copies and lists.
	Page string
}

// Of returns the dollars for so many units.
func (p Price) Of(units float64) float64 { return units / p.Per * p.Dollars }

// The prices of what an onboarding uses.
var (
	// Transition is the entry of a state, each retry and each redrive included.
	Transition = Price{"state transitions", 0.025, 1000, "step-functions/pricing/"}
	Request    = Price{"Lambda requests", 0.20, 1e6, "lambda/pricing/"}
	ArmSecond  = Price{"Lambda GB-seconds (arm64)", 13.3334, 1e6, "lambda/pricing/"}
	Mail       = Price{"mails (SES)", 0.10, 1000, "ses/pricing/"}
	Write      = Price{"table writes (DynamoDB)", 0.625, 1e6, "dynamodb/pricing/on-demand/"}
	Read       = Price{"table reads (DynamoDB)", 0.125, 1e6, "dynamodb/pricing/on-demand/"}
	Event      = Price{"events (EventBridge)", 1, 1e6, "eventbridge/pricing/"}
	QueueCall  = Price{"queue requests (SQS)", 0.40, 1e6, "sqs/pricing/"}
	LogGB      = Price{"GB of logs written", 0.50, 1, "cloudwatch/pricing/"}
	LogGBMonth = Price{"GB-months of logs kept", 0.03, 1, "cloudwatch/pricing/"}
	Trace      = Price{"traces (X-Ray)", 5, 1e6, "xray/pricing/"}
)

// The prices of the month, whoever signs up.
var (
	Metric = Price{"custom metrics", 0.30, 1, "cloudwatch/pricing/"}
	Alarm  = Price{"metrics in alarms", 0.10, 1, "cloudwatch/pricing/"}
	Key    = Price{"KMS keys", 1, 1, "kms/pricing/"}
)

// Prices are those of what an onboarding uses, in the order of the table.
func Prices() []Price {
	return []Price{Transition, Request, ArmSecond, Mail, Write, Read, Event, QueueCall, LogGB, LogGBMonth, Trace}
}

// What is assumed of durations. Lambda bills an invocation by the millisecond, the
// start-up of a new environment included
// (https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/).
const (
	// CallMillis is how long one AWS call in the Region takes, answer included.
	CallMillis = 15
	// CPUMillis is the rest of an invocation of one function.
	CPUMillis = 2
	// ColdStarts is the part of the invocations that start a new environment.
	ColdStarts = 0.01
	// InitMillis is how long that takes.
	InitMillis = 100
)

// SpreadDays is the time in which the users sign up, evenly: X-Ray's sampling depends
// on it.
const SpreadDays = 30

// What CloudWatch Logs counts besides what the functions print, and how many days the
// template keeps it.
const (
	logDays   = 90
	eventDays = 400
	// lineBytes are counted for a line besides its text, as PutLogEvents does
	// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html).
	lineBytes = 26
	// platformBytes are those of the two lines that Lambda itself logs of an
	// invocation, the start and the report with a trace, with LogFormat JSON and the
	// level INFO
	// (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html).
	platformBytes = 139 + 405
	// failureBytes are those of the line that Step Functions logs of an attempt that
	// failed, with the level ERROR and without execution data
	// (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html).
	failureBytes = 354
)
