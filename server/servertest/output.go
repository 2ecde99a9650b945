package servertest

import (
	"bytes"
	"encoding/json"
	"sync"
)

// Output keeps what a server that is a process of its own logs, and sees it listen. Safe for concurrent use.
type Output struct {
	Listening chan string // takes the server's URL

	mu   sync.Mutex
	all  bytes.Buffer
	seen int // of all, in whole lines
}

// NewOutput returns an empty Output.
func NewOutput() *Output { return &Output{Listening: make(chan string, 1)} }

// Write takes what is logged.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all.Write(p)
	for {
		line, _, whole := bytes.Cut(o.all.Bytes()[o.seen:], []byte("\n"))
		if !whole {
			return len(p), nil
		}
		o.seen += len(line) + 1
		var entry struct{ Msg, URL string }
		if json.Unmarshal(line, &entry) == nil && entry.Msg == "listening" {
			o.Listening <- entry.URL
		}
	}
}

// String is all that was logged.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}
