package record_test

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/truora/minidyn/aws-v2/client"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/record"
)

const user = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

func emptyTable(t *testing.T) (record.Table, *client.Client) {
	t.Helper()
	db := client.NewClient()
	if err := client.AddTable(t.Context(), db, "records", record.KeyName, ""); err != nil {
		t.Fatal(err)
	}
	return record.Table{API: db, Name: "records"}, db
}

func get(t *testing.T, table record.Table) record.Record {
	t.Helper()
	r, err := table.Get(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecordTellsWhatAUserWasGiven(t *testing.T) {
	table, _ := emptyTable(t)
	if r := get(t, table); r.Exists() || r.Onboarded() {
		t.Errorf("before: %+v", r)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)
	first := record.Step{
		Status: statemachine.StatusSkipped, Reason: "not verified", Until: statemachine.UntilVerified,
		Result: json.RawMessage(`{"status":"skipped"}`), Execution: user, At: at,
	}
	last := record.Step{Status: statemachine.StatusDone, Result: json.RawMessage(`{"status":"done"}`), Execution: user, At: at.Add(time.Second)}
	for state, s := range map[string]record.Step{"First": first, "Last": last} {
		if r := get(t, table); r.Onboarded() {
			t.Errorf("onboarded before the last state: %+v", r)
		}
		if err := table.StepEnded(t.Context(), user, state, s, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.StepEnded(t.Context(), user, "Last", last, true); err != nil {
		t.Fatal(err)
	}
	want := record.Record{Steps: map[string]record.Step{"First": first, "Last": last}, OnboardedAt: last.At}
	if r := get(t, table); !reflect.DeepEqual(r, want) || !r.Exists() || !r.Onboarded() {
		t.Errorf("got\n%+v, want\n%+v", r, want)
	}
}

func TestItemOfAMailOnlyCounts(t *testing.T) {
	for _, member := range []string{"messageId", "attempt"} {
		table, db := emptyTable(t)
		item := record.KeyOf(user)
		item[member] = &types.AttributeValueMemberS{Value: "m-1"}
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Name, Item: item}); err != nil {
			t.Fatal(err)
		}
		if r := get(t, table); !r.Onboarded() {
			t.Errorf("%s alone: %+v is not onboarded", member, r)
		}
		// What a running execution adds is a record like any other.
		if err := table.StepEnded(t.Context(), user, "First", record.Step{Status: statemachine.StatusDone}, false); err != nil {
			t.Fatal(err)
		}
		if r := get(t, table); r.Onboarded() {
			t.Errorf("%s and a step: %+v is onboarded", member, r)
		}
	}
}

func TestMembersOfOtherTypesCountAsMissing(t *testing.T) {
	number := &types.AttributeValueMemberN{Value: "1"}
	r := record.Read(map[string]types.AttributeValue{
		"delivery": number, "messageId": number, "attempt": &types.AttributeValueMemberNULL{Value: true}, "onboardedAt": &types.AttributeValueMemberS{Value: "yesterday"},
		"First": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"status": number, "at": number}},
	})
	if want := (record.Record{Steps: map[string]record.Step{"First": {Result: json.RawMessage{}}}}); !reflect.DeepEqual(r, want) {
		t.Errorf("got %+v, want %+v", r, want)
	}
}

// seen is a DynamoDB that shows the reads.
type seen struct {
	record.API

	reads []*dynamodb.GetItemInput
}

func (s *seen) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	s.reads = append(s.reads, in)
	return s.API.GetItem(ctx, in, options...)
}

// A read that is behind would have a step do again what it did a moment ago.
func TestReadSeesTheLatestWrite(t *testing.T) {
	table, db := emptyTable(t)
	api := &seen{API: db}
	table.API = api
	get(t, table)
	if len(api.reads) != 1 || !aws.ToBool(api.reads[0].ConsistentRead) {
		t.Errorf("reads %+v, want a consistent one", api.reads)
	}
}
