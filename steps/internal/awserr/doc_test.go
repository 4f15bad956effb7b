package awserr_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/table"

	"example.com/onboarding/statemachine/dev/section"
	"example.com/onboarding/steps/internal/awserr"
)

var update = flag.Bool("update", false, "write the table of codes into "+errorsDoc)

const errorsDoc = "../../../statemachine/ERRORS.md"

// TestErrorsDoc compares the table in the document with the one in the code.
func TestErrorsDoc(t *testing.T) {
	if err := section.Keep(errorsDoc, "codes", codes(), *update); err != nil {
		t.Error(err)
	}
}

// codes is a table of the codes, those together that mean the same.
func codes() string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"error", "codes", "what they say of this system"})
	for rows := awserr.Table; len(rows) > 0; {
		n := slices.IndexFunc(rows, func(r awserr.Row) bool { return r.Class != rows[0].Class || r.Detail != rows[0].Detail })
		if n < 0 {
			n = len(rows)
		}
		var names []string
		for _, r := range rows[:n] {
			names = append(names, "`"+r.Code+"`")
		}
		t.AppendRow(table.Row{fmt.Sprint(rows[0].Class), strings.Join(names, ", "), rows[0].Detail})
		rows = rows[n:]
	}
	return t.RenderMarkdown()
}
