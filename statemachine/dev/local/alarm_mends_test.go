package local_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.com/onboarding/statemachine/dev/local"
)

// follow runs a command that a section of the runbook has, as it stands there.
func follow(t *testing.T, a *local.AWS, section, command string) {
	t.Helper()
	if !slices.Contains(strings.Split(runbookSection(t, section), "\n"), command) {
		t.Fatalf("the runbook's section %s has no line %q", section, command)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", command)
	cmd.Dir = "../../.."
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+a.Endpoint, "AWS_REGION="+local.Region,
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", command, err)
	}
	t.Logf("$ %s\n%s", command, out)
}

// runbookSection returns the section with that anchor.
func runbookSection(t *testing.T, anchor string) string {
	t.Helper()
	text, err := os.ReadFile("../../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split(string(text), "\n### ")[1:] {
		if heading, _, _ := strings.Cut(section, "\n"); strings.ReplaceAll(strings.ToLower(heading), " ", "-") == anchor {
			return section
		}
	}
	t.Fatalf("the runbook has no section %s", anchor)
	return ""
}

// startGivenUp has the queue give a start up after two tries, instead of those of a
// day. The mend moves the message back, as the runbook's start-message-move-task
// does, which moto does not know.
func startGivenUp(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	restore := setTries(t, a, "2")
	u, remove := confirmWhile(t, a, jsonError(400, "AccessDeniedException"), "StartExecution")
	return func(t *testing.T) {
		t.Helper()
		remove()
		restore()
		client, to := sqs.NewFromConfig(a.Config()), a.PhysicalID("DeferredStartQueue")
		for _, m := range drain(t, a, a.PhysicalID("DeferredStartDeadLetterQueue")) {
			if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &to, MessageBody: m.Body}); err != nil {
				t.Fatal(err)
			}
		}
		checkOnboarded(t, a, u)
	}
}

var maxReceiveCount = regexp.MustCompile(`("maxReceiveCount": ?)"?\d+"?`)

// setTries sets how often the queue hands out a message before it gives it up.
func setTries(t *testing.T, a *local.AWS, n string) (restore func()) {
	t.Helper()
	const policy = sqstypes.QueueAttributeNameRedrivePolicy
	client, queue := sqs.NewFromConfig(a.Config()), a.PhysicalID("DeferredStartQueue")
	before, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []sqstypes.QueueAttributeName{policy},
	})
	if err != nil {
		t.Fatal(err)
	}
	set := func(text string) {
		if _, err := client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
			QueueUrl: &queue, Attributes: map[string]string{string(policy): text},
		}); err != nil {
			t.Fatal(err)
		}
	}
	is := before.Attributes[string(policy)]
	if !maxReceiveCount.MatchString(is) {
		t.Fatalf("redrive policy %s", is)
	}
	set(maxReceiveCount.ReplaceAllString(is, "${1}"+n))
	return func() { set(is) }
}

// drain takes all messages out of a queue.
func drain(t *testing.T, a *local.AWS, url string) []sqstypes.Message {
	t.Helper()
	client := sqs.NewFromConfig(a.Config())
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range out.Messages {
		if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			t.Fatal(err)
		}
	}
	if len(out.Messages) == 0 {
		t.Fatalf("no message in %s", url)
	}
	return out.Messages
}

// eventUndelivered puts a user's event where EventBridge puts one that it cannot
// deliver; moto's EventBridge does not do so.
func eventUndelivered(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	needsStep(t, analyticsState)
	u := signUp(t, a)
	confirm(t, a, u)
	events, err := a.Events(t.Context(), u.sub)
	if err != nil {
		t.Fatal(err)
	}
	queue := a.PhysicalID("AnalyticsDeadLetterQueue")
	if _, err := sqs.NewFromConfig(a.Config()).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &events[0]}); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) {
		t.Helper()
		drain(t, a, queue)
	}
}
