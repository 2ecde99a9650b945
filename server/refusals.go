package server

import (
	"cmp"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"twolock/auth"
	"twolock/keystore"
)

// refusals tells the log who was refused what: the audit log has what was allowed. It tells of maxRefusals a minute and of how many it did not tell,
// for strangers can be refused as often as they like. Safe for concurrent use.
type refusals struct {
	log    *slog.Logger
	now    func() time.Time
	mu     sync.Mutex
	minute minute
	untold int
}

const maxRefusals = 60

func newRefusals(log *slog.Logger, now func() time.Time) *refusals {
	return &refusals{log: log, now: now}
}

// add notes a request that was answered with these codes, if one of them says that it was not allowed. Of a caller who was not authenticated nothing
// is told but where they came from; c is nil then.
func (f *refusals) add(r *http.Request, c *auth.Caller, codes ...keystore.Code) {
	c = cmp.Or(c, &auth.Caller{})
	i := slices.IndexFunc(codes, func(code keystore.Code) bool { return code == keystore.Forbidden || code == keystore.Unauthenticated })
	if i < 0 {
		return
	}
	told, untold := f.turn()
	if !told {
		return
	}
	f.log.Info("refused", "request", idOf(r.Context()), "code", codes[i], "path", r.URL.Path, "remote", r.RemoteAddr,
		"caller", c.DID, "capability", c.CapabilityID(), "action", c.Action, "untold", untold)
}

// turn tells whether one more is told of, and how many were not since the last.
func (f *refusals) turn() (told bool, untold int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.now().Before(f.minute.ends) {
		f.minute = minute{ends: f.now().Add(time.Minute)}
	}
	if f.minute.count == maxRefusals {
		f.untold++
		return false, 0
	}
	f.minute.count++
	untold, f.untold = f.untold, 0
	return true, untold
}
