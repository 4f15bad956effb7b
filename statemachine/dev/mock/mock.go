// Package mock makes the cases of MockConfigFile.json, in which the result of each
// attempt of each step is given, and says how the definition makes such a case end.
//
// The file has the format of Step Functions Local
// (https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html),
// which runs the cases by itself. For other engines the local AWS serves them in
// the place of the functions.
package mock

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/project"
)

// Machine is the name of the state machine that the cases are for.
const Machine = project.Machine

// Case is what each state is answered, by the state's name.
type Case map[string]Responses

// Responses are the answers to the attempts of a state, the first one at 0.
type Responses []Response

// Response is the answer to one attempt: either Return or Throw.
type Response struct {
	Return *Return `json:",omitempty"`
	Throw  *Throw  `json:",omitempty"`
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

// happyPath is the case in which every state is done at once.
const happyPath = "HappyPath"

// mockedRetries is how often an attempt fails in a case that ends well.
const mockedRetries = 2

// notRetried are the errors of the contract that stop an execution.
var notRetried = []string{
	reflect.TypeFor[statemachine.ConfigurationError]().Name(), reflect.TypeFor[statemachine.UnexpectedError]().Name(),
}

// Cases returns the cases of a project, by name: one in which every state is done,
// and those in which one state is not done at once, all others being done.
func Cases(p *project.Project) map[string]Case {
	happy := make(Case)
	for _, s := range p.Steps {
		happy[s.State] = Responses{returns(s, statemachine.Done())}
	}
	cases := map[string]Case{happyPath: happy}
	for _, s := range p.Steps {
		for name, responses := range variants(s) {
			c := maps.Clone(happy)
			c[s.State] = responses
			cases[s.State+name] = c
		}
	}
	return cases
}

// variants returns what one state may be answered but for being done at once.
func variants(s project.Step) map[string]Responses {
	ends := returns(s, statemachine.Done())
	all := make(map[string]Responses)
	for _, reason := range s.Reasons {
		all["Skips"+camel(reason)] = Responses{returns(s, statemachine.Skipped(statemachine.Reason(reason)))}
	}
	for _, e := range notRetried {
		all["StopsOn"+e] = Responses{throws(e)}
	}
	var ofLambda Responses
	for _, r := range s.Definition.Retry {
		for _, e := range r.ErrorEquals {
			switch {
			case strings.HasPrefix(e, "States."): // the engine's own, which no function can give
			case strings.Contains(e, "."):
				ofLambda = append(ofLambda, throws(e))
			default:
				all["Retries"+e] = append(slices.Repeat(Responses{throws(e)}, mockedRetries), ends)
				all["Exhausts"+e] = slices.Repeat(Responses{throws(e)}, r.Attempts()+1)
			}
		}
	}
	if len(ofLambda) > 0 {
		all["RetriesLambdaErrors"] = append(ofLambda, ends)
	}
	return all
}

func throws(name string) Response {
	return Response{Throw: &Throw{Error: name, Cause: "mocked " + name}}
}

// returns is the result of a step that ended so, its other members empty.
func returns(s project.Step, o statemachine.Outcome) Response {
	members := make(map[string]any)
	for _, m := range s.Members {
		members[m] = empty(s, m)
	}
	members["status"], members["reason"] = o.Status, o.Reason
	return Response{Return: &Return{StatusCode: http.StatusOK, Payload: json.RawMessage(Encode(members))}}
}

// empty is the empty value of the type that a member of the step's result has.
func empty(s project.Step, member string) any {
	i := slices.IndexFunc(s.Fields, func(f project.Field) bool { return f.Name == member })
	if i < 0 {
		return nil
	}
	switch of := s.Fields[i].Type; {
	case strings.HasPrefix(of, "[]"):
		return []any{}
	case of == "bool":
		return false
	case strings.HasPrefix(of, "int"), strings.HasPrefix(of, "uint"), strings.HasPrefix(of, "float"):
		return 0
	case of == "any":
		return nil
	}
	return ""
}

// camel makes one word of a sentence: "user not found" is UserNotFound.
func camel(text string) string {
	var word strings.Builder
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		word.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return word.String()
}
