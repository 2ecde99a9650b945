package awskms

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
)

// A ciphertext blob: version 1 | fingerprint of the key's ARN 16 | nonce 12 | ciphertext | tag 16.
// Like KMS's it names its key, so that Decrypt works without a KeyId.
const (
	blobVersion       = 1
	fingerprintLength = 16
	blobHeader        = 1 + fingerprintLength
)

type masterKey struct {
	arn         string
	fingerprint []byte
	aead        cipher.AEAD
	disabled    bool
}

func newMasterKey(seed []byte, arn string) (*masterKey, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "kms" || !strings.HasPrefix(parts[5], "key/") {
		return nil, errors.New("is not the ARN of a KMS key")
	}
	material, err := hkdf.Key(sha256.New, seed, nil, "awskms stand-in, key material: "+arn, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(material)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(arn))
	return &masterKey{arn: arn, fingerprint: sum[:fingerprintLength], aead: aead}, nil
}

// id is the last part of the ARN, which requests may use too.
func (k *masterKey) id() string { return k.arn[strings.LastIndexByte(k.arn, '/')+1:] }

func (k *masterKey) encrypt(plaintext []byte, context map[string]string) []byte {
	header := append([]byte{blobVersion}, k.fingerprint...)
	return k.aead.Seal(header, nil, plaintext, append(bytes.Clone(header), encodeContext(context)...))
}

func (k *masterKey) decrypt(blob []byte, context map[string]string) ([]byte, error) {
	header, box := blob[:blobHeader], blob[blobHeader:]
	return k.aead.Open(nil, nil, box, append(bytes.Clone(header), encodeContext(context)...))
}

// madeBlob tells whether the blob names this key.
func (k *masterKey) madeBlob(blob []byte) bool {
	return len(blob) > blobHeader && blob[0] == blobVersion && bytes.Equal(blob[1:blobHeader], k.fingerprint)
}

// encodeContext is injective: sorted by name, each string with its length in front.
func encodeContext(context map[string]string) []byte {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(context)) {
		for _, s := range []string{name, context[name]} {
			b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
			b = append(b, s...)
		}
	}
	return b
}
