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

// described is an object in the schema, as far as it names members.
type described struct {
	Ref        string `json:"$ref"`
	Required   []string
	Properties map[string]json.RawMessage
	Defs       map[string]json.RawMessage `json:"$defs"`
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
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		detail, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema(t).Validate(detail); err != nil {
			t.Errorf("%s: %v", file, err)
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
