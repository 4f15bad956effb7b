package settings_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/internal/settings"
)

func TestSettingsAreThoseOfTheMakefile(t *testing.T) {
	got, err := settings.Deployed("../../../../Makefile")
	if err != nil || !slices.Contains(got, "CGO_ENABLED=0") {
		t.Errorf("settings %q, error %v; want CGO_ENABLED=0 among them", got, err)
	}
	flags := slices.IndexFunc(got, func(s string) bool { return strings.HasPrefix(s, "GOFLAGS=-trimpath ") })
	if flags < 0 || !strings.Contains(got[flags], "-tags=lambda.norpc") {
		t.Errorf("settings %q, want GOFLAGS with -trimpath and -tags=lambda.norpc", got)
	}
	other := filepath.Join(t.TempDir(), "Makefile")
	if err := os.WriteFile(other, []byte("build:\n\tgo build\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := settings.Deployed(other); err == nil {
		t.Errorf("settings of a Makefile without any = %q, want an error", got)
	}
}
