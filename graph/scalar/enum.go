package scalar

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"twolock/crypto/key"
	"twolock/keystore"
)

// enum reads one of the values, written exactly as in the schema. What gqlgen generates for enums reads null, and a value in other
// letters of case, as Go's zero value: "digest" would mean RAW.
func enum[T ~string](v any, values ...T) (T, error) {
	if s, ok := v.(string); ok && slices.Contains(values, T(s)) {
		return T(s), nil
	}
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = string(value)
	}
	return "", Error("must be one of " + strings.Join(names, ", "))
}

func marshalEnum[T ~string](v T) graphql.Marshaler { return graphql.MarshalString(string(v)) }

// MarshalKeyType writes a KeyType.
func MarshalKeyType(t key.Type) graphql.Marshaler { return marshalEnum(t) }

// UnmarshalKeyType reads a KeyType.
func UnmarshalKeyType(v any) (key.Type, error) { return enum(v, key.Types()...) }

// MarshalSignatureAlgorithm writes a SignatureAlgorithm.
func MarshalSignatureAlgorithm(a key.Algorithm) graphql.Marshaler { return marshalEnum(a) }

// UnmarshalSignatureAlgorithm reads a SignatureAlgorithm.
func UnmarshalSignatureAlgorithm(v any) (key.Algorithm, error) {
	return enum(v, key.SignatureAlgorithms()...)
}

// MarshalEncryptionAlgorithm writes an EncryptionAlgorithm.
func MarshalEncryptionAlgorithm(a key.Algorithm) graphql.Marshaler { return marshalEnum(a) }

// UnmarshalEncryptionAlgorithm reads an EncryptionAlgorithm.
func UnmarshalEncryptionAlgorithm(v any) (key.Algorithm, error) {
	return enum(v, key.EncryptionAlgorithms()...)
}

// MarshalWrapAlgorithm writes a WrapAlgorithm.
func MarshalWrapAlgorithm(a key.Algorithm) graphql.Marshaler { return marshalEnum(a) }

// UnmarshalWrapAlgorithm reads a WrapAlgorithm.
func UnmarshalWrapAlgorithm(v any) (key.Algorithm, error) { return enum(v, key.WrapAlgorithms()...) }

// MarshalAlgorithm writes an Algorithm.
func MarshalAlgorithm(a key.Algorithm) graphql.Marshaler { return marshalEnum(a) }

// UnmarshalAlgorithm reads an Algorithm.
func UnmarshalAlgorithm(v any) (key.Algorithm, error) { return enum(v, key.Algorithms()...) }

// MarshalKeyOperation writes a KeyOperation.
func MarshalKeyOperation(o key.Operation) graphql.Marshaler { return marshalEnum(o) }

// UnmarshalKeyOperation reads a KeyOperation.
func UnmarshalKeyOperation(v any) (key.Operation, error) { return enum(v, key.Operations()...) }

// MarshalSignatureEncoding writes a SignatureEncoding.
func MarshalSignatureEncoding(e key.SignatureEncoding) graphql.Marshaler { return marshalEnum(e) }

// UnmarshalSignatureEncoding reads a SignatureEncoding.
func UnmarshalSignatureEncoding(v any) (key.SignatureEncoding, error) {
	return enum(v, key.IEEEP1363, key.DER)
}

// MarshalMessageType writes a MessageType.
func MarshalMessageType(m key.MessageType) graphql.Marshaler { return marshalEnum(m) }

// UnmarshalMessageType reads a MessageType.
func UnmarshalMessageType(v any) (key.MessageType, error) { return enum(v, key.Raw, key.Digest) }

// MarshalUserLock writes a UserLock.
func MarshalUserLock(l keystore.UserLock) graphql.Marshaler { return marshalEnum(l) }

// UnmarshalUserLock reads a UserLock.
func UnmarshalUserLock(v any) (keystore.UserLock, error) {
	return enum(v, keystore.UserLockLocal, keystore.UserLockShamir)
}

// MarshalKeyState writes a KeyState.
func MarshalKeyState(s keystore.KeyState) graphql.Marshaler { return marshalEnum(s) }

// UnmarshalKeyState reads a KeyState.
func UnmarshalKeyState(v any) (keystore.KeyState, error) {
	return enum(v, keystore.KeyEnabled, keystore.KeyDisabled, keystore.KeyPendingDeletion)
}

// MarshalDatabaseKind writes a DatabaseKind.
func MarshalDatabaseKind(k keystore.DatabaseKind) graphql.Marshaler { return marshalEnum(k) }

// UnmarshalDatabaseKind reads a DatabaseKind.
func UnmarshalDatabaseKind(v any) (keystore.DatabaseKind, error) {
	return enum(v, keystore.DatabaseSQLite, keystore.DatabasePostgres)
}

// MarshalOperatorOrigin writes an OperatorOrigin.
func MarshalOperatorOrigin(o keystore.OperatorOrigin) graphql.Marshaler { return marshalEnum(o) }

// UnmarshalOperatorOrigin reads an OperatorOrigin.
func UnmarshalOperatorOrigin(v any) (keystore.OperatorOrigin, error) {
	return enum(v, keystore.OperatorConfigured, keystore.OperatorEnrolled)
}

// MarshalErrorCode writes an ErrorCode.
func MarshalErrorCode(c keystore.Code) graphql.Marshaler { return marshalEnum(c) }

// UnmarshalErrorCode reads an ErrorCode.
func UnmarshalErrorCode(v any) (keystore.Code, error) { return enum(v, keystore.Codes()...) }
