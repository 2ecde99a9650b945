package auth

import "fmt"

// Kind says what to answer.
type Kind int

// The kinds of refusal.
const (
	BadRequest      Kind = iota + 1 // not understood: malformed, too large, or not what a conforming client sends
	Unauthenticated                 // not known who calls: no signature, or one that does not verify here and now
	Forbidden                       // known, and not allowed
)

func (k Kind) String() string {
	switch k {
	case BadRequest:
		return "bad request"
	case Unauthenticated:
		return "unauthenticated"
	case Forbidden:
		return "forbidden"
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Error is why a request is refused. Message is for the client: it helps an honest one (by how much the clock is off,
// which action is missing, which header is not covered) and tells an attacker nothing about what exists. It holds no secret.
type Error struct {
	Kind    Kind
	Message string
}

func (e *Error) Error() string { return e.Message }

// Is makes errors.Is match by kind: errors.Is(err, &Error{Kind: Forbidden}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && (t.Message == "" || t.Message == e.Message)
}

func badRequest(format string, args ...any) error {
	return &Error{BadRequest, fmt.Sprintf(format, args...)}
}

func unauthenticated(format string, args ...any) error {
	return &Error{Unauthenticated, fmt.Sprintf(format, args...)}
}

func forbidden(format string, args ...any) error {
	return &Error{Forbidden, fmt.Sprintf(format, args...)}
}
