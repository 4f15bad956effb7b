package lambda

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// TraceHeader is the header by which the caller of an AWS API says which trace the
// call belongs to
// (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader).
const TraceHeader = "X-Amzn-Trace-Id"

type traceKey struct{}

// WithTrace returns a context whose invocations belong to the trace of that header.
// Others begin a trace each, as on Lambda.
func WithTrace(ctx context.Context, header string) context.Context {
	return context.WithValue(ctx, traceKey{}, header)
}

func traceOf(ctx context.Context) string {
	if header, ok := ctx.Value(traceKey{}).(string); ok && header != "" {
		return header
	}
	var b [20]byte
	rand.Read(b[:]) // never fails
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=1", time.Now().Unix(), b[:12], b[12:])
}
