package session

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
)

// Confirm asks on the terminal, and returns nil for a yes.
func (s *Session) Confirm(ctx context.Context, question string) error {
	if !s.Terminal {
		return errors.New("nothing was changed, because there is no terminal to ask on: give --yes, or --dry-run to see what would be done")
	}
	fmt.Fprint(s.Stderr, question, " [y/N] ")
	answer := make(chan string, 1)
	go func() { // a read cannot be interrupted, so Ctrl-C leaves it; no answer is no yes
		line, _ := bufio.NewReader(s.Stdin).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case text := <-answer:
		if text == "y" || text == "yes" {
			return nil
		}
		return errors.New("not confirmed, so nothing was changed")
	case <-ctx.Done():
		return Ended(ctx)
	}
}
