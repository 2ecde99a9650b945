package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"twolock/companion/authserver"
	"twolock/companion/awskms"
	edvserver "twolock/companion/edv"
	"twolock/storage/storagetest"
)

// All combinations of server lock, user lock and store, on both databases, over HTTP: create, use, restart, use again, wrong
// share, other controller, every upstream down and back.
func TestCombinations(t *testing.T) {
	for _, database := range []string{"sqlite", "postgres"} {
		for _, serverLock := range []string{"local", "aws"} {
			for _, userLock := range []string{"LOCAL", "SHAMIR"} {
				for _, vault := range []bool{false, true} {
					name := fmt.Sprintf("%s/%s/%s/vault=%t", database, serverLock, userLock, vault)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						combination(t, database, serverLock, userLock, vault)
					})
				}
			}
		}
	}
}

func combination(t *testing.T, database, serverLock, userLock string, vault bool) {
	w := newWorld(t)
	if database == "postgres" {
		w.database = storagetest.Postgres(t)
	}
	flags := at(free(t), w.flags(serverLock))
	n := start(t, flags...)
	u := &user{t: t, c: as(w.alice), keystore: w.keystore(n, userLock, vault), keys: map[string]string{}}
	if userLock == "SHAMIR" {
		u.shares = []string{encoding.EncodeToString(w.shares[0])}
	}

	before := w.edv.Requests(edvserver.Insert)
	for _, kind := range []string{"ED25519", "ECDSA_P256", "AES_256_GCM", "HMAC_SHA256"} {
		url, err := u.create(kind)
		must(t, err)
		u.keys[kind] = url
	}
	if got := w.edv.Requests(edvserver.Insert) - before; vault && got != 4 || !vault && got != 0 {
		t.Errorf("createKey four times made %d inserts in the vault", got)
	}
	useAll(t, u)
	again := usesEveryType(u)
	n.stop()
	if code := n.stop(); code != 0 {
		t.Errorf("serve: exit %d after the context ended, want 0", code)
	}
	start(t, flags...)
	useAgain(t, u)
	useAll(t, u)
	again(t)

	if userLock == "SHAMIR" {
		wrongShare(t, w, u)
	}
	otherController(t, w, u)
	upstreamsDown(t, w, u, serverLock, userLock, vault)
}

// useAll makes what useAgain checks after a restart.
func useAll(t *testing.T, u *user) {
	t.Helper()
	signature, err := u.sign()
	must(t, err)
	u.signature = signature
	raw, _ := encoding.DecodeString(signature)
	if !ed25519.Verify(u.public, []byte("hello"), raw) {
		t.Error("the signature does not verify with the public key that createKey returned")
	}
	var enc struct {
		Encrypt struct{ Ciphertext, Nonce string }
	}
	must(t, u.do("AES_256_GCM", "encrypt", encrypt, map[string]any{"plaintext": message, "aad": "YWFk"}, &enc))
	u.ciphertext = map[string]any{"ciphertext": enc.Encrypt.Ciphertext, "nonce": enc.Encrypt.Nonce, "aad": "YWFk"}
	var m struct{ ComputeMac struct{ Mac string } }
	must(t, u.do("HMAC_SHA256", "computeMac", computeMac, map[string]any{"data": message}, &m))
	u.mac = m.ComputeMac.Mac
	var s struct{ Sign struct{ Signature string } }
	must(t, u.do("ECDSA_P256", "sign", sign, map[string]any{"message": message, "encoding": "DER"}, &s))
	var v struct{ Verify struct{ Valid bool } }
	must(t, u.do("ECDSA_P256", "verify", verify, map[string]any{"message": message, "encoding": "DER", "signature": s.Sign.Signature}, &v))
	if !v.Verify.Valid {
		t.Error("verify: a P-256 signature of our own is not valid")
	}
}

func useAgain(t *testing.T, u *user) {
	t.Helper()
	var v struct{ Verify struct{ Valid bool } }
	must(t, u.do("ED25519", "verify", verify, map[string]any{"message": message, "signature": u.signature}, &v))
	if !v.Verify.Valid {
		t.Error("verify: a signature from before the restart is not valid")
	}
	must(t, u.do("ED25519", "verify", verify, map[string]any{"message": "b3RoZXI", "signature": u.signature}, &v))
	if v.Verify.Valid {
		t.Error("verify: another message's signature is valid")
	}
	var d struct{ Decrypt struct{ Plaintext string } }
	in := map[string]any{}
	for k, x := range u.ciphertext {
		in[k] = x
	}
	must(t, u.do("AES_256_GCM", "decrypt", decrypt, in, &d))
	if d.Decrypt.Plaintext != message {
		t.Errorf("decrypt: got %q, want %q", d.Decrypt.Plaintext, message)
	}
	in["aad"] = "b3RoZXI"
	wantCode(t, "decrypt with other aad", u.do("AES_256_GCM", "decrypt", decrypt, in, &d), "BAD_USER_INPUT")
	var m struct{ VerifyMac struct{ Valid bool } }
	must(t, u.do("HMAC_SHA256", "verifyMac", verifyMac, map[string]any{"data": message, "mac": u.mac}, &m))
	if !m.VerifyMac.Valid {
		t.Error("verifyMac: a code from before the restart is not valid")
	}
}

func wrongShare(t *testing.T, w *world, u *user) {
	t.Helper()
	count, right := u.count(), u.shares
	foreign := [][]byte{anyShare(9), anyShare(10)}
	for foreign[1][32] == w.shares[0][32] { // the same x twice is another error
		foreign[1] = anyShare(foreign[1][32] + 1)
	}
	b64 := encoding.EncodeToString
	zero := append(make([]byte, 32), 0)
	for _, c := range []struct {
		what   string
		shares []string
		want   string
	}{
		{"another secret's share", []string{b64(foreign[0])}, "WRONG_SHARE"},
		{"the Auth server's own share", []string{b64(w.shares[2])}, "WRONG_SHARE"},
		{"two shares of another secret", []string{b64(foreign[0]), b64(foreign[1])}, "WRONG_SHARE"},
		{"one right and one foreign", []string{b64(w.shares[0]), b64(foreign[1])}, "WRONG_SHARE"},
		{"no share", nil, "BAD_USER_INPUT"},
		{"an empty list", []string{}, "BAD_USER_INPUT"},
		{"32 bytes", []string{b64(w.shares[0][:32])}, "BAD_USER_INPUT"},
		{"x = 0", []string{b64(zero)}, "BAD_USER_INPUT"},
		{"not base64", []string{"!!"}, "BAD_USER_INPUT"},
		{"the same share twice", []string{b64(w.shares[0]), b64(w.shares[0])}, "BAD_USER_INPUT"},
		{"a share with one bit off", []string{b64(append([]byte{w.shares[0][0] ^ 1}, w.shares[0][1:]...))}, "WRONG_SHARE"},
	} {
		u.shares = c.shares
		_, err := u.create("ED25519")
		wantCode(t, "createKey with "+c.what, err, c.want)
		_, err = u.sign()
		wantCode(t, "sign with "+c.what, err, c.want)
	}
	for _, f := range []authserver.Fault{authserver.WrongShare, authserver.OtherUserShare} {
		u.shares = right
		w.auth.Inject(f, 2)
		_, err := u.create("ED25519")
		wantCode(t, "createKey while the Auth server answers "+f.String(), err, "WRONG_SHARE")
		_, err = u.sign()
		wantCode(t, "sign while the Auth server answers "+f.String(), err, "WRONG_SHARE")
		w.auth.Heal()
	}
	u.shares = []string{b64(w.shares[0]), b64(w.shares[1])}
	calls := w.auth.Calls()
	_, err := u.sign()
	must(t, err)
	if got := w.auth.Calls() - calls; got != 0 {
		t.Errorf("sign with two shares of one's own asked the Auth server %d times", got)
	}
	u.shares = right
	if got := u.count(); got != count {
		t.Errorf("keys after refused shares: %d, want %d: something was written", got, count)
	}
}

// otherController: what is another's and what is not there answer the same, whatever is asked.
func otherController(t *testing.T, w *world, u *user) {
	t.Helper()
	m := *u
	m.c, m.keys = as(w.mallory), map[string]string{}
	absent := *u
	absent.c, absent.keys = as(w.mallory), map[string]string{}
	other := storagetest.ID()
	base := u.keystore[:len(u.keystore)-len(other)]
	absent.keystore = base + other
	for kind, url := range u.keys {
		m.keys[kind] = url
		absent.keys[kind] = absent.keystore + "/keys/" + storagetest.ID()
	}
	attempts := func(u *user) (errs []error) {
		_, err := u.create("ED25519")
		errs = append(errs, err)
		_, err = u.sign()
		errs = append(errs, err,
			u.do("ED25519", "verify", verify, map[string]any{"message": message, "signature": message}, nil),
			u.do("AES_256_GCM", "encrypt", encrypt, map[string]any{"plaintext": message}, nil),
			u.do("AES_256_GCM", "decrypt", decrypt, map[string]any{"ciphertext": message, "nonce": message}, nil),
			u.do("HMAC_SHA256", "computeMac", computeMac, map[string]any{"data": message}, nil),
			u.do("HMAC_SHA256", "verifyMac", verifyMac, map[string]any{"data": message, "mac": message}, nil),
			u.c.Do(context.Background(), u.keystore, "read", readKeystore, map[string]any{"id": u.keystore}, nil),
			u.c.Do(context.Background(), u.keys["ED25519"], "read", readKey, map[string]any{"id": u.keys["ED25519"]}, nil),
		)
		return errs
	}
	foreign, missing := attempts(&m), attempts(&absent)
	for i := range foreign {
		a, b := wantCode(t, "another's keystore", foreign[i], "FORBIDDEN"), wantCode(t, "no keystore", missing[i], "FORBIDDEN")
		if a.Message != b.Message {
			t.Errorf("attempt %d: another's and absent differ: %q, %q", i, a.Message, b.Message)
		}
	}
}

func upstreamsDown(t *testing.T, w *world, u *user, serverLock, userLock string, vault bool) {
	t.Helper()
	down := func(upstream string, inject, heal func()) {
		t.Helper()
		time.Sleep(1100 * time.Millisecond) // a record may be remembered for a second
		count := u.count()
		inject()
		err := answered(t, upstream+" down: createKey", 8*time.Second, func() error { _, err := u.create("ED25519"); return err })
		e := wantCode(t, upstream+" down: createKey", err, "UPSTREAM_UNAVAILABLE")
		if e.Extensions.Upstream != upstream || !e.Extensions.Retryable {
			t.Errorf("%s down: extensions %+v", upstream, e.Extensions)
		}
		err = answered(t, upstream+" down: sign", 8*time.Second, func() error { _, err := u.sign(); return err })
		wantCode(t, upstream+" down: sign", err, "UPSTREAM_UNAVAILABLE")
		heal()
		_, err = u.sign()
		must(t, err)
		if got := u.count(); got != count {
			t.Errorf("%s down: %d keys, want %d: something was half written", upstream, got, count)
		}
		_, err = u.create("ED25519")
		must(t, err)
	}
	if serverLock == "aws" {
		down("aws-kms", func() { w.aws.Inject(awskms.Outage, awskms.Always) }, w.aws.Heal)
		down("aws-kms", func() { w.aws.Inject(awskms.Throttle, awskms.Always) }, w.aws.Heal)
		down("aws-kms", func() { w.aws.Inject(awskms.Hang, awskms.Always) }, w.aws.Heal)
	}
	if userLock == "SHAMIR" {
		down("auth-server", func() { w.auth.Inject(authserver.Down, authserver.Always) }, w.auth.Heal)
		down("auth-server", func() { w.auth.Inject(authserver.Slow, authserver.Always) }, w.auth.Heal)
	}
	if vault {
		for _, f := range []edvserver.FaultKind{edvserver.Outage, edvserver.Hang, edvserver.Drop} {
			down("vault", func() {
				w.edv.Inject(edvserver.Insert, edvserver.Fault{Kind: f})
				w.edv.Inject(edvserver.Get, edvserver.Fault{Kind: f})
			}, w.edv.Heal)
		}
		// It only seemed to fail: the document is there, and the answer is lost.
		w.edv.Inject(edvserver.Insert, edvserver.Fault{Kind: edvserver.FailAfter, Times: 1})
		count := u.count()
		_, err := u.create("ED25519")
		must(t, err)
		if got := u.count(); got != count+1 {
			t.Errorf("a create that only seemed to fail: %d keys, want %d", got, count+1)
		}
	}
}
