package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/project"
)

// copyOfTree copies what newstep reads and changes.
func copyOfTree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"template.yaml", "go.mod", definitionFile} {
		text, err := os.ReadFile(filepath.Join("../../..", name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"steps", "trigger"} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS("../../../"+folder)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, root string) *project.Project {
	t.Helper()
	p, err := project.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// texts returns the files that adding and removing change.
func texts(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{templateFile, definitionFile} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestStepIsAddedAfterEachStateAndTakenOutAgain(t *testing.T) {
	root := copyOfTree(t)
	was := texts(t, root)
	states := read(t, root).States()
	for i, after := range append([]string{""}, states...) {
		if i == 0 {
			i = len(states)
		}
		if _, err := (options{Name: "StepOfTheTest", After: after}).run(root); err != nil {
			t.Fatalf("after %q: %v", after, err)
		}
		p := read(t, root)
		if want := slices.Insert(slices.Clone(states), i, "StepOfTheTest"); !slices.Equal(p.States(), want) {
			t.Errorf("after %q: states %v, want %v", after, p.States(), want)
		}
		added, err := p.Step("StepOfTheTest")
		if err != nil || added.Result != "stepOfTheTest" || added.Function.Folder != "steps/stepofthetest" || added.Function.Timeout == 0 {
			t.Errorf("after %q: step %+v, error %v", after, added, err)
		}
		if _, err := (options{Name: "StepOfTheTest", Remove: true}).run(root); err != nil {
			t.Fatal(err)
		}
		if got := texts(t, root); got != was {
			t.Errorf("after %q: taking the step out left something behind, or took something along", after)
		}
	}
}

func TestEachStepCanBeTakenOut(t *testing.T) {
	for _, state := range read(t, "../../..").States() {
		root := copyOfTree(t)
		before := read(t, root)
		if _, err := (options{Name: state, Remove: true}).run(root); err != nil {
			t.Fatalf("%s: %v", state, err)
		}
		after := read(t, root)
		if len(after.Steps) != len(before.Steps)-1 || slices.Contains(after.States(), state) {
			t.Errorf("%s: left are %v", state, after.States())
		}
		for _, f := range before.Functions { // the step's own are in its section, and have their folders
			_, err := os.Stat(filepath.Join(root, f.Folder))
			stays := slices.Contains(after.Functions, f)
			if stays != (err == nil) || stays && f.Name == state || !stays && f.Name == "Trigger" {
				t.Errorf("%s: %s stays %t, its folder: %v", state, f.LogicalID, stays, err)
			}
		}
		if text := texts(t, root); strings.Contains(text, state+"Function") {
			t.Errorf("%s: its function is still named", state)
		}
	}
}

func TestNamesThatCannotBeAreRefused(t *testing.T) {
	root := copyOfTree(t)
	was := texts(t, root)
	existing := read(t, root).Steps[0]
	for _, o := range []options{
		{Name: ""},
		{Name: "stepOfTheTest"},
		{Name: "Step-OfTheTest"},
		{Name: "../Escape"},
		{Name: "X" + strings.Repeat("y", 32)},
		{Name: existing.State},
		{Name: strings.ToUpper(existing.Result[:1]) + existing.Result[1:]},
		{Name: "Trigger"},
		{Name: "Internal"},
		{Name: "StepOfTheTest", After: "Nowhere"},
		{Name: "Nowhere", Remove: true},
	} {
		if _, err := o.run(root); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	if texts(t, root) != was {
		t.Error("a refused name changed something")
	}
}
