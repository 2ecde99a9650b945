package keystore

import (
	"context"
	"time"

	"twolock/auth"
)

// UsageDays is for how many days it is known how often a key was used on each.
const UsageDays = 90

// Day is a day in UTC: how many days after 1970-01-01 it is.
type Day int

const secondsPerDay = 24 * 60 * 60

// DayOf is the day of a time from 1970 on.
func DayOf(t time.Time) Day { return Day(t.Unix() / secondsPerDay) }

// String is the day as RFC 3339 has it: 2006-01-02.
func (d Day) String() string { return time.Unix(int64(d)*secondsPerDay, 0).UTC().Format(time.DateOnly) }

// UsageDay is how often a key was used on a day.
type UsageDay struct {
	Date string // 2006-01-02, UTC
	Uses int64
}

// Usage returns how often the key was used on each of the last days (1 to UsageDays, nil: 30), oldest first, today last.
func (s *Service) Usage(ctx context.Context, caller *auth.Caller, url string, days *int) ([]*UsageDay, error) {
	n := 30
	if days != nil {
		n = *days
	}
	if n < 1 || n > UsageDays {
		return nil, Errorf(BadUserInput, "days: must be 1 to %d", UsageDays)
	}
	ring, r, release, err := s.readKey(ctx, caller, url)
	if err != nil {
		return nil, err
	}
	defer release()
	last := DayOf(s.now())
	first := last - Day(n) + 1
	stored, pending, err := ring.dailyUsage(ctx, r, first, last)
	if err != nil {
		return nil, err
	}
	all := make([]*UsageDay, n)
	for i := range all {
		day := first + Day(i)
		all[i] = &UsageDay{day.String(), stored[day] + pending[day]}
	}
	return all, nil
}

// dailyUsage is as usage is, by day.
func (g *ring) dailyUsage(ctx context.Context, r *KeyRecord, first, last Day) (stored, pending map[Day]int64, err error) {
	h, done := g.service.uses.hold(DueKey{r.Keystore, r.ID})
	defer done()
	h.RLock()
	defer h.RUnlock()
	if stored, err = g.store.DailyUses(ctx, r.Keystore, r.ID, first, last); err != nil {
		return nil, nil, g.explain(err, r.ID)
	}
	_, pending = g.service.uses.pending(r.Keystore, r.ID)
	return stored, pending, nil
}

const pruneAtOnce = 1000

// pruneDailyUses forgets what is older than anybody can ask for: once a day, in parts, so that others can write in between.
func (s *Service) pruneDailyUses(ctx context.Context) error {
	oldest := DayOf(s.now()) - UsageDays + 1
	for s.prunedTo < oldest {
		n, err := s.Store.PruneDailyUses(ctx, oldest, pruneAtOnce)
		if err != nil {
			return err
		}
		if n < pruneAtOnce {
			s.prunedTo = oldest
		}
	}
	return nil
}
