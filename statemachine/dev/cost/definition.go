package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// machine is what a definition says of transitions; branches are machines, too.
type machine struct {
	StartAt string
	States  map[string]state
}

type state struct {
	Type, Next string
	End        bool
	Branches   []machine
	Retry      []struct{ IntervalSeconds int }
}

func parse(definition string) (machine, error) {
	var m machine
	if err := json.Unmarshal([]byte(definition), &m); err != nil {
		return machine{}, fmt.Errorf("decode the definition: %w", err)
	}
	return m, nil
}

// path returns the states in the order in which they are entered.
func (m machine) path() ([]string, error) {
	var names []string
	for name := m.StartAt; ; name = m.States[name].Next {
		s, ok := m.States[name]
		switch {
		case !ok || slices.Contains(names, name):
			return nil, fmt.Errorf("the path %v leads to %q", names, name)
		case !slices.Contains([]string{"Task", "Pass", "Wait", "Parallel", "Succeed"}, s.Type):
			return nil, fmt.Errorf("how many transitions %s takes, a %s, depends on the input", name, s.Type)
		}
		names = append(names, name)
		if s.End || s.Type == "Succeed" {
			return names, nil
		}
	}
}

// transitions returns how many state transitions an execution takes in which nothing
// is retried. Step Functions counts one for each state that is entered, a Parallel
// state and each state of its branches included.
func (m machine) transitions() (int, error) {
	names, err := m.path()
	if err != nil {
		return 0, err
	}
	n := len(names)
	for _, name := range names {
		for _, branch := range m.States[name].Branches {
			more, err := branch.transitions()
			if err != nil {
				return 0, err
			}
			n += more
		}
	}
	return n, nil
}

// inParallel returns the machine with all states between the first and the last in one
// Parallel state.
func (m machine) inParallel() (machine, error) {
	names, err := m.path()
	if err != nil {
		return machine{}, err
	}
	if len(names) < 4 {
		return machine{}, errors.New("there are not two states between the first and the last")
	}
	first, last := names[0], names[len(names)-1]
	together := state{Type: "Parallel", Next: last}
	for _, name := range names[1 : len(names)-1] {
		together.Branches = append(together.Branches, machine{name, map[string]state{name: {Type: m.States[name].Type, End: true}}})
	}
	return machine{first, map[string]state{
		first: {Type: m.States[first].Type, Next: "Together"}, "Together": together, last: {Type: m.States[last].Type, End: true},
	}}, nil
}
