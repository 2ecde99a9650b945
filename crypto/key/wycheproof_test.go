package key_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"twolock/crypto/key"
	"twolock/crypto/secret"
	"twolock/internal/wycheproof"
)

// tally counts, so that a file cannot be left out unseen.
type tally struct {
	t        *testing.T
	file     string
	run, bad int
	leftOut  map[string]int // why: how many
}

func (y *tally) skip(why string, n int) {
	if y.leftOut == nil {
		y.leftOut = map[string]int{}
	}
	y.leftOut[why] += n
}

func (y *tally) check(c wycheproof.Case, did bool, detail any) {
	y.t.Helper()
	y.run++
	result, chosen := wycheproof.Choose(y.file, c)
	if !chosen {
		y.t.Errorf("%s %d %v: acceptable, and no choice is made", y.file, c.ID, c.Flags)
	}
	if want := result == wycheproof.Valid; did != want {
		y.bad++
		y.t.Errorf("%s %d (%s, %v): took it %t, want %t; %v", y.file, c.ID, c.Comment, c.Flags, did, want, detail)
	}
}

func (y *tally) done() {
	y.t.Helper()
	if y.run == 0 {
		y.t.Errorf("%s: nothing was run", y.file)
	}
	y.t.Logf("%s: %d run, %d wrong; left out: %v", y.file, y.run, y.bad, y.leftOut)
}

func load[G, T any](t *testing.T, file string) ([]wycheproof.Group[G, T], *tally) {
	t.Helper()
	groups, err := wycheproof.Load[G, T](file)
	if err != nil {
		t.Fatal(err)
	}
	y := &tally{t: t, file: file}
	t.Cleanup(y.done)
	return groups, y
}

type signatureGroup struct {
	PublicKeyDer wycheproof.Hex
	PublicKeyJwk json.RawMessage
	KeySize      int
	Sha, MgfSha  string
	SLen         int
}

type signatureCase struct {
	wycheproof.Case
	Msg, Sig, Ctx wycheproof.Hex
}

// verifySignatures imports each group's public key as SPKI, and as JWK where it has one.
func verifySignatures(t *testing.T, file string, typ key.Type, o key.SignOptions) {
	groups, y := load[signatureGroup, signatureCase](t, file)
	for _, g := range groups {
		k, err := key.Import(typ, key.Material{SPKI: secret.Bytes(g.Common.PublicKeyDer)})
		if err != nil {
			refused(t, y, typ, g, err)
			continue
		}
		if der, err := k.Public().SPKI(); err != nil || !bytes.Equal(der, g.Common.PublicKeyDer) {
			t.Errorf("%s: SPKI is written as %x (%v), was %x", file, der, err, g.Common.PublicKeyDer)
		}
		if g.Common.PublicKeyJwk != nil {
			j, err := key.Import(typ, key.Material{JWK: g.Common.PublicKeyJwk})
			if err != nil || !bytes.Equal(j.Public().Bytes(), k.Public().Bytes()) {
				t.Errorf("%s: the JWK is another key (%v): %s", file, err, g.Common.PublicKeyJwk)
			}
		}
		for _, c := range g.Tests {
			o := o
			if len(c.Ctx) > 0 {
				o.Context = c.Ctx
			}
			valid, err := k.Verify(c.Msg, c.Sig, o)
			if bad, ok := errors.AsType[*key.InputError](err); err != nil && (!ok || bad.Field != "context") {
				t.Errorf("%s %d: error %v", file, c.ID, err)
			}
			y.check(c.Case, valid, err)
		}
	}
}

// refused counts a group whose key we do not take: then no case of it may be valid, or the reason is one of policy.
func refused(t *testing.T, y *tally, typ key.Type, g wycheproof.Group[signatureGroup, signatureCase], err error) {
	t.Helper()
	if isRSA(typ) && strings.Contains(err.Error(), "weak: the public exponent") {
		y.skip("an exponent of 3: refused as weak on import", len(g.Tests))
		return
	}
	for _, c := range g.Tests {
		y.check(c.Case, false, err)
	}
}

func TestWycheproofSignatures(t *testing.T) {
	for file, typ := range map[string]key.Type{
		"ecdsa_secp256r1_sha256": key.ECDSAP256, "ecdsa_secp384r1_sha384": key.ECDSAP384, "ecdsa_secp521r1_sha512": key.ECDSAP521,
		"ecdsa_secp256k1_sha256": key.ECDSASecp256k1,
	} {
		t.Run(file, func(t *testing.T) {
			verifySignatures(t, file, typ, key.SignOptions{Encoding: key.DER})
		})
		t.Run(file+"_p1363", func(t *testing.T) {
			verifySignatures(t, file+"_p1363", typ, key.SignOptions{Encoding: key.IEEEP1363})
		})
	}
	t.Run("ed25519", func(t *testing.T) { verifySignatures(t, "ed25519", key.Ed25519, key.SignOptions{}) })
	for file, typ := range map[string]key.Type{"mldsa_44_verify": key.MLDSA44, "mldsa_65_verify": key.MLDSA65, "mldsa_87_verify": key.MLDSA87} {
		t.Run(file, func(t *testing.T) { verifySignatures(t, file, typ, key.SignOptions{}) })
	}
	for file, c := range map[string]struct {
		typ key.Type
		a   key.Algorithm
	}{
		"rsa_signature_2048_sha256": {key.RSA2048, key.RSAPKCS1SHA256}, "rsa_signature_2048_sha384": {key.RSA2048, key.RSAPKCS1SHA384},
		"rsa_signature_2048_sha512": {key.RSA2048, key.RSAPKCS1SHA512}, "rsa_signature_3072_sha256": {key.RSA3072, key.RSAPKCS1SHA256},
		"rsa_signature_3072_sha384": {key.RSA3072, key.RSAPKCS1SHA384}, "rsa_signature_3072_sha512": {key.RSA3072, key.RSAPKCS1SHA512},
		"rsa_signature_4096_sha256": {key.RSA4096, key.RSAPKCS1SHA256}, "rsa_signature_4096_sha384": {key.RSA4096, key.RSAPKCS1SHA384},
		"rsa_signature_4096_sha512":   {key.RSA4096, key.RSAPKCS1SHA512},
		"rsa_pss_2048_sha256_mgf1_32": {key.RSA2048, key.RSAPSSSHA256}, "rsa_pss_2048_sha384_mgf1_48": {key.RSA2048, key.RSAPSSSHA384},
		"rsa_pss_3072_sha256_mgf1_32": {key.RSA3072, key.RSAPSSSHA256}, "rsa_pss_4096_sha256_mgf1_32": {key.RSA4096, key.RSAPSSSHA256},
		"rsa_pss_4096_sha384_mgf1_48": {key.RSA4096, key.RSAPSSSHA384}, "rsa_pss_4096_sha512_mgf1_64": {key.RSA4096, key.RSAPSSSHA512},
	} {
		t.Run(file, func(t *testing.T) { verifySignatures(t, file, c.typ, key.SignOptions{Algorithm: c.a}) })
	}
}

// A salt of another length is another scheme: what the vectors call valid with it is not valid here, and what is ours in that file is.
func TestWycheproofPSSOfOtherSalts(t *testing.T) {
	sizes := map[string]int{"SHA-256": 32, "SHA-384": 48, "SHA-512": 64}
	for _, file := range []string{"rsa_pss_2048_sha256_mgf1_0", "rsa_pss_4096_sha512_mgf1_32", "rsa_pss_misc"} {
		groups, y := load[signatureGroup, signatureCase](t, file)
		for _, g := range groups {
			size, known := sizes[g.Common.Sha]
			typ := map[int]key.Type{2048: key.RSA2048, 3072: key.RSA3072, 4096: key.RSA4096}[g.Common.KeySize]
			if !known || typ == "" {
				y.skip("a hash or length we do not have", len(g.Tests))
				continue
			}
			k, err := key.Import(typ, key.Material{SPKI: secret.Bytes(g.Common.PublicKeyDer)})
			if err != nil {
				refused(t, y, typ, g, err)
				continue
			}
			o := key.SignOptions{Algorithm: key.Algorithm("RSA_PSS_" + strings.ReplaceAll(g.Common.Sha, "-", ""))}
			for _, c := range g.Tests {
				if g.Common.SLen != size || g.Common.MgfSha != g.Common.Sha {
					c.Result = wycheproof.Invalid
				}
				if c.Comment == fmt.Sprintf("s_len changed to %d", size) {
					c.Result = wycheproof.Valid // changed to what is ours
				}
				valid, err := k.Verify(c.Msg, c.Sig, o)
				y.check(c.Case, valid, err)
			}
		}
	}
}

type signGroup struct {
	PrivateSeed, PrivateKeyPkcs8, PublicKey wycheproof.Hex
}

func TestWycheproofMLDSASign(t *testing.T) {
	for file, typ := range map[string]key.Type{"mldsa_44_sign_seed": key.MLDSA44, "mldsa_65_sign_seed": key.MLDSA65, "mldsa_87_sign_seed": key.MLDSA87} {
		groups, y := load[signGroup, signatureCase](t, file)
		for _, g := range groups {
			k, err := key.Import(typ, key.Material{Raw: secret.Bytes(g.Common.PrivateSeed)})
			if err != nil {
				for _, c := range g.Tests {
					y.check(c.Case, false, err)
				}
				continue
			}
			p, err := k, error(nil)
			if g.Common.PrivateKeyPkcs8 != nil {
				p, err = key.Import(typ, key.Material{PKCS8: secret.Bytes(g.Common.PrivateKeyPkcs8)})
			}
			if err != nil || !bytes.Equal(p.Private(), k.Private()) || !bytes.Equal(k.Public().Bytes(), g.Common.PublicKey) {
				t.Errorf("%s: PKCS #8, seed and public key are not one (%v)", file, err)
			}
			for _, c := range g.Tests {
				if c.Has("Internal") {
					y.skip("signs mu, which we do not", 1)
					continue
				}
				o := key.SignOptions{}
				if len(c.Ctx) > 0 {
					o.Context = c.Ctx
				}
				// Ours are hedged, so they differ from the file's: both must verify.
				signature, err := k.Sign(c.Msg, o)
				if err != nil {
					y.check(c.Case, false, err)
					continue
				}
				mine, _ := k.Verify(c.Msg, signature, o)
				theirs, _ := k.Verify(c.Msg, c.Sig, o)
				y.check(c.Case, mine && theirs, nil)
			}
		}
	}
}

type oaepGroup struct {
	PrivateKeyPkcs8 wycheproof.Hex
	PrivateKeyJwk   json.RawMessage
}

type oaepCase struct {
	wycheproof.Case
	Msg, Ct, Label wycheproof.Hex
}

func TestWycheproofOAEP(t *testing.T) {
	for file, typ := range map[string]key.Type{
		"rsa_oaep_2048_sha256_mgf1sha256": key.RSA2048, "rsa_oaep_3072_sha256_mgf1sha256": key.RSA3072, "rsa_oaep_4096_sha256_mgf1sha256": key.RSA4096,
	} {
		groups, y := load[oaepGroup, oaepCase](t, file)
		for _, g := range groups {
			k, err := key.Import(typ, key.Material{PKCS8: secret.Bytes(g.Common.PrivateKeyPkcs8)})
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if j, err := key.Import(typ, key.Material{JWK: g.Common.PrivateKeyJwk}); g.Common.PrivateKeyJwk != nil && (err != nil || !bytes.Equal(j.Private(), k.Private())) {
				t.Errorf("%s: the JWK is another key (%v)", file, err)
			}
			for _, c := range g.Tests {
				got, err := k.Decrypt(c.Ct, nil, key.EncryptOptions{AAD: c.Label})
				y.check(c.Case, err == nil && bytes.Equal(got, c.Msg), err)
			}
		}
	}
	groups, y := load[oaepGroup, oaepCase](t, "rsa_three_primes_oaep_4096_sha256_mgf1sha256")
	for _, g := range groups {
		_, err := key.Import(key.RSA4096, key.Material{PKCS8: secret.Bytes(g.Common.PrivateKeyPkcs8)})
		for _, c := range g.Tests {
			c.Result = wycheproof.Invalid
			y.check(c.Case, err == nil, "three primes are refused")
		}
	}
}

type aeadGroup struct{ IvSize, KeySize, TagSize int }

type aeadCase struct {
	wycheproof.Case
	Key, Iv, Aad, Msg, Ct, Tag wycheproof.Hex
}

func TestWycheproofAEAD(t *testing.T) {
	for file, types := range map[string]map[int]key.Type{
		"aes_gcm":            {128: key.AES128GCM, 256: key.AES256GCM},
		"chacha20_poly1305":  {256: key.ChaCha20Poly1305},
		"xchacha20_poly1305": {256: key.XChaCha20Poly1305},
	} {
		groups, y := load[aeadGroup, aeadCase](t, file)
		for _, g := range groups {
			typ := types[g.Common.KeySize]
			if typ == "" {
				y.skip("keys of 192 bits", len(g.Tests))
				continue
			}
			for _, c := range g.Tests {
				if len(c.Iv) != nonces[typ] {
					c.Result = wycheproof.Invalid // nonces of other lengths are refused
				}
				k, err := key.Import(typ, key.Material{Raw: secret.Bytes(c.Key)})
				if err != nil {
					t.Fatalf("%s %d: %v", file, c.ID, err)
				}
				got, err := k.Decrypt(slices.Concat(c.Ct, c.Tag), c.Iv, key.EncryptOptions{AAD: c.Aad})
				y.check(c.Case, err == nil && bytes.Equal(got, c.Msg), err)
			}
		}
	}
}

type macCase struct {
	wycheproof.Case
	Key, Msg, Tag wycheproof.Hex
}

func TestWycheproofHMAC(t *testing.T) {
	for file, typ := range map[string]key.Type{"hmac_sha256": key.HMACSHA256, "hmac_sha384": key.HMACSHA384, "hmac_sha512": key.HMACSHA512} {
		groups, y := load[aeadGroup, macCase](t, file)
		whole := map[key.Type]int{key.HMACSHA256: 256, key.HMACSHA384: 384, key.HMACSHA512: 512}[typ]
		for _, g := range groups {
			for _, c := range g.Tests {
				if g.Common.TagSize != whole {
					c.Result = wycheproof.Invalid // codes cut short are refused
				}
				k, err := key.Import(typ, key.Material{Raw: secret.Bytes(c.Key)})
				if err != nil {
					t.Fatalf("%s %d: %v", file, c.ID, err)
				}
				valid, err := k.VerifyMAC(c.Msg, c.Tag)
				y.check(c.Case, valid, err)
				if made, err := k.ComputeMAC(c.Msg); err != nil || bytes.Equal(made, c.Tag) != valid {
					t.Errorf("%s %d: made %x (%v), want %x", file, c.ID, made, err, c.Tag)
				}
			}
		}
	}
}

type wrapCase struct {
	wycheproof.Case
	Key, Msg, Ct wycheproof.Hex
}

func TestWycheproofKeyWrap(t *testing.T) {
	for file, a := range map[string]key.Algorithm{"aes_wrap": key.AESKW, "aes_kwp": key.AESKWP} {
		groups, y := load[aeadGroup, wrapCase](t, file)
		for _, g := range groups {
			typ := map[int]key.Type{128: key.AES128GCM, 256: key.AES256GCM}[g.Common.KeySize]
			if typ == "" {
				y.skip("keys of 192 bits", len(g.Tests))
				continue
			}
			for _, c := range g.Tests {
				k, err := key.Import(typ, key.Material{Raw: secret.Bytes(c.Key)})
				if err != nil {
					t.Fatalf("%s %d: %v", file, c.ID, err)
				}
				got, err := k.Unwrap(&key.WrappedKey{Algorithm: a, EncryptedKey: c.Ct}, key.WrapOptions{})
				y.check(c.Case, err == nil && bytes.Equal(got, c.Msg), err)
				if c.Result != wycheproof.Valid {
					continue
				}
				made, err := k.Wrap(c.Msg, key.WrapOptions{Algorithm: a})
				if err != nil || !bytes.Equal(made.EncryptedKey, c.Ct) {
					t.Errorf("%s %d: wrapped as %v (%v), want %x", file, c.ID, made, err, c.Ct)
				}
			}
		}
	}
}

type hkdfCase struct {
	wycheproof.Case
	Ikm, Salt, Info, Okm wycheproof.Hex
	Size                 int
}

func TestWycheproofHKDF(t *testing.T) {
	groups, y := load[aeadGroup, hkdfCase](t, "hkdf_sha256")
	for _, g := range groups {
		for _, c := range g.Tests {
			if len(c.Ikm) < 16 {
				y.skip("keying material below 16 bytes", 1)
				continue
			}
			for _, typ := range []key.Type{key.HMACSHA256, key.HMACSHA512} {
				k, err := key.Import(typ, key.Material{Raw: secret.Bytes(c.Ikm)})
				if err != nil {
					t.Fatalf("%d: %v", c.ID, err)
				}
				got, err := k.Derive(key.DeriveOptions{Salt: c.Salt, Info: c.Info, Length: c.Size})
				y.check(c.Case, err == nil && bytes.Equal(got, c.Okm), err)
			}
		}
	}
}
