// Package server is the HTTP edge: routes, limits, headers, who calls. It knows nothing of keys.
//
// Every request with a capability is authenticated here, over exactly the bytes that are then executed; what its sender may do is
// decided in keystore.
package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/cors"

	"twolock/auth"
	"twolock/graph"
	"twolock/keystore"
)

// Options are what a server is made of. All are required.
type Options struct {
	Base     string // such as https://kms.example; its host is the only one answered
	API      *graph.API
	Verifier *auth.Verifier
	Ready    func(context.Context) error
	Version  string
	Log      *slog.Logger
}

type server struct {
	Options
	host string
}

// Limits of a request, beside those of GraphQL.
const (
	maxBody        = 1 << 20
	maxHeader      = 16 << 10
	requestTimeout = 15 * time.Second
)

// New returns the routes.
func New(o Options) (http.Handler, error) {
	base, err := url.Parse(o.Base)
	if err != nil {
		return nil, err
	}
	s := &server{o, base.Host}
	m := newMetrics()

	r := chi.NewRouter()
	r.Use(requestID, m.count, s.recover, headers)
	r.NotFound(func(w http.ResponseWriter, _ *http.Request) {
		graph.WriteError(w, http.StatusNotFound, keystore.Errorf(keystore.NotFound, "there is nothing at this URL"))
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, _ *http.Request) {
		graph.WriteError(w, http.StatusMethodNotAllowed, keystore.Errorf(keystore.BadUserInput, "this URL does not take this method"))
	})
	// Probes come by address, not by name.
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok\n") })
	r.Get("/readyz", s.ready)
	r.Get("/metrics", m.handler.ServeHTTP)
	r.Group(func(r chi.Router) {
		r.Use(s.knownHost)
		r.Get("/", s.home)
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
		})
	})
	return r, nil
}

func (s *server) graphql(w http.ResponseWriter, r *http.Request) {
	body, problem := readBody(w, r)
	if problem != nil {
		graph.WriteError(w, http.StatusBadRequest, problem)
		return
	}
	caller, err := s.Verifier.Authenticate(r, body)
	if err != nil {
		status, refusal := refusal(err)
		graph.WriteError(w, status, refusal)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	s.API.Serve(ctx, w, graph.Request{Caller: caller, ID: idOf(ctx), Accept: r.Header.Get("Accept"), Body: body})
}

// refusal says what a request that was not authenticated is answered.
func refusal(err error) (int, *keystore.Error) {
	e, ok := errors.AsType[*auth.Error](err)
	if !ok {
		return http.StatusInternalServerError, keystore.Errorf(keystore.Internal, "internal error")
	}
	switch e.Kind {
	case auth.BadRequest:
		return http.StatusBadRequest, keystore.Errorf(keystore.BadUserInput, "%s", e.Message)
	case auth.Forbidden:
		return http.StatusForbidden, keystore.Errorf(keystore.Forbidden, "%s", e.Message)
	}
	return http.StatusUnauthorized, keystore.Errorf(keystore.Unauthenticated, "%s", e.Message)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *keystore.Error) {
	bad := func(format string, args ...any) ([]byte, *keystore.Error) {
		return nil, keystore.Errorf(keystore.BadUserInput, format, args...)
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		return bad("URL: takes no query string")
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return bad("Content-Type: must be application/json")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return bad("Content-Encoding: is not taken")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return bad("body: is larger than 1 MiB")
	}
	if err != nil {
		return bad("body: ended early")
	}
	return body, nil
}

func (s *server) knownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != s.host {
			graph.WriteError(w, http.StatusMisdirectedRequest, keystore.Errorf(keystore.BadUserInput, "Host: this server answers as another one; see --base-url"))
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
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}

// recover answers a request whose handler panicked; the panic's text might hold a secret and is not logged.
func (s *server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("panic in a handler", "request", idOf(r.Context()), "path", r.URL.Path, "stack", stack())
				graph.WriteError(w, http.StatusInternalServerError, keystore.Errorf(keystore.Internal, "internal error"))
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
