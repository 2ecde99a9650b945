package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mr-tron/base58"

	"twolock/auth"
)

var p256Codec = []byte{0x80, 0x24}

// p256 is what testdata/p256/make.mjs wrote: WebCrypto signed it, the reference libraries judged it.
type p256 struct {
	Keys    []json.RawMessage
	Levels  []struct{ ID, VerifyDataHex string }
	Vectors []vector
	ids     map[string]*auth.Identity
}

func readP256(t testing.TB) p256 {
	t.Helper()
	data, err := os.ReadFile("testdata/p256/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	p := p256{ids: map[string]*auth.Identity{}}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Vectors) != 17 || len(p.Levels) != 20 || len(p.Keys) != 6 {
		t.Fatalf("%d vectors, %d levels, %d keys", len(p.Vectors), len(p.Levels), len(p.Keys))
	}
	for _, file := range p.Keys {
		id, err := auth.ParseIdentity(file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		p.ids[id.DID()] = id
	}
	return p
}

func TestP256Vectors(t *testing.T) {
	for _, v := range readP256(t).Vectors {
		t.Run(v.Name, func(t *testing.T) {
			r, body := v.request(t)
			caller, err := v.verifier(t).Authenticate(r, body)
			if err == nil {
				err = caller.Can(v.access())
			}
			if !v.Expect.Verified {
				if !errors.Is(err, &auth.Error{Kind: auth.Forbidden}) || !strings.Contains(err.Error(), "not allowed:") {
					t.Fatalf("got %v, the reference refuses: %s", err, v.Expect.Error)
				}
				return
			}
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			if caller.DID != v.Expect.Invoker || caller.Target != v.Server.Target {
				t.Errorf("invoker %s at %s", caller.DID, caller.Target)
			}
			ids := []string{caller.RootID()}
			for _, link := range caller.Chain() {
				ids = append(ids, link.ID)
			}
			if strings.Join(ids, " ") != strings.Join(v.Expect.Chain, " ") {
				t.Errorf("chain %s, want %s", ids, v.Expect.Chain)
			}
			// The signature counts: without the HTTP signature or a proof it would pass as well.
			spoiled := strings.Replace(r.Header.Get("Authorization"), `signature="`+signatureOf(r.Header.Get("Authorization")), `signature="`+
				base64.StdEncoding.EncodeToString(make([]byte, 64)), 1)
			r.Header.Set("Authorization", spoiled)
			refuses(t, "without a signature", v.verifier(t), r, string(body), auth.Unauthenticated, "does not verify")
		})
	}
}

// What a proof signs is what the reference implementation signs, in chains of every mixture.
func TestP256Levels(t *testing.T) {
	p := readP256(t)
	want := map[string]string{}
	for _, l := range p.Levels {
		want[l.ID] = l.VerifyDataHex
	}
	seen := map[string]bool{}
	for _, v := range p.Vectors {
		if v.Capability == nil {
			continue
		}
		c, err := auth.ParseCapability(v.Capability)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		for i, link := range c.Chain() {
			_, _, input, err := auth.CanonicalForms(c, i)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(input); got != want[link.ID] {
				t.Errorf("%s, level %d: signs %s, want %s", v.Name, i, got, want[link.ID])
			}
			seen[link.ID] = true
		}
	}
	if len(seen) != len(want) {
		t.Errorf("compared %d levels, want %d", len(seen), len(want))
	}
}

// Each proof of a mixed chain counts.
func TestP256ProofsTampered(t *testing.T) {
	for _, v := range readP256(t).Vectors {
		if v.Capability == nil {
			continue
		}
		c, err := auth.ParseCapability(v.Capability)
		if err != nil {
			t.Fatal(err)
		}
		var up []any
		for i := len(c.Chain()) - 1; i >= 0; i-- {
			path := append(slices.Clone(up), "proof", "proofValue")
			signature, err := base58.Decode(value(t, decoded(t, v.Capability), path...)[1:])
			if err != nil {
				t.Fatal(err)
			}
			signature[40] ^= 1
			changed, err := auth.ParseCapability(edit(t, v.Capability, "z"+base58.Encode(signature), path...))
			if err != nil {
				t.Fatalf("%s: %v", v.Name, err)
			}
			if err := changed.VerifyProofs(); err == nil || !strings.Contains(err.Error(), c.Chain()[i].ID) {
				t.Errorf("%s: with another proof at level %d: %v", v.Name, i, err)
			}
			up = append(up, "proof", "capabilityChain", i)
		}
	}
}

func decoded(t *testing.T, data []byte) (doc any) {
	t.Helper()
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func newP256(t testing.TB) *auth.Identity {
	t.Helper()
	id, err := auth.NewP256Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestP256DID(t *testing.T) {
	id, other := newP256(t), newP256(t)
	if id.DID() == other.DID() || !strings.HasPrefix(id.DID(), "did:key:zDn") {
		t.Fatalf("%s and %s", id.DID(), other.DID())
	}
	key, err := auth.ParseDID(id.DID())
	if err != nil {
		t.Fatal(err)
	}
	if len(key.Bytes()) != 33 || didOf(p256Codec, key.Bytes()) != id.DID() {
		t.Errorf("bytes %x", key.Bytes())
	}
	message := []byte("message")
	signature := id.Sign(message)
	if !key.Verify(message, signature) {
		t.Error("does not verify its own signature")
	}
	if key.Verify([]byte("another"), signature) || key.Verify(message, other.Sign(message)) || key.Verify(message, nil) {
		t.Error("verifies what it must not")
	}
}

func TestP256DIDRefuses(t *testing.T) {
	key, err := auth.ParseDID(newP256(t).DID())
	if err != nil {
		t.Fatal(err)
	}
	point := key.Bytes()
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), point)
	if x == nil {
		t.Fatal("not a point")
	}
	// Another spelling of a point: x and the field's size less than 2^256 together.
	small := append([]byte{2}, new(big.Int).FillBytes(make([]byte, 32))...)
	alias := append([]byte{2}, elliptic.P256().Params().P.FillBytes(make([]byte, 32))...)
	if px, _ := elliptic.UnmarshalCompressed(elliptic.P256(), small); px == nil {
		t.Fatal("x = 0 is no point; this test tests nothing")
	}
	if _, err := auth.ParseDID(didOf(p256Codec, small)); err != nil {
		t.Errorf("x = 0: %v", err)
	}
	change := func(i int, b byte) []byte {
		p := bytes.Clone(point)
		p[i] = b
		return p
	}
	uncompressed := append(append([]byte{4}, x.FillBytes(make([]byte, 32))...), y.FillBytes(make([]byte, 32))...)
	for name, c := range map[string]struct {
		point []byte
		text  string
	}{
		"uncompressed":      {uncompressed, "length"},
		"hybrid":            {change(0, 6), "not canonical"},
		"uncompressed, cut": {change(0, 4), "not canonical"},
		"infinity":          {make([]byte, 33), "not canonical"},
		"infinity, short":   {[]byte{0}, "length"},
		"short":             {point[:32], "length"},
		"long":              {append(bytes.Clone(point), 0), "length"},
		"x = p":             {alias, "not canonical"},
		"x = 2^256 - 1":     {append([]byte{3}, bytes.Repeat([]byte{0xff}, 32)...), "not canonical"},
		"nothing":           {nil, "length"},
	} {
		if _, err := auth.ParseDID(didOf(p256Codec, c.point)); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want …%s…", name, err, c.text)
		}
	}
	// The codec decides the kind: a key of the one kind is none of the other.
	if _, err := auth.ParseDID(didOf(ed25519Codec, point)); err == nil || !strings.Contains(err.Error(), "length") {
		t.Errorf("a point as Ed25519: got %v", err)
	}
}

// About half of all x have a y: which, is worked out here with square roots.
func TestP256DIDOnCurve(t *testing.T) {
	c := elliptic.P256().Params()
	var on, off int
	for n := int64(1); n < 100; n++ {
		x := big.NewInt(n)
		yy := new(big.Int).Exp(x, big.NewInt(3), nil)
		yy.Sub(yy, new(big.Int).Mul(x, big.NewInt(3)))
		yy.Mod(yy.Add(yy, c.B), c.P)
		for _, sign := range []byte{2, 3} {
			did := didOf(p256Codec, append([]byte{sign}, x.FillBytes(make([]byte, 32))...))
			_, err := auth.ParseDID(did)
			if new(big.Int).ModSqrt(yy, c.P) != nil {
				on++
				if err != nil {
					t.Errorf("x = %d: %v", n, err)
				}
			} else {
				off++
				if err == nil || !strings.Contains(err.Error(), "not a point") {
					t.Errorf("x = %d: got %v", n, err)
				}
				// Where nobody asked for a point beforehand, nothing verifies.
				r := signed(t, keystoreURL, testBody, newIdentity(t, 1), auth.Invocation{RootTarget: keystoreURL, Action: "sign"})
				replace(r, "Authorization", newIdentity(t, 1).KeyID(), did+"#"+strings.TrimPrefix(did, "did:key:"))
				refuses(t, did, newVerifier(t, testNow), r, testBody, auth.Unauthenticated, "does not verify")
			}
		}
	}
	if on < 50 || off < 50 {
		t.Errorf("%d on the curve, %d off it", on, off)
	}
}

// A signature is r || s. Either s verifies (WebCrypto and HSMs make both); nothing else does.
func TestP256Signature(t *testing.T) {
	id := newP256(t)
	key, err := auth.ParseDID(id.DID())
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("message")
	signature := id.Sign(message)
	n := elliptic.P256().Params().N
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	join := func(r, s *big.Int) []byte {
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	if !key.Verify(message, join(r, new(big.Int).Sub(n, s))) {
		t.Error("refuses the other s")
	}
	zero, one := new(big.Int), big.NewInt(1)
	for name, signature := range map[string][]byte{
		"nothing":     {},
		"zeros":       make([]byte, 64),
		"r = 0":       join(zero, s),
		"s = 0":       join(r, zero),
		"r = n":       join(n, s),
		"s = n":       join(r, n),
		"s = n + 1":   join(r, new(big.Int).Add(n, one)),
		"swapped":     join(s, r),
		"ones":        bytes.Repeat([]byte{0xff}, 64),
		"short":       signature[:63],
		"long":        append(bytes.Clone(signature), 0),
		"zero before": append([]byte{0}, signature...),
	} {
		if key.Verify(message, signature) {
			t.Errorf("%s: verifies", name)
		}
	}
}

// An s of n + s names the same number: only one spelling may verify. It needs an s that leaves room, so the key is made for it: with
// d = (s k - e) / r, the signature (r, s) is right for whatever s one likes.
func TestP256SignatureNotReduced(t *testing.T) {
	n := elliptic.P256().Params().N
	message := []byte("message")
	sum := sha256.Sum256(message)
	k := big.NewInt(7)
	kBytes := k.FillBytes(make([]byte, 32))
	point, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), kBytes)
	if err != nil {
		t.Fatal(err)
	}
	public, err := point.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	r := new(big.Int).SetBytes(public[1:33])
	r.Mod(r, n)
	s := big.NewInt(3)
	d := new(big.Int).Mul(s, k)
	d.Sub(d, new(big.Int).SetBytes(sum[:]))
	d.Mod(d.Mul(d, new(big.Int).ModInverse(r, n)), n)
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d.FillBytes(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	if public, err = private.PublicKey.Bytes(); err != nil {
		t.Fatal(err)
	}
	key, err := auth.ParseDID(didOf(p256Codec, append([]byte{2 | public[64]&1}, public[1:33]...)))
	if err != nil {
		t.Fatal(err)
	}
	with := func(s *big.Int) []byte {
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	if !key.Verify(message, with(s)) {
		t.Fatal("the signature made for this test does not verify; it tests nothing")
	}
	if key.Verify(message, with(new(big.Int).Add(n, s))) {
		t.Error("s + n verifies too")
	}
}

// DER is what OpenSSL and many HSMs make, and is refused with an explanation.
func TestP256DERRefused(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("message"))
	der, err := ecdsa.SignASN1(rand.Reader, private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	id := newP256(t)
	r := signed(t, keystoreURL, testBody, id, auth.Invocation{RootTarget: keystoreURL, Action: "sign"})
	replace(r, "Authorization", signatureOf(r.Header.Get("Authorization")), base64.StdEncoding.EncodeToString(der))
	refuses(t, "DER", newVerifier(t, testNow), r, testBody, auth.BadRequest, "64 bytes in base64; of P-256, r and s, not DER")
	c := delegate(t, id, auth.Delegation{RootTarget: keystoreURL, Controller: id.DID(), Expires: testNow.Add(time.Hour)}, testNow)
	refusesCapability(t, "DER", edit(t, c.JSON(), "z"+base58.Encode(der), "proof", "proofValue"), auth.BadRequest, "64-byte signature")
}

// Our own delegations: who delegates decides the suite, and any mixture is a chain.
func TestP256Delegates(t *testing.T) {
	kinds := map[byte]func(n byte) *auth.Identity{
		'e': func(n byte) *auth.Identity { return newIdentity(t, n) },
		'p': func(byte) *auth.Identity { return newP256(t) },
	}
	for _, mixture := range []string{"pp", "pe", "ep", "epe", "pep", "ppee", "eepp", "pppppppppp", "epepepepep"} {
		var ids []*auth.Identity
		var inv auth.Invocation
		inv.Action = "sign"
		for i := range mixture {
			id := kinds[mixture[i]](byte(i + 1))
			if i > 0 {
				by := ids[i-1]
				root := ""
				if i == 1 {
					root = keystoreURL
				}
				inv.Capability = delegate(t, by, auth.Delegation{
					RootTarget: root, Parent: inv.Capability, Controller: id.DID(), Expires: testNow.Add(time.Hour),
				}, testNow)
				var doc struct {
					Context []string `json:"@context"`
					Proof   struct{ Type, Cryptosuite string }
				}
				if err := json.Unmarshal(inv.Capability.JSON(), &doc); err != nil {
					t.Fatal(err)
				}
				got := fmt.Sprint(doc.Context[1:], doc.Proof)
				want := "[https://w3id.org/security/suites/ed25519-2020/v1] {Ed25519Signature2020 }"
				if mixture[i-1] == 'p' {
					want = "[https://w3id.org/security/data-integrity/v2] {DataIntegrityProof ecdsa-rdfc-2019}"
				}
				if got != want {
					t.Errorf("%s, level %d: %s, want %s", mixture, i, got, want)
				}
			}
			ids = append(ids, id)
		}
		access := auth.Access{RootTarget: keystoreURL, Controllers: []string{ids[0].DID()}, Target: keyURL, Action: "sign"}
		last := ids[len(ids)-1]
		v := newVerifier(t, testNow)
		for round := range 2 { // the second is answered from the cache
			if err := authenticate(t, v, keyURL, last, inv).Can(access); err != nil {
				t.Errorf("%s, round %d: %v", mixture, round, err)
			}
		}
		access.Controllers = []string{last.DID()}
		if err := authenticate(t, v, keyURL, last, inv).Can(access); err == nil {
			t.Errorf("%s: the last is not the root's controller", mixture)
		}
	}
}

// A suite is for one kind of key.
func TestSuiteOfAnotherKey(t *testing.T) {
	const ed25519Context = "https://w3id.org/security/suites/ed25519-2020/v1"
	const integrity = "https://w3id.org/security/data-integrity/v2"
	by := map[string]*auth.Identity{"P-256": newP256(t), "Ed25519": newIdentity(t, 1)}
	for _, c := range []struct{ key, context, proofType, cryptosuite, text string }{
		{"P-256", ed25519Context, "Ed25519Signature2020", "", "its suite is for Ed25519 keys, its verificationMethod is of type P-256"},
		{"P-256", integrity, "DataIntegrityProof", "eddsa-rdfc-2022", "its suite is for Ed25519 keys"},
		{"Ed25519", integrity, "DataIntegrityProof", "ecdsa-rdfc-2019", "its suite is for P-256 keys"},
		{"P-256", integrity, "DataIntegrityProof", "ecdsa-jcs-2019", "must have the contexts"},
		{"P-256", integrity, "DataIntegrityProof", "ecdsa-sd-2023", "must have the contexts"},
		{"P-256", ed25519Context, "DataIntegrityProof", "ecdsa-rdfc-2019", "must have the contexts"},
		{"P-256", "https://w3id.org/security/data-integrity/v1", "DataIntegrityProof", "ecdsa-rdfc-2019", "must have the contexts"},
		{"P-256", integrity, "EcdsaSecp256r1Signature2019", "", "must have the contexts"},
	} {
		id := by[c.key]
		data := delegate(t, id, auth.Delegation{RootTarget: keystoreURL, Controller: id.DID(), Expires: testNow.Add(time.Hour)}, testNow).JSON()
		data = edit(t, data, c.context, "@context", 1)
		data = edit(t, data, c.proofType, "proof", "type")
		if c.cryptosuite == "" {
			data = edit(t, data, nil, "proof", "cryptosuite")
		} else {
			data = edit(t, data, c.cryptosuite, "proof", "cryptosuite")
		}
		refusesCapability(t, c.key+" "+c.cryptosuite, data, auth.BadRequest, c.text)
	}
}
