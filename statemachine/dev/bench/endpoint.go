package main

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// endpoint is where the functions find the services: on a free port of 127.0.0.1. It
// offers no HTTP/2, as most endpoints of AWS do not.
type endpoint struct {
	*services
	*httptest.Server
}

func listen(secure bool) *endpoint {
	s := &services{}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	return &endpoint{s, server}
}

// rootReads is how often Go reads the roots on a system laid out like Fedora, which
// Amazon Linux 2023 comes from: there is a file with all of them, and the two folders
// in which Go looks for more are one, which holds a link to that file
// (https://pkg.go.dev/crypto/x509#SystemCertPool). Other systems have it once or
// twice.
const rootReads = 3

// trust makes files in dir of all roots that this machine trusts and of the endpoint's
// certificate, and returns the variables by which a function trusts them: Go reads
// them so often, and Node.js has its own roots compiled in, as on Lambda.
func (e *endpoint) trust(dir string, reads int) (map[string]string, error) {
	system, err := systemRoots()
	if err != nil {
		return nil, err
	}
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Certificate().Raw})
	bundle, alone, folder := filepath.Join(dir, "bundle.pem"), filepath.Join(dir, "own.pem"), filepath.Join(dir, "certs")
	err = errors.Join(os.WriteFile(bundle, append(system, own...), 0o600), os.WriteFile(alone, own, 0o600), os.Mkdir(folder, 0o700))
	folders := folder
	if reads > 1 {
		folders = strings.Join(slices.Repeat([]string{folder}, reads-1), ":")
		err = errors.Join(err, os.Symlink(bundle, filepath.Join(folder, "ca-bundle.crt")))
	}
	if err != nil {
		return nil, fmt.Errorf("files of roots: %w", err)
	}
	return map[string]string{"SSL_CERT_FILE": bundle, "SSL_CERT_DIR": folders, "NODE_EXTRA_CA_CERTS": alone}, nil
}

// bundles are where systems keep their roots, Debian's and Amazon Linux's first.
var bundles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
}

func systemRoots() ([]byte, error) {
	for _, name := range bundles {
		if roots, err := os.ReadFile(name); err == nil {
			return append(bytes.TrimSpace(roots), '\n'), nil
		}
	}
	return nil, fmt.Errorf("this machine has no root certificates in any of %v", bundles)
}
