package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// watchPause is how often the code is looked at. That reads a few hundred directory
// entries, and sees what a notification may not: a mounted folder, a file that an editor
// renames, a new folder.
const watchPause = 500 * time.Millisecond

// watched are the files and folders that functions are made from.
var watched = []string{"go.mod", "go.sum", "trigger", "steps", "statemachine"}

// Watch builds the functions anew whenever their code has changed, until ctx ends. Those
// whose binaries are others then run them from their next invocation on. built is told
// the names of these, or why the code cannot be built; the functions stay what they are
// then. What else is made from template and definition stays as it was deployed.
func (a *AWS) Watch(ctx context.Context, built func(functions []string, err error)) {
	before := a.code
	ticker := time.NewTicker(watchPause)
	defer ticker.Stop()
	for changing := false; ; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		now, err := stateOf(a.options.Root)
		if err != nil || now != before { // a file may just be renamed; and several are saved one after the other
			before, changing = now, true
			continue
		}
		if !changing {
			continue
		}
		changing = false
		functions, err := a.rebuild(ctx)
		if ctx.Err() == nil && (err != nil || functions != nil) {
			built(functions, err)
		}
	}
}

// stateOf is a sum of the names, sizes and times of the watched files.
func stateOf(root string) (uint64, error) {
	sum := fnv.New64()
	for _, name := range watched {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return fmt.Errorf("look at %s: %w", path, err)
			}
			fmt.Fprintln(sum, path, info.Size(), info.ModTime().UnixNano())
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("look for changes: %w", err)
		}
	}
	return sum.Sum64(), nil
}

// rebuild builds the functions, and returns the names of those that are others now. A
// binary is built beside the one in use and takes its place as a whole.
func (a *AWS) rebuild(ctx context.Context) ([]string, error) {
	next := filepath.Join(a.options.Build, "next")
	if err := linkAll(a.options.Build, next); err != nil {
		return nil, err
	}
	built, err := build(ctx, a.options.Root, next)
	if err != nil {
		return nil, err
	}
	folders, err := a.template.functions()
	if err != nil {
		return nil, err
	}
	var changed []string
	for id, folder := range folders {
		replaced, err := replace(builds{a.options.Build}.binary(folder), built.binary(folder))
		if err != nil {
			return nil, err
		}
		if replaced {
			a.functions.Renew(a.names[id])
			changed = append(changed, strings.TrimSuffix(id, "Function"))
		}
	}
	slices.Sort(changed)
	return changed, nil
}

// linkAll gives the files of a folder a second name in another one, so that go build
// finds there what need not be built again.
func linkAll(from, to string) error {
	if err := errors.Join(os.RemoveAll(to), os.MkdirAll(to, 0o755)); err != nil {
		return fmt.Errorf("folder for the next binaries: %w", err)
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("folder of the binaries: %w", err)
	}
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		if err := os.Link(filepath.Join(from, file.Name()), filepath.Join(to, file.Name())); err != nil {
			return fmt.Errorf("link a binary: %w", err)
		}
	}
	return nil
}

// replace puts the next binary in the place of the present one, and reports whether that
// is another one.
func replace(present, next string) (bool, error) {
	old, err := os.ReadFile(present)
	if err != nil {
		return false, fmt.Errorf("read a binary: %w", err)
	}
	text, err := os.ReadFile(next)
	if err != nil {
		return false, fmt.Errorf("read a binary: %w", err)
	}
	if bytes.Equal(old, text) {
		return false, nil
	}
	if err := os.Rename(next, present); err != nil {
		return false, fmt.Errorf("replace a binary: %w", err)
	}
	return true, nil
}
