// Package section writes what is made from the code into documents that are written
// by hand.
package section

import (
	"fmt"
	"os"
	"strings"
)

// Section is a part of a document: what stands between two markers.
type Section struct {
	// Begin and End are the markers, with the ends of their lines.
	Begin, End string
	// Text is what is to stand between them.
	Text string
}

// Replace returns the document with the sections as they are to be. One without its
// markers is an error that names the first of them.
func Replace(document string, sections ...Section) (string, error) {
	for _, s := range sections {
		before, rest, found := strings.Cut(document, s.Begin)
		_, after, ended := strings.Cut(rest, s.End)
		if !found || !ended {
			return "", fmt.Errorf("the document has no place between %q and %q", s.Begin, s.End)
		}
		document = before + s.Begin + s.Text + s.End + after
	}
	return document, nil
}

// Write replaces the sections in a file.
func Write(file string, sections ...Section) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	document, err := Replace(string(text), sections...)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(document), 0o644); err != nil { //nolint:gosec // the callers' files are constants
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}
