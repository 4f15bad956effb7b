package session

import (
	"context"
	"errors"
	"fmt"
)

// ErrAttention says that the command did its work and something is left.
var ErrAttention = errors.New("something is left that needs attention")

// Ended returns why the context ended, nil if it has not.
func Ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("broken off: %w", context.Cause(ctx))
}

// IsEnd reports whether a call failed only because its context ended.
func IsEnd(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, ctx.Err()))
}
