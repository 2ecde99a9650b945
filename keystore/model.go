package keystore

import (
	"encoding/json"
	"time"

	"twolock/crypto/key"
	"twolock/crypto/secret"
)

// UserLock says how a keystore's lock key comes to be.
type UserLock string

// The user's locks.
const (
	UserLockLocal  UserLock = "LOCAL"  // random, sealed by the server's lock
	UserLockShamir UserLock = "SHAMIR" // made on the fly from secret shares
)

// KeyState says whether a key may be used.
type KeyState string

// The states of a key.
const (
	KeyEnabled         KeyState = "ENABLED"
	KeyDisabled        KeyState = "DISABLED"
	KeyPendingDeletion KeyState = "PENDING_DELETION"
)

// ServiceInfo is what anybody may know about the service.
type ServiceInfo struct {
	Name     string
	Version  string
	DID      string
	KeyTypes []key.Type
}

// Status is how the service is set up, for its operators.
type Status struct {
	StartedAt        time.Time
	ServerLocks      []string
	Operators        []string
	OpenRegistration bool
	AuthServer       bool
}

// Keystore is a keystore as its callers see it. It holds no secret.
type Keystore struct {
	ID                     string // URL
	Controller             string // DID
	UserLock               UserLock
	VaultURL               *string
	VaultCapabilityExpires *time.Time
	CreatedAt              time.Time
}

// Key is a key as its callers see it. It holds no secret.
type Key struct {
	ID        string // URL
	Type      key.Type
	State     KeyState
	Version   int
	PublicKey *key.PublicKey // nil for symmetric keys
	CreatedAt time.Time
	// MaxCapabilityChainLength bounds the chains by which the key may be used, the root included; nil: the server's bound.
	MaxCapabilityChainLength *int
}

// KeyConnection is a page of keys.
type KeyConnection struct {
	Edges    []*KeyEdge
	Nodes    []*Key
	PageInfo *PageInfo
	// TotalCount is nil when counting would cost more than the page.
	TotalCount *int
}

// KeyEdge is a key and where it stands.
type KeyEdge struct {
	Cursor string
	Node   *Key
}

// KeystoreConnection is a page of keystores.
type KeystoreConnection struct {
	Edges    []*KeystoreEdge
	Nodes    []*Keystore
	PageInfo *PageInfo
}

// KeystoreEdge is a keystore and where it stands.
type KeystoreEdge struct {
	Cursor string
	Node   *Keystore
}

// RevocationConnection is a page of revocations.
type RevocationConnection struct {
	Edges    []*RevocationEdge
	Nodes    []*Revocation
	PageInfo *PageInfo
}

// RevocationEdge is a revocation and where it stands.
type RevocationEdge struct {
	Cursor string
	Node   *Revocation
}

// PageInfo says where a page stands.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Inputs and payloads of the operations, as the schema has them. Shares and messages are redacted when printed.
type (
	CreateKeystoreInput struct {
		Controller     string
		UserLock       UserLock
		SecretShares   []secret.Bytes
		Vault          *VaultInput
		IdempotencyKey *string
	}
	VaultInput struct {
		URL        string
		Capability json.RawMessage
	}
	CreateKeystorePayload struct {
		Keystore         *Keystore
		RootCapabilities []json.RawMessage
	}

	UpdateKeystoreInput struct {
		Keystore        string
		Controller      string
		VaultCapability json.RawMessage
	}
	UpdateKeystorePayload struct{ Keystore *Keystore }

	UpdateVaultCapabilityInput struct {
		Keystore   string
		Capability json.RawMessage
	}
	UpdateVaultCapabilityPayload struct{ Keystore *Keystore }

	CreateKeyInput struct {
		Keystore       string
		Type           key.Type
		SecretShares   []secret.Bytes
		IdempotencyKey *string
		// MaxCapabilityChainLength bounds the chains by which the key may be used, the root included.
		MaxCapabilityChainLength *int
	}
	CreateKeyPayload struct{ Key *Key }

	SignInput struct {
		Key          string
		Message      secret.Bytes
		MessageType  key.MessageType
		Algorithm    *key.SignatureAlgorithm
		Encoding     key.SignatureEncoding
		SecretShares []secret.Bytes
	}
	SignPayload struct {
		Signature []byte
		Version   int
	}
	VerifyInput struct {
		Key          string
		Message      secret.Bytes
		Signature    secret.Bytes
		MessageType  key.MessageType
		Algorithm    *key.SignatureAlgorithm
		Encoding     key.SignatureEncoding
		Version      *int
		SecretShares []secret.Bytes
	}
	VerifyPayload struct {
		Valid   bool
		Version *int
	}

	EncryptInput struct {
		Key          string
		Plaintext    secret.Bytes
		AAD          secret.Bytes
		SecretShares []secret.Bytes
	}
	EncryptPayload struct {
		Ciphertext []byte
		Nonce      []byte
		Version    int
	}
	DecryptInput struct {
		Key          string
		Ciphertext   secret.Bytes
		Nonce        secret.Bytes
		AAD          secret.Bytes
		Version      *int
		SecretShares []secret.Bytes
	}
	DecryptPayload struct {
		Plaintext []byte
		Version   int
	}

	ComputeMacInput struct {
		Key          string
		Data         secret.Bytes
		SecretShares []secret.Bytes
	}
	ComputeMacPayload struct {
		Mac     []byte
		Version int
	}
	VerifyMacInput struct {
		Key          string
		Data         secret.Bytes
		Mac          secret.Bytes
		Version      *int
		SecretShares []secret.Bytes
	}
	VerifyMacPayload struct {
		Valid   bool
		Version *int
	}

	EnrolOperatorInput   struct{ Token secret.Bytes }
	EnrolOperatorPayload struct{ Operator string }
)
