package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"twolock/crypto/lock"
	"twolock/storage/storagetest"
)

// Two servers on one database; two secrets race to be a keystore's lock at its first createKey. One wins, the other seals nothing.
func TestTwoServersPinOneLock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.database = storagetest.Postgres(t)
	address := free(t)
	first := start(t, at(address, w.flags("local"))...)
	// The second answers on another port for the same URLs, as behind a balancer.
	other := start(t, append(at("", w.flags("local")), "--base-url", first.url)...)
	foreign, err := lock.SplitSecret(lock.Generate32(), 2, 2)
	must(t, err)
	b64 := encoding.EncodeToString
	secrets := [][]string{{b64(w.shares[0]), b64(w.shares[1])}, {b64(foreign[0]), b64(foreign[1])}}
	direct := &http.Transport{}
	through := &http.Transport{DialContext: dialer(other.addr)}
	t.Cleanup(direct.CloseIdleConnections)
	t.Cleanup(through.CloseIdleConnections)
	for round := range 10 {
		keystore := w.keystore(first, "SHAMIR", false)
		won := make([]int, 2)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i, transport := range []*http.Transport{direct, through, direct, through} {
			wg.Go(func() {
				c := as(w.alice)
				c.HTTP = &http.Client{Transport: transport, Timeout: 10 * time.Second}
				u := &user{t: t, c: c, keystore: keystore, shares: secrets[i%2], keys: map[string]string{}}
				_, err := u.create("ED25519")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won[i%2]++
				} else if code(err) != "WRONG_SHARE" {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		if (won[0] == 0) == (won[1] == 0) {
			t.Fatalf("round %d: the secrets sealed %d and %d keys; exactly one of them may seal any", round, won[0], won[1])
		}
	}
}

// dialer dials one address, whatever is asked for.
func dialer(address string) func(ctx context.Context, network, _ string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}

// With a certificate the server speaks TLS 1.3, and its URLs are https.
func TestTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cert, pool := makeCertificate(t, w.dir)
	n := start(t, at("", append(w.flags("local"), "--tls-cert", cert+".crt", "--tls-key", cert+".key"))...)
	if n.url[:8] != "https://" {
		t.Fatalf("base URL %s", n.url)
	}
	c := as(w.alice)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	c.HTTP = &http.Client{Transport: transport}
	must(t, c.Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{"controller": w.alice.DID()}), nil))
	old, err := tls.Dial("tcp", n.addr, &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS12})
	if err == nil {
		old.Close()
		t.Error("the server speaks TLS 1.2")
	}

	// A renewed certificate is used from the next connection on; half of one is not.
	served := func() []byte {
		c, err := tls.Dial("tcp", n.addr, &tls.Config{InsecureSkipVerify: true})
		must(t, err)
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Raw
	}
	before := served()
	next, pool := makeCertificate(t, t.TempDir())
	move := func(suffix string) {
		moved := time.Now().Add(time.Second) // whatever the file system's clock
		must(t, os.Chtimes(next+suffix, moved, moved))
		must(t, os.Rename(next+suffix, cert+suffix))
	}
	move(".crt")
	if !bytes.Equal(served(), before) || !strings.Contains(n.log.String(), "cannot be used") {
		t.Errorf("with a certificate that does not fit the key: %s", n.log)
	}
	move(".key")
	again, err := tls.Dial("tcp", n.addr, &tls.Config{RootCAs: pool})
	if err != nil {
		t.Fatalf("after the renewal: %v", err)
	}
	again.Close()
}

// Who moves the audit log away and sends SIGHUP finds what follows in a new file, and no entry lost.
func TestAuditLogMoved(t *testing.T) {
	w := newWorld(t)
	path, moved := filepath.Join(w.dir, "audit.log"), filepath.Join(w.dir, "audit.log.1")
	n := start(t, at("", append(w.flags("local"), "--audit-log", path))...)
	ks := w.keystore(n, "LOCAL", false)
	generate := func() {
		t.Helper()
		must(t, as(w.alice).Do(context.Background(), ks, "generateKey", createKey, input(map[string]any{"keystore": ks, "type": "ED25519"}), nil))
	}
	must(t, os.Rename(path, moved))
	generate() // goes on in the file that was moved
	self, err := os.FindProcess(os.Getpid())
	must(t, err)
	must(t, self.Signal(syscall.SIGHUP))
	eventually(t, "the log is opened anew", 10*time.Second, func() bool { return strings.Contains(n.log.String(), "opened the audit log anew") })
	generate()
	for file, want := range map[string]int{moved: 1, path: 1} {
		b, err := os.ReadFile(file)
		must(t, err)
		if got := bytes.Count(b, []byte(`"generateKey"`)); got != want {
			t.Errorf("%s: %d entries of generateKey, want %d: %s", file, got, want, b)
		}
	}
}

func makeCertificate(t *testing.T, dir string) (path string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	path = filepath.Join(dir, "tls")
	must(t, os.WriteFile(path+".crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(path+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600))
	c, err := x509.ParseCertificate(der)
	must(t, err)
	pool = x509.NewCertPool()
	pool.AddCert(c)
	return path, pool
}

// Keys are listed page by page, oldest first, on every store; nothing comes twice and nothing is left out.
func TestListing(t *testing.T) {
	t.Parallel()
	for _, vault := range []bool{false, true} {
		w := newWorld(t)
		n := start(t, at("", w.flags("local"))...)
		u := &user{t: t, c: as(w.alice), keystore: w.keystore(n, "LOCAL", vault), keys: map[string]string{}}
		var want []string
		for range 7 {
			url, err := u.create("HMAC_SHA256")
			must(t, err)
			want = append(want, url)
		}
		var got []string
		var after *string
		for page := 0; ; page++ {
			var out struct {
				Keystore struct {
					Keys struct {
						Nodes    []struct{ ID string }
						PageInfo struct {
							HasNextPage, HasPreviousPage bool
							EndCursor                    *string
						}
						TotalCount *int
					}
				}
			}
			must(t, u.c.Do(context.Background(), u.keystore, "read", readKeystore, map[string]any{"id": u.keystore, "first": 3, "after": after}, &out))
			for _, k := range out.Keystore.Keys.Nodes {
				got = append(got, k.ID)
			}
			info := out.Keystore.Keys.PageInfo
			if info.HasPreviousPage != (page > 0) || info.HasNextPage != (page < 2) || out.Keystore.Keys.TotalCount != nil {
				t.Errorf("page %d: %+v", page, out.Keystore.Keys)
			}
			if after = info.EndCursor; !info.HasNextPage {
				break
			}
		}
		if len(got) != len(want) {
			t.Fatalf("vault=%t: listed %d keys, want %d", vault, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("vault=%t: key %d is %s, want %s", vault, i, got[i], want[i])
			}
		}
	}
}
