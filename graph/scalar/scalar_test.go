package scalar_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"twolock/crypto/secret"
	"twolock/graph/scalar"
)

func written(m graphql.Marshaler) string {
	var b bytes.Buffer
	m.MarshalGQL(&b)
	return b.String()
}

// Bytes are taken in base64url and base64, padded or not, and in no other spelling: each has one value, and whatever is taken stays what it is.
func TestBytes(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "AA": "\x00", "AA==": "\x00", "AAA": "\x00\x00", "AAA=": "\x00\x00", "AAAA": "\x00\x00\x00",
		"-_8": "\xfb\xff", "-_8=": "\xfb\xff", "+/8": "\xfb\xff", "+/8=": "\xfb\xff", "aGVsbG8": "hello", "aGVsbG8=": "hello",
	} {
		if got, err := scalar.UnmarshalBytes(in); err != nil || string(got) != want {
			t.Errorf("%q: got %q (%v), want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"A", "A===", "=", "==", "====", "AA=", "AAA==", "AAAA=", "AAAA====", "AA==AA==", "AB", "AAB", "+_8", "-/8", "AA\n", "A\nA", "AA==\n", "AAAA\n", "\nAAAA", "AAAA\r", "\n", " AA", "AA ",
		"aGVsbG8==", "héllo", "AA\x00", "\xff\xff", "%%",
	} {
		got, err := scalar.UnmarshalBytes(in)
		if _, ok := errors.AsType[scalar.Error](err); !ok || got != nil {
			t.Errorf("%q: got %q (%v), want it refused", in, got, err)
		} else if in != "" && len(in) > 3 && strings.Contains(err.Error(), in) {
			t.Errorf("%q: the error repeats it: %v", in, err)
		}
	}
	for _, in := range []any{nil, true, 7, int64(7), 7.5, json.Number("7"), []any{"AA"}, map[string]any{"a": "AA"}, []byte("AA")} {
		if got, err := scalar.UnmarshalBytes(in); err == nil {
			t.Errorf("%T: got %q, want it refused", in, got)
		}
		if got, err := scalar.UnmarshalSecret(in); err == nil {
			t.Errorf("%T, secret: got %x, want it refused", in, []byte(got))
		}
	}
}

// What is written is read again, and is base64url without padding.
func FuzzBytes(f *testing.F) {
	for _, seed := range []string{"", "AA", "AA==", "+/8=", "-_8", "A", "AB", "====", "AA\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		b, err := scalar.UnmarshalBytes(in)
		if err != nil {
			return
		}
		out := written(scalar.MarshalBytes(b))
		if want := `"` + base64.RawURLEncoding.EncodeToString(b) + `"`; out != want {
			t.Errorf("%q: written as %s, want %s", in, out, want)
		}
		if same := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(in); `"`+same+`"` != out {
			t.Errorf("%q is taken for %s", in, out)
		}
	})
}

// A secret is read and never written.
func TestSecret(t *testing.T) {
	s, err := scalar.UnmarshalSecret("aGVsbG8")
	if err != nil || string(s) != "hello" {
		t.Errorf("got %q (%v)", []byte(s), err)
	}
	if got := written(scalar.MarshalSecret(secret.Bytes("hello"))); got != `"[redacted]"` {
		t.Errorf("written as %s", got)
	}
}

// Times are RFC 3339 in UTC.
func TestTime(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.FixedZone("", 3600))
	if got := written(scalar.MarshalTime(at)); got != `"2026-11-23T11:00:00.123456Z"` {
		t.Errorf("written as %s", got)
	}
	if got, err := scalar.UnmarshalTime("2026-11-23T12:00:00.123456+01:00"); err != nil || !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("got %v (%v)", got, err)
	}
	for _, in := range []any{nil, 1, "", "now", "2026-11-23", "2026-11-23 12:00:00Z", "2026-11-23T12:00:00", "2026-13-23T12:00:00Z"} {
		if got, err := scalar.UnmarshalTime(in); err == nil {
			t.Errorf("%v: got %v, want it refused", in, got)
		}
	}
}

// JSON objects keep their numbers as they are written.
func TestJSON(t *testing.T) {
	got, err := scalar.UnmarshalJSON(map[string]any{"a": json.Number("12345678901234567890.10"), "b": []any{nil, true, "<"}})
	var back struct {
		A json.Number
		B []any
	}
	if err != nil || json.Unmarshal(got, &back) != nil || back.A != "12345678901234567890.10" || len(back.B) != 3 {
		t.Errorf("got %s (%v)", got, err)
	}
	if w := written(scalar.MarshalJSON(json.RawMessage(`{"b":1,"a":2}`))); w != `{"b":1,"a":2}` {
		t.Errorf("written as %s", w)
	}
	for _, in := range []any{nil, "{}", 1, []any{}, true, map[string]any{"f": func() {}}} {
		if got, err := scalar.UnmarshalJSON(in); err == nil {
			t.Errorf("%T: got %s, want it refused", in, got)
		}
	}
}

// An Int has 32 bits.
func TestInt(t *testing.T) {
	for _, in := range []any{7, int64(7), json.Number("7")} {
		if got, err := scalar.UnmarshalInt(in); err != nil || got != 7 {
			t.Errorf("%T: got %d (%v)", in, got, err)
		}
	}
	for _, in := range []any{nil, int64(1) << 31, json.Number("-2147483649"), json.Number("1.5"), json.Number("1e3"), json.Number("9999999999999999999999"), true, []any{}} {
		_, err := scalar.UnmarshalInt(in)
		if _, ok := errors.AsType[scalar.Error](err); !ok {
			t.Errorf("%T %v: got %v, want it refused", in, in, err)
		}
	}
	if got := written(scalar.MarshalInt(-7)); got != "-7" {
		t.Errorf("written as %s", got)
	}
}
