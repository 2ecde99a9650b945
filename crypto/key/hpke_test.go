package key_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"twolock/crypto/key"
)

var hpkeAlgorithms = []key.Algorithm{key.HPKEAES128GCM, key.HPKEAES256GCM, key.HPKEChaCha20Poly1305}

// The vectors of RFC 9180 for the suites we have: the encapsulated key and the ciphertext open with the recipient's private key.
func TestHPKEPublished(t *testing.T) {
	var file struct {
		Vectors []struct {
			KEM                                int `json:"kem_id"`
			AEAD                               int `json:"aead_id"`
			Info, SkRm, PkRm, Enc, Pt, Aad, Ct string
		}
	}
	data, err := os.ReadFile("testdata/hpke-rfc9180.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil || len(file.Vectors) != 9 {
		t.Fatal(len(file.Vectors), err)
	}
	types := map[int]key.Type{0x10: key.ECDHP256, 0x12: key.ECDHP521, 0x20: key.X25519}
	for _, v := range file.Vectors {
		k := imported(t, types[v.KEM], key.Material{Raw: unhex(t, v.SkRm)})
		if got := k.Public().Bytes(); !bytes.Equal(got, unhex(t, v.PkRm)) {
			t.Errorf("KEM %d: public key %x, want %s", v.KEM, got, v.PkRm)
		}
		o := key.EncryptOptions{Algorithm: hpkeAlgorithms[v.AEAD-1], Info: unhex(t, v.Info), AAD: unhex(t, v.Aad)}
		got, err := k.Decrypt(unhex(t, v.Enc+v.Ct), nil, o)
		if err != nil || !bytes.Equal(got, unhex(t, v.Pt)) {
			t.Errorf("KEM %d, AEAD %d: %x (%v), want %s", v.KEM, v.AEAD, got, err, v.Pt)
		}
	}
}

// RFC 9180 has no vectors of P-384. What pyca/cryptography 48 wrote, without additional data.
func TestHPKEP384(t *testing.T) {
	der, err := base64.StdEncoding.DecodeString(openSSL[key.ECDHP384])
	if err != nil {
		t.Fatal(err)
	}
	k := imported(t, key.ECDHP384, key.Material{PKCS8: der})
	ciphertext := unhex(t, "04267e05a66104250122223406493d968bf4625fc0156038d767731a3dfa303e9bf9f562eeda6029272cd2b7a467e24f6e209e289482f7be197a43067ca2619f26d65b"+
		"4ec1487a68805ffc536dca3052c177650ce0b6df1b38a2d649f5b0cdd8d2fa78436adb2770b823ee1a208d6f0bcc83f8a8b7a77c4d40288f03dfd73f82")
	got, err := k.Decrypt(ciphertext, nil, key.EncryptOptions{Info: []byte("Ode on a Grecian Urn")})
	if err != nil || string(got) != "Beauty is truth" {
		t.Errorf("%q (%v)", got, err)
	}
}

// What is encrypted opens with the standard library too, in the suite that the key's curve and the algorithm name.
func TestHPKEIsTheStandardLibrarys(t *testing.T) {
	suites := map[key.Type]struct {
		kem hpke.KEM
		kdf hpke.KDF
	}{
		key.X25519:   {hpke.DHKEM(ecdh.X25519()), hpke.HKDFSHA256()},
		key.ECDHP256: {hpke.DHKEM(ecdh.P256()), hpke.HKDFSHA256()},
		key.ECDHP384: {hpke.DHKEM(ecdh.P384()), hpke.HKDFSHA384()},
		key.ECDHP521: {hpke.DHKEM(ecdh.P521()), hpke.HKDFSHA512()},
	}
	aeads := map[key.Algorithm]hpke.AEAD{
		"": hpke.AES256GCM(), key.HPKEAES128GCM: hpke.AES128GCM(), key.HPKEAES256GCM: hpke.AES256GCM(), key.HPKEChaCha20Poly1305: hpke.ChaCha20Poly1305(),
	}
	info, aad := []byte("info"), []byte("aad")
	for typ, suite := range suites {
		k := generate(t, typ)
		private, err := suite.kem.NewPrivateKey(k.Private())
		if err != nil {
			t.Fatal(err)
		}
		for a, aead := range aeads {
			for _, plaintext := range [][]byte{{}, []byte("m"), make([]byte, 100000)} {
				ciphertext, nonce, err := publicOf(t, k).Encrypt(plaintext, key.EncryptOptions{Algorithm: a, Info: info, AAD: aad})
				if err != nil || nonce == nil || len(nonce) != 0 {
					t.Fatalf("%s, %s: nonce %v (%v), want an empty one", typ, a, nonce, err)
				}
				n := len(k.Public().Bytes())
				recipient, err := hpke.NewRecipient(ciphertext[:n], private, suite.kdf, aead, info)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := recipient.Open(aad, ciphertext[n:]); err != nil || !bytes.Equal(got, plaintext) {
					t.Errorf("%s, %s: the standard library opens %d bytes (%v), want %d", typ, a, len(got), err, len(plaintext))
				}
				if got, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{Algorithm: a, Info: info, AAD: aad}); err != nil || !bytes.Equal(got, plaintext) {
					t.Errorf("%s, %s: decrypted %d bytes (%v), want %d", typ, a, len(got), err, len(plaintext))
				}
			}
		}
	}
}

func TestHPKERefuses(t *testing.T) {
	for _, typ := range agreeing {
		k := generate(t, typ)
		for _, a := range hpkeAlgorithms {
			o := key.EncryptOptions{Algorithm: a, Info: []byte("info"), AAD: []byte("aad")}
			ciphertext, _, err := k.Encrypt([]byte("message"), o)
			if err != nil {
				t.Fatal(err)
			}
			for i := range ciphertext {
				changed := bytes.Clone(ciphertext)
				changed[i] ^= 1
				_, err := k.Decrypt(changed, nil, o)
				refusedBy(t, fmt.Sprintf("%s, %s, byte %d", typ, a, i), err, "ciphertext")
				_, err = k.Decrypt(ciphertext[:i], nil, o)
				refusedBy(t, fmt.Sprintf("%s, %s, the first %d bytes", typ, a, i), err, "ciphertext")
			}
			for what, bad := range map[string]key.EncryptOptions{
				"another info": {Algorithm: a, Info: []byte("inf"), AAD: o.AAD}, "another aad": {Algorithm: a, Info: o.Info, AAD: []byte("aa")},
				"shifted": {Algorithm: a, Info: []byte("infoa"), AAD: []byte("ad")},
			} {
				_, err := k.Decrypt(ciphertext, nil, bad)
				refusedBy(t, fmt.Sprintf("%s, %s, %s", typ, a, what), err, "ciphertext")
			}
			for _, other := range hpkeAlgorithms {
				if other != a {
					_, err := k.Decrypt(ciphertext, nil, key.EncryptOptions{Algorithm: other, Info: o.Info, AAD: o.AAD})
					refusedBy(t, fmt.Sprintf("%s, %s as %s", typ, a, other), err, "ciphertext")
				}
			}
			_, err = k.Decrypt(ciphertext, make([]byte, 12), o)
			refusedBy(t, fmt.Sprintf("%s, %s, a nonce", typ, a), err, "nonce")
			_, err = generate(t, typ).Decrypt(ciphertext, nil, o)
			refusedBy(t, fmt.Sprintf("%s, %s, another key", typ, a), err, "ciphertext")
			for what, bad := range badPeers(t, typ) {
				if len(bad) == len(k.Public().Bytes()) {
					_, err := k.Decrypt(append(bytes.Clone(bad), ciphertext[len(bad):]...), nil, o)
					refusedBy(t, fmt.Sprintf("%s, %s, %s", typ, a, what), err, "ciphertext")
				}
			}
		}
		for _, a := range []key.Algorithm{key.AEAD, key.RSAOAEPSHA256, "x"} {
			_, _, err := k.Encrypt(nil, key.EncryptOptions{Algorithm: a})
			refusedBy(t, fmt.Sprintf("%s, %s", typ, a), err, "algorithm")
			_, err = k.Decrypt(make([]byte, 200), nil, key.EncryptOptions{Algorithm: a})
			refusedBy(t, fmt.Sprintf("%s, %s", typ, a), err, "algorithm")
		}
	}
}
