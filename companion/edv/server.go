package edv

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/mr-tron/base58"

	"twolock/auth"
)

// Options configure a server.
type Options struct {
	// Base is scheme and host clients reach it by, such as "https://vault.example", without a slash at the end. Vaults' ids
	// begin with it.
	Base string
	Now  func() time.Time // nil: time.Now
}

// The bounds of what a server keeps and takes.
const (
	maxBody      = 1 << 20
	maxVaults    = 1000
	maxDocuments = 10_000 // of one vault
)

// Server is an http.Handler. What it keeps does not hang on a listener: put behind another one it goes on. Safe for concurrent use.
type Server struct {
	base     string
	verifier *auth.Verifier
	faults   faults

	mu     sync.RWMutex
	vaults map[string]*vault // by local id
}

// New makes a server without vaults.
func New(o Options) (*Server, error) {
	verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: o.Base, Now: o.Now})
	if err != nil {
		return nil, fmt.Errorf("vault server: %w", err)
	}
	return &Server{base: o.Base, verifier: verifier, faults: newFaults(), vaults: map[string]*vault{}}, nil
}

// problem is an answer other than success.
type problem struct {
	status  int
	message string
}

func (p *problem) Error() string { return p.message }

func refuse(status int, message string) error { return &problem{status, message} }

// reply is a success.
type reply struct {
	status   int
	location string
	body     any // nil: none
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, vaultID, docID := route(r.Method, r.URL.Path)
	if op == "" {
		write(w, reply{}, refuse(http.StatusNotFound, "there is nothing here"))
		return
	}
	f := s.faults.next(op)
	if f.before(w, r) {
		return
	}
	done, err := s.perform(r, op, vaultID, docID, f)
	switch {
	case err != nil:
	case f.Kind == FailAfter:
		err = refuse(http.StatusInternalServerError, "something went wrong")
	case f.Kind == DropAfter:
		panic(http.ErrAbortHandler) // the documented way to break the connection
	}
	write(w, done, err)
}

func write(w http.ResponseWriter, done reply, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		p := &problem{http.StatusInternalServerError, "something went wrong"}
		errors.As(err, &p)
		done = reply{status: p.status, body: map[string]string{"message": p.message}}
	}
	if done.location != "" {
		w.Header().Set("Location", done.location)
	}
	if done.body == nil {
		w.WriteHeader(done.status)
		return
	}
	data, err := json.Marshal(done.body, json.Deterministic(true))
	if err != nil {
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(done.status)
	_, _ = w.Write(data)
}

// route tells what is asked of which vault and document. Op "" where the path means nothing.
func route(method, path string) (op Operation, vaultID, docID string) {
	part := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if part[0] != "edvs" {
		return "", "", ""
	}
	get, post := method == http.MethodGet, method == http.MethodPost
	switch n := len(part); {
	case n == 1 && post:
		return Create, "", ""
	case n == 2 && get:
		return ReadConfig, part[1], ""
	case n == 3 && part[2] == "documents" && post:
		return Insert, part[1], ""
	case n == 3 && part[2] == "query" && post, n == 4 && part[2] == "documents" && part[3] == "query" && post:
		return Query, part[1], ""
	case n == 4 && part[2] == "documents" && get:
		return Get, part[1], part[3]
	case n == 4 && part[2] == "documents" && post:
		return Update, part[1], part[3]
	case n == 5 && part[2] == "documents" && part[4] == "index" && post:
		return Index, part[1], part[3]
	}
	return "", "", ""
}

func (s *Server) perform(r *http.Request, op Operation, vaultID, docID string, f Fault) (reply, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return reply{}, refuse(http.StatusBadRequest, "the body ended early")
	}
	if len(body) > maxBody {
		return reply{}, refuse(http.StatusRequestEntityTooLarge, "the body is longer than 1 MiB")
	}
	caller, err := s.verifier.Authenticate(r, body)
	if err != nil {
		return reply{}, denied(err)
	}
	if op == Create {
		return s.create(caller, body)
	}
	s.mu.RLock()
	v := s.vaults[vaultID]
	s.mu.RUnlock()
	if v == nil {
		return reply{}, refuse(http.StatusNotFound, "vault not found")
	}
	action := "write"
	if op == Get || op == Query || op == ReadConfig {
		action = "read"
	}
	if err := caller.Can(auth.Access{
		RootTarget: v.config.ID, Controllers: []string{v.config.Controller}, Target: s.base + r.URL.Path, Action: action,
	}); err != nil {
		return reply{}, denied(err)
	}
	switch op {
	case ReadConfig:
		return reply{status: http.StatusOK, body: v.config}, nil
	case Insert:
		return v.insert(body)
	case Get:
		return v.get(docID, f)
	case Update:
		return v.update(docID, body)
	case Index:
		return v.index(docID, body)
	default:
		return v.query(body, f)
	}
}

func denied(err error) error {
	var e *auth.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case auth.BadRequest:
		return refuse(http.StatusBadRequest, e.Message)
	case auth.Unauthenticated:
		return refuse(http.StatusUnauthorized, e.Message)
	}
	return refuse(http.StatusForbidden, e.Message)
}

func (s *Server) create(caller *auth.Caller, body []byte) (reply, error) {
	c, err := parseConfig(body)
	if err != nil {
		return reply{}, err
	}
	target := s.base + "/edvs"
	if err := caller.Can(auth.Access{
		RootTarget: target, Controllers: []string{c.Controller}, Target: target, Action: "write",
	}); err != nil {
		return reply{}, denied(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.vaults) >= maxVaults {
		return reply{}, refuse(http.StatusInsufficientStorage, "there are too many vaults")
	}
	local := newID()
	c.ID = target + "/" + local
	s.vaults[local] = newVault(c)
	return reply{status: http.StatusCreated, location: c.ID, body: c}, nil
}

// newID is a random id in the form that vaults and documents have.
func newID() string {
	id := make([]byte, 18)
	id[1] = 16
	_, _ = rand.Read(id[2:])
	return "z" + base58.Encode(id)
}

// Documents returns the documents of a vault as they are stored now, for tests.
func (s *Server) Documents(vaultURL string) (all [][]byte) {
	s.mu.RLock()
	v := s.vaults[vaultURL[strings.LastIndex(vaultURL, "/")+1:]]
	s.mu.RUnlock()
	if v == nil {
		return nil
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, id := range v.order {
		b, err := json.Marshal(v.documents[id].now)
		if err == nil {
			all = append(all, b)
		}
	}
	return all
}
