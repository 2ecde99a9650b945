package awskms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Signature Version 4, the verifier's side.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	maxSkew    = 15 * time.Minute
)

type signer struct {
	accessKeyID, secret, sessionToken, region string
	now                                       func() time.Time
}

// authorization is the Authorization header in its parts.
type authorization struct {
	accessKeyID, date, scope string
	signedHeaders            []string
	signature                []byte
}

// verify checks that the request is signed with the server's credentials, body and all.
func (s signer) verify(r *http.Request, body []byte) *kmsException {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return exception("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	a, fault := parseAuthorization(headers)
	if fault != "" {
		return exception("IncompleteSignatureException", fault)
	}
	signed, err := time.Parse(timeFormat, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return exception("IncompleteSignatureException", "X-Amz-Date is missing or malformed")
	}
	if a.accessKeyID != s.accessKeyID || !s.sameSession(r) {
		return exception("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	if want := s.scope(signed); a.date+"/"+a.scope != want {
		return exception("InvalidSignatureException", "Credential should be scoped to "+want)
	}
	if e := s.checkClock(signed); e != nil {
		return e
	}
	if e := checkSignedHeaders(r, a.signedHeaders); e != nil {
		return e
	}
	want := s.signature(signed, canonicalRequest(r, a.signedHeaders, body))
	if !hmac.Equal(a.signature, want) {
		return exception("InvalidSignatureException", "The request signature we calculated does not match the signature you "+
			"provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

func (s signer) sameSession(r *http.Request) bool {
	return hmac.Equal([]byte(r.Header.Get("X-Amz-Security-Token")), []byte(s.sessionToken))
}

func (s signer) checkClock(signed time.Time) *kmsException {
	now := s.now().UTC()
	if earliest := now.Add(-maxSkew); signed.Before(earliest) {
		return exception("InvalidSignatureException", fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)",
			signed.Format(timeFormat), earliest.Format(timeFormat), now.Format(timeFormat)))
	}
	if latest := now.Add(maxSkew); signed.After(latest) {
		return exception("InvalidSignatureException",
			fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)",
				signed.Format(timeFormat), latest.Format(timeFormat), now.Format(timeFormat)))
	}
	return nil
}

// scope is the credential scope that a request of that time must have.
func (s signer) scope(t time.Time) string {
	return t.Format("20060102") + "/" + s.region + "/kms/aws4_request"
}

func (s signer) signature(t time.Time, canonical string) []byte {
	sum := sha256.Sum256([]byte(canonical))
	text := algorithm + "\n" + t.Format(timeFormat) + "\n" + s.scope(t) + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + s.secret)
	for _, part := range []string{t.Format("20060102"), s.region, "kms", "aws4_request", text} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// parseAuthorization returns what is wrong with the header, or "".
func parseAuthorization(headers []string) (a authorization, fault string) {
	if len(headers) != 1 {
		return a, "there is more than one Authorization header"
	}
	rest, ok := strings.CutPrefix(headers[0], algorithm+" ")
	if !ok {
		return a, "Authorization is not " + algorithm
	}
	parameters := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parameters[name]; !ok || twice {
			return a, "Authorization has a malformed or repeated parameter"
		}
		parameters[name] = value
	}
	credential := strings.SplitN(parameters["Credential"], "/", 3)
	signature, err := hex.DecodeString(parameters["Signature"])
	if len(parameters) != 3 || len(credential) != 3 || parameters["SignedHeaders"] == "" || err != nil ||
		len(signature) != sha256.Size {
		return a, "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters"
	}
	return authorization{
		accessKeyID: credential[0], date: credential[1], scope: credential[2],
		signedHeaders: strings.Split(parameters["SignedHeaders"], ";"), signature: signature,
	}, ""
}

// checkSignedHeaders: sorted, each once and there; host, content-type and all of x-amz-* are among them.
func checkSignedHeaders(r *http.Request, signed []string) *kmsException {
	for i, name := range signed {
		if i > 0 && signed[i-1] >= name || name != strings.ToLower(name) {
			return exception("InvalidSignatureException", "SignedHeaders are not in order")
		}
		if name != "host" && name != "content-length" && len(r.Header.Values(name)) == 0 {
			return exception("InvalidSignatureException", "a signed header is missing")
		}
	}
	needed := []string{"host"}
	for name := range r.Header {
		if name = strings.ToLower(name); name == "content-type" || strings.HasPrefix(name, "x-amz-") {
			needed = append(needed, name)
		}
	}
	for _, name := range needed {
		if !slices.Contains(signed, name) {
			return exception("InvalidSignatureException", "'"+name+"' must be a 'SignedHeader' in the AWS Authorization.")
		}
	}
	return nil
}

// canonicalRequest is what was signed, as this server saw it. The payload hash is computed, never taken from a header.
func canonicalRequest(r *http.Request, signed []string, body []byte) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n" + canonicalQuery(r.URL) + "\n")
	for _, name := range signed {
		b.WriteString(name + ":" + canonicalValue(r, name) + "\n")
	}
	sum := sha256.Sum256(body)
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + hex.EncodeToString(sum[:]))
	return b.String()
}

// canonicalQuery is empty for every operation of KMS; a query that somebody added must not go unnoticed.
func canonicalQuery(u *url.URL) string { return u.Query().Encode() }

// canonicalValue trims and folds spaces. net/http keeps Host and Content-Length out of the header map.
func canonicalValue(r *http.Request, name string) string {
	var values []string
	switch name {
	case "host":
		values = []string{r.Host}
	case "content-length":
		values = []string{fmt.Sprint(r.ContentLength)}
	default:
		values = r.Header.Values(name)
	}
	folded := make([]string, len(values))
	for i, v := range values {
		folded[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(folded, ",")
}
