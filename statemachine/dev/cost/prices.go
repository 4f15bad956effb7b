// Package cost says what onboardings cost on AWS: prices, what an onboarding uses up of
// each service, and the same for other ways to build it. COST.md is made from it.
//
// What is used follows from three files: the transitions from the definition, memory,
// architecture and retention from template.yaml, the calls and the log lines of each
// function from usage.json, which a test measures with the real binaries. How long an
// invocation takes is an assumption: see CallMillis.
package cost

// Price is what AWS asks for so many units of something, in us-east-1, without free
// tier, volume discount and tax.
type Price struct {
	// What is the unit, as in "4 state transitions".
	What string
	// Dollars are asked for Per units.
	Dollars, Per float64
	// Page is AWS's page of the price, below https://aws.amazon.com/.
	Page string
	// Seen is how far the price was checked: see the constants.
	Seen Source
}

// Of returns the dollars for so many units.
func (p Price) Of(units float64) float64 { return units / p.Per * p.Dollars }

// Source is where a price was seen when this was written, in November 2026. No price
// page was open then, only copies.
type Source string

// The sources, the surest first.
const (
	Copied Source = "a copy of AWS's page"
	Quoted Source = "quoted by others in 2026"
	Known  Source = "from AWS's price page as known, not read again"
)

// The prices of what the workflow uses.
var (
	// Transition is the entry of a state, each retry and each redrive included. The
	// simulator and RETRIES.md count with it too.
	Transition = Price{"state transitions", 0.025, 1000, "step-functions/pricing/", Copied}
	Request    = Price{"Lambda requests", 0.20, 1e6, "lambda/pricing/", Quoted}
	ArmSecond  = Price{"Lambda GB-seconds (arm64)", 13.3334, 1e6, "lambda/pricing/", Quoted}
	X86Second  = Price{"Lambda GB-seconds (x86_64)", 16.6667, 1e6, "lambda/pricing/", Quoted}
	Mail       = Price{"mails (SES)", 0.10, 1000, "ses/pricing/", Quoted}
	Write      = Price{"table writes (DynamoDB)", 0.625, 1e6, "dynamodb/pricing/on-demand/", Known}
	Read       = Price{"table reads (DynamoDB)", 0.125, 1e6, "dynamodb/pricing/on-demand/", Known}
	Event      = Price{"events (EventBridge)", 1, 1e6, "eventbridge/pricing/", Known}
	LogGB      = Price{"GB of logs written", 0.50, 1, "cloudwatch/pricing/", Quoted}
	LogGBMonth = Price{"GB-months of logs kept", 0.03, 1, "cloudwatch/pricing/", Quoted}
	Trace      = Price{"traces (X-Ray)", 5, 1e6, "xray/pricing/", Copied}
	QueueCall  = Price{"queue requests (SQS)", 0.40, 1e6, "sqs/pricing/", Quoted}
)

// The prices of the month, whoever signs up.
var (
	Metric = Price{"custom metrics", 0.30, 1, "cloudwatch/pricing/", Quoted}
	Alarm  = Price{"metrics in alarms", 0.10, 1, "cloudwatch/pricing/", Known}
	Key    = Price{"KMS keys", 1, 1, "kms/pricing/", Known}
)

// The prices of other ways to build it.
var (
	ExpressRequest   = Price{"Express requests", 1, 1e6, "step-functions/pricing/", Quoted}
	ExpressSecond    = Price{"Express GB-seconds", 16.67, 1e6, "step-functions/pricing/", Quoted}
	DurableOperation = Price{"durable operations", 8, 1e6, "lambda/pricing/", Quoted}
	DurableGB        = Price{"GB of durable state written", 0.25, 1, "lambda/pricing/", Quoted}
)

// Running are the prices that a user costs, in the order of COST.md.
func Running() []Price {
	return []Price{Transition, Request, ArmSecond, X86Second, Mail, Write, Read, Event, LogGB, LogGBMonth, Trace, QueueCall}
}

// Monthly are the prices of the month.
func Monthly() []Price { return []Price{Metric, Alarm, Key} }

// Others are the prices of other ways to build it.
func Others() []Price {
	return []Price{ExpressRequest, ExpressSecond, DurableOperation, DurableGB}
}
