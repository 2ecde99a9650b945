package proof_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	twolock "twolock/crypto/key"
)

// wantChanges is how many changes of what the server made must have been tried at least.
const wantChanges = 30_000

// What the server made does well as it is, and no more when any one of its bytes is another, one is missing, or there is one more: with every type of
// keys and every algorithm.
func TestTampering(t *testing.T) {
	s := start(t, "sqlite:"+filepath.Join(t.TempDir(), "twolock.db"))
	var tried atomic.Int64
	t.Run("types", func(t *testing.T) {
		for _, typ := range twolock.Types() {
			t.Run(string(typ), func(t *testing.T) {
				t.Parallel()
				k, err := s.create(string(typ), input{"exportable": true})
				if err != nil {
					t.Fatal(err)
				}
				p := &tampering{server: s, t: t, typ: typ, key: k}
				for _, o := range typ.Operations() {
					p.operation(o)
				}
				p.leaving()
				tried.Add(int64(p.tried.Load()))
				t.Logf("%d changes", p.tried.Load())
			})
		}
	})
	t.Logf("%d changes in all", tried.Load())
	if tried.Load() < wantChanges {
		t.Errorf("%d changes were tried, want %d at least", tried.Load(), wantChanges)
	}
}

type tampering struct {
	*server
	t     *testing.T
	typ   twolock.Type
	key   key
	tried atomic.Int64

	failed atomic.Int64 // a few are enough to see
}

// variants are the changes of bytes.
func variants(b octets) []octets {
	all := []octets{append(slices.Clone(b), 0), append(octets{0}, b...)}
	if len(b) > 0 {
		all = append(all, b[1:], b[:len(b)-1], octets{})
	}
	change := func(i int, by byte) {
		c := slices.Clone(b)
		c[i] ^= by
		all = append(all, c)
	}
	for i := range b {
		change(i, byte(1+rand.IntN(255)))
	}
	if len(b) > 0 { // the bits at the ends, which some encodings ignore
		change(0, 0x80)
		change(0, 0x01)
		change(len(b)-1, 0x80)
		change(len(b)-1, 0x01)
	}
	return all
}

// with is a copy of an input with more.
func (in input) with(more input) input {
	out := maps.Clone(in)
	if out == nil {
		out = input{}
	}
	maps.Copy(out, more)
	return out
}

// each changes the named members of an item, one at a time. The item must do well, and what is changed be refused, by the name of one of fields or, of
// verify and verifyMac, as not valid.
func (p *tampering) each(o operation, common, item input, names []string, fields ...string) {
	p.t.Helper()
	a, err := p.use(p.key, o, common.with(item))
	if verifies := o == opVerify || o == opVerifyMac; err != nil || verifies && !a.Valid {
		p.t.Errorf("%s %v: what is as it was is refused: %v", o.field, common, err)
		return
	}
	var items []input
	for _, name := range names {
		for _, changed := range variants(item[name].(octets)) {
			items = append(items, item.with(input{name: changed}))
		}
	}
	p.refused(o, common, items, fields...)
}

func (p *tampering) refused(o operation, common input, items []input, fields ...string) {
	p.t.Helper()
	answers, errs := make([]answer, len(items)), make([]error, len(items))
	if o == opVerify || o == opDecrypt || o == opVerifyMac {
		answers, errs = p.useEach(p.key, o, common, items)
	} else {
		each(len(items), func(i int) { answers[i], errs[i] = p.use(p.key, o, common.with(items[i])) })
	}
	p.tried.Add(int64(len(items)))
	for i, a := range answers {
		if p.failed.Load() > 5 {
			return
		}
		isFalse := (o == opVerify || o == opVerifyMac) && errs[i] == nil && !a.Valid
		if !isFalse && !refused(errs[i], fields...) {
			p.failed.Add(1)
			p.t.Errorf("%s %s with %s: got %s, %v; want a refusal naming one of %v", o.field, text(common), text(items[i]), text(a), errs[i], fields)
		}
		if len(a.Plaintext)+len(a.UnwrappedKey) > 0 {
			p.failed.Add(1)
			p.t.Errorf("%s %s with %s: gave something out: %s", o.field, text(common), text(items[i]), text(a))
		}
	}
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (p *tampering) do(o operation, in input) answer {
	p.t.Helper()
	a, err := p.use(p.key, o, in)
	if err != nil {
		p.t.Fatalf("%s %v: %v", o.field, in, err)
	}
	return a
}

// algorithms are those of the type that are among some.
func (p *tampering) algorithms(some []twolock.Algorithm) []twolock.Algorithm {
	return slices.DeleteFunc(p.typ.Algorithms(), func(a twolock.Algorithm) bool { return !slices.Contains(some, a) })
}

func (p *tampering) operation(o twolock.Operation) {
	message, aad := octets("a short message"), octets("additional")
	switch o {
	case twolock.OpVerify:
		for _, a := range p.algorithms(twolock.SignatureAlgorithms()) {
			ways := []input{{"algorithm": a}}
			switch a {
			case twolock.ECDSA:
				ways = []input{{"encoding": "IEEE_P1363"}, {"encoding": "DER"}}
			case twolock.MLDSA:
				ways = []input{{}, {"context": octets("context")}}
			}
			for _, way := range ways {
				signature := p.do(opSign, way.with(input{"message": message})).Signature
				p.each(opVerify, way, input{"message": message, "signature": signature}, []string{"message", "signature"})
			}
		}
	case twolock.OpDecrypt:
		for _, a := range p.algorithms(twolock.EncryptionAlgorithms()) {
			way := input{"algorithm": a}
			if strings.HasPrefix(string(a), "HPKE") {
				way["info"] = octets("info")
			}
			made := p.do(opEncrypt, way.with(input{"plaintext": message, "aad": aad}))
			item := input{"ciphertext": made.Ciphertext, "nonce": made.Nonce, "aad": aad}
			p.each(opDecrypt, way, item, []string{"ciphertext", "nonce", "aad"}, "ciphertext", "nonce")
			if info, ok := way["info"]; ok {
				for _, changed := range variants(info.(octets)) {
					p.refused(opDecrypt, way.with(input{"info": changed}), []input{item}, "ciphertext")
				}
			}
		}
	case twolock.OpVerifyMAC:
		code := p.do(opComputeMac, input{"data": message}).Mac
		p.each(opVerifyMac, nil, input{"data": message, "mac": code}, []string{"data", "mac"})
	case twolock.OpUnwrapKey:
		for _, a := range p.algorithms(twolock.WrapAlgorithms()) {
			p.wrapped(a)
		}
	case twolock.OpOpen:
		anonymous := p.do(opSeal, input{"plaintext": message})
		p.each(opOpen, nil, input{"ciphertext": anonymous.Ciphertext}, []string{"ciphertext"}, "ciphertext")
		// From the key to itself: the sender is the recipient.
		made := p.do(opSeal, input{"plaintext": message, "recipientPublicKey": octets(p.key.public())})
		p.each(opOpen, nil, input{"ciphertext": made.Ciphertext, "nonce": made.Nonce, "senderPublicKey": octets(p.key.public())},
			[]string{"ciphertext", "nonce", "senderPublicKey"}, "ciphertext", "nonce", "senderPublicKey")
	case twolock.OpDecapsulate:
		p.decapsulate()
	}
}

func (p *tampering) wrapped(a twolock.Algorithm) {
	secret, way := random(32), input{"algorithm": a}
	names := []string{"wrappedKey"}
	item := input{}
	if strings.HasPrefix(string(a), "ECDH") {
		item = input{"apu": octets("Alice"), "apv": octets("Bob")}
		names = append(names, "apu", "apv")
	}
	more := input{}
	if a == twolock.ECDH1PUA256KW {
		item["tag"] = random(32)
		names = append(names, "tag", "senderPublicKey")
		more["recipientPublicKey"] = octets(p.key.public())
	}
	made := p.do(opWrap, way.with(item).with(more).with(input{"keyToWrap": secret}))
	item["wrappedKey"] = made.WrappedKey
	if a == twolock.ECDH1PUA256KW {
		item["senderPublicKey"] = octets(p.key.public())
	}
	if made.EPK != nil {
		way["epk"] = made.EPK
	}
	p.each(opUnwrap, way, item, names, "wrappedKey", "apu", "apv", "tag", "senderPublicKey", "epk")
	if made.EPK == nil {
		return
	}
	var epk map[string]string
	if err := json.Unmarshal(made.EPK, &epk); err != nil {
		p.t.Fatal(err)
	}
	var items []input
	for _, name := range []string{"x", "y"} {
		if epk[name] == "" {
			continue
		}
		coordinate, err := base64.RawURLEncoding.DecodeString(epk[name])
		if err != nil {
			p.t.Fatal(err)
		}
		for _, changed := range variants(coordinate) {
			other := maps.Clone(epk)
			other[name] = base64.RawURLEncoding.EncodeToString(changed)
			items = append(items, item.with(input{"epk": other}))
		}
	}
	p.refused(opUnwrap, way, items, "wrappedKey", "epk")
}

// decapsulate: as FIPS 203 has it, what was changed gives another secret.
func (p *tampering) decapsulate() {
	made := p.do(opEncapsulate, input{})
	if a := p.do(opDecapsulate, input{"ciphertext": made.Ciphertext}); string(a.SharedSecret) != string(made.SharedSecret) {
		p.t.Errorf("decapsulate: another secret than encapsulate's")
	}
	changes := variants(made.Ciphertext)
	seen := make([]string, len(changes))
	each(len(changes), func(i int) {
		p.tried.Add(1)
		a, err := p.use(p.key, opDecapsulate, input{"ciphertext": changes[i]})
		switch {
		case len(changes[i]) != len(made.Ciphertext):
			if !refused(err, "ciphertext") {
				p.t.Errorf("decapsulate of %d bytes: %v", len(changes[i]), err)
			}
		case err != nil || string(a.SharedSecret) == string(made.SharedSecret):
			p.t.Errorf("decapsulate of another ciphertext: %v, or the same secret", err)
		default:
			seen[i] = string(a.SharedSecret)
		}
	})
	distinct := map[string]bool{}
	for _, s := range seen {
		if s != "" && distinct[s] {
			p.t.Error("decapsulate: two other ciphertexts give the same secret")
		}
		distinct[s] = true
	}
}

// maxCharacters is how many characters of a JWE are changed, spread over it and in every one of its parts; of ED25519's, the shortest, all.
const maxCharacters = 100

// leaving changes what exportKey and backupKey made, for importKey and restoreKey.
func (p *tampering) leaving() {
	openers := []string{"X25519"}
	if p.typ == twolock.Ed25519 {
		openers = []string{"X25519", "ECDH_P256", "ECDH_P384", "ECDH_P521", "RSA_2048"}
	}
	for _, typ := range openers {
		opener, err := p.create(typ, nil)
		if err != nil {
			p.t.Fatal(err)
		}
		recipient := input{"recipient": opener.PublicKey.JWK}
		take := func(jwe string) error {
			_, err := p.take(string(p.typ), "wrapped", jwe, input{"unwrappingKey": opener.ID})
			return err
		}
		p.jwe("importKey", p.do(opExport, maps.Clone(recipient)).Wrapped, take, "", "wrapped")
		// The key itself is there still.
		p.jwe("restoreKey", p.do(opBackup, maps.Clone(recipient)).Backup, func(jwe string) error { return p.restore(jwe, opener) }, "CONFLICT", "backup")
	}
}

// jwe takes a JWE as it is, which must end with want, and changed, which must be refused.
func (p *tampering) jwe(what, jwe string, take func(string) error, want, field string) {
	if got := code(take(jwe)); got != want {
		p.t.Errorf("%s: what is as it was: got %q, want %q", what, got, want)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	changes := []string{jwe + "A", "A" + jwe, jwe[1:], jwe[:len(jwe)-1], jwe + ".", "", jwe + " "}
	step := 1
	if p.typ != twolock.Ed25519 {
		step = max(1, len(jwe)/maxCharacters)
	}
	dot := func(i int) bool {
		return jwe[i] == '.' || i+1 < len(jwe) && jwe[i+1] == '.' || i > 0 && jwe[i-1] == '.'
	}
	for i := range jwe {
		if i%step != 0 && !dot(i) && i < len(jwe)-24 {
			continue
		}
		other := alphabet[rand.IntN(len(alphabet))]
		for other == jwe[i] {
			other = alphabet[rand.IntN(len(alphabet))]
		}
		changes = append(changes, jwe[:i]+string(other)+jwe[i+1:])
	}
	each(len(changes), func(i int) {
		p.tried.Add(1)
		if err := take(changes[i]); !refused(err, field) {
			p.t.Errorf("%s of a JWE that was changed: got %v, want a refusal naming %s\n%s\n%s", what, err, field, jwe, changes[i])
		}
	})
}

func (p *tampering) restore(backup string, opener key) error {
	in := input{"keystore": p.keystore, "backup": backup, "unwrappingKey": opener.ID}
	const query = `mutation($input: RestoreKeyInput!) { restoreKey(input: $input) { key { id } } }`
	return p.client.Do(p.t.Context(), p.keystore, "restoreKey", query, input{"input": in}, nil)
}

// code is the code of an error that the server answered; empty for none.
func code(err error) string {
	if err == nil {
		return ""
	}
	e, ok := asErrors(err)
	if !ok {
		return fmt.Sprintf("no answer: %v", err)
	}
	return e.Code()
}
