// Package chromium finds the browser that pages and mails are tried in.
package chromium

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Browser is a Chromium, and its driver.
type Browser struct {
	Path        string
	Environment map[string]string
	// Modules is the folder with the driver, puppeteer-core.
	Modules string
	// Pinned says that it is the one of .ci/tools, with its own fonts.
	Pinned bool
}

// Find returns the browser that is named, or else the one that .ci/tools browser installs
// on x64 Linux below root, or else one that is installed on this machine.
func Find(root, named string) (Browser, error) {
	folder, err := filepath.Abs(filepath.Join(root, ".tools", "browser"))
	if err != nil {
		return Browser{}, fmt.Errorf("folder of the browser: %w", err)
	}
	pinned := filepath.Join(folder, "chromium")
	if _, err := os.Stat(pinned); named == "" && err == nil {
		return Browser{pinned, map[string]string{
			"LD_LIBRARY_PATH": filepath.Join(folder, "lib"), "FONTCONFIG_FILE": filepath.Join(folder, "fonts.conf"),
		}, folder, true}, nil
	}
	for _, name := range []string{named, "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return Browser{Path: path, Modules: folder}, nil
		}
	}
	return Browser{}, errors.New("there is no Chromium: install one, or name it in CHROMIUM")
}
