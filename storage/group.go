package storage

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"
)

// group writes to SQLite, which lets one writer at a time and waits for the disk at each commit. Changes that come while
// a commit is under way go into the next one together: one wait for many. Whoever comes first leads: there is no
// goroutine to start or stop.
//
// Each change is under a savepoint, so that one that fails does not touch its neighbours. A change is acknowledged when
// the commit that holds it is on disk.
type group struct {
	db   *gorm.DB
	turn chan struct{} // held by the leader; capacity 1

	mu      sync.Mutex
	waiting []*change
	broken  error // set once, when the disk failed
}

type change struct {
	run  func(*gorm.DB) error
	done chan error // capacity 1; answered exactly once
}

// maxGroup bounds one commit, and with it how long the first of a group waits for the last.
const maxGroup = 256

var (
	errAbandoned = errors.New("the transaction was abandoned")
	errBroken    = errors.New("the disk failed: nothing is written until the server was restarted")
	errClosed    = errors.New("the database is closed")
)

func newGroup(db *gorm.DB) *group { return &group{db: db, turn: make(chan struct{}, 1)} }

// write is cancelled by its context only while it waits. Once begun it runs to its end, so that the answer is never
// "perhaps"; and the caller's slices are not read after it returns.
func (g *group) write(ctx context.Context, run func(*gorm.DB) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &change{run, make(chan error, 1)}
	g.mu.Lock()
	if g.broken != nil {
		defer g.mu.Unlock()
		return g.broken
	}
	g.waiting = append(g.waiting, c)
	g.mu.Unlock()
	for {
		select {
		case err := <-c.done:
			return err
		case g.turn <- struct{}{}:
			g.lead()
		case <-ctx.Done():
			if g.withdraw(c) {
				return ctx.Err()
			}
			return <-c.done
		}
	}
}

// lead commits those who wait, oldest first.
func (g *group) lead() {
	defer func() { <-g.turn }()
	g.mu.Lock()
	n := min(len(g.waiting), maxGroup)
	batch := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	broken := g.broken
	g.mu.Unlock()
	if n == 0 {
		return
	}
	answers := make([]error, n)
	err := errAbandoned // what all hear if a change panics
	defer func() {
		for i, c := range batch {
			if err != nil {
				answers[i] = err
			}
			c.done <- answers[i]
		}
	}()
	if err = broken; err != nil {
		return
	}
	err = errAbandoned
	err = g.commit(batch, answers)
	if i := slices.IndexFunc(answers, diskFailed); i >= 0 || diskFailed(err) {
		g.fail()
	}
}

func (g *group) fail() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.broken = errBroken
}

// alone runs what must not run beside a commit, unless the disk has failed.
func (g *group) alone(ctx context.Context, run func() error) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.turn }()
	g.mu.Lock()
	err := g.broken
	g.mu.Unlock()
	if err != nil {
		return err
	}
	if err = run(); diskFailed(err) {
		g.fail()
	}
	return err
}

func (g *group) commit(batch []*change, answers []error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	alone := len(batch) == 1
	err := g.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for i, c := range batch {
			if alone {
				return c.run(tx)
			}
			if err := tx.Exec("SAVEPOINT change").Error; err != nil {
				return err
			}
			if answers[i] = c.run(tx); answers[i] != nil {
				// Some errors end the whole transaction. Then there is no savepoint to go back to, and going on would
				// commit the rest each on its own.
				if tx.Exec("ROLLBACK TO change").Error != nil {
					return answers[i]
				}
			}
			if err := tx.Exec("RELEASE change").Error; err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// withdraw takes back a change that nobody has begun.
func (g *group) withdraw(c *change) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, c)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
}

// drain waits for the commit under way and refuses all that come later.
func (g *group) drain() error {
	g.mu.Lock()
	if g.broken == nil {
		g.broken = errClosed
	}
	g.mu.Unlock()
	select {
	case g.turn <- struct{}{}:
		<-g.turn
	case <-time.After(patience):
	}
	return nil
}
