package key

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
)

// reader reads the forms that a type of key comes in. A nil function: the type has no such form. What a function returns as private is what parse takes, and as
// public what fromPublic takes: neither is checked yet. Errors that are not *InputError are taken for reasons, and hold no secret.
type reader struct {
	parse      func(private []byte) (material, error)
	fromPublic func(raw []byte) (material, error) // nil for symmetric types
	// jwk returns the public part, and the private one if there is one.
	jwk func(json.RawMessage) (public, private []byte, err error)
	// pkcs8 returns the private part, and the public one if there is one.
	pkcs8 func(der []byte) (public, private []byte, err error)
	spki  func(der []byte) (public []byte, err error)
	// raw returns the private part.
	raw func(b []byte) (private []byte, err error)
	// check is an optional last look at what was taken, which costs too much for what we have stored ourselves.
	check func(m material) error
	// others names the forms that the type does have, in the error about one that it does not.
	others string
}

// take is a kind's take.
func (r reader) take(m Material) (material, error) {
	var form string
	var public, private []byte
	err := errNoForm
	switch {
	case m.JWK != nil:
		form = "jwk"
		if r.jwk != nil {
			public, private, err = r.jwk(m.JWK)
		}
	case m.PKCS8 != nil:
		form = "pkcs8"
		if r.pkcs8 != nil {
			public, private, err = r.pkcs8(m.PKCS8)
		}
	case m.SPKI != nil:
		form = "spki"
		if r.spki != nil {
			public, err = r.spki(m.SPKI)
		}
	default:
		form = "raw"
		if r.raw != nil {
			private, err = r.raw(m.Raw)
		}
	}
	defer clear(private)
	if errors.Is(err, errNoForm) {
		return nil, inputErrorf(form, "a key of this type has no such form: give it as %s", r.others)
	}
	var taken material
	if err == nil {
		taken, err = r.make(public, private)
	}
	if err != nil {
		if bad, ok := errors.AsType[*InputError](err); ok {
			return nil, bad
		}
		return nil, &InputError{form, err.Error()}
	}
	return taken, nil
}

var (
	errNoForm   = errors.New("no such form")
	errMismatch = errors.New("the public part is not the private part's")
)

func (r reader) make(public, private []byte) (taken material, err error) {
	if private == nil {
		taken, err = r.fromPublic(public)
	} else {
		taken, err = r.parse(private)
	}
	if err != nil {
		return nil, err
	}
	if private != nil && public != nil && subtle.ConstantTimeCompare(taken.public().raw, public) != 1 {
		taken.wipe()
		return nil, errMismatch
	}
	if r.check != nil {
		if err := r.check(taken); err != nil {
			taken.wipe()
			return nil, err
		}
	}
	return taken, nil
}

// rawBytes is a reader's raw where the raw form is what parse takes.
func rawBytes(b []byte) ([]byte, error) { return bytes.Clone(b), nil }
