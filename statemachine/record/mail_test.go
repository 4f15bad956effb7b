package record_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine/record"
)

var mailed = time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)

// receipt is one of the mail with that number, so many seconds after SES took it.
func receipt(fate record.Fate, mail, seconds int) record.Receipt {
	r := record.Receipt{Fate: fate, Message: fmt.Sprintf("m-%d", mail), MailedAt: mailed.Add(time.Duration(mail) * time.Hour)}
	r.At = r.MailedAt.Add(time.Duration(seconds) * time.Second)
	if fate == record.Bounced {
		r.Bounce = "Permanent/General"
	}
	return r
}

// sending has a mailing in the record.
func sending(t *testing.T, mailing string) record.Table {
	t.Helper()
	table, db := emptyTable(t)
	item := record.KeyOf(user)
	item["attempt"] = &types.AttributeValueMemberS{Value: mailing}
	item["mailing"] = &types.AttributeValueMemberS{Value: mailing}
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Name, Item: item}); err != nil {
		t.Fatal(err)
	}
	return table
}

// note notes a receipt of the mailing a-1.
func note(t *testing.T, table record.Table, r record.Receipt) record.Noted {
	t.Helper()
	noted, err := table.Note(t.Context(), user, "a-1", r)
	if err != nil {
		t.Fatal(err)
	}
	return noted
}

// permutations calls f with each order of the receipts.
func permutations(all []record.Receipt, f func([]record.Receipt)) {
	var swap func(int)
	swap = func(k int) {
		if k == len(all) {
			f(all)
			return
		}
		for i := k; i < len(all); i++ {
			all[k], all[i] = all[i], all[k]
			swap(k + 1)
			all[k], all[i] = all[i], all[k]
		}
	}
	swap(0)
}

func TestRecordIsTheSameInWhateverOrderReceiptsCome(t *testing.T) {
	all := []record.Receipt{
		receipt(record.Sent, 1, 0), receipt(record.Delayed, 1, 60), receipt(record.Delayed, 1, 7200), receipt(record.Delivered, 1, 9000),
		receipt(record.Bounced, 1, 9001), receipt(record.Returned, 1, 9002), receipt(record.Complained, 1, 9500),
	}
	var want string
	permutations(all, func(order []record.Receipt) {
		table := sending(t, "a-1")
		first := 0
		for i, r := range slices.Concat(order, order[:3]) { // and some of them twice
			switch noted := note(t, table, r); noted {
			case record.First:
				first++
			case record.Foreign:
				t.Fatalf("%v: receipt %d is %s", order, i, noted)
			}
		}
		r := get(t, table)
		if got := fmt.Sprint(r.Mail); want == "" {
			want = got
		} else if got != want {
			t.Fatalf("%v: got %s, want %s", order, got, want)
		}
		if fate, _ := r.Mail.Fate(); fate.Fate != record.Complained || r.MessageID != "m-1" || first != 6 {
			t.Fatalf("%v: fate %+v, message %s, %d first ones", order, fate, r.MessageID, first)
		}
	})
	if strings.Contains(want, "@") || want == "" {
		t.Errorf("the record has %s", want)
	}
}

func TestFormerMailDoesNotCountBesideALaterOne(t *testing.T) {
	all := []record.Receipt{
		receipt(record.Sent, 1, 0), receipt(record.Bounced, 1, 9000), receipt(record.Sent, 2, 0), receipt(record.Delivered, 2, 1),
	}
	permutations(all, func(order []record.Receipt) {
		table := sending(t, "a-1")
		for _, r := range order {
			note(t, table, r)
		}
		if fate, _ := get(t, table).Mail.Fate(); fate != receipt(record.Delivered, 2, 1) {
			t.Fatalf("%v: %+v", order, fate)
		}
	})
}

func TestFatesByWhatCounts(t *testing.T) {
	for _, test := range []struct {
		fates []record.Fate
		want  record.Fate
	}{
		{[]record.Fate{record.Delayed, record.Sent}, record.Delayed},
		{[]record.Fate{record.Delivered, record.Delayed}, record.Delivered},
		{[]record.Fate{record.Delivered, record.Bounced}, record.Bounced},
		{[]record.Fate{record.Rejected, record.Sent}, record.Rejected},
		{[]record.Fate{record.Complained, record.Bounced}, record.Complained},
		{[]record.Fate{record.Delivered, record.Returned}, record.Delivered},
		{[]record.Fate{record.Returned, record.Delayed}, record.Returned},
		{[]record.Fate{record.Bounced, record.Returned}, record.Bounced},
	} {
		var m record.Mail
		for i, f := range test.fates {
			m = append(m, receipt(f, 1, -i))
		}
		if got, ok := m.Fate(); got.Fate != test.want || !ok {
			t.Errorf("%v: got %s, want %s", test.fates, got.Fate, test.want)
		}
	}
	if r, ok := (record.Mail{}).Fate(); ok {
		t.Errorf("no receipt: %+v", r)
	}
}

// A receipt of a mail that was sent before an operator sent another one, or of a user who
// is forgotten, changes nothing, and makes no record.
func TestReceiptOfAnotherMailingIsForeign(t *testing.T) {
	table := sending(t, "a-2")
	before := get(t, table)
	if noted := note(t, table, receipt(record.Bounced, 1, 1)); noted != record.Foreign {
		t.Errorf("former mailing: %s", noted)
	}
	if after := get(t, table); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("got %+v, want %+v", after, before)
	}
	empty, db := emptyTable(t)
	if noted := note(t, empty, receipt(record.Sent, 1, 0)); noted != record.Foreign {
		t.Errorf("no record: %s", noted)
	}
	out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &empty.Name})
	if err != nil || len(out.Items) != 0 {
		t.Errorf("%d items, error %v", len(out.Items), err)
	}
}

func TestReceiptTellsTheIDOfAMailWhoseAnswerWasLost(t *testing.T) {
	for _, fate := range []record.Fate{record.Sent, record.Delivered, record.Bounced} {
		table := sending(t, "a-1")
		note(t, table, receipt(fate, 1, 0))
		if r := get(t, table); r.MessageID != "m-1" || !r.Mail.Knows(receipt(fate, 1, 0)) || r.Mail.Knows(receipt(fate, 2, 0)) {
			t.Errorf("%s: %+v", fate, r)
		}
	}
}

func TestReceiptsThatAreNotAsWrittenCountAsMissing(t *testing.T) {
	item := map[string]types.AttributeValue{
		"mailSent":      &types.AttributeValueMemberS{Value: "yesterday"},
		"mailDelivered": &types.AttributeValueMemberN{Value: "1"},
	}
	if r := record.Read(item); len(r.Mail) != 0 {
		t.Errorf("%v gives %+v", slices.Sorted(maps.Keys(item)), r)
	}
}

func TestPlainIsWhatATagMayBe(t *testing.T) {
	for text, want := range map[string]bool{
		"azAZ09_-": true, "": false, strings.Repeat("a", 256): true, strings.Repeat("a", 257): false,
		"jane@example.com": false, "a.b": false, "a b": false, "a\n": false, "Zoë": false, "a\xff": false,
		"a/": false, "a:": false, "a[": false, "a`": false, "a{": false,
	} {
		if got := record.IsPlain(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// SES refuses a mail with a tag of other characters.
func TestTagsOfAnExecutionWithAnyNameAreRead(t *testing.T) {
	for name, want := range map[string]string{user: user, "by hand: Zoë's 2.": "by-hand--Zo--s-2-"} {
		tagged := make(map[string][]string)
		for _, pair := range (record.Tags{User: user, UserPoolID: "us-east-1_Example01", Execution: name, Mailing: "a-1"}).Pairs() {
			tagged[pair[0]] = []string{pair[1]}
		}
		if got, ok := record.ReadTags(tagged); !ok || got.Execution != want {
			t.Errorf("%q: %+v, read %v", name, got, ok)
		}
	}
}
