package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/companion/authserver"
	"twolock/companion/awskms"
	edvserver "twolock/companion/edv"
	"twolock/crypto/lock"
	"twolock/storage/storagetest"
)

const (
	awsARN    = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	awsRegion = "eu-central-1"
	authToken = "service-token-for-tests"
)

func TestMain(m *testing.M) {
	child()
	os.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	os.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI-EXAMPLE")
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	flag.Parse()
	_ = flag.Set("test.parallel", "16") // they wait more than they work
	os.Exit(m.Run())
}

// world is everything around a twolock server: the outside services, over real HTTP, and the people.
type world struct {
	t                       *testing.T
	aws                     *awskms.Server
	awsCalls                awsCalls
	auth                    *authserver.Server
	edv                     *edvserver.Server
	awsURL, authURL, edvURL string
	alice, mallory          *auth.Identity
	shares                  [][]byte // alice's; the Auth server has the last one
	dir, database           string
	clock                   clock // everybody's: the server's, the vault's and the people's
}

// clock is a clock that can be put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), alice: newIdentity(t), mallory: newIdentity(t)}
	w.aws = awskms.New(awskms.Options{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI-EXAMPLE", Region: awsRegion, Keys: []string{awsARN}, OnCall: w.awsCalls.add})
	t.Cleanup(w.aws.Close)
	w.awsURL = serveHTTP(t, w.aws)
	var err error
	if w.shares, err = lock.SplitSecret(lock.Generate32(), 3, 2); err != nil {
		t.Fatal(err)
	}
	w.auth = authserver.New(authserver.Options{ServiceToken: authToken, Shares: map[string][]byte{w.alice.DID(): w.shares[2], w.mallory.DID(): anyShare(9)}})
	t.Cleanup(w.auth.Close)
	w.authURL = serveHTTP(t, w.auth)
	l := listen(t)
	w.edvURL = "http://" + l.Addr().String()
	if w.edv, err = edvserver.New(edvserver.Options{Base: w.edvURL, Now: w.clock.now}); err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, w.edv)
	return w
}

// anyShare is a share of nobody's secret; x is not 0.
func anyShare(x byte) []byte { return append(storagetest.Bytes(32), x) }

func newIdentity(t testing.TB) *auth.Identity {
	t.Helper()
	id, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func serveHTTP(t testing.TB, h http.Handler) string {
	l := listen(t)
	serveOn(t, l, h)
	return "http://" + l.Addr().String()
}

func serveOn(t testing.TB, l net.Listener, h http.Handler) {
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
}

// node is a running twolock server.
type node struct {
	t    testing.TB
	url  string
	did  string
	addr string
	log  *logBuffer
	stop func() int
}

// start runs `twolock serve` with the flags until the test ends or stop is called.
func start(t testing.TB, flags ...string) *node {
	t.Helper()
	n, code := tryStart(t, flags...)
	if n == nil {
		t.Fatalf("serve %q: exit %d", flags, code)
	}
	return n
}

// startAt is start by a clock of one's own.
func startAt(t testing.TB, now func() time.Time, flags ...string) *node {
	t.Helper()
	n, code := tryStartAt(t, now, flags...)
	if n == nil {
		t.Fatalf("serve %q: exit %d", flags, code)
	}
	return n
}

// tryStart returns nil and the exit code when the server does not come to listen.
func tryStart(t testing.TB, flags ...string) (*node, int) {
	t.Helper()
	return tryStartAt(t, time.Now, flags...)
}

func tryStartAt(t testing.TB, now func() time.Time, flags ...string) (*node, int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := &logBuffer{listening: make(chan struct{})}
	p := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: log, env: func(string) string { return "" }, now: now}
	exit := make(chan int, 1)
	go func() { exit <- p.run(ctx, append([]string{"serve"}, flags...)) }()
	var once sync.Once
	code := 0
	n := &node{t: t, log: log, stop: func() int {
		once.Do(func() { cancel(); code = <-exit })
		http.DefaultClient.CloseIdleConnections() // to the server that is gone
		return code
	}}
	select {
	case code = <-exit:
		once.Do(cancel)
		n.t.Logf("serve ended with %d: %s", code, log.String())
		lastLog = log.String()
		return nil, code
	case <-log.listening:
	case <-time.After(20 * time.Second):
		cancel()
		t.Fatalf("serve does not listen: %s", log.String())
	}
	t.Cleanup(func() { n.stop() })
	n.url, n.did, n.addr = log.entry.URL, log.entry.DID, log.entry.Address
	return n, 0
}

// lastLog is what the last server that did not start wrote; tests that read it do not run in parallel.
var lastLog string

// logBuffer keeps what a server logs and sees it listen.
type logBuffer struct {
	mu        sync.Mutex
	buf       bytes.Buffer
	listening chan struct{}
	entry     struct{ Msg, URL, DID, Address string }
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Write(p)
	if b.entry.Msg != "listening" && json.Unmarshal(p, &b.entry) == nil && b.entry.Msg == "listening" {
		close(b.listening)
	}
	return len(p), nil
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// flags are what a server in this world is started with. Without a cache every use asks every upstream.
func (w *world) flags(serverLock string) []string {
	if w.database == "" {
		w.database = "sqlite:" + filepath.Join(w.dir, "twolock.db")
	}
	f := []string{
		"--data-dir", w.dir, "--database", w.database, "--operator", w.alice.DID(), "--cache-ttl", "0",
		"--auth-url", w.authURL, "--auth-token", authToken, "--aws-endpoint", w.awsURL, "--aws-region", awsRegion,
	}
	if serverLock == "aws" {
		return append(f, "--server-lock", "aws-kms:"+awsARN)
	}
	return append(f, "--server-lock", "local:"+filepath.Join(w.dir, "master.key"))
}

// at keeps the server's address over restarts: identifiers are URLs.
func at(addr string, flags []string) []string {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	return append([]string{"--listen", addr}, flags...)
}

// keystore makes one for alice, with a vault of hers if asked.
func (w *world) keystore(n *node, userLock string, vault bool) string {
	w.t.Helper()
	return w.keystoreFor(w.t, n, userLock, vault)
}

func (w *world) keystoreFor(t testing.TB, n *node, userLock string, vault bool, more ...map[string]any) string {
	t.Helper()
	in := map[string]any{"controller": w.alice.DID(), "userLock": userLock}
	if vault {
		url, c := w.vault(n.did, w.clock.now().Add(60*24*time.Hour))
		in["vault"] = map[string]any{"url": url, "capability": json.RawMessage(c.JSON())}
	}
	var out struct {
		CreateKeystore struct{ Keystore struct{ ID string } }
	}
	for _, m := range more {
		maps.Copy(in, m)
	}
	c := &client.Client{Identity: w.alice, Now: w.clock.now}
	must(t, c.Do(context.Background(), n.url+"/graphql", "createKeystore", createKeystore, input(in), &out))
	return out.CreateKeystore.Keystore.ID
}

func (w *world) vault(service string, expires time.Time) (string, *auth.Capability) {
	w.t.Helper()
	url, err := edvserver.CreateVault(context.Background(), w.edvURL, w.alice, w.clock.now())
	must(w.t, err)
	c, err := edvserver.DelegateDocuments(w.alice, url, service, w.clock.now(), expires)
	must(w.t, err)
	return url, c
}

const (
	createKeystore = `mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id controller userLock vaultUrl vaultCapabilityExpires } rootCapabilities } }`
	createKey      = `mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id type state version publicKey { bytes spki pem jwk multikey } } } }`
	sign           = `mutation($input: SignInput!) { sign(input: $input) { signature version } }`
	verify         = `mutation($input: VerifyInput!) { verify(input: $input) { valid version } }`
	encrypt        = `mutation($input: EncryptInput!) { encrypt(input: $input) { ciphertext nonce version } }`
	decrypt        = `mutation($input: DecryptInput!) { decrypt(input: $input) { plaintext version } }`
	computeMac     = `mutation($input: ComputeMacInput!) { computeMac(input: $input) { mac version } }`
	verifyMac      = `mutation($input: VerifyMacInput!) { verifyMac(input: $input) { valid version } }`
	readKey        = `query($id: ID!) { key(id: $id) { id type state version createdAt publicKey { bytes } } }`
	readKeystore   = `query($id: ID!, $after: String, $first: Int) { keystore(id: $id) { id controller userLock vaultUrl vaultCapabilityExpires createdAt keys(first: $first, after: $after) { nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } } }`
)

func input(in map[string]any) map[string]any { return map[string]any{"input": in} }

func as(id *auth.Identity) *client.Client { return &client.Client{Identity: id} }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// code returns an answer's error code; "" for success.
func code(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[client.Errors](err); ok {
		return e.Code()
	}
	return "transport: " + err.Error()
}

func wantCode(t testing.TB, what string, err error, want string) client.Error {
	t.Helper()
	if got := code(err); got != want {
		t.Fatalf("%s: got %q (%v), want %q", what, got, err, want)
	}
	if e, ok := errors.AsType[client.Errors](err); ok {
		return e[0]
	}
	return client.Error{}
}

// user does a user's work with a keystore and remembers what must still hold later.
type user struct {
	t        testing.TB
	c        *client.Client
	keystore string
	shares   []string

	keys       map[string]string // type to URL
	public     []byte            // of the Ed25519 key
	signature  string
	ciphertext map[string]any
	mac        string
	secrets    *secrets // nil: not collected
}

func (u *user) with(in map[string]any) map[string]any {
	if u.shares != nil {
		in["secretShares"] = u.shares
	}
	return input(in)
}

func (u *user) create(kind string) (string, error) {
	var out struct {
		CreateKey struct {
			Key struct {
				ID        string
				PublicKey *struct{ Bytes string }
			}
		}
	}
	err := u.c.Do(context.Background(), u.keystore, "generateKey", createKey, u.with(map[string]any{"keystore": u.keystore, "type": kind}), &out)
	if p := out.CreateKey.Key.PublicKey; p != nil && kind == "ED25519" {
		u.public, _ = encoding.DecodeString(p.Bytes)
	}
	return out.CreateKey.Key.ID, err
}

func (u *user) do(kind, action, query string, in map[string]any, out any) error {
	in["key"] = u.keys[kind]
	return u.c.Do(context.Background(), u.keys[kind], action, query, u.with(in), out)
}

func (u *user) sign() (string, error) {
	var out struct{ Sign struct{ Signature string } }
	err := u.do("ED25519", "sign", sign, map[string]any{"message": message}, &out)
	return out.Sign.Signature, err
}

func (u *user) count() int {
	u.t.Helper()
	var out struct {
		Keystore struct{ Keys struct{ TotalCount int } }
	}
	must(u.t, u.c.Do(context.Background(), u.keystore, "read", readKeystore, map[string]any{"id": u.keystore, "first": 100}, &out))
	return out.Keystore.Keys.TotalCount
}

const message = "aGVsbG8" // hello

func free(t testing.TB) string {
	for range 100 { // not one of those that the system hands out: it would give it to somebody else meanwhile
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

// answered measures how long a call took: what fails must fail in bounded time.
func answered(t testing.TB, what string, within time.Duration, call func() error) error {
	t.Helper()
	begin := time.Now()
	err := call()
	if took := time.Since(begin); took > within {
		t.Errorf("%s: took %v, bound %v", what, took, within)
	}
	return err
}

func scanLines(s string, each func(line string)) {
	for sc := bufio.NewScanner(strings.NewReader(s)); sc.Scan(); {
		each(sc.Text())
	}
}
