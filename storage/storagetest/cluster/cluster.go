// Package cluster runs a PostgreSQL of its own for tests: in a temporary folder, on a local socket, with the settings
// that make writes durable.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a running PostgreSQL.
type Cluster struct {
	dir    string
	keeper *exec.Cmd
	hold   io.Closer // the keeper stops the server when this closes, which the death of the process does too
	done   chan struct{}
}

// port tells apart nothing but the socket's name: nothing listens on the network.
const port = 5432

// keep runs the server ($1) on the folder ($2) until its standard input ends, then stops the server and removes the folder.
// SIGINT ends it without waiting for its clients, SIGCONT wakes what Freeze stopped.
const keep = `server=$1 dir=$2; shift 2
"$server" -D "$dir/data" "$@" </dev/null >"$dir/log" 2>&1 &
pid=$!
cat >/dev/null
kill -INT "$pid"
kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children") 2>/dev/null
wait "$pid"
rm -rf "$dir"`

// Start starts a server with further settings, such as "fsync=off". It ends with Stop, or with this process however
// that ends. As root the server runs as the operating system's user postgres, for it refuses root.
func Start(settings ...string) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	owner, err := serverUser()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pg") // short: a socket's path has about 100 bytes
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, done: make(chan struct{})}
	if err := c.start(bin, owner, settings); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.await(); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		c.Stop()
		return nil, fmt.Errorf("%w\n%s", err, log)
	}
	return c, nil
}

func (c *Cluster) start(bin string, owner *syscall.Credential, settings []string) error {
	if owner != nil {
		if err := os.Chown(c.dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	attributes := &syscall.SysProcAttr{Credential: owner, Setpgid: true} // not interrupted with us, but stopped by us
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(c.dir, "data"), "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = c.dir, attributes
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	args := []string{"-c", keep, "sh", filepath.Join(bin, "postgres"), c.dir, "-k", c.dir, "-p", strconv.Itoa(port),
		"-c", "listen_addresses=", "-c", "max_connections=200"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	c.keeper = exec.Command("/bin/sh", args...)
	c.keeper.Dir, c.keeper.SysProcAttr = "/", attributes
	hold, err := c.keeper.StdinPipe()
	if err != nil {
		return err
	}
	c.hold = hold
	if err := c.keeper.Start(); err != nil {
		return err
	}
	go func() {
		_ = c.keeper.Wait()
		close(c.done)
	}()
	return nil
}

func (c *Cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// DSN is the URL of a database of the cluster; there is one named postgres.
func (c *Cluster) DSN(database string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s&port=%d", database, url.QueryEscape(c.dir), port)
}

// Freeze stops the server's processes without ending them, as a machine that hangs would: connections stay, nothing answers.
func (c *Cluster) Freeze() error { return c.signal(syscall.SIGSTOP) }

// Thaw lets them go on.
func (c *Cluster) Thaw() error { return c.signal(syscall.SIGCONT) }

// signal reaches the server and its workers. Each leads a process group of its own.
func (c *Cluster) signal(s syscall.Signal) error {
	file, err := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(string(file), "\n")
	postmaster, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return err
	}
	errs := []error{syscall.Kill(postmaster, s)} // first: then it starts no further worker
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", postmaster, postmaster))
	if err != nil {
		return err
	}
	for _, child := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(child)
		if err == nil {
			err = syscall.Kill(pid, s)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Stop ends the server, removes its folder and returns when that is done.
func (c *Cluster) Stop() {
	_ = c.hold.Close()
	<-c.done
}

// binaries finds the folder of PostgreSQL's programs: the newest that Debian's package installed, or the one in PATH.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		newest := slices.MaxFunc(found, func(a, b string) int { return release(a) - release(b) })
		return filepath.Dir(newest), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("PostgreSQL is not installed: its program initdb is neither in /usr/lib/postgresql/*/bin nor in " +
			"PATH (Debian: apt-get install postgresql)")
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Dir(path), nil
}

func release(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

func serverUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no user for it: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
