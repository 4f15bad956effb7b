package cost_test

const intro = `# What a million onboardings cost

Made from template.yaml, onboarding.asl.json and the prices in package cost by ` + "`make docs`" + `.
Calls and log lines are measured: a test runs the real functions and writes what it sees
into cost/usage.json. How long an invocation takes is assumed, see the end. Prices are
those of us-east-1 in November 2026, as far as the [table of prices](#the-prices) says, without
free tiers and taxes.

**$%.0f for a million users**: mail is $%.0f of it, state transitions $%.0f, all of Lambda
$%.2f. Transitions are %.1f %% of the workflow's own cost, so a state saved is worth more
than anything that can be done about the speed or the memory of the functions.

| used | for a million users | cost | 1 %% retried | 10 %% retried |
|---|---|---|---|---|
`

const afterUses = `
*Retried*: each step of each user fails once with this probability, because AWS throttles
the last call of its function; the retry does it. So often, too, the start of an execution
fails in the trigger, is put into the queue, and is made from there. A failed attempt costs
a transition, an invocation with the SDK's own repeats, its log lines, and in
SendWelcomeEmail the claim of the delivery and its release. What AWS throttles it does not
bill. Longer trouble is in [RETRIES.md](RETRIES.md).

No step reads a table: the writes have conditions instead. Logs are counted with Lambda's
two lines for each invocation, and kept as long as the template says, uncompressed. X-Ray
records the first trace of each second and 5 %% of the others, %.0f %% of the users here, who
come evenly over a month, and %.0f %% if they come in one day.
`

const month = `
## By the month

Paid by the month and not by the user, so not in the table above:

| what | cost |
|---|---|
| the functions' metrics: %.0f if all goes well, $0.30 each ([package metrics](metrics/metrics.go)) | %s |
| at most %.0f, had everything happened that can | %s |
| %.0f metrics in alarms, and the key of their topic ([RUNBOOK.md](RUNBOOK.md#what-the-alarms-cost)) | %s + %s |
| Lambda asks the empty queue of deferred starts %s times | %s |

Not part of this: Cognito's monthly active users, which have their own price however they
are onboarded, storage of the two tables (two items of less than 1 KB a user), the dashboard
if the account has more than three, and data transfer, of which there is none out of the
Region.
`

const waysIntro = `
## Other ways to build it

What orchestration and Lambda cost for a million users; mail, tables, events and logs
are about the same in all.

| built as | billed for one user | cost | 1 % retried | 10 % retried | what it gives up |
|---|---|---|---|---|---|
`

const waysNotes = `
A Parallel state counts as one transition and each state in its branches as one
([AWS: each time a step of your workflow is executed](https://aws.amazon.com/step-functions/pricing/)),
so it can only add. Express is billed for requests and for duration, in steps of 100 ms and
64 MB, the wait before a retry included. A durable function is billed for its start and each
step; that a failed attempt counts as another is assumed, and what it keeps, 1 GB at $0.15 a
month, is left out.

Whether AWS counts the start of an execution as a transition of its own is not clear: the
definition above says no, while a reader of the price page in 2026 quotes it as counting the
Start and End nodes of the graph. If so, every Standard workflow costs $25 or $50 more for a
million users. ` + "`USE1-StateTransition`" + ` in Cost Explorer, divided by the executions
started, tells.
`

const statesIntro = `
## What each transition buys

%s states at %s for a million users each. One is worth having only if its retries, its
waiting or its permissions must not be those of a neighbour:

`

// reasons say what a state is for that it could not do as part of a neighbour.
var reasons = map[string]string{
	"AddUserToGroup": "runs first and alone, because the user signs in within a second and needs the group in the token. " +
		"Cognito changes 25 groups a second and throttles the rest of a burst for hours; as part of SaveProfile each of those retries would read the user again, from a quota that the whole account shares. " +
		"No other function may change groups.",
	"SaveProfile": "is over in milliseconds when SendWelcomeEmail may wait a day. " +
		"In one state with the mail, each retry of the mail, of which a burst needs several for a user, would write the profile again. " +
		"What the two share, reading the user, would save one call, which is free.",
	"SendWelcomeEmail": "is the only effect that cannot be repeated without harm, so it has a state, a time-out and a delivery record of its own, " +
		"and the wait for SES's quota of 24 hours holds nothing up but the event. An operator redrives it without repeating anything else.",
	"RecordAnalytics": "tells how all others ended, so it comes after the mail. " +
		"As part of SendWelcomeEmail, an error of EventBridge would run a step again whose mail is out. " +
		"It is the first to do without if $25 matter: Step Functions itself puts an event on the bus when an execution ends, for nothing. " +
		"But that one comes [at best effort](https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html), where PutEvents is retried for days, and its form is AWS's, with the output as text.",
}

const prices = `
## The prices

| unit | price | page | seen |
|---|---|---|---|
`

const assumptions = `
No price page could be opened when this was written. *A copy of AWS's page* is a stored copy
of the page itself; *quoted by others* means published lists of 2026 that agree with what is
known. The dashboard counts with the same prices, and a test compares them.

## What is assumed

Durations are not measured here yet: %d ms for each AWS call, repeats included, and %d ms for
the rest of an invocation; %g %% of the invocations are cold starts of %d ms. If
all took ten times as long, the GB-seconds would cost %[6]s instead of %[5]s, and transitions
still be %.1[7]f %% of the workflow's own cost. An Express workflow takes %[8]d ms more for each
state, and %[9]d MB. A durable function writes %[10]g KB for a user. The users come evenly over
%[11]d days. CloudWatch counts %[12]d bytes for a log line besides its text.
`
