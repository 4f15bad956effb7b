package main

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzMailReceipt hands the function any payload: it never fails, and keeps no address.
func FuzzMailReceipt(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no event files: %v", err)
	}
	for _, file := range files {
		event, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(event)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		w := sending(t)
		if err := w.handle(t, payload); err != nil {
			t.Errorf("%s: error %v", payload, err)
		}
		w.checkPrivate(t)
	})
}
