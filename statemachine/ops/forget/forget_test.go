package forget

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

const sub = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

// world notes what was called, and fails at the call of that name.
type world struct {
	calls  []string
	fail   map[string]error
	event  types.PutEventsRequestEntry
	refuse *string
}

func (w *world) called(name string) error {
	w.calls = append(w.calls, name)
	return w.fail[name]
}

func (w *world) AdminDeleteUser(context.Context, *cognito.AdminDeleteUserInput, ...func(*cognito.Options)) (*cognito.AdminDeleteUserOutput, error) {
	return nil, w.called("user")
}

func (w *world) StopExecution(_ context.Context, in *sfn.StopExecutionInput, _ ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error) {
	if *in.Error != execution.ErrorForgotten {
		return nil, errors.New("redrive would not leave it out")
	}
	return nil, w.called("stop")
}

func (w *world) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return nil, w.called(*in.TableName)
}

func (w *world) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	w.event = in.Entries[0]
	return &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{ErrorCode: w.refuse}}}, w.called("event")
}

func (w *world) forgetter() Forgetter {
	return Forgetter{
		stack: person.Stack{Pool: opstest.PoolID, Records: "record", Profiles: "profile"},
		users: w, executions: w, items: w, events: w, now: func() time.Time { return opstest.Now },
	}
}

func whole() *person.Person {
	return &person.Person{
		Key: sub, User: &person.User{Username: "jane@example.com", Email: "jane@example.com"}, HasProfile: true, Record: record.Record{MessageID: "m"},
		Executions: []execution.Execution{{ARN: "arn", Name: sub, Status: "RUNNING"}, {ARN: "arn", Name: "other", Status: "FAILED"}},
	}
}

func TestTheRecordIsDeletedLast(t *testing.T) {
	order := []string{"user", "stop", "profile", "event", "record"}
	w := new(world)
	if done, err := w.forgetter().Forget(t.Context(), whole()); err != nil || !slices.Equal(w.calls, order) || len(done) != len(order) {
		t.Errorf("did %q by %q, %v; want %q", done, w.calls, err, order)
	}
	for i, name := range order {
		w := &world{fail: map[string]error{name: opstest.APIError("AccessDeniedException")}}
		done, err := w.forgetter().Forget(t.Context(), whole())
		if err == nil || len(done) != i || !slices.Equal(w.calls, order[:i+1]) || strings.Contains(err.Error(), "jane") {
			t.Errorf("with %s failing it did %q by %q, %v", name, done, w.calls, err)
		}
	}
	refused := "InternalFailure"
	w = &world{refuse: &refused}
	if _, err := w.forgetter().Forget(t.Context(), whole()); err == nil || slices.Contains(w.calls, "record") {
		t.Errorf("with the event refused it did %q, %v", w.calls, err)
	}
}

func TestUserWhoIsGoneMeanwhileIsNoFailure(t *testing.T) {
	w := &world{fail: map[string]error{"user": &cognitotypes.UserNotFoundException{}}}
	if done, err := w.forgetter().Forget(t.Context(), whole()); err != nil || len(done) != 5 {
		t.Errorf("did %q, %v", done, err)
	}
}

func TestWhomNothingIsKnownOfNothingIsToldOf(t *testing.T) {
	w := new(world)
	if done, err := w.forgetter().Forget(t.Context(), &person.Person{Key: sub}); err != nil || len(done)+len(w.calls) > 0 {
		t.Errorf("did %q, %v", done, err)
	}
}

func TestEventFitsItsSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("userforgotten.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	w := new(world)
	if _, err := w.forgetter().Forget(t.Context(), whole()); err != nil {
		t.Fatal(err)
	}
	detail := opstest.Decode[map[string]any](t, *w.event.Detail)
	if err := schema.Validate(detail); err != nil || *w.event.Source != Source || *w.event.DetailType != DetailType {
		t.Errorf("%s %s %v: %v", *w.event.Source, *w.event.DetailType, detail, err)
	}
	if detail["sub"] = "jane@example.com"; schema.Validate(detail) == nil {
		t.Error("the schema takes an address for a sub")
	}
	if strings.Contains(*w.event.Detail, "jane") {
		t.Errorf("the event has personal data: %s", *w.event.Detail)
	}
}

func TestReportSaysWhatRemainsAndNamesNobody(t *testing.T) {
	k := person.Stack{Name: "onboarding", LogDays: "30", HasAnalytics: true}
	s := opstest.NewSession(t)
	r := Report{User: sub, Done: plan(whole()), Remains: remains(k, whole(), opstest.Now), Again: true}
	r.print(s.Session, k)
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	out := s.Out.String()
	for _, part := range []string{"running execution " + sub, "2026-06-29", "2026-05-05", "30 days after", "2027-05-05", "go run ./statemachine/ops forget " + sub} {
		if !strings.Contains(out, part) {
			t.Errorf("it does not say %q", part)
		}
	}
	if strings.Contains(out+string(encoded), "jane") {
		t.Error("it has personal data")
	}
	k.HasAnalytics = false
	if left := fmt.Sprint(remains(k, &person.Person{}, opstest.Now)); strings.Contains(left, "analytics") || strings.Contains(left, "executions: ") {
		t.Errorf("what there is not remains: %s", left)
	}
}

func TestAnalyticsAreKeptAsTheTemplateSays(t *testing.T) {
	template, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, group, found := strings.Cut(string(template), "\n  AnalyticsLogGroup:\n")
	days := regexp.MustCompile(`RetentionInDays: (\w+)`).FindStringSubmatch(group)
	if found && (days == nil || days[1] != strconv.Itoa(analyticsDays)) {
		t.Errorf("%q, want %d", days, analyticsDays)
	}
}
