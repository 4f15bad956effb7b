package local

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStateOfTheCode(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "trigger/main.go", "steps/one/main.go", "statemachine/task.go"} {
		write(t, filepath.Join(root, name), "package main")
	}
	file := filepath.Join(root, "steps", "one", "main.go")
	for _, test := range []struct {
		name    string
		change  func()
		changes bool
	}{
		{"nothing", func() {}, false},
		{"a test", func() { write(t, filepath.Join(root, "trigger", "main_test.go"), "package main") }, false},
		{"another folder", func() { write(t, filepath.Join(root, ".local", "x.go"), "package main") }, false},
		{"a file", func() { write(t, file, "package  main") }, true},
		{"a file that is embedded", func() { write(t, filepath.Join(root, "steps", "one", "mail.html"), "<p>") }, true},
		{"a new folder", func() { write(t, filepath.Join(root, "steps", "two", "main.go"), "package main") }, true},
		{"a name", func() { rename(t, file, filepath.Join(root, "steps", "one", "other.go")) }, true},
	} {
		before := sumOf(t, root)
		test.change()
		if changed := sumOf(t, root) != before; changed != test.changes {
			t.Errorf("%s changes the code: %t", test.name, changed)
		}
	}
}

func TestBinaryIsReplacedWhenItDiffers(t *testing.T) {
	folder := t.TempDir()
	next := filepath.Join(folder, "next")
	write(t, filepath.Join(folder, "one"), "old")
	write(t, filepath.Join(folder, "two"), "old")
	if err := linkAll(folder, next); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(next, "two")); err != nil { // as go build does before it writes
		t.Fatal(err)
	}
	write(t, filepath.Join(next, "two"), "new")
	for name, want := range map[string]bool{"one": false, "two": true} {
		replaced, err := replace(filepath.Join(folder, name), filepath.Join(next, name))
		if err != nil || replaced != want {
			t.Errorf("%s replaced: %t, %v; want %t", name, replaced, err, want)
		}
	}
	if text, err := os.ReadFile(filepath.Join(folder, "two")); err != nil || string(text) != "new" {
		t.Errorf("two is %q, %v", text, err)
	}
	if err := linkAll(folder, next); err != nil { // the next time
		t.Error(err)
	}
}

func sumOf(t *testing.T, root string) uint64 {
	t.Helper()
	sum, err := stateOf(root)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
