package proof_test

import (
	"bytes"
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/internal/wycheproof"
)

// What a run must have at least: all that Wycheproof has for our types. A file that shrank, or was left out, fails the test.
const (
	wantClassical   = 19_600
	wantPostQuantum = 2_480
)

// The test vectors of Wycheproof, through importKey and the key's operations. crypto/key has the same test without a server between.
func TestWycheproof(t *testing.T) {
	databases(t, func(t *testing.T, s *server) {
		w := &vectors{server: s, began: time.Now()}
		files := slices.Concat(w.signatures(), w.others(), w.agreements(), w.lattices())
		gate := make(chan struct{}, 4)
		var wg sync.WaitGroup
		for _, f := range files {
			gate <- struct{}{}
			wg.Go(func() {
				defer func() { <-gate }()
				t.Run(f.name, func(t *testing.T) {
					y := &tally{t: t, file: f.name, leftOut: map[string]int{}}
					f.run(t, y)
					w.add(y)
				})
			})
		}
		wg.Wait()
		w.report(t, len(files))
	})
}

// vectors runs the files against a server and counts.
type vectors struct {
	*server
	began time.Time
	taken sync.Map // imports: func() (key, error) by what is imported

	mu                           sync.Mutex
	classical, postQuantum, left int
	reasons                      map[string]int
}

type file struct {
	name string
	run  func(t *testing.T, y *tally)
}

func (w *vectors) add(y *tally) {
	if y.run == 0 {
		y.t.Errorf("%s: nothing was run", y.file)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reasons == nil {
		w.reasons = map[string]int{}
	}
	if strings.HasPrefix(y.file, "ml") {
		w.postQuantum += y.run
	} else {
		w.classical += y.run
	}
	for why, n := range y.leftOut {
		w.left += n
		w.reasons[why] += n
	}
}

func (w *vectors) report(t *testing.T, files int) {
	t.Logf("%d files: %d classical and %d post-quantum cases in %v; left out: %d %v",
		files, w.classical, w.postQuantum, time.Since(w.began).Round(100*time.Millisecond), w.left, w.reasons)
	if w.classical < wantClassical {
		t.Errorf("%d classical cases were run, want %d at least", w.classical, wantClassical)
	}
	if w.postQuantum < wantPostQuantum {
		t.Errorf("%d post-quantum cases were run, want %d at least", w.postQuantum, wantPostQuantum)
	}
}

// once imports the same thing once.
func (w *vectors) once(typ, form string, value any) (key, error) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	f, _ := w.taken.LoadOrStore(typ+form+string(text), sync.OnceValues(func() (key, error) { return w.take(typ, form, value, nil) }))
	return f.(func() (key, error))()
}

// tally counts the cases of a file.
type tally struct {
	t       *testing.T
	file    string
	mu      sync.Mutex
	run     int
	leftOut map[string]int // why: how many
}

func (y *tally) skip(why string, n int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.leftOut[why] += n
}

// check holds a case against what the file says of it. An error must be the server's refusal of one of the fields.
func (y *tally) check(c wycheproof.Case, did bool, err error, fields ...string) {
	y.t.Helper()
	y.mu.Lock()
	y.run++
	y.mu.Unlock()
	result, chosen := wycheproof.Choose(y.file, c)
	if !chosen {
		y.t.Errorf("%d %v: acceptable, and no choice is made", c.ID, c.Flags)
	}
	if want := result == wycheproof.Valid; did != want {
		y.t.Errorf("%d (%s, %v): took it %t, want %t; %v", c.ID, c.Comment, c.Flags, did, want, err)
	}
	if err != nil && !refused(err, fields...) {
		y.t.Errorf("%d (%s, %v): got %v, want BAD_USER_INPUT naming one of %v", c.ID, c.Comment, c.Flags, err, fields)
	}
}

func load[G, T any](t *testing.T, file string) []wycheproof.Group[G, T] {
	t.Helper()
	groups, err := wycheproof.Load[G, T](file)
	if err != nil {
		t.Fatal(err)
	}
	return groups
}

// by sorts cases by something that they may have in common.
func by[T any](cases []T, of func(T) []byte) [][]T {
	at := map[string]int{}
	var sorted [][]T
	for _, c := range cases {
		i, ok := at[string(of(c))]
		if !ok {
			i = len(sorted)
			at[string(of(c))] = i
			sorted = append(sorted, nil)
		}
		sorted[i] = append(sorted[i], c)
	}
	return sorted
}

// all is the cases of all groups that keep returns true of.
func all[G, T any](groups []wycheproof.Group[G, T], keep func(G, []T) bool) (cases []T) {
	for _, g := range groups {
		if keep(g.Common, g.Tests) {
			cases = append(cases, g.Tests...)
		}
	}
	return cases
}

// Why whole groups are left out.
const (
	smallExponent = "an RSA exponent of 3: refused as weak on import"
	otherRSA      = "RSA with a hash or a length that we do not have"
	shortAES      = "AES keys of 192 bits"
)

type signatureGroup struct {
	PublicKey                    json.RawMessage
	PublicKeyDer                 wycheproof.Hex
	PublicKeyJwk                 json.RawMessage
	PrivateKeyPkcs8, PrivateSeed wycheproof.Hex
	PrivateKey                   json.RawMessage
	KeySize                      int
	Sha, MgfSha                  string
	SLen                         int
}

// unhex reads a member that is hex in some files and an object in others.
func unhex(t *testing.T, raw json.RawMessage) (h wycheproof.Hex) {
	t.Helper()
	if err := json.Unmarshal(raw, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

type signatureCase struct {
	wycheproof.Case
	Msg, Sig, Ctx wycheproof.Hex
	Mu            wycheproof.Hex // of ML-DSA, instead of a message
}

func (c signatureCase) context() []byte { return c.Ctx }

func (w *vectors) signatures() (files []file) {
	add := func(name, typ string, in input) {
		files = append(files, file{name, func(t *testing.T, y *tally) { w.verify(t, y, typ, in) }})
	}
	for curve, typ := range map[string]string{
		"secp256r1_sha256": "ECDSA_P256", "secp384r1_sha384": "ECDSA_P384", "secp521r1_sha512": "ECDSA_P521", "secp256k1_sha256": "ECDSA_SECP256K1",
	} {
		add("ecdsa_"+curve, typ, input{"encoding": "DER"})
		add("ecdsa_"+curve+"_p1363", typ, input{"encoding": "IEEE_P1363"})
	}
	add("ed25519", "ED25519", nil)
	for _, size := range []string{"2048", "3072", "4096"} {
		for _, sha := range []string{"sha256", "sha384", "sha512"} {
			add("rsa_signature_"+size+"_"+sha, "RSA_"+size, input{"algorithm": "RSA_PKCS1_" + strings.ToUpper(sha)})
		}
		files = append(files, file{"rsa_pkcs1_" + size + "_sig_gen", w.generate})
	}
	for _, name := range []string{"2048_sha256_mgf1_32", "2048_sha384_mgf1_48", "3072_sha256_mgf1_32", "4096_sha256_mgf1_32", "4096_sha384_mgf1_48", "4096_sha512_mgf1_64"} {
		add("rsa_pss_"+name, "RSA_"+name[:4], input{"algorithm": "RSA_PSS_" + strings.ToUpper(name[5:11])})
	}
	for _, name := range []string{"rsa_pss_2048_sha256_mgf1_0", "rsa_pss_4096_sha512_mgf1_32", "rsa_pss_misc"} {
		files = append(files, file{name, w.otherSalts})
	}
	return files
}

// verify imports each group's public key as SPKI, and as JWK where it has one.
func (w *vectors) verify(t *testing.T, y *tally, typ string, common input) {
	groups := load[signatureGroup, signatureCase](t, y.file)
	each(len(groups), func(i int) {
		g := groups[i]
		k, err := w.take(typ, "spki", octets(g.Common.PublicKeyDer), nil)
		if err != nil {
			y.notTaken(g.Tests, err)
			return
		}
		if !bytes.Equal(k.PublicKey.SPKI, g.Common.PublicKeyDer) {
			t.Errorf("SPKI is written as %x, was %x", k.PublicKey.SPKI, g.Common.PublicKeyDer)
		}
		if g.Common.PublicKeyJwk != nil {
			j, err := w.take(typ, "jwk", g.Common.PublicKeyJwk, nil)
			if err != nil || !bytes.Equal(j.public(), k.public()) {
				t.Errorf("the JWK is another key (%v): %s", err, g.Common.PublicKeyJwk)
			}
		}
		w.verifyGroup(y, k, g.Tests, common)
	})
}

func (w *vectors) verifyGroup(y *tally, k key, cases []signatureCase, common input) {
	for _, cases := range by(cases, signatureCase.context) {
		in := input{}
		for name, value := range common {
			in[name] = value
		}
		if ctx := cases[0].Ctx; len(ctx) > 0 {
			in["context"] = octets(ctx)
		}
		items := make([]input, len(cases))
		for i, c := range cases {
			items[i] = input{"message": octets(c.Msg), "signature": octets(c.Sig)}
		}
		answers, errs := w.useEach(k, opVerify, in, items)
		for i, c := range cases {
			y.check(c.Case, answers[i].Valid, errs[i], "context") // a signature that does not verify is no error
		}
	}
}

// notTaken counts cases whose key the server does not take: none may be valid, unless the reason is one of policy.
func (y *tally) notTaken(cases []signatureCase, err error) {
	if strings.HasPrefix(y.file, "rsa") && refused(err, "spki") && strings.Contains(err.Error(), "weak: the public exponent") {
		y.skip(smallExponent, len(cases))
		return
	}
	for _, c := range cases {
		y.check(c.Case, false, err, "spki")
	}
}

// A salt of another length is another scheme: what the vectors call valid with it is not valid here, and what is ours in that file is.
func (w *vectors) otherSalts(t *testing.T, y *tally) {
	sizes := map[string]int{"SHA-256": 32, "SHA-384": 48, "SHA-512": 64}
	groups := load[signatureGroup, signatureCase](t, y.file)
	each(len(groups), func(i int) {
		g := groups[i]
		size, known := sizes[g.Common.Sha]
		if !known || !slices.Contains([]int{2048, 3072, 4096}, g.Common.KeySize) {
			y.skip(otherRSA, len(g.Tests))
			return
		}
		k, err := w.once(fmt.Sprintf("RSA_%d", g.Common.KeySize), "spki", octets(g.Common.PublicKeyDer))
		if err != nil {
			y.notTaken(g.Tests, err)
			return
		}
		for i, c := range g.Tests {
			if g.Common.SLen != size || g.Common.MgfSha != g.Common.Sha {
				g.Tests[i].Result = wycheproof.Invalid
			}
			if c.Comment == fmt.Sprintf("s_len changed to %d", size) {
				g.Tests[i].Result = wycheproof.Valid // changed to what is ours
			}
		}
		w.verifyGroup(y, k, g.Tests, input{"algorithm": "RSA_PSS_" + strings.ReplaceAll(g.Common.Sha, "-", "")})
	})
}

// generate has the server sign: a PKCS #1 signature is the same whoever makes it.
func (w *vectors) generate(t *testing.T, y *tally) {
	groups := load[signatureGroup, signatureCase](t, y.file)
	each(len(groups), func(i int) {
		g := groups[i]
		sha := strings.ReplaceAll(g.Common.Sha, "-", "")
		if !slices.Contains([]string{"SHA256", "SHA384", "SHA512"}, sha) {
			y.skip(otherRSA, len(g.Tests))
			return
		}
		k, err := w.once(fmt.Sprintf("RSA_%d", g.Common.KeySize), "pkcs8", octets(g.Common.PrivateKeyPkcs8))
		if refused(err, "pkcs8") && strings.Contains(err.Error(), "weak: the public exponent") {
			y.skip(smallExponent, len(g.Tests))
			return
		}
		if err != nil {
			t.Errorf("the private key: %v", err)
			return
		}
		items := make([]input, len(g.Tests))
		for i, c := range g.Tests {
			items[i] = input{"message": octets(c.Msg)}
		}
		answers, errs := w.useEach(k, opSign, input{"algorithm": "RSA_PKCS1_" + sha}, items)
		for i, c := range g.Tests {
			y.check(c.Case, errs[i] == nil && bytes.Equal(answers[i].Signature, c.Sig), errs[i])
		}
	})
}

type oaepGroup struct {
	PrivateKeyPkcs8 wycheproof.Hex
	PrivateKeyJwk   json.RawMessage
}

type oaepCase struct {
	wycheproof.Case
	Msg, Ct, Label wycheproof.Hex
}

func (w *vectors) others() (files []file) {
	for _, size := range []string{"2048", "3072", "4096"} {
		files = append(files, file{"rsa_oaep_" + size + "_sha256_mgf1sha256", func(t *testing.T, y *tally) { w.oaep(t, y, "RSA_"+size) }})
	}
	files = append(files,
		file{"rsa_three_primes_oaep_4096_sha256_mgf1sha256", w.threePrimes},
		file{"aes_gcm", func(t *testing.T, y *tally) { w.aead(t, y, 12, map[int]string{128: "AES_128_GCM", 256: "AES_256_GCM"}) }},
		file{"chacha20_poly1305", func(t *testing.T, y *tally) { w.aead(t, y, 12, map[int]string{256: "CHACHA20_POLY1305"}) }},
		file{"xchacha20_poly1305", func(t *testing.T, y *tally) { w.aead(t, y, 24, map[int]string{256: "XCHACHA20_POLY1305"}) }},
		file{"aes_wrap", func(t *testing.T, y *tally) { w.keyWrap(t, y, "AES_KW") }},
		file{"aes_kwp", func(t *testing.T, y *tally) { w.keyWrap(t, y, "AES_KWP") }},
		file{"hkdf_sha256", w.hkdf},
	)
	for hash, size := range map[string]int{"sha256": 256, "sha384": 384, "sha512": 512} {
		files = append(files, file{"hmac_" + hash, func(t *testing.T, y *tally) { w.hmac(t, y, "HMAC_"+strings.ToUpper(hash), size) }})
	}
	return files
}

func (w *vectors) oaep(t *testing.T, y *tally, typ string) {
	groups := load[oaepGroup, oaepCase](t, y.file)
	each(len(groups), func(i int) {
		g := groups[i]
		k, err := w.take(typ, "pkcs8", octets(g.Common.PrivateKeyPkcs8), nil)
		if err != nil {
			t.Errorf("the private key: %v", err)
			return
		}
		if g.Common.PrivateKeyJwk != nil {
			if j, err := w.take(typ, "jwk", g.Common.PrivateKeyJwk, nil); err != nil || !bytes.Equal(j.public(), k.public()) {
				t.Errorf("the JWK is another key (%v)", err)
			}
		}
		items := make([]input, len(g.Tests))
		for i, c := range g.Tests {
			items[i] = input{"ciphertext": octets(c.Ct), "nonce": "", "aad": octets(c.Label)}
		}
		answers, errs := w.useEach(k, opDecrypt, nil, items)
		for i, c := range g.Tests {
			y.check(c.Case, errs[i] == nil && bytes.Equal(answers[i].Plaintext, c.Msg), errs[i], "ciphertext")
		}
	})
}

func (w *vectors) threePrimes(t *testing.T, y *tally) {
	for _, g := range load[oaepGroup, oaepCase](t, y.file) {
		_, err := w.take("RSA_4096", "pkcs8", octets(g.Common.PrivateKeyPkcs8), nil)
		for _, c := range g.Tests {
			c.Result = wycheproof.Invalid // keys of three primes are refused
			y.check(c.Case, err == nil, err, "pkcs8")
		}
	}
}

type sizes struct{ IvSize, KeySize, TagSize int }

type aeadCase struct {
	wycheproof.Case
	Key, Iv, Aad, Msg, Ct, Tag wycheproof.Hex
	typ                        string
}

func (c aeadCase) key() []byte { return c.Key }

func (w *vectors) aead(t *testing.T, y *tally, nonce int, types map[int]string) {
	cases := by(all(load[sizes, aeadCase](t, y.file), func(g sizes, cases []aeadCase) bool {
		if types[g.KeySize] == "" {
			y.skip(shortAES, len(cases))
			return false
		}
		for i := range cases {
			if len(cases[i].Iv) != nonce {
				cases[i].Result = wycheproof.Invalid // nonces of other lengths are refused
			}
			cases[i].typ = types[g.KeySize]
		}
		return true
	}), aeadCase.key)
	each(len(cases), func(i int) {
		k, err := w.take(cases[i][0].typ, "raw", octets(cases[i][0].Key), nil)
		if err != nil {
			t.Errorf("%d: %v", cases[i][0].ID, err)
			return
		}
		items := make([]input, len(cases[i]))
		for j, c := range cases[i] {
			items[j] = input{"ciphertext": octets(slices.Concat(c.Ct, c.Tag)), "nonce": octets(c.Iv), "aad": octets(c.Aad)}
		}
		answers, errs := w.useEach(k, opDecrypt, nil, items)
		for j, c := range cases[i] {
			y.check(c.Case, errs[j] == nil && bytes.Equal(answers[j].Plaintext, c.Msg), errs[j], "ciphertext", "nonce")
		}
	})
}

type macCase struct {
	wycheproof.Case
	Key, Msg, Tag wycheproof.Hex
}

func (c macCase) key() []byte { return c.Key }

func (w *vectors) hmac(t *testing.T, y *tally, typ string, whole int) {
	cases := by(all(load[sizes, macCase](t, y.file), func(g sizes, cases []macCase) bool {
		for i := range cases {
			if g.TagSize != whole {
				cases[i].Result = wycheproof.Invalid // codes cut short are refused
			}
		}
		return true
	}), macCase.key)
	each(len(cases), func(i int) {
		k, err := w.take(typ, "raw", octets(cases[i][0].Key), nil)
		if err != nil {
			t.Errorf("%d: %v", cases[i][0].ID, err)
			return
		}
		items, data := make([]input, len(cases[i])), make([]input, len(cases[i]))
		for j, c := range cases[i] {
			items[j] = input{"data": octets(c.Msg), "mac": octets(c.Tag)}
			data[j] = input{"data": octets(c.Msg)}
		}
		answers, errs := w.useEach(k, opVerifyMac, nil, items)
		made, makeErrs := w.useEach(k, opComputeMac, nil, data)
		for j, c := range cases[i] {
			y.check(c.Case, answers[j].Valid, errs[j], "mac")
			if makeErrs[j] != nil || bytes.Equal(made[j].Mac, c.Tag) != answers[j].Valid {
				t.Errorf("%d: made %x (%v), the file has %x", c.ID, made[j].Mac, makeErrs[j], []byte(c.Tag))
			}
		}
	})
}

type wrapCase struct {
	wycheproof.Case
	Key, Msg, Ct wycheproof.Hex
	typ          string
}

func (w *vectors) keyWrap(t *testing.T, y *tally, algorithm string) {
	types := map[int]string{128: "AES_128_GCM", 256: "AES_256_GCM"}
	cases := all(load[sizes, wrapCase](t, y.file), func(g sizes, cases []wrapCase) bool {
		if types[g.KeySize] == "" {
			y.skip(shortAES, len(cases))
			return false
		}
		for i := range cases {
			cases[i].typ = types[g.KeySize]
		}
		return true
	})
	each(len(cases), func(i int) {
		c := cases[i]
		k, err := w.once(c.typ, "raw", octets(c.Key))
		if err != nil {
			t.Errorf("%d: %v", c.ID, err)
			return
		}
		a, err := w.use(k, opUnwrap, input{"wrappedKey": octets(c.Ct), "algorithm": algorithm})
		y.check(c.Case, err == nil && bytes.Equal(a.UnwrappedKey, c.Msg), err, "wrappedKey")
		if c.Result != wycheproof.Valid {
			return
		}
		a, err = w.use(k, opWrap, input{"keyToWrap": octets(c.Msg), "algorithm": algorithm})
		if err != nil || !bytes.Equal(a.WrappedKey, c.Ct) {
			t.Errorf("%d: wrapped as %x (%v), the file has %x", c.ID, a.WrappedKey, err, []byte(c.Ct))
		}
	})
}

type hkdfCase struct {
	wycheproof.Case
	Ikm, Salt, Info, Okm wycheproof.Hex
	Size                 int
}

func (w *vectors) hkdf(t *testing.T, y *tally) {
	cases := all(load[sizes, hkdfCase](t, y.file), func(sizes, []hkdfCase) bool { return true })
	each(len(cases), func(i int) {
		c := cases[i]
		if len(c.Ikm) < 16 {
			y.skip("HKDF of fewer than 16 bytes", 1)
			return
		}
		for _, typ := range []string{"HMAC_SHA256", "HMAC_SHA512"} {
			k, err := w.once(typ, "raw", octets(c.Ikm))
			if err != nil {
				t.Errorf("%d: %v", c.ID, err)
				return
			}
			a, err := w.use(k, opDerive, input{"salt": octets(c.Salt), "info": octets(c.Info), "length": c.Size})
			y.check(c.Case, err == nil && bytes.Equal(a.Secret, c.Okm), err, "length")
		}
	})
}

type agreementCase struct {
	wycheproof.Case
	Public, Private json.RawMessage // hex, PEM or a JWK
	Shared          wycheproof.Hex
}

// material is a form of importKey and what is in it.
type material struct {
	form  string
	value any
}

func (w *vectors) agreements() (files []file) {
	raw := func(t *testing.T, m json.RawMessage) material { return material{"raw", octets(unhex(t, m))} }
	spki := func(t *testing.T, m json.RawMessage) material { return material{"spki", octets(unhex(t, m))} }
	pkcs8 := func(t *testing.T, m json.RawMessage) material { return material{"pkcs8", octets(unhex(t, m))} }
	jwk := func(_ *testing.T, m json.RawMessage) material { return material{"jwk", m} }
	pemOf := func(form string) func(*testing.T, json.RawMessage) material {
		return func(t *testing.T, m json.RawMessage) material {
			var s string
			if err := json.Unmarshal(m, &s); err != nil {
				t.Fatal(err)
			}
			block, rest := pem.Decode([]byte(s))
			if block == nil || len(rest) > 0 {
				return material{form, octets{}} // not PEM at all
			}
			return material{form, octets(block.Bytes)}
		}
	}
	add := func(name, typ string, private, public func(*testing.T, json.RawMessage) material) {
		files = append(files, file{name, func(t *testing.T, y *tally) { w.agree(t, y, typ, private, public) }})
	}
	add("x25519", "X25519", raw, raw)
	add("x25519_asn", "X25519", pkcs8, spki)
	add("x25519_pem", "X25519", pemOf("pkcs8"), pemOf("spki"))
	add("x25519_jwk", "X25519", jwk, jwk)
	for curve, c := range map[string]struct {
		typ  string
		size int
	}{"secp256r1": {"ECDH_P256", 32}, "secp384r1": {"ECDH_P384", 48}, "secp521r1": {"ECDH_P521", 66}} {
		scalar := func(t *testing.T, m json.RawMessage) material { // the files write it as a number
			return material{"raw", octets(new(big.Int).SetBytes(unhex(t, m)).FillBytes(make([]byte, c.size)))}
		}
		add("ecdh_"+curve, c.typ, scalar, spki)
		add("ecdh_"+curve+"_ecpoint", c.typ, scalar, raw)
		add("ecdh_"+curve+"_webcrypto", c.typ, jwk, jwk)
		add("ecdh_"+curve+"_pem", c.typ, pemOf("pkcs8"), pemOf("spki"))
	}
	return files
}

// agree imports the private key and, where it is not raw, the peer's public key; deriveSecret takes that raw.
func (w *vectors) agree(t *testing.T, y *tally, typ string, private, public func(*testing.T, json.RawMessage) material) {
	cases := all(load[struct{}, agreementCase](t, y.file), func(struct{}, []agreementCase) bool { return true })
	each(len(cases), func(i int) {
		c := cases[i]
		mine, theirs := private(t, c.Private), public(t, c.Public)
		k, err := w.once(typ, mine.form, mine.value)
		if err != nil {
			y.check(c.Case, false, err, mine.form)
			return
		}
		peer, isRaw := theirs.value.(octets)
		if theirs.form != "raw" {
			isRaw = false
		}
		if !isRaw {
			p, err := w.once(typ, theirs.form, theirs.value)
			if err != nil {
				y.check(c.Case, false, err, theirs.form)
				return
			}
			if der, ok := theirs.value.(octets); ok && !bytes.Equal(p.PublicKey.SPKI, der) {
				t.Errorf("%d: SPKI is written as %x, was %x", c.ID, p.PublicKey.SPKI, der)
			}
			peer = p.public()
		}
		a, err := w.use(k, opSecret, input{"publicKey": peer})
		if err == nil && !bytes.Equal(a.Secret, c.Shared) {
			t.Errorf("%d: agreed on %x, the file has %x", c.ID, a.Secret, []byte(c.Shared))
		}
		y.check(c.Case, err == nil, err, "publicKey")
	})
}

type mlkemCase struct {
	wycheproof.Case
	Seed, M, EK, DK, C, K wycheproof.Hex
}

func (w *vectors) lattices() (files []file) {
	for _, set := range []string{"44", "65", "87"} {
		typ := "ML_DSA_" + set
		files = append(files,
			file{"mldsa_" + set + "_verify", func(t *testing.T, y *tally) { w.verify(t, y, typ, nil) }},
			file{"mldsa_" + set + "_sign_seed", func(t *testing.T, y *tally) { w.mldsaSeed(t, y, typ) }},
			file{"mldsa_" + set + "_sign_noseed", func(t *testing.T, y *tally) { w.mldsaExpanded(t, y, typ, set) }},
		)
	}
	files = append(files,
		file{"mlkem_512_encaps", w.mlkemOther},
		file{"mlkem_512_keygen_seed", w.mlkemOtherSeeds},
		file{"mlkem_512", w.mlkemOtherSeeds},
		file{"mlkem_512_semi_expanded_decaps", func(t *testing.T, y *tally) { w.mlkemExpanded(t, y, "ML_KEM_768") }},
	)
	for set, typ := range map[string]string{"768": "ML_KEM_768", "1024": "ML_KEM_1024"} {
		files = append(files,
			file{"mlkem_" + set, func(t *testing.T, y *tally) { w.mlkem(t, y, typ) }},
			file{"mlkem_" + set + "_keygen_seed", func(t *testing.T, y *tally) { w.mlkemKeys(t, y, typ) }},
			file{"mlkem_" + set + "_encaps", func(t *testing.T, y *tally) { w.mlkemPublic(t, y, typ) }},
			file{"mlkem_" + set + "_semi_expanded_decaps", func(t *testing.T, y *tally) { w.mlkemExpanded(t, y, typ) }},
		)
	}
	return files
}

// mldsaSeed signs with the seed. Our signatures are hedged, so they differ from the file's: both must verify.
func (w *vectors) mldsaSeed(t *testing.T, y *tally, typ string) {
	groups := load[signatureGroup, signatureCase](t, y.file)
	each(len(groups), func(i int) {
		g := groups[i]
		k, err := w.take(typ, "raw", octets(g.Common.PrivateSeed), nil)
		if err != nil {
			for _, c := range g.Tests {
				y.check(c.Case, false, err, "raw")
			}
			return
		}
		if !bytes.Equal(k.public(), unhex(t, g.Common.PublicKey)) {
			t.Errorf("%d: the seed has another public key", g.Tests[0].ID)
		}
		if g.Common.PrivateKeyPkcs8 != nil {
			if p, err := w.take(typ, "pkcs8", octets(g.Common.PrivateKeyPkcs8), nil); err != nil || !bytes.Equal(p.public(), k.public()) {
				t.Errorf("%d: PKCS #8 is another key (%v)", g.Tests[0].ID, err)
			}
		}
		cases := w.ofMessages(t, y, k, g.Tests)
		for _, cases := range by(cases, signatureCase.context) {
			in := func() input {
				if ctx := cases[0].Ctx; len(ctx) > 0 {
					return input{"context": octets(ctx)}
				}
				return input{}
			}
			messages := make([]input, len(cases))
			for i, c := range cases {
				messages[i] = input{"message": octets(c.Msg)}
			}
			made, errs := w.useEach(k, opSign, in(), messages)
			var items []input
			for i, c := range cases {
				items = append(items, input{"message": octets(c.Msg), "signature": made[i].Signature}, input{"message": octets(c.Msg), "signature": octets(c.Sig)})
			}
			verified, verifyErrs := w.useEach(k, opVerify, in(), items)
			for i, c := range cases {
				if errs[i] == nil && (verifyErrs[2*i] != nil || verifyErrs[2*i+1] != nil) {
					t.Errorf("%d: %v, %v", c.ID, verifyErrs[2*i], verifyErrs[2*i+1])
				}
				y.check(c.Case, errs[i] == nil && verified[2*i].Valid && verified[2*i+1].Valid, errs[i], "context")
			}
		}
	})
}

// ofMessages returns the cases of messages. The others sign mu, which stands for a message under a key (FIPS 204 section 6.2) and which we do not take for
// one: their signatures are none of the message that mu's bytes are.
func (w *vectors) ofMessages(t *testing.T, y *tally, k key, cases []signatureCase) (kept []signatureCase) {
	var items []input
	var ofMu []signatureCase
	for _, c := range cases {
		if !c.Has("Internal") {
			kept = append(kept, c)
			continue
		}
		ofMu = append(ofMu, c)
		items = append(items, input{"message": octets(c.Mu), "signature": octets(c.Sig)})
	}
	if len(items) == 0 {
		return kept
	}
	verified, errs := w.useEach(k, opVerify, input{}, items)
	for i, c := range ofMu {
		if len(c.Mu) != 64 {
			t.Errorf("%d: mu has %d bytes", c.ID, len(c.Mu))
		}
		c.Result = wycheproof.Invalid
		y.check(c.Case, errs[i] != nil || verified[i].Valid, errs[i])
	}
	return kept
}

// mldsaExpanded: expanded private keys are not taken, for no seed comes of them. What was signed with them verifies.
func (w *vectors) mldsaExpanded(t *testing.T, y *tally, typ, set string) {
	oid := map[string]int{"44": 17, "65": 18, "87": 19}[set]
	groups := load[signatureGroup, signatureCase](t, y.file)
	each(len(groups), func(i int) {
		g := groups[i]
		if _, err := w.take(typ, "raw", octets(unhex(t, g.Common.PrivateKey)), nil); !refused(err, "raw") {
			t.Errorf("%d: an expanded private key: got %v, want a refusal", g.Tests[0].ID, err)
		}
		public := g.Common.PublicKey
		if public == nil || string(public) == "null" { // of a private key that is none
			for _, c := range g.Tests {
				y.check(c.Case, false, nil)
			}
			return
		}
		k, err := w.take(typ, "spki", spki(t, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, oid}, unhex(t, public)), nil)
		if err != nil {
			t.Errorf("%d: the public key: %v", g.Tests[0].ID, err)
			return
		}
		var cases []signatureCase
		for _, c := range w.ofMessages(t, y, k, g.Tests) {
			if len(c.Sig) == 0 && c.Result == wycheproof.Invalid { // of what cannot be signed there is no signature to verify
				y.check(c.Case, false, nil)
				continue
			}
			cases = append(cases, c)
		}
		w.verifyGroup(y, k, cases, nil)
	})
}

// spki writes a SubjectPublicKeyInfo whose algorithm has no parameters.
func spki(t *testing.T, oid asn1.ObjectIdentifier, public []byte) octets {
	t.Helper()
	der, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Public    asn1.BitString
	}{pkix.AlgorithmIdentifier{Algorithm: oid}, asn1.BitString{Bytes: public, BitLength: 8 * len(public)}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (w *vectors) mlkem(t *testing.T, y *tally, typ string) {
	cases := all(load[struct{}, mlkemCase](t, y.file), func(struct{}, []mlkemCase) bool { return true })
	each(len(cases), func(i int) {
		c := cases[i]
		k, err := w.once(typ, "raw", octets(c.Seed))
		if err != nil {
			y.check(c.Case, false, err, "raw")
			return
		}
		if c.Result == wycheproof.Valid && !bytes.Equal(k.public(), c.EK) {
			t.Errorf("%d: another public key", c.ID)
		}
		a, err := w.use(k, opDecapsulate, input{"ciphertext": octets(c.C)})
		y.check(c.Case, err == nil && bytes.Equal(a.SharedSecret, c.K), err, "ciphertext")
	})
}

// mlkemKeys imports the seed, alone and with its public key beside it as a JWK.
func (w *vectors) mlkemKeys(t *testing.T, y *tally, typ string) {
	cases := load[struct{}, mlkemCase](t, y.file)[0].Tests
	each(len(cases), func(i int) {
		c := cases[i]
		k, err := w.take(typ, "raw", octets(c.Seed), nil)
		y.check(c.Case, err == nil && bytes.Equal(k.public(), c.EK), err, "raw")
		jwk := input{"kty": "AKP", "alg": strings.ReplaceAll(typ, "_", "-"), "pub": octets(c.EK), "priv": octets(c.Seed)}
		if _, err := w.take(typ, "jwk", jwk, nil); err != nil {
			t.Errorf("%d: as a JWK: %v", c.ID, err)
		}
		jwk["priv"] = octets(slices.Concat(c.Seed[1:], c.Seed[:1]))
		if _, err := w.take(typ, "jwk", jwk, nil); !refused(err, "jwk") {
			t.Errorf("%d: as a JWK with another seed: got %v, want a refusal", c.ID, err)
		}
	})
}

// mlkemOther: keys of a parameter set that we do not have are refused.
func (w *vectors) mlkemOther(t *testing.T, y *tally) {
	cases := all(load[struct{}, mlkemCase](t, y.file), func(struct{}, []mlkemCase) bool { return true })
	each(len(cases), func(i int) {
		c := cases[i]
		c.Result = wycheproof.Invalid
		for _, typ := range []string{"ML_KEM_768", "ML_KEM_1024"} {
			for oid := 1; oid <= 3; oid++ {
				if _, err := w.take(typ, "spki", spki(t, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 4, oid}, c.EK), nil); !refused(err, "spki") {
					y.check(c.Case, err == nil, err, "spki")
					return
				}
			}
		}
		y.check(c.Case, false, nil)
	})
}

// mlkemOtherSeeds: a seed may be of any parameter set. As one that we do not have it is refused, also where a set of ours is said of that set's public key;
// as one of ours it does not open what is encapsulated to that set.
func (w *vectors) mlkemOtherSeeds(t *testing.T, y *tally) {
	cases := all(load[struct{}, mlkemCase](t, y.file), func(struct{}, []mlkemCase) bool { return true })
	each(len(cases), func(i int) {
		c := cases[i]
		c.Result = wycheproof.Invalid
		for _, typ := range []string{"ML_KEM_768", "ML_KEM_1024"} {
			for _, alg := range []string{"ML-KEM-512", strings.ReplaceAll(typ, "_", "-")} {
				jwk := input{"kty": "AKP", "alg": alg, "pub": octets(c.EK), "priv": octets(c.Seed)}
				if _, err := w.take(typ, "jwk", jwk, nil); !refused(err, "jwk") {
					y.check(c.Case, err == nil, err, "jwk")
					return
				}
			}
			if len(c.Seed) != 64 || len(c.C) == 0 {
				continue
			}
			k, err := w.once(typ, "raw", octets(c.Seed))
			if err != nil {
				t.Errorf("%d: a %s key of the seed: %v", c.ID, typ, err)
				return
			}
			if _, err := w.use(k, opDecapsulate, input{"ciphertext": octets(c.C)}); !refused(err, "ciphertext") {
				y.check(c.Case, err == nil, err, "ciphertext")
				return
			}
		}
		y.check(c.Case, false, nil)
	})
}

// mlkemPublic: encapsulate draws its own randomness, so the server can only show that it takes the key, and that it takes it for the same one:
// the file's randomness is used here, with the key that the server gives back.
func (w *vectors) mlkemPublic(t *testing.T, y *tally, typ string) {
	oid := map[string]int{"ML_KEM_768": 2, "ML_KEM_1024": 3}[typ]
	cases := all(load[struct{}, mlkemCase](t, y.file), func(struct{}, []mlkemCase) bool { return true })
	each(len(cases), func(i int) {
		c := cases[i]
		k, err := w.take(typ, "spki", spki(t, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 4, oid}, c.EK), nil)
		if err != nil {
			y.check(c.Case, false, err, "spki")
			return
		}
		a, err := w.use(k, opEncapsulate, input{})
		if err != nil || len(a.SharedSecret) != 32 || len(a.Ciphertext) != len(c.C) {
			t.Errorf("%d: encapsulate: %v, %d and %d bytes", c.ID, err, len(a.SharedSecret), len(a.Ciphertext))
		}
		secret, ciphertext, err := encapsulateWith(typ, k.public(), c.M)
		if err != nil {
			t.Errorf("%d: %v", c.ID, err)
		}
		y.check(c.Case, bytes.Equal(secret, c.K) && bytes.Equal(ciphertext, c.C), nil)
	})
}

func encapsulateWith(typ string, public, m []byte) (secret, ciphertext []byte, err error) {
	if typ == "ML_KEM_768" {
		k, err := mlkem.NewEncapsulationKey768(public)
		if err != nil {
			return nil, nil, err
		}
		return mlkemtest.Encapsulate768(k, m)
	}
	k, err := mlkem.NewEncapsulationKey1024(public)
	if err != nil {
		return nil, nil, err
	}
	return mlkemtest.Encapsulate1024(k, m)
}

func (w *vectors) mlkemExpanded(t *testing.T, y *tally, typ string) {
	for _, c := range all(load[struct{}, mlkemCase](t, y.file), func(struct{}, []mlkemCase) bool { return true }) {
		if c.Result == wycheproof.Valid {
			y.skip("an expanded ML-KEM key: not taken, for no seed comes of it", 1)
			c.Result = wycheproof.Invalid
		}
		_, err := w.take(typ, "raw", octets(c.DK), nil)
		y.check(c.Case, err == nil, err, "raw")
	}
}
