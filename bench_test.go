package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mr-tron/base58"

	"twolock/auth"
	"twolock/storage/storagetest"
)

// The benchmarks run servers as processes of their own and read the processor time those used, so that the client's share is left out:
// server-µs/op is what to look at. Compare BenchmarkSign/sqlite with BenchmarkSign/bare.

// childEnv makes the test binary a server: "serve" with the arguments, or "bare".
const childEnv = "TWOLOCK_TEST_CHILD"

func child() {
	switch os.Getenv(childEnv) {
	case "serve":
		p := &program{os.Stdin, os.Stdout, os.Stderr, func(string) string { return "" }, time.Now}
		os.Exit(p.run(context.Background(), os.Args[1:]))
	case "bare":
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(os.Stderr, `{"msg":"listening","url":"http://%s"}`+"\n", l.Addr())
		panic(http.Serve(l, http.HandlerFunc(bare)))
	}
}

var bareKey = ed25519.NewKeyFromSeed(make([]byte, 32))

// bare is the least that a server can do for an authenticated sign: check the digest, verify the signature, decode the JSON, sign, encode.
func bare(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	digest := sha256.Sum256(body)
	if r.Header.Get("Digest") != "mh=u"+base64.RawURLEncoding.EncodeToString(append([]byte{0x12, 0x20}, digest[:]...)) {
		panic("digest")
	}
	params := map[string]string{}
	for _, p := range strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Signature "), ",") {
		k, v, _ := strings.Cut(p, "=")
		params[k] = strings.Trim(v, `"`)
	}
	var s strings.Builder
	for i, name := range strings.Fields(params["headers"]) {
		if i > 0 {
			s.WriteByte('\n')
		}
		value := r.Header.Get(name)
		switch name {
		case "(key-id)":
			value = params["keyId"]
		case "(created)":
			value = params["created"]
		case "(expires)":
			value = params["expires"]
		case "(request-target)":
			value = "post " + r.URL.Path
		case "host":
			value = r.Host
		}
		s.WriteString(name + ": " + value)
	}
	did, _, _ := strings.Cut(params["keyId"], "#")
	multikey, err := base58.Decode(strings.TrimPrefix(did, "did:key:z"))
	if err != nil || len(multikey) != 34 {
		panic("did")
	}
	signature, err := base64.StdEncoding.DecodeString(params["signature"])
	if err != nil || !ed25519.Verify(multikey[2:], []byte(s.String()), signature) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var in struct {
		Query     string
		Variables struct{ Input struct{ Key, Message string } }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		panic(err)
	}
	message, err := base64.RawURLEncoding.DecodeString(in.Variables.Input.Message)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"sign": map[string]any{
		"signature": base64.RawURLEncoding.EncodeToString(ed25519.Sign(bareKey, message)), "version": 1,
	}}})
}

// process is a server of its own.
type process struct {
	cmd *exec.Cmd
	url string
}

func startProcess(tb testing.TB, kind string, args ...string) *process {
	tb.Helper()
	exe, err := os.Executable()
	must(tb, err)
	p := &process{cmd: exec.Command(exe, args...)}
	p.cmd.Env = append(os.Environ(), childEnv+"="+kind)
	stderr, err := p.cmd.StderrPipe()
	must(tb, err)
	must(tb, p.cmd.Start())
	tb.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var e struct{ Msg, URL string }
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Msg == "listening" {
			p.url = e.URL
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return p
		}
	}
	tb.Fatalf("%s does not listen", kind)
	return nil
}

// cpu is the processor time the process used so far; /proc counts it in hundredths of a second.
func (p *process) cpu(tb testing.TB) time.Duration {
	tb.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	must(tb, err)
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+2:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

func (p *process) rss(tb testing.TB) float64 {
	tb.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	must(tb, err)
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	must(tb, err)
	return kb / 1024
}

func benchServer(b *testing.B, database string) (*process, *user) {
	b.Helper()
	alice, dir := newIdentity(b), b.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "twolock.db")
	if database == "postgres" {
		dsn = storagetest.Postgres(b)
	}
	p := startProcess(b, "serve", "serve", "--listen", free(b), "--data-dir", dir, "--database", dsn, "--operator", alice.DID())
	var out struct {
		CreateKeystore struct{ Keystore struct{ ID string } }
	}
	must(b, as(alice).Do(context.Background(), p.url+"/graphql", "createKeystore", createKeystore, input(map[string]any{"controller": alice.DID()}), &out))
	u := &user{t: b, c: as(alice), keystore: out.CreateKeystore.Keystore.ID, keys: map[string]string{}}
	url, err := u.create("ED25519")
	must(b, err)
	u.keys["ED25519"] = url
	return p, u
}

// signed makes the bytes of one signed request, to be sent again and again: the server cannot tell, and the client's work is nothing.
func signed(tb testing.TB, id *auth.Identity, url, action, query string, variables any) []byte {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	must(tb, err)
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	must(tb, err)
	r.Header.Set("Content-Type", "application/json")
	root := url
	if i := strings.Index(url, "/keys/"); i > 0 {
		root = url[:i]
	}
	must(tb, auth.SignRequest(r, body, id, auth.Invocation{RootTarget: root, Action: action}, time.Now()))
	var raw bytes.Buffer
	must(tb, r.Write(&raw))
	return raw.Bytes()
}

// load sends a request b.N times over one connection and reports what it cost the server.
func load(b *testing.B, p *process, raw []byte) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	must(b, err)
	defer conn.Close()
	answers := bufio.NewReader(conn)
	once := func() {
		if _, err := conn.Write(raw); err != nil {
			b.Fatal(err)
		}
		resp, err := http.ReadResponse(answers, nil)
		must(b, err)
		body, err := io.ReadAll(resp.Body)
		must(b, err)
		if resp.StatusCode != http.StatusOK || bytes.Contains(body, []byte(`"errors"`)) {
			b.Fatalf("%s: %s", resp.Status, body)
		}
	}
	for range 200 {
		once()
	}
	before := p.cpu(b)
	b.ResetTimer()
	for range b.N {
		once()
	}
	b.StopTimer()
	b.ReportMetric(float64((p.cpu(b)-before).Microseconds())/float64(b.N), "server-µs/op")
}

// BenchmarkSign: an authenticated sign through the whole stack, beside the bare handler.
func BenchmarkSign(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		p := startProcess(b, "bare")
		load(b, p, signed(b, newIdentity(b), p.url+"/keystores/z19wZ9FAH2YmAQSsWc2g2BunX/keys/z1A3j3uSEatdUo7dvGQL6Agmd", "sign", sign,
			input(map[string]any{"key": p.url + "/keystores/z19wZ9FAH2YmAQSsWc2g2BunX/keys/z1A3j3uSEatdUo7dvGQL6Agmd", "message": message})))
	})
	for _, database := range []string{"sqlite", "postgres"} {
		b.Run(database, func(b *testing.B) {
			p, u := benchServer(b, database)
			load(b, p, signed(b, u.c.Identity, u.keys["ED25519"], "sign", sign, input(map[string]any{"key": u.keys["ED25519"], "message": message})))
		})
	}
}

// BenchmarkCreateKey: a durable createKey through the whole stack.
func BenchmarkCreateKey(b *testing.B) {
	for _, database := range []string{"sqlite", "postgres"} {
		b.Run(database, func(b *testing.B) {
			p, u := benchServer(b, database)
			load(b, p, signed(b, u.c.Identity, u.keystore, "generateKey", createKey, input(map[string]any{"keystore": u.keystore, "type": "ED25519"})))
		})
	}
}

// BenchmarkStart: from the start of the process to its first answer, and the memory it then holds.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	args := []string{"serve", "--listen", free(b), "--data-dir", dir}
	for i := range b.N {
		p := startProcess(b, "serve", args...)
		resp, err := http.Get(p.url + "/readyz")
		must(b, err)
		resp.Body.Close()
		if i == b.N-1 {
			b.StopTimer()
			time.Sleep(2 * time.Second)
			b.ReportMetric(p.rss(b), "idle-MiB")
		}
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}
