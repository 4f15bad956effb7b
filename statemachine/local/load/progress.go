package main

import (
	"fmt"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// showProgress returns a function that shows how many users are onboarded: as a bar
// on a terminal, in a line for each tenth elsewhere.
func showProgress(w *os.File, users int) func(onboarded int) {
	if term.IsTerminal(int(w.Fd())) {
		bar := progressbar.NewOptions(users, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("onboarded"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish())
		return func(n int) { bar.Set(n) } //nolint:errcheck // a progress bar is not worth an error
	}
	shown := 0
	return func(n int) {
		if tenth := 10 * n / users; tenth > shown {
			shown = tenth
			fmt.Fprintf(w, "onboarded %d of %d …\n", n, users)
		}
	}
}
