package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/feed"
)

// Graph is the definition as it is drawn.
type Graph struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// Node is a state. The start and the end are nodes too, without Lines.
type Node struct {
	ID    string   `json:"id"`
	Lines []string `json:"lines"`
	// Status is waiting, RUNNING, retrying, done, skipped or FAILED.
	Status string `json:"status"`
}

// Edge leads from one state to the next.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// graph returns the definition, with how far the execution is in it.
func graph(definition string, r Run) (Graph, error) {
	var d struct {
		StartAt string
		States  map[string]struct {
			Next, Default  string
			End            bool
			Choices, Catch []struct{ Next string }
		}
	}
	if err := json.Unmarshal([]byte(definition), &d); err != nil {
		return Graph{}, fmt.Errorf("decode the definition: %w", err)
	}
	g := Graph{Nodes: []Node{{ID: "[start]"}, {ID: "[end]"}}, Edges: []Edge{{"[start]", d.StartAt}}}
	for _, name := range slices.Sorted(maps.Keys(d.States)) {
		g.Nodes = append(g.Nodes, r.node(name))
		s := d.States[name]
		for _, c := range append(s.Choices, s.Catch...) {
			g.Edges = append(g.Edges, Edge{name, c.Next})
		}
		for _, next := range []string{s.Next, s.Default} {
			if next != "" {
				g.Edges = append(g.Edges, Edge{name, next})
			}
		}
		if s.End || s.Next == "" && s.Default == "" && s.Choices == nil {
			g.Edges = append(g.Edges, Edge{name, "[end]"})
		}
	}
	return g, nil
}

// node is a state, with what became of it.
func (r *Run) node(state string) Node {
	n := Node{ID: state, Lines: []string{state}, Status: "waiting"}
	var tries int
	var took time.Duration
	var last feed.Event
	for _, a := range r.Attempts {
		if a.State == state {
			tries, took, last = tries+1, took+a.Duration, a
		}
	}
	switch last.Kind {
	case feed.AttemptStarted:
		n.Status = "RUNNING"
	case feed.AttemptSucceeded:
		n.Status = cmp.Or(result(last).Status, "done")
	case feed.AttemptFailed:
		n.Status = "retrying"
		if r.Status != string(types.ExecutionStatusRunning) {
			n.Status = r.Status
		}
	default:
		return n
	}
	n.Lines = append(n.Lines, strings.ToLower(n.Status), fmt.Sprintf("%d× in %v", tries, took.Round(time.Millisecond)))
	if last.Error != "" {
		n.Lines = append(n.Lines, last.Error)
	}
	return n
}

// result is a step's, as far as all steps have the same.
func result(e feed.Event) (r struct{ Status, Reason string }) {
	json.Unmarshal(e.Result, &r) //nolint:errcheck // one that is none has no status
	return r
}
