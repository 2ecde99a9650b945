package auth_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"testing"
	"time"

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

// BenchmarkRequest is Authenticate and Can of requests with chains of so many delegations, cold (nothing remembered) and cached.
func BenchmarkRequest(b *testing.B) {
	for _, levels := range []int{0, 1, 2, 9} {
		for _, cached := range []bool{false, true} {
			if levels == 0 && cached {
				continue
			}
			b.Run(fmt.Sprintf("delegations=%d/cached=%t", levels, cached), func(b *testing.B) {
				ids, inv := chainOf(b, levels)
				const body = `{"query":"mutation { sign(input: {data: \"aGVsbG8\"}) { bytes } }"}`
				r, err := http.NewRequest("POST", keystoreURL, bytes.NewReader([]byte(body)))
				if err != nil {
					b.Fatal(err)
				}
				if err := auth.SignRequest(r, []byte(body), ids[levels], inv, testNow); err != nil {
					b.Fatal(err)
				}
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
					caller, err := v.Authenticate(r, []byte(body))
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
	b.ReportAllocs()
	for b.Loop() {
		if _, err := auth.ParseDID(id.DID()); err != nil {
			b.Fatal(err)
		}
	}
}
