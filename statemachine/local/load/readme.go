package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// The report stands between these lines of the README.
const begins, ends = "<!-- load: make load UPDATE=1 writes this. -->\n", "<!-- load ends. -->\n"

// updateReadme puts the report into the file.
func updateReadme(file, report string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the README: %w", err)
	}
	before, rest, found1 := strings.Cut(string(text), begins)
	_, after, found2 := strings.Cut(rest, ends)
	if !found1 || !found2 {
		return errors.New(file + " has no place for the report of the load")
	}
	if err := os.WriteFile(file, []byte(before+begins+report+ends+after), 0o644); err != nil { //nolint:gosec // the file is that of this repository
		return fmt.Errorf("write the README: %w", err)
	}
	return nil
}
