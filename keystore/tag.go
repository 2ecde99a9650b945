package keystore

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
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
	h := hmac.New(sha256.New, s.tagKey)
	var n [8]byte
	for _, f := range fields {
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		h.Write(n[:])
		h.Write([]byte(f))
	}
	return h.Sum(nil)
}

func (s *Service) recordTag(r *Record) []byte {
	var v VaultRecord
	if r.Vault != nil {
		v = *r.Vault
	}
	return s.tag("keystore", r.ID, r.Controller, string(r.UserLock), strconv.FormatInt(r.CreatedAt.UnixMicro(), 10), string(r.Request),
		strconv.FormatBool(r.Vault != nil), v.URL, string(v.Capability), strconv.FormatInt(v.Expires.UnixMicro(), 10))
}

func (s *Service) keyTag(r *KeyRecord) []byte {
	return s.tag("key", r.Keystore, r.ID, strconv.Itoa(r.Version), string(r.Type), string(r.State), strconv.Itoa(r.MaxChain), string(r.PublicKey), string(r.Sealed),
		strconv.FormatInt(r.CreatedAt.UnixMicro(), 10), string(r.Request))
}

// readRecord reads a keystore from the database and checks its tag.
func (s *Service) readRecord(ctx context.Context, id string) (*Record, error) {
	r, err := s.Store.Keystore(ctx, id)
	if err != nil {
		return nil, err
	}
	return &r, s.checkRecord(&r)
}

func (s *Service) checkRecord(r *Record) error {
	if hmac.Equal(r.Tag, s.recordTag(r)) {
		return nil
	}
	s.Log.Error("a keystore's record was changed outside the server; it is not used", "keystore", r.ID)
	return &Error{Code: KeyUnusable, Message: "the keystore's record was changed outside the server"}
}

// tagged is a store of keys whose records are tagged when they are written and checked when they are read.
type tagged struct {
	Keys
	service *Service
}

func (t tagged) InsertKey(ctx context.Context, r KeyRecord, older ...KeyVersion) error {
	r.Tag = t.service.keyTag(&r)
	return t.Keys.InsertKey(ctx, r, older...)
}

func (t tagged) Key(ctx context.Context, keystore, id string) (KeyRecord, error) {
	r, err := t.Keys.Key(ctx, keystore, id)
	if err != nil {
		return r, err
	}
	return r, t.check(&r)
}

func (t tagged) ListKeys(ctx context.Context, keystore string, filter KeyFilter, after Position, limit int) ([]KeyRecord, error) {
	records, err := t.Keys.ListKeys(ctx, keystore, filter, after, limit)
	for i := range records {
		if err == nil {
			err = t.check(&records[i])
		}
	}
	return records, err
}

func (t tagged) check(r *KeyRecord) error {
	if hmac.Equal(r.Tag, t.service.keyTag(r)) {
		return nil
	}
	t.service.Log.Error("a key's record was changed outside the server; it is not used", "keystore", r.Keystore, "key", r.ID)
	return &Error{Code: KeyUnusable, Message: fmt.Sprintf("the record of %s was changed outside the server", t.service.keyURL(r.Keystore, r.ID))}
}
