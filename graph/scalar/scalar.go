// Package scalar reads and writes the schema's scalars.
package scalar

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"twolock/crypto/secret"
)

// MarshalBytes writes base64url without padding.
func MarshalBytes(b []byte) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		out := make([]byte, 2+base64.RawURLEncoding.EncodedLen(len(b)))
		out[0], out[len(out)-1] = '"', '"'
		base64.RawURLEncoding.Encode(out[1:], b)
		_, _ = w.Write(out)
	})
}

// Strict makes an encoding anew, which is larger than most of what is read.
var urlEncoding, stdEncoding = base64.RawURLEncoding.Strict(), base64.RawStdEncoding.Strict()

// UnmarshalBytes reads base64url or base64, with or without padding. Bits that carry nothing must be zero.
func UnmarshalBytes(v any) ([]byte, error) {
	s, ok := v.(string)
	if !ok {
		return nil, Error("must be a string in base64url")
	}
	enc := urlEncoding
	if strings.IndexByte(s, '+') >= 0 || strings.IndexByte(s, '/') >= 0 {
		enc = stdEncoding
	}
	if len(s)%4 == 0 { // only then can there be padding
		s = strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	}
	b, err := enc.DecodeString(s)
	if err != nil || enc.EncodedLen(len(b)) != len(s) { // line ends are passed over
		return nil, Error("is not base64url") // err would repeat a part of what may be secret
	}
	return b, nil
}

// MarshalSecret writes no secret: inputs are never answered.
func MarshalSecret(secret.Bytes) graphql.Marshaler { return graphql.MarshalString("[redacted]") }

// UnmarshalSecret reads as UnmarshalBytes does.
func UnmarshalSecret(v any) (secret.Bytes, error) { return UnmarshalBytes(v) }

// MarshalTime writes RFC 3339 in UTC.
func MarshalTime(t time.Time) graphql.Marshaler {
	return graphql.MarshalString(t.UTC().Format(time.RFC3339Nano))
}

// UnmarshalTime reads RFC 3339.
func UnmarshalTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, Error("must be a string in RFC 3339")
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, Error("is not RFC 3339, such as 2026-11-23T12:00:00Z")
	}
	return t.UTC(), nil
}

// MarshalJSON writes a JSON object as it is.
func MarshalJSON(j json.RawMessage) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(j) })
}

// UnmarshalJSON reads a JSON object. Member order is lost, which no JSON object may rely on.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	o, ok := v.(map[string]any)
	if !ok {
		return nil, Error("must be a JSON object")
	}
	b, err := json.Marshal(o)
	if err != nil {
		return nil, Error("is not JSON")
	}
	return b, nil
}

// MarshalSecretJSON never writes a secret.
func MarshalSecretJSON(b secret.Bytes) graphql.Marshaler { return MarshalSecret(b) }

// UnmarshalSecretJSON is UnmarshalJSON for inputs that must not be printed, such as a private JWK.
func UnmarshalSecretJSON(v any) (secret.Bytes, error) {
	b, err := UnmarshalJSON(v)
	return secret.Bytes(b), err
}

// Error is what is wrong with a value; it does not repeat the value.
type Error string

func (e Error) Error() string { return string(e) }

// MarshalInt writes an Int.
func MarshalInt(i int) graphql.Marshaler { return graphql.MarshalInt(i) }

// UnmarshalInt reads an Int: 32 bits, signed.
func UnmarshalInt(v any) (int, error) {
	_, text := v.(string)
	i, err := graphql.UnmarshalInt32(v)
	if err != nil || v == nil || text { // it takes nil for 0, and digits in a string
		return 0, Error("is not a 32-bit integer")
	}
	return int(i), nil
}

// MarshalLong writes a Long.
func MarshalLong(i int64) graphql.Marshaler { return graphql.MarshalInt64(i) }

// UnmarshalLong refuses: no input takes one.
func UnmarshalLong(any) (int64, error) { return 0, Error("is not an input") }
