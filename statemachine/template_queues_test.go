package statemachine_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine/start"
)

// cognitoWaits is how long Cognito waits for a trigger
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html).
const cognitoWaits = 5 * time.Second

// triggerAnswers is how long the trigger takes when all that it calls hangs: see
// TestAnswersInTimeWhenBothServicesHang in trigger/.
const triggerAnswers = 3500 * time.Millisecond

// longestRetention is the longest that SQS keeps a message
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html).
const longestRetention = 14 * 24 * time.Hour

// seconds is a duration that the template has in seconds.
type seconds int

func (s seconds) duration() time.Duration { return time.Duration(s) * time.Second }

// kept is the part of template.yaml that says how long things are waited for, repeated
// and kept.
type kept struct {
	Resources map[string]struct {
		Type                string `yaml:"Type"`
		DeletionPolicy      string `yaml:"DeletionPolicy"`
		UpdateReplacePolicy string `yaml:"UpdateReplacePolicy"`
		Properties          struct {
			Timeout           seconds `yaml:"Timeout"`
			VisibilityTimeout seconds `yaml:"VisibilityTimeout"`
			Retention         seconds `yaml:"MessageRetentionPeriod"`
			RedrivePolicy     struct {
				MaxReceiveCount int `yaml:"maxReceiveCount"`
			} `yaml:"RedrivePolicy"`
			BatchSize     int      `yaml:"BatchSize"`
			Responses     []string `yaml:"FunctionResponseTypes"`
			ScalingConfig struct {
				MaximumConcurrency int `yaml:"MaximumConcurrency"`
			} `yaml:"ScalingConfig"`
			DeletionProtection bool `yaml:"DeletionProtectionEnabled"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

func keptIn(t *testing.T) kept {
	t.Helper()
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var k kept
	if err := yaml.Unmarshal(text, &k); err != nil {
		t.Fatal(err)
	}
	return k
}

// What Cognito does not wait for must not go on: it would be paid, and the alarm
// TriggerErrors would not see it.
func TestTriggerEndsWhenCognitoGivesUp(t *testing.T) {
	if got := keptIn(t).Resources["TriggerFunction"].Properties.Timeout.duration(); got <= triggerAnswers || got > cognitoWaits {
		t.Errorf("the trigger may take %v, want more than %v, which it needs when services hang, and at most the %v that Cognito waits", got, triggerAnswers, cognitoWaits)
	}
}

func TestDeferredStartsAreRepeatedForADayAndThenKept(t *testing.T) {
	resources := keptIn(t).Resources
	queue, dead := resources["DeferredStartQueue"].Properties, resources["DeferredStartDeadLetterQueue"].Properties
	tried := time.Duration(queue.RedrivePolicy.MaxReceiveCount) * queue.VisibilityTimeout.duration()
	if tried < 24*time.Hour || tried > 25*time.Hour {
		t.Errorf("a start is repeated for %v, want a day, as README and RUNBOOK say", tried)
	}
	// In the dead-letter queue a message is still as old as when it was first sent
	// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html).
	if queue.Retention.duration() <= tried || dead.Retention < queue.Retention {
		t.Errorf("starts are kept for %v and, dead, for %v; they are repeated for %v", queue.Retention.duration(), dead.Retention.duration(), tried)
	}
}

func TestEachDeadLetterQueueKeepsForAsLongAsItCan(t *testing.T) {
	resources := keptIn(t).Resources
	for id, r := range resources {
		if r.Type == "AWS::SQS::Queue" && r.Properties.RedrivePolicy.MaxReceiveCount == 0 && r.Properties.Retention.duration() != longestRetention {
			t.Errorf("%s keeps what failed for %v, want %v", id, r.Properties.Retention.duration(), longestRetention)
		}
	}
}

func TestBatchOfDeferredStartsFitsIntoItsFunction(t *testing.T) {
	resources := keptIn(t).Resources
	mapping, function := resources["StartDeferredMapping"].Properties, resources["StartDeferredFunction"].Properties.Timeout
	if longest := time.Duration(mapping.BatchSize) * start.Budget; mapping.BatchSize < 1 || longest >= function.duration() {
		t.Errorf("%d starts take up to %v, their function %v", mapping.BatchSize, longest, function.duration())
	}
	// Else messages come again while they are handled: six times, says Lambda's guide
	// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
	if visible := resources["DeferredStartQueue"].Properties.VisibilityTimeout; visible < 6*function {
		t.Errorf("messages come again after %v, want six times the %v of their function", visible.duration(), function.duration())
	}
}

// Without the response type, Lambda takes a response that names failed messages for
// success, and deletes them all
// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
func TestOnlyFailedStartsComeAgain(t *testing.T) {
	if got := keptIn(t).Resources["StartDeferredMapping"].Properties.Responses; !slices.Equal(got, []string{"ReportBatchItemFailures"}) {
		t.Errorf("the responses of StartDeferred report %q, want the failures of a batch", got)
	}
}

// A backlog must leave most of StartExecution's quota to the trigger: in the smallest
// Regions a bucket of 800 that is refilled with 150 a second
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). A start
// takes some 20 ms, so that each function at work makes 50 a second.
func TestBacklogLeavesTheQuotaOfStartsToTheTrigger(t *testing.T) {
	const startsOfOne, refilled = 50, 150
	got := keptIn(t).Resources["StartDeferredMapping"].Properties.ScalingConfig.MaximumConcurrency
	if got < 2 || got*startsOfOne > refilled*2/3 { // Lambda takes none below 2
		t.Errorf("%d functions make deferred starts at once, want 2 to %d", got, refilled*2/3/startsOfOne)
	}
}

// TestUsersDataOutlivesTheStack finds a table or a pool that goes with a stack that is
// deleted, or with a change that replaces it.
func TestUsersDataOutlivesTheStack(t *testing.T) {
	for id, r := range keptIn(t).Resources {
		isTable := r.Type == "AWS::DynamoDB::Table"
		if !isTable && r.Type != "AWS::Cognito::UserPool" {
			continue
		}
		if r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" || isTable && !r.Properties.DeletionProtection {
			t.Errorf("%s: deleted %q, replaced %q, protected %t", id, r.DeletionPolicy, r.UpdateReplacePolicy, r.Properties.DeletionProtection)
		}
	}
}
