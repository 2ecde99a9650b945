package edv

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// maxURL bounds a vault's URL in bytes; with the path of a document behind it stays below what capabilities may name.
const maxURL = 900

// CheckURL tells whether a vault's URL is one we send requests to: https with a host and a path, in its one spelling. With
// allowLoopback, which is for development and tests, http to this machine passes too. It looks nothing up: where a name
// leads is checked when it is dialled (NewHTTPClient). The error is a reason that can follow the field's name.
func CheckURL(raw string, allowLoopback bool) error {
	switch {
	case raw == "":
		return errors.New("is missing")
	case len(raw) > maxURL:
		return errors.New("is longer than 900 bytes")
	case strings.IndexFunc(raw, func(c rune) bool { return !urlCharacter(c) }) >= 0:
		return errors.New("contains a character that is not allowed (no query, fragment, escape or user name)")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return errors.New("is not a URL")
	}
	host := u.Hostname()
	addr, notIP := netip.ParseAddr(host)
	loopback := strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") ||
		notIP == nil && addr.Unmap().IsLoopback()
	switch {
	case host == "":
		return errors.New("has no host")
	case u.Scheme != "https" && u.Scheme != "http", u.Scheme == "http" && !(loopback && allowLoopback):
		return errors.New("must begin with https://")
	case loopback && !allowLoopback, notIP == nil && !loopback && forbidden(addr):
		return errors.New("leads to an address that vaults are not allowed to have")
	case strings.HasSuffix(u.Host, ":"):
		return errors.New("has an empty port")
	case u.Path == "" || u.Path == "/":
		return errors.New("has no path: a vault's URL ends in its id")
	case strings.HasSuffix(u.Path, "/"):
		return errors.New("must not end in /")
	case strings.Contains(u.Path, "//"), strings.Contains(u.Path+"/", "/./"), strings.Contains(u.Path+"/", "/../"):
		return errors.New("must not have empty or dot segments")
	case u.String() != raw:
		return errors.New("is not in its usual spelling")
	}
	return nil
}

// urlCharacter leaves out "@", "?", "#", "%", whatever would need escaping, and what has a meaning in signatures.
func urlCharacter(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c < 0x80 && strings.ContainsRune("-._~:/[]!$&()*+,;=", c)
}
