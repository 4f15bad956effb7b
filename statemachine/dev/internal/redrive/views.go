package redrive

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

func isoTime(epoch float64) string {
	return time.UnixMilli(int64(epoch * 1000)).UTC().Format("2006-01-02T15:04:05.000Z")
}

func (e *Engine) describeExecution(c caller, req request) (any, error) {
	return e.describe(c, req.ExecutionARN)
}

// describe returns the execution with the outcome of its last run, and the members
// about redrives that the engine leaves out.
func (e *Engine) describe(c caller, arn string) (object, error) {
	x, err := c.call("DescribeExecution", object{"executionArn": arn})
	if err != nil {
		return nil, err
	}
	runs := e.runsOf(arn)
	x["redriveCount"] = len(runs)
	if len(runs) > 0 {
		last := runs[len(runs)-1]
		now, err := c.call("DescribeExecution", object{"executionArn": last.arn})
		if err != nil {
			return nil, err
		}
		for _, key := range []string{"status", "stopDate", "output", "outputDetails", "error", "cause"} {
			delete(x, key)
			if value, ok := now[key]; ok {
				x[key] = value
			}
		}
		x["redriveDate"] = gateway.Epoch(last.at)
	}
	x["redriveStatus"] = "REDRIVABLE"
	if reason := notRedrivable(x); reason != "" {
		x["redriveStatus"], x["redriveStatusReason"] = "NOT_REDRIVABLE", reason
	}
	return x, nil
}

// notRedrivable returns AWS's reason why an execution cannot be redriven; empty
// if it can.
func notRedrivable(x object) string {
	switch status := x.str("status"); {
	case status == "RUNNING" || status == "SUCCEEDED":
		return "Execution is " + status + " and cannot be redriven"
	case x["stopDate"] != nil && time.Since(time.UnixMilli(int64(x.num("stopDate")*1000))) > redrivable:
		return "Execution redrivable period exceeded"
	}
	return ""
}

// listExecutions pages by itself, because the engine's filter does not know of
// redrives. Its token is the ARN of the last execution of a page: the list changes
// at its newest end only.
func (e *Engine) listExecutions(c caller, req request) (any, error) {
	items, err := c.all("ListExecutions", "executions", object{"stateMachineArn": req.StateMachineARN, "maxResults": 1000})
	if err != nil {
		return nil, err
	}
	from := 1 + slices.IndexFunc(items, func(x object) bool { return x.str("executionArn") == req.NextToken })
	if req.NextToken != "" && from == 0 {
		return nil, gateway.BadRequest("InvalidToken", "Invalid Token: '"+req.NextToken+"'")
	}
	page, limit := make([]object, 0), limitOf(req)
	for _, item := range items[from:] {
		if err := e.update(c, item); err != nil {
			return nil, err
		}
		if req.StatusFilter != "" && item.str("status") != req.StatusFilter {
			continue
		}
		if len(page) == limit {
			return object{"executions": page, "nextToken": page[limit-1].str("executionArn")}, nil
		}
		page = append(page, item)
	}
	return object{"executions": page}, nil
}

// limitOf returns how many results a page may have.
func limitOf(req request) int {
	if req.MaxResults == 0 {
		return 100
	}
	return min(req.MaxResults, 1000)
}

// update makes an item of a list say what became of the redriven execution.
func (e *Engine) update(c caller, item object) error {
	item["redriveCount"] = 0
	if len(e.runsOf(item.str("executionArn"))) == 0 {
		return nil
	}
	x, err := e.describe(c, item.str("executionArn"))
	if err != nil {
		return err
	}
	delete(item, "stopDate")
	for _, key := range []string{"status", "stopDate", "redriveCount", "redriveDate"} {
		if value, ok := x[key]; ok {
			item[key] = value
		}
	}
	return nil
}

// getExecutionHistory orders and pages by itself, which the engine does not. Its
// token is the ID of the last event of a page.
func (e *Engine) getExecutionHistory(c caller, req request) (any, error) {
	events, err := e.history(c, req.ExecutionARN)
	if err != nil {
		return nil, err
	}
	if req.ReverseOrder {
		slices.Reverse(events)
	}
	from := 0
	if req.NextToken != "" {
		id, err := strconv.ParseFloat(req.NextToken, 64)
		from = 1 + slices.IndexFunc(events, func(event object) bool { return event.num("id") == id })
		if err != nil || from == 0 {
			return nil, gateway.BadRequest("InvalidToken", "Invalid Token: '"+req.NextToken+"'")
		}
	}
	page := events[from:]
	if limit := limitOf(req); len(page) > limit {
		page = page[:limit]
		return object{"events": page, "nextToken": strconv.FormatFloat(page[limit-1].num("id"), 'f', -1, 64)}, nil
	}
	return object{"events": page}, nil
}

// history returns the events of the execution and of its runs, as one sequence.
func (e *Engine) history(c caller, arn string) ([]object, error) {
	events, err := c.all("GetExecutionHistory", "events", object{"executionArn": arn})
	if err != nil {
		return nil, err
	}
	for i, r := range e.runsOf(arn) {
		more, err := c.all("GetExecutionHistory", "events", object{"executionArn": r.arn})
		if err != nil {
			return nil, err
		}
		before := float64(len(events))
		events = append(events, object{
			"id": before + 1, "previousEventId": before, "timestamp": gateway.Epoch(r.at),
			"type": "ExecutionRedriven", "executionRedrivenEventDetails": object{"redriveCount": i + 1},
		})
		for _, event := range more[min(1, len(more)):] { // all but ExecutionStarted
			event = maps.Clone(event)
			event["id"] = event.num("id") + before
			event["previousEventId"] = max(event.num("previousEventId"), 1) + before
			events = append(events, event)
		}
	}
	return events, nil
}

// stopExecution stops the run that is under way.
func (e *Engine) stopExecution(c caller, req request) (any, error) {
	if runs := e.runsOf(req.ExecutionARN); len(runs) > 0 {
		req.ExecutionARN = runs[len(runs)-1].arn
	}
	return c.call("StopExecution", req)
}
