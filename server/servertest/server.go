// Package servertest runs a whole server for the tests of the edge, over HTTP: real storage, a real lock and the real domain, with a
// journal and an Auth server that tests can look into and break.
package servertest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"twolock/auth"
	"twolock/crypto/lock"
	"twolock/graph"
	"twolock/keystore"
	"twolock/server"
	"twolock/storage"
)

// Server is a server that runs until its test ends.
type Server struct {
	t       testing.TB
	URL     string
	API     *graph.API
	Handler http.Handler
	DB      *storage.DB
	DSN     string // of DB, to look at it from beside
	Journal *Journal
	Shares  *Shares
	Log     *Log
	Alice   *auth.Identity // the operator
	Mallory *auth.Identity // anybody
}

// Start runs a server.
func Start(t testing.TB) *Server {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	s := &Server{t: t, Journal: &Journal{}, Shares: &Shares{}, Log: &Log{}, Alice: Identity(t), Mallory: Identity(t)}
	log := s.Log.Logger()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s.URL = "http://" + l.Addr().String()

	s.DSN = "sqlite:" + filepath.Join(dir, "twolock.db")
	s.DB, err = storage.Open(ctx, s.DSN)
	must(t, err)
	t.Cleanup(func() { _ = s.DB.Close() })
	master := filepath.Join(dir, "master.key")
	_, err = lock.CreateLocal(master)
	must(t, err)
	local, err := lock.OpenLocal(master)
	must(t, err)
	service, err := keystore.Open(ctx, keystore.Options{
		Base: s.URL, Version: "test", Store: s.DB, Locks: []keystore.Lock{local}, SecondShare: s.Shares, Journal: s.Journal,
		Operators: []string{s.Alice.DID()}, CacheTTL: time.Minute, CacheEntries: 100, Now: time.Now, Log: log,
	})
	must(t, err)
	s.API, err = graph.New(service, log)
	must(t, err)
	verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: s.URL})
	must(t, err)
	s.Handler, err = server.New(server.Options{Base: s.URL, API: s.API, Verifier: verifier, Ready: service.Ready, Revoke: service.Revoke, Version: "test", Log: log})
	must(t, err)

	h := httptest.NewUnstartedServer(s.Handler)
	_ = h.Listener.Close()
	h.Listener = l
	h.Start()
	t.Cleanup(h.Close)
	return s
}

// Identity makes one.
func Identity(t testing.TB) *auth.Identity {
	t.Helper()
	id, err := auth.NewIdentity()
	must(t, err)
	return id
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Journal keeps the audit entries in memory.
type Journal struct {
	mu      sync.Mutex
	entries []keystore.Entry
	fault   func(keystore.Entry) error
}

// Append is keystore.Journal's.
func (j *Journal) Append(e keystore.Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fault != nil {
		return j.fault(e)
	}
	j.entries = append(j.entries, e)
	return nil
}

// Break makes Append do this instead; nil mends it.
func (j *Journal) Break(fault func(keystore.Entry) error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fault = fault
}

// Take returns the entries since it was called last.
func (j *Journal) Take() []keystore.Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	entries := j.entries
	j.entries = nil
	return entries
}

// Shares is an Auth server: it has one share for everybody, or an error.
type Shares struct {
	mu    sync.Mutex
	share []byte
	err   error
}

// Set says what Share answers.
func (s *Shares) Set(share []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.share, s.err = share, err
}

// Share is keystore.SecondShare's.
func (s *Shares) Share(context.Context, string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.share...), s.err
}

// Log keeps what was logged.
type Log struct {
	mu   sync.Mutex
	text []byte
}

// Logger writes to the log, at every level.
func (l *Log) Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write is io.Writer's.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
