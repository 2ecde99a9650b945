package keystore

import (
	"errors"
	"fmt"
)

// Code is what a client may act on: extensions.code of a GraphQL error.
type Code string

// The codes. There are no others.
const (
	Unauthenticated     Code = "UNAUTHENTICATED"
	Forbidden           Code = "FORBIDDEN"
	NotFound            Code = "NOT_FOUND"
	BadUserInput        Code = "BAD_USER_INPUT"
	Conflict            Code = "CONFLICT"
	WrongShare          Code = "WRONG_SHARE"
	KeyUnusable         Code = "KEY_UNUSABLE"
	RateLimited         Code = "RATE_LIMITED"
	UpstreamUnavailable Code = "UPSTREAM_UNAVAILABLE"
	Internal            Code = "INTERNAL"
)

// Codes are all codes.
func Codes() []Code {
	return []Code{Unauthenticated, Forbidden, NotFound, BadUserInput, Conflict, WrongShare, KeyUnusable, RateLimited, UpstreamUnavailable, Internal}
}

// Error is an error that a caller may see. Any other error is private and reaches the caller as INTERNAL.
type Error struct {
	Code    Code
	Message string // for the caller: names the field, holds no secret
	// Upstream says who did not answer: "aws-kms", "auth-server" or "vault". Only with UpstreamUnavailable.
	Upstream string
	// Retryable says that the same request may go well later. Only with Conflict, RateLimited and UpstreamUnavailable, whose callers are told it.
	Retryable bool
	Err       error // for the log only
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is match by code: errors.Is(err, &Error{Code: NotFound}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Message == ""
}

// Errorf makes an error that the caller may see.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns err's code; Internal where err does not say.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
