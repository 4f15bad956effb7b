// Package mock reads MockConfigFile.json: cases in which the result of each
// attempt of each step is given, and how the definition makes such a case end.
//
// The file has the format of Step Functions Local
// (https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html),
// which runs the cases by itself. For other engines the local AWS serves them in
// the place of the functions.
package mock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Machine is the name of the state machine that the cases are for.
const Machine = "OnboardingStateMachine"

// Case is what each state is answered, by the state's name.
type Case map[string]Responses

// Responses are the answers to the attempts of a state, the first one at 0.
type Responses []Response

// Response is the answer to one attempt: either Return or Throw.
type Response struct {
	Return *Return
	Throw  *Throw
}

// Return is the answer of lambda:invoke for a function that ended well.
type Return struct {
	StatusCode int
	// Payload is what the function returned.
	Payload json.RawMessage
}

// Throw is the error that an attempt ends with.
type Throw struct {
	Error, Cause string
}

// Read returns the cases of the file, by name. A file with a response that is
// missing, unused or not numbered from 0 without gaps is an error: Step Functions
// Local notices such a thing only when an execution gets there.
func Read(file string) (map[string]Case, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the mocked cases: %w", err)
	}
	cases, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return cases, nil
}

func parse(text []byte) (map[string]Case, error) {
	var f struct {
		StateMachines map[string]struct {
			TestCases map[string]map[string]string
		}
		MockedResponses map[string]Responses
	}
	if err := decodeStrictly(text, &f); err != nil {
		return nil, err
	}
	machine, ok := f.StateMachines[Machine]
	if !ok || len(f.StateMachines) != 1 {
		return nil, errors.New("the one state machine should be " + Machine)
	}
	cases, used := make(map[string]Case), make(map[string]bool)
	for name, states := range machine.TestCases {
		cases[name] = make(Case)
		for state, response := range states {
			if cases[name][state], ok = f.MockedResponses[response]; !ok {
				return nil, fmt.Errorf("%s, %s: no mocked response %s", name, state, response)
			}
			used[response] = true
		}
	}
	for response := range f.MockedResponses {
		if !used[response] {
			return nil, fmt.Errorf("no case uses the mocked response %s", response)
		}
	}
	return cases, nil
}

// UnmarshalJSON implements json.Unmarshaler: the keys are numbers of attempts, as
// "0", or ranges of them, as "1-2".
func (r *Responses) UnmarshalJSON(text []byte) error {
	var ranges map[string]Response
	if err := decodeStrictly(text, &ranges); err != nil {
		return err
	}
	byAttempt := make(map[int]Response)
	for key, response := range ranges {
		first, last, err := attempts(key)
		if err != nil {
			return err
		}
		if (response.Return == nil) == (response.Throw == nil) {
			return fmt.Errorf("attempt %s should have either Return or Throw", key)
		}
		for i := first; i <= last; i++ {
			if _, twice := byAttempt[i]; twice {
				return fmt.Errorf("attempt %d is mocked twice", i)
			}
			byAttempt[i] = response
		}
	}
	*r = slices.Grow(*r, len(byAttempt))
	for i := range len(byAttempt) {
		response, ok := byAttempt[i]
		if !ok {
			return fmt.Errorf("attempt %d is not mocked, and a later one is", i)
		}
		*r = append(*r, response)
	}
	return nil
}

// attempts parses the key of a mocked response.
func attempts(key string) (first, last int, err error) {
	from, to, isRange := strings.Cut(key, "-")
	if !isRange {
		to = from
	}
	first, errFirst := strconv.Atoi(from)
	last, errLast := strconv.Atoi(to)
	if errFirst != nil || errLast != nil || last < first {
		return 0, 0, fmt.Errorf("%q is no number of an attempt and no range", key)
	}
	return first, last, nil
}

func decodeStrictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}
