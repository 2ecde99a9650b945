package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"twolock/keystore"
	"twolock/storage"
	"twolock/storage/storagetest"
)

// The crash tests run this test binary again with one of these, to be killed or starved.
const (
	childVariable = "TWOLOCK_TEST_CHILD"
	childLoad     = "load"
	childFull     = "full"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case childLoad:
		writeLoad(os.Args[1], os.Args[2])
	case childFull:
		writePastLimit(os.Args[1], os.Args[2])
	default:
		os.Exit(m.Run())
	}
}

// writeLoad inserts keys from many goroutines and prints the id of each that was acknowledged, until it is killed.
func writeLoad(dsn, store string) {
	db, err := storage.Open(context.Background(), dsn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for range 8 {
		go func() {
			for {
				k := storagetest.KeyRecord(store)
				if err := db.InsertKey(context.Background(), k); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Printf("%s %x\n", k.ID, k.Sealed) // one write: whole lines
			}
		}()
	}
	select {}
}

func TestAcknowledgedSurvivesKill(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			dsn, r := fresh(t), storagetest.Record()
			db, err := storage.Open(t.Context(), dsn)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			if err := db.InsertKeystore(t.Context(), r); err != nil {
				t.Fatalf("InsertKeystore: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			acknowledged := map[string]string{}
			for round := range 4 {
				n := killUnderLoad(t, dsn, r.ID, time.Duration(150+100*round)*time.Millisecond, acknowledged)
				db, err := storage.Open(t.Context(), dsn)
				if err != nil {
					t.Fatalf("Open after kill %d: %v", round+1, err)
				}
				for id, sealed := range acknowledged {
					k, err := db.Key(t.Context(), r.ID, id)
					if err != nil || fmt.Sprintf("%x", k.Sealed) != sealed {
						t.Errorf("a key acknowledged before kill %d: error %v, or other bytes", round+1, err)
					}
				}
				if err := db.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				if n == 0 {
					t.Errorf("round %d acknowledged nothing", round+1)
				}
			}
			t.Logf("%d keys acknowledged over 4 kills", len(acknowledged))
		})
	}
}

// killUnderLoad lets a child write for the duration after its first acknowledgement, kills it, and adds what it had
// acknowledged.
func killUnderLoad(t *testing.T, dsn, store string, after time.Duration, acknowledged map[string]string) int {
	t.Helper()
	child := exec.Command(os.Args[0], dsn, store)
	child.Env = append(os.Environ(), childVariable+"="+childLoad)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	giveUp := time.AfterFunc(20*time.Second, func() { _ = child.Process.Kill() })
	defer giveUp.Stop()
	n := 0
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // the last line may be cut off: it was not read as a whole, and is not counted
			break
		}
		id, sealed, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			t.Fatalf("the child printed %q", line)
		}
		acknowledged[id] = sealed
		if n++; n == 1 {
			time.AfterFunc(after, func() { _ = child.Process.Kill() })
		}
	}
	if err := child.Wait(); !killed(err) {
		t.Errorf("the child ended with %v, want kill", err)
	}
	return n
}

func killed(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// writePastLimit writes until the operating system refuses to let the file grow, then lifts the limit and tries on.
func writePastLimit(dsn, store string) {
	fail := func(args ...any) {
		fmt.Fprintln(os.Stderr, args...)
		os.Exit(1)
	}
	signal.Ignore(syscall.SIGXFSZ) // the write then fails instead of the process
	db, err := storage.Open(context.Background(), dsn)
	if err != nil {
		fail(err)
	}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		fail(err)
	}
	limit := syscall.Rlimit{Cur: 400 << 10, Max: old.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fail(err)
	}
	var wg sync.WaitGroup
	var refused sync.Once
	for range 4 {
		wg.Go(func() {
			for range 5000 {
				k := storagetest.KeyRecord(store)
				err := db.InsertKey(context.Background(), k)
				if err != nil {
					refused.Do(func() { fmt.Println("refused", err) })
					return
				}
				fmt.Printf("%s %x\n", k.ID, k.Sealed)
			}
		})
	}
	wg.Wait()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		fail(err)
	}
	for range 3 {
		if err := db.InsertKey(context.Background(), storagetest.KeyRecord(store)); err == nil {
			fmt.Println("written after the disk failed")
		}
	}
	if err := db.Ping(context.Background()); err == nil {
		fmt.Println("ready after the disk failed")
	}
	if _, err := db.Keystore(context.Background(), store); err != nil {
		fmt.Println("unreadable", err)
	}
	fmt.Println("done")
}

// When the disk fails, what was acknowledged stays, nothing is acknowledged any more until a restart, and Ping says so.
func TestDiskFailureStopsWriting(t *testing.T) {
	dsn, r := "sqlite:"+filepath.Join(t.TempDir(), "twolock.db"), storagetest.Record()
	db, err := storage.Open(t.Context(), dsn)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if err := db.InsertKeystore(t.Context(), r); err != nil {
		t.Fatalf("InsertKeystore: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], dsn, r.ID)
	child.Env = append(os.Environ(), childVariable+"="+childFull)
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		t.Fatalf("the child: %v", err)
	}
	acknowledged, said := map[string]string{}, ""
	for line := range strings.Lines(string(out)) {
		if id, sealed, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(id, "z") {
			acknowledged[id] = sealed
		} else {
			said += line
		}
	}
	if !strings.HasPrefix(said, "refused ") || strings.Count(said, "\n") != 2 || !strings.HasSuffix(said, "\ndone\n") {
		t.Errorf("the child said %q, want one refusal and done", said)
	}
	db = open(t, dsn)
	listed := 0
	for id, sealed := range acknowledged {
		k, err := db.Key(t.Context(), r.ID, id)
		if err != nil || fmt.Sprintf("%x", k.Sealed) != sealed {
			t.Errorf("an acknowledged key: error %v, or other bytes", err)
		}
	}
	for after := (keystore.Position{}); ; {
		page, err := db.ListKeys(t.Context(), r.ID, keystore.KeyFilter{}, after, 1000)
		if err != nil {
			t.Fatalf("ListKeys: %v", err)
		}
		if len(page) == 0 {
			break
		}
		listed += len(page)
		after = keystore.Position{CreatedAt: page[len(page)-1].CreatedAt, ID: page[len(page)-1].ID}
	}
	if listed != len(acknowledged) || listed == 0 {
		t.Errorf("%d keys are there, %d were acknowledged", listed, len(acknowledged))
	}
	if err := db.InsertKey(t.Context(), storagetest.KeyRecord(r.ID)); err != nil {
		t.Errorf("InsertKey after the restart: %v", err)
	}
}
