package execution

import (
	"encoding/json"
	"regexp"
	"strings"
)

// maxCause is how many characters of a cause are shown.
const maxCause = 160

// What differs from one execution to the next, or may be personal data.
var (
	data    = regexp.MustCompile(`\{.*`)
	id      = regexp.MustCompile(`(?i)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)
	address = regexp.MustCompile(`\S*@\S*`)
)

// causeLine returns the first line of a cause, as executions that stopped alike have it
// in common: of what a function reported its errorMessage, without documents, IDs and
// what looks like an address. Errors of the steps have no personal data; those of Step
// Functions and of a function that crashed may quote what they were given.
func causeLine(cause string) string {
	var reported struct{ ErrorMessage string }
	if json.Unmarshal([]byte(cause), &reported) == nil && reported.ErrorMessage != "" {
		cause = reported.ErrorMessage
	}
	line, _, _ := strings.Cut(strings.TrimSpace(cause), "\n")
	line = data.ReplaceAllString(line, "…")
	line = id.ReplaceAllString(line, "…")
	line = strings.TrimSpace(address.ReplaceAllString(line, "…"))
	if runes := []rune(line); len(runes) > maxCause {
		line = string(runes[:maxCause]) + "…"
	}
	return line
}
