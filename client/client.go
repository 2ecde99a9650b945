// Package client talks to a twolock server: it signs GraphQL requests with an identity, invoking a capability.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"twolock/auth"
)

// Client sends signed GraphQL requests; with no Identity, unsigned ones, which may read what is public only. A request takes at most 30 s unless HTTP says
// otherwise, and no redirect is followed. The zero value of each other field will do. Safe for concurrent use.
type Client struct {
	Identity *auth.Identity
	// Capability is invoked if it is set; else the root capability of the keystore or service that the URL names.
	Capability *auth.Capability
	HTTP       *http.Client
	Now        func() time.Time
}

// Error is one error of a GraphQL answer.
type Error struct {
	Message    string `json:"message"`
	Path       []any  `json:"path,omitempty"`
	Extensions struct {
		Code      string `json:"code"`
		Upstream  string `json:"upstream,omitempty"`
		Retryable bool   `json:"retryable,omitempty"`
		RequestID string `json:"requestId,omitempty"`
	} `json:"extensions"`
}

// Errors are the errors of an answer: at least one.
type Errors []Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = fmt.Sprintf("%s (%s)", one.Message, one.Extensions.Code)
		if id := one.Extensions.RequestID; id != "" {
			lines[i] += ", request " + id
		}
	}
	return strings.Join(lines, "\n")
}

// Code returns the first error's code.
func (e Errors) Code() string { return e[0].Extensions.Code }

var keyURL = regexp.MustCompile(`^(.*/keystores/[^/]+)(/keys/[^/]+)$`)

// RootTarget returns whose root capability is invoked at a URL: a key's is its keystore's.
func RootTarget(url string) string {
	if m := keyURL.FindStringSubmatch(url); m != nil {
		return m[1]
	}
	return url
}

// maxAnswer bounds what a server can make a client keep. The largest answer of a batch is 1,000 signatures of ML_DSA_87: 6.2 MB.
const maxAnswer = 8 << 20

// Call sends an operation to a URL, invoking the capability for the action, and returns the JSON answer as it came.
func (c *Client) Call(ctx context.Context, url, action, query string, variables any) (json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	answer, status, err := c.post(ctx, url, RootTarget(url), action, body)
	if err != nil {
		return nil, err
	}
	if !json.Valid(answer) {
		return nil, fmt.Errorf("%s: answered %s, not JSON: is it a twolock server?", url, status)
	}
	return bytes.TrimSpace(answer), nil
}

// post signs and sends a body, invoking the client's capability, or the root capability of the target.
func (c *Client) post(ctx context.Context, url, root, action string, body []byte) (answer []byte, status string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Identity != nil {
		inv := auth.Invocation{Capability: c.Capability, Action: action}
		if inv.Capability == nil {
			inv.RootTarget = root
		}
		now := time.Now
		if c.Now != nil {
			now = c.Now
		}
		if err := auth.SignRequest(req, body, c.Identity, inv, now()); err != nil {
			return nil, "", err
		}
	}
	h := c.HTTP
	if h == nil {
		h = &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	resp, err := h.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, "", err
	}
	if len(answer) > maxAnswer {
		return nil, "", fmt.Errorf("%s: answer is larger than %d bytes", url, maxAnswer)
	}
	return answer, resp.Status, nil
}

// Do is Call with the answer's data read into out. Errors when the answer has errors.
func (c *Client) Do(ctx context.Context, url, action, query string, variables, out any) error {
	answer, err := c.Call(ctx, url, action, query, variables)
	if err != nil {
		return err
	}
	var a struct {
		Data   json.RawMessage
		Errors Errors
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return err
	}
	if len(a.Errors) > 0 {
		return a.Errors
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(a.Data, out)
}
