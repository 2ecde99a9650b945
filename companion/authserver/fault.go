package authserver

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong on demand.
type Fault int

// The faults. Those from WrongShare on answer a well-formed request of the service with a share that is not the right one.
const (
	None           Fault = iota
	Down                 // status 503
	Throttled            // status 429
	Slow                 // waits Options.Delay, then answers as it should
	SlowBody             // status 200 and the start of an answer, then waits
	Reset                // the connection breaks
	ResetBody            // status 200 and the start of an answer, then the connection breaks
	Unauthorized         // status 401
	Missing              // status 404
	HTML                 // status 200 with a page
	HTMLAsJSON           // the page, called JSON
	Huge                 // status 200 with a body of 10 GB
	Redirect             // status 307 to another place
	Malformed            // JSON with a share in it that a strict reader refuses: the member twice
	Misspelt             // JSON with a share in it that a strict reader refuses: the member in capitals
	Trailing             // JSON with a share in it that a strict reader refuses: more JSON after it
	WrongShare           // 33 random bytes with a good x
	OtherUserShare       // the share of some other user; 404 if there is none
	ZeroX                // the right y bytes with x = 0
	Empty                // no bytes
	Short                // the share without its last byte
	Long                 // the share and one byte more
)

var faultNames = [...]string{"None", "Down", "Throttled", "Slow", "SlowBody", "Reset", "ResetBody", "Unauthorized", "Missing",
	"HTML", "HTMLAsJSON", "Huge", "Redirect", "Malformed", "Misspelt", "Trailing", "WrongShare", "OtherUserShare", "ZeroX",
	"Empty", "Short", "Long"}

func (f Fault) String() string {
	if f < 0 || int(f) >= len(faultNames) {
		return "Fault(" + strconv.Itoa(int(f)) + ")"
	}
	return faultNames[f]
}

// Always makes a fault last until Heal.
const Always = -1

const hugeBody = 10 << 30

// Inject makes the next n calls fail so, or all of them if n is Always. It replaces the fault that was on.
func (s *Server) Inject(f Fault, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.left = f, n
}

// Heal ends the fault that is on.
func (s *Server) Heal() { s.Inject(None, 0) }

// begin counts the call and takes the fault that is due.
func (s *Server) begin() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.left == 0 {
		return None
	}
	if s.left > 0 {
		s.left--
	}
	return s.fault
}

// shareOf is the share as the fault leaves it.
func (s *Server) shareOf(sub string, f Fault) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f == OtherUserShare {
		for other, share := range s.shares {
			if other != sub {
				return bytes.Clone(share), true
			}
		}
		return nil, false
	}
	share, ok := s.shares[sub]
	if !ok {
		return nil, false
	}
	share = bytes.Clone(share)
	switch f {
	case WrongShare:
		share = make([]byte, shareLength)
		rand.Read(share)
		share[shareLength-1] |= 1
	case ZeroX:
		share[len(share)-1] = 0
	case Empty:
		share = nil
	case Short:
		share = share[:len(share)-1]
	case Long:
		share = append(share, 1)
	}
	return share, true
}

// spoil answers, or does not, as the fault says. It returns false for a fault that is none or that comes later.
func (s *Server) spoil(w http.ResponseWriter, r *http.Request, f Fault) bool {
	known := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, shareLength))
	switch f {
	case Down:
		refuse(w, http.StatusServiceUnavailable, "down for the moment")
	case Throttled:
		refuse(w, http.StatusTooManyRequests, "too many requests")
	case Slow:
		if !s.wait(r) {
			panic(http.ErrAbortHandler)
		}
		return false
	case SlowBody:
		write(w, "application/json", `{"secret":"`)
		_ = http.NewResponseController(w).Flush()
		s.wait(r)
		panic(http.ErrAbortHandler)
	case Reset:
		panic(http.ErrAbortHandler)
	case ResetBody:
		write(w, "application/json", `{"secret":"`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case Unauthorized:
		refuse(w, http.StatusUnauthorized, "token is not known")
	case Missing:
		refuse(w, http.StatusNotFound, "there is no share of this sub")
	case HTML:
		write(w, "text/html", "<html><body>Please sign in</body></html>")
	case HTMLAsJSON:
		write(w, "application/json", "<html><body>Please sign in</body></html>")
	case Huge:
		writeHuge(w)
	case Redirect:
		w.Header().Set("Location", "http://127.0.0.1:1/secret")
		w.WriteHeader(http.StatusTemporaryRedirect)
	case Malformed:
		write(w, "application/json", `{"secret":"`+known+`","secret":"`+known+`"}`)
	case Misspelt:
		write(w, "application/json", `{"SECRET":"`+known+`"}`)
	case Trailing:
		write(w, "application/json", `{"secret":"`+known+`"} {}`)
	default:
		return false
	}
	return true
}

// wait returns true when the delay is over, false when the caller went away or the server was closed.
func (s *Server) wait(r *http.Request) bool {
	t := time.NewTimer(s.delay)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}

func write(w http.ResponseWriter, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write([]byte(body))
}

func writeHuge(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(hugeBody))
	_, _ = w.Write([]byte(`{"secret":"`))
	chunk := bytes.Repeat([]byte("A"), 32<<10)
	for range hugeBody / len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}
