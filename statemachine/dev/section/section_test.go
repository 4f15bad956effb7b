package section_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/section"
)

func TestSectionIsWrittenBetweenItsMarkers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	write(t, file, "before\n<!-- a -->\nold\n<!-- end of a -->\nafter\n")
	if err := section.Keep(file, "a", "new\n", false); err == nil || !strings.Contains(err.Error(), "stale") {
		t.Errorf("a stale section: error %v", err)
	}
	if err := section.Keep(file, "a", "new\n", true); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "before\n<!-- a -->\n\nnew\n\n<!-- end of a -->\nafter\n"; err != nil || string(got) != want {
		t.Errorf("got %q (error %v), want %q", got, err, want)
	}
	if err := section.Keep(file, "a", "new", false); err != nil {
		t.Errorf("a section just written: %v", err)
	}
}

func TestSectionWithoutAPlaceIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	for _, text := range []string{"no markers", "<!-- a -->\nno end"} {
		write(t, file, text)
		if err := section.Keep(file, "a", "new", true); err == nil {
			t.Errorf("written into %q", text)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
