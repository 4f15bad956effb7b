package statemachine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// templateFile is the part of template.yaml that has to agree with other files.
type templateFile struct {
	Globals struct {
		Function struct {
			Environment environment `yaml:"Environment"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			CodeURI                 string               `yaml:"CodeUri"`
			Timeout                 int                  `yaml:"Timeout"`
			DefinitionURI           string               `yaml:"DefinitionUri"`
			Environment             environment          `yaml:"Environment"`
			DefinitionSubstitutions map[string]yaml.Node `yaml:"DefinitionSubstitutions"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

type environment struct {
	Variables map[string]yaml.Node `yaml:"Variables"`
}

func template(t *testing.T) templateFile {
	t.Helper()
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var f templateFile
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// folders returns the folder of each function of the template, by logical ID.
func folders(t *testing.T) map[string]string {
	t.Helper()
	m := make(map[string]string)
	for id, r := range template(t).Resources {
		if r.Type == "AWS::Serverless::Function" {
			m[id] = filepath.Clean(r.Properties.CodeURI)
		}
	}
	if len(m) == 0 {
		t.Fatal("template.yaml has no function")
	}
	return m
}

func TestEachStateHasItsFunctionAndFolder(t *testing.T) {
	m, functions := definition(t), folders(t)
	for name := range m.States {
		if got, want := functions[name+"Function"], filepath.Join("steps", strings.ToLower(name)); got != want {
			t.Errorf("%s: folder %q, want %q", name, got, want)
		}
	}
	steps, err := filepath.Glob("../steps/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) != len(m.States) {
		t.Errorf("%d folders in steps for %d states: %v", len(steps), len(m.States), steps)
	}
}

func TestDefinitionSubstitutionsAreTheOnesUsed(t *testing.T) {
	machine := template(t).Resources["OnboardingStateMachine"].Properties
	if got, want := machine.DefinitionURI, "statemachine/onboarding.asl.json"; got != want {
		t.Errorf("DefinitionUri %s, want %s", got, want)
	}
	var want []string
	for name := range definition(t).States {
		want = append(want, name+"FunctionArn")
		value := machine.DefinitionSubstitutions[name+"FunctionArn"]
		if got, want := value.Value, name+"Function.Arn"; value.Tag != "!GetAtt" || got != want {
			t.Errorf("%sFunctionArn is %s %s, want !GetAtt %s", name, value.Tag, got, want)
		}
	}
	want = append(want, "Partition")
	if partition := machine.DefinitionSubstitutions["Partition"]; partition.Tag != "!Ref" || partition.Value != "AWS::Partition" {
		t.Errorf("Partition is %s %s, want !Ref AWS::Partition", partition.Tag, partition.Value)
	}
	if len(machine.DefinitionSubstitutions) != len(want) {
		t.Errorf("substitutions %v, want %v", machine.DefinitionSubstitutions, want)
	}
}

func TestTaskTimesOutAfterItsFunction(t *testing.T) {
	resources := template(t).Resources
	for name, s := range definition(t).States {
		if function := resources[name+"Function"].Properties.Timeout; function == 0 || s.TimeoutSeconds <= function {
			t.Errorf("%s: the task has %d s, its function %d", name, s.TimeoutSeconds, function)
		}
	}
}

func TestEnvironmentIsWhatMainReads(t *testing.T) {
	file := template(t)
	for id, folder := range folders(t) {
		variables := make(map[string]yaml.Node)
		maps.Copy(variables, file.Globals.Function.Environment.Variables)
		maps.Copy(variables, file.Resources[id].Properties.Environment.Variables)
		for _, name := range []string{"GOMAXPROCS", "SSL_CERT_DIR"} { // Go itself reads them
			if _, ok := variables[name]; !ok {
				t.Errorf("%s is not given %s", id, name)
			}
			delete(variables, name)
		}
		given := slices.Sorted(maps.Keys(variables))
		if read := variablesRead(t, filepath.Join("..", folder, "main.go")); !slices.Equal(given, read) {
			t.Errorf("%s is given %v and reads %v", id, given, read)
		}
	}
}

// TestFunctionsCallThemselvesByTheirNames compares the name that logs and metrics
// have with the one of the state, or of the resource.
func TestFunctionsCallThemselvesByTheirNames(t *testing.T) {
	for id, folder := range folders(t) {
		file := filepath.Join("..", folder, "main.go")
		got := append(argumentsOf(t, file, "logs", "New"), argumentsOf(t, file, "step", "New")...)
		if want := strings.TrimSuffix(id, "Function"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s calls itself %q, want %s", folder, got, want)
		}
	}
}

// variablesRead returns the sorted names of the environment variables that the
// file reads with os.Getenv.
func variablesRead(t *testing.T, file string) []string {
	t.Helper()
	names := argumentsOf(t, file, "os", "Getenv")
	slices.Sort(names)
	return slices.Compact(names)
}

// argumentsOf returns the first argument, a literal, of each call of a package's
// function in the file.
func argumentsOf(t *testing.T, file, pkg, function string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var arguments []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || f.Sel.Name != function {
			return true
		}
		if from, ok := f.X.(*ast.Ident); !ok || from.Name != pkg {
			return true
		}
		literal, ok := call.Args[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s: %s.%s of something other than a literal", file, pkg, function)
		}
		argument, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, argument)
		return true
	})
	return arguments
}
