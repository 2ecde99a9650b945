package edv

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"twolock/keystore"
)

// unavailable makes the one error a caller sees of a vault that did not do its part. cause goes to the log only.
func unavailable(retryable bool, message string, cause error) *keystore.Error {
	return &keystore.Error{
		Code: keystore.UpstreamUnavailable, Upstream: "vault", Retryable: retryable, Message: message, Err: cause,
	}
}

// malformed is for an answer that is not what the protocol demands: asking again would not help.
func malformed(cause error) error {
	if errors.Is(cause, errSwapped) {
		return unavailable(false, errSwapped.Error(), keystore.ErrDamaged)
	}
	return unavailable(false, "the vault's answer cannot be used", cause)
}

// damaged is for a document that the vault has and nobody can read, or that is another one.
func damaged(cause error) error {
	return malformed(fmt.Errorf("%w: %w", keystore.ErrDamaged, cause))
}

// lost tells what it means that a request got no answer, and whether the vault may have acted on it.
func lost(err error) (failure *keystore.Error, ambiguous bool) {
	var certificate *tls.CertificateVerificationError
	var operation *net.OpError
	switch {
	case errors.Is(err, errAddress):
		return unavailable(false, "the vault's address is not one that requests are sent to", err), false
	case errors.As(err, &certificate):
		return unavailable(false, "the vault's TLS certificate is not valid", err), false
	case errors.As(err, &operation) && operation.Op == "dial":
		return unavailable(true, "the vault cannot be reached", err), false
	case errors.Is(err, context.Canceled):
		return unavailable(true, "the request ended before the vault answered", err), true
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return unavailable(true, "the vault did not answer in time", err), true
	}
	return unavailable(true, "the vault did not answer", err), true
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// refused tells what a status other than success means. What it means for one operation alone (404 of a read, 409 of an
// insert) is decided there.
func (v *Vault) refused(status int) *keystore.Error {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		cause := fmt.Errorf("%w: %w", keystore.ErrRefused, statusError(status))
		if !v.now().Before(v.capability.Expires()) {
			return unavailable(false, "the vault refused the capability, which has expired: put a new one in place with updateVaultCapability", cause)
		}
		return unavailable(false, "the vault refused the capability: check that it was not revoked and the vault's clock, "+
			"or put a new one in place with updateVaultCapability", cause)
	case status == http.StatusNotFound || status == http.StatusGone:
		return unavailable(false, "there is no vault at the vault's URL", nil)
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return unavailable(true, "the vault is busy", nil)
	case status >= 500:
		return unavailable(true, "the vault failed", statusError(status))
	case status >= 300 && status < 400:
		return unavailable(false, "the vault answered with a redirect, which is not followed", statusError(status))
	}
	return unavailable(false, "the vault refused the request", statusError(status))
}

func statusError(status int) error { return fmt.Errorf("status %d", status) }
