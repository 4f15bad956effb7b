package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// authority is a local certificate authority with a chain like that of AWS's
// endpoints: root, intermediate and leaf, all with RSA keys of 2,048 bits.
type authority struct {
	certificate tls.Certificate
	// bundle has all roots that this machine trusts and the local one, and rootFile
	// the local one alone.
	bundle, rootFile string
	// folders are where Go looks for more roots.
	folders string
}

type signed struct {
	*x509.Certificate
	key *rsa.PrivateKey
}

// rootReads is how often Go reads the roots on a system laid out like Fedora, which
// Amazon Linux 2023 comes from: there is a file with all of them, and the two folders
// in which Go looks for more are one, which holds a link to that file
// (https://pkg.go.dev/crypto/x509#SystemCertPool). Other systems have it once or
// twice.
const rootReads = 3

// newAuthority makes an authority, whose files are in dir, and by which Go reads the
// roots so often.
func newAuthority(dir string, reads int) (authority, error) {
	root, err := sign("Root", 1, nil)
	if err != nil {
		return authority{}, err
	}
	intermediate, err := sign("Intermediate", 2, &root)
	if err != nil {
		return authority{}, err
	}
	leaf, err := sign("localhost", 3, &intermediate)
	if err != nil {
		return authority{}, err
	}
	a := authority{
		certificate: tls.Certificate{Certificate: [][]byte{leaf.Raw, intermediate.Raw}, PrivateKey: leaf.key},
		bundle:      filepath.Join(dir, "bundle.pem"),
		rootFile:    filepath.Join(dir, "root.pem"),
	}
	folder := filepath.Join(dir, "certs")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return authority{}, fmt.Errorf("folder of roots: %w", err)
	}
	a.folders = folder
	if reads > 1 {
		a.folders = strings.Join(slices.Repeat([]string{folder}, reads-1), ":")
		if err := os.Symlink(a.bundle, filepath.Join(folder, "ca-bundle.crt")); err != nil {
			return authority{}, fmt.Errorf("folder of roots: %w", err)
		}
	}
	return a, a.write(root)
}

// sign makes a certificate: the leaf if its serial number is 3, an authority
// otherwise, signed by its issuer or by itself.
func sign(name string, serial int64, issuer *signed) (signed, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return signed{}, fmt.Errorf("make a key: %w", err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if name == "localhost" {
		c.DNSNames = []string{name}
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	} else {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
	}
	parent, by := c, key
	if issuer != nil {
		parent, by = issuer.Certificate, issuer.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		return signed{}, fmt.Errorf("make the certificate of %s: %w", name, err)
	}
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		return signed{}, fmt.Errorf("read the certificate of %s: %w", name, err)
	}
	return signed{made, key}, nil
}

// bundles are where systems keep their roots, Debian's and Amazon Linux's first.
var bundles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
}

func (a authority) write(root signed) error {
	local := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
	system, err := systemRoots()
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(a.rootFile, local, 0o600),
		os.WriteFile(a.bundle, append(system, local...), 0o600),
	)
}

func systemRoots() ([]byte, error) {
	for _, name := range bundles {
		if roots, err := os.ReadFile(name); err == nil {
			return append(bytes.TrimSpace(roots), '\n'), nil
		}
	}
	return nil, fmt.Errorf("this machine has no root certificates in any of %v", bundles)
}

// rootCount is how many roots the functions read.
func (a authority) rootCount() int {
	text, err := os.ReadFile(a.bundle)
	if err != nil {
		return 0
	}
	return bytes.Count(text, []byte("-----BEGIN CERTIFICATE-----"))
}

// environment makes a function trust the authority. Go reads the bundle and the
// folders; Node.js has its own roots compiled in, as on Lambda, and gets only the
// local one besides.
func (a authority) environment() map[string]string {
	return map[string]string{
		"SSL_CERT_FILE": a.bundle, "SSL_CERT_DIR": a.folders, "NODE_EXTRA_CA_CERTS": a.rootFile,
	}
}
