package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mr-tron/base58"

	"twolock/auth"
)

// BenchmarkEd25519Verify is the yardstick: one signature over a kilobyte.
func BenchmarkEd25519Verify(b *testing.B) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	message := make([]byte, 1024)
	signature := ed25519.Sign(private, message)
	b.ReportAllocs()
	for b.Loop() {
		if !ed25519.Verify(public, message, signature) {
			b.Fatal("does not verify")
		}
	}
}

// BenchmarkP256Verify is the other yardstick.
func BenchmarkP256Verify(b *testing.B) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	message := make([]byte, 1024)
	sum := sha256.Sum256(message)
	signature, err := ecdsa.SignASN1(rand.Reader, private, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		sum := sha256.Sum256(message)
		if !ecdsa.VerifyASN1(&private.PublicKey, sum[:], signature) {
			b.Fatal("does not verify")
		}
	}
}

// BenchmarkRequest is Authenticate and Can of requests with chains of so many delegations, cold (nothing remembered) and cached.
func BenchmarkRequest(b *testing.B) {
	benchmarkRequest(b, newIdentity)
}

// BenchmarkRequestP256 is BenchmarkRequest where everybody has a P-256 key.
func BenchmarkRequestP256(b *testing.B) {
	benchmarkRequest(b, func(t testing.TB, _ byte) *auth.Identity { return newP256(t) })
}

func benchmarkRequest(b *testing.B, identity func(t testing.TB, n byte) *auth.Identity) {
	for _, levels := range []int{0, 1, 2, 9} {
		for _, cached := range []bool{false, true} {
			if levels == 0 && cached {
				continue
			}
			b.Run(fmt.Sprintf("delegations=%d/cached=%t", levels, cached), func(b *testing.B) {
				ids, inv := chainBy(b, identity, levels)
				r := signed(b, keystoreURL, testBody, ids[levels], inv)
				entries := -1
				if cached {
					entries = 10
				}
				v, err := auth.NewVerifier(auth.VerifierOptions{
					Base: baseURL, Now: func() time.Time { return testNow }, CacheEntries: entries,
				})
				if err != nil {
					b.Fatal(err)
				}
				access := auth.Access{
					RootTarget: keystoreURL, Controllers: []string{ids[0].DID()}, Target: keystoreURL, Action: "sign",
				}
				b.ReportAllocs()
				for b.Loop() {
					caller, err := v.Authenticate(r, []byte(testBody))
					if err != nil {
						b.Fatal(err)
					}
					if err := caller.Can(access); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRefused is what a stranger can make the server spend: at most one signature and the reading of one header.
func BenchmarkRefused(b *testing.B) {
	root := auth.Invocation{RootTarget: keystoreURL, Action: "sign"}
	stranger := newIdentity(b, 200)
	refused := func(name string, r *http.Request, controller *auth.Identity, text string) {
		b.Run(name, func(b *testing.B) {
			v := newVerifier(b, testNow)
			access := auth.Access{RootTarget: keystoreURL, Controllers: []string{controller.DID()}, Target: keystoreURL, Action: "sign"}
			b.ReportAllocs()
			for b.Loop() {
				caller, err := v.Authenticate(r, []byte(testBody))
				if err == nil {
					err = caller.Can(access)
				}
				if err == nil || !strings.Contains(err.Error(), text) {
					b.Fatalf("got %v, want …%s…", err, text)
				}
			}
		})
	}
	for kind, identity := range map[string]func(testing.TB, byte) *auth.Identity{
		"Ed25519": newIdentity,
		"P-256":   func(t testing.TB, _ byte) *auth.Identity { return newP256(t) },
	} {
		ids, nine := chainBy(b, identity, 9)
		last := ids[9]
		for name, inv := range map[string]auth.Invocation{"root": root, "nine delegations": nine} {
			r := signed(b, keystoreURL, testBody, last, inv)
			refused(kind+", "+name+", of another keystore's controller", r, stranger, "not allowed")
			r = r.Clone(b.Context())
			replace(r, "Authorization", signatureOf(r.Header.Get("Authorization")), base64.StdEncoding.EncodeToString(last.Sign(nil)))
			refused(kind+", "+name+", bad signature", r, ids[0], "does not verify")
		}
		// Said to be the controller's, who signed something else.
		data, path := nine.Capability.JSON(), []any{}
		for i := 8; i > 0; i-- {
			path = append(path, "proof", "capabilityChain", i)
		}
		forged, err := auth.ParseCapability(edit(b, data, "z"+base58.Encode(ids[0].Sign(nil)), append(path, "proof", "proofValue")...))
		if err != nil {
			b.Fatal(err)
		}
		r := signed(b, keystoreURL, testBody, last, auth.Invocation{Capability: forged, Action: "sign"})
		refused(kind+", nine delegations, forged", r, ids[0], "not allowed")
	}
	for name, c := range map[string]struct{ data, text string }{
		"zeros that unzip to 5 MiB": {string(make([]byte, 5<<20)), "unzips to more"},
		"32 KiB of arrays":          {`{"@context":` + strings.Repeat("[", 32<<10-12), "must be"},
		"32 KiB of actions":         {`{"allowedAction":["` + strings.Repeat(`a","`, 8000) + `a"]}`, "at most 128"},
	} {
		r := signed(b, keystoreURL, testBody, newIdentity(b, 1), root)
		r.Header.Set("Capability-Invocation",
			`zcap capability="`+base64.RawURLEncoding.EncodeToString(zip(b, []byte(c.data)))+`",action="sign"`)
		refused(name, r, stranger, c.text)
	}
}

func BenchmarkSignRequest(b *testing.B) {
	ids, inv := chainOf(b, 1)
	body := []byte(`{"query":"{ keystore { id } }"}`)
	r, err := http.NewRequest("POST", keystoreURL, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := auth.SignRequest(r, body, ids[1], inv, testNow); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseDID(b *testing.B) {
	id := newIdentity(b, 1)
	p256 := newP256(b)
	for name, did := range map[string]string{"Ed25519": id.DID(), "P-256": p256.DID()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := auth.ParseDID(did); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
