package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"example.com/onboarding/statemachine/dev/local"
)

// sendEvent hands the event to the trigger and shows the execution, if it started
// one.
func (c runCommand) sendEvent(ctx context.Context, aws *local.AWS) error {
	event, err := os.ReadFile(c.Event)
	if err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	adopted, err := aws.Adopt(ctx, event)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Event, err)
	}
	if adopted.Sub != "" {
		fmt.Printf("user        %s made, sub %s, in the place of the event's\n", adopted.Email, adopted.Sub)
	}
	answer, err := aws.InvokeTrigger(ctx, adopted.Event)
	if err != nil {
		return err
	}
	fmt.Printf("trigger     returned %d bytes; the event has %d\n%s", len(answer), len(adopted.Event), logsOf(aws, "Trigger"))
	names, err := aws.Executions(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Println("execution   none")
		return nil
	}
	execution, err := aws.WaitExecution(ctx, names[0])
	if err != nil {
		return err
	}
	err = errors.Join(printTimeline(os.Stdout, names[0], execution), failure(execution))
	if adopted.Sub != "" {
		err = errors.Join(err, show(ctx, aws, adopted.Sub, adopted.Email))
	}
	return err
}

func logsOf(aws *local.AWS, function string) string {
	var text strings.Builder
	for _, line := range aws.Logs() {
		if strings.Contains(line.Function, function) {
			text.WriteString("            " + line.Text + "\n")
		}
	}
	return text.String()
}
