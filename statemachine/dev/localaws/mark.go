package main

import (
	"encoding/json"
	"io"
	"os"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"example.com/onboarding/statemachine"
)

// mark says at a glance how something went: by a coloured sign on a terminal, without
// colour if NO_COLOR is set, and by a word elsewhere.
type mark struct {
	word, sign string
	color      text.Color
}

var (
	good    = mark{"ok", "✔", text.FgGreen}
	skipped = mark{"skipped", "–", text.FgYellow}
	bad     = mark{"FAILED", "✘", text.FgRed}
)

func (m mark) on(terminal bool) string {
	if terminal {
		return m.color.Sprint(m.sign)
	}
	return m.word
}

// markOf is that of a step's result; none is good.
func markOf(result json.RawMessage) mark {
	var o statemachine.Outcome
	if json.Unmarshal(result, &o) == nil && o.Status == statemachine.StatusSkipped {
		return skipped
	}
	return good
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
