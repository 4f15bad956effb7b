package local

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/dev/internal/uuid"
)

// shipPause is how long lines are gathered that go to CloudWatch Logs together. Lambda
// takes some seconds for it.
const shipPause = 200 * time.Millisecond

// shipper puts what the functions print into their log group, as Lambda does, in the
// order in which it was printed. Nobody waits for it. A line that cannot be put is lost
// there; Logs has it all the same.
type shipper struct {
	// put calls PutLogEvents or CreateLogStream.
	put func(ctx context.Context, action string, in any) error

	mu      sync.Mutex
	waiting []printed
}

// printed is a line and when it was printed.
type printed struct {
	function string
	Message  string `json:"message"`
	Millis   int64  `json:"timestamp"`
}

// shipLogs begins to put the functions' lines into the group.
func (a *AWS) shipLogs(group string) {
	a.Stack.FunctionLogGroup = group
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { a.shipper.run(ctx, group) })
	a.shipping = func() {
		cancel()
		running.Wait()
	}
}

func newShipper(put func(ctx context.Context, action string, in any) error) *shipper {
	return &shipper{put: put}
}

// add takes a line up.
func (s *shipper) add(function, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, printed{function, line, time.Now().UnixMilli()})
}

// run ships lines to the group until ctx ends.
func (s *shipper) run(ctx context.Context, group string) {
	streams := make(map[string]string)
	ticker := time.NewTicker(shipPause)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		s.mu.Lock()
		lines := s.waiting
		s.waiting = nil
		s.mu.Unlock()
		for len(lines) > 0 {
			function := lines[0].function
			of := slices.DeleteFunc(slices.Clone(lines), func(l printed) bool { return l.function != function })
			lines = slices.DeleteFunc(lines, func(l printed) bool { return l.function == function })
			s.ship(ctx, group, function, of, streams)
		}
	}
}

// ship puts lines of one function into its stream, which it makes for the first ones.
func (s *shipper) ship(ctx context.Context, group, function string, lines []printed, streams map[string]string) {
	stream, made := streams[function]
	if !made {
		stream = streamOf(function)
		streams[function] = stream
		s.put(ctx, "CreateLogStream", map[string]string{"logGroupName": group, "logStreamName": stream}) //nolint:errcheck // the lines would be lost
	}
	s.put(ctx, "PutLogEvents", map[string]any{"logGroupName": group, "logStreamName": stream, "logEvents": lines}) //nolint:errcheck // they are in Logs
}

// streamOf names a function's stream as in a log group of several functions
// (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html).
// All its processes share one here.
func streamOf(function string) string {
	return time.Now().UTC().Format("2006/01/02/") + function + "[$LATEST]" + strings.ReplaceAll(uuid.New(), "-", "")
}
