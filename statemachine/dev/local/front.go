package local

import (
	"net/http"
	"strings"
)

// Front puts a handler before the gateway, which is next: a page in a browser, say. Of
// several, the last one is the first.
func (a *AWS) Front(around func(next http.Handler) http.Handler) {
	handler := around(a.front())
	a.handler.Store(&handler)
}

func (a *AWS) front() http.Handler {
	if handler := a.handler.Load(); handler != nil {
		return *handler
	}
	return a.gateway
}

// LogicalID returns the name that the template has for a function; a name that the stack
// does not have stays as it is.
func (a *AWS) LogicalID(function string) string {
	for id, name := range a.names {
		if name == function {
			return id
		}
	}
	return function
}

// Functions returns the logical IDs of the stack's functions.
func (a *AWS) Functions() []string {
	var ids []string
	for id, r := range a.template.Resources {
		if strings.HasSuffix(r.Type, "::Function") {
			ids = append(ids, id)
		}
	}
	return ids
}
