package mock

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"example.com/onboarding/statemachine/dev/project"
)

// File returns MockConfigFile.json for a project: a case and a response a line, each
// response named for the case that it was made for.
func File(p *project.Project) string {
	cases := Cases(p)
	var tests, responses []string
	add := func(name string, r Responses) {
		responses = append(responses, fmt.Sprintf("    %q: %s", name, Encode(ranges(r))))
	}
	for _, state := range p.States() {
		add(state+"Done", cases[happyPath][state])
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		var answers []string
		for _, state := range p.States() {
			response := state + "Done"
			if r := cases[name][state]; !reflect.DeepEqual(r, cases[happyPath][state]) {
				response = name
				add(name, r)
			}
			answers = append(answers, fmt.Sprintf("%q: %q", state, response))
		}
		tests = append(tests, fmt.Sprintf("        %q: { %s }", name, strings.Join(answers, ", ")))
	}
	return fmt.Sprintf(layout, Machine, strings.Join(tests, ",\n"), strings.Join(responses, ",\n"))
}

const layout = `{
  "StateMachines": {
    %q: {
      "TestCases": {
%s
      }
    }
  },
  "MockedResponses": {
%s
  }
}
`

// ranges are responses by the numbers of the attempts that they answer, as "0", or by
// ranges of them, as "1-2".
func ranges(r Responses) map[string]Response {
	all := make(map[string]Response)
	for first := 0; first < len(r); {
		last := first
		for last+1 < len(r) && reflect.DeepEqual(r[last+1], r[first]) {
			last++
		}
		key := strconv.Itoa(first)
		if last > first {
			key = fmt.Sprintf("%d-%d", first, last)
		}
		all[key] = r[first]
		first = last + 1
	}
	return all
}

// Encode is v as JSON. It panics for what cannot be.
func Encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // there is nothing in it that could not be marshalled
	}
	return string(text)
}
