package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"twolock/server"
	"twolock/server/servertest"
)

// pipes is a listener whose connections are made in memory, so that time in a test can be the test's own.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

var errRefused = errors.New("connection refused")

func (p *pipes) dial() (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, errRefused
	}
}

// running is server.Serve under way, in a bubble whose clock moves when everything waits.
type running struct {
	*pipes
	t    *testing.T
	stop context.CancelFunc
	done chan error
	log  *servertest.Log
}

func serve(t *testing.T, h http.HandlerFunc) *running {
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{newPipes(), t, cancel, make(chan error, 1), &servertest.Log{}}
	go func() { r.done <- server.Serve(ctx, r.pipes, h, r.log.Logger()) }()
	return r
}

func (r *running) connect() net.Conn {
	r.t.Helper()
	c, err := r.dial()
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// end stops the server and checks that it ends well.
func (r *running) end() {
	r.t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		r.t.Errorf("Serve: %v, want nil", err)
	}
}

// closedAfter waits until the server closes the connection and returns how long that took.
func closedAfter(c net.Conn) time.Duration {
	begin := time.Now()
	_, _ = io.Copy(io.Discard, c)
	return time.Since(begin)
}

// Connections that are held open and hardly used are closed, at whatever point they dawdle (THREATS F13). The times are those of the server
// that is shipped; the clock is the test's.
func TestSlowConnectionsAreClosed(t *testing.T) {
	read := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "cut off", http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, "ok")
	}
	drip := func(c net.Conn, text string, every time.Duration) {
		for {
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
			time.Sleep(every)
		}
	}
	for _, c := range []struct {
		name   string
		talk   func(c net.Conn)
		within time.Duration
	}{
		{"that say nothing", func(net.Conn) {}, 5 * time.Second},
		{"that send a header a byte a second", func(c net.Conn) {
			_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: kms.example\r\nX-Slow: ")
			drip(c, "x", time.Second)
		}, 5 * time.Second},
		{"that send a body a byte a second", func(c net.Conn) {
			_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: kms.example\r\nContent-Length: 1000\r\n\r\n")
			drip(c, "x", time.Second)
		}, 20 * time.Second},
		{"that send chunks of a byte a second", func(c net.Conn) {
			_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: kms.example\r\nTransfer-Encoding: chunked\r\n\r\n")
			drip(c, "1\r\nx\r\n", time.Second)
		}, 20 * time.Second},
		{"that are left idle after a request", func(c net.Conn) {
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: kms.example\r\n\r\n")
		}, 60 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, read)
				conn := s.connect()
				var talk sync.WaitGroup
				talk.Go(func() { c.talk(conn) })
				took := closedAfter(conn)
				if took > c.within {
					t.Errorf("closed after %v, want %v at most", took, c.within)
				}
				_ = conn.Close()
				talk.Wait()
				s.end()
			})
		})
	}
}

// A client that does not read its answer is let go.
func TestSlowReadersAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished := make(chan error, 1)
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 1<<20))
			finished <- err
		})
		conn := s.connect()
		begin := time.Now()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: kms.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		err := <-finished
		if took := time.Since(begin); err == nil || took > 30*time.Second {
			t.Errorf("writing ended after %v with %v, want an error within 30 s", took, err)
		}
		_ = conn.Close()
		s.end()
	})
}

// A header of more than 16 KiB (net/http allows 4 KiB beside) is refused, and a smaller one is not.
func TestLongHeadersAreRefused(t *testing.T) {
	for size, want := range map[int]string{15 << 10: "200", 24 << 10: "431", 10 << 20: "431"} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
			conn := s.connect()
			go func() {
				_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: kms.example\r\nX: "+strings.Repeat("x", size)+"\r\n\r\n")
			}()
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.Contains(line, want) {
				t.Errorf("a header of %d bytes: got %q (%v), want %s", size, line, err, want)
			}
			_ = conn.Close()
			s.end()
		})
	}
}

// Stopping lets a request under way finish, takes no new one, and ends without an error.
func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := make(chan struct{})
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			time.Sleep(8 * time.Second)
			if r.Context().Err() != nil {
				t.Error("the request under way was cancelled")
			}
			_, _ = io.WriteString(w, "done")
		})
		conn := s.connect()
		go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: kms.example\r\n\r\n") }()
		<-begun
		s.stop()
		synctest.Wait()
		if _, err := s.dial(); !errors.Is(err, errRefused) {
			t.Errorf("a new connection while stopping: %v, want it refused", err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "done" {
			t.Errorf("the request under way: got %q (%v)", body, err)
		}
		_ = conn.Close()
		s.end()
	})
}

// Stopping does not wait for ever: what is not finished after ten seconds is cut off.
func TestStopIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := make(chan struct{})
		s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
		})
		conn := s.connect()
		go func() { _, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: kms.example\r\n\r\n") }()
		<-begun
		begin := time.Now()
		s.end()
		if took := time.Since(begin); took > 11*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("the connection: %v, want it closed", err)
		}
	})
}

// Serve reports a listener that fails.
func TestListenerFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	log := &servertest.Log{}
	if err := server.Serve(t.Context(), l, http.NotFoundHandler(), log.Logger()); err == nil {
		t.Error("Serve on a closed listener: nil, want an error")
	}
}
