package standin

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"example.com/onboarding/statemachine/local/internal/gateway"
	"example.com/onboarding/statemachine/local/internal/uuid"
)

// users is a user pool whose users sign in by mail address. It knows one pool, and
// takes any code, password and group.
type users struct {
	mu   sync.Mutex
	byID map[string]*user // by username, and by mail address
}

type user struct {
	name, status string
	attributes   map[string]string
	groups       []string
	made         time.Time
}

func newUsers() *users { return &users{byID: make(map[string]*user)} }

type attribute struct{ Name, Value string }

type userRequest struct {
	Username       string
	GroupName      string
	UserAttributes []attribute
}

// userActions are the calls that the stand-in knows of a user who has signed up; the
// answer is a JSON object.
var userActions = map[string]func(*user, userRequest) map[string]any{
	"ConfirmSignUp":             (*user).confirm,
	"AdminGetUser":              (*user).describe,
	"AdminUpdateUserAttributes": (*user).update,
	"AdminAddUserToGroup":       (*user).join,
	"AdminListGroupsForUser":    (*user).listGroups,
	"ForgotPassword":            (*user).nothing,
	"ConfirmForgotPassword":     (*user).nothing,
}

func (u *users) serve(w http.ResponseWriter, call gateway.Call) {
	var in userRequest
	if err := call.Decode(&in); err != nil {
		refuse(w, "SerializationException", "the request is no JSON object")
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if call.Action == "SignUp" {
		u.signUp(w, in)
		return
	}
	known, found := u.byID[in.Username]
	switch act := userActions[call.Action]; {
	case act == nil:
		refuse(w, "UnknownOperationException", "the stand-in does not know "+call.Action)
	case !found:
		refuse(w, "UserNotFoundException", "User does not exist.")
	default:
		answer(w, act(known, in))
	}
}

func (u *users) signUp(w http.ResponseWriter, in userRequest) {
	if u.byID[in.Username] != nil {
		refuse(w, "UsernameExistsException", "An account with the given email already exists.")
		return
	}
	sub := uuid.New()
	made := &user{name: sub, status: "UNCONFIRMED", attributes: map[string]string{"sub": sub}, made: time.Now()}
	made.update(in)
	u.byID[sub], u.byID[in.Username] = made, made
	answer(w, map[string]any{"UserConfirmed": false, "UserSub": sub})
}

func (u *user) confirm(userRequest) map[string]any {
	u.status = "CONFIRMED"
	return map[string]any{}
}

func (u *user) describe(userRequest) map[string]any {
	attributes := []attribute{}
	for _, name := range slices.Sorted(maps.Keys(u.attributes)) {
		attributes = append(attributes, attribute{name, u.attributes[name]})
	}
	made := gateway.Epoch(u.made)
	return map[string]any{
		"Username": u.name, "UserAttributes": attributes, "UserStatus": u.status, "Enabled": true,
		"UserCreateDate": made, "UserLastModifiedDate": made,
	}
}

func (u *user) update(in userRequest) map[string]any {
	for _, a := range in.UserAttributes {
		u.attributes[a.Name] = a.Value
	}
	return map[string]any{}
}

func (u *user) join(in userRequest) map[string]any {
	if !slices.Contains(u.groups, in.GroupName) {
		u.groups = append(u.groups, in.GroupName)
	}
	return map[string]any{}
}

func (u *user) listGroups(userRequest) map[string]any {
	groups := []map[string]string{}
	for _, name := range u.groups {
		groups = append(groups, map[string]string{"GroupName": name})
	}
	return map[string]any{"Groups": groups}
}

func (u *user) nothing(userRequest) map[string]any { return map[string]any{} }
