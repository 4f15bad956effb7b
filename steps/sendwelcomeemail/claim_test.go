package main

import (
	"testing"
	"time"

	"github.com/truora/minidyn/aws-v2/client"
)

// emptyRecord is a record in a DynamoDB that evaluates conditions, which the table of
// the other tests only takes for granted.
func emptyRecord(t *testing.T) *Deliveries {
	t.Helper()
	db := client.NewClient()
	if err := client.AddTable(t.Context(), db, "deliveries", "delivery", ""); err != nil {
		t.Fatal(err)
	}
	return &Deliveries{API: db, Table: "deliveries", Now: func() time.Time { return now }}
}

func claimAs(t *testing.T, d *Deliveries, attempt string) delivery {
	t.Helper()
	got, err := d.claim(t.Context(), key, attempt, now.Add(time.Second))
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
	if err := d.confirm(t.Context(), key, "message-1"); err != nil {
		t.Fatal(err)
	}
	if got := claimAs(t, d, "third"); got.ours {
		t.Errorf("after the mail was sent an attempt got %+v, want no claim", got)
	}
}

func TestOnlyTheAttemptThatHasTheClaimReleasesIt(t *testing.T) {
	d := emptyRecord(t)
	claimAs(t, d, "first")
	if err := d.release(t.Context(), key, "second"); err == nil {
		t.Error("another attempt released the claim")
	}
	if got := claimAs(t, d, "second"); got.ours {
		t.Errorf("the second attempt got %+v after it had released the first one's claim", got)
	}
	if err := d.release(t.Context(), key, "first"); err != nil {
		t.Fatal(err)
	}
	if got := claimAs(t, d, "second"); !got.ours {
		t.Errorf("after the release the second attempt got %+v, want the claim", got)
	}
}
