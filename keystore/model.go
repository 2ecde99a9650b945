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
	// AuthServer says whether there is one; without it two shares come with each request of a SHAMIR keystore.
	AuthServer bool
}

// Status is how the service is set up and how it does, for its operators. It holds no secret.
type Status struct {
	StartedAt        time.Time
	Version          string
	ServerLocks      []string
	Operators        []string
	OpenRegistration bool
	AuthServer       bool
	Database         *DatabaseStatus
	Locks            []*LockStatus
	AuthServerHealth *Health // nil: there is none, or it was not looked at yet
	OperatorDetails  []*Operator
	Counts           *ServiceCounts // nil: not counted yet
	CountFailed      bool           // the last count took too long, or the database did not answer
	Activity         *Activity
	Settings         []Setting
}

// Health is what the last look at something found.
type Health struct {
	Answers   bool
	Problem   *string // what is wrong or, where it answers, not known
	Latency   float64 // milliseconds
	CheckedAt time.Time
}

// DatabaseKind says what keeps keystores and keys.
type DatabaseKind string

// The databases.
const (
	DatabaseSQLite   DatabaseKind = "SQLITE"
	DatabasePostgres DatabaseKind = "POSTGRESQL"
)

// DatabaseStatus is the server's database.
type DatabaseStatus struct {
	Kind   DatabaseKind
	Health *Health // nil: not looked at yet
}

// LockStatus is a server lock.
type LockStatus struct {
	ID                string
	Health            *Health // nil: not looked at yet
	UnsealedKeystores *int64  // that it has not sealed; nil: not counted yet
}

// OperatorOrigin says how an operator came to be one.
type OperatorOrigin string

// The ways to become an operator.
const (
	OperatorConfigured OperatorOrigin = "CONFIGURED"
	OperatorEnrolled   OperatorOrigin = "ENROLLED"
)

// Operator is whom the service's root capability belongs to.
type Operator struct {
	DID        string
	Origin     OperatorOrigin
	EnrolledAt *time.Time // nil of a configured one
}

// ServiceCounts are how many there are of what operators look after.
type ServiceCounts struct {
	CountedAt                   time.Time
	Keystores                   int64
	KeystoresByState            []*StateCount
	Keys                        int64
	KeysByKind                  []*KeyCount
	Vaults                      int64
	VaultCapabilitiesEndingSoon int64
	VaultCapabilitiesEnded      int64
}

// StateCount is how many are in a state.
type StateCount struct {
	State KeyState
	Count int64
}

// Activity is what this server did in the last hour.
type Activity struct {
	Since      time.Time
	Requests   int64
	Operations int64
	Errors     []*ErrorCount
	Latency    *Latency // nil without a request
	Minutes    []*ActivityMinute
	// Requests of this server to vaults, and those that a vault did not answer as one that is well does.
	VaultRequests, VaultFailures int64
}

// ActivityMinute is what it did in a minute.
type ActivityMinute struct {
	At         time.Time // when it began
	Requests   int64
	Operations int64
	Errors     []*ErrorCount
	Latency    *Latency // nil without a request
}

// ErrorCount is how often a code was answered.
type ErrorCount struct {
	Code  Code
	Count int64
}

// Latency is how long requests took, in milliseconds.
type Latency struct{ P50, P95, P99 float64 }

// Setting is a setting of the server as it was started. It holds no secret.
type Setting struct {
	Name        string
	Description string
	Values      []string // none: it is not set, or is a secret
	Secret      bool
	IsSet       bool
	IsDefault   bool
}

// Keystore is a keystore as its callers see it. It holds no secret.
type Keystore struct {
	ID                     string // URL
	Controller             string // DID
	UserLock               UserLock
	VaultURL               *string
	VaultCapabilityExpires *time.Time
	CreatedAt              time.Time
	State                  KeyState
	DeletesAt              *time.Time
	Name, Description      *string
	Tags                   []Tag
	KeyTypes               []key.Type
}

// Key is a key as its callers see it. It holds no secret.
type Key struct {
	ID                      string // URL
	Type                    key.Type
	State                   KeyState
	DeletesAt               *time.Time
	Version                 int // the newest
	OldestVersion           int
	MinimumVersionToVerify  int
	MinimumVersionToDecrypt int
	PublicKey               *key.PublicKey // nil for symmetric keys
	CreatedAt               time.Time
	// MaxCapabilityChainLength bounds the chains by which the key may be used, the root included; nil: the server's bound.
	MaxCapabilityChainLength *int
	Name, Description        *string
	Tags                     []Tag
	Operations               []key.Operation
	Algorithms               []key.Algorithm
	PublicOnly, Exportable   bool
	RotationPeriod           *int // seconds
	RotatesAt                *time.Time
}

// Version is a version of a key as its callers see it, and how much it was used.
type Version struct {
	Version    int
	CreatedAt  time.Time
	PublicKey  *key.PublicKey
	Uses       int64
	LastUsedAt *time.Time
	Messages   *int64 // nil where the type has no limit
}

// KeyVersionConnection is a page of versions.
type KeyVersionConnection struct {
	Edges    []*KeyVersionEdge
	Nodes    []*Version
	PageInfo *PageInfo
}

// KeyVersionEdge is a version and where it stands.
type KeyVersionEdge struct {
	Cursor string
	Node   *Version
}

// KeyConnection is a page of keys.
type KeyConnection struct {
	Edges    []*KeyEdge
	Nodes    []*Key
	PageInfo *PageInfo
	// TotalCount is nil when counting would cost more than the page.
	TotalCount *int
	// Damaged names what stood on the page and cannot be read.
	Damaged []string
}

// KeyEdge is a key and where it stands.
type KeyEdge struct {
	Cursor string
	Node   *Key
}

// KeystoreFilterInput is which keystores to list; nil does not narrow.
type KeystoreFilterInput struct {
	ID         *string
	Controller *string
	NamePrefix *string
	State      *KeyState
	Vault      *bool
	Tag        *Tag
}

// KeystoreConnection is a page of keystores.
type KeystoreConnection struct {
	Edges    []*KeystoreEdge
	Nodes    []*Keystore
	PageInfo *PageInfo
	Damaged  []string // URLs
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

// Inputs and payloads of the operations, as the schema has them: what they mean is said there. Shares, messages and keys are redacted when printed.
type (
	CreateKeystoreInput struct {
		Controller     string
		UserLock       UserLock
		SecretShares   []secret.Bytes
		Vault          *VaultInput
		IdempotencyKey *string
		LabelInput
		KeyTypes []key.Type
	}
	VaultInput struct {
		URL        string
		Capability json.RawMessage
	}
	CreateKeystorePayload struct {
		Keystore         *Keystore
		RootCapabilities []json.RawMessage
	}

	// LabelInput is what is to be said of a thing; nil: nothing, or nothing else than now.
	LabelInput struct {
		Name, Description *string
		Tags              []Tag
	}

	UpdateKeystoreInput struct {
		Keystore        string
		Controller      *string
		VaultCapability json.RawMessage
		LabelInput
		KeyTypes []key.Type
	}
	UpdateVaultCapabilityInput struct {
		Keystore   string
		Capability json.RawMessage
	}
	DeleteKeystoreInput struct {
		Keystore   string
		WindowDays int
	}
	// KeystoreInput names a keystore and nothing else.
	KeystoreInput   struct{ Keystore string }
	KeystorePayload struct{ Keystore *Keystore }

	// KeyOptions are what is decided of a key when it comes to be.
	KeyOptions struct {
		LabelInput
		Operations []key.Operation
		Algorithms []key.Algorithm
		Exportable bool
		// MaxCapabilityChainLength bounds the chains by which the key may be used, the root included.
		MaxCapabilityChainLength *int
	}
	CreateKeyInput struct {
		Keystore       string
		Type           key.Type
		SecretShares   []secret.Bytes
		IdempotencyKey *string
		KeyOptions
		RotationPeriod *int
	}
	ImportKeyInput struct {
		Keystore         string
		Type             key.Type
		JWK              secret.Bytes
		Pkcs8, Spki, Raw secret.Bytes
		Wrapped          *string
		UnwrappingKey    *string
		SecretShares     []secret.Bytes
		IdempotencyKey   *string
		KeyOptions
	}
	RotateKeyInput struct {
		Key            string
		SecretShares   []secret.Bytes
		IdempotencyKey *string
	}
	UpdateKeyInput struct {
		Key string
		LabelInput
		Operations              []key.Operation
		Algorithms              []key.Algorithm
		MinimumVersionToVerify  *int
		MinimumVersionToDecrypt *int
		RotationPeriod          *int
	}
	DeleteKeyInput struct {
		Key        string
		WindowDays int
	}
	TrimKeyVersionsInput struct {
		Key           string
		OldestVersion int
	}
	// KeyInput names a key and nothing else.
	KeyInput   struct{ Key string }
	KeyPayload struct{ Key *Key }
	// DeleteKeyPayload: Key is nil where the record is damaged.
	DeleteKeyPayload struct {
		Key       *Key
		DeletesAt time.Time
	}

	ExportKeyInput struct {
		Key          string
		Recipient    json.RawMessage
		Version      *int
		SecretShares []secret.Bytes
	}
	ExportKeyPayload struct {
		Wrapped string
		Version int
	}
	BackupKeyInput struct {
		Key          string
		Recipient    json.RawMessage
		SecretShares []secret.Bytes
	}
	BackupKeyPayload struct {
		Backup  string
		Version int
	}
	RestoreKeyInput struct {
		Keystore      string
		Backup        string
		UnwrappingKey string
		SecretShares  []secret.Bytes
	}

	// SignatureOptions say how to sign or verify.
	SignatureOptions struct {
		MessageType key.MessageType
		Algorithm   *key.Algorithm
		Encoding    key.SignatureEncoding
		Context     secret.Bytes
	}
	SignInput struct {
		Key     string
		Message secret.Bytes
		SignatureOptions
		SecretShares []secret.Bytes
	}
	SignPayload struct {
		Signature []byte
		Version   int
	}
	VerifyInput struct {
		Key string
		VerifyItem
		SignatureOptions
		SecretShares []secret.Bytes
	}
	VerifyItem struct {
		Message, Signature secret.Bytes
		Version            *int
	}
	// VerifyPayload is also of verifyMac.
	VerifyPayload struct {
		Valid   bool
		Version *int
	}

	// EncryptionOptions say how to encrypt or decrypt.
	EncryptionOptions struct {
		Algorithm *key.Algorithm
		Info      secret.Bytes
	}
	EncryptInput struct {
		Key string
		EncryptItem
		EncryptionOptions
		SecretShares []secret.Bytes
	}
	EncryptItem    struct{ Plaintext, AAD secret.Bytes }
	EncryptPayload struct {
		Ciphertext, Nonce []byte
		Version           int
	}
	DecryptInput struct {
		Key string
		DecryptItem
		EncryptionOptions
		SecretShares []secret.Bytes
	}
	DecryptItem struct {
		Ciphertext, Nonce, AAD secret.Bytes
		Version                *int
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
		Key string
		VerifyMacItem
		SecretShares []secret.Bytes
	}
	VerifyMacItem struct {
		Data, Mac secret.Bytes
		Version   *int
	}

	WrapKeyInput struct {
		Key                string
		KeyToWrap          secret.Bytes
		Algorithm          *key.Algorithm
		RecipientPublicKey secret.Bytes
		EphemeralKey       secret.Bytes // a JWK
		Apu, Apv, Tag      secret.Bytes
		SecretShares       []secret.Bytes
	}
	WrapKeyPayload struct {
		WrappedKey []byte
		Algorithm  key.Algorithm
		EPK        json.RawMessage
		Version    int
	}
	UnwrapKeyInput struct {
		Key             string
		WrappedKey      secret.Bytes
		Algorithm       *key.Algorithm
		EPK             json.RawMessage
		SenderPublicKey secret.Bytes
		Apu, Apv, Tag   secret.Bytes
		Version         *int
		SecretShares    []secret.Bytes
	}
	UnwrapKeyPayload struct {
		UnwrappedKey []byte
		Version      int
	}

	SealInput struct {
		Key                string
		Plaintext          secret.Bytes
		RecipientPublicKey secret.Bytes
		SecretShares       []secret.Bytes
	}
	OpenInput struct {
		Key               string
		Ciphertext, Nonce secret.Bytes
		SenderPublicKey   secret.Bytes
		Version           *int
		SecretShares      []secret.Bytes
	}

	EncapsulateInput struct {
		Key          string
		SecretShares []secret.Bytes
	}
	EncapsulatePayload struct {
		SharedSecret, Ciphertext []byte
		Version                  int
	}
	DecapsulateInput struct {
		Key          string
		Ciphertext   secret.Bytes
		Version      *int
		SecretShares []secret.Bytes
	}
	DecapsulatePayload struct {
		SharedSecret []byte
		Version      int
	}

	DeriveSecretInput struct {
		Key          string
		PublicKey    secret.Bytes
		Version      *int
		SecretShares []secret.Bytes
	}
	DeriveSecretPayload struct {
		Secret  []byte
		Version int
	}
	DeriveKeyInput struct {
		Key                   string
		PublicKey, Salt, Info secret.Bytes
		Length                *int
		Type                  *key.Type
		Name                  *string
		Version               *int
		SecretShares          []secret.Bytes
	}
	DeriveKeyPayload struct {
		Secret  []byte
		Key     *Key
		Version int
	}

	GenerateDataKeyInput struct {
		Key string
		DataKeyItem
		EncryptionOptions
		Length        int
		WithPlaintext bool
		SecretShares  []secret.Bytes
	}
	DataKeyItem            struct{ AAD secret.Bytes }
	GenerateDataKeyPayload struct {
		Plaintext, Ciphertext, Nonce []byte
		Version                      int
	}

	// ReencryptOptions say how to decrypt, with which key to encrypt, and how.
	ReencryptOptions struct {
		EncryptionOptions
		DestinationKey       *string
		DestinationAlgorithm *key.Algorithm
		DestinationInfo      secret.Bytes
	}
	ReencryptInput struct {
		Key string
		ReencryptItem
		ReencryptOptions
		SecretShares []secret.Bytes
	}
	ReencryptItem struct {
		Ciphertext, Nonce, AAD secret.Bytes
		Version                *int
		DestinationAad         secret.Bytes
	}
	ReencryptPayload struct {
		Ciphertext, Nonce      []byte
		SourceVersion, Version int
	}

	GenerateRandomInput struct {
		Keystore string
		Length   int
	}
	GenerateRandomPayload struct{ Bytes []byte }

	SignBatchInput struct {
		Key      string
		Messages []secret.Bytes
		SignatureOptions
		SecretShares []secret.Bytes
	}
	VerifyBatchInput struct {
		Key   string
		Items []VerifyItem
		SignatureOptions
		SecretShares []secret.Bytes
	}
	EncryptBatchInput struct {
		Key   string
		Items []EncryptItem
		EncryptionOptions
		SecretShares []secret.Bytes
	}
	DecryptBatchInput struct {
		Key   string
		Items []DecryptItem
		EncryptionOptions
		SecretShares []secret.Bytes
	}
	ComputeMacBatchInput struct {
		Key          string
		Data         []secret.Bytes
		SecretShares []secret.Bytes
	}
	VerifyMacBatchInput struct {
		Key          string
		Items        []VerifyMacItem
		SecretShares []secret.Bytes
	}
	GenerateDataKeyBatchInput struct {
		Key   string
		Items []DataKeyItem
		EncryptionOptions
		Length        int
		WithPlaintext bool
		SecretShares  []secret.Bytes
	}
	ReencryptBatchInput struct {
		Key   string
		Items []ReencryptItem
		ReencryptOptions
		SecretShares []secret.Bytes
	}

	// BatchPayload is what any batch answers: a result for each item, in their order.
	BatchPayload struct{ Results []Result }
	// Result is what an item of a batch answers: what its single form does, or an error. Each operation fills its own fields.
	Result struct {
		Signature, Plaintext, Ciphertext, Nonce, Mac []byte
		Valid                                        *bool
		SourceVersion, Version                       *int
		Error                                        *ItemError
	}
	// ItemError is what is told of an item that failed.
	ItemError struct{ Code, Message string }

	EnrolOperatorInput   struct{ Token secret.Bytes }
	EnrolOperatorPayload struct{ Operator string }
	// OperatorInput names an operator by its DID.
	OperatorInput   struct{ Operator string }
	OperatorPayload struct{ Operator string }
)
