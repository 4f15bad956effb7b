package local_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

// place is where a call of an onboarding is made: a function, and what it calls.
type place struct {
	// function is the logical ID.
	function, service, action string
}

// at names the place as user.isAt takes it.
func (p place) at() string { return strings.TrimSuffix(p.function, "Function") + " " + p.action }

// fails makes an error of the protocol of the service.
func (p place) fails(status int, code string) http.Handler {
	if p.service == "ses" {
		return mailError(status, code)
	}
	return jsonError(status, code)
}

// denies is the answer of the service to a role without the permission.
func (p place) denies() http.Handler {
	if p.service == "ses" {
		return p.fails(403, "AccessDenied")
	}
	return p.fails(400, "AccessDeniedException")
}

// refuses is an answer of the service that stops the execution at once.
func (p place) refuses() http.Handler { return p.fails(403, "OptInRequired") }

// placesOf returns where the functions made calls for a user, in order.
func placesOf(aws *local.AWS, u user) []place {
	var places []place
	for _, c := range aws.Calls(u.isIn) {
		p := place{c.AccessKeyID, c.Service, c.Action}
		if strings.HasSuffix(p.function, "Function") && !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	return places
}

// placesOfOne onboards a user, for whom nothing fails, and returns where the functions
// made calls.
func placesOfOne(t *testing.T, aws *local.AWS) []place {
	t.Helper()
	u := signUp(t, aws)
	checkSucceeded(t, confirm(t, aws, u))
	return placesOf(aws, u)
}

// someStep returns a state in the middle, and the first call of its function: one that
// stops the execution when it is refused.
func someStep(t *testing.T, aws *local.AWS) (state string, first place) {
	t.Helper()
	var calling []place // the first call of each state
	places := placesOfOne(t, aws)
	for _, s := range described(t).Steps {
		if i := slices.IndexFunc(places, func(p place) bool { return p.function == s.Function.LogicalID }); i >= 0 {
			calling = append(calling, places[i])
		}
	}
	if len(calling) == 0 {
		t.Skip("no step of the definition calls a service")
	}
	first = calling[len(calling)/2]
	return strings.TrimSuffix(first.function, "Function"), first
}
