package auth

import "strings"

// param is one name="value" of a header.
type param struct {
	name, value string
	quoted      bool
}

// parseParams reads `scheme name="value",name="value"`, the one form in which clients write it: no spaces between, no escapes inside,
// no name twice. A value of digits may go without quotes. The caller bounds the length.
func parseParams(header, scheme, s string) ([]param, error) {
	rest, ok := strings.CutPrefix(s, scheme+" ")
	if !ok {
		return nil, badRequest("%s header: must begin with %q", header, scheme+" ")
	}
	params := make([]param, 0, 6)
	for {
		var p param
		if p.name, rest, ok = strings.Cut(rest, "="); !ok || !isName(p.name) {
			return nil, malformedParams(header)
		}
		if p.quoted = strings.HasPrefix(rest, `"`); p.quoted {
			if p.value, rest, ok = strings.Cut(rest[1:], `"`); !ok || !isPlain(p.value) {
				return nil, malformedParams(header)
			}
		} else {
			n := 0
			for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
				n++
			}
			p.value, rest = rest[:n], rest[n:]
		}
		if p.value == "" {
			return nil, badRequest("%s header: %s has no value", header, p.name)
		}
		for _, before := range params {
			if before.name == p.name {
				return nil, badRequest("%s header: has %s twice", header, p.name)
			}
		}
		if len(params) == cap(params) {
			return nil, malformedParams(header)
		}
		params = append(params, p)
		if rest == "" {
			return params, nil
		}
		if rest[0] != ',' {
			return nil, malformedParams(header)
		}
		rest = rest[1:]
	}
}

func malformedParams(header string) error {
	return badRequest(`%s header: must be name="value" pairs with commas between and nothing else`, header)
}

func isName(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// isPlain tells whether s is printable ASCII without backslashes.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}
