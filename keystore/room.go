package keystore

import (
	"context"
	"sync"
	"time"
)

// A vault lists so many keys and no more, and what is not listed is not looked after. So a keystore has MaxVaultKeys there at most. To count them takes a
// request, which every tenth key made takes: a server that has counted makes up to ten in the next minute. As many more may come to be, of each server
// that makes keys at the same time, and as many again if they are on their way when it counts; MaxVaultKeys leaves room for those of three servers.
const (
	placesAtOnce = 10
	placesFor    = time.Minute
	maxRooms     = 100_000
)

// rooms are what this server counted, by keystore.
type rooms struct {
	mu sync.Mutex
	of map[string]*room
}

type room struct {
	turn  chan struct{} // of size 1: held while the vault is asked
	left  int
	until time.Time
}

func (a *rooms) at(keystore string) *room {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.of[keystore]
	if one != nil {
		return one
	}
	if a.of == nil {
		a.of = map[string]*room{}
	}
	if len(a.of) >= maxRooms {
		for other := range a.of { // it is counted again
			delete(a.of, other)
			break
		}
	}
	one = &room{turn: make(chan struct{}, 1)}
	a.of[keystore] = one
	return one
}

// isNew notes that a keystore was just made: it has no keys.
func (a *rooms) isNew(keystore string, now time.Time) {
	one := a.at(keystore)
	one.turn <- struct{}{}
	one.left, one.until = placesAtOnce, now.Add(placesFor)
	<-one.turn
}

// takePlace finds a place for one more key. CONFLICT when there is none.
func (g *ring) takePlace(ctx context.Context) error {
	vault, bounded := g.store.(Counter)
	if !bounded {
		return nil
	}
	now := g.service.Now()
	one := g.service.rooms.at(g.record.ID)
	select {
	case one.turn <- struct{}{}:
		defer func() { <-one.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if one.left > 0 && now.Before(one.until) {
		one.left--
		return nil
	}
	n, err := vault.CountKeys(ctx, g.record.ID)
	if err != nil {
		return err
	}
	left := min(placesAtOnce, MaxVaultKeys-n)
	if left < 1 {
		return Errorf(Conflict, "keystore: %s has %d keys; a keystore has at most %d in a vault", g.service.keystoreURL(g.record.ID), n, MaxVaultKeys)
	}
	one.left, one.until = left-1, now.Add(placesFor)
	return nil
}
