package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// lineEvery is how often progress that is no bar prints a line.
const lineEvery = 10 * time.Second

// progress shows how far something is: as a bar on a terminal, elsewhere as a line
// now and then.
type progress struct {
	bar *progressbar.ProgressBar

	mu          sync.Mutex
	w           io.Writer
	what        string
	done, total int64
	last        time.Time
}

// newProgress shows how many of the total are done; a total that is not positive
// is not known.
func newProgress(w io.Writer, what string, total int64) *progress {
	p := &progress{w: w, what: what, total: total, last: time.Now()}
	if !isTerminal(w) {
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

func (p *progress) add(n int) {
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

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Finish() //nolint:errcheck // a bar is not worth an error
	}
}
