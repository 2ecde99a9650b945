package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// printer writes the arrows, one at a time.
type printer struct {
	mu sync.Mutex
	w  io.Writer
}

func (p *printer) title(s string) { p.line("\n%s\n%s", s, strings.Repeat("-", len(s))) }
func (p *printer) arrow(from, to, format string, args ...any) {
	p.line("%-11s -> %-11s  %s", from, to, fmt.Sprintf(format, args...))
}
func (p *printer) note(format string, args ...any) {
	p.line("%28s%s", "", fmt.Sprintf(format, args...))
}

func (p *printer) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// watch prints each request that reaches a stand-in, and its answer, by what describe makes of the path; never a body.
func (p *printer) watch(name string, h http.Handler, describe func(r *http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := describe(r)
		if what == "" { // not a part of the diagrams
			h.ServeHTTP(w, r)
			return
		}
		p.arrow("twolock", name, "%s", what)
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(status, r)
		p.arrow(name, "twolock", "%d %s", status.status, http.StatusText(status.status))
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// short makes an identifier fit a line: its last part, in the middle of which something is left out.
func short(url string) string {
	for _, part := range []string{"/keys/", "/keystores/", "/documents/", "/edvs/"} {
		if i := strings.LastIndex(url, part); i >= 0 {
			return "…" + url[i:min(len(url), i+len(part)+10)] + "…"
		}
	}
	return url[:min(len(url), 20)] + "…"
}
