// Package server is the HTTP edge: routes, limits, headers, who calls. It knows nothing of keys.
//
// Every request with a capability is authenticated here, over exactly the bytes that are then executed; what its sender may do is
// decided in keystore.
package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/cors"

	"twolock/auth"
	"twolock/graph"
	"twolock/keystore"
	"twolock/web"
)

// Options are what a server is made of. All but Note are required.
type Options struct {
	Base     string // such as https://kms.example; its host is the only one answered
	API      *graph.API
	Verifier *auth.Verifier
	Ready    func(context.Context) error
	Revoke   func(context.Context, *auth.Caller, keystore.RevokeInput) error
	Version  string
	Log      *slog.Logger
	// Note is told of each request that a capability could come with, when it was answered: how long that took from its last byte on, the operations that
	// it asked for, the codes of the errors in the answer. nil: nobody is told.
	Note func(took time.Duration, operations int, errors ...keystore.Code)
}

type server struct {
	Options
	host     string
	failures *failures
	metrics  *metrics
	refusals *refusals
	bodies   budget
}

var revocationPaths = []string{"/graphql/zcaps/revocations/{capability}", "/keystores/{keystore}/zcaps/revocations/{capability}"}

// Limits of a request, beside those of GraphQL.
const (
	maxBody        = 1 << 20
	maxAnnounced   = 16 << 10 // memory taken for a body before any of it is here
	maxHeader      = 16 << 10
	requestTimeout = 15 * time.Second
)

// New returns the routes.
func New(o Options) (http.Handler, error) {
	base, err := url.Parse(o.Base)
	if err != nil {
		return nil, err
	}
	if o.Note == nil {
		o.Note = func(time.Duration, int, ...keystore.Code) {}
	}
	m := newMetrics()
	s := &server{Options: o, host: base.Host, failures: newFailures(time.Now), metrics: m, refusals: newRefusals(o.Log, time.Now)}

	r := chi.NewRouter()
	r.Use(requestID, m.count, s.recover, headers, middleware.GetHead)
	r.NotFound(func(w http.ResponseWriter, req *http.Request) {
		if req.Host == s.host && isBrowser(req) {
			web.NotFound(w)
			return
		}
		graph.WriteError(w, http.StatusNotFound, keystore.Errorf(keystore.NotFound, "there is nothing at this URL"))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Allow", strings.Join(allowed(r, req.URL.Path), ", "))
		graph.WriteError(w, http.StatusMethodNotAllowed, keystore.Errorf(keystore.BadUserInput, "this URL does not take this method"))
	})
	// Probes come by address, not by name.
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok\n") })
	r.Get("/readyz", s.ready)
	r.Get("/metrics", m.handler.ServeHTTP)
	r.Group(func(r chi.Router) {
		r.Use(s.knownHost)
		for pattern, page := range web.Console() {
			r.Get(pattern, unlessInvoked(page))
		}
		r.Get("/schema.graphql", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, graph.Schema) })
		r.Group(func(r chi.Router) {
			// Open to every origin, for there are no cookies: what counts is the capability.
			r.Use(cors.Handler(cors.Options{
				AllowedOrigins: []string{"*"},
				AllowedMethods: []string{http.MethodPost},
				AllowedHeaders: []string{"Accept", "Authorization", "Capability-Invocation", "Content-Type", "Digest"},
				MaxAge:         600,
			}))
			for _, path := range []string{"/graphql", "/keystores/{keystore}", "/keystores/{keystore}/keys/{key}"} {
				r.Post(path, s.graphql)
				r.Options(path, func(http.ResponseWriter, *http.Request) {}) // answered by cors before
			}
			for _, path := range revocationPaths {
				r.Post(path, s.revoke)
				r.Options(path, func(http.ResponseWriter, *http.Request) {})
			}
		})
	})
	return r, nil
}

// unlessInvoked answers a browser with the page; who invokes a capability by GET is no browser, and is told that these URLs take POST.
func unlessInvoked(page http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Capability-Invocation") != "" || r.Header.Get("Authorization") != "" {
			w.Header().Set("Allow", "POST, OPTIONS")
			graph.WriteError(w, http.StatusMethodNotAllowed, keystore.Errorf(keystore.BadUserInput, "this URL does not take this method with a capability"))
			return
		}
		page.ServeHTTP(w, r)
	}
}

// isBrowser tells a person's visit from a client's request, by what would be read of the answer.
func isBrowser(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// allowed lists the methods of a path that exists (RFC 9110 section 15.5.6).
func allowed(r chi.Routes, path string) (methods []string) {
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
		if !r.Match(chi.NewRouteContext(), m, path) {
			continue
		}
		if methods = append(methods, m); m == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	return methods
}

func (s *server) graphql(w http.ResponseWriter, r *http.Request) {
	in, ok := s.authenticate(w, r)
	if !ok {
		return
	}
	defer in.share.release()
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	out := s.API.Serve(ctx, w, graph.Request{Caller: in.caller, ID: idOf(ctx), Accept: r.Header.Get("Accept"), Body: in.body})
	s.note(r, in, out.Action, out.Operations, out.Errors...)
	refused := 0
	for _, code := range out.Errors {
		if code == keystore.Forbidden {
			refused++
		}
	}
	s.failures.add(r.RemoteAddr, refused)
}

// revoke takes a revocation as the reference clients send it: the capability is the body, the answer 204.
func (s *server) revoke(w http.ResponseWriter, r *http.Request) {
	in, ok := s.authenticate(w, r)
	if !ok {
		return
	}
	defer in.share.release()
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	err := s.Revoke(ctx, in.caller, keystore.RevokeInput{URL: in.caller.Target, Capability: in.body})
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		s.note(r, in, revokeAction, 1)
		return
	}
	refused, ok := errors.AsType[*keystore.Error](err)
	if !ok {
		s.Log.Error("internal error", "request", idOf(ctx), "error", err)
		graph.WriteInternal(w, http.StatusInternalServerError, idOf(ctx))
		s.note(r, in, revokeAction, 1, keystore.Internal)
		return
	}
	if refused.Code == keystore.Forbidden {
		s.failures.add(r.RemoteAddr, 1)
	}
	graph.WriteError(w, statusOf[refused.Code], refused)
	s.note(r, in, revokeAction, 1, refused.Code)
}

// revokeAction is what a revocation by POST counts as.
const revokeAction = "revoke"

// note counts a request that was answered, for the operators' pages and for the metrics; the log tells of one that was not allowed.
func (s *server) note(r *http.Request, in request, action string, operations int, errors ...keystore.Code) {
	s.Note(time.Since(in.began), operations, errors...)
	s.metrics.note(action, operations, errors)
	s.refusals.add(r, in.caller, errors...)
}

// statusOf is the status of what a revocation can be refused with.
var statusOf = map[keystore.Code]int{
	keystore.Unauthenticated:     http.StatusUnauthorized,
	keystore.Forbidden:           http.StatusForbidden,
	keystore.BadUserInput:        http.StatusBadRequest,
	keystore.NotFound:            http.StatusNotFound,
	keystore.Conflict:            http.StatusConflict,
	keystore.UpstreamUnavailable: http.StatusServiceUnavailable,
}

// request is a request whose sender is known.
type request struct {
	caller *auth.Caller
	body   []byte
	began  time.Time // when all of it was here
	share  *share    // of the budget of large bodies
}

// authenticate reads the body and says who sent it; where it cannot, it has answered. Else the caller releases the share.
func (s *server) authenticate(w http.ResponseWriter, r *http.Request) (in request, ok bool) {
	in = request{began: time.Now(), share: s.bodies.share(r.ContentLength)}
	defer func() {
		if !ok {
			in.share.release()
		}
	}()
	if wait := s.failures.wait(r.RemoteAddr); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		graph.WriteError(w, http.StatusTooManyRequests, &keystore.Error{Code: keystore.RateLimited, Retryable: true, Message: "too many requests from your address were refused: wait " + seconds(wait) + " s"})
		s.note(r, in, "", 0, keystore.RateLimited)
		return in, false
	}
	body, status, problem := readBody(w, r, in.share)
	in.body, in.began = body, time.Now()
	if problem != nil {
		graph.WriteError(w, status, problem)
		s.note(r, in, "", 0, problem.Code)
		return in, false
	}
	caller, err := s.Verifier.Authenticate(r, body)
	if err != nil {
		s.failures.add(r.RemoteAddr, 1)
		s.note(r, in, "", 0, s.refuse(w, r, err))
		return in, false
	}
	caller.Request = idOf(r.Context())
	in.caller = caller
	return in, true
}

// refuse answers a request that was not authenticated, and returns with which code.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) keystore.Code {
	e, ok := errors.AsType[*auth.Error](err)
	if !ok {
		s.Log.Error("internal error", "request", idOf(r.Context()), "error", err)
		graph.WriteInternal(w, http.StatusInternalServerError, idOf(r.Context()))
		return keystore.Internal
	}
	status, code := http.StatusUnauthorized, keystore.Unauthenticated
	switch e.Kind {
	case auth.BadRequest:
		status, code = http.StatusBadRequest, keystore.BadUserInput
	case auth.Forbidden:
		status, code = http.StatusForbidden, keystore.Forbidden
	}
	graph.WriteError(w, status, keystore.Errorf(code, "%s", e.Message))
	return code
}

// readBody returns the body, or how to answer instead.
func readBody(w http.ResponseWriter, r *http.Request, part *share) ([]byte, int, *keystore.Error) {
	bad := func(status int, problem string) ([]byte, int, *keystore.Error) {
		return nil, status, keystore.Errorf(keystore.BadUserInput, "%s", problem)
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		return bad(http.StatusBadRequest, "URL: takes no query string")
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return bad(http.StatusUnsupportedMediaType, "Content-Type: must be application/json, in UTF-8")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return bad(http.StatusUnsupportedMediaType, "Content-Encoding: is not taken")
	}
	var in bytes.Buffer
	in.Grow(int(min(max(r.ContentLength, 0), maxAnnounced)) + bytes.MinRead) // with this much to spare, ReadFrom never grows
	from := http.MaxBytesReader(w, r.Body, maxBody)
	if part != nil {
		from = &meter{ReadCloser: from, share: part}
	}
	_, err := in.ReadFrom(from)
	body := in.Bytes()
	if errors.Is(err, errNoBudget) {
		w.Header().Set("Retry-After", "2")
		return nil, http.StatusServiceUnavailable, &keystore.Error{Code: keystore.RateLimited, Retryable: true, Message: "too many large requests are under way: wait a little, or send fewer items at once"}
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return bad(http.StatusRequestEntityTooLarge, "body: is larger than 1 MiB")
	}
	if err != nil {
		return bad(http.StatusBadRequest, "body: ended early")
	}
	return body, 0, nil
}

func isJSON(contentType string) bool {
	t, params, err := mime.ParseMediaType(contentType)
	charset, given := params["charset"]
	return err == nil && t == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

func (s *server) knownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != s.host {
			graph.WriteError(w, http.StatusMisdirectedRequest, keystore.Errorf(keystore.BadUserInput, "Host: this server answers as %s only", s.Base))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

// recover answers a request whose handler panicked; the panic's text might hold a secret and is not logged.
func (s *server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("panic in a handler", "request", idOf(r.Context()), "path", r.URL.Path, "type", fmt.Sprintf("%T", p),
					"stack", string(debug.Stack()))
				graph.WriteInternal(w, http.StatusInternalServerError, idOf(r.Context()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Log.Warn("not ready", "error", err)
		text(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	text(w, http.StatusOK, "ready\n")
}

func text(w http.ResponseWriter, status int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, s)
}

// Serve answers on l until the context ends, then lets what is under way finish, for ten seconds at most.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.Shutdown(drain); err != nil {
		return s.Close()
	}
	return nil
}
