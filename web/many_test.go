package web_test

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"twolock/auth"
	"twolock/crypto/lock"
	"twolock/keystore"
	"twolock/storage"
)

// Many keystores in the operator's list: made by the service itself, without HTTP, and then turned over page by page in a browser, which must not become slow.
// TWOLOCK_MANY says how many; a page of a million is measured where it is read, in storage.
func TestConsoleOfManyKeystores(t *testing.T) {
	requireModules(t)
	browser := requireBrowser(t)
	const script = "console/e2e/many.js"
	sources(t, script)
	many := 10_000
	if given, err := strconv.Atoi(os.Getenv("TWOLOCK_MANY")); err == nil {
		many = given
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	makeKeystores(t, data, many)
	t.Logf("%d keystores in %v", many, time.Since(began))
	operator, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	file, err := operator.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "operator.json")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s := run(t, build(t, dir), data, "--operator", operator.DID())
	node := exec.Command("node", "--no-warnings", "--test", "--test-reporter=tap", script)
	node.Env = append(os.Environ(), "TWOLOCK_URL="+s.url, "TWOLOCK_CHROMIUM="+browser, "TWOLOCK_IDENTITY="+path, "TWOLOCK_MANY="+strconv.Itoa(many))
	out, err := node.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\n# fail 0\n") || !strings.Contains(string(out), "\n# skipped 0\n") {
		t.Fatalf("node --test %s: %v\n%s\nthe server's log:\n%s", script, err, out, s.log())
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "milliseconds") {
			t.Log(strings.TrimSpace(line))
		}
	}
}

// makeKeystores makes the database and the master key of a server, and keystores in it, as that server would.
func makeKeystores(t *testing.T, data string, n int) {
	t.Helper()
	ctx := t.Context()
	key := filepath.Join(data, "master.key")
	if _, err := lock.CreateLocal(key); err != nil {
		t.Fatal(err)
	}
	local, err := lock.OpenLocal(key)
	if err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(ctx, "sqlite:"+filepath.Join(data, "twolock.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const base = "https://kms.example"
	service, err := keystore.Open(ctx, keystore.Options{
		Base: base, Store: db, Locks: []keystore.Lock{local}, Journal: noJournal{}, OpenRegistration: true, RSAPerMinute: 1, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	controller, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(256) // what is written at once shares a commit
	for i := range n {
		g.Go(func() error {
			name := fmt.Sprintf("keystore %07d", i)
			_, err := service.CreateKeystore(ctx, &auth.Caller{Target: base + "/graphql"}, keystore.CreateKeystoreInput{Controller: controller.DID(), UserLock: keystore.UserLockLocal, LabelInput: keystore.LabelInput{Name: &name}})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// noJournal is for keystores that nobody asked for.
type noJournal struct{}

func (noJournal) Append(keystore.Entry) error { return nil }
