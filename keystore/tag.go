package keystore

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"
)

// A tag authenticates a record as this service wrote it. The sealed parts defend themselves; the tag defends the rest against whoever can write to
// the database or the vault: a controller who was put in another's place would own the keystore, a public key that was swapped would be
// trusted. It does not tell an old record from the newest.

const (
	identityInfo = "twolock service, version 1, identity"
	tagInfo      = "twolock service, version 1, record tags"
)

// derive makes a 32-byte key from the service's own secret (HKDF-SHA-256, RFC 5869).
func derive(seed []byte, info string) ([]byte, error) {
	return hkdf.Key(sha256.New, seed, nil, info, sha256.Size)
}

// tag is HMAC-SHA-256 over the fields, each with its length in front.
func (s *Service) tag(fields ...string) []byte {
	all := make([][]byte, len(fields))
	for i, f := range fields {
		all[i] = []byte(f)
	}
	return s.tagOf(all...)
}

// tagOf is tag of fields that may be secret: it makes no copy of them.
func (s *Service) tagOf(fields ...[]byte) []byte {
	h := hmac.New(sha256.New, s.tagKey)
	var n [8]byte
	for _, f := range fields {
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		h.Write(n[:])
		h.Write(f)
	}
	return h.Sum(nil)
}

// recordTag leaves out what came later as long as it says nothing, so that records from before keep their tags.
func (s *Service) recordTag(r *Record) []byte {
	var v VaultRecord
	if r.Vault != nil {
		v = *r.Vault
	}
	fields := []string{
		"keystore", r.ID, r.Controller, string(r.UserLock), micros(r.CreatedAt), string(r.Request),
		strconv.FormatBool(r.Vault != nil), v.URL, string(v.Capability), micros(v.Expires),
	}
	if r.State != KeyEnabled || !r.DeleteAt.IsZero() || r.Label.says() || r.KeyTypes != nil {
		fields = append(fields, string(r.State), micros(r.DeleteAt), strconv.FormatBool(r.KeyTypes != nil), join(r.KeyTypes))
		fields = append(fields, r.Label.fields()...)
	}
	if r.Verifier != nil { // else whoever takes it away could have a wrong share pinned in its place
		fields = append(fields, "verifier", string(r.Verifier))
	}
	return s.tag(fields...)
}

// metaTag authenticates a key but for its versions.
func (s *Service) metaTag(r *KeyRecord) []byte {
	fields := []string{
		"key metadata", r.Keystore, r.ID, string(r.Type), strconv.Itoa(r.MaxChain), strconv.FormatBool(r.PublicOnly), strconv.FormatBool(r.Exportable),
		string(r.Request), micros(r.CreatedAt), strconv.FormatInt(r.Revision, 10), strconv.Itoa(r.Newest), strconv.Itoa(r.Oldest), string(r.State),
		micros(r.DeleteAt), strconv.FormatBool(r.Operations != nil), join(r.Operations), strconv.FormatBool(r.Algorithms != nil), join(r.Algorithms),
		strconv.Itoa(r.MinVerify), strconv.Itoa(r.MinDecrypt), r.RotationPeriod.String(), micros(r.RotateAt),
	}
	return s.tag(append(fields, r.Label.fields()...)...)
}

// versionTag authenticates a version of the record's key.
func (s *Service) versionTag(r *KeyRecord, v *KeyVersion) []byte {
	return s.tag("key version", r.Keystore, r.ID, string(r.Type), strconv.Itoa(v.Version), string(v.PublicKey), string(v.Sealed),
		string(v.VersionRequest), micros(v.VersionCreatedAt))
}

// firstTag is what authenticated a key and its one version before keys had more than that.
func (s *Service) firstTag(r *KeyRecord, v *KeyVersion) []byte {
	return s.tag("key", r.Keystore, r.ID, "1", string(r.Type), string(KeyEnabled), strconv.Itoa(r.MaxChain), string(v.PublicKey), string(v.Sealed),
		micros(r.CreatedAt), string(r.Request))
}

func (s *Service) checkMeta(r *KeyRecord) bool {
	if r.MetaTag != nil {
		return hmac.Equal(r.MetaTag, s.metaTag(r))
	}
	// From before, and never changed since: only then is its first version tagged so.
	return r.Version == 1 && hmac.Equal(r.Tag, s.firstTag(r, &r.KeyVersion)) && !r.PublicOnly && !r.Exportable &&
		r.KeyMeta.plain() && !r.Label.says()
}

func (m *KeyMeta) plain() bool {
	return m.Revision == 1 && m.Newest == 1 && m.Oldest == 1 && m.State == KeyEnabled && m.DeleteAt.IsZero() && m.Operations == nil && m.Algorithms == nil &&
		m.MinVerify == 0 && m.MinDecrypt == 0 && m.RotationPeriod == 0 && m.RotateAt.IsZero()
}

func (s *Service) checkVersion(r *KeyRecord, v *KeyVersion) bool {
	return hmac.Equal(v.Tag, s.versionTag(r, v)) || v.Version == 1 && hmac.Equal(v.Tag, s.firstTag(r, v))
}

func micros(t time.Time) string {
	return strconv.FormatInt(t.UnixMicro(), 10)
}

// join makes one text of enum values, which hold no comma.
func join[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ",")
}

// readRecord reads a keystore from the database and checks its tag.
func (s *Service) readRecord(ctx context.Context, id string) (*Record, error) {
	r, err := s.Store.Keystore(ctx, id)
	if errors.Is(err, ErrDamaged) {
		r = Record{ID: id, Damage: err.Error()}
	} else if err != nil {
		return nil, err
	}
	return &r, s.checkRecord(&r)
}

func (s *Service) checkRecord(r *Record) error {
	if r.Damage == "" && (hmac.Equal(r.Tag, s.recordTag(r)) || s.checkFirst(r)) {
		return nil
	}
	s.Log.Error("a keystore's record is damaged, or was changed outside the server; it is not used", "keystore", r.ID, "damage", r.Damage)
	return &Error{Code: KeyUnusable, Message: "the keystore's record is damaged, or was changed outside the server"}
}

// checkFirst checks the tag that a pinned keystore had before its verifier was in there. Each change of the keystore puts it in.
func (s *Service) checkFirst(r *Record) bool {
	first := *r
	first.Verifier = nil
	return r.Verifier != nil && hmac.Equal(r.Tag, s.recordTag(&first))
}
