package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// VerifierOptions configure a Verifier.
type VerifierOptions struct {
	// Base is scheme and host of all targets, as clients write it: "https://kms.example", no slash, no default port. Requests must
	// be sent to its host.
	Base string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Skew is how far clients' clocks may be off; 0: 300 s.
	Skew time.Duration
	// MaxChain bounds capability chains, the root included; 0: 10, and no more than 10.
	MaxChain int
	// MaxDelegationTTL bounds the time from a delegation's signing to its expiry; 0: no bound.
	MaxDelegationTTL time.Duration
	// CacheEntries is how many verified chains are remembered, at most about 40 KiB each; 0: 1024; negative: none.
	CacheEntries int
}

// Verifier authenticates requests. It is safe for concurrent use.
type Verifier struct {
	base, host string
	now        func() time.Time
	skew       time.Duration
	maxChain   int
	maxTTL     time.Duration
	// verified has the capabilities whose proofs were verified and whose root delegator was once a root's controller, so that only those who
	// were given something take up room. It tells nothing but that the proofs are right. nil: no cache.
	verified *lru.Cache[cacheKey, *Capability]
}

// cacheKey is the SHA-256 of a capability parameter.
type cacheKey = [sha256.Size]byte

// NewVerifier makes a Verifier. An error names the option.
func NewVerifier(o VerifierOptions) (*Verifier, error) {
	base, err := url.Parse(o.Base)
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" ||
		o.Base != base.Scheme+"://"+base.Host || checkTarget(o.Base) != nil {
		return nil, errors.New("verifier: base must be scheme and host, such as https://kms.example, without a slash at the end")
	}
	if o.Base != strings.ToLower(o.Base) {
		return nil, errors.New("verifier: base must be in lower case, as clients write it")
	}
	if port := base.Port(); port == "" && strings.HasSuffix(base.Host, ":") ||
		base.Scheme == "https" && port == "443" || base.Scheme == "http" && port == "80" {
		return nil, errors.New("verifier: base must not have the default port, which clients leave out")
	}
	if o.MaxChain < 0 || o.MaxChain == 1 || o.MaxChain > maxChain {
		return nil, errors.New("verifier: max chain must be 0, or 2 to 10")
	}
	if o.Skew < 0 || o.MaxDelegationTTL < 0 {
		return nil, errors.New("verifier: skew and max delegation TTL must not be negative")
	}
	v := &Verifier{
		base:     o.Base,
		host:     base.Host,
		now:      o.Now,
		skew:     o.Skew,
		maxChain: o.MaxChain,
		maxTTL:   o.MaxDelegationTTL,
	}
	if v.now == nil {
		v.now = time.Now
	}
	if v.skew == 0 {
		v.skew = 300 * time.Second
	}
	if v.maxChain == 0 {
		v.maxChain = maxChain
	}
	if o.CacheEntries >= 0 {
		entries := o.CacheEntries
		if entries == 0 {
			entries = 1024
		}
		if v.verified, err = lru.New[cacheKey, *Capability](entries); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Authenticate tells who signed the request and what capability they invoke. body is the request's whole body, raw and bounded by the
// caller; r.Body is not touched. It checks the HTTP signature, that the signature is for this host, method, URL, body and time, and the
// capability's structure and attenuation. It does not check whether the capability is genuine or gives anything here: that is Can.
//
// A request without Authorization and Capability-Invocation gets an anonymous Caller, whose DID is "". Errors are *Error.
func (v *Verifier) Authenticate(r *http.Request, body []byte) (*Caller, error) {
	if len(r.Header[authorization]) == 0 && len(r.Header[capabilityInvocation]) == 0 {
		caller := &Caller{}
		if path, err := v.requestPath(r); err == nil {
			caller.Target = v.base + path
		}
		return caller, nil
	}
	if err := checkHeaders(r.Header); err != nil {
		return nil, err
	}
	if r.Host != v.host {
		return nil, unauthenticated("Host header: the request was not sent to %s", v.host)
	}
	path, err := v.requestPath(r)
	if err != nil {
		return nil, err
	}
	sig, err := parseSignature(r.Header[authorization][0])
	if err != nil {
		return nil, err
	}
	if err := sig.checkCovered(len(body) > 0 || r.Header[digest] != nil || r.Header[contentType] != nil); err != nil {
		return nil, err
	}
	if err := sig.checkTime(v.now(), v.skew); err != nil {
		return nil, err
	}
	inv, err := parseInvocation(r.Header[capabilityInvocation][0])
	if err != nil {
		return nil, err
	}
	caller := &Caller{DID: sig.did, Action: inv.action, Target: v.base + path, verifier: v, rootID: inv.rootID}
	if inv.capability != "" {
		if err := v.readCapability(caller, inv.capability); err != nil {
			return nil, err
		}
		if caller.capability.Controller() != sig.did {
			return nil, forbidden("the capability was delegated to another DID than the one that signed the request")
		}
	}
	if values := r.Header[digest]; values != nil || len(body) > 0 {
		if values == nil || subtle.ConstantTimeCompare([]byte(values[0]), []byte(bodyDigest(body))) != 1 {
			return nil, unauthenticated("Digest header: is not that of the body (mh=uEi…, SHA-256)")
		}
	}
	text, err := sig.signingString(r.Method, path, r.Host, r.Header)
	if err != nil {
		return nil, err
	}
	if !sig.key.Verify(text, sig.value) {
		return nil, unauthenticated("the signature does not verify: what was signed is not what arrived, or it is another key's")
	}
	return caller, nil
}

// readCapability gives the caller the capability, from the cache if its proofs were verified before.
func (v *Verifier) readCapability(caller *Caller, text string) error {
	key := sha256.Sum256([]byte(text))
	if v.verified != nil {
		if c, ok := v.verified.Get(key); ok {
			caller.capability, caller.rootID = c, c.rootID
			caller.proofs = func() error { return nil }
			return nil
		}
	}
	data, err := decodeCapability(text)
	if err != nil {
		return err
	}
	c, err := ParseCapability(data)
	if err != nil {
		return err
	}
	caller.capability, caller.rootID = c, c.rootID
	// Once per request, whatever the number of its operations and the outcome.
	caller.proofs = sync.OnceValue(func() error {
		err := c.VerifyProofs()
		if err == nil && v.verified != nil {
			v.verified.Add(key, c)
		}
		return err
	})
	return nil
}

// maxHeader bounds the headers of this protocol, in bytes.
const maxHeader = 8 << 10

// checkHeaders refuses what two parsers could read differently.
func checkHeaders(h http.Header) error {
	for _, name := range [...]string{authorization, capabilityInvocation} {
		switch values := h[name]; {
		case len(values) == 0:
			return unauthenticated("%s header: is missing; a signed request has Authorization and Capability-Invocation", name)
		case len(values) > 1:
			return badRequest("%s header: must be there once", name)
		case len(values[0]) > maxHeader:
			return badRequest("%s header: longer than %d bytes", name, maxHeader)
		}
	}
	for _, name := range [...]string{digest, contentType} {
		if len(h[name]) > 1 {
			return badRequest("%s header: must be there once", name)
		}
	}
	if h["Host"] != nil {
		return badRequest("Host header: must be there once")
	}
	return nil
}

// requestPath is the target of the request line. It must be what the router sees, and have one spelling.
func (v *Verifier) requestPath(r *http.Request) (string, error) {
	path := strings.TrimPrefix(r.RequestURI, v.base) // a server must take the absolute form too (RFC 9112 section 3.2.2)
	if path == "" {                                  // not from a server
		path = r.URL.RequestURI()
	}
	if most := maxLength(path); len(path) > most {
		return "", badRequest("request URL: longer than %d bytes", most)
	}
	if err := checkPath(path); err != nil {
		return "", badRequest("request URL: %v", err)
	}
	if path != r.URL.EscapedPath() {
		return "", badRequest("request URL: is not a path")
	}
	for i := range len(r.Method) {
		if c := r.Method[i]; c < 'A' || c > 'Z' { // lower-cased in what is signed, but not where methods are told apart
			return "", badRequest("request method: must be in capital letters")
		}
	}
	return path, nil
}
