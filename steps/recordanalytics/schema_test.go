package main

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/onboarding/statemachine"
)

const schemaFile = "useronboarded.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	s, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// described is a member in the schema; of an object, with the members that it names.
type described struct {
	Ref         string `json:"$ref"`
	Description string
	Required    []string
	Properties  map[string]json.RawMessage
	Defs        map[string]json.RawMessage `json:"$defs"`
}

func readSchema(t *testing.T) described {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return decodeSchema(t, text)
}

func decodeSchema(t *testing.T, text []byte) described {
	t.Helper()
	var d described
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGoldenDetailsAreAsTheSchemaHasThem(t *testing.T) {
	for _, file := range []string{"testdata/detail.json", "testdata/detail_skipped.json"} {
		if err := schema(t).Validate(readDetail(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func readDetail(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var detail map[string]any
	if err := json.Unmarshal(text, &detail); err != nil {
		t.Fatal(err)
	}
	return detail
}

// promised are the members that the events of version 1 have had from the beginning.
// Taking one away is a new version.
var promised = []string{
	"version", "sub", "userPoolId", "clientId", "metadata", "startedAt", "onboardedAt", "durationMillis",
	"group", "group.status", "group.reason", "group.groups",
	"profile", "profile.status", "profile.reason", "email", "email.status", "email.reason",
}

func TestEventWithoutAPromisedMemberIsRefused(t *testing.T) {
	for _, path := range promised {
		detail := readDetail(t, "testdata/detail.json")
		object, name := detail, path
		if parent, child, nested := strings.Cut(path, "."); nested {
			object, _ = detail[parent].(map[string]any)
			name = child
		}
		if _, found := object[name]; !found {
			t.Errorf("the event has no %s", path)
		}
		delete(object, name)
		if schema(t).Validate(detail) == nil {
			t.Errorf("the schema accepts an event without %s", path)
		}
	}
}

func TestSchemaAcceptsWhatMayBeAddedAndNoOtherChange(t *testing.T) {
	outcome := func(status, reason string) map[string]any { return map[string]any{"status": status, "reason": reason} }
	for _, test := range []struct {
		name, member string
		value        any
		accepted     bool
	}{
		{"new member", "plan", "free", true},
		{"new reason", "email", outcome("skipped", "moved away"), true},
		{"new member of an outcome", "email", map[string]any{"status": "done", "reason": "", "locale": "pt-BR"}, true},
		{"new status", "email", outcome("bounced", "user not found"), false},
		{"done for a reason", "email", outcome("done", "user not found"), false},
		{"skipped for no reason", "email", outcome("skipped", ""), false},
		{"another version", "version", "2", false},
		{"version as a number", "version", 1.0, false},
		{"sub that names no execution", "sub", "jane@example.com", false},
		{"null", "metadata", nil, false},
		{"long metadata", "metadata", map[string]any{"campaign": strings.Repeat("é", 257)}, false},
		{"time without a date", "startedAt", "12:00:00", false},
		{"duration as text", "durationMillis", "90061123", false},
		{"duration in fractions", "durationMillis", 0.5, false},
	} {
		detail := readDetail(t, "testdata/detail.json")
		detail[test.member] = test.value
		if err := schema(t).Validate(detail); (err == nil) != test.accepted {
			t.Errorf("%s: the schema answers %v to %s = %v", test.name, err, test.member, test.value)
		}
	}
}

// TestSchemaDescribesEveryMember holds the schema against the Go types, both ways.
func TestSchemaDescribesEveryMember(t *testing.T) {
	root := readSchema(t)
	checkMembers(t, root, root, "detail", reflect.TypeFor[UserOnboarded]())
}

func checkMembers(t *testing.T, root, object described, name string, of reflect.Type) {
	t.Helper()
	if definition, ok := strings.CutPrefix(object.Ref, "#/$defs/"); ok {
		shared := decodeSchema(t, root.Defs[definition])
		object.Required = append(object.Required, shared.Required...)
		if object.Properties == nil {
			object.Properties = make(map[string]json.RawMessage)
		}
		maps.Copy(object.Properties, shared.Properties)
	}
	types := make(map[string]reflect.Type)
	members(of, types)
	names := slices.Sorted(maps.Keys(types))
	if got := slices.Sorted(maps.Keys(object.Properties)); !slices.Equal(got, names) {
		t.Errorf("%s: the schema describes %v, the Go type has %v", name, got, names)
	}
	slices.Sort(object.Required)
	if !slices.Equal(object.Required, names) {
		t.Errorf("%s: the schema requires %v, the Go type always has %v", name, object.Required, names)
	}
	for member, kind := range types {
		if decodeSchema(t, object.Properties[member]).Description == "" {
			t.Errorf("%s: %s has no description", name, member)
		}
		if kind.Kind() == reflect.Struct && kind.PkgPath() == reflect.TypeFor[statemachine.Outcome]().PkgPath() {
			checkMembers(t, root, decodeSchema(t, object.Properties[member]), member, kind)
		}
	}
}

// members collects the JSON members of a struct.
func members(of reflect.Type, into map[string]reflect.Type) {
	for field := range of.Fields() {
		if field.Anonymous {
			members(field.Type, into)
			continue
		}
		into[field.Tag.Get("json")] = field.Type
	}
}
