package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// settings are the variables that make build builds the functions with, as the
// Makefile has them: this is the one place where they are written.
func settings(makefile string) ([]string, error) {
	text, err := os.ReadFile(makefile)
	if err != nil {
		return nil, fmt.Errorf("read the settings of make build: %w", err)
	}
	line := regexp.MustCompile(`(?m)^deployed = (.*)$`).FindSubmatch(text)
	if line == nil {
		return nil, errors.New("the Makefile does not say how functions are deployed: it has no line that begins with deployed =")
	}
	var variables []string
	for _, v := range regexp.MustCompile(`(\w+)=(?:"([^"]*)"|(\S*))`).FindAllStringSubmatch(string(line[1]), -1) {
		variables = append(variables, v[1]+"="+v[2]+v[3])
	}
	return variables, nil
}

// builder builds packages of this module as they are deployed.
type builder struct {
	// root is the module's folder, and dir where the binaries go.
	root, dir string
	settings  []string
}

func newBuilder(root, dir string) (builder, error) {
	variables, err := settings(filepath.Join(root, "Makefile"))
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
