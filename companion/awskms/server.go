package awskms

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	targetPrefix = "TrentService."
	contentType  = "application/x-amz-json-1.1"
	maxBody      = 64 << 10
)

// Options make a Server.
type Options struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string   // of temporary credentials; if set, each request must carry it
	Region          string   // in the scope of each signature; "us-east-1" if empty
	Keys            []string // ARNs of the keys there are
	// Seed gives the keys their material, with their ARNs: a server with the same seed opens what another one sealed.
	// 16 bytes or more; random if nil.
	Seed []byte
	// Now is the clock that signatures are checked by; time.Now if nil.
	Now func() time.Time
	// OnCall, if set, gets every call after it was answered. It must be safe for concurrent use.
	OnCall func(Call)
}

// Call tells of one call, without secrets.
type Call struct {
	Operation         string            // such as "Decrypt"; empty when the request named none
	KeyARN            string            // of the key that was used or refused; empty when it did not come to that
	EncryptionContext map[string]string // as it was given
	Outcome           string            // "OK", the exception's name, or the fault's
}

// Server is an http.Handler. Its methods are safe for concurrent use.
type Server struct {
	signer signer
	region string
	onCall func(Call)
	closed chan struct{}
	close  sync.Once

	mu     sync.Mutex
	keys   map[string]*masterKey // by ARN
	calls  map[string]int
	faults faults
}

// New makes a server. It panics when the options make no sense: they are the programmer's.
func New(o Options) *Server {
	if o.AccessKeyID == "" || o.SecretAccessKey == "" {
		panic("awskms: credentials are missing")
	}
	if o.Seed == nil {
		o.Seed = make([]byte, 32)
		rand.Read(o.Seed)
	}
	if len(o.Seed) < 16 {
		panic("awskms: seed is shorter than 16 bytes")
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.OnCall == nil {
		o.OnCall = func(Call) {}
	}
	s := &Server{
		signer: signer{o.AccessKeyID, o.SecretAccessKey, o.SessionToken, o.Region, o.Now},
		region: o.Region,
		onCall: o.OnCall,
		closed: make(chan struct{}),
		keys:   map[string]*masterKey{},
		calls:  map[string]int{},
	}
	for _, arn := range o.Keys {
		k, err := newMasterKey(o.Seed, arn)
		if err != nil {
			panic(fmt.Sprintf("awskms: key %q: %v", arn, err))
		}
		s.keys[arn] = k
	}
	return s
}

// Close lets go of the calls that hang.
func (s *Server) Close() { s.close.Do(func() { close(s.closed) }) }

// Calls counts the requests for an operation, such as "Decrypt", whatever became of them.
func (s *Server) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

// SetDisabled disables or enables a key.
func (s *Server) SetDisabled(arn string, disabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys[arn]
	if !ok {
		panic("awskms: no key " + arn)
	}
	k.disabled = disabled
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := Call{}
	defer func() { s.onCall(call) }()
	w.Header().Set("x-amzn-RequestId", requestID())
	w.Header().Set("Cache-Control", "no-store")

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		call.Outcome = writeException(w, exception("RequestEntityTooLargeException", "request is too large"))
		return
	}
	operation, known := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if _, ok := operations[operation]; !known || !ok || r.Method != http.MethodPost || r.URL.Path != "/" ||
		r.Header.Get("Content-Type") != contentType {
		call.Outcome = writeException(w, exception("UnknownOperationException", ""))
		return
	}
	call.Operation = operation
	fault := s.begin(operation)
	call.Outcome = fault.String() // unless it comes to an answer after all; some faults panic
	if s.spoil(w, r, fault) {
		return
	}
	if e := s.signer.verify(r, body); e != nil {
		call.Outcome = writeException(w, e)
		return
	}
	if fault == Deny {
		call.Outcome = writeException(w, exception("AccessDeniedException", "User: arn:aws:iam::111122223333:user/stand-in is "+
			"not authorized to perform: kms:"+operation+" because no identity-based policy allows the action"))
		return
	}
	answer, e := operations[operation](s, body, &call)
	if e != nil {
		call.Outcome = writeException(w, e)
		return
	}
	if fault == OtherKey {
		answer["KeyId"] = "arn:aws:kms:" + s.region + ":111122223333:key/00000000-0000-0000-0000-000000000000"
	}
	call.Outcome = "OK"
	writeJSON(w, http.StatusOK, answer)
}

// begin counts the call and takes the fault that is due.
func (s *Server) begin(operation string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[operation]++
	return s.faults.take()
}

func requestID() string {
	b := make([]byte, 16)
	rand.Read(b)
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
