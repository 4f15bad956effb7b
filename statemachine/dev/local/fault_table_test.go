package local_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the documents that are made from what is observed")

const faultTable = "../../FAULTS.md"

const faultsPage = `# Faults tried

` + "`make test-faults UPDATE=1`" + ` writes this page. A fault is one user, who is onboarded on the
local AWS by the real binaries while one call is struck: each call that an onboarding
was seen to make, with each error code that the service documents, with HTTP errors
without a code, with broken connections and with silence, before and after the call had
its effect, until the first attempt of the step has failed; and with the end of the
function's process. Each function is throttled by Lambda, times out and crashes as a
whole: *Invoke*. The event is delivered several times, and in forms that Cognito does not
send today.

**Faults: %d. Users lost: %d. Mails missing: %d. Mails or events doubled, beyond what is
documented: %d. Mails doubled, as documented: %d.**

- *Onboarded* users needed nobody's help. Those whose execution could not be started at all were
  found by the sweep.
- *Stopped* executions failed where an operator sees it, and a redrive finished them when
  the fault was over.
- *Receipts* are what SES tells of a mail afterwards. When its answer was lost, they decide
  whether the mail is sent again. What the function MailReceipt fails on, Lambda hands it
  again: the record has each receipt in the end.
- *Mail again*: SES took the mail, its answer was lost, and all of its receipts were, too.
- *Events again*: when EventBridge took an event and its answer was lost, or the record could
  not be written after it, the retry puts the event again; consumers count distinct values of ` + "`sub`" + `.

| function, call | faults | onboarded | stopped | mail missing | mail again | events again | lost | doubled |
|---|---|---|---|---|---|---|---|---|
%s`

// tally are the counts of the verdicts at a place.
type tally struct {
	faults, onboarded, stopped, missing, mailsAgain, again, lost, doubled int
}

func (n *tally) add(v verdict) {
	n.faults++
	switch v.got {
	case onboardedAnyway:
		n.onboarded++
	case redriven:
		n.stopped++
	default:
		n.lost++
	}
	if v.again > 0 {
		n.again++
	}
	n.missing += v.mailsMissing
	n.mailsAgain += v.mailsAgain
	n.doubled += v.doubled
}

// faultsDocument is the page about the verdicts, with a row for each place, in their
// order.
func faultsDocument(verdicts []verdict) string {
	var all tally
	var places []string
	at := make(map[string]*tally)
	for _, v := range verdicts {
		place := cmp.Or(v.row, v.at)
		if at[place] == nil {
			at[place] = new(tally)
			places = append(places, place)
		}
		at[place].add(v)
		all.add(v)
	}
	var rows strings.Builder
	for _, place := range places {
		n := at[place]
		fmt.Fprintf(&rows, "| %s | %d | %d | %d | %d | %d | %d | %d | %d |\n",
			place, n.faults, n.onboarded, n.stopped, n.missing, n.mailsAgain, n.again, n.lost, n.doubled)
	}
	return fmt.Sprintf(faultsPage, all.faults, all.lost, all.missing, all.doubled, all.mailsAgain, &rows)
}

// checkTable prints the page and compares it with the one in the documents.
func checkTable(t *testing.T, verdicts []verdict) {
	t.Helper()
	got := faultsDocument(verdicts)
	fmt.Println(got)
	if *update {
		if err := os.WriteFile(faultTable, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(faultTable)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from this run; make test-faults UPDATE=1 writes it anew", faultTable)
	}
}

func TestFaultTableHasARowForEachPlace(t *testing.T) {
	at := func(place string) fault { return fault{at: place} }
	got := faultsDocument([]verdict{
		{fault: at("A Put"), got: onboardedAnyway, again: 2},
		{fault: at("A Put"), got: redriven, mailsMissing: 1},
		{fault: at("B Put"), got: lost},
		{fault: fault{at: "A Put", row: "B Put"}, got: onboardedAnyway, mailsAgain: 1, doubled: 1},
	})
	for _, want := range []string{
		"**Faults: 4. Users lost: 1. Mails missing: 1. Mails or events doubled, beyond what is\ndocumented: 1. Mails doubled, as documented: 1.**",
		"\n| A Put | 2 | 1 | 1 | 1 | 0 | 1 | 0 | 0 |\n| B Put | 2 | 1 | 0 | 0 | 1 | 0 | 1 | 1 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page has no %q:\n%s", want, got)
		}
	}
}
