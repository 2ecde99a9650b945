package lock

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	authUpstream = "auth-server"

	defaultAuthTimeout = 2 * time.Second
	maxAuthTimeout     = time.Minute
	maxAuthAnswer      = 4 << 10
	maxAuthToken       = 4 << 10
	maxController      = 2 << 10
	authConnections    = 32
)

// AuthServerOptions say where the Auth server is and who asks.
type AuthServerOptions struct {
	URL     string        // https, or http to this machine; /secret is appended
	Token   string        // the service's; sent as "Authorization: Bearer" and its standard base64
	Timeout time.Duration // of a whole call; 2 seconds if 0, at most a minute
}

// Format keeps the token out of whatever prints the options.
func (o AuthServerOptions) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "{URL:%q Token:[redacted] Timeout:%v}", o.URL, o.Timeout)
}

// LogValue does the same for structured logs.
func (o AuthServerOptions) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(o)) }

// AuthServer fetches the shares that the Auth server keeps. Methods are safe for concurrent use.
type AuthServer struct {
	// Behind a pointer, so that printing an AuthServer does not print the token.
	*authClient
}

type authClient struct {
	secretURL     string
	authorization string
	timeout       time.Duration
	http          *http.Client
}

// NewAuthServer checks the options; an error names the one that is wrong. It does not call the Auth server.
func NewAuthServer(o AuthServerOptions) (*AuthServer, error) {
	u, err := parseOutbound("auth server URL", o.URL)
	if err != nil {
		return nil, err
	}
	if len(o.Token) == 0 || len(o.Token) > maxAuthToken {
		return nil, fmt.Errorf("auth server token has %d bytes, 1 to %d are allowed", len(o.Token), maxAuthToken)
	}
	timeout, err := timeoutOr("auth server timeout", o.Timeout, defaultAuthTimeout, maxAuthTimeout)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12},
	}
	configureOutbound(transport, u, authConnections)
	return &AuthServer{&authClient{
		secretURL:     u.JoinPath("secret").String(),
		authorization: "Bearer " + base64.StdEncoding.EncodeToString([]byte(o.Token)),
		timeout:       timeout,
		http:          &http.Client{Transport: boundedBodies{transport, maxAuthAnswer}, CheckRedirect: refuseRedirects},
	}}, nil
}

// Share returns the 33-byte share kept for the controller, which the caller wipes. One call, one try, within the timeout.
// Every failure is an *UnavailableError of "auth-server". That the share is the right one is not known here: see JoinShares.
func (a *AuthServer) Share(ctx context.Context, controller string) ([]byte, error) {
	if len(controller) == 0 || len(controller) > maxController {
		return nil, authFault("controller's name has an impossible length", false, nil)
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.secretURL+"?sub="+url.QueryEscape(controller), nil)
	if err != nil {
		return nil, authFault("request cannot be made", false, nil)
	}
	r.Header.Set("Authorization", a.authorization)
	r.Header.Set("Accept", "application/json")
	res, err := a.http.Do(r)
	if err != nil {
		return nil, noAuthAnswer(err)
	}
	defer res.Body.Close()
	if err := checkAuthStatus(res); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	defer clear(body)
	if errors.Is(err, errAnswerTooLong) {
		return nil, authFault("answer is too long", false, nil)
	}
	if err != nil {
		return nil, noAuthAnswer(err)
	}
	return decodeShare(body)
}

// Close drops idle connections, at shutdown. Calls after it work still.
func (a *AuthServer) Close() {
	a.http.Transport.(boundedBodies).next.(*http.Transport).CloseIdleConnections()
}

// checkAuthStatus says what an answer that is no share means.
func checkAuthStatus(res *http.Response) error {
	switch status := res.StatusCode; {
	case status == http.StatusOK:
		media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
		if err != nil || media != "application/json" {
			return authFault("answer is not JSON", false, nil)
		}
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return authFault("access denied", false, fmt.Errorf("status %d: check the token", status))
	case status == http.StatusNotFound:
		return authFault("has no share of this controller", false, ErrNoShare)
	case status == http.StatusTooManyRequests:
		return authFault("throttled", true, nil)
	case status >= 300 && status < 400:
		return authFault("answer is a redirect, which is not followed", false, fmt.Errorf("status %d", status))
	case status >= 500:
		return authFault("server error", true, fmt.Errorf("status %d", status))
	default:
		return authFault("unexpected answer", false, fmt.Errorf("status %d", status))
	}
}

// decodeShare reads {"secret":"<standard base64 of 33 bytes>"} and nothing else. Errors of the decoders stay here: they
// quote what they read.
func decodeShare(body []byte) ([]byte, error) {
	var answer struct {
		Secret string `json:"secret"`
	}
	if err := json.Unmarshal(body, &answer, json.RejectUnknownMembers(true)); err != nil {
		return nil, authFault("answer is malformed", false, nil)
	}
	share, err := base64.StdEncoding.DecodeString(answer.Secret)
	// Encoded again because the decoder passes over line ends and left-over bits: one text for one share.
	if err != nil || base64.StdEncoding.EncodeToString(share) != answer.Secret {
		clear(share)
		return nil, authFault("answer is malformed", false, nil)
	}
	if reason := shareFault(share); reason != "" {
		clear(share)
		return nil, authFault("its share "+reason, false, nil)
	}
	return share, nil
}

func authFault(reason string, retryable bool, err error) *UnavailableError {
	return &UnavailableError{Upstream: authUpstream, Reason: reason, Retryable: retryable, Err: err}
}

// noAuthAnswer tells the ways apart in which there was no answer.
func noAuthAnswer(err error) *UnavailableError {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // the URL names the controller
	}
	reason, retryable := connectionFault(err)
	return authFault(reason, retryable, err)
}
