package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	authorization        = "Authorization"
	capabilityInvocation = "Capability-Invocation"
	contentType          = "Content-Type"
	digest               = "Digest"

	// maxLifetime is how long a request's signature may be good for: without a nonce, it is how long it can be replayed.
	maxLifetime = 15 * time.Minute
	// lifetime is how long ours are.
	lifetime   = 10 * time.Minute
	maxCovered = 32
)

// Components that are no header fields (draft-cavage-http-signatures-12 section 2.3; (key-id) is the ZCAP clients' addition).
const (
	coverKeyID   = "(key-id)"
	coverCreated = "(created)"
	coverExpires = "(expires)"
	coverTarget  = "(request-target)"
)

// covered is what every signature covers, in the order in which clients list it; coveredBody, what those of requests with a body do beside.
var (
	covered     = []string{coverKeyID, coverCreated, coverExpires, coverTarget, "host", "capability-invocation"}
	coveredBody = []string{"content-type", "digest"}
)

// signature is what the Authorization header says.
type signature struct {
	keyID            string
	did              string
	key              PublicKey
	created, expires string // as written
	createdAt        time.Time
	expiresAt        time.Time
	covered          []string
	value            []byte
}

// parseSignature reads the Authorization header. It compares nothing with the request or the clock.
func parseSignature(header string) (*signature, error) {
	params, err := parseParams(authorization, "Signature", header)
	if err != nil {
		return nil, err
	}
	var s signature
	for _, p := range params {
		switch p.name {
		case "keyId":
			s.keyID = p.value
			if s.did, s.key, err = parseDIDURL(p.value); err != nil || s.did == p.value {
				return nil, badRequest("Authorization header: keyId must be the key of a did:key, did:key:z…#z…")
			}
		case "headers":
			if s.covered, err = parseCovered(p.value); err != nil {
				return nil, err
			}
		case "signature":
			// Strict: one spelling for one signature.
			if s.value, err = base64.StdEncoding.Strict().DecodeString(p.value); err != nil || len(s.value) != signatureSize {
				return nil, badRequest("Authorization header: signature must be %d bytes in base64; of P-256, r and s, not DER", signatureSize)
			}
		case "created":
			if s.created, s.createdAt, err = parseSeconds(p); err != nil {
				return nil, err
			}
		case "expires":
			if s.expires, s.expiresAt, err = parseSeconds(p); err != nil {
				return nil, err
			}
		case "algorithm":
			if p.value != "hs2019" {
				return nil, badRequest("Authorization header: algorithm must be hs2019 or left out")
			}
			continue
		default:
			return nil, badRequest("Authorization header: has a parameter that is not known")
		}
		if !p.quoted && p.name != "created" && p.name != "expires" {
			return nil, malformedParams(authorization)
		}
	}
	switch {
	case s.keyID == "":
		return nil, badRequest("Authorization header: has no keyId")
	case s.covered == nil:
		return nil, badRequest("Authorization header: has no headers parameter")
	case s.value == nil:
		return nil, badRequest("Authorization header: has no signature")
	case s.created == "":
		return nil, badRequest("Authorization header: has no created")
	case s.expires == "":
		return nil, badRequest("Authorization header: has no expires")
	}
	return &s, nil
}

// parseSeconds reads seconds since 1970 in their one spelling.
func parseSeconds(p param) (string, time.Time, error) {
	n, err := strconv.ParseUint(p.value, 10, 36) // until the year 4147
	if err != nil || p.value[0] == '0' || p.value[0] == '+' {
		return "", time.Time{}, badRequest("Authorization header: %s must be in seconds since 1970", p.name)
	}
	return p.value, time.Unix(int64(n), 0), nil
}

func parseCovered(value string) ([]string, error) {
	if strings.Count(value, " ") >= maxCovered {
		return nil, badRequest("Authorization header: headers lists more than %d", maxCovered)
	}
	list := strings.Split(value, " ")
	for i, name := range list {
		if name == "" || strings.ToLower(name) != name {
			return nil, badRequest("Authorization header: headers must be lower-case names with one space between")
		}
		if slices.Contains(list[:i], name) {
			return nil, badRequest("Authorization header: headers lists a name twice")
		}
	}
	return list, nil
}

// checkCovered refuses a signature that leaves out something that matters.
func (s *signature) checkCovered(withBody bool) error {
	var missing []string
	for _, name := range covered {
		if !slices.Contains(s.covered, name) {
			missing = append(missing, name)
		}
	}
	for _, name := range coveredBody {
		if withBody && !slices.Contains(s.covered, name) {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return unauthenticated("Authorization header: the signature does not cover %s", strings.Join(missing, " "))
	}
	return nil
}

// checkTime compares with the server's clock.
func (s *signature) checkTime(now time.Time, skew time.Duration) error {
	switch life := s.expiresAt.Sub(s.createdAt); {
	case life <= 0:
		return unauthenticated("Authorization header: expires is not after created")
	case life > maxLifetime:
		return unauthenticated("Authorization header: the signature is good for %s; at most %s is allowed", life, maxLifetime)
	}
	if ahead := s.createdAt.Sub(now); ahead > skew {
		return unauthenticated("the signature was created %s in the future: check the client's clock", ahead.Round(time.Second))
	}
	if late := now.Sub(s.expiresAt); late > skew {
		return unauthenticated("the signature expired %s ago: sign the request again, or check the client's clock",
			late.Round(time.Second))
	}
	return nil
}

// signingString is draft-cavage-http-signatures-12 section 2.3. A header field that is covered must be there exactly once.
func (s *signature) signingString(method, target, host string, header http.Header) ([]byte, error) {
	b := make([]byte, 0, 1024+len(header.Get(capabilityInvocation)))
	for i, name := range s.covered {
		if i > 0 {
			b = append(b, '\n')
		}
		b = append(append(b, name...), ": "...)
		switch name {
		case coverKeyID:
			b = append(b, s.keyID...)
		case coverCreated:
			b = append(b, s.created...)
		case coverExpires:
			b = append(b, s.expires...)
		case coverTarget:
			b = append(append(append(b, strings.ToLower(method)...), ' '), target...)
		case "host":
			b = append(b, host...)
		default:
			values := header[http.CanonicalHeaderKey(name)]
			if len(values) != 1 {
				return nil, badRequest("Authorization header: the signature covers %s, which the request must have exactly once",
					printable(name))
			}
			b = append(b, values[0]...)
		}
	}
	return b, nil
}

// printable cuts a name from outside to what belongs in an error.
func printable(name string) string {
	if len(name) > 64 || !isPlain(name) {
		return "a header"
	}
	return name
}

// bodyDigest is the Digest header's value: the multihash (sha2-256, 32 bytes) of the body in multibase base64url.
func bodyDigest(body []byte) string {
	sum := sha256.Sum256(body)
	return "mh=u" + base64.RawURLEncoding.EncodeToString(append([]byte{0x12, 0x20}, sum[:]...))
}
