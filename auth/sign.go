package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// SignRequest signs a request that is about to be sent, as the reference client does: it sets Capability-Invocation and Authorization,
// and with a body Digest and, unless it is set, Content-Type (application/json). The signature is good for ten minutes. Nothing that
// it covers may change afterwards: method, URL, Host, these headers, body. body must be what r will send; r.Body is not touched.
func SignRequest(r *http.Request, body []byte, id *Identity, inv Invocation, now time.Time) error {
	if inv.Capability != nil && inv.Capability.Controller() != id.DID() {
		return fmt.Errorf("sign request: the capability was delegated to %s, not to %s", inv.Capability.Controller(), id.DID())
	}
	invocation, err := inv.header()
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	if r.Host == "" {
		return errors.New("sign request: the URL has no host")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(capabilityInvocation, invocation)
	s := signature{
		keyID:   id.KeyID(),
		created: strconv.FormatInt(now.Unix(), 10),
		expires: strconv.FormatInt(now.Add(lifetime).Unix(), 10),
		covered: covered,
	}
	if len(body) > 0 {
		r.Header.Set(digest, bodyDigest(body))
		if r.Header.Get(contentType) == "" {
			r.Header.Set(contentType, "application/json")
		}
		s.covered = append(append([]string(nil), covered...), coveredBody...)
	} else {
		r.Header.Del(digest)
		r.Header.Del(contentType)
	}
	text, err := s.signingString(r.Method, r.URL.RequestURI(), r.Host, r.Header)
	if err != nil {
		return fmt.Errorf("sign request: %w", err)
	}
	r.Header.Set(authorization, fmt.Sprintf(`Signature keyId="%s",headers="%s",signature="%s",created="%s",expires="%s"`,
		s.keyID, strings.Join(s.covered, " "), base64.StdEncoding.EncodeToString(id.Sign(text)), s.created, s.expires))
	return nil
}
