package main

import (
	"context"
	"testing"
	"time"

	"github.com/truora/minidyn/aws-v2/client"

	"example.com/onboarding/statemachine/record"
)

// emptyTable is a DynamoDB with the table of records, which evaluates conditions.
func emptyTable(tb testing.TB) *client.Client {
	tb.Helper()
	db := client.NewClient()
	if err := client.AddTable(context.Background(), db, "records", record.KeyName, ""); err != nil {
		tb.Fatal(err)
	}
	return db
}

func deliveriesIn(api DeliveryAPI) Deliveries {
	return Deliveries{API: api, Table: "records", Patience: 10 * time.Minute, Now: func() time.Time { return now }}
}

func emptyRecord(t *testing.T) *Deliveries {
	t.Helper()
	d := deliveriesIn(emptyTable(t))
	return &d
}

func claimAs(t *testing.T, d *Deliveries, attempt string) delivery {
	t.Helper()
	got, err := d.claim(t.Context(), user, attempt, now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOnlyOneAttemptHasTheClaim(t *testing.T) {
	d := emptyRecord(t)
	if got := claimAs(t, d, "first"); !got.ours {
		t.Errorf("the first attempt got %+v, want the claim", got)
	}
	if got := claimAs(t, d, "second"); got.ours {
		t.Errorf("the second attempt got %+v, want no claim", got)
	}
	if err := d.confirm(t.Context(), user, "message-1"); err != nil {
		t.Fatal(err)
	}
	if got := claimAs(t, d, "third"); got.ours {
		t.Errorf("after the mail was sent an attempt got %+v, want no claim", got)
	}
}

func TestOnlyTheAttemptThatHasTheClaimReleasesIt(t *testing.T) {
	d := emptyRecord(t)
	claimAs(t, d, "first")
	if err := d.release(t.Context(), user, "second"); err == nil {
		t.Error("another attempt released the claim")
	}
	if got := claimAs(t, d, "second"); got.ours {
		t.Errorf("the second attempt got %+v after it had released the first one's claim", got)
	}
	if err := d.release(t.Context(), user, "first"); err != nil {
		t.Fatal(err)
	}
	if got := claimAs(t, d, "second"); !got.ours {
		t.Errorf("after the release the second attempt got %+v, want the claim", got)
	}
}
