package server_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/crypto/key"
	"twolock/crypto/lock"
	"twolock/graph"
	"twolock/keystore"
	"twolock/server"
	"twolock/server/servertest"
	"twolock/storage"
	"twolock/storage/journal"
	"twolock/storage/storagetest"
)

// The benchmarks run everything but the network: the server's handler takes signed requests, over a real database, lock and journal file. Processor
// time is what they report, for what else the machine does counts in no other way. In one run and in turn they measure:
//
//	cpu     the request, or an item of a batch
//	raw     the primitive alone
//	verify  the check of the caller's signature alone
//	cold    what a request waits for memory more when the processor has done something else for as long as the primitive takes
//	over    a request: cpu without the three; an item: cpu without 1.2 times raw
//
// The targets: over at most 50 µs for a request, 3 µs for an item.
//
// cold is the machine's: where others share its caches it grows with the time that they have, whatever is done meanwhile. It is measured with a loop that
// uses no memory, and an ED25519 signature after it. On a processor of one's own it is near nothing.

const benchBase = "http://twolock.bench"

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// stack is a server without a network.
type stack struct {
	b        *testing.B
	handler  http.Handler
	verifier *auth.Verifier
	alice    *auth.Identity
	keystore string
	ballast  []byte // as serve's
}

// open starts a server on a database: "sqlite:…" or "postgres://…".
func open(b *testing.B, database string) *stack {
	b.Helper()
	ctx, dir := context.Background(), b.TempDir()
	log := slog.New(slog.DiscardHandler)
	db, err := storage.Open(ctx, database)
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	master := filepath.Join(dir, "master.key")
	_, err = lock.CreateLocal(master)
	must(b, err)
	local, err := lock.OpenLocal(master)
	must(b, err)
	audit, err := journal.Open(filepath.Join(dir, "audit.log"))
	must(b, err)
	b.Cleanup(func() { _ = audit.Close() })
	s := &stack{b: b, alice: servertest.Identity(b), ballast: make([]byte, 32<<20)}
	service, err := keystore.Open(ctx, keystore.Options{
		Base: benchBase, Version: "bench", Store: db, Locks: []keystore.Lock{local}, Journal: audit, Operators: []string{s.alice.DID()},
		RSAPerMinute: 1000, CacheTTL: time.Hour, CacheEntries: 10_000, Now: time.Now, Log: log,
	})
	must(b, err)
	api, err := graph.New(service, log)
	must(b, err)
	s.verifier, err = auth.NewVerifier(auth.VerifierOptions{Base: benchBase})
	must(b, err)
	s.handler, err = server.New(server.Options{Base: benchBase, API: api, Verifier: s.verifier, Ready: service.Ready, Revoke: service.Revoke, Version: "bench", Log: log})
	must(b, err)
	s.keystore = s.id(s.request(benchBase+"/graphql", "createKeystore", `mutation($input: CreateKeystoreInput!) { out: createKeystore(input: $input) { made: keystore { id } } }`,
		map[string]any{"controller": s.alice.DID()}))
	return s
}

func openSQLite(b *testing.B) *stack {
	return open(b, "sqlite:"+filepath.Join(b.TempDir(), "twolock.db"))
}

// request is a signed request, to be served again and again.
type request struct {
	*http.Request
	s      *stack
	body   []byte
	answer answer
}

// answer is an http.ResponseWriter.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (s *stack) request(url, action, query string, input map[string]any) *request {
	s.b.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"input": input}})
	must(s.b, err)
	r, err := http.NewRequest(http.MethodPost, url, nil)
	must(s.b, err)
	r.RemoteAddr = "127.0.0.1:1000"
	r.Header.Set("Content-Type", "application/json")
	must(s.b, auth.SignRequest(r, body, s.alice, auth.Invocation{Action: action, RootTarget: client.RootTarget(url)}, time.Now()))
	return &request{Request: r, s: s, body: body}
}

// serve has the request answered.
func (r *request) serve() {
	again := *r.Request
	again.Body = io.NopCloser(bytes.NewReader(r.body))
	r.answer.header = http.Header{}
	r.answer.body.Reset()
	r.s.handler.ServeHTTP(&r.answer, &again)
}

// check fails unless the answer is without an error.
func (r *request) check() {
	r.s.b.Helper()
	if body := r.answer.body.Bytes(); r.answer.status != http.StatusOK || bytes.Contains(body, []byte(`"errors"`)) || bytes.Contains(body, []byte(`"code"`)) {
		r.s.b.Fatalf("%s: %d %.1000s", r.URL, r.answer.status, body)
	}
}

// authenticate is the share of the caller's signature.
func (r *request) authenticate() {
	if _, err := r.s.verifier.Authenticate(r.Request, r.body); err != nil {
		r.s.b.Fatal(err)
	}
}

// id is that of what the request makes.
func (s *stack) id(r *request) string {
	s.b.Helper()
	r.serve()
	r.check()
	var out struct {
		Data struct {
			Out struct{ Made struct{ ID string } }
		}
	}
	must(s.b, json.Unmarshal(r.answer.body.Bytes(), &out))
	return out.Data.Out.Made.ID
}

func (s *stack) create(typ key.Type) string {
	s.b.Helper()
	return s.id(s.request(s.keystore, "generateKey", `mutation($input: CreateKeyInput!) { out: createKey(input: $input) { made: key { id } } }`,
		map[string]any{"keystore": s.keystore, "type": typ}))
}

// put has the server take a key.
func (s *stack) put(k *key.Key) string {
	s.b.Helper()
	jwk, err := k.JWK()
	must(s.b, err)
	return s.id(s.request(s.keystore, "importKey", `mutation($input: ImportKeyInput!) { out: importKey(input: $input) { made: key { id } } }`,
		map[string]any{"keystore": s.keystore, "type": k.Type(), "jwk": jwk}))
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure does each of the works b.N times, and returns what processor time one took, in µs, and how many processors the first was spread over. They take
// turns, for a primitive that does nothing but repeat finds the processor's caches as no server does: P-521 takes 3 % less then.
func measure(b *testing.B, works ...func()) (used []float64, processors float64) {
	for range min(b.N, 10) {
		for _, work := range works {
			work()
		}
	}
	used = make([]float64, len(works))
	var elapsed time.Duration
	b.ResetTimer()
	for range b.N {
		for i, work := range works {
			began, before := time.Now(), cpu()
			work()
			used[i] += float64((cpu() - before).Nanoseconds()) / 1000 / float64(b.N)
			if i == 0 {
				elapsed += time.Since(began)
			}
		}
	}
	b.StopTimer()
	b.ReportMetric(0, "ns/op")
	return used, used[0] * float64(b.N) / float64(elapsed.Microseconds())
}

// use is an operation with a key.
type use struct {
	field   string
	does    key.Operation
	answers string
	batch   string // its argument with the items; "": it has no batch form
}

// uses are all of them.
var uses = []use{
	{"sign", key.OpSign, "signature version", "messages"},
	{"verify", key.OpVerify, "valid version", "items"},
	{"encrypt", key.OpEncrypt, "ciphertext nonce version", "items"},
	{"decrypt", key.OpDecrypt, "plaintext version", "items"},
	{"computeMac", key.OpComputeMAC, "mac version", "data"},
	{"verifyMac", key.OpVerifyMAC, "valid version", "items"},
	{"wrapKey", key.OpWrapKey, "wrappedKey algorithm epk version", ""},
	{"unwrapKey", key.OpUnwrapKey, "unwrappedKey version", ""},
	{"seal", key.OpSeal, "ciphertext nonce version", ""},
	{"open", key.OpOpen, "plaintext version", ""},
	{"encapsulate", key.OpEncapsulate, "sharedSecret ciphertext version", ""},
	{"decapsulate", key.OpDecapsulate, "sharedSecret version", ""},
	{"deriveSecret", key.OpDeriveSecret, "secret", ""},
	{"deriveKey", key.OpDeriveKey, "secret", ""},
	{"generateDataKey", key.OpEncrypt, "plaintext ciphertext nonce version", "items"},
	{"reencrypt", key.OpDecrypt, "ciphertext nonce sourceVersion version", "items"},
}

func (u use) query(batch bool) string {
	field, answers := u.field, u.answers
	if batch {
		field, answers = field+"Batch", "results { "+answers+" error { code message } }"
	}
	return fmt.Sprintf("mutation($input: %sInput!) { %s(input: $input) { %s } }", strings.ToUpper(field[:1])+field[1:], field, answers)
}

// works returns what the operation is given with a key, but for the key, and the primitive alone, on the same.
func (u use) works(b *testing.B, k *key.Key) (map[string]any, func() error) {
	b.Helper()
	message := storagetest.Bytes(128)
	text := func(p []byte) string { return base64.RawURLEncoding.EncodeToString(p) }
	encrypted := func() ([]byte, []byte) {
		ciphertext, nonce, err := k.Encrypt(message, key.EncryptOptions{})
		must(b, err)
		return ciphertext, nonce
	}
	switch u.field {
	case "sign":
		return map[string]any{"message": text(message)}, func() error { _, err := k.Sign(message, key.SignOptions{}); return err }
	case "verify":
		signature, err := k.Sign(message, key.SignOptions{})
		must(b, err)
		return map[string]any{"message": text(message), "signature": text(signature)}, func() error { _, err := k.Verify(message, signature, key.SignOptions{}); return err }
	case "encrypt":
		return map[string]any{"plaintext": text(message)}, func() error { _, _, err := k.Encrypt(message, key.EncryptOptions{}); return err }
	case "decrypt":
		ciphertext, nonce := encrypted()
		return map[string]any{"ciphertext": text(ciphertext), "nonce": text(nonce)}, func() error { _, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{}); return err }
	case "computeMac":
		return map[string]any{"data": text(message)}, func() error { _, err := k.ComputeMAC(message); return err }
	case "verifyMac":
		code, err := k.ComputeMAC(message)
		must(b, err)
		return map[string]any{"data": text(message), "mac": text(code)}, func() error { _, err := k.VerifyMAC(message, code); return err }
	case "wrapKey":
		return map[string]any{"keyToWrap": text(message[:32])}, func() error { _, err := k.Wrap(message[:32], key.WrapOptions{}); return err }
	case "unwrapKey":
		w, err := k.Wrap(message[:32], key.WrapOptions{})
		must(b, err)
		in := map[string]any{"wrappedKey": text(w.EncryptedKey)}
		if w.EPK != nil {
			in["epk"] = w.EPK
		}
		return in, func() error { _, err := k.Unwrap(w, key.WrapOptions{}); return err }
	case "seal":
		return map[string]any{"plaintext": text(message)}, func() error { _, _, err := k.Seal(message, nil); return err }
	case "open":
		ciphertext, nonce, err := k.Seal(message, nil)
		must(b, err)
		return map[string]any{"ciphertext": text(ciphertext)}, func() error { _, err := k.Open(ciphertext, nonce, nil); return err }
	case "encapsulate":
		return map[string]any{}, func() error { _, _, err := k.Encapsulate(); return err }
	case "decapsulate":
		_, ciphertext, err := k.Encapsulate()
		must(b, err)
		return map[string]any{"ciphertext": text(ciphertext)}, func() error { _, err := k.Decapsulate(ciphertext); return err }
	case "deriveSecret":
		peer, err := key.Generate(k.Type())
		must(b, err)
		p := peer.Public().Bytes()
		return map[string]any{"publicKey": text(p)}, func() error { _, err := k.Agree(p); return err }
	case "deriveKey":
		in, o := map[string]any{"length": 32}, key.DeriveOptions{Length: 32}
		if k.Public() != nil {
			peer, err := key.Generate(k.Type())
			must(b, err)
			o.Peer = peer.Public().Bytes()
			in["publicKey"] = text(o.Peer)
		}
		return in, func() error { _, err := k.Derive(o); return err }
	case "generateDataKey":
		return map[string]any{}, func() error { _, _, err := k.Encrypt(message[:32], key.EncryptOptions{}); return err }
	case "reencrypt":
		ciphertext, nonce := encrypted()
		return map[string]any{"ciphertext": text(ciphertext), "nonce": text(nonce)}, func() error {
			plain, err := k.Decrypt(ciphertext, nonce, key.EncryptOptions{})
			if err == nil {
				_, _, err = k.Encrypt(plain, key.EncryptOptions{})
			}
			return err
		}
	}
	b.Fatalf("what is %s given?", u.field)
	return nil, nil
}

// each runs do for every type and operation.
func each(b *testing.B, do func(b *testing.B, s *stack, u use, k *key.Key, url string)) {
	s := openSQLite(b)
	for _, typ := range key.Types() {
		b.Run(string(typ), func(b *testing.B) {
			s.b = b
			k, err := key.Generate(typ)
			must(b, err)
			url := s.put(k)
			for _, u := range uses {
				if slices.Contains(typ.Operations(), u.does) {
					b.Run(u.field, func(b *testing.B) {
						s.b = b
						do(b, s, u, k, url)
					})
				}
			}
		})
	}
	runtime.KeepAlive(s.ballast)
}

// BenchmarkOperation is each operation of each type, alone in its request.
func BenchmarkOperation(b *testing.B) {
	each(b, func(b *testing.B, s *stack, u use, k *key.Key, url string) {
		in, raw := u.works(b, k)
		in["key"] = url
		r := s.request(url, u.field, u.query(false), in)
		signer := s.create(key.Ed25519)
		other := s.request(signer, "sign", uses[0].query(false), map[string]any{"key": signer, "message": "AAAA"})
		var long time.Duration // the primitive takes
		primitive := func() {
			began := time.Now()
			must(b, raw())
			long = time.Since(began)
		}
		loop := func() {
			for began := time.Now(); time.Since(began) < long; {
			}
		}
		// Two requests come after something long, one of them after what it does itself; the rest after a request.
		used, _ := measure(b, primitive, r.serve, loop, other.serve, other.serve, r.authenticate)
		r.check()
		other.check()
		raws, cpu, cold, verify := used[0], used[1], used[3]-used[4], used[5]
		report(b, "op", cpu, raws, verify, cpu-raws-verify-cold)
		b.ReportMetric(cold, "cold-µs/op")
	})
}

func report(b *testing.B, of string, cpu, raw, verify, over float64) {
	b.ReportMetric(cpu, "cpu-µs/"+of)
	b.ReportMetric(raw, "raw-µs/"+of)
	b.ReportMetric(verify, "verify-µs/"+of)
	b.ReportMetric(over, "over-µs/"+of)
}

// BenchmarkBatch is each operation that has a batch form, with a thousand items, or as many as a request has room for. ratio is cpu to raw.
func BenchmarkBatch(b *testing.B) {
	each(b, func(b *testing.B, s *stack, u use, k *key.Key, url string) {
		if u.batch == "" {
			b.Skip("it has no batch form")
		}
		in, raw := u.works(b, k)
		var item any = in
		if u.batch != "items" { // of nothing else
			for _, only := range in {
				item = only
			}
		}
		one, err := json.Marshal(item)
		must(b, err)
		n := min(1000, (1<<20-4096)/(len(one)+1))
		r := s.request(url, u.field, u.query(true), map[string]any{"key": url, u.batch: slices.Repeat([]any{item}, n)})
		used, processors := measure(b, r.serve, func() {
			for range n {
				must(b, raw())
			}
		}, r.authenticate)
		r.check()
		for i := range used {
			used[i] /= float64(n)
		}
		report(b, "item", used[0], used[1], used[2], used[0]-1.2*used[1])
		b.ReportMetric(used[0]/used[1], "ratio")
		b.ReportMetric(processors, "processors")
	})
}

// BenchmarkVersions is a signature by a key of so many versions.
func BenchmarkVersions(b *testing.B) {
	s := openSQLite(b)
	for _, n := range []int{1, 10_000} {
		url := s.create(key.Ed25519)
		rotate := s.request(url, "rotateKey", `mutation($input: RotateKeyInput!) { rotateKey(input: $input) { key { version } } }`, map[string]any{"key": url})
		for range n - 1 {
			rotate.serve()
			rotate.check()
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s.b = b
			r := s.request(url, "sign", uses[0].query(false), map[string]any{"key": url, "message": "AAAA"})
			used, _ := measure(b, r.serve)
			r.check()
			b.ReportMetric(used[0], "cpu-µs/op")
		})
	}
	runtime.KeepAlive(s.ballast)
}

// BenchmarkListKeys is a page of a hundred keys of a million.
func BenchmarkListKeys(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "twolock.db")
		listKeys(b, "sqlite:"+path, "sqlite", path)
	})
	b.Run("postgres", func(b *testing.B) {
		dsn := storagetest.Postgres(b)
		listKeys(b, dsn, "pgx", dsn)
	})
}

// listKeys makes real keys where the pages are that it reads, and between them a crowd of others, by SQL, that do not open.
func listKeys(b *testing.B, database, driver, dsn string) {
	s := open(b, database)
	db, err := sql.Open(driver, dsn)
	must(b, err)
	defer db.Close()
	exec := func(statement string, args ...any) {
		b.Helper()
		_, err := db.Exec(statement, args...)
		must(b, err)
	}
	// crowd adds half a million keys after those that are there, a microsecond after each other, and returns a cursor after them.
	const half = 500_000
	crowd := func() string {
		var id string
		var created int64
		must(b, db.QueryRow(`SELECT id, created_at FROM keys ORDER BY created_at DESC LIMIT 1`).Scan(&id, &created))
		const numbers = `WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 500000) `
		columns := `type, state, version, max_chain, request, name, description, tags, public_only, exportable, operations, algorithms, revision, oldest, delete_at,
			min_verify, min_decrypt, rotation_period, rotate_at, meta_tag, due_at`
		exec(numbers+`INSERT INTO keys (keystore_id, id, created_at, `+columns+`)
			SELECT keystore_id, id || (1000000 + i), created_at + i, `+columns+` FROM keys, numbers WHERE id = $1`, id)
		exec(`INSERT INTO key_versions (keystore_id, key_id, version, public_key, sealed, request, tag, created_at)
			SELECT k.keystore_id, k.id, 1, v.public_key, v.sealed, v.request, v.tag, k.created_at FROM keys k, key_versions v WHERE v.key_id = $1 AND k.id LIKE $2`,
			id, id+"1______")
		time.Sleep(time.Until(time.UnixMicro(created + half + 1)))
		return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d,%s", created+half+1, id))
	}
	hundred := func() {
		for range 101 { // a page looks at the key after it
			s.create(key.Ed25519)
		}
	}
	hundred()
	middle := crowd()
	hundred()
	last := crowd()
	hundred()
	if driver == "pgx" {
		exec("ANALYZE")
	}
	for _, page := range []struct{ name, after string }{{"first", ""}, {"middle", middle}, {"last", last}} {
		b.Run("million/"+page.name, func(b *testing.B) {
			s.b = b
			after := ""
			if page.after != "" {
				after = fmt.Sprintf(", after: %q", page.after)
			}
			query := fmt.Sprintf(`query { keystore(id: %q) { keys(first: 100%s) { nodes { id type state version createdAt } damaged pageInfo { endCursor hasNextPage } } } }`, s.keystore, after)
			r := s.request(s.keystore, "read", query, nil)
			began := time.Now()
			used, _ := measure(b, r.serve)
			b.ReportMetric(float64(time.Since(began).Microseconds())/float64(b.N+min(b.N, 10)), "wall-µs/op")
			b.ReportMetric(used[0], "cpu-µs/op")
			r.check()
			if n := bytes.Count(r.answer.body.Bytes(), []byte(`"ED25519"`)); n != 100 {
				b.Fatalf("%d keys on the page: %.500s", n, r.answer.body.Bytes())
			}
		})
	}
	runtime.KeepAlive(s.ballast)
}
