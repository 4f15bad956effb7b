package awserr_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"example.com/onboarding/steps/internal/awserr"
)

var update = flag.Bool("update", false, "write "+errorsDoc)

const errorsDoc = "../../ERRORS.md"

// TestErrorsDoc compares the table in the documents with the one in the code.
func TestErrorsDoc(t *testing.T) {
	var b strings.Builder
	b.WriteString(errorsIntro)
	for _, row := range awserr.Table {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.Code, row.Class, row.Detail)
	}
	got := b.String()
	if *update {
		if err := os.WriteFile(errorsDoc, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(errorsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is stale (make docs mends it): it should be\n%s", errorsDoc, got)
	}
}

const errorsIntro = `# What an AWS error means

Made from the table in internal/awserr by ` + "`make docs`" + `. A step returns one of five
errors: ThrottledError is retried every minute or two, QuotaExceededError every quarter
of an hour for two days, TransientError for some minutes, ConfigurationError stops the
execution for an operator to mend the cause and redrive, UnexpectedError stops it too
and is a bug here or an API that changed.

Exceptions, which a step handles before it looks at the table:

- ` + "`UserNotFoundException`" + ` is a TransientError of AddUserToGroup for five retries, as
  Cognito may not find a user right after the sign-up; then, and at once in the
  steps that follow, the user was deleted, and the step is skipped.
- ` + "`ResourceNotFoundException`" + ` of AddUserToGroup names the group.
- ` + "`InvalidParameterValue`" + ` of SendEmail skips a user whose address is malformed; of
  an address that looks right it is a ConfigurationError, as it is the sender's.
- ` + "`ConditionalCheckFailedException`" + ` of the delivery record's PutItem means that
  another attempt was there before; of the profile's UpdateItem, that it is written.

- ` + "`Throttling`" + ` of SendEmail with the message *Daily message quota exceeded* is a
  QuotaExceededError. So is every ThrottledError of a state that has been retried 20
  times: what throttles for half an hour may do so for long.

Everything else:

- no connection, a broken one, a time-out, a cancelled call: TransientError. But if
  SES may have taken the mail, the step is skipped with the reason *delivery unknown*.
- a code that is not in the table: by the HTTP status, 429 is a ThrottledError, 5xx a
  TransientError, the rest an UnexpectedError.
- a single entry of PutEvents that was refused: by its code, as below.

The trigger and StartDeferred classify nothing: whatever StartExecution fails with,
but for ` + "`ExecutionAlreadyExists`" + `, which is success, the start goes to the queue, and a
message that fails comes again.

| code | error | what it says of this system |
|---|---|---|
`
