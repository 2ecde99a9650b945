package awskms

import (
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
)

// kmsException is an error in KMS's own shape.
type kmsException struct {
	name    string
	message string // some exceptions of KMS have none
}

func exception(name, message string) *kmsException { return &kmsException{name, message} }

// status: what the server did wrong is 5xx, all else 400.
func (e *kmsException) status() int {
	switch e.name {
	case "KMSInternalException", "DependencyTimeoutException":
		return http.StatusInternalServerError
	case "RequestEntityTooLargeException":
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// writeException answers and returns the exception's name.
func writeException(w http.ResponseWriter, e *kmsException) string {
	answer := map[string]any{"__type": e.name}
	if e.message != "" {
		answer["message"] = e.message
	}
	writeJSON(w, e.status(), answer)
	return e.name
}

func writeJSON(w http.ResponseWriter, status int, answer map[string]any) {
	body, err := json.Marshal(answer, json.Deterministic(true))
	if err != nil {
		panic("awskms: answer cannot be written: " + err.Error()) // a mistake in this package
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
