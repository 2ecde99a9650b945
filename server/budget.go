package server

import (
	"errors"
	"io"
	"sync/atomic"
)

// budget bounds the bytes of large bodies that are under way at once: who needs no capability to send a request needs none to send a thousand that
// never end. Small bodies are not counted, so large ones cannot hold them up. Safe for concurrent use.
type budget struct{ used atomic.Int64 }

const (
	maxUnderWay = 64 << 20 // bytes of large bodies, in all
	smallBody   = maxAnnounced
	budgetStep  = 32 << 10
)

var errNoBudget = errors.New("too many large bodies are under way")

// share is one request's part of a budget; nil of one that is small.
type share struct {
	of    *budget
	taken int64
}

// share of a request that may be large: one whose length is known to be small (net/http reads no more than that) costs nothing.
func (b *budget) share(length int64) *share {
	if length >= 0 && length <= smallBody {
		return nil
	}
	return &share{of: b}
}

// release gives it back. The body must not be used any more.
func (s *share) release() {
	if s != nil && s.taken > 0 {
		s.of.used.Add(-s.taken)
		s.taken = 0
	}
}

// meter reads a body and takes what is beyond a small one from the budget as it arrives: what is only announced costs its sender nothing.
type meter struct {
	io.ReadCloser
	*share
	read int64
}

// Read returns errNoBudget where there is none left.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.read += int64(n)
	for m.read-smallBody > m.taken {
		if m.of.used.Add(budgetStep) > maxUnderWay {
			m.of.used.Add(-budgetStep)
			return n, errNoBudget
		}
		m.taken += budgetStep
	}
	return n, err
}
