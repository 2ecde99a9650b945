package key

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxJWK      = 16 << 10 // bytes; an RSA-4096 private key takes 4 KiB
	maxJWKDepth = 8
)

var b64 = base64.RawURLEncoding.Strict()

// jwkForm is how a type looks as a JWK.
type jwkForm struct {
	kty, crv string   // crv "" where the kty has none
	algs     []string // what "alg" may say; it may also be left out, but of an AKP
	public   []string // the members of bytes that must be there; of "oct", none
	private  []string // those that must be there all or not at all
	optional []string // those that may be there with the private ones
}

// jwkMembers are a JWK's members of bytes, decoded.
type jwkMembers map[string][]byte

func (m jwkMembers) wipe() {
	for _, b := range m {
		clear(b)
	}
}

// decodeJWK reads a JWK of the form, strictly: each member once, in its exact case, in base64url without padding (RFC 7515 section 2). Members that are
// not the key itself are skipped (RFC 7517 section 4). The caller wipes what it returns. *InputError otherwise; it holds no value.
func decodeJWK(raw json.RawMessage, f jwkForm) (m jwkMembers, err error) {
	bad := func(format string, args ...any) (jwkMembers, error) {
		m.wipe()
		return nil, inputErrorf("jwk", format, args...)
	}
	if len(raw) > maxJWK {
		return bad("has %d bytes, more than %d", len(raw), maxJWK)
	}
	const notJSON = "must be one JSON object, each member once, nested no deeper than 8"
	d := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return bad(notJSON)
	}
	of := slices.Concat(f.public, f.private, f.optional)
	m = jwkMembers{}
	text := map[string]string{}
	for d.PeekKind() != '}' {
		t, err := d.ReadToken()
		if err != nil || t.Kind() != '"' {
			return bad(notJSON)
		}
		name := t.String()
		isText, isBytes := slices.Contains([]string{"kty", "crv", "alg"}, name), slices.Contains(of, name)
		switch lower := strings.ToLower(name); {
		case isText, isBytes:
			v, err := d.ReadValue()
			if err != nil {
				return bad(notJSON)
			}
			if v.Kind() != '"' {
				return bad("%s: must be a string", name)
			}
			s, err := jsontext.AppendUnquote(make([]byte, 0, len(v)), v)
			if err != nil {
				return bad(notJSON)
			}
			if isText {
				text[name] = string(s)
				continue
			}
			b := make([]byte, b64.DecodedLen(len(s)))
			n, err := b64.Decode(b, s)
			whole := b64.EncodedLen(n) == len(s) // the decoder skips line breaks
			clear(s)
			m[name] = b[:n]
			if err != nil || !whole {
				return bad("%s: must be base64url without padding", name)
			}
		case lower != name && (slices.Contains(of, lower) || slices.Contains([]string{"kty", "crv", "alg"}, lower)):
			return bad("a member must be written %s", lower)
		case name == "oth":
			return bad("oth: RSA keys of more than two primes are not supported")
		default:
			if err := skip(d); err != nil {
				return bad(notJSON)
			}
		}
	}
	if _, err := d.ReadToken(); err != nil || len(bytes.TrimSpace(d.UnreadBuffer())) > 0 {
		return bad(notJSON)
	}
	if kty := text["kty"]; kty != f.kty {
		return bad("kty: must be %s", f.kty)
	}
	if crv, is := text["crv"]; crv != f.crv || is && f.crv == "" {
		if f.crv == "" {
			return bad("crv: a key of kty %s has none", f.kty)
		}
		return bad("crv: must be %s", f.crv)
	}
	if alg, is := text["alg"]; is && !slices.Contains(f.algs, alg) || !is && f.kty == "AKP" {
		if len(f.algs) == 0 {
			return bad("alg: there is none for this type")
		}
		return bad("alg: must be %s", strings.Join(f.algs, " or "))
	}
	for _, name := range f.public {
		if m[name] == nil {
			return bad("%s: is missing", name)
		}
	}
	_, isPrivate := m[slices.Concat(f.private, []string{""})[0]]
	for _, name := range f.private {
		if _, is := m[name]; is != isPrivate || f.kty == "oct" && !is {
			return bad("%s: must be there, or no private part", strings.Join(f.private, ", "))
		}
	}
	for _, name := range f.optional {
		if _, is := m[name]; is && !isPrivate {
			return bad("%s: is there without %s", name, f.private[0])
		}
	}
	return m, nil
}

// skip reads a value of any kind, and not deeper than maxJWKDepth.
func skip(d *jsontext.Decoder) error {
	for at := d.StackDepth(); ; {
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		switch depth := d.StackDepth(); {
		case depth == at:
			return nil
		case depth > maxJWKDepth:
			return inputErrorf("jwk", "nested too deep")
		}
	}
}

// fixed returns a member that must have size bytes.
func (m jwkMembers) fixed(name string, size int) ([]byte, error) {
	if b := m[name]; len(b) != size {
		return nil, inputErrorf("jwk", "%s: has %d bytes instead of %d", name, len(b), size)
	}
	return m[name], nil
}

// decodeEC reads a JWK of kty EC (RFC 7518 section 6.2): the uncompressed point, not yet checked, and the scalar; nil where there is none. size is of a coordinate.
func decodeEC(raw json.RawMessage, crv string, size int, algs ...string) (point, d []byte, err error) {
	m, err := decodeJWK(raw, jwkForm{kty: "EC", crv: crv, algs: algs, public: []string{"x", "y"}, private: []string{"d"}})
	if err != nil {
		return nil, nil, err
	}
	point = append(make([]byte, 0, 1+2*size), 4)
	for _, name := range []string{"x", "y"} {
		b, err := m.fixed(name, size)
		if err != nil {
			m.wipe()
			return nil, nil, err
		}
		point = append(point, b...)
	}
	if d = m["d"]; d != nil {
		if _, err := m.fixed("d", size); err != nil {
			m.wipe()
			return nil, nil, err
		}
	}
	return point, d, nil
}

// decodeOKP reads a JWK of kty OKP (RFC 8037): x and d have 32 bytes; d is nil where there is none.
func decodeOKP(raw json.RawMessage, crv string, algs ...string) (x, d []byte, err error) {
	m, err := decodeJWK(raw, jwkForm{kty: "OKP", crv: crv, algs: algs, public: []string{"x"}, private: []string{"d"}})
	if err != nil {
		return nil, nil, err
	}
	return m.pair("x", 32, "d", 32)
}

// decodeAKP reads a JWK of kty AKP (RFC 9964 and the drafts that follow it): the public key and the seed; nil where there is none.
func decodeAKP(raw json.RawMessage, alg string, publicSize, seedSize int) (public, seed []byte, err error) {
	m, err := decodeJWK(raw, jwkForm{kty: "AKP", algs: []string{alg}, public: []string{"pub"}, private: []string{"priv"}})
	if err != nil {
		return nil, nil, err
	}
	return m.pair("pub", publicSize, "priv", seedSize)
}

// decodeOct reads a JWK of kty oct (RFC 7518 section 6.4): its k.
func decodeOct(raw json.RawMessage, algs ...string) ([]byte, error) {
	m, err := decodeJWK(raw, jwkForm{kty: "oct", algs: algs, private: []string{"k"}})
	if err != nil {
		return nil, err
	}
	return m["k"], nil
}

func (m jwkMembers) pair(public string, publicSize int, private string, privateSize int) (p, s []byte, err error) {
	p, err = m.fixed(public, publicSize)
	if m[private] != nil && err == nil {
		s, err = m.fixed(private, privateSize)
	}
	if err != nil {
		m.wipe()
		return nil, nil, err
	}
	return p, s, nil
}

// jwkMember is a member to write: bytes, or text where there are none.
type jwkMember struct {
	name, text string
	bytes      []byte
}

// encodeJWK writes a JWK. It makes no other copy of the bytes than the one it returns.
func encodeJWK(members ...jwkMember) json.RawMessage {
	size := len("{}")
	for _, m := range members {
		size += len(`"":"",`) + len(m.name) + len(m.text) + b64.EncodedLen(len(m.bytes))
	}
	out := append(make([]byte, 0, size), '{')
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), m.name...), `":"`...)
		out = append(b64.AppendEncode(append(out, m.text...), m.bytes), '"')
	}
	return append(out, '}')
}

// ecJWK writes an EC key of its uncompressed point and its scalar; d nil: the public part.
func ecJWK(crv string, point, d []byte) json.RawMessage {
	half := len(point) / 2
	m := []jwkMember{{name: "crv", text: crv}, {name: "kty", text: "EC"}, {name: "x", bytes: point[1 : 1+half]}, {name: "y", bytes: point[1+half:]}}
	return encodeJWK(withPrivate(m, "d", d)...)
}

// okpJWK writes an OKP key; d nil: the public part.
func okpJWK(crv string, x, d []byte) json.RawMessage {
	m := []jwkMember{{name: "crv", text: crv}, {name: "kty", text: "OKP"}, {name: "x", bytes: x}}
	return encodeJWK(withPrivate(m, "d", d)...)
}

// akpJWK writes an AKP key of its public key and its seed; seed nil: the public part.
func akpJWK(alg string, public, seed []byte) json.RawMessage {
	m := []jwkMember{{name: "alg", text: alg}, {name: "kty", text: "AKP"}, {name: "pub", bytes: public}}
	return encodeJWK(withPrivate(m, "priv", seed)...)
}

// octJWK writes a symmetric key.
func octJWK(k []byte) json.RawMessage {
	return encodeJWK(jwkMember{name: "kty", text: "oct"}, jwkMember{name: "k", bytes: k})
}

func withPrivate(m []jwkMember, name string, b []byte) []jwkMember {
	if b == nil {
		return m
	}
	return append(m, jwkMember{name: name, bytes: b})
}
