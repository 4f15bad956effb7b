package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// runScript runs a script of Node.js, which reads its job from the file, and decodes what it
// prints into found.
func runScript(ctx context.Context, script, file string, job, found any) error {
	text, err := json.Marshal(job)
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("job: %w", err)
	}
	cmd := exec.CommandContext(ctx, "node", script, file)
	cmd.Stderr = os.Stderr
	// Interrupted, a script ends the browser; killed, it would leave it running.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", script, err)
	}
	if err := json.Unmarshal(out, found); err != nil {
		return fmt.Errorf("decode what it found: %w", err)
	}
	return nil
}
