package lock

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// parseOutbound parses the URL of a service that gets or gives secrets: https, or http to this machine only. field names the
// setting in errors, which do not repeat the value: it may hold a password.
func parseOutbound(field, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return nil, fmt.Errorf("%s is not an absolute URL such as https://host", field)
	case u.User != nil:
		return nil, fmt.Errorf("%s must not hold a user name or password", field)
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return nil, fmt.Errorf("%s must not have a query or fragment", field)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s is http to another machine: use https", field)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s is neither https nor http", field)
	}
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// configureOutbound sets the limits of a transport that talks to one service. u may be nil: https then.
func configureOutbound(t *http.Transport, u *url.URL, connections int) {
	t.MaxConnsPerHost = connections
	t.MaxIdleConnsPerHost = connections
	t.IdleConnTimeout = 90 * time.Second
	t.TLSHandshakeTimeout = 5 * time.Second
	t.MaxResponseHeaderBytes = 16 << 10
	t.DisableCompression = true // else a small answer may become a large one
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	if u != nil && u.Scheme == "http" {
		// "localhost" is what the resolver says; that no secret leaves the machine in the clear must not hang on it.
		dialer.Control = onlyLoopback
		t.Proxy = nil
	}
	t.DialContext = dialer.DialContext
}

func onlyLoopback(_, address string, _ syscall.RawConn) error {
	if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().Unmap().IsLoopback() {
		return errors.New("plain http is for this machine only")
	}
	return nil
}

// refuseRedirects makes the redirect itself the answer: what was meant for one server is not for another.
func refuseRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

var errAnswerTooLong = errors.New("answer is too long")

// boundedBodies makes reading more than limit bytes of an answer fail.
type boundedBodies struct {
	next  http.RoundTripper
	limit int64
}

func (b boundedBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &boundedBody{ReadCloser: res.Body, left: b.limit}
	return res, nil
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		return n, errAnswerTooLong
	}
	b.left -= int64(n)
	return n, err
}

// connectionFault says why there was no answer, and whether it makes sense to ask again.
func connectionFault(err error) (reason string, retryable bool) {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "certificate is not trusted", false
	}
	if errors.Is(err, context.Canceled) {
		return "call was given up", true
	}
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time", true
	}
	return "no connection", true
}

// timeoutOr returns the timeout, the default where it is 0.
func timeoutOr(field string, d, otherwise, most time.Duration) (time.Duration, error) {
	if d < 0 || d > most {
		return 0, fmt.Errorf("%s is %v, more than 0 and at most %v is allowed", field, d, most)
	}
	if d == 0 {
		return otherwise, nil
	}
	return d, nil
}
