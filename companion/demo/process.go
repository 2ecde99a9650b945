package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// process is a running twolock server.
type process struct {
	cmd      *exec.Cmd
	url, did string
	done     chan error
	log      *strings.Builder
}

// start runs `twolock serve` and waits until it listens.
func start(ctx context.Context, binary, dir string, env []string, flags ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, binary, append([]string{"serve"}, flags...)...), done: make(chan error, 1), log: &strings.Builder{}}
	p.cmd.Dir = dir
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, env...)
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start (make build makes it): %w", binary, err)
	}
	listening := make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(p.log, lines.Text())
			var entry struct{ Msg, URL, DID string }
			if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg == "listening" {
				p.url, p.did = entry.URL, entry.DID
				close(listening)
			}
		}
		p.done <- p.cmd.Wait()
	}()
	select {
	case <-listening:
		return p, nil
	case err := <-p.done:
		return nil, fmt.Errorf("twolock serve ended (%w): %s", errors.Join(err), p.log)
	case <-time.After(20 * time.Second):
		return nil, errors.Join(errors.New("twolock serve does not listen"), p.cmd.Process.Kill())
	}
}

// stop asks the server to end and waits; it must exit with 0.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("twolock serve, asked to end: %w: %s", err, p.log)
		}
		return nil
	case <-time.After(15 * time.Second):
		return errors.Join(errors.New("twolock serve does not end"), p.cmd.Process.Kill())
	}
}

// listen serves a stand-in on loopback and returns its URL.
func listen(make func(url string) (http.Handler, error)) (url string, stop io.Closer, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	url = "http://" + l.Addr().String()
	h, err := make(url)
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.Serve(l) }()
	return url, s, nil
}

// freeAddress is an address to listen on that stays the same over a restart: identifiers are URLs.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
