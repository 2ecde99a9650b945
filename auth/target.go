package auth

import (
	"errors"
	"strings"
)

const (
	maxTarget = 1024
	// maxRevocation bounds the URLs of revocations, so that no capability's id is too long to be revoked.
	maxRevocation = maxTarget + 3*maxID
)

// maxLength bounds a URL.
func maxLength(url string) int {
	if strings.Contains(url, revocations) {
		return maxRevocation
	}
	return maxTarget
}

// covers tells whether a capability for target base reaches target: equal, or longer after "/" or "?". A base that has a query of its
// own covers itself only.
func covers(base, target string) bool {
	if !strings.HasPrefix(target, base) || base == "" {
		return false
	}
	if len(target) == len(base) {
		return true
	}
	next := target[len(base)]
	return (next == '/' || next == '?') && !strings.Contains(base, "?")
}

// below tells whether target is base or a path below it.
func below(base, target string) bool {
	rest, ok := strings.CutPrefix(target, base)
	return ok && base != "" && (rest == "" || rest[0] == '/')
}

// checkTarget refuses what is not an absolute http or https URL in its one spelling: two spellings of a URL would be two targets.
func checkTarget(target string) error {
	if len(target) > maxLength(target) {
		return errors.New("is too long")
	}
	rest, ok := strings.CutPrefix(target, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(target, "http://"); !ok {
			return errors.New("must be an absolute https: or http: URL")
		}
	}
	rest, query, _ := strings.Cut(rest, "?")
	plain, _, _ := strings.Cut(rest, revocations)
	if !isIRI(target) || strings.ContainsAny(target, "#@") || strings.Contains(plain, "%") || strings.Contains(query, "%") {
		return errors.New(`must not contain spaces, "%", "#", "@" or characters that URLs escape`)
	}
	host, path, found := strings.Cut(rest, "/")
	if host == "" {
		return errors.New("has no host")
	}
	if found && path != "" {
		return checkPath("/" + path)
	}
	return nil
}

// checkPath refuses what a proxy or router might rewrite: empty and dot segments, backslashes, a query, and escapes other than those of
// the id in the path of a revocation.
func checkPath(path string) error {
	if path == "/" {
		return nil
	}
	if !strings.HasPrefix(path, "/") {
		return errors.New("must begin with /")
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return errors.New(`must not have empty, "." or ".." segments`)
		}
	}
	plain, id, found := strings.Cut(path, revocations)
	if found && !isRevocable(id) {
		return errors.New("must end in encodeURIComponent(capability id) after " + revocations)
	}
	if !isIRI(path) || strings.ContainsAny(plain, "%") || strings.ContainsAny(path, "?#") {
		return errors.New(`must not have a query, "%" or characters that URLs escape`)
	}
	return nil
}

// isIRI tells whether s consists of ASCII characters that stand in an N-Quads IRI as they are (RDF 1.1 N-Quads, IRIREF).
func isIRI(s string) bool {
	for i := range len(s) {
		switch c := s[i]; c {
		case '<', '>', '"', '{', '}', '|', '^', '`', '\\':
			return false
		default:
			if c <= ' ' || c >= 0x7f {
				return false
			}
		}
	}
	return s != ""
}
