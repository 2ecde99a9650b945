package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twolock/crypto/key"
	"twolock/storage/storagetest"
)

// What a key is restricted to holds for every operation, and can only be narrowed.
func TestRestrictions(t *testing.T) {
	tell(t, map[string]story{"operations": restrictedOperations, "algorithms": restrictedAlgorithms, "default algorithms": defaultAlgorithms, "narrowed": narrowed})
}

// oneOf uses an operation in a way that goes well where it is allowed.
func (u *user) oneOf(typ key.Type, o key.Operation, url string, full string) (string, object) {
	u.t.Helper()
	k := object{"key": url}
	from := func(field string, in object) object { return u.get(field, merged(in, object{"key": full})) }
	switch o {
	case key.OpSign:
		return "sign", merged(k, object{"message": message})
	case key.OpVerify:
		return "verify", merged(k, object{"message": message, "signature": from("sign", object{"message": message})["signature"]})
	case key.OpEncrypt:
		return "encrypt", merged(k, object{"plaintext": message})
	case key.OpDecrypt:
		out := from("encrypt", object{"plaintext": message})
		return "decrypt", merged(k, object{"ciphertext": out["ciphertext"], "nonce": out["nonce"]})
	case key.OpComputeMAC:
		return "computeMac", merged(k, object{"data": message})
	case key.OpVerifyMAC:
		return "verifyMac", merged(k, object{"data": message, "mac": message})
	case key.OpWrapKey:
		return "wrapKey", merged(k, object{"keyToWrap": b64(make([]byte, 16))})
	case key.OpUnwrapKey:
		out := from("wrapKey", object{"keyToWrap": b64(make([]byte, 16))})
		in := object{"wrappedKey": out["wrappedKey"], "algorithm": out["algorithm"]}
		if out["epk"] != nil {
			in["epk"] = out["epk"]
		}
		return "unwrapKey", merged(k, in)
	case key.OpSeal:
		return "seal", merged(k, object{"plaintext": message})
	case key.OpOpen:
		return "open", merged(k, object{"ciphertext": from("seal", object{"plaintext": message})["ciphertext"]})
	case key.OpEncapsulate:
		return "encapsulate", k
	case key.OpDecapsulate:
		return "decapsulate", merged(k, object{"ciphertext": from("encapsulate", object{})["ciphertext"]})
	case key.OpDeriveSecret:
		return "deriveSecret", merged(k, object{"publicKey": b64(generated(u.t, typ).Public().Bytes())})
	case key.OpDeriveKey:
		if typ.IsSymmetric() {
			return "deriveKey", merged(k, object{"length": 16})
		}
		return "deriveKey", merged(k, object{"length": 16, "publicKey": b64(generated(u.t, typ).Public().Bytes())})
	}
	u.t.Fatalf("%s is not tried", o)
	return "", nil
}

// For each operation of some types that together have all: a key of the same secret that may do this alone.
func restrictedOperations(t *testing.T, _ *site, u *user) {
	tried := map[key.Operation]bool{}
	for _, typ := range []key.Type{key.ECDSAP256, key.AES256GCM, key.HMACSHA256, key.X25519, key.MLKEM768} {
		secret := jwkOf(t, generated(t, typ))
		full := u.get("importKey", object{"type": typ, "jwk": secret})["id"].(string)
		for _, allowed := range typ.Operations() {
			tried[allowed] = true
			made := u.get("importKey", object{"type": typ, "jwk": secret, "operations": []key.Operation{allowed}})
			is(t, "operations", made, object{"operations": []key.Operation{allowed}})
			url := made["id"].(string)
			for _, o := range typ.Operations() {
				field, in := u.oneOf(typ, o, url, full)
				_, err := u.try(field, in)
				want := "KEY_UNUSABLE"
				if o == allowed {
					want = ""
				}
				u.isRefused(string(typ)+" restricted to "+string(allowed)+": "+field, err, want, "restricted to "+string(allowed))
			}
			u.get("rotateKey", object{"key": url}) // a restriction to some uses is none on its life
		}
	}
	for _, o := range key.Operations() {
		if !tried[o] {
			t.Errorf("%s is not tried", o)
		}
	}
	k := u.make("AES_256_GCM", object{"operations": []string{"DECRYPT"}})
	for field, in := range map[string]object{"generateDataKey": {}, "generateDataKeyBatch": {"items": []object{{}}}, "encryptBatch": {"items": []object{{"plaintext": message}}}, "reencrypt": {"ciphertext": message, "nonce": message}} {
		u.refused("KEY_UNUSABLE", field, merged(in, object{"key": k}), "restricted to DECRYPT")
	}
	for what, bad := range map[string]any{"none": []string{}, "what the type cannot do": []string{"SIGN"}, "no operation": []string{"SING"}, "null": []any{nil}, "text": "sign", "both": []string{"ENCRYPT", "SIGN"}} {
		if _, err := u.try("createKey", object{"type": "AES_256_GCM", "operations": bad}); code(err) != "BAD_USER_INPUT" {
			t.Errorf("operations that are %s: %v", what, err)
		}
	}
	is(t, "twice the same", u.get("createKey", object{"type": "AES_256_GCM", "operations": []string{"DECRYPT", "ENCRYPT", "DECRYPT"}}), object{"operations": []string{"ENCRYPT", "DECRYPT"}})
}

func restrictedAlgorithms(t *testing.T, _ *site, u *user) {
	rsa := u.get("importKey", object{"type": "RSA_2048", "pkcs8": testRSA(t, "2048"), "algorithms": []string{"RSA_PKCS1_SHA256", "RSA_OAEP_256"}})
	is(t, "algorithms", rsa, object{"algorithms": []string{"RSA_PKCS1_SHA256", "RSA_OAEP_256"}})
	k := rsa["id"]
	signed := u.get("sign", object{"key": k, "message": message, "algorithm": "RSA_PKCS1_SHA256"})
	u.get("verify", object{"key": k, "message": message, "signature": signed["signature"], "algorithm": "RSA_PKCS1_SHA256"})
	u.get("wrapKey", object{"key": k, "keyToWrap": b64(make([]byte, 16))})
	for _, c := range []struct {
		field string
		in    object
	}{
		{"sign", object{"message": message}}, // the type's default is not allowed
		{"sign", object{"message": message, "algorithm": "RSA_PSS_SHA512"}},
		{"signBatch", object{"messages": []string{message}}},
		{"verify", object{"message": message, "signature": message, "algorithm": "RSA_PKCS1_SHA384"}},
		{"encrypt", object{"plaintext": message}},
		{"encrypt", object{"plaintext": message, "algorithm": "RSA_OAEP_SHA256"}},
		{"decrypt", object{"ciphertext": message, "nonce": ""}},
		{"generateDataKey", object{}},
		{"reencrypt", object{"ciphertext": message, "nonce": ""}},
	} {
		u.refused("KEY_UNUSABLE", c.field, merged(c.in, object{"key": k}), "restricted to RSA_PKCS1_SHA256")
	}
	ecdh := u.make("ECDH_P256", object{"algorithms": []string{"HPKE_AES_128_GCM"}})
	u.get("encrypt", object{"key": ecdh, "plaintext": message, "algorithm": "HPKE_AES_128_GCM"})
	u.refused("KEY_UNUSABLE", "encrypt", object{"key": ecdh, "plaintext": message}, "restricted")
	u.refused("KEY_UNUSABLE", "wrapKey", object{"key": ecdh, "keyToWrap": b64(make([]byte, 16))}, "restricted")
	u.get("deriveKey", object{"key": ecdh, "publicKey": b64(generated(t, key.ECDHP256).Public().Bytes()), "length": 16}) // takes no algorithm
	// Importing with an unwrapping key is unwrapping by the message's algorithm.
	compact := u.sealedTo(ecdh, json.RawMessage(jwkOf(t, generated(t, key.Ed25519))))
	u.refused("KEY_UNUSABLE", "importKey", object{"type": "ED25519", "wrapped": compact, "unwrappingKey": ecdh}, "restricted")
	aes := u.make("AES_256_GCM", object{"algorithms": []string{"AES_KWP"}})
	u.refused("KEY_UNUSABLE", "encrypt", object{"key": aes, "plaintext": message}, "restricted")
	u.refused("KEY_UNUSABLE", "wrapKey", object{"key": aes, "keyToWrap": b64(make([]byte, 16))}, "restricted to AES_KWP")
	u.get("wrapKey", object{"key": aes, "keyToWrap": message, "algorithm": "AES_KWP"})
	for _, bad := range []any{[]string{}, []string{"EDDSA"}, []string{"NONE"}, "NONE", []any{nil}} {
		if _, err := u.try("createKey", object{"type": "AES_256_GCM", "algorithms": bad}); code(err) != "BAD_USER_INPUT" {
			t.Errorf("algorithms %v: %v", bad, err)
		}
	}
	u.refused("BAD_USER_INPUT", "createKey", object{"type": "HMAC_SHA256", "algorithms": []string{"AEAD"}}, "algorithms")
}

// Where no algorithm is named, the one counts that the key takes then.
func defaultAlgorithms(t *testing.T, _ *site, u *user) {
	for typ, operations := range map[key.Type]map[string]string{
		key.RSA2048: {"sign": "RSA_PSS_SHA256", "encrypt": "RSA_OAEP_SHA256", "wrapKey": "RSA_OAEP_256"}, key.X25519: {"encrypt": "HPKE_AES_256_GCM", "wrapKey": "ECDH_ES_A256KW"},
		key.ECDHP384: {"encrypt": "HPKE_AES_256_GCM", "wrapKey": "ECDH_ES_A256KW"}, key.AES256GCM: {"encrypt": "AEAD", "wrapKey": "AES_KW"},
	} {
		for field, algorithm := range operations {
			secret := object{"jwk": jwkOf(t, generated(t, key.AES256GCM))}
			switch typ {
			case key.RSA2048:
				secret = object{"pkcs8": testRSA(t, "2048")}
			case key.X25519, key.ECDHP384:
				secret = object{"jwk": jwkOf(t, generated(t, typ))}
			}
			var others []key.Algorithm
			for _, a := range typ.Algorithms() {
				if string(a) != algorithm {
					others = append(others, a)
				}
			}
			in := map[string]object{"sign": {"message": message}, "encrypt": {"plaintext": message}, "wrapKey": {"keyToWrap": b64(make([]byte, 16))}}[field]
			only := u.get("importKey", merged(secret, object{"type": typ, "algorithms": []string{algorithm}}))["id"]
			without := u.get("importKey", merged(secret, object{"type": typ, "algorithms": others}))["id"]
			out := u.get(field, merged(in, object{"key": only}))
			u.refused("KEY_UNUSABLE", field, merged(in, object{"key": without}), "restricted")
			if field == "encrypt" {
				opens := object{"ciphertext": out["ciphertext"], "nonce": out["nonce"]}
				is(t, "decrypt", u.get("decrypt", merged(opens, object{"key": only})), object{"plaintext": message})
				u.get("decrypt", merged(opens, object{"key": only, "algorithm": algorithm}))
				u.refused("KEY_UNUSABLE", "decrypt", merged(opens, object{"key": without}), "restricted")
				u.get("generateDataKey", object{"key": only})
				u.refused("KEY_UNUSABLE", "generateDataKey", object{"key": without}, "restricted")
				u.get("reencrypt", merged(opens, object{"key": only}))
				u.refused("KEY_UNUSABLE", "reencrypt", merged(opens, object{"key": without}), "restricted")
				u.get("reencrypt", merged(opens, object{"key": only, "algorithm": algorithm, "destinationAlgorithm": algorithm}))
				if typ.IsSymmetric() || typ == key.RSA2048 {
					continue // there is one way to encrypt
				}
				u.get("generateDataKey", object{"key": without, "algorithm": "HPKE_AES_128_GCM"})
				u.refused("KEY_UNUSABLE", "generateDataKey", object{"key": only, "algorithm": "HPKE_AES_128_GCM"}, "restricted")
			}
		}
	}
}

func narrowed(t *testing.T, _ *site, u *user) {
	k := u.make("X25519", object{"operations": []string{"ENCRYPT", "DECRYPT", "SEAL", "OPEN"}, "algorithms": []string{"HPKE_AES_128_GCM", "HPKE_AES_256_GCM"}})
	out := u.get("encrypt", object{"key": k, "plaintext": message})
	sealed := u.get("seal", object{"key": k, "plaintext": message})
	u.refused("BAD_USER_INPUT", "updateKey", object{"key": k, "operations": []string{"ENCRYPT", "WRAP_KEY"}}, "operations")
	u.refused("BAD_USER_INPUT", "updateKey", object{"key": k, "operations": []string{}}, "operations")
	u.refused("BAD_USER_INPUT", "updateKey", object{"key": k, "algorithms": []string{"ECDH_ES_A256KW"}}, "algorithms")
	is(t, "as it was", u.key(k), object{"operations": []string{"ENCRYPT", "DECRYPT", "SEAL", "OPEN"}, "algorithms": []string{"HPKE_AES_256_GCM", "HPKE_AES_128_GCM"}})
	is(t, "narrowed", u.get("updateKey", object{"key": k, "operations": []string{"DECRYPT", "OPEN"}, "algorithms": []string{"HPKE_AES_256_GCM"}}),
		object{"operations": []string{"DECRYPT", "OPEN"}, "algorithms": []string{"HPKE_AES_256_GCM"}})
	forget()
	in := object{"key": k, "ciphertext": out["ciphertext"], "nonce": ""}
	is(t, "what is allowed still", u.get("decrypt", in), object{"plaintext": message})
	u.get("open", object{"key": k, "ciphertext": sealed["ciphertext"]})
	u.refused("KEY_UNUSABLE", "encrypt", object{"key": k, "plaintext": message}, "restricted to DECRYPT,OPEN")
	u.refused("KEY_UNUSABLE", "seal", object{"key": k, "plaintext": message}, "restricted")
	u.refused("KEY_UNUSABLE", "decrypt", merged(in, object{"algorithm": "HPKE_AES_128_GCM"}), "restricted")
	for _, wider := range []object{{"operations": []string{"ENCRYPT", "DECRYPT", "OPEN"}}, {"operations": []string{"ENCRYPT"}}, {"algorithms": []string{"HPKE_AES_128_GCM", "HPKE_AES_256_GCM"}}, {"algorithms": []string{"HPKE_AES_128_GCM"}}} {
		u.refused("BAD_USER_INPUT", "updateKey", merged(wider, object{"key": k}), "is not one of")
	}
	is(t, "null stays", u.get("updateKey", object{"key": k, "operations": nil, "algorithms": nil}), object{"operations": []string{"DECRYPT", "OPEN"}, "algorithms": []string{"HPKE_AES_256_GCM"}})
}

// The types of keys that can be made are the server's to allow, and of those the keystore's.
func TestKeyTypes(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", false}, "--key-type", "ED25519", "--key-type", "AES_256_GCM", "--key-type", "HMAC_SHA256")
	u := s.user(t)
	var out struct{ Service struct{ KeyTypes []string } }
	must(t, u.c.Do(context.Background(), s.url+"/graphql", "read", "{ service { keyTypes } }", nil, &out))
	if want := []string{"ED25519", "AES_256_GCM", "HMAC_SHA256"}; !slices.Equal(out.Service.KeyTypes, want) {
		t.Errorf("Service.keyTypes is %v, want %v", out.Service.KeyTypes, want)
	}
	is(t, "the keystore", u.get("updateKeystore", object{}), object{"keyTypes": []string{"ED25519", "AES_256_GCM", "HMAC_SHA256"}})
	u.make("ED25519")
	mac := u.make("HMAC_SHA256")
	u.refused("BAD_USER_INPUT", "createKey", object{"type": "ECDSA_P256"}, "type", "ECDSA_P256", "keyTypes")
	u.refused("BAD_USER_INPUT", "importKey", object{"type": "AES_128_GCM", "raw": b64(storagetest.Bytes(16))}, "type", "AES_128_GCM")
	u.refused("BAD_USER_INPUT", "deriveKey", object{"key": mac, "type": "AES_128_GCM"}, "type")
	u.refused("BAD_USER_INPUT", "updateKeystore", object{"keyTypes": []string{"ECDSA_P256"}}, "keyTypes")
	is(t, "narrower", u.get("updateKeystore", object{"keyTypes": []string{"HMAC_SHA256"}}), object{"keyTypes": []string{"HMAC_SHA256"}})
	forget()
	u.refused("BAD_USER_INPUT", "createKey", object{"type": "ED25519"}, "type")
	is(t, "wider again", u.get("updateKeystore", object{"keyTypes": []string{"HMAC_SHA256", "ED25519"}}), object{"keyTypes": []string{"ED25519", "HMAC_SHA256"}})
	// A server that allows less from now on leaves what there is.
	s.stop(t)
	s.flags = slices.DeleteFunc(s.flags, func(f string) bool {
		return f == "--key-type" || f == "ED25519" || f == "AES_256_GCM" || f == "HMAC_SHA256"
	})
	s.flags = append(s.flags, "--key-type", "ED25519")
	s.start(t)
	is(t, "less", u.get("updateKeystore", object{}), object{"keyTypes": []string{"ED25519"}})
	u.does(key.HMACSHA256, mac)(t)
	u.get("rotateKey", object{"key": mac})
	u.refused("BAD_USER_INPUT", "createKey", object{"type": "HMAC_SHA256"}, "type")
}

// A keystore has so many RSA keys a minute; other types and other keystores go on.
func TestRSAQuota(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", false}, "--rsa-per-minute", "2")
	u, v := s.user(t), s.user(t)
	first := u.make("RSA_2048", object{"name": "rsa"})
	u.get("rotateKey", object{"key": first}) // counts
	_, err := u.try("createKey", object{"type": "RSA_2048"})
	if e := wantCode(t, "a third RSA key", err, "RATE_LIMITED"); !e.Extensions.Retryable || !strings.Contains(e.Message, "wait") {
		t.Errorf("too many RSA keys: %+v", e)
	}
	_, err = u.try("createKey", object{"type": "RSA_4096"})
	wantCode(t, "an RSA_4096 key", err, "RATE_LIMITED")
	_, err = u.try("rotateKey", object{"key": first})
	wantCode(t, "rotateKey", err, "RATE_LIMITED")
	is(t, "not rotated", u.key(first), object{"version": 2})
	u.make("ED25519")
	_, err = u.try("importKey", object{"type": "RSA_4096", "pkcs8": testRSA(t, "4096")}) // which must be checked, and that takes long
	wantCode(t, "importKey", err, "RATE_LIMITED")
	v.make("RSA_2048")
	if got := len(ids(u.list(""))); got != 2 {
		t.Errorf("%d keys, want 2", got)
	}
	w := s.user(t)
	taken := w.get("importKey", object{"type": "RSA_4096", "pkcs8": testRSA(t, "4096"), "exportable": true})["id"]
	kek := u.make("X25519")
	backup := w.get("backupKey", object{"key": taken, "recipient": u.managed(kek)})["backup"]
	_, err = u.try("restoreKey", object{"backup": backup, "unwrappingKey": kek})
	wantCode(t, "restoreKey", err, "RATE_LIMITED")
	for range 3 { // which count for a quarter
		v.get("importKey", object{"type": "RSA_2048", "pkcs8": testRSA(t, "2048")})
	}
	s.w.clock.pass(31 * 1e9)
	u.make("RSA_2048")
	_, err = u.try("createKey", object{"type": "RSA_2048"})
	wantCode(t, "after half a minute, a second one", err, "RATE_LIMITED")
	u.does(key.RSA2048, first)(t)
}

// A keystore that imports as fast as it can leaves another room to make RSA keys.
func TestRSAImportsLeaveRoom(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", false})
	a, b := s.user(t), s.user(t)
	pkcs8 := testRSA(t, "2048")
	var stop atomic.Bool
	var imported, refused atomic.Int64
	var importers sync.WaitGroup
	for range 40 {
		importers.Go(func() {
			for !stop.Load() {
				if _, err := a.try("importKey", object{"type": "RSA_2048", "pkcs8": pkcs8}); err == nil {
					imported.Add(1)
				} else {
					refused.Add(1)
				}
			}
		})
	}
	eventually(t, "importers at work", time.Minute, func() bool { return imported.Load() > 0 && refused.Load() > 0 })
	for range 5 {
		_, err := b.try("createKey", object{"type": "RSA_2048"})
		b.isRefused("createKey in another keystore", err, "")
	}
	stop.Store(true)
	importers.Wait()
	t.Logf("%d imported, %d refused", imported.Load(), refused.Load())
}
