// Package progress shows how far a command is.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// lineEvery is how often progress that is no bar prints a line.
const lineEvery = 10 * time.Second

// Progress shows how far something is: as a bar on a terminal, elsewhere as a line
// now and then.
type Progress struct {
	bar *progressbar.ProgressBar

	mu          sync.Mutex
	w           io.Writer
	what        string
	done, total int64
	last        time.Time
}

// New shows how many of the total are done; a total that is not positive
// is not known.
func New(w io.Writer, what string, total int64) *Progress {
	p := &Progress{w: w, what: what, total: total, last: time.Now()}
	if !session.IsTerminal(w) {
		fmt.Fprintf(w, "%s …\n", what)
		return p
	}
	if total <= 0 {
		total = -1
	}
	p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	return p
}

// Add counts what is done.
func (p *Progress) Add(n int) {
	if p.bar != nil {
		p.bar.Add(n) //nolint:errcheck // a total that was an estimate may be passed
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += int64(n)
	if time.Since(p.last) < lineEvery {
		return
	}
	p.last = time.Now()
	if p.total > 0 {
		fmt.Fprintf(p.w, "%s: %d of %d\n", p.what, p.done, p.total)
		return
	}
	fmt.Fprintf(p.w, "%s: %d\n", p.what, p.done)
}

// End takes the bar away.
func (p *Progress) End() {
	if p.bar != nil {
		p.bar.Finish() //nolint:errcheck // a bar is not worth an error
	}
}
