package authserver

import (
	"bytes"
	"encoding/base64"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	maxBody     = 4 << 10
	maxSubject  = 2 << 10
	shareLength = 33 // 32 y bytes and x, which is not 0
)

// Options make a Server.
type Options struct {
	ServiceToken string
	// UserTokenKey is what the tokens of users are made with: 16 bytes or more; random if nil.
	UserTokenKey []byte
	// Shares are there from the start: the user's DID to the share. Copied.
	Shares map[string][]byte
	// Delay is how long Slow waits; 30 seconds if 0.
	Delay time.Duration
	// OnCall, if set, gets every call after it was answered. It must be safe for concurrent use.
	OnCall func(Call)
}

// Call tells of one call, without secrets.
type Call struct {
	Method  string
	Subject string // the user it was about; empty when it did not come to that
	Status  int    // 0 when a fault gave no status
	Fault   Fault
}

// Server is an http.Handler. Its methods are safe for concurrent use.
type Server struct {
	tokens tokens
	delay  time.Duration
	onCall func(Call)
	closed chan struct{}
	close  sync.Once

	mu     sync.Mutex
	shares map[string][]byte
	calls  int
	fault  Fault
	left   int
}

// New makes a server. It panics when the options make no sense: they are the programmer's.
func New(o Options) *Server {
	if o.Delay == 0 {
		o.Delay = 30 * time.Second
	}
	if o.OnCall == nil {
		o.OnCall = func(Call) {}
	}
	s := &Server{
		tokens: newTokens(o.ServiceToken, o.UserTokenKey),
		delay:  o.Delay, onCall: o.OnCall,
		closed: make(chan struct{}),
		shares: map[string][]byte{},
	}
	for sub, share := range o.Shares {
		s.Put(sub, share)
	}
	return s
}

// UserToken is the token with which a user stores a share; it is sent in base64, as the service's is.
func (s *Server) UserToken(sub string) string { return s.tokens.forUser(sub) }

// Put sets a user's share to any bytes, the one that was there included: what no client can do.
func (s *Server) Put(sub string, share []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shares[sub] = bytes.Clone(share)
}

// Shares returns a copy of what is kept, to begin another server with.
func (s *Server) Shares() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	shares := maps.Clone(s.shares)
	for sub, share := range shares {
		shares[sub] = bytes.Clone(share)
	}
	return shares
}

// Calls counts the requests, whatever became of them.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Close lets go of the calls that wait.
func (s *Server) Close() { s.close.Do(func() { close(s.closed) }) }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := Call{Method: r.Method, Fault: s.begin()}
	defer func() { s.onCall(call) }()
	w.Header().Set("Cache-Control", "no-store")
	if s.spoil(w, r, call.Fault) {
		return
	}
	call.Status = s.answer(w, r, &call)
}

// answer returns the status.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, call *Call) int {
	if r.URL.Path != "/secret" {
		return refuse(w, http.StatusNotFound, "there is only /secret")
	}
	who, ok := s.tokens.bearer(r.Header.Values("Authorization"))
	if !ok {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return refuse(w, http.StatusUnauthorized, "token is missing or not known")
	}
	switch r.Method {
	case http.MethodGet:
		return s.get(w, r, who, call)
	case http.MethodPost:
		return s.post(w, r, who, call)
	}
	w.Header().Set("Allow", "GET, POST")
	return refuse(w, http.StatusMethodNotAllowed, "method is not GET or POST")
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, who bearer, call *Call) int {
	if !who.service {
		return refuse(w, http.StatusForbidden, "only the service reads shares")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(query) != 1 || len(query["sub"]) != 1 || query.Get("sub") == "" || len(query.Get("sub")) > maxSubject {
		return refuse(w, http.StatusBadRequest, "query is not one sub")
	}
	call.Subject = query.Get("sub")
	share, ok := s.shareOf(call.Subject, call.Fault)
	if !ok {
		return refuse(w, http.StatusNotFound, "there is no share of this sub")
	}
	return answerJSON(w, http.StatusOK, secretBody{base64.StdEncoding.EncodeToString(share)})
}

func (s *Server) post(w http.ResponseWriter, r *http.Request, who bearer, call *Call) int {
	if who.service {
		return refuse(w, http.StatusForbidden, "only a user stores a share")
	}
	call.Subject = who.user
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return refuse(w, http.StatusUnsupportedMediaType, "content type is not application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return refuse(w, http.StatusRequestEntityTooLarge, "body is too large")
	}
	var in secretBody
	if err := json.Unmarshal(body, &in, json.RejectUnknownMembers(true)); err != nil {
		return refuse(w, http.StatusBadRequest, "body is not {\"secret\":…}")
	}
	share, err := base64.StdEncoding.Strict().DecodeString(in.Secret)
	if err != nil || base64.StdEncoding.EncodeToString(share) != in.Secret {
		return refuse(w, http.StatusBadRequest, "secret is not standard base64")
	}
	if len(share) != shareLength || share[shareLength-1] == 0 {
		return refuse(w, http.StatusBadRequest, "secret is not a share of 33 bytes with x other than 0")
	}
	if !s.insert(who.user, share) {
		return refuse(w, http.StatusConflict, "there is a share of this user already")
	}
	w.WriteHeader(http.StatusNoContent)
	return http.StatusNoContent
}

type secretBody struct {
	Secret string `json:"secret"`
}

func (s *Server) insert(sub string, share []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.shares[sub]; taken {
		return false
	}
	s.shares[sub] = share
	return true
}

func refuse(w http.ResponseWriter, status int, why string) int {
	return answerJSON(w, status, struct {
		Error string `json:"error"`
	}{why})
}

func answerJSON(w http.ResponseWriter, status int, answer any) int {
	body, err := json.Marshal(answer)
	if err != nil {
		panic("authserver: answer cannot be written: " + err.Error()) // a mistake in this package
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return status
}
