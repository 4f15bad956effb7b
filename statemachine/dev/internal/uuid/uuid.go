// Package uuid makes IDs of the form that AWS gives requests, users and mappings.
package uuid

import (
	"crypto/rand"
	"fmt"
)

// New returns a random one. It is not marked as a UUID of version 4.
func New() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
