package eventsource

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"example.com/onboarding/statemachine/dev/internal/gateway"
	"example.com/onboarding/statemachine/dev/internal/uuid"
)

const mappingsPath = "/2015-03-31/event-source-mappings"

// Mappings answers the calls of Lambda's API that list the mappings, describe one,
// and enable or disable it. The backend is not told of a mapping, because it would
// hand the messages to a function in Docker; calls that make or delete one go to it
// all the same.
type Mappings struct {
	next http.Handler
	mux  *http.ServeMux

	mu     sync.Mutex
	queues []*Queue
}

// Around returns the mappings, none at first. Other calls go to the backend.
func Around(backend http.Handler) *Mappings {
	m := &Mappings{next: backend, mux: http.NewServeMux()}
	m.mux.Handle("/", backend)
	m.mux.HandleFunc("GET "+mappingsPath+"/{$}", m.list)
	m.mux.HandleFunc("GET "+mappingsPath, m.list)
	m.mux.HandleFunc("GET "+mappingsPath+"/{uuid}", m.get)
	m.mux.HandleFunc("PUT "+mappingsPath+"/{uuid}", m.update)
	return m
}

// Add adds a mapping.
func (m *Mappings) Add(q *Queue) {
	m.mu.Lock()
	defer m.mu.Unlock()
	q.uuid = uuid.New()
	m.queues = append(m.queues, q)
}

// ServeHTTP implements http.Handler.
func (m *Mappings) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, mappingsPath) {
		m.mux.ServeHTTP(w, r)
		return
	}
	m.next.ServeHTTP(w, r) // the mux would clean the path
}

func (m *Mappings) list(w http.ResponseWriter, r *http.Request) {
	function, source := r.FormValue("FunctionName"), r.FormValue("EventSourceArn")
	m.mu.Lock()
	defer m.mu.Unlock()
	found := make([]map[string]any, 0)
	for _, q := range m.queues {
		if (function == "" || nameOf(function) == nameOf(q.Function)) && (source == "" || source == q.ARN) {
			found = append(found, q.describe())
		}
	}
	answer(w, http.StatusOK, map[string]any{"EventSourceMappings": found})
}

func (m *Mappings) get(w http.ResponseWriter, r *http.Request) {
	if q := m.find(w, r); q != nil {
		answer(w, http.StatusOK, q.describe())
	}
}

// update enables or disables the mapping. Lambda takes a while for it; here it is
// done with the answer.
func (m *Mappings) update(w http.ResponseWriter, r *http.Request) {
	q := m.find(w, r)
	if q == nil {
		return
	}
	var in struct{ Enabled *bool }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Enabled == nil {
		refuse(w, http.StatusBadRequest, "InvalidParameterValueException", "the local AWS changes nothing but Enabled")
		return
	}
	q.disabled.Store(!*in.Enabled)
	answer(w, http.StatusAccepted, q.describe())
}

// find returns the mapping that the call names, or answers that there is none.
func (m *Mappings) find(w http.ResponseWriter, r *http.Request) *Queue {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.queues, func(q *Queue) bool { return q.uuid == r.PathValue("uuid") })
	if i < 0 {
		refuse(w, http.StatusNotFound, "ResourceNotFoundException", "The resource you requested does not exist.")
		return nil
	}
	return m.queues[i]
}

func (q *Queue) describe() map[string]any {
	state := "Enabled"
	if q.disabled.Load() {
		state = "Disabled"
	}
	return map[string]any{
		"UUID": q.uuid, "EventSourceArn": q.ARN, "FunctionArn": q.FunctionARN, "BatchSize": q.BatchSize,
		"State": state, "StateTransitionReason": "USER_INITIATED", "FunctionResponseTypes": []string{"ReportBatchItemFailures"},
	}
}

// nameOf returns the name of a function that is named by its name or ARN.
func nameOf(function string) string {
	if _, name, isARN := strings.Cut(function, ":function:"); isARN {
		return name
	}
	return function
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) //nolint:errcheck,errchkjson // the caller may be gone
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	(&gateway.APIError{Status: status, Code: code, Message: message}).ServeHTTP(w, nil)
}
