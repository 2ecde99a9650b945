package awskms

import (
	"net/http"
	"strconv"
)

// Fault is something that goes wrong on demand.
type Fault int

// The faults.
const (
	None     Fault = iota
	Throttle       // ThrottlingException
	Outage         // KMSInternalException, status 500
	Hang           // no answer until the caller goes away or Close
	Deny           // AccessDeniedException, after the signature was checked
	Garbage        // status 200 with a page that is no JSON
	Mangled        // status 200 with JSON of the wrong types, MangledSecret in it
	Reset          // the connection breaks
	Huge           // status 200 with an answer that does not end
	Redirect       // status 307 to another place
	OtherKey       // the operation is done and the answer names another key
)

var faultNames = [...]string{"None", "Throttle", "Outage", "Hang", "Deny", "Garbage", "Mangled", "Reset", "Huge", "Redirect", "OtherKey"}

func (f Fault) String() string {
	if f < 0 || int(f) >= len(faultNames) {
		return "Fault(" + strconv.Itoa(int(f)) + ")"
	}
	return faultNames[f]
}

// Always makes a fault last until Heal.
const Always = -1

// faults are the one fault that is on.
type faults struct {
	fault Fault
	left  int
}

// Inject makes the next n calls fail so, or all of them if n is Always. It replaces the fault that was on.
func (s *Server) Inject(f Fault, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults{f, n}
}

// Heal ends the fault that is on.
func (s *Server) Heal() { s.Inject(None, 0) }

func (f *faults) take() Fault {
	if f.left == 0 {
		return None
	}
	if f.left > 0 {
		f.left--
	}
	return f.fault
}

// MangledSecret is what the answer of Mangled has for its strings: the SDK's error quotes it, a log must not.
const MangledSecret = "3141592653589793"

// spoil answers, or does not, as the fault says. It returns false for a fault that is none or that comes later.
func (s *Server) spoil(w http.ResponseWriter, r *http.Request, f Fault) bool {
	switch f {
	case Throttle:
		writeException(w, exception("ThrottlingException", "Rate exceeded"))
	case Outage:
		writeException(w, exception("KMSInternalException", "internal failure"))
	case Hang:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		panic(http.ErrAbortHandler)
	case Garbage:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>Please sign in to the guest network</body></html>"))
	case Mangled:
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(`{"KeyId":` + MangledSecret + `,"CiphertextBlob":` + MangledSecret + `,"Plaintext":` + MangledSecret + `}`))
	case Reset:
		panic(http.ErrAbortHandler)
	case Huge:
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(`{"Plaintext":"`))
		chunk := make([]byte, 32<<10)
		for i := range chunk {
			chunk[i] = 'A'
		}
		for {
			if _, err := w.Write(chunk); err != nil {
				return true
			}
		}
	case Redirect:
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(http.StatusTemporaryRedirect)
	default:
		return false
	}
	return true
}
