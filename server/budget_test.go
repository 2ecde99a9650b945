package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/server"
	"twolock/server/servertest"
)

// post begins a request that announces so many bytes, and sends the part. What is refused on the way is no error here: the answer says so.
func post(c net.Conn, host string, announced int, part []byte) {
	_, _ = fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", host, announced)
	_, _ = c.Write(part)
}

// Nobody who may do nothing makes the server grow without bound: connections that each send a body but for its last byte are let go when they hold as much
// as there is for them. Who sends little is answered all the while, and the memory comes back.
func TestLargeBodiesUnderWayAreBounded(t *testing.T) {
	s := servertest.Start(t)
	host := strings.TrimPrefix(s.URL, "http://")
	part := bytes.Repeat([]byte(" "), 1<<20-1)
	heap := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc >> 20)
	}
	small := func(when string) {
		t.Helper()
		for range 20 {
			if a := s.Send(s.Request(s.URL+"/graphql", append([]byte(service), bytes.Repeat([]byte(" "), 16<<10-len(service))...))); a.Status != 200 {
				t.Fatalf("%s, a request of 16 KiB: %d %s", when, a.Status, a.Body)
			}
		}
	}
	large := func() *servertest.Answer {
		return s.Send(s.Request(s.URL+"/graphql", append([]byte(service), part[len(service)-1:]...)))
	}
	before := heap()
	const conns = 160
	open := make([]net.Conn, conns)
	for i := range open {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		open[i] = c
		post(c, host, len(part)+1, part)
	}
	small("with 160 large bodies that do not end")
	refused := 0
	for _, c := range open {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			continue // it is waited for
		}
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !bytes.Contains(body, []byte(`"RATE_LIMITED"`)) {
			t.Errorf("refused with %d, Retry-After %q, %s", resp.StatusCode, resp.Header.Get("Retry-After"), body)
		}
		refused++
	}
	// Of some the answer is lost, for they were still sending when their connection was closed.
	if refused == 0 {
		t.Error("none was refused")
	}
	if a := large(); a.Status != 503 || a.Code() != "RATE_LIMITED" {
		t.Errorf("one more of 1 MiB: %d %.200s, want 503", a.Status, a.Body)
	}
	if now := heap(); now-before > 160 {
		t.Errorf("the heap grew by %d MiB", now-before)
	} else {
		t.Logf("the heap grew by %d MiB, from %d; %d were answered 503", now-before, before, refused)
	}
	for _, c := range open {
		_ = c.Close()
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if a := large(); a.Status == 200 {
			break
		} else if a.Status != 503 || time.Now().After(deadline) {
			t.Fatalf("after they went: %d %.200s", a.Status, a.Body)
		}
	}
	if now := heap(); now-before > 20 {
		t.Errorf("after they went the heap is %d MiB larger than before", now-before)
	}
}

// However a large request ends, what it took is there for the next.
func TestBudgetComesBack(t *testing.T) {
	s := servertest.Start(t)
	pad := func(n int) []byte { return append([]byte(service), bytes.Repeat([]byte(" "), n-len(service))...) }
	large := func() *servertest.Answer { return s.Send(s.Request(s.URL+"/graphql", pad(1<<20))) }
	hold := func() net.Conn {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		post(c, strings.TrimPrefix(s.URL, "http://"), 1<<20, pad(1<<20-1))
		return c
	}
	until := func(status int, each func()) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			each()
			if a := large(); a.Status == status {
				return
			} else if time.Now().After(deadline) {
				t.Fatalf("one of 1 MiB: %d %.200s, want %d", a.Status, a.Body, status)
			}
		}
	}
	nothing := func() {}
	for range 63 { // of 1 MiB there is room for 64
		hold()
	}
	var last net.Conn
	until(503, func() { // it may be the one that is refused, when it comes late
		if last != nil {
			_ = last.Close()
		}
		last = hold()
		time.Sleep(50 * time.Millisecond)
	})
	_ = last.Close()
	until(200, nothing)
	for name, send := range map[string]func() *servertest.Answer{
		"well":      large,
		"chunked":   func() *servertest.Answer { return s.Send(chunked(s.Request(s.URL+"/graphql", pad(1<<20)))) },
		"too large": func() *servertest.Answer { return s.Send(chunked(s.Request(s.URL+"/graphql", pad(1<<20+1)))) },
		"no GraphQL": func() *servertest.Answer {
			return s.Send(s.Request(s.URL+"/graphql", bytes.Repeat([]byte("x"), 1<<20)))
		},
		"not allowed": func() *servertest.Answer {
			return s.Post(servertest.As(s.Mallory), s.URL+"/graphql", "read", pad(1<<20))
		},
		"no revocation":     func() *servertest.Answer { return revocation(s, s.Mallory, pad(1<<20)) },
		"not authenticated": func() *servertest.Answer { return forged(s, pad(1<<20)) },
	} {
		if a := send(); a.Status == 503 {
			t.Errorf("%s: %d %.200s", name, a.Status, a.Body)
		}
		// The answer is here a moment before the server is done with the request.
		until(200, nothing)
	}
}

func chunked(r *http.Request) *http.Request {
	r.ContentLength = -1
	return r
}

func revocation(s *servertest.Server, as *auth.Identity, body []byte) *servertest.Answer {
	return s.Post(&client.Client{Identity: as}, s.URL+"/graphql/zcaps/revocations/urn%3Auuid%3A6a2f41a3-c54c-fce8-32d2-0324e1c32e22", "write", body)
}

func forged(s *servertest.Server, body []byte) *servertest.Answer {
	r := s.Request(s.URL+"/graphql", body)
	r.Header.Set("Authorization", "Signature nonsense")
	return s.Send(r)
}

// Bodies that trickle are ended in time, and what they held is there again.
func TestTricklingBodiesGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verifier, err := auth.NewVerifier(auth.VerifierOptions{Base: "https://kms.example", Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		h, err := server.New(server.Options{Base: "https://kms.example", Verifier: verifier})
		if err != nil {
			t.Fatal(err)
		}
		s := serve(t, h.ServeHTTP)
		part := bytes.Repeat([]byte(" "), 1<<20-100)
		ctx, stop := context.WithCancel(context.Background())
		var held sync.WaitGroup
		for range 64 {
			c := s.connect()
			held.Go(func() {
				post(c, "kms.example", 1<<20, part)
				for ctx.Err() == nil {
					if _, err := c.Write([]byte(" ")); err != nil {
						break
					}
					time.Sleep(time.Second)
				}
				_ = c.Close()
			})
		}
		synctest.Wait()
		large := func() int {
			c := s.connect()
			defer c.Close()
			go post(c, "kms.example", 40<<10, make([]byte, 40<<10))
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode
		}
		if got := large(); got != 503 {
			t.Errorf("while 64 MiB trickle: %d, want 503", got)
		}
		time.Sleep(16 * time.Second)
		if got := large(); got == 503 {
			t.Error("after their time was over: 503")
		}
		stop()
		held.Wait()
		s.end()
	})
}
