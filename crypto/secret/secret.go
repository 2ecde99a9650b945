// Package secret holds bytes that must not be printed.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Bytes is secret: a share, a key, a plaintext. However it is formatted, logged or encoded, "[redacted]" comes out.
// Whoever needs the bytes converts it with []byte(b), which is easy to find in a review.
type Bytes []byte

const redacted = "[redacted]"

// Format redacts every verb of package fmt but %w, where fmt asks no method of what is not an error: go vet refuses that.
func (Bytes) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// MarshalText redacts encoding/json, XML and the like.
func (Bytes) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue redacts structured logs.
func (Bytes) LogValue() slog.Value { return slog.StringValue(redacted) }

// Wipe overwrites the bytes with zeros. Copies that the runtime made are out of its reach.
func (b Bytes) Wipe() { clear(b) }
