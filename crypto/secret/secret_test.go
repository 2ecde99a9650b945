package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"

	"twolock/crypto/secret"
)

// However secret bytes are printed, logged or encoded, alone or inside something, they do not come out.
func TestBytesAreRedacted(t *testing.T) {
	raw := []byte("correct horse battery staple")
	b := secret.Bytes(raw)
	secrets := []string{
		string(raw), string(raw[:8]), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)), base64.StdEncoding.EncodeToString(raw),
		base64.RawURLEncoding.EncodeToString(raw), strings.Trim(fmt.Sprint(raw), "[]"), "0x63, 0x6f",
	}
	type input struct {
		Share  secret.Bytes
		Shares []secret.Bytes
		More   map[string]secret.Bytes
		P      *secret.Bytes
	}
	in := input{b, []secret.Bytes{b}, map[string]secret.Bytes{"k": b}, &b}
	type element struct{ Share secret.Bytes }
	var out []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U", "%10s", "%.3s", "%z"} {
		if got := fmt.Sprintf(verb, b); got != "[redacted]" {
			t.Errorf("%s prints %s", verb, got)
		}
		out = append(out, fmt.Sprintf(verb, &b), fmt.Sprintf(verb, in), fmt.Sprintf(verb, &in), fmt.Sprintf(verb, []any{b}))
	}
	for _, wrong := range []string{"nothing to print", "%d %d", "%*d", "%[3]v"} {
		out = append(out, fmt.Sprintf(wrong, b))
	}
	out = append(out, fmt.Sprint(b), fmt.Sprintln(in), fmt.Errorf("share %v: %w", b, errors.New("x")).Error())
	for _, v := range []any{b, &b, in, &in, []any{b}} {
		one, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		two, err := jsonv2.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(one), `"[redacted]"`) || !strings.Contains(string(two), `"[redacted]"`) {
			t.Errorf("as JSON: %s, %s", one, two)
		}
		out = append(out, string(one), string(two))
	}
	x, err := xml.Marshal(element{b})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("m", "secret", b, "pointer", &b, "in", in, "any", slog.AnyValue(b), slog.Group("g", "secret", b))
	}
	for _, text := range append(out, string(x), log.String()) {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("comes out as %s", text)
			}
		}
	}
}

// Nothing, too, is redacted: its absence may be a secret.
func TestNilIsRedacted(t *testing.T) {
	var b secret.Bytes
	if got := fmt.Sprintf("%v %x", b, b); got != "[redacted] [redacted]" {
		t.Errorf("prints %s", got)
	}
	if got, err := json.Marshal(b); err != nil || string(got) != `"[redacted]"` {
		t.Errorf("as JSON: %s (%v)", got, err)
	}
}

// Whoever needs the bytes converts them; Wipe overwrites them for all who hold them.
func TestWipe(t *testing.T) {
	raw := []byte{1, 2, 3}
	b := secret.Bytes(raw)
	if !bytes.Equal([]byte(b), []byte{1, 2, 3}) {
		t.Errorf("converted: %v", []byte(b))
	}
	b.Wipe()
	if !bytes.Equal(raw, make([]byte, 3)) {
		t.Errorf("wiped: %v", raw)
	}
	secret.Bytes(nil).Wipe()
}
