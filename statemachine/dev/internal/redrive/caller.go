package redrive

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

// object is a JSON object of the engine.
type object map[string]any

func (o object) str(key string) string {
	s, _ := o[key].(string)
	return s
}

func (o object) num(key string) float64 {
	n, _ := o[key].(float64)
	return n
}

func (o object) object(key string) object {
	m, _ := o[key].(map[string]any)
	return m
}

// list returns the objects of an array.
func (o object) list(key string) []object {
	values, _ := o[key].([]any)
	var objects []object
	for _, value := range values {
		if m, ok := value.(map[string]any); ok {
			objects = append(objects, m)
		}
	}
	return objects
}

// caller makes calls of the engine on behalf of a request, with its headers.
type caller struct {
	engine  http.Handler
	request *http.Request
}

// call returns what the engine answers; if that is no success, as an *answer.
func (c caller) call(action string, in any) (object, error) {
	held, err := gateway.Ask(c.engine, c.request, "AWSStepFunctions."+action, in)
	if err != nil {
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	if held.Status != http.StatusOK {
		return nil, &answer{held}
	}
	var out object
	if err := json.Unmarshal(held.Body.Bytes(), &out); err != nil {
		return nil, fmt.Errorf("decode the answer to %s: %w", action, err)
	}
	return out, nil
}

// all returns a member of all pages of a call.
func (c caller) all(action, key string, in object) ([]object, error) {
	in = maps.Clone(in)
	var found []object
	for {
		page, err := c.call(action, in)
		if err != nil {
			return nil, err
		}
		found = append(found, page.list(key)...)
		if in["nextToken"] = page.str("nextToken"); in["nextToken"] == "" {
			return found, nil
		}
	}
}

// answer is what the engine answered. It is an error that can be passed on.
type answer struct{ *gateway.HeldResponse }

func (a *answer) Error() string { return fmt.Sprintf("the engine answered %d: %s", a.Status, &a.Body) }

func writeError(w http.ResponseWriter, err error) {
	if a, ok := errors.AsType[*answer](err); ok {
		a.SendTo(w)
		return
	}
	api, ok := errors.AsType[*gateway.APIError](err)
	if !ok {
		api = &gateway.APIError{Status: http.StatusInternalServerError, Code: "InternalServerException", Message: err.Error()}
	}
	api.ServeHTTP(w, nil)
}
