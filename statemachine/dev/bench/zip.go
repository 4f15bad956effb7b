package main

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// zipped returns how many bytes the files have, by their names in the archive, as a
// zip of the best compression: the package that is uploaded.
func zipped(files map[string]string) (int64, error) {
	var size counter
	archive := zip.NewWriter(&size)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	for name, path := range files {
		if err := add(archive, name, path); err != nil {
			return 0, fmt.Errorf("zip %s: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return 0, fmt.Errorf("end the zip: %w", err)
	}
	return int64(size), nil
}

func add(archive *zip.Writer, name, path string) error {
	from, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer from.Close() //nolint:errcheck // it was only read
	to, err := archive.Create(name)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if _, err := io.Copy(to, from); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	return nil
}

// under returns the regular files under a folder, by their names in it.
func under(folder string) (map[string]string, error) {
	files := make(map[string]string)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		files[name] = path
		return err //nolint:wrapcheck // the walk's error is wrapped below
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	return files, nil
}
