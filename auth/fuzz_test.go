package auth_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"twolock/auth"
)

func FuzzAuthorization(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(v.Request.Headers["authorization"])
	}
	for _, v := range readP256(f).Vectors {
		f.Add(v.Request.Headers["authorization"])
	}
	id := newIdentity(f, 1)
	good := signed(f, keystoreURL, testBody, id, auth.Invocation{RootTarget: keystoreURL, Action: "sign"})
	f.Add(good.Header.Get("Authorization"))
	v := newVerifier(f, testNow)
	signature := signatureOf(good.Header.Get("Authorization"))
	f.Fuzz(func(t *testing.T, header string) {
		r := good.Clone(t.Context())
		r.Header.Set("Authorization", header)
		caller, err := v.Authenticate(r, []byte(testBody))
		if err != nil {
			refusal(t, err)
			return
		}
		// The parameters may be written in another order, but nobody can make another signature.
		if caller.DID != id.DID() || signatureOf(header) != signature {
			t.Errorf("accepted %q as %s", header, caller.DID)
		}
	})
}

func signatureOf(header string) string {
	_, rest, _ := strings.Cut(header, `signature="`)
	signature, _, _ := strings.Cut(rest, `"`)
	return signature
}

func FuzzCapabilityInvocation(f *testing.F) {
	genuine := map[string]bool{} // ids of the capabilities that alice gave to bob
	for _, v := range readVectors(f) {
		f.Add(v.Request.Headers["capability-invocation"])
		if c, err := auth.ParseCapability(v.Capability); err == nil && c.VerifyProofs() == nil {
			genuine[c.ID()] = true
		}
	}
	vector := readVector(f, "10-delegated-1")
	v, access, bob := vector.verifier(f), vector.access(), readKeys(f)[vector.Expect.Invoker]
	f.Fuzz(func(t *testing.T, header string) {
		if strings.TrimSpace(header) != header || strings.ContainsAny(header, "\r\n") {
			return // cannot arrive in a header
		}
		r, body := vector.request(t)
		r.Header.Set("Capability-Invocation", header)
		resigned(t, r, bob, seconds(testNow), seconds(testNow.Add(time.Minute)), allCovered)
		caller, err := v.Authenticate(r, body)
		if err != nil {
			refusal(t, err)
			return
		}
		if caller.CapabilityID() == "" || caller.Action == "" {
			t.Errorf("%q: capability %q, action %q", header, caller.CapabilityID(), caller.Action)
		}
		// Bob may pack what he was given otherwise, and can use nothing else.
		if caller.Can(access) == nil && !genuine[caller.CapabilityID()] {
			t.Errorf("%q: allowed with %s", header, caller.CapabilityID())
		}
	})
}

func FuzzCapability(f *testing.F) {
	for _, v := range readVectors(f) {
		if v.Capability != nil {
			f.Add([]byte(v.Capability))
		}
	}
	for _, v := range readP256(f).Vectors {
		if v.Capability != nil {
			f.Add([]byte(v.Capability))
		}
	}
	var known map[string]json.RawMessage
	readJSON(f, "di-eddsa-rdfc-2022.json", &known)
	for _, data := range known {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := auth.ParseCapability(data)
		if err != nil {
			refusal(t, err)
			return
		}
		if len(c.Chain()) == 0 || len(c.Chain()) > 9 {
			t.Errorf("a chain of %d", len(c.Chain()))
		}
		if !strings.HasPrefix(c.Target(), c.RootTarget()) {
			t.Errorf("target %s is not below %s", c.Target(), c.RootTarget())
		}
		again, err := auth.ParseCapability(c.JSON())
		if err != nil {
			t.Fatalf("its JSON: %v", err)
		}
		first, second := c.VerifyProofs(), again.VerifyProofs()
		if again.ID() != c.ID() || !bytes.Equal(again.JSON(), c.JSON()) || (first == nil) != (second == nil) {
			t.Errorf("its JSON says something else: %v, %v", first, second)
		}
		for i := range c.Chain() {
			options, document, _, err := auth.CanonicalForms(c, i)
			if err != nil {
				continue
			}
			for line := range strings.Lines(string(options) + string(document)) {
				if !strings.HasSuffix(line, " .\n") || strings.Count(line, " .\n") != 1 {
					t.Errorf("no quad: %q", line)
				}
			}
		}
	})
}

func FuzzParseDID(f *testing.F) {
	for did := range readKeys(f) {
		f.Add(did)
	}
	for _, id := range readP256(f).ids {
		f.Add(id.DID())
	}
	f.Add("did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169")
	f.Add(didOf(ed25519Codec, make([]byte, 32)))
	f.Add(didOf(p256Codec, append([]byte{2}, make([]byte, 32)...)))
	f.Add(didOf(p256Codec, append([]byte{4}, make([]byte, 32)...)))
	f.Fuzz(func(t *testing.T, did string) {
		key, err := auth.ParseDID(did)
		if err != nil {
			return
		}
		codec := ed25519Codec
		if len(key.Bytes()) == 33 {
			codec = p256Codec
		}
		if again := didOf(codec, key.Bytes()); again != did {
			t.Errorf("%q is another spelling of %q", did, again)
		}
		key.Verify([]byte("message"), make([]byte, 64)) // does not panic
	})
}

// FuzzZippedCapability gives what a stranger can put into the header after base64url: bytes that should be gzip of JSON.
func FuzzZippedCapability(f *testing.F) {
	genuine := map[string]bool{} // ids of the capabilities that were delegated by whom they say
	for _, v := range append(readVectors(f), readP256(f).Vectors...) {
		if c, err := auth.ParseCapability(v.Capability); err == nil && c.VerifyProofs() == nil {
			genuine[c.ID()] = true
		}
		_, rest, found := strings.Cut(v.Request.Headers["capability-invocation"], `capability="`)
		if !found {
			continue
		}
		text, _, _ := strings.Cut(rest, `"`)
		zipped, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(zipped)
	}
	f.Add(zip(f, make([]byte, 1<<20)))
	f.Add(append(zip(f, []byte("{}")), zip(f, []byte("{}"))...))
	vector := readVector(f, "10-delegated-1")
	v, access, bob := vector.verifier(f), vector.access(), readKeys(f)[vector.Expect.Invoker]
	f.Fuzz(func(t *testing.T, zipped []byte) {
		r, body := vector.request(t)
		r.Header.Set("Capability-Invocation",
			`zcap capability="`+base64.RawURLEncoding.EncodeToString(zipped)+`",action="sign"`)
		resigned(t, r, bob, seconds(testNow), seconds(testNow.Add(time.Minute)), allCovered)
		caller, err := v.Authenticate(r, body)
		if err != nil {
			refusal(t, err)
			return
		}
		// Bob may compress what he was given otherwise, and can use nothing else.
		if caller.Can(access) == nil && !genuine[caller.CapabilityID()] {
			t.Errorf("%x: allowed with %s", zipped, caller.CapabilityID())
		}
	})
}

func FuzzRevocationID(f *testing.F) {
	for _, v := range readP256(f).Vectors {
		f.Add(v.Server.Target)
	}
	f.Add(revocationsURL + "https%3A%2F%2Fkms.example%2Fzcaps%2F1")
	f.Add(revocationsURL + "urn%3Ax/zcaps/revocations/urn%3Ay")
	f.Fuzz(func(t *testing.T, target string) {
		keystore, id, ok := auth.RevocationID(target)
		if !ok {
			return
		}
		encoded := strings.TrimPrefix(auth.RootID(id), auth.RootID(""))
		if again := keystore + "/zcaps/revocations/" + encoded; again != target {
			t.Errorf("%q is another spelling of %q", target, again)
		}
		if decoded, err := url.PathUnescape(encoded); err != nil || decoded != id {
			t.Errorf("%q: the id is %q, a router reads %q, %v", target, id, decoded, err)
		}
		if id == "" || len(id) > 512 || strings.ContainsAny(keystore, "%?#") {
			t.Errorf("%q: keystore %q, id %q", target, keystore, id)
		}
		for _, c := range []byte(id) {
			if c <= ' ' || c >= 0x7f {
				t.Errorf("%q: the id %q has a byte %#x", target, id, c)
			}
		}
	})
}

// refusal is what every input that is not accepted must get.
func refusal(t *testing.T, err error) {
	t.Helper()
	var e *auth.Error
	if !errors.As(err, &e) || e.Kind == 0 || e.Message == "" || len(e.Message) > 4096 {
		t.Errorf("refused with %#v", err)
	}
}
