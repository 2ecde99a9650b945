package keystore

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"twolock/auth"
	"twolock/crypto/jwe"
	"twolock/crypto/key"
)

// ExportKey returns a version of an exportable key, encrypted to a public key.
func (s *Service) ExportKey(ctx context.Context, caller *auth.Caller, in ExportKeyInput) (*ExportKeyPayload, error) {
	u, err := s.use(ctx, caller, "key", in.Key, wanted{action: actionExportKey, shares: in.SecretShares})
	if err != nil {
		return nil, err
	}
	defer u.end()
	if err := u.exportable(); err != nil {
		return nil, err
	}
	k, version, err := u.version(in.Version, "")
	if err != nil {
		return nil, err
	}
	jwk, err := k.JWK()
	if err != nil {
		return nil, err
	}
	defer clear(jwk)
	wrapped, err := jwe.Seal(in.Recipient, "jwk+json", jwk)
	if err != nil {
		return nil, recipientError(err)
	}
	u.count(version, 1)
	return &ExportKeyPayload{wrapped, version}, nil
}

func (u *use) exportable() error {
	if !u.record.Exportable {
		return Errorf(KeyUnusable, "key: was not made exportable")
	}
	return nil
}

func recipientError(err error) error {
	if bad, ok := errors.AsType[*key.InputError](err); ok {
		return Errorf(BadUserInput, "recipient: %s", bad.Reason)
	}
	return err
}

// A backup holds what restores a key: what never changes of it, what it is called, what it is restricted to, and its newest versions.
type backup struct {
	Format      string          `json:"format"`
	ID          string          `json:"id"`
	Type        key.Type        `json:"type"`
	MaxChain    int             `json:"maxCapabilityChainLength,omitempty"`
	CreatedAt   time.Time       `json:"createdAt"`
	Name        string          `json:"name,omitempty"`
	Description string          `json:"description,omitempty"`
	Tags        []Tag           `json:"tags,omitempty"`
	Operations  []key.Operation `json:"operations,omitempty"`
	Algorithms  []key.Algorithm `json:"algorithms,omitempty"`
	MinVerify   int             `json:"minimumVersionToVerify,omitempty"`
	MinDecrypt  int             `json:"minimumVersionToDecrypt,omitempty"`
	Rotation    int             `json:"rotationPeriod,omitempty"`
	Versions    []backupVersion `json:"versions"` // newest first
	// Tag says that this service made the backup of the key of that id: any other gets a new one, for anybody can encrypt to a public key, and others
	// hold capabilities for the URL that the id is a part of.
	Tag []byte `json:"tag,omitempty"`
}

func (b *backup) wipe() {
	for _, v := range b.Versions {
		clear(v.JWK)
	}
}

type backupVersion struct {
	Version   int             `json:"version"`
	CreatedAt time.Time       `json:"createdAt"`
	JWK       json.RawMessage `json:"jwk"`
	// Messages are those that count as encrypted.
	Messages int64 `json:"messages,omitempty"`
}

const (
	backupFormat = "twolock key backup 1"
	// maxBackup is how many versions a backup has at most.
	maxBackup = 100
)

// BackupKey returns an exportable key as a whole, encrypted to a public key.
func (s *Service) BackupKey(ctx context.Context, caller *auth.Caller, in BackupKeyInput) (*BackupKeyPayload, error) {
	u, err := s.use(ctx, caller, "key", in.Key, wanted{action: actionBackupKey, shares: in.SecretShares})
	if err != nil {
		return nil, err
	}
	defer u.end()
	if err := u.exportable(); err != nil {
		return nil, err
	}
	r := u.record
	b := backup{
		Format: backupFormat, ID: r.ID, Type: r.Type, MaxChain: r.MaxChain, CreatedAt: r.CreatedAt, Name: r.Name, Description: r.Description, Tags: r.Tags,
		Operations: r.Operations, Algorithms: r.Algorithms, MinVerify: r.MinVerify, MinDecrypt: r.MinDecrypt, Rotation: int(r.RotationPeriod / time.Second),
	}
	defer b.wipe()
	for i := range maxBackup {
		v, err := u.at(i, r.Oldest)
		if err != nil {
			return nil, err
		}
		if v == nil {
			break
		}
		jwk, err := v.key.JWK()
		if err != nil {
			return nil, err
		}
		b.Versions = append(b.Versions, backupVersion{Version: v.Version, CreatedAt: v.VersionCreatedAt, JWK: jwk})
	}
	if err := u.addMessages(b.Versions); err != nil {
		return nil, err
	}
	if b.Tag, err = s.backupTag(&b); err != nil {
		return nil, err
	}
	plain, err := b.encode()
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	wrapped, err := jwe.Seal(in.Recipient, "json", plain)
	if err != nil {
		return nil, recipientError(err)
	}
	u.count(r.Newest, 1)
	return &BackupKeyPayload{wrapped, r.Newest}, nil
}

// backupTag authenticates all of a backup but its tag.
func (s *Service) backupTag(b *backup) ([]byte, error) {
	untagged := *b
	untagged.Tag = nil
	plain, err := untagged.encode()
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return s.tagOf([]byte("backup"), plain), nil
}

// encode writes a backup as json.Marshal does, but through no buffer that stays behind: that keeps the ones it wrote to, and the keys in them, for the next
// caller. All but the keys goes through it, with null in their place, which comes so nowhere else: quotes in a text have a backslash before them.
func (b *backup) encode() ([]byte, error) {
	open := *b
	open.Versions = slices.Clone(b.Versions)
	size := 0
	for i := range open.Versions {
		size += 6 * len(b.Versions[i].JWK) // as long as it can get: nothing is to be moved
		open.Versions[i].JWK = nil
	}
	text, err := json.Marshal(open)
	if err != nil {
		return nil, err
	}
	parts := bytes.Split(text, []byte(`"jwk":null`))
	if len(parts) != len(b.Versions)+1 {
		return nil, errors.New("backup: its versions are not found in it")
	}
	out := bytes.NewBuffer(make([]byte, 0, len(text)+size))
	for i, part := range parts {
		out.Write(part)
		if i < len(b.Versions) {
			out.WriteString(`"jwk":`)
			if err := b.Versions[i].write(out); err != nil {
				clear(out.Bytes())
				return nil, err
			}
		}
	}
	return out.Bytes(), nil
}

func (v *backupVersion) write(out *bytes.Buffer) error {
	if v.JWK == nil { // it was left out
		out.WriteString("null")
		return nil
	}
	compact := bytes.NewBuffer(make([]byte, 0, len(v.JWK)))
	defer func() { clear(compact.Bytes()) }()
	if err := json.Compact(compact, v.JWK); err != nil {
		return errors.New("backup: a version is not JSON")
	}
	json.HTMLEscape(out, compact.Bytes())
	return nil
}

// addMessages says how many messages each version has encrypted, where that is limited.
func (u *use) addMessages(versions []backupVersion) error {
	if u.record.Type.MaxMessages() == 0 {
		return nil
	}
	numbers := make([]int, len(versions))
	for i, v := range versions {
		numbers[i] = v.Version
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.useRing(); err != nil {
		return err
	}
	usage, err := u.ring.store.KeyUsage(u.ctx, u.record.Keystore, u.record.ID, numbers)
	for i := range versions {
		versions[i].Messages = usage[versions[i].Version].Messages
	}
	return err
}

// RestoreKey makes a key of a backup, all of it or nothing.
func (s *Service) RestoreKey(ctx context.Context, caller *auth.Caller, in RestoreKeyInput) (*KeyPayload, error) {
	op, err := s.atKeystore(ctx, caller, actionRestoreKey, "keystore", in.Keystore)
	if err != nil {
		return nil, err
	}
	plain, err := s.unwrapJWE(ctx, caller, op, "backup", in.Backup, in.UnwrappingKey, in.SecretShares)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	b, err := s.parseBackup(plain)
	if err != nil {
		return nil, Errorf(BadUserInput, "backup: %v", err)
	}
	defer b.wipe()
	n, err := s.restored(op, b, in.Backup)
	if err != nil {
		return nil, err
	}
	if again, err := s.repeatKey(ctx, n); again != nil || err != nil {
		return again, s.restoreError(n, err)
	}
	o, err := s.opener(op.record, in.SecretShares)
	if err != nil {
		return nil, err
	}
	userLock, release, err := s.useUserLock(ctx, o, false)
	if err != nil {
		return nil, err
	}
	defer release()
	sealed := make([]KeyVersion, len(b.Versions))
	for i, v := range b.Versions {
		pays := 0
		if i == 0 { // for all of them: half a backup is none
			pays = len(b.Versions)
		}
		k, err := s.importMaterial(ctx, op.at.keystore, b.Type, key.Material{JWK: v.JWK}, pays)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if CodeOf(err) == RateLimited {
			return nil, err
		}
		if err != nil || k.IsPublicOnly() {
			return nil, Errorf(BadUserInput, "backup: version %d is not a %s key with its private part", v.Version, b.Type)
		}
		one, err := seal(userLock, &n.record, v.Version, k)
		k.Wipe()
		if err != nil {
			return nil, err
		}
		one.VersionCreatedAt = v.CreatedAt.UTC().Truncate(time.Microsecond)
		one.Messages = v.Messages // the newest version's, the only one that will encrypt
		sealed[i] = *one
	}
	n.record.KeyVersion = sealed[0]
	out, err := s.insertKey(ctx, n, sealed[1:]...)
	return out, s.restoreError(n, err)
}

// restoreError says of a key that is there, and not from this backup, what it is.
func (s *Service) restoreError(n *newKey, err error) error {
	if errors.Is(err, errIdempotency) {
		return Errorf(Conflict, "there is a key %s already", s.keyURL(n.record.Keystore, n.record.ID))
	}
	return err
}

// parseBackup reads a backup and checks that its versions hang together.
func (s *Service) parseBackup(plain []byte) (*backup, error) {
	var b backup
	sound := false
	defer func() {
		if !sound {
			b.wipe()
		}
	}()
	if err := jsonv2.Unmarshal(plain, &b, jsonv2.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("is not a backup of a key")
	}
	if b.Format != backupFormat {
		return nil, errors.New("is not a backup of a key that this version reads")
	}
	if !s.possible(b.CreatedAt) {
		return nil, errors.New("was made at a time that cannot be")
	}
	if !isID(b.ID) || len(b.Versions) == 0 || len(b.Versions) > maxBackup {
		return nil, errors.New("is not whole")
	}
	for i, v := range b.Versions {
		if v.Version < 1 || v.Version > maxVersion || v.Messages < 0 || i > 0 && v.Version != b.Versions[i-1].Version-1 {
			return nil, errors.New("its versions are not in order")
		}
		if !s.possible(v.CreatedAt) {
			return nil, fmt.Errorf("its version %d was made at a time that cannot be", v.Version)
		}
	}
	sound = true
	return &b, nil
}

// possible tells whether something can have been made at a time, by a clock that may be a day ahead of this one. The time is a key's place in listings, which
// stores keep in numbers from 1970 on.
func (s *Service) possible(at time.Time) bool {
	return at.After(time.Unix(0, 0)) && at.Before(s.Now().Add(24*time.Hour))
}

// maxVersion is the largest that GraphQL's Int holds, with room to rotate.
const maxVersion = 1 << 30

// restored checks a backup as newKey checks an input.
func (s *Service) restored(op *operation, b *backup, wrapped string) (*newKey, error) {
	o := KeyOptions{LabelInput: LabelInput{Name: &b.Name, Description: &b.Description, Tags: b.Tags}, Operations: b.Operations, Algorithms: b.Algorithms, Exportable: true}
	if b.MaxChain != 0 {
		o.MaxCapabilityChainLength = &b.MaxChain
	}
	request, err := digest("restore", wrapped)
	if err != nil {
		return nil, err
	}
	n, err := s.newKey(op, b.Type, o, true, nil, request) // the same backup again finds what it made
	if err != nil {
		return nil, Errorf(CodeOf(err), "backup: %v", err)
	}
	r := &n.record
	tag, err := s.backupTag(b)
	if err != nil {
		return nil, err
	}
	if r.ID = b.ID; !hmac.Equal(tag, b.Tag) {
		r.ID = derivedID("restored", op.at.keystore, wrapped)
	}
	r.CreatedAt = b.CreatedAt.UTC().Truncate(time.Microsecond)
	r.Newest, r.Oldest = b.Versions[0].Version, b.Versions[len(b.Versions)-1].Version
	r.MinVerify, r.MinDecrypt = b.MinVerify, b.MinDecrypt
	if r.MinVerify < 0 || r.MinVerify > r.Newest || r.MinDecrypt < 0 || r.MinDecrypt > r.Newest {
		return nil, Errorf(BadUserInput, "backup: its minimum versions are not among its versions")
	}
	if err := r.setRotation(b.Rotation, s.now()); err != nil {
		return nil, Errorf(BadUserInput, "backup: %v", err)
	}
	return n, nil
}
