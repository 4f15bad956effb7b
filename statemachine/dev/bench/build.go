package main

import (
	"archive/zip"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"example.com/onboarding/statemachine/dev/internal/settings"
)

// builder builds packages of this module as they are deployed.
type builder struct {
	// root is the module's folder, and dir where the binaries go.
	root, dir string
	settings  []string
}

func newBuilder(root, dir string) (builder, error) {
	variables, err := settings.Deployed(filepath.Join(root, "Makefile"))
	return builder{root, dir, variables}, err
}

// native builds for this machine, and arm64 for Lambda. They return the path of the
// binary, which is alone in its folder.
func (b builder) native(ctx context.Context, folder string) (string, error) {
	return b.build(ctx, folder, runtime.GOOS, runtime.GOARCH)
}

func (b builder) arm64(ctx context.Context, folder string) (string, error) {
	return b.build(ctx, folder, "linux", "arm64")
}

func (b builder) build(ctx context.Context, folder, system, architecture string) (string, error) {
	binary := filepath.Join(b.dir, folder, system+"-"+architecture, "bootstrap")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./"+folder)
	cmd.Dir = b.root
	cmd.Env = append(append(os.Environ(), b.settings...), "GOOS="+system, "GOARCH="+architecture)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	return binary, nil
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// zipped returns how many bytes the files in a folder have as a zip of the best
// compression: the package that is uploaded.
func zipped(folder string) (int64, error) {
	var size counter
	archive := zip.NewWriter(&size)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	if err := archive.AddFS(os.DirFS(folder)); err != nil {
		return 0, fmt.Errorf("zip %s: %w", folder, err)
	}
	if err := archive.Close(); err != nil {
		return 0, fmt.Errorf("end the zip: %w", err)
	}
	return int64(size), nil
}
