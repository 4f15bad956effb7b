// Package section keeps what is made from the code in documents that are otherwise
// written by hand: each part stands between two markers that have its name.
package section

import (
	"fmt"
	"os"
	"strings"
)

// Keep writes the section of that name into a file if update is set. Otherwise the
// document must have it as it is to be, or it is stale, which is an error.
func Keep(file, name, text string, update bool) error {
	document, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(string(document), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return fmt.Errorf("%s has no place between %q and %q", file, begin, end)
	}
	text = "\n" + strings.TrimSpace(text) + "\n\n"
	wanted := before + begin + text + end + after
	switch {
	case wanted == string(document):
		return nil
	case !update:
		return fmt.Errorf("%s is stale (make docs mends it): the section %s is to be\n%s", file, name, text)
	}
	if err := os.WriteFile(file, []byte(wanted), 0o644); err != nil { //nolint:gosec // the callers' files are constants
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}
