package key_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"twolock/crypto/key"
)

// The messages of DIDComm Messaging v2.1, appendix C.3: each wrapped key opens with its recipient's key of appendix A.2, and two recipients of one message
// get one content key.
func TestUnwrapPublished(t *testing.T) {
	var file struct {
		Senders, Recipients map[string]json.RawMessage
		Messages            []struct {
			Source    string
			Protected struct {
				EPK                 json.RawMessage
				Alg, APU, APV, SKID string
			}
			Tag        string
			Recipients map[string]string
		}
	}
	data, err := os.ReadFile("testdata/didcomm-c3.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	types := map[string]key.Type{"x25519": key.X25519, "p256": key.ECDHP256, "p384": key.ECDHP384, "p521": key.ECDHP521}
	typeOf := func(kid string) key.Type { return types[strings.Split(kid, "-")[1]] }
	opened := 0
	for _, m := range file.Messages {
		p := m.Protected
		o := key.WrapOptions{Algorithm: key.ECDHESA256KW, APU: b64(t, p.APU), APV: b64(t, p.APV)}
		if p.Alg == "ECDH-1PU+A256KW" {
			o.Algorithm = key.ECDH1PUA256KW
			o.Tag = b64(t, m.Tag)
			o.Sender = imported(t, typeOf(p.SKID), key.Material{JWK: file.Senders[p.SKID]}).Public().Bytes()
		}
		var cek []byte
		for kid, wrapped := range m.Recipients {
			k := imported(t, typeOf(kid), key.Material{JWK: file.Recipients[kid]})
			got, err := k.Unwrap(&key.WrappedKey{EncryptedKey: b64(t, wrapped), EPK: p.EPK}, o)
			if err != nil || cek != nil && !bytes.Equal(got, cek) {
				t.Errorf("%s, %s: %x (%v), want %x", m.Source, kid, got, err, cek)
			}
			cek = got
			opened++
		}
	}
	if opened < 12 {
		t.Errorf("opened %d wrapped keys, want 12 at least", opened)
	}
}

func TestWrapAndUnwrap(t *testing.T) {
	for _, typ := range agreeing {
		sender, recipient := generate(t, typ), generate(t, typ)
		to := recipient.Public().Bytes()
		for _, c := range []struct {
			what         string
			wrap, unwrap key.WrapOptions
			by, with     *key.Key
		}{
			{"to itself", key.WrapOptions{}, key.WrapOptions{}, recipient, recipient},
			{"to itself, by its public part", key.WrapOptions{}, key.WrapOptions{}, publicOf(t, recipient), recipient},
			{"to another", key.WrapOptions{Algorithm: key.ECDHESA256KW, Recipient: to, APU: []byte("a"), APV: []byte("b")},
				key.WrapOptions{APU: []byte("a"), APV: []byte("b")}, sender, recipient},
			{"1PU", key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Recipient: to}, key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Sender: sender.Public().Bytes()}, sender, recipient},
			{"1PU with a tag", key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Recipient: to, APU: []byte("a"), Tag: make([]byte, 32)},
				key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Sender: sender.Public().Bytes(), APU: []byte("a"), Tag: make([]byte, 32)}, sender, recipient},
		} {
			for _, n := range []int{16, 24, 32, 64, 4096} {
				plain := make([]byte, n)
				_, _ = rand.Read(plain)
				w, err := c.by.Wrap(plain, c.wrap)
				if err != nil {
					t.Errorf("%s, %s: %v", typ, c.what, err)
					continue
				}
				if want := c.wrap.Algorithm; w.Algorithm != want && (want != "" || w.Algorithm != key.ECDHESA256KW) {
					t.Errorf("%s, %s: wrapped with %s", typ, c.what, w.Algorithm)
				}
				if got, err := c.with.Unwrap(w, c.unwrap); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("%s, %s: %d bytes come back as %d (%v)", typ, c.what, n, len(got), err)
				}
				again, err := c.by.Wrap(plain, c.wrap)
				if err != nil || bytes.Equal(again.EPK, w.EPK) || bytes.Equal(again.EncryptedKey, w.EncryptedKey) {
					t.Errorf("%s, %s: wrapped alike twice (%v)", typ, c.what, err)
				}
			}
		}
	}
}

func TestWrapRefuses(t *testing.T) {
	plain := make([]byte, 32)
	for _, typ := range agreeing {
		k, other := generate(t, typ), generate(t, typ).Public().Bytes()
		for _, n := range []int{0, 1, 8, 15, 17, 31, 4097, 4104} {
			_, err := k.Wrap(make([]byte, n), key.WrapOptions{})
			refusedBy(t, fmt.Sprintf("%s, %d bytes", typ, n), err, "keyToWrap")
		}
		for what, c := range map[string]struct {
			o     key.WrapOptions
			field string
		}{
			"AES":           {key.WrapOptions{Algorithm: key.AESKW}, "algorithm"},
			"nonsense":      {key.WrapOptions{Algorithm: "x"}, "algorithm"},
			"a sender":      {key.WrapOptions{Sender: other}, "senderPublicKey"},
			"1PU to itself": {key.WrapOptions{Algorithm: key.ECDH1PUA256KW}, "recipientPublicKey"},
			"a tag with ES": {key.WrapOptions{Tag: make([]byte, 16)}, "tag"},
			"a long tag":    {key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Recipient: other, Tag: make([]byte, 65)}, "tag"},
			"a long apu":    {key.WrapOptions{APU: make([]byte, 4097)}, "apu"},
			"a long apv":    {key.WrapOptions{APV: make([]byte, 4097)}, "apv"},
		} {
			_, err := k.Wrap(plain, c.o)
			refusedBy(t, string(typ)+", "+what, err, c.field)
		}
		_, err := publicOf(t, k).Wrap(plain, key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Recipient: other})
		refusedBy(t, string(typ)+", 1PU without a private part", err, "algorithm")
		for what, bad := range badPeers(t, typ) {
			if bad == nil {
				continue
			}
			for _, a := range []key.Algorithm{key.ECDHESA256KW, key.ECDH1PUA256KW} {
				_, err := k.Wrap(plain, key.WrapOptions{Algorithm: a, Recipient: bad})
				refusedBy(t, fmt.Sprintf("%s, %s, %s", typ, a, what), err, "recipientPublicKey")
			}
		}
	}
}

func TestUnwrapRefuses(t *testing.T) {
	for _, typ := range agreeing {
		k, sender := generate(t, typ), generate(t, typ)
		from := sender.Public().Bytes()
		es, err := k.Wrap(make([]byte, 32), key.WrapOptions{APU: []byte("a"), APV: []byte("b")})
		if err != nil {
			t.Fatal(err)
		}
		esOptions := key.WrapOptions{APU: []byte("a"), APV: []byte("b")}
		pu, err := sender.Wrap(make([]byte, 32), key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Recipient: k.Public().Bytes(), Tag: make([]byte, 32)})
		if err != nil {
			t.Fatal(err)
		}
		puOptions := key.WrapOptions{Algorithm: key.ECDH1PUA256KW, Sender: from, Tag: make([]byte, 32)}
		for what, c := range map[string]struct {
			w      *key.WrappedKey
			o      key.WrapOptions
			change func(w *key.WrappedKey, o *key.WrapOptions)
			field  string
		}{
			"another apu":         {es, esOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.APU = []byte("b") }, "wrappedKey"},
			"no apv":              {es, esOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.APV = nil }, "wrappedKey"},
			"shifted":             {es, esOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.APU, o.APV = []byte("ab"), nil }, "wrappedKey"},
			"a tag with ES":       {es, esOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Tag = make([]byte, 32) }, "tag"},
			"a sender with ES":    {es, esOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Sender = from }, "senderPublicKey"},
			"a recipient":         {es, esOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Recipient = from }, "recipientPublicKey"},
			"another algorithm":   {es, esOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Algorithm = key.ECDH1PUA256KW }, "algorithm"},
			"an algorithm of AES": {es, esOptions, func(w *key.WrappedKey, _ *key.WrapOptions) { w.Algorithm = key.AESKW }, "algorithm"},
			"ES as 1PU": {es, esOptions, func(w *key.WrappedKey, o *key.WrapOptions) {
				w.Algorithm, o.Sender = key.ECDH1PUA256KW, from
			}, "wrappedKey"},
			"1PU as ES": {pu, puOptions, func(w *key.WrappedKey, o *key.WrapOptions) {
				w.Algorithm, *o = key.ECDHESA256KW, key.WrapOptions{}
			}, "wrappedKey"},
			"1PU without a sender": {pu, puOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Sender = nil }, "senderPublicKey"},
			"1PU by another":       {pu, puOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Sender = k.Public().Bytes() }, "wrappedKey"},
			"1PU, another tag":     {pu, puOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Tag = make([]byte, 31) }, "wrappedKey"},
			"1PU, no tag":          {pu, puOptions, func(_ *key.WrappedKey, o *key.WrapOptions) { o.Tag = nil }, "wrappedKey"},
			"nothing":              {es, esOptions, func(w *key.WrappedKey, _ *key.WrapOptions) { w.EncryptedKey = nil }, "wrappedKey"},
			"cut":                  {es, esOptions, func(w *key.WrappedKey, _ *key.WrapOptions) { w.EncryptedKey = w.EncryptedKey[8:] }, "wrappedKey"},
			"no epk":               {es, esOptions, func(w *key.WrappedKey, _ *key.WrapOptions) { w.EPK = nil }, "epk"},
		} {
			w, o := *c.w, c.o
			c.change(&w, &o)
			_, err := k.Unwrap(&w, o)
			refusedBy(t, string(typ)+", "+what, err, c.field)
		}
		for i := range es.EncryptedKey {
			w := *es
			w.EncryptedKey = bytes.Clone(es.EncryptedKey)
			w.EncryptedKey[i] ^= 1
			_, err := k.Unwrap(&w, esOptions)
			refusedBy(t, fmt.Sprintf("%s, byte %d", typ, i), err, "wrappedKey")
		}
		if typ == key.X25519 { // the bit that X25519 does not look at
			masked := func(raw []byte) []byte { raw = bytes.Clone(raw); raw[31] ^= 0x80; return raw }
			o := puOptions
			o.Sender = masked(from)
			_, err := k.Unwrap(pu, o)
			refusedBy(t, "sender, bit 255", err, "senderPublicKey")
			var epk struct{ X string }
			if err := json.Unmarshal(es.EPK, &epk); err != nil {
				t.Fatal(err)
			}
			x, err := base64.RawURLEncoding.DecodeString(epk.X)
			if err != nil {
				t.Fatal(err)
			}
			w := *es
			w.EPK = rawJWK(typ, masked(x))
			_, err = k.Unwrap(&w, esOptions)
			refusedBy(t, "epk, bit 255", err, "epk")
		}
		for what, bad := range badPeers(t, typ) {
			if bad != nil {
				o := puOptions
				o.Sender = bad
				_, err := k.Unwrap(pu, o)
				refusedBy(t, string(typ)+", sender "+what, err, "senderPublicKey")
			}
			if jwk := rawJWK(typ, bad); jwk != nil {
				w := *es
				w.EPK = jwk
				_, err := k.Unwrap(&w, esOptions)
				refusedBy(t, string(typ)+", epk "+what, err, "epk")
			}
		}
		for what, epk := range badEPKs(t, es.EPK) {
			w := *es
			w.EPK = epk
			_, err := k.Unwrap(&w, esOptions)
			refusedBy(t, string(typ)+", "+what, err, "epk")
		}
		w := *es // members that are not the key are skipped: RFC 7518 section 4.6.1.1
		w.EPK = json.RawMessage(strings.Replace(string(es.EPK), "{", `{"kid":"1","use":"enc","x5c":["a",{"b":null}],`, 1))
		if _, err := k.Unwrap(&w, esOptions); err != nil {
			t.Errorf("%s, an epk with more members: %v", typ, err)
		}
	}
}

// badEPKs are ephemeral keys in a form that is not strict.
func badEPKs(t testing.TB, good json.RawMessage) map[string]json.RawMessage {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(good, &m); err != nil {
		t.Fatal(err)
	}
	with := func(name string, v any) json.RawMessage {
		c := maps.Clone(m)
		c[name] = v
		if v == nil {
			delete(c, name)
		}
		out, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	x := m["x"].(string)
	return map[string]json.RawMessage{
		"empty": {}, "null": json.RawMessage("null"), "a string": json.RawMessage(`"x"`), "an array": json.RawMessage("[]"), "nothing": json.RawMessage("{}"),
		"more": append(bytes.Clone(good), '1'), "cut": good[:len(good)-1], "twice": json.RawMessage(strings.Replace(string(good), "{", `{"crv":"P-256",`, 1)),
		"no kty": with("kty", nil), "no crv": with("crv", nil), "no x": with("x", nil), "x a number": with("x", 1), "x null": json.RawMessage(strings.Replace(string(good), `"`+x+`"`, "null", 1)),
		"another kty": with("kty", "oct"), "another crv": with("crv", "P-224"), "a private part": with("d", x), "padded": with("x", x+"="), "a line break": with("x", x+"\n"),
		"standard alphabet": with("x", "+/"+x[2:]), "short": with("x", x[:len(x)-4]), "an X": with("X", x), "an alg of signatures": with("alg", "ES256"),
		"huge": with("kid", strings.Repeat("x", 1<<17)), "deep": json.RawMessage(`{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + "," + string(good[1:])),
	}
}

// Whatever ephemeral key a stranger sends: an error that names the input, or a key that the stranger wrapped. Never a panic.
func FuzzUnwrap(f *testing.F) {
	keys := map[byte]*key.Key{}
	for i, typ := range agreeing {
		k := generate(f, typ)
		keys[byte(i)] = k
		w, err := k.Wrap(make([]byte, 32), key.WrapOptions{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), []byte(w.EPK), w.EncryptedKey, []byte{}, []byte{}, []byte{}, []byte{})
		f.Add(byte(i), []byte(w.EPK), w.EncryptedKey, []byte("a"), []byte("b"), make([]byte, 16), k.Public().Bytes())
		for _, epk := range badEPKs(f, w.EPK) {
			if len(epk) < 1000 {
				f.Add(byte(i), []byte(epk), w.EncryptedKey, []byte{}, []byte{}, []byte{}, []byte{})
			}
		}
		for _, bad := range badPeers(f, typ) {
			f.Add(byte(i), []byte(rawJWK(typ, bad)), w.EncryptedKey, []byte{}, []byte{}, []byte{}, bad)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, epk, wrapped, apu, apv, tag, sender []byte) {
		k := keys[which%byte(len(keys))]
		o := key.WrapOptions{APU: apu, APV: apv, Tag: tag}
		if len(sender) > 0 {
			o.Algorithm, o.Sender = key.ECDH1PUA256KW, sender
		}
		plain, err := k.Unwrap(&key.WrappedKey{EncryptedKey: wrapped, EPK: epk}, o)
		if err == nil {
			if len(plain) != len(wrapped)-8 {
				t.Errorf("%d bytes of %d", len(plain), len(wrapped))
			}
			return
		}
		for _, field := range []string{"epk", "wrappedKey", "senderPublicKey", "tag", "apu", "apv"} {
			if strings.HasPrefix(err.Error(), field+": ") {
				return
			}
		}
		t.Errorf("an error that names no input: %v", err)
	})
}

// What it writes, JOSE reads: exactly the members of RFC 7518 section 6.2.1 or RFC 8037 section 2.
func TestEPKForm(t *testing.T) {
	for _, typ := range agreeing {
		k := generate(t, typ)
		for range 50 { // leading zeros stay
			w, err := k.Wrap(make([]byte, 16), key.WrapOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]string
			if err := json.Unmarshal(w.EPK, &m); err != nil {
				t.Fatal(err)
			}
			x, err := base64.RawURLEncoding.DecodeString(m["x"])
			size, members := map[key.Type][2]int{key.X25519: {32, 3}, key.ECDHP256: {32, 4}, key.ECDHP384: {48, 4}, key.ECDHP521: {66, 4}}[typ], 0
			members = size[1]
			if err != nil || len(x) != size[0] || len(m) != members {
				t.Fatalf("%s: epk %s", typ, w.EPK)
			}
		}
	}
}
