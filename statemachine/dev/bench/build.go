package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

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

// native builds for this machine, and arm64 for Lambda. They return the binary's path.
func (b builder) native(ctx context.Context, folder string) (string, error) {
	return b.build(ctx, folder, runtime.GOOS, runtime.GOARCH)
}

func (b builder) arm64(ctx context.Context, folder string) (string, error) {
	return b.build(ctx, folder, "linux", "arm64")
}

func (b builder) build(ctx context.Context, folder, system, architecture string) (string, error) {
	binary := filepath.Join(b.dir, strings.ReplaceAll(folder, "/", "-")+"-"+architecture)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./"+folder)
	cmd.Dir = b.root
	cmd.Env = append(append(os.Environ(), b.settings...), "GOOS="+system, "GOARCH="+architecture)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	return binary, nil
}
