package cost

// What is assumed of durations, to be replaced by what make bench measures. Lambda
// bills an invocation by the millisecond, the start-up of a new environment included
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
	// ExpressOverheadMillis is what an Express workflow takes to enter a state and
	// invoke its function, which Standard does not bill.
	ExpressOverheadMillis = 20
)

// What is assumed of sizes and rates.
const (
	// SpreadDays is the time in which the users sign up, evenly: a month. X-Ray's
	// sampling and Lambda's polling depend on it.
	SpreadDays = 30
	// PollsAMinute is how often Lambda asks an empty queue for messages: five
	// pollers, of which each waits 20 seconds
	// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html).
	PollsAMinute = 5 * 3
	// ExpressMB is the smallest memory that an Express workflow is billed for.
	ExpressMB = 64
	// DurableBytes is what a durable function would write down for one user: the
	// input and four results.
	DurableBytes = 1000
	// LineBytes is what CloudWatch counts for a line besides its text, as
	// PutLogEvents does
	// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html).
	LineBytes = 26
)

// What Lambda itself logs of each invocation with LogFormat JSON and the system log
// level INFO, as its guide shows it
// (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html).
const (
	platformStart = `{"time":"2026-03-01T12:00:00.123Z","type":"platform.start","record":{"requestId":"5b0c5b83-5d0c-4b6e-8a53-0c1b3e1f7a10","version":"$LATEST"}}`
	// platformReport has the trace, because the functions are traced.
	platformReport = `{"time":"2026-03-01T12:00:00.160Z","type":"platform.report","record":{"requestId":"5b0c5b83-5d0c-4b6e-8a53-0c1b3e1f7a10",` +
		`"metrics":{"durationMs":31.337,"billedDurationMs":32,"memorySizeMB":128,"maxMemoryUsedMB":31},` +
		`"tracing":{"spanId":"53995c3f42cd8ad8","type":"X-Amzn-Trace-Id","value":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:12345678:0"},"status":"success"}}`
)

// executionFailure is what Step Functions logs of an attempt that failed, with the
// level ERROR and without execution data
// (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html).
const executionFailure = `{"id":"5","type":"TaskFailed","details":{"resource":"invoke","resourceType":"lambda"},"previous_event_id":"4",` +
	`"event_timestamp":"1772366400123","execution_arn":"arn:aws:states:us-east-1:123456789012:execution:onboarding-OnboardingStateMachine-0123456789ab:` +
	`3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b","redrive_count":"0"}`
