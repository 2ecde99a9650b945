package storage

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// eraser makes a database give up the bytes of what was deleted, after the fact and not each time: once for all that was deleted in the meantime.
type eraser struct {
	every time.Duration // at most
	run   func(context.Context) error

	mu      sync.Mutex
	next    *time.Timer // the run that is to come, if any
	last    time.Time
	closed  bool
	running sync.WaitGroup
}

// ask has it run soon. It does not wait for it.
func (e *eraser) ask() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.next != nil {
		return
	}
	e.running.Add(1)
	e.next = time.AfterFunc(max(0, e.every-time.Since(e.last)), e.erase)
}

func (e *eraser) erase() {
	defer e.running.Done()
	e.mu.Lock()
	e.next, e.last = nil, time.Now() // what is deleted from here on is for the next run
	e.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if e.run(ctx) != nil {
		e.ask()
	}
}

// close lets a run that is under way end, and drops one that is to come.
func (e *eraser) close() error {
	e.mu.Lock()
	e.closed = true
	if e.next != nil && e.next.Stop() {
		e.running.Done()
	}
	e.mu.Unlock()
	e.running.Wait()
	return nil
}

// vacuumBelow is the size in bytes up to which SQLite's file is written anew after deletions: that takes some 10 ms for each of its megabytes, for which
// writers wait.
const vacuumBelow = 32 << 20

// clean writes SQLite's file anew, where it is small, then moves the write-ahead log into it and cuts that to nothing. It waits for readers no longer
// than a moment, for writers wait meanwhile.
//
// secure_delete overwrites what is deleted where it is. But rows move from page to page as others come and go, and what was moved is left in the unused
// middle of the page that it came from until something else is put there: of a thousand keys that are made and deleted one leaves a piece behind.
func clean(writes *sql.DB, g *group) func(context.Context) error {
	return func(ctx context.Context) error {
		return g.alone(ctx, func() error {
			conn, err := writes.Conn(ctx)
			if err != nil {
				return err
			}
			defer conn.Close()
			if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout(200)"); err != nil {
				return err
			}
			defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout(5000)") }()
			var size int64
			if err := conn.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Scan(&size); err != nil {
				return err
			}
			var anew error
			if size <= vacuumBelow {
				_, anew = conn.ExecContext(ctx, "VACUUM")
			}
			var busy, frames, moved int
			err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
			if err == nil && busy != 0 {
				err = errors.New("somebody reads on")
			}
			return errors.Join(anew, err)
		})
	}
}

// vacuum has PostgreSQL take deleted rows out of the tables with sealed bytes. Where another vacuum is at it, that one does.
func vacuum(pool *sql.DB) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := pool.ExecContext(ctx, "VACUUM (SKIP_LOCKED) key_versions, keystore_sealings, service_sealings")
		return err
	}
}
