package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twolock/companion/awskms"
	"twolock/crypto/lock"
	"twolock/storage/storagetest"
)

// Server locks that come and go while servers run.

const (
	saidUnsealed = "keystores are not sealed under a server lock; they are being sealed"
	saidSealed   = "keystores were sealed under a server lock"
	saidAdded    = "server lock added"
	saidRetired  = "server lock retired"
)

// onBoth runs a test on either database.
func onBoth(t *testing.T, run func(t *testing.T, w *world)) {
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			w := newWorld(t)
			if database == "postgres" {
				w.database = storagetest.Postgres(t)
			}
			run(t, w)
		})
	}
}

// local is a server lock of the name.
func (w *world) local(name string) string { return "local:" + filepath.Join(w.dir, name+".key") }

// lockID is that lock's id, once there is its file.
func (w *world) lockID(name string) string {
	w.t.Helper()
	l, err := lock.OpenLocal(filepath.Join(w.dir, name+".key"))
	must(w.t, err)
	return l.ID()
}

// under are the flags of a server with these flags for its locks.
func (w *world) under(address string, locks ...string) []string {
	f := w.flags("local")
	return at(address, append(f[:len(f)-2], locks...))
}

// says waits until the server has logged it, and returns the entry.
func (n *node) says(what string) (entry string) {
	n.t.Helper()
	for until := time.Now().Add(30 * time.Second); entry == ""; time.Sleep(20 * time.Millisecond) {
		if entry = n.said(what); entry == "" && time.Now().After(until) {
			n.t.Fatalf("the log never said %q: %s", what, n.log)
		}
	}
	return entry
}

func (n *node) said(what string) (entry string) {
	scanLines(n.log.String(), func(line string) {
		if strings.Contains(line, what) {
			entry = line
		}
	})
	return entry
}

// lacks waits until the status says how many keystores a lock has not sealed.
func (w *world) lacks(n *node, id string, want int64) {
	w.t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var out struct {
			Status struct {
				Locks []struct {
					ID                string
					UnsealedKeystores *int64
				}
			}
		}
		must(w.t, as(w.alice).Do(context.Background(), n.url+"/graphql", "read", `{ status { locks { id unsealedKeystores } } }`, nil, &out))
		for _, l := range out.Status.Locks {
			if l.ID == id && l.UnsealedKeystores != nil && *l.UnsealedKeystores == want {
				return
			}
		}
		if time.Now().After(until) {
			w.t.Fatalf("the status never said that %s lacks %d keystores: %+v", id, want, out.Status.Locks)
		}
	}
}

// sealings counts what is sealed under a lock: keystores, and the service's secret.
func (w *world) sealings(id string) (keystores, service int) {
	w.t.Helper()
	db := w.open(w.t)
	defer db.Close()
	keystores = db.count(w.t, "SELECT count(*) FROM keystore_sealings WHERE lock_id = ?", id)
	service = db.count(w.t, "SELECT count(*) FROM service_sealings WHERE lock_id = ?", id)
	return keystores, service
}

// A keystore that was made while a lock was not configured is sealed under it as soon as it is, so that the other can be lost.
func TestKeystoreMadeWithoutALock(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a, b, address := w.local("a"), w.local("b"), free(t)
		n := start(t, w.under(address, "--server-lock", a, "--server-lock", b)...)
		early := newUser(t, w, n, "LOCAL", false)
		n.stop()

		n = start(t, w.under(address, "--server-lock", a)...)
		n.says("another server lock opens this database")
		var made []*user
		for _, userLock := range []string{"LOCAL", "SHAMIR"} {
			made = append(made, newUser(t, w, n, userLock, false))
		}
		made = append(made, newUser(t, w, n, "LOCAL", true))
		n.stop()
		if keystores, _ := w.sealings(w.lockID("b")); keystores != 1 {
			t.Fatalf("%d keystores are sealed under the lock that was away, want 1: the test shows nothing", keystores)
		}

		n = start(t, w.under(address, "--server-lock", a, "--server-lock", b)...)
		n.says(saidUnsealed)
		n.says(saidSealed + `","lock":"` + w.lockID("b"))
		w.lacks(n, w.lockID("b"), 0)
		w.lacks(n, w.lockID("a"), 0)
		n.stop()

		must(t, os.Remove(filepath.Join(w.dir, "a.key")))
		start(t, w.under(address, "--server-lock", b)...)
		for _, u := range append(made, early) {
			must(t, second(u.sign()))
		}
	})
}

// While a lock does not answer the operators are told how many keystores it has not sealed; when it answers again they are.
func TestLockThatIsAwayLacksKeystores(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a, kms, address := w.local("a"), "aws-kms:"+awsARN, free(t)
		both := w.under(address, "--server-lock", a, "--server-lock", kms)
		start(t, both...).stop()
		n := start(t, w.under(address, "--server-lock", a)...)
		u, v := newUser(t, w, n, "LOCAL", false), newUser(t, w, n, "LOCAL", false)
		n.stop()

		w.aws.Inject(awskms.Outage, awskms.Always)
		n = startAt(t, w.clock.now, both...)
		n.says("interrupted, and tried again in a minute")
		w.lacks(n, kms, 2)
		w.lacks(n, w.lockID("a"), 0)
		must(t, second(u.sign()))
		w.aws.Heal()
		w.clock.pass(61 * time.Second)
		n.says(saidSealed)
		w.lacks(n, kms, 0)
		n.stop()
		start(t, w.under(address, "--server-lock", kms)...)
		for _, u := range []*user{u, v} {
			must(t, second(u.sign()))
		}
	})
}

// A lock is added while the server runs and the lock does not even answer; it can be ended and begun again; what is damaged is not in the way. Only when it
// is done does the lock open a start.
func TestLockIsAddedOnline(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a, kms, address := w.local("a"), "aws-kms:"+awsARN, free(t)
		n := start(t, w.under(address, "--server-lock", a)...)
		var users []*user
		for range 3 {
			users = append(users, newUser(t, w, n, "LOCAL", false))
		}
		damaged := w.keystore(n, "LOCAL", false)
		n.stop()
		w.open(t).change(t, "UPDATE keystores SET description = 'changed' WHERE id = ?", lastPart(damaged))

		w.aws.Inject(awskms.Hang, awskms.Always)
		adding := w.under(address, "--server-lock", a, "--add-server-lock", kms)
		n = startAt(t, w.clock.now, adding...)
		for _, u := range users {
			must(t, answered(t, "sign while a lock is being added", 2*time.Second, func() error { return second(u.sign()) }))
		}
		w.lacks(n, kms, 4)
		n.stop()
		if keystores, service := w.sealings(kms); keystores != 0 || service != 0 {
			t.Errorf("a lock that does not answer has sealed %d keystores and %d times the service's secret", keystores, service)
		}
		w.aws.Heal()
		if n, code := tryStart(t, w.under(address, "--server-lock", a, "--server-lock", kms)...); n != nil || code != 2 || !strings.Contains(lastLog, "--add-server-lock") {
			t.Fatalf("with a lock that is not through: started %t, exit %d", n != nil, code)
		}

		n = startAt(t, w.clock.now, adding...)
		n.says(saidAdded)
		if entry := n.said(saidSealed); !strings.Contains(entry, `"sealed":3`) || !strings.Contains(entry, `"cannotBeOpened":1`) {
			t.Errorf("three keystores, and one that is damaged: %s", entry)
		}
		w.lacks(n, kms, 1)
		n.stop()
		start(t, w.under(address, "--server-lock", kms)...)
		for _, u := range users {
			must(t, second(u.sign()))
		}
	})
}

// A lock is not through while a keystore could not be opened, though others could: the lock that opens it is away, and comes again.
func TestLockIsAddedWhenAllIsSealed(t *testing.T) {
	w := newWorld(t)
	kms, b, c, address := "aws-kms:"+awsARN, w.local("b"), w.local("c"), free(t)
	n := start(t, w.under(address, "--server-lock", kms, "--server-lock", b)...)
	early := newUser(t, w, n, "LOCAL", false)
	n.stop()
	n = start(t, w.under(address, "--server-lock", kms)...)
	late := newUser(t, w, n, "LOCAL", false)
	n.stop()

	w.aws.Inject(awskms.Outage, awskms.Always)
	n = startAt(t, w.clock.now, w.under(address, "--server-lock", kms, "--server-lock", b, "--add-server-lock", c)...)
	n.says(`"lock":"` + w.lockID("c") + `","sealed":1,"cannotBeOpened":0,"failed":1`)
	if _, service := w.sealings(w.lockID("c")); service != 0 || n.said(saidAdded) != "" {
		t.Error("a lock was added before all that it is to seal could be opened")
	}
	w.lacks(n, w.lockID("c"), 1)
	w.aws.Heal()
	w.clock.pass(61 * time.Second)
	n.says(saidAdded)
	n.stop()
	start(t, w.under(address, "--server-lock", c)...)
	for _, u := range []*user{early, late} {
		must(t, second(u.sign()))
	}
}

// A lock that one server retires while another still has it goes all the same, and what that one makes with it goes after it.
func TestLockIsRetiredWhileAnotherServerHasIt(t *testing.T) {
	w := newWorld(t)
	w.database = storagetest.Postgres(t)
	a, b, address := w.local("a"), w.local("b"), free(t)
	both := startAt(t, w.clock.now, w.under(address, "--server-lock", a, "--server-lock", b)...)
	early := newUser(t, w, both, "LOCAL", false)
	retire := append(w.under("", "--server-lock", b, "--retire-server-lock", a), "--base-url", both.url)
	n := startAt(t, w.clock.now, retire...)
	n.says(saidRetired)
	n.stop()
	w.clock.pass(61 * time.Second)
	both.says("was retired: nothing more is sealed under it")
	late := newUser(t, w, both, "LOCAL", false)
	if keystores, service := w.sealings(w.lockID("a")); keystores != 1 || service != 0 {
		t.Fatalf("the retired lock has sealed %d keystores and %d times the service's secret, want 1, which the other server made, and 0", keystores, service)
	}
	n = startAt(t, w.clock.now, retire...)
	n.says("another server seals under a lock that is being retired")
	if keystores, _ := w.sealings(w.lockID("a")); keystores != 0 {
		t.Error("what another server has sealed under a retired lock stays")
	}
	both.stop()
	n.stop()
	start(t, w.under(address, "--server-lock", b)...)
	for _, u := range []*user{early, late} {
		must(t, second(u.sign()))
	}
}

// What a server that does not have a lock makes is sealed under it by one that has it.
func TestOtherServerWithoutTheNewLock(t *testing.T) {
	w := newWorld(t)
	w.database = storagetest.Postgres(t)
	a, c, address := w.local("a"), w.local("c"), free(t)
	old := start(t, w.under(address, "--server-lock", a)...)
	early := newUser(t, w, old, "LOCAL", false)
	n := startAt(t, w.clock.now, append(w.under("", "--server-lock", a, "--add-server-lock", c), "--base-url", old.url)...)
	n.says(saidAdded)
	late := newUser(t, w, old, "LOCAL", false)
	if keystores, _ := w.sealings(w.lockID("c")); keystores != 1 {
		t.Fatalf("%d keystores are sealed under the new lock, want 1: the test shows nothing", keystores)
	}
	w.clock.pass(61 * time.Second)
	n.says(saidUnsealed)
	n.says(`"sealed":1,"cannotBeOpened":0,"failed":0`)
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if keystores, _ := w.sealings(w.lockID("c")); keystores == 2 {
			break
		}
		if time.Now().After(until) {
			t.Fatal("what the other server made is not sealed under the new lock")
		}
	}
	old.stop()
	n.stop()
	start(t, w.under(address, "--server-lock", c)...)
	for _, u := range []*user{early, late} {
		must(t, second(u.sign()))
	}
}

// A retired lock opens nothing any more, not even with a copy of the database; what no other lock opens stays until one does.
func TestLockIsRetired(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a, b, address := w.local("a"), w.local("b"), free(t)
		n := start(t, w.under(address, "--server-lock", a, "--server-lock", b)...)
		early := newUser(t, w, n, "LOCAL", false)
		n.stop()
		n = start(t, w.under(address, "--server-lock", a)...)
		late := newUser(t, w, n, "SHAMIR", false)
		n.stop()
		idA := w.lockID("a")

		retire := w.under(address, "--server-lock", b, "--retire-server-lock", a)
		n = start(t, retire...)
		n.says("a server lock cannot be retired yet")
		must(t, second(early.sign()))
		n.stop()
		if keystores, service := w.sealings(idA); keystores != 1 || service != 1 {
			t.Fatalf("retired while it alone opens one of two keystores: it opens %d keystores and %d times the service, want 1 and 1", keystores, service)
		}
		n = start(t, w.under(address, "--server-lock", a, "--server-lock", b)...)
		must(t, second(late.sign()))
		n.says(saidSealed + `","lock":"` + w.lockID("b"))
		n.stop()

		key, err := os.ReadFile(filepath.Join(w.dir, "a.key"))
		must(t, err)
		must(t, os.Remove(filepath.Join(w.dir, "a.key"))) // its id does
		retire[len(retire)-1] = idA
		n = start(t, retire...)
		if entry := n.says(saidRetired); !strings.Contains(entry, idA) {
			t.Errorf("retired: %s", entry)
		}
		n.stop()
		if keystores, service := w.sealings(idA); keystores != 0 || service != 0 {
			t.Errorf("a retired lock has sealed %d keystores and %d times the service's secret still", keystores, service)
		}
		n = start(t, retire...) // again, for nothing
		for _, u := range []*user{early, late} {
			must(t, second(u.sign()))
		}
		n.stop()
		must(t, os.WriteFile(filepath.Join(w.dir, "a.key"), key, 0o600))
		if n, code := tryStart(t, w.under(address, "--server-lock", a)...); n != nil || code != 2 || !strings.Contains(lastLog, "has not sealed this database") {
			t.Errorf("with the retired lock: started %t, exit %d: %s", n != nil, code, lastLog)
		}
	})
}

// What cannot be retired is refused before anything is written, and the flag named.
func TestRetiringIsRefused(t *testing.T) {
	w := newWorld(t)
	a, b := w.local("a"), w.local("b")
	n := start(t, w.under("", "--server-lock", a)...)
	newUser(t, w, n, "LOCAL", false)
	n.stop()
	_, err := lock.CreateLocal(filepath.Join(w.dir, "b.key"))
	must(t, err)
	before := dump(t, w.dir)
	for what, c := range map[string]struct {
		flags []string
		says  string
	}{
		"one that is configured":         {[]string{"--server-lock", a, "--retire-server-lock", a}, "also given as --server-lock"},
		"one that is configured, by id":  {[]string{"--server-lock", a, "--retire-server-lock", w.lockID("a")}, "also given as --server-lock"},
		"one that is being added":        {[]string{"--server-lock", a, "--add-server-lock", b, "--retire-server-lock", b}, "also given as --server-lock or --add-server-lock"},
		"the last":                       {[]string{"--server-lock", b, "--retire-server-lock", a}, "no lock that opens this database would be left"},
		"the last, while another is new": {[]string{"--server-lock", b, "--add-server-lock", w.local("c"), "--retire-server-lock", a}, "no lock that opens this database would be left"},
		"a file that is not there":       {[]string{"--server-lock", a, "--retire-server-lock", w.local("x")}, "name the lock by its id; this database was sealed by " + w.lockID("a")},
		"what is no lock":                {[]string{"--server-lock", a, "--retire-server-lock", "master.key"}, "is neither local:PATH nor aws-kms:KEY-ARN"},
	} {
		n, code := tryStart(t, w.under("", c.flags...)...)
		if n != nil || code != 2 || !strings.Contains(lastLog, "--retire-server-lock: ") || !strings.Contains(lastLog, c.says) {
			t.Errorf("%s: started %t, exit %d: %s", what, n != nil, code, lastLog)
		}
	}
	if dump(t, w.dir) != before {
		t.Error("a refused start wrote to the database")
	}
}
