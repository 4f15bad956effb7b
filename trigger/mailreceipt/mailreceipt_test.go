package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	"github.com/truora/minidyn/aws-v2/client"

	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
)

const (
	user    = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"
	mailing = "8b1c3a52-0d4e-4f6a-8b9c-0d1e2f3a4b5c"
	mailID  = "0100018e1f2d3c4b-6a5b4c3d-1111-2222-3333-444455556666-000000"
)

// samples are the events in testdata.
var samples = []string{"event", "delay", "delivery", "bounce", "complaint"}

// world is what the function works with.
type world struct {
	records record.Table
	db      *client.Client
	// put are the details of the events by their detail types, and refused is the error
	// of the next calls.
	put     map[string][]string
	refused []error
	log     bytes.Buffer
}

// PutEvents implements EventsAPI.
func (w *world) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if len(w.refused) > 0 {
		err := w.refused[0]
		w.refused = w.refused[1:]
		return &eventbridge.PutEventsOutput{Entries: []ebtypes.PutEventsResultEntry{{ErrorCode: aws.String("ThrottlingException")}}}, err
	}
	e := in.Entries[0]
	w.put[*e.Source+" "+*e.DetailType] = append(w.put[*e.Source+" "+*e.DetailType], *e.Detail)
	return &eventbridge.PutEventsOutput{Entries: []ebtypes.PutEventsResultEntry{{EventId: aws.String("e-1")}}}, nil
}

// sending is a world in which the user's mail is being sent.
func sending(t *testing.T) *world {
	t.Helper()
	w := &world{db: client.NewClient(), put: make(map[string][]string)}
	if err := client.AddTable(t.Context(), w.db, "records", record.KeyName, ""); err != nil {
		t.Fatal(err)
	}
	w.records = record.Table{API: w.db, Name: "records"}
	item := record.KeyOf(user)
	item["attempt"], item["mailing"] = &types.AttributeValueMemberS{Value: mailing}, &types.AttributeValueMemberS{Value: mailing}
	if _, err := w.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &w.records.Name, Item: item}); err != nil {
		t.Fatal(err)
	}
	return w
}

func sample(t *testing.T, name string) json.RawMessage {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (w *world) handle(t *testing.T, payload json.RawMessage) error {
	t.Helper()
	return (&MailReceipt{
		Records: w.records, Events: w, Log: slog.New(slog.NewJSONHandler(&w.log, nil)),
		Metrics: metrics.Stack{Name: "onboarding", Now: time.Now},
	}).Handle(t.Context(), payload)
}

func (w *world) record(t *testing.T) record.Record {
	t.Helper()
	r, err := w.records.Get(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counted returns the names of what the lines of the log count.
func (w *world) counted(t *testing.T) (names []string) {
	t.Helper()
	for line := range strings.Lines(w.log.String()) {
		values, err := metricstest.Read(line)
		if err != nil {
			t.Errorf("line %s: %v", line, err)
		}
		for _, v := range values {
			names = append(names, v.Name)
		}
	}
	slices.Sort(names)
	return names
}

// checkPrivate looks for the addresses that the samples have.
func (w *world) checkPrivate(t *testing.T) {
	t.Helper()
	out, err := w.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &w.records.Name})
	if err != nil {
		t.Fatal(err)
	}
	var items []any
	for _, item := range out.Items {
		for _, v := range item {
			items = append(items, v)
		}
	}
	kept, err := json.Marshal(map[string]any{"records": items, "events": w.put, "log": w.log.String()})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept, []byte("@")) || bytes.Contains(kept, []byte("Our App")) {
		t.Errorf("an address or a name is in %s", kept)
	}
}

func TestSamples(t *testing.T) {
	mailed := time.Date(2026, 3, 1, 12, 0, 1, 500e6, time.UTC)
	for name, test := range map[string]struct {
		want    record.Receipt
		counted string
		put     string
	}{
		"event":     {record.Receipt{Fate: record.Sent, At: mailed}, "MailsSent", ""},
		"delay":     {record.Receipt{Fate: record.Delayed, At: mailed.Add(598500 * time.Millisecond)}, "MailsDelayed", ""},
		"delivery":  {record.Receipt{Fate: record.Delivered, At: mailed.Add(1750 * time.Millisecond)}, "MailsDelivered", ""},
		"reject":    {record.Receipt{Fate: record.Rejected, At: mailed}, "MailsRejected", ""},
		"bounce":    {record.Receipt{Fate: record.Bounced, At: mailed.Add(2500 * time.Millisecond), Bounce: "Permanent/General"}, "MailsBounced", "onboarding WelcomeMailBounced"},
		"complaint": {record.Receipt{Fate: record.Complained, At: mailed.Add(23398500 * time.Millisecond)}, "MailsComplained", "onboarding WelcomeMailComplained"},
	} {
		t.Run(name, func(t *testing.T) {
			w := sending(t)
			test.want.Message, test.want.MailedAt = mailID, mailed
			for range 2 {
				if err := w.handle(t, sample(t, name)); err != nil {
					t.Fatal(err)
				}
			}
			r := w.record(t)
			if len(r.Mail) != 1 || r.Mail[0] != test.want || r.MessageID != mailID {
				t.Errorf("the record has %+v, want %+v", r, test.want)
			}
			if got := w.counted(t); !slices.Equal(got, []string{test.counted}) {
				t.Errorf("counted %v, want %s once", got, test.counted)
			}
			if n := len(w.put[test.put]); test.put != "" && n != 1 || len(w.put) > 1 || test.put == "" && len(w.put) > 0 {
				t.Errorf("events %v, want %q once", w.put, test.put)
			}
			w.checkPrivate(t)
		})
	}
}

func permutations(list []string, f func([]string)) {
	var swap func(int)
	swap = func(k int) {
		if k == len(list) {
			f(list)
			return
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			swap(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	swap(0)
}

func TestEventsAreRightInWhateverOrderAndHoweverOften(t *testing.T) {
	var want string
	permutations(slices.Clone(samples), func(order []string) {
		w := sending(t)
		for _, name := range slices.Concat(order, order) {
			if err := w.handle(t, sample(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		fate, _ := w.record(t).Mail.Fate()
		text, err := json.Marshal([]any{w.record(t).Mail, fate, w.put, w.counted(t)})
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = string(text)
		}
		if string(text) != want || fate.Fate != record.Complained || len(w.put) != 2 {
			t.Fatalf("%v:\n got %s\nwant %s", order, text, want)
		}
	})
}

func TestEventThatCouldNotBePutIsPutByTheRetry(t *testing.T) {
	for name, refused := range map[string][]error{"answer": {nil}, "call": {&smithy.GenericAPIError{Code: "InternalException", Message: "about planted@example.com"}}} {
		w := sending(t)
		w.refused = refused
		err := w.handle(t, sample(t, "bounce"))
		if err == nil || len(w.record(t).Mail) != 0 || strings.Contains(err.Error(), "@") {
			t.Errorf("%s: error %v, record %+v; want an error, and nothing noted", name, err, w.record(t))
		}
		if err := w.handle(t, sample(t, "bounce")); err != nil || len(w.put["onboarding WelcomeMailBounced"]) != 1 || len(w.record(t).Mail) != 1 {
			t.Errorf("%s: error %v, events %v after the retry", name, err, w.put)
		}
		w.checkPrivate(t)
	}
}

func TestReceiptOfAnotherMailingIsLeftAlone(t *testing.T) {
	w := sending(t)
	for _, name := range append(samples, "reject") {
		if name == "complaint" {
			continue
		}
		other := bytes.Replace(sample(t, name), []byte(mailing), []byte("another"), 1)
		if err := w.handle(t, other); err != nil {
			t.Error(err)
		}
	}
	if r := w.record(t); len(r.Mail) != 0 || len(w.put) != 0 || r.MessageID != "" || w.counted(t) != nil {
		t.Errorf("record %+v, events %v", r, w.put)
	}
}

// A complaint is about the person: whoever mails should stop, even if an operator has sent
// another mail since. Of one who is forgotten nothing is told.
func TestComplaintAboutAFormerMailIsPassedOn(t *testing.T) {
	w := sending(t)
	other := bytes.Replace(sample(t, "complaint"), []byte(mailing), []byte("another"), 1)
	if err := w.handle(t, other); err != nil {
		t.Error(err)
	}
	if r := w.record(t); len(r.Mail) != 0 || len(w.put["onboarding WelcomeMailComplained"]) != 1 || !slices.Equal(w.counted(t), []string{"MailsComplained"}) {
		t.Errorf("record %+v, events %v, counted %v", r, w.put, w.counted(t))
	}
	if _, err := w.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &w.records.Name, Key: record.KeyOf(user)}); err != nil {
		t.Fatal(err)
	}
	if err := w.handle(t, other); err != nil {
		t.Error(err)
	}
	if len(w.put["onboarding WelcomeMailComplained"]) != 1 || w.record(t).Exists() {
		t.Errorf("of a user who is forgotten: events %v, record %+v", w.put, w.record(t))
	}
	w.checkPrivate(t)
}

func TestLogSaysWhyAMailBounced(t *testing.T) {
	w := sending(t)
	for _, name := range []string{"bounce", "complaint"} {
		if err := w.handle(t, sample(t, name)); err != nil {
			t.Error(err)
		}
	}
	if log := w.log.String(); strings.Count(log, `"bounce":"Permanent/General"`) != 1 || strings.Count(log, `"bounce"`) != 1 {
		t.Errorf("the log is %s", log)
	}
}

func TestUndeliverableAnswerIsNoBounceOfTheAddress(t *testing.T) {
	w := sending(t)
	if err := w.handle(t, bytes.Replace(sample(t, "bounce"), []byte(`"Permanent"`), []byte(`"Transient"`), 1)); err != nil {
		t.Error(err)
	}
	if got := w.counted(t); !slices.Equal(got, []string{"MailsReturned"}) {
		t.Errorf("counted %v", got)
	}
}

func TestBounceForGoodAfterAnAutomaticAnswerIsPassedOn(t *testing.T) {
	answer := bytes.Replace(sample(t, "bounce"), []byte(`"Permanent"`), []byte(`"Transient"`), 1)
	later := bytes.Replace(sample(t, "bounce"), []byte(`"2026-03-01T12:00:04.000Z"`), []byte(`"2026-03-01T12:00:09.000Z"`), 1)
	if bytes.Equal(later, sample(t, "bounce")) {
		t.Fatal("the sample has another time")
	}
	w := sending(t)
	afterwards := bytes.Replace(answer, []byte(`"2026-03-01T12:00:04.000Z"`), []byte(`"2026-03-01T12:00:15.000Z"`), 1)
	for _, payload := range [][]byte{answer, later, later, afterwards} {
		if err := w.handle(t, payload); err != nil {
			t.Error(err)
		}
	}
	if got := w.counted(t); !slices.Equal(got, []string{"MailsBounced", "MailsReturned"}) || len(w.put["onboarding WelcomeMailBounced"]) != 2 {
		t.Errorf("counted %v, events %v", got, w.put)
	}
	if r, _ := w.record(t).Mail.Fate(); r.Fate != record.Bounced {
		t.Errorf("the fate is %+v", r)
	}
}

func TestWhatIsNoReceiptIsLoggedAndLeftAlone(t *testing.T) {
	good := string(sample(t, "bounce"))
	replaced := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %s in the sample", old)
		}
		return strings.ReplaceAll(good, old, with)
	}
	for name, payload := range map[string]string{
		"no JSON": `{`, "null": `null`, "list": `[]`, "text": `"planted@example.com"`, "empty": `{}`,
		"numbers":             `{"detail":{"eventType":1,"mail":2}}`,
		"no tags":             replaced(`"tags"`, `"gats"`),
		"tag missing":         replaced(`"mailing"`, `"sailing"`),
		"address as a tag":    replaced(`"`+mailing+`"`, `"planted@example.com"`),
		"two values":          replaced(`"`+mailing+`"`, `"a", "b"`),
		"address as an ID":    replaced(mailID, "planted@example.com"),
		"no time":             replaced(`"2026-03-01T12:00:01.500Z"`, `null`),
		"time before records": replaced(`"2026-03-01T12:00:01.500Z"`, `"0001-01-01T00:00:00Z"`),
		"unknown type":        replaced(`"Bounce"`, `"Open"`),
	} {
		t.Run(name, func(t *testing.T) {
			w := sending(t)
			if err := w.handle(t, json.RawMessage(payload)); err != nil {
				t.Errorf("error %v: a retry would not help", err)
			}
			if !strings.Contains(w.log.String(), "receipt not understood") || len(w.record(t).Mail) != 0 || len(w.put) != 0 {
				t.Errorf("log %s, record %+v", w.log.String(), w.record(t))
			}
			w.checkPrivate(t)
		})
	}
}

func TestBounceTypeThatIsNoWordIsNotKept(t *testing.T) {
	w := sending(t)
	if err := w.handle(t, bytes.Replace(sample(t, "bounce"), []byte(`"General"`), []byte(`"planted@example.com"`), 1)); err != nil {
		t.Error(err)
	}
	if r := w.record(t); len(r.Mail) != 1 || r.Mail[0].Bounce != "Permanent/Undetermined" {
		t.Errorf("record %+v", r)
	}
	w.checkPrivate(t)
}

// noRecords is a DynamoDB that fails.
type noRecords struct{ Records }

var errFails = &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "UpdateItem", Err: &smithy.GenericAPIError{Code: "ThrottlingException", Message: "planted@example.com"}}

func (noRecords) Get(context.Context, string) (record.Record, error) {
	return record.Record{}, errFails
}

func (noRecords) Note(context.Context, string, string, record.Receipt) (record.Noted, error) {
	return "", errFails
}

func TestFailureIsAnErrorThatLambdaRetries(t *testing.T) {
	for _, name := range samples {
		err := (&MailReceipt{Records: noRecords{}, Log: slog.New(slog.DiscardHandler)}).Handle(t.Context(), sample(t, name))
		if err == nil || err.Error() != "DynamoDB UpdateItem: ThrottlingException" {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if got := codeOf(errors.New("about planted@example.com")); got != "no answer" {
		t.Errorf("an unknown error is %q", got)
	}
}
