package local

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestShipperKeepsTheOrder has a function print while CloudWatch Logs takes its time.
func TestShipperKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []string
		put := make(map[string][]string)
		s := newShipper(func(_ context.Context, action string, in any) error {
			time.Sleep(5 * shipPause)
			calls = append(calls, action)
			if m, ok := in.(map[string]any); ok {
				for _, line := range m["logEvents"].([]printed) {
					stream := m["logStreamName"].(string)
					put[stream] = append(put[stream], line.Message)
				}
			}
			return nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.run(ctx, "group") })
		began := time.Now()
		for i := range 40 {
			s.add("one", strconv.Itoa(i))
			s.add("two", strconv.Itoa(i))
			time.Sleep(shipPause / 10)
		}
		if took := time.Since(began); took > 4*shipPause {
			t.Errorf("80 lines took %v: they wait for CloudWatch Logs", took)
		}
		time.Sleep(time.Minute)
		cancel()
		running.Wait()
		if len(put) != 2 || slices.Index(calls, "CreateLogStream") != 0 {
			t.Fatalf("streams %v by %v, want one of each function, made first", put, calls)
		}
		for stream, lines := range put {
			for i, line := range lines {
				if line != strconv.Itoa(i) || !strings.Contains(stream, "[$LATEST]") {
					t.Fatalf("stream %s has %v", stream, lines)
				}
			}
			if len(lines) != 40 {
				t.Errorf("stream %s has %d lines, want 40", stream, len(lines))
			}
		}
		if len(calls) > 20 {
			t.Errorf("%d calls for 80 lines, want those that came together put together", len(calls))
		}
	})
}
