package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"twolock/auth"
	"twolock/crypto/key"
	"twolock/crypto/lock"
	"twolock/graph"
	"twolock/keystore"
	"twolock/server"
	"twolock/storage"
	"twolock/storage/journal"
)

func (p *program) serveCommand() *cobra.Command {
	var c Config
	var environment error
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the key management server",
		Long: `Run the key management server until SIGTERM or SIGINT; what is under way is finished first.

Without a flag it keeps everything in ./data and listens on loopback. Each flag can be given as the environment variable in brackets; lists take commas there.
Logs go to standard error, one JSON object a line.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if environment != nil {
				return environment
			}
			log := slog.New(slog.NewJSONHandler(p.stderr, nil))
			return p.serve(cmd.Context(), &c, log)
		},
	}
	cmd.Flags().SortFlags = false
	environment = c.bind(cmd.Flags(), p.env)
	completes(cmd, "key-type", words(key.Types()))
	return cmd
}

// serve joins the rooms and answers requests until the context ends.
func (p *program) serve(ctx context.Context, c *Config, log *slog.Logger) error {
	if err := c.complete(); err != nil {
		return err
	}
	var cert *certificate
	if c.TLSCert != "" {
		var err error
		if cert, err = openCertificate(c.TLSCert, c.TLSKey, log); err != nil {
			return &configError{"tls-cert", err}
		}
	}
	for _, did := range c.Operator {
		if _, err := auth.ParseDID(did); err != nil {
			return &configError{"operator", err}
		}
	}
	second, err := c.authServer()
	if err != nil {
		return err
	}
	if err := makeFolder(c.DataDir); err != nil {
		return &configError{"data-dir", err}
	}
	if err := c.checkKeyFiles(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return &configError{"listen", err}
	}
	defer l.Close()
	base := c.base(l.Addr())
	db, err := storage.Open(ctx, c.Database, func(ctx context.Context, sealings map[string][]byte) error {
		return c.checkLocks(ctx, sealings, log)
	})
	if wrong, ok := errors.AsType[*configError](err); ok {
		return wrong
	}
	if _, away := errors.AsType[*lock.UnavailableError](err); away {
		return err
	}
	if err != nil {
		return &configError{"database", err}
	}
	defer db.Close()
	sealed, err := db.ServiceSealings(ctx)
	if err != nil {
		return &configError{"database", err}
	}
	locks, adding, err := c.locks(ctx, len(sealed) == 0, log)
	if err != nil {
		return err
	}
	retiring, err := c.retiring(locks, sealed)
	if err != nil {
		return err
	}
	audit, err := journal.Open(c.AuditLog)
	if err != nil {
		return &configError{"audit-log", err}
	}
	defer audit.Close()

	local := isLoopbackURL(base)
	service, err := keystore.Open(ctx, keystore.Options{
		Base: base, Version: version(), Store: db, Locks: locks, Adding: adding, Retiring: retiring, SecondShare: second,
		Vaults: newVaults(local, p.now), Journal: audit, Operators: c.Operator, OpenRegistration: c.OpenRegistration,
		KeyTypes: c.keyTypes(), RSAPerMinute: c.RSAPerMinute, CacheTTL: c.CacheTTL, CacheEntries: c.CacheEntries, Now: p.now, Log: log,
		DatabaseKind: c.databaseKind(), Settings: c.settings(),
	})
	if wrong, ok := errors.AsType[*keystore.LockError](err); ok {
		return &configError{"server-lock", wrong}
	}
	if err != nil {
		return err
	}
	if err := enrol(ctx, service, c, base, log); err != nil {
		return err
	}
	api, err := graph.New(service, log)
	if err != nil {
		return err
	}
	verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: base, Now: p.now, MaxDelegationTTL: maxDelegation, CacheEntries: 1000})
	if err != nil {
		return &configError{"base-url", err}
	}
	handler, err := server.New(server.Options{Base: base, API: api, Verifier: verifier, Ready: service.Ready, Revoke: service.Revoke, Version: version(), Log: log, Note: service.Note})
	if err != nil {
		return err
	}
	if cert != nil {
		l = tls.NewListener(l, &tls.Config{GetCertificate: cert.get, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}})
	}

	// The live heap is a few megabytes, and the collector would run every few milliseconds. This moves its next run away; as nobody touches the
	// pages, they take no memory.
	ballast := make([]byte, 32<<20)
	defer runtime.KeepAlive(ballast)

	var background sync.WaitGroup
	running, stop := context.WithCancel(context.WithoutCancel(ctx)) // it ends after the last request
	background.Go(func() { service.Run(running) })
	background.Go(func() { reopenOnHangup(running, audit, log) })
	defer background.Wait()
	defer stop()
	log.Info("listening", "address", l.Addr().String(), "url", base, "did", service.Info().DID)
	if err := server.Serve(ctx, l, handler, log); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	log.Info("stopped")
	return nil
}

// reopenOnHangup opens the audit log anew at each SIGHUP, as who has moved it away to keep it asks for.
func reopenOnHangup(ctx context.Context, audit *journal.File, log *slog.Logger) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		if err := audit.Reopen(); err != nil {
			log.Error("the audit log goes on in the file that was open", "error", err)
			continue
		}
		log.Info("opened the audit log anew")
	}
}

// maxDelegation is how long a delegated capability may be valid in all: 90 days, as with the reference verifier.
const maxDelegation = 90 * 24 * time.Hour

// checkKeyFiles refuses a key file that cannot be used before a database is made beside it. One that is not there may be made later.
func (c *Config) checkKeyFiles() error {
	for _, spec := range c.ServerLock {
		path, ok := strings.CutPrefix(spec, "local:")
		if _, err := os.Lstat(path); !ok || errors.Is(err, os.ErrNotExist) {
			continue
		}
		l, err := lock.OpenLocal(path)
		if err != nil {
			return &configError{"server-lock", err}
		}
		l.Wipe()
	}
	return nil
}

// checkLocks refuses locks that are not those of a database which is older than this program, before its schema is changed.
func (c *Config) checkLocks(ctx context.Context, sealings map[string][]byte, log *slog.Logger) error {
	locks, adding, err := c.locks(ctx, len(sealings) == 0, log)
	if err != nil {
		return err
	}
	err = keystore.CheckLocks(ctx, keystore.Options{Locks: locks, Adding: adding, Log: log}, sealings)
	if wrong, ok := errors.AsType[*keystore.LockError](err); ok {
		return &configError{"server-lock", wrong}
	}
	return err
}

// locks opens the server's locks. A master key is made for a database that is new, or to be added: in the place of one that was lost
// it would open nothing, and be taken for it.
func (c *Config) locks(ctx context.Context, fresh bool, log *slog.Logger) (all []keystore.Lock, adding map[string]bool, err error) {
	adding = map[string]bool{}
	open := func(flag, spec string) error {
		l, err := c.lock(ctx, spec, fresh || flag == "add-server-lock", log)
		if err != nil {
			return &configError{flag, err}
		}
		for _, other := range all {
			if other.ID() == l.ID() {
				return badFlag(flag, "%s is given twice", l.ID())
			}
		}
		all = append(all, l)
		if flag == "add-server-lock" {
			adding[l.ID()] = true
		}
		return nil
	}
	for _, spec := range c.ServerLock {
		if err := open("server-lock", spec); err != nil {
			return nil, nil, err
		}
	}
	for _, spec := range c.AddServerLock {
		if err := open("add-server-lock", spec); err != nil {
			return nil, nil, err
		}
	}
	return all, adding, nil
}

func (c *Config) lock(ctx context.Context, spec string, mayMake bool, log *slog.Logger) (keystore.Lock, error) {
	kind, rest, _ := strings.Cut(spec, ":")
	switch {
	case kind == "local" && rest != "":
		if _, err := os.Lstat(rest); errors.Is(err, os.ErrNotExist) && !mayMake {
			return nil, fmt.Errorf("key file %s is not there, and this database was sealed already: put the key back from its copy, or add another with --add-server-lock", rest)
		}
		created, err := lock.CreateLocal(rest)
		if err != nil {
			return nil, err
		}
		if created {
			log.Info("made a master key; keep a copy of it, apart from the database: without it no key opens", "path", rest)
		}
		return lock.OpenLocal(rest)
	case kind == "aws-kms" && rest != "":
		return lock.OpenAWS(ctx, lock.AWSOptions{KeyARN: rest, Endpoint: c.AWSEndpoint, Region: c.AWSRegion})
	}
	return nil, fmt.Errorf("%q is neither local:PATH nor aws-kms:KEY-ARN", spec)
}

// retiring are the ids of the locks to retire. Their key may be lost: the database knows their ids.
func (c *Config) retiring(locks []keystore.Lock, sealed map[string][]byte) ([]string, error) {
	const flag = "retire-server-lock"
	var all []string
	for _, spec := range c.RetireServerLock {
		id, err := retired(spec, sealed)
		if err != nil {
			return nil, &configError{flag, err}
		}
		if slices.ContainsFunc(locks, func(l keystore.Lock) bool { return l.ID() == id }) {
			return nil, badFlag(flag, "%s is also given as --server-lock or --add-server-lock: without that, start with another lock", id)
		}
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	stays := func(id string) bool { return !slices.Contains(all, id) }
	if len(all) > 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(sealed)), stays) {
		return nil, badFlag(flag, "no lock that opens this database would be left: add another first, with --add-server-lock")
	}
	return all, nil
}

var localID = regexp.MustCompile(`^local:[0-9a-f]{16}$`)

func retired(spec string, sealed map[string][]byte) (id string, err error) {
	known := "name the lock by its id; this database was sealed by " + strings.Join(slices.Sorted(maps.Keys(sealed)), ", ")
	if _, ok := sealed[spec]; ok || localID.MatchString(spec) {
		return spec, nil
	}
	switch kind, rest, _ := strings.Cut(spec, ":"); {
	case kind == "local" && rest != "":
		l, err := lock.OpenLocal(rest)
		if err != nil {
			return "", fmt.Errorf("%w: put it back, or %s", err, known)
		}
		defer l.Wipe()
		return l.ID(), nil
	case kind == "aws-kms" && rest != "":
		return spec, nil
	}
	return "", fmt.Errorf("%q is neither local:PATH nor aws-kms:KEY-ARN; %s", spec, known)
}

// authServer returns nil when none is configured.
func (c *Config) authServer() (keystore.SecondShare, error) {
	if c.AuthURL == "" {
		return nil, nil
	}
	token := c.AuthToken
	if c.AuthTokenFile != "" {
		b, err := os.ReadFile(c.AuthTokenFile)
		if err != nil {
			return nil, &configError{"auth-token-file", err}
		}
		token = strings.TrimSpace(string(b))
	}
	if token == "" {
		return nil, badFlag("auth-token-file", "or --auth-token is needed with --auth-url")
	}
	a, err := lock.NewAuthServer(lock.AuthServerOptions{URL: c.AuthURL, Token: token})
	if err != nil {
		return nil, &configError{"auth-url", err}
	}
	return a, nil
}

// enrol leaves the one-time link for the first operator in a file, for a log would keep it longer than it should be known.
func enrol(ctx context.Context, s *keystore.Service, c *Config, base string, log *slog.Logger) error {
	path := filepath.Join(c.DataDir, "operator-enrolment")
	token, err := s.NewEnrolment(ctx)
	if err != nil {
		return err
	}
	if token == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return &configError{"data-dir", err}
		}
		return nil
	}
	if err := writeSecretFile(path, []byte(base+"/#enrol="+token+"\n"), true); err != nil {
		return &configError{"data-dir", err}
	}
	log.Info("no operator yet: the link in this file makes you one, once; twolock operator enrol --identity FILE --link-file FILE", "file", path)
	return nil
}

func isLoopbackURL(base string) bool {
	host := strings.TrimPrefix(strings.TrimPrefix(base, "https://"), "http://")
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return loopback(host)
}
