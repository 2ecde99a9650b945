package edv

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// Operation is what a request asks for.
type Operation string

// The operations.
const (
	Create     Operation = "create" // a vault
	ReadConfig Operation = "config"
	Insert     Operation = "insert"
	Get        Operation = "get"
	Update     Operation = "update"
	Index      Operation = "index"
	Query      Operation = "query"
)

// FaultKind is a way to fail.
type FaultKind int

// The ways to fail. StaleRead and those after it show in Get and Query.
const (
	None           FaultKind = iota // no fault: that many requests pass before the next one
	Outage                          // status 500, nothing done
	Status                          // Fault.Status, nothing done
	Hang                            // no answer while the client waits, at most half a minute
	Drop                            // the connection breaks without an answer, nothing done
	FailAfter                       // done, and then status 500
	DropAfter                       // done, and then the connection breaks without an answer
	Redirect                        // status 307 to Fault.Location
	Garbage                         // status 200 with Fault.Body
	StaleRead                       // the document before its last change; not found when it was just inserted
	Swap                            // another document of the vault
	SwapRelabelled                  // another document of the vault under the id asked for
	TruncateJWE                     // half the ciphertext
)

// Fault is one way to fail, a number of times.
type Fault struct {
	Kind     FaultKind
	Times    int // 0: until Heal
	Status   int
	Location string
	Body     string
}

// faults are what is to go wrong next, and a count of what was asked.
type faults struct {
	mu      *sync.Mutex
	planned map[Operation][]Fault
	counts  map[Operation]int
}

func newFaults() faults {
	return faults{mu: &sync.Mutex{}, planned: map[Operation][]Fault{}, counts: map[Operation]int{}}
}

// Inject makes requests of the operation fail, after the faults injected before are spent.
func (s *Server) Inject(op Operation, f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.planned[op] = append(s.faults.planned[op], f)
}

// Heal forgets all faults.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	clear(s.faults.planned)
}

// Requests tells how many requests of the operation came so far, refused ones included.
func (s *Server) Requests(op Operation) int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.counts[op]
}

// next counts a request and tells what is to go wrong with it.
func (f faults) next(op Operation) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[op]++
	planned := f.planned[op]
	if len(planned) == 0 {
		return Fault{}
	}
	now := planned[0]
	switch now.Times {
	case 0:
	case 1:
		f.planned[op] = planned[1:]
	default:
		planned[0].Times--
	}
	return now
}

// before fails where nothing is to be done, and tells whether it did.
func (f Fault) before(w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Outage:
		write(w, reply{}, refuse(http.StatusInternalServerError, "something went wrong"))
	case Status:
		write(w, reply{}, refuse(f.Status, "refused"))
	case Hang:
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxBody)) // the server notices a client's leaving only after the body
		select {
		case <-r.Context().Done():
		case <-time.After(30 * time.Second):
		}
	case Drop:
		panic(http.ErrAbortHandler)
	case Redirect:
		w.Header().Set("Location", f.Location)
		w.WriteHeader(http.StatusTemporaryRedirect)
	case Garbage:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(f.Body))
	default:
		return false
	}
	return true
}

// document is the one stored under id as it is to be shown, nil where none is. The caller holds the vault's lock.
func (f Fault) document(v *vault, id string) *document {
	d := v.documents[id]
	if d.now == nil {
		return nil
	}
	switch f.Kind {
	case StaleRead:
		return d.before
	case Swap, SwapRelabelled:
		for _, other := range v.order {
			if other == id {
				continue
			}
			swapped := *v.documents[other].now
			if f.Kind == SwapRelabelled {
				swapped.ID = id
			}
			return &swapped
		}
		return nil
	case TruncateJWE:
		cut, sealed := *d.now, *d.now.JWE
		sealed.Ciphertext = sealed.Ciphertext[:len(sealed.Ciphertext)/8*4]
		cut.JWE = &sealed
		return &cut
	}
	return d.now
}
