package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
)

type requestIDKey struct{}

// requestID names each request, for the log and for INTERNAL errors. What the client sends is not used.
func requestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b [8]byte
		_, _ = rand.Read(b[:])
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, hex.EncodeToString(b[:]))))
	})
}

func idOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
