package local

import (
	"path/filepath"
	"strings"
	"testing"
)

// What is kept and restored is in TestUp of localaws.
func TestRestoreWithoutAState(t *testing.T) {
	folder := t.TempDir()
	if err := new(AWS).Restore(t.Context(), filepath.Join(folder, "new")); err != nil {
		t.Errorf("a folder that there is not: %v", err)
	}
	write(t, filepath.Join(folder, stateFile), `{"Users": `)
	if err := new(AWS).Restore(t.Context(), folder); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("half a file: %v, want an error that names the folder", err)
	}
}
