// Written by generate.js from operations.graphql and graph/schema.graphqls. Do not edit.

import type {Capability} from '../client/index.js';

/** What a request is made of. Data and Variables are types only. */
export type Operation<Data, Variables> = {
  readonly text: string;
  /** The action of the capability that is invoked; null: none is, the field is public. */
  readonly action: string | null;
  readonly types?: (variables: Variables) => Data;
};

export const userLockValues = ['LOCAL', 'SHAMIR'] as const;
export type UserLock = (typeof userLockValues)[number];

export const keyStateValues = ['ENABLED', 'DISABLED', 'PENDING_DELETION'] as const;
export type KeyState = (typeof keyStateValues)[number];

export const keyTypeValues = ['ED25519', 'ECDSA_P256', 'ECDSA_P384', 'ECDSA_P521', 'ECDSA_SECP256K1', 'RSA_2048', 'RSA_3072', 'RSA_4096', 'ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87', 'AES_128_GCM', 'AES_256_GCM', 'XAES_256_GCM', 'CHACHA20_POLY1305', 'XCHACHA20_POLY1305', 'HMAC_SHA256', 'HMAC_SHA384', 'HMAC_SHA512', 'X25519', 'ECDH_P256', 'ECDH_P384', 'ECDH_P521', 'ML_KEM_768', 'ML_KEM_1024'] as const;
export type KeyType = (typeof keyTypeValues)[number];

export const keyOperationValues = ['SIGN', 'VERIFY', 'ENCRYPT', 'DECRYPT', 'COMPUTE_MAC', 'VERIFY_MAC', 'WRAP_KEY', 'UNWRAP_KEY', 'SEAL', 'OPEN', 'ENCAPSULATE', 'DECAPSULATE', 'DERIVE_SECRET', 'DERIVE_KEY'] as const;
export type KeyOperation = (typeof keyOperationValues)[number];

export const algorithmValues = ['EDDSA', 'ECDSA', 'RSA_PSS_SHA256', 'RSA_PSS_SHA384', 'RSA_PSS_SHA512', 'RSA_PKCS1_SHA256', 'RSA_PKCS1_SHA384', 'RSA_PKCS1_SHA512', 'ML_DSA', 'AEAD', 'RSA_OAEP_SHA256', 'HPKE_AES_128_GCM', 'HPKE_AES_256_GCM', 'HPKE_CHACHA20_POLY1305', 'AES_KW', 'AES_KWP', 'RSA_OAEP_256', 'ECDH_ES_A256KW', 'ECDH_1PU_A256KW'] as const;
export type Algorithm = (typeof algorithmValues)[number];

export const messageTypeValues = ['RAW', 'DIGEST'] as const;
export type MessageType = (typeof messageTypeValues)[number];

export const signatureAlgorithmValues = ['EDDSA', 'ECDSA', 'RSA_PSS_SHA256', 'RSA_PSS_SHA384', 'RSA_PSS_SHA512', 'RSA_PKCS1_SHA256', 'RSA_PKCS1_SHA384', 'RSA_PKCS1_SHA512', 'ML_DSA'] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithmValues)[number];

export const signatureEncodingValues = ['IEEE_P1363', 'DER'] as const;
export type SignatureEncoding = (typeof signatureEncodingValues)[number];

export const encryptionAlgorithmValues = ['AEAD', 'RSA_OAEP_SHA256', 'HPKE_AES_128_GCM', 'HPKE_AES_256_GCM', 'HPKE_CHACHA20_POLY1305'] as const;
export type EncryptionAlgorithm = (typeof encryptionAlgorithmValues)[number];

export const wrapAlgorithmValues = ['AES_KW', 'AES_KWP', 'RSA_OAEP_256', 'ECDH_ES_A256KW', 'ECDH_1PU_A256KW'] as const;
export type WrapAlgorithm = (typeof wrapAlgorithmValues)[number];

export const databaseKindValues = ['SQLITE', 'POSTGRESQL'] as const;
export type DatabaseKind = (typeof databaseKindValues)[number];

export const errorCodeValues = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', 'CONFLICT', 'WRONG_SHARE', 'KEY_UNUSABLE', 'RATE_LIMITED', 'UPSTREAM_UNAVAILABLE', 'INTERNAL'] as const;
export type ErrorCode = (typeof errorCodeValues)[number];

export const operatorOriginValues = ['CONFIGURED', 'ENROLLED'] as const;
export type OperatorOrigin = (typeof operatorOriginValues)[number];

export type EnrolOperatorInput = {
  token: string;
};

export type AddOperatorInput = {
  operator: string;
};

export type RemoveOperatorInput = {
  operator: string;
};

export type KeyFilter = {
  type?: KeyType | null;
  state?: KeyState | null;
  tag?: TagInput | null;
  namePrefix?: string | null;
};

export type TagInput = {
  name: string;
  value?: string;
};

export type CreateKeystoreInput = {
  controller: string;
  userLock?: UserLock;
  secretShares?: string[] | null;
  vault?: VaultInput | null;
  idempotencyKey?: string | null;
  name?: string | null;
  description?: string | null;
  tags?: TagInput[] | null;
  keyTypes?: KeyType[] | null;
};

export type VaultInput = {
  url: string;
  capability: Capability;
};

export type UpdateKeystoreInput = {
  keystore: string;
  controller?: string | null;
  vaultCapability?: Capability | null;
  name?: string | null;
  description?: string | null;
  tags?: TagInput[] | null;
  keyTypes?: KeyType[] | null;
};

export type UpdateVaultCapabilityInput = {
  keystore: string;
  capability: Capability;
};

export type EnableKeystoreInput = {
  keystore: string;
};

export type DisableKeystoreInput = {
  keystore: string;
};

export type DeleteKeystoreInput = {
  keystore: string;
  windowDays?: number;
};

export type CancelKeystoreDeletionInput = {
  keystore: string;
};

export type CreateKeyInput = {
  keystore: string;
  type: KeyType;
  secretShares?: string[] | null;
  idempotencyKey?: string | null;
  maxCapabilityChainLength?: number | null;
  name?: string | null;
  description?: string | null;
  tags?: TagInput[] | null;
  operations?: KeyOperation[] | null;
  algorithms?: Algorithm[] | null;
  exportable?: boolean;
  rotationPeriod?: number | null;
};

export type ImportKeyInput = {
  keystore: string;
  type: KeyType;
  jwk?: Record<string, unknown> | null;
  pkcs8?: string | null;
  spki?: string | null;
  raw?: string | null;
  wrapped?: string | null;
  unwrappingKey?: string | null;
  secretShares?: string[] | null;
  idempotencyKey?: string | null;
  maxCapabilityChainLength?: number | null;
  name?: string | null;
  description?: string | null;
  tags?: TagInput[] | null;
  operations?: KeyOperation[] | null;
  algorithms?: Algorithm[] | null;
  exportable?: boolean;
};

export type RotateKeyInput = {
  key: string;
  secretShares?: string[] | null;
  idempotencyKey?: string | null;
};

export type UpdateKeyInput = {
  key: string;
  name?: string | null;
  description?: string | null;
  tags?: TagInput[] | null;
  operations?: KeyOperation[] | null;
  algorithms?: Algorithm[] | null;
  minimumVersionToVerify?: number | null;
  minimumVersionToDecrypt?: number | null;
  rotationPeriod?: number | null;
};

export type EnableKeyInput = {
  key: string;
};

export type DisableKeyInput = {
  key: string;
};

export type DeleteKeyInput = {
  key: string;
  windowDays?: number;
};

export type CancelKeyDeletionInput = {
  key: string;
};

export type TrimKeyVersionsInput = {
  key: string;
  oldestVersion: number;
};

export type ExportKeyInput = {
  key: string;
  recipient: Record<string, unknown>;
  version?: number | null;
  secretShares?: string[] | null;
};

export type BackupKeyInput = {
  key: string;
  recipient: Record<string, unknown>;
  secretShares?: string[] | null;
};

export type RestoreKeyInput = {
  keystore: string;
  backup: string;
  unwrappingKey: string;
  secretShares?: string[] | null;
};

export type SignInput = {
  key: string;
  message: string;
  messageType?: MessageType;
  algorithm?: SignatureAlgorithm | null;
  encoding?: SignatureEncoding;
  context?: string | null;
  secretShares?: string[] | null;
};

export type VerifyInput = {
  key: string;
  message: string;
  signature: string;
  messageType?: MessageType;
  algorithm?: SignatureAlgorithm | null;
  encoding?: SignatureEncoding;
  context?: string | null;
  version?: number | null;
  secretShares?: string[] | null;
};

export type EncryptInput = {
  key: string;
  plaintext: string;
  aad?: string | null;
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  secretShares?: string[] | null;
};

export type DecryptInput = {
  key: string;
  ciphertext: string;
  nonce: string;
  aad?: string | null;
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  version?: number | null;
  secretShares?: string[] | null;
};

export type ComputeMacInput = {
  key: string;
  data: string;
  secretShares?: string[] | null;
};

export type VerifyMacInput = {
  key: string;
  data: string;
  mac: string;
  version?: number | null;
  secretShares?: string[] | null;
};

export type WrapKeyInput = {
  key: string;
  keyToWrap: string;
  algorithm?: WrapAlgorithm | null;
  recipientPublicKey?: string | null;
  ephemeralKey?: Record<string, unknown> | null;
  apu?: string | null;
  apv?: string | null;
  tag?: string | null;
  secretShares?: string[] | null;
};

export type UnwrapKeyInput = {
  key: string;
  wrappedKey: string;
  algorithm?: WrapAlgorithm | null;
  epk?: Record<string, unknown> | null;
  senderPublicKey?: string | null;
  apu?: string | null;
  apv?: string | null;
  tag?: string | null;
  version?: number | null;
  secretShares?: string[] | null;
};

export type SealInput = {
  key: string;
  plaintext: string;
  recipientPublicKey?: string | null;
  secretShares?: string[] | null;
};

export type OpenInput = {
  key: string;
  ciphertext: string;
  nonce?: string | null;
  senderPublicKey?: string | null;
  version?: number | null;
  secretShares?: string[] | null;
};

export type EncapsulateInput = {
  key: string;
  secretShares?: string[] | null;
};

export type DecapsulateInput = {
  key: string;
  ciphertext: string;
  version?: number | null;
  secretShares?: string[] | null;
};

export type DeriveSecretInput = {
  key: string;
  publicKey: string;
  version?: number | null;
  secretShares?: string[] | null;
};

export type DeriveKeyInput = {
  key: string;
  publicKey?: string | null;
  salt?: string | null;
  info?: string | null;
  length?: number | null;
  type?: KeyType | null;
  name?: string | null;
  version?: number | null;
  secretShares?: string[] | null;
};

export type GenerateDataKeyInput = {
  key: string;
  length?: number;
  aad?: string | null;
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  withPlaintext?: boolean;
  secretShares?: string[] | null;
};

export type ReencryptInput = {
  key: string;
  ciphertext: string;
  nonce: string;
  aad?: string | null;
  version?: number | null;
  destinationKey?: string | null;
  destinationAad?: string | null;
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  destinationAlgorithm?: EncryptionAlgorithm | null;
  destinationInfo?: string | null;
  secretShares?: string[] | null;
};

export type GenerateRandomInput = {
  keystore: string;
  length: number;
};

export type SignBatchInput = {
  key: string;
  messages: string[];
  messageType?: MessageType;
  algorithm?: SignatureAlgorithm | null;
  encoding?: SignatureEncoding;
  context?: string | null;
  secretShares?: string[] | null;
};

export type VerifyBatchInput = {
  key: string;
  items: VerifyItem[];
  messageType?: MessageType;
  algorithm?: SignatureAlgorithm | null;
  encoding?: SignatureEncoding;
  context?: string | null;
  secretShares?: string[] | null;
};

export type VerifyItem = {
  message: string;
  signature: string;
  version?: number | null;
};

export type EncryptBatchInput = {
  key: string;
  items: EncryptItem[];
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  secretShares?: string[] | null;
};

export type EncryptItem = {
  plaintext: string;
  aad?: string | null;
};

export type DecryptBatchInput = {
  key: string;
  items: DecryptItem[];
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  secretShares?: string[] | null;
};

export type DecryptItem = {
  ciphertext: string;
  nonce: string;
  aad?: string | null;
  version?: number | null;
};

export type ComputeMacBatchInput = {
  key: string;
  data: string[];
  secretShares?: string[] | null;
};

export type VerifyMacBatchInput = {
  key: string;
  items: VerifyMacItem[];
  secretShares?: string[] | null;
};

export type VerifyMacItem = {
  data: string;
  mac: string;
  version?: number | null;
};

export type GenerateDataKeyBatchInput = {
  key: string;
  items: DataKeyItem[];
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  length?: number;
  withPlaintext?: boolean;
  secretShares?: string[] | null;
};

export type DataKeyItem = {
  aad?: string | null;
};

export type ReencryptBatchInput = {
  key: string;
  items: ReencryptItem[];
  destinationKey?: string | null;
  algorithm?: EncryptionAlgorithm | null;
  info?: string | null;
  destinationAlgorithm?: EncryptionAlgorithm | null;
  destinationInfo?: string | null;
  secretShares?: string[] | null;
};

export type ReencryptItem = {
  ciphertext: string;
  nonce: string;
  aad?: string | null;
  version?: number | null;
  destinationAad?: string | null;
};

export type KeystoreFilter = {
  id?: string | null;
  controller?: string | null;
  namePrefix?: string | null;
  state?: KeyState | null;
  vault?: boolean | null;
  tag?: TagInput | null;
};

export type KeystoreFields = {
  id: string;
  controller: string;
  userLock: UserLock;
  vaultUrl: string | null;
  vaultCapabilityExpires: string | null;
  createdAt: string;
  state: KeyState;
  deletesAt: string | null;
  name: string | null;
  description: string | null;
  tags: ({
    name: string;
    value: string;
  })[];
  keyTypes: KeyType[];
};

export type KeyFields = {
  id: string;
  type: KeyType;
  state: KeyState;
  deletesAt: string | null;
  version: number;
  createdAt: string;
  name: string | null;
  description: string | null;
  tags: ({
    name: string;
    value: string;
  })[];
  operations: KeyOperation[];
  publicOnly: boolean;
  exportable: boolean;
};

export type KeyDetails = {
  id: string;
  type: KeyType;
  state: KeyState;
  deletesAt: string | null;
  version: number;
  oldestVersion: number;
  minimumVersionToVerify: number;
  minimumVersionToDecrypt: number;
  maxCapabilityChainLength: number | null;
  createdAt: string;
  name: string | null;
  description: string | null;
  tags: ({
    name: string;
    value: string;
  })[];
  operations: KeyOperation[];
  algorithms: Algorithm[];
  publicOnly: boolean;
  exportable: boolean;
  rotationPeriod: number | null;
  rotatesAt: string | null;
  publicKey: {
    bytes: string;
    spki: string | null;
    pem: string | null;
    jwk: Record<string, unknown> | null;
    multikey: string | null;
  } | null;
};

export type RevocationFields = {
  capability: string;
  delegator: string;
  revoker: string;
  revokedAt: string;
  expires: string;
};

export type HealthFields = {
  answers: boolean;
  problem: string | null;
  latency: number;
  checkedAt: string;
};

export const Service: Operation<{
  service: {
    name: string;
    version: string;
    did: string;
    keyTypes: KeyType[];
    authServer: boolean;
  };
}, {}> = {
  action: null,
  text: "query Service {\n  service {\n    name\n    version\n    did\n    keyTypes\n    authServer\n  }\n}",
};

export const Status: Operation<{
  status: {
    startedAt: string;
    serverLocks: string[];
    operators: string[];
    openRegistration: boolean;
    authServer: boolean;
  };
}, {}> = {
  action: "read",
  text: "query Status {\n  status {\n    startedAt\n    serverLocks\n    operators\n    openRegistration\n    authServer\n  }\n}",
};

export const EnrolOperator: Operation<{
  enrolOperator: {
    operator: string;
  };
}, {input: EnrolOperatorInput}> = {
  action: "enrolOperator",
  text: "mutation EnrolOperator($input: EnrolOperatorInput!) {\n  enrolOperator(input: $input) {\n    operator\n  }\n}",
};

export const AddOperator: Operation<{
  addOperator: {
    operator: string;
  };
}, {input: AddOperatorInput}> = {
  action: "addOperator",
  text: "mutation AddOperator($input: AddOperatorInput!) {\n  addOperator(input: $input) {\n    operator\n  }\n}",
};

export const RemoveOperator: Operation<{
  removeOperator: {
    operator: string;
  };
}, {input: RemoveOperatorInput}> = {
  action: "removeOperator",
  text: "mutation RemoveOperator($input: RemoveOperatorInput!) {\n  removeOperator(input: $input) {\n    operator\n  }\n}",
};

export const ReadKeystore: Operation<{
  keystore: KeystoreFields | null;
}, {id: string}> = {
  action: "read",
  text: "query ReadKeystore($id: ID!) {\n  keystore(id: $id) {\n    ...KeystoreFields\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const ListKeys: Operation<{
  keystore: {
    keys: {
      nodes: KeyFields[];
      pageInfo: {
        hasNextPage: boolean;
        endCursor: string | null;
      };
      totalCount: number | null;
      damaged: string[];
    };
  } | null;
}, {id: string; first?: number | null; after?: string | null; filter?: KeyFilter | null}> = {
  action: "read",
  text: "query ListKeys($id: ID!, $first: Int, $after: String, $filter: KeyFilter) {\n  keystore(id: $id) {\n    keys(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...KeyFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      totalCount\n      damaged\n    }\n  }\n}\n\nfragment KeyFields on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  publicOnly\n  exportable\n}",
};

export const FindKey: Operation<{
  keystore: {
    keyNamed: KeyFields | null;
  } | null;
}, {id: string; name: string}> = {
  action: "read",
  text: "query FindKey($id: ID!, $name: String!) {\n  keystore(id: $id) {\n    keyNamed(name: $name) {\n      ...KeyFields\n    }\n  }\n}\n\nfragment KeyFields on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  publicOnly\n  exportable\n}",
};

export const ListRevocations: Operation<{
  keystore: {
    revocations: {
      nodes: RevocationFields[];
      pageInfo: {
        hasNextPage: boolean;
        endCursor: string | null;
      };
    };
  } | null;
}, {id: string; first?: number | null; after?: string | null}> = {
  action: "read",
  text: "query ListRevocations($id: ID!, $first: Int, $after: String) {\n  keystore(id: $id) {\n    revocations(first: $first, after: $after) {\n      nodes {\n        ...RevocationFields\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}\n\nfragment RevocationFields on Revocation {\n  capability\n  delegator\n  revoker\n  revokedAt\n  expires\n}",
};

export const ReadKey: Operation<{
  key: KeyDetails | null;
}, {id: string}> = {
  action: "read",
  text: "query ReadKey($id: ID!) {\n  key(id: $id) {\n    ...KeyDetails\n  }\n}\n\nfragment KeyDetails on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  oldestVersion\n  minimumVersionToVerify\n  minimumVersionToDecrypt\n  maxCapabilityChainLength\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  algorithms\n  publicOnly\n  exportable\n  rotationPeriod\n  rotatesAt\n  publicKey {\n    bytes\n    spki\n    pem\n    jwk\n    multikey\n  }\n}",
};

export const ListVersions: Operation<{
  key: {
    versions: {
      nodes: ({
        version: number;
        createdAt: string;
        uses: number;
        lastUsedAt: string | null;
        messages: number | null;
        publicKey: {
          pem: string | null;
        } | null;
      })[];
      pageInfo: {
        hasNextPage: boolean;
        endCursor: string | null;
      };
    };
  } | null;
}, {id: string; first?: number | null; after?: string | null}> = {
  action: "read",
  text: "query ListVersions($id: ID!, $first: Int, $after: String) {\n  key(id: $id) {\n    versions(first: $first, after: $after) {\n      nodes {\n        version\n        createdAt\n        uses\n        lastUsedAt\n        messages\n        publicKey {\n          pem\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}",
};

export const ReadUsage: Operation<{
  key: {
    usage: ({
      date: string;
      uses: number;
    })[];
  } | null;
}, {id: string; days?: number | null}> = {
  action: "read",
  text: "query ReadUsage($id: ID!, $days: Int) {\n  key(id: $id) {\n    usage(days: $days) {\n      date\n      uses\n    }\n  }\n}",
};

export const CreateKeystore: Operation<{
  createKeystore: {
    keystore: KeystoreFields;
    rootCapabilities: Capability[];
  };
}, {input: CreateKeystoreInput}> = {
  action: "createKeystore",
  text: "mutation CreateKeystore($input: CreateKeystoreInput!) {\n  createKeystore(input: $input) {\n    keystore {\n      ...KeystoreFields\n    }\n    rootCapabilities\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const UpdateKeystore: Operation<{
  updateKeystore: {
    keystore: KeystoreFields;
  };
}, {input: UpdateKeystoreInput}> = {
  action: "write",
  text: "mutation UpdateKeystore($input: UpdateKeystoreInput!) {\n  updateKeystore(input: $input) {\n    keystore {\n      ...KeystoreFields\n    }\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const UpdateVaultCapability: Operation<{
  updateVaultCapability: {
    keystore: KeystoreFields;
  };
}, {input: UpdateVaultCapabilityInput}> = {
  action: "write",
  text: "mutation UpdateVaultCapability($input: UpdateVaultCapabilityInput!) {\n  updateVaultCapability(input: $input) {\n    keystore {\n      ...KeystoreFields\n    }\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const EnableKeystore: Operation<{
  enableKeystore: {
    keystore: KeystoreFields;
  };
}, {input: EnableKeystoreInput}> = {
  action: "enableKeystore",
  text: "mutation EnableKeystore($input: EnableKeystoreInput!) {\n  enableKeystore(input: $input) {\n    keystore {\n      ...KeystoreFields\n    }\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const DisableKeystore: Operation<{
  disableKeystore: {
    keystore: KeystoreFields;
  };
}, {input: DisableKeystoreInput}> = {
  action: "disableKeystore",
  text: "mutation DisableKeystore($input: DisableKeystoreInput!) {\n  disableKeystore(input: $input) {\n    keystore {\n      ...KeystoreFields\n    }\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const DeleteKeystore: Operation<{
  deleteKeystore: {
    keystore: KeystoreFields;
  };
}, {input: DeleteKeystoreInput}> = {
  action: "deleteKeystore",
  text: "mutation DeleteKeystore($input: DeleteKeystoreInput!) {\n  deleteKeystore(input: $input) {\n    keystore {\n      ...KeystoreFields\n    }\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const CancelKeystoreDeletion: Operation<{
  cancelKeystoreDeletion: {
    keystore: KeystoreFields;
  };
}, {input: CancelKeystoreDeletionInput}> = {
  action: "cancelKeystoreDeletion",
  text: "mutation CancelKeystoreDeletion($input: CancelKeystoreDeletionInput!) {\n  cancelKeystoreDeletion(input: $input) {\n    keystore {\n      ...KeystoreFields\n    }\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};

export const CreateKey: Operation<{
  createKey: {
    key: KeyFields;
  };
}, {input: CreateKeyInput}> = {
  action: "generateKey",
  text: "mutation CreateKey($input: CreateKeyInput!) {\n  createKey(input: $input) {\n    key {\n      ...KeyFields\n    }\n  }\n}\n\nfragment KeyFields on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  publicOnly\n  exportable\n}",
};

export const ImportKey: Operation<{
  importKey: {
    key: KeyFields;
  };
}, {input: ImportKeyInput}> = {
  action: "importKey",
  text: "mutation ImportKey($input: ImportKeyInput!) {\n  importKey(input: $input) {\n    key {\n      ...KeyFields\n    }\n  }\n}\n\nfragment KeyFields on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  publicOnly\n  exportable\n}",
};

export const RotateKey: Operation<{
  rotateKey: {
    key: KeyDetails;
  };
}, {input: RotateKeyInput}> = {
  action: "rotateKey",
  text: "mutation RotateKey($input: RotateKeyInput!) {\n  rotateKey(input: $input) {\n    key {\n      ...KeyDetails\n    }\n  }\n}\n\nfragment KeyDetails on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  oldestVersion\n  minimumVersionToVerify\n  minimumVersionToDecrypt\n  maxCapabilityChainLength\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  algorithms\n  publicOnly\n  exportable\n  rotationPeriod\n  rotatesAt\n  publicKey {\n    bytes\n    spki\n    pem\n    jwk\n    multikey\n  }\n}",
};

export const UpdateKey: Operation<{
  updateKey: {
    key: KeyDetails;
  };
}, {input: UpdateKeyInput}> = {
  action: "write",
  text: "mutation UpdateKey($input: UpdateKeyInput!) {\n  updateKey(input: $input) {\n    key {\n      ...KeyDetails\n    }\n  }\n}\n\nfragment KeyDetails on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  oldestVersion\n  minimumVersionToVerify\n  minimumVersionToDecrypt\n  maxCapabilityChainLength\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  algorithms\n  publicOnly\n  exportable\n  rotationPeriod\n  rotatesAt\n  publicKey {\n    bytes\n    spki\n    pem\n    jwk\n    multikey\n  }\n}",
};

export const EnableKey: Operation<{
  enableKey: {
    key: KeyDetails;
  };
}, {input: EnableKeyInput}> = {
  action: "enableKey",
  text: "mutation EnableKey($input: EnableKeyInput!) {\n  enableKey(input: $input) {\n    key {\n      ...KeyDetails\n    }\n  }\n}\n\nfragment KeyDetails on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  oldestVersion\n  minimumVersionToVerify\n  minimumVersionToDecrypt\n  maxCapabilityChainLength\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  algorithms\n  publicOnly\n  exportable\n  rotationPeriod\n  rotatesAt\n  publicKey {\n    bytes\n    spki\n    pem\n    jwk\n    multikey\n  }\n}",
};

export const DisableKey: Operation<{
  disableKey: {
    key: KeyDetails;
  };
}, {input: DisableKeyInput}> = {
  action: "disableKey",
  text: "mutation DisableKey($input: DisableKeyInput!) {\n  disableKey(input: $input) {\n    key {\n      ...KeyDetails\n    }\n  }\n}\n\nfragment KeyDetails on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  oldestVersion\n  minimumVersionToVerify\n  minimumVersionToDecrypt\n  maxCapabilityChainLength\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  algorithms\n  publicOnly\n  exportable\n  rotationPeriod\n  rotatesAt\n  publicKey {\n    bytes\n    spki\n    pem\n    jwk\n    multikey\n  }\n}",
};

export const DeleteKey: Operation<{
  deleteKey: {
    deletesAt: string;
  };
}, {input: DeleteKeyInput}> = {
  action: "deleteKey",
  text: "mutation DeleteKey($input: DeleteKeyInput!) {\n  deleteKey(input: $input) {\n    deletesAt\n  }\n}",
};

export const CancelKeyDeletion: Operation<{
  cancelKeyDeletion: {
    key: KeyDetails | null;
  };
}, {input: CancelKeyDeletionInput}> = {
  action: "cancelKeyDeletion",
  text: "mutation CancelKeyDeletion($input: CancelKeyDeletionInput!) {\n  cancelKeyDeletion(input: $input) {\n    key {\n      ...KeyDetails\n    }\n  }\n}\n\nfragment KeyDetails on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  oldestVersion\n  minimumVersionToVerify\n  minimumVersionToDecrypt\n  maxCapabilityChainLength\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  algorithms\n  publicOnly\n  exportable\n  rotationPeriod\n  rotatesAt\n  publicKey {\n    bytes\n    spki\n    pem\n    jwk\n    multikey\n  }\n}",
};

export const TrimKeyVersions: Operation<{
  trimKeyVersions: {
    key: KeyDetails;
  };
}, {input: TrimKeyVersionsInput}> = {
  action: "trimKeyVersions",
  text: "mutation TrimKeyVersions($input: TrimKeyVersionsInput!) {\n  trimKeyVersions(input: $input) {\n    key {\n      ...KeyDetails\n    }\n  }\n}\n\nfragment KeyDetails on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  oldestVersion\n  minimumVersionToVerify\n  minimumVersionToDecrypt\n  maxCapabilityChainLength\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  algorithms\n  publicOnly\n  exportable\n  rotationPeriod\n  rotatesAt\n  publicKey {\n    bytes\n    spki\n    pem\n    jwk\n    multikey\n  }\n}",
};

export const ExportKey: Operation<{
  exportKey: {
    wrapped: string;
    version: number;
  };
}, {input: ExportKeyInput}> = {
  action: "exportKey",
  text: "mutation ExportKey($input: ExportKeyInput!) {\n  exportKey(input: $input) {\n    wrapped\n    version\n  }\n}",
};

export const BackupKey: Operation<{
  backupKey: {
    backup: string;
    version: number;
  };
}, {input: BackupKeyInput}> = {
  action: "backupKey",
  text: "mutation BackupKey($input: BackupKeyInput!) {\n  backupKey(input: $input) {\n    backup\n    version\n  }\n}",
};

export const RestoreKey: Operation<{
  restoreKey: {
    key: KeyFields;
  };
}, {input: RestoreKeyInput}> = {
  action: "restoreKey",
  text: "mutation RestoreKey($input: RestoreKeyInput!) {\n  restoreKey(input: $input) {\n    key {\n      ...KeyFields\n    }\n  }\n}\n\nfragment KeyFields on Key {\n  id\n  type\n  state\n  deletesAt\n  version\n  createdAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  operations\n  publicOnly\n  exportable\n}",
};

export const Sign: Operation<{
  sign: {
    signature: string;
    version: number;
  };
}, {input: SignInput}> = {
  action: "sign",
  text: "mutation Sign($input: SignInput!) {\n  sign(input: $input) {\n    signature\n    version\n  }\n}",
};

export const Verify: Operation<{
  verify: {
    valid: boolean;
    version: number | null;
  };
}, {input: VerifyInput}> = {
  action: "verify",
  text: "mutation Verify($input: VerifyInput!) {\n  verify(input: $input) {\n    valid\n    version\n  }\n}",
};

export const Encrypt: Operation<{
  encrypt: {
    ciphertext: string;
    nonce: string;
    version: number;
  };
}, {input: EncryptInput}> = {
  action: "encrypt",
  text: "mutation Encrypt($input: EncryptInput!) {\n  encrypt(input: $input) {\n    ciphertext\n    nonce\n    version\n  }\n}",
};

export const Decrypt: Operation<{
  decrypt: {
    plaintext: string;
    version: number;
  };
}, {input: DecryptInput}> = {
  action: "decrypt",
  text: "mutation Decrypt($input: DecryptInput!) {\n  decrypt(input: $input) {\n    plaintext\n    version\n  }\n}",
};

export const ComputeMac: Operation<{
  computeMac: {
    mac: string;
    version: number;
  };
}, {input: ComputeMacInput}> = {
  action: "computeMac",
  text: "mutation ComputeMac($input: ComputeMacInput!) {\n  computeMac(input: $input) {\n    mac\n    version\n  }\n}",
};

export const VerifyMac: Operation<{
  verifyMac: {
    valid: boolean;
    version: number | null;
  };
}, {input: VerifyMacInput}> = {
  action: "verifyMac",
  text: "mutation VerifyMac($input: VerifyMacInput!) {\n  verifyMac(input: $input) {\n    valid\n    version\n  }\n}",
};

export const WrapKey: Operation<{
  wrapKey: {
    wrappedKey: string;
    algorithm: WrapAlgorithm;
    epk: Record<string, unknown> | null;
    version: number;
  };
}, {input: WrapKeyInput}> = {
  action: "wrapKey",
  text: "mutation WrapKey($input: WrapKeyInput!) {\n  wrapKey(input: $input) {\n    wrappedKey\n    algorithm\n    epk\n    version\n  }\n}",
};

export const UnwrapKey: Operation<{
  unwrapKey: {
    unwrappedKey: string;
    version: number;
  };
}, {input: UnwrapKeyInput}> = {
  action: "unwrapKey",
  text: "mutation UnwrapKey($input: UnwrapKeyInput!) {\n  unwrapKey(input: $input) {\n    unwrappedKey\n    version\n  }\n}",
};

export const Seal: Operation<{
  seal: {
    ciphertext: string;
    nonce: string;
    version: number;
  };
}, {input: SealInput}> = {
  action: "seal",
  text: "mutation Seal($input: SealInput!) {\n  seal(input: $input) {\n    ciphertext\n    nonce\n    version\n  }\n}",
};

export const Open: Operation<{
  open: {
    plaintext: string;
    version: number;
  };
}, {input: OpenInput}> = {
  action: "open",
  text: "mutation Open($input: OpenInput!) {\n  open(input: $input) {\n    plaintext\n    version\n  }\n}",
};

export const Encapsulate: Operation<{
  encapsulate: {
    sharedSecret: string;
    ciphertext: string;
    version: number;
  };
}, {input: EncapsulateInput}> = {
  action: "encapsulate",
  text: "mutation Encapsulate($input: EncapsulateInput!) {\n  encapsulate(input: $input) {\n    sharedSecret\n    ciphertext\n    version\n  }\n}",
};

export const Decapsulate: Operation<{
  decapsulate: {
    sharedSecret: string;
    version: number;
  };
}, {input: DecapsulateInput}> = {
  action: "decapsulate",
  text: "mutation Decapsulate($input: DecapsulateInput!) {\n  decapsulate(input: $input) {\n    sharedSecret\n    version\n  }\n}",
};

export const DeriveSecret: Operation<{
  deriveSecret: {
    secret: string;
    version: number;
  };
}, {input: DeriveSecretInput}> = {
  action: "deriveSecret",
  text: "mutation DeriveSecret($input: DeriveSecretInput!) {\n  deriveSecret(input: $input) {\n    secret\n    version\n  }\n}",
};

export const DeriveKey: Operation<{
  deriveKey: {
    secret: string | null;
    key: {
      id: string;
      name: string | null;
      type: KeyType;
    } | null;
    version: number;
  };
}, {input: DeriveKeyInput}> = {
  action: "deriveKey",
  text: "mutation DeriveKey($input: DeriveKeyInput!) {\n  deriveKey(input: $input) {\n    secret\n    key {\n      id\n      name\n      type\n    }\n    version\n  }\n}",
};

export const GenerateDataKey: Operation<{
  generateDataKey: {
    plaintext: string | null;
    ciphertext: string;
    nonce: string;
    version: number;
  };
}, {input: GenerateDataKeyInput}> = {
  action: "generateDataKey",
  text: "mutation GenerateDataKey($input: GenerateDataKeyInput!) {\n  generateDataKey(input: $input) {\n    plaintext\n    ciphertext\n    nonce\n    version\n  }\n}",
};

export const Reencrypt: Operation<{
  reencrypt: {
    ciphertext: string;
    nonce: string;
    sourceVersion: number;
    version: number;
  };
}, {input: ReencryptInput}> = {
  action: "reencrypt",
  text: "mutation Reencrypt($input: ReencryptInput!) {\n  reencrypt(input: $input) {\n    ciphertext\n    nonce\n    sourceVersion\n    version\n  }\n}",
};

export const GenerateRandom: Operation<{
  generateRandom: {
    bytes: string;
  };
}, {input: GenerateRandomInput}> = {
  action: "generateRandom",
  text: "mutation GenerateRandom($input: GenerateRandomInput!) {\n  generateRandom(input: $input) {\n    bytes\n  }\n}",
};

export const SignBatch: Operation<{
  signBatch: {
    results: ({
      signature: string | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: SignBatchInput}> = {
  action: "sign",
  text: "mutation SignBatch($input: SignBatchInput!) {\n  signBatch(input: $input) {\n    results {\n      signature\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const VerifyBatch: Operation<{
  verifyBatch: {
    results: ({
      valid: boolean | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: VerifyBatchInput}> = {
  action: "verify",
  text: "mutation VerifyBatch($input: VerifyBatchInput!) {\n  verifyBatch(input: $input) {\n    results {\n      valid\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const EncryptBatch: Operation<{
  encryptBatch: {
    results: ({
      ciphertext: string | null;
      nonce: string | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: EncryptBatchInput}> = {
  action: "encrypt",
  text: "mutation EncryptBatch($input: EncryptBatchInput!) {\n  encryptBatch(input: $input) {\n    results {\n      ciphertext\n      nonce\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const DecryptBatch: Operation<{
  decryptBatch: {
    results: ({
      plaintext: string | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: DecryptBatchInput}> = {
  action: "decrypt",
  text: "mutation DecryptBatch($input: DecryptBatchInput!) {\n  decryptBatch(input: $input) {\n    results {\n      plaintext\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const ComputeMacBatch: Operation<{
  computeMacBatch: {
    results: ({
      mac: string | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: ComputeMacBatchInput}> = {
  action: "computeMac",
  text: "mutation ComputeMacBatch($input: ComputeMacBatchInput!) {\n  computeMacBatch(input: $input) {\n    results {\n      mac\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const VerifyMacBatch: Operation<{
  verifyMacBatch: {
    results: ({
      valid: boolean | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: VerifyMacBatchInput}> = {
  action: "verifyMac",
  text: "mutation VerifyMacBatch($input: VerifyMacBatchInput!) {\n  verifyMacBatch(input: $input) {\n    results {\n      valid\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const GenerateDataKeyBatch: Operation<{
  generateDataKeyBatch: {
    results: ({
      plaintext: string | null;
      ciphertext: string | null;
      nonce: string | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: GenerateDataKeyBatchInput}> = {
  action: "generateDataKey",
  text: "mutation GenerateDataKeyBatch($input: GenerateDataKeyBatchInput!) {\n  generateDataKeyBatch(input: $input) {\n    results {\n      plaintext\n      ciphertext\n      nonce\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const ReencryptBatch: Operation<{
  reencryptBatch: {
    results: ({
      ciphertext: string | null;
      nonce: string | null;
      sourceVersion: number | null;
      version: number | null;
      error: {
        code: string;
        message: string;
      } | null;
    })[];
  };
}, {input: ReencryptBatchInput}> = {
  action: "reencrypt",
  text: "mutation ReencryptBatch($input: ReencryptBatchInput!) {\n  reencryptBatch(input: $input) {\n    results {\n      ciphertext\n      nonce\n      sourceVersion\n      version\n      error {\n        code\n        message\n      }\n    }\n  }\n}",
};

export const ServiceOverview: Operation<{
  status: {
    startedAt: string;
    version: string;
    openRegistration: boolean;
    authServer: boolean;
    database: {
      kind: DatabaseKind;
      health: HealthFields | null;
    };
    locks: ({
      id: string;
      unsealedKeystores: number | null;
      health: HealthFields | null;
    })[];
    authServerHealth: HealthFields | null;
    counts: {
      countedAt: string;
      keystores: number;
      keys: number;
      vaults: number;
      vaultCapabilitiesEndingSoon: number;
      vaultCapabilitiesEnded: number;
      keystoresByState: ({
        state: KeyState;
        count: number;
      })[];
      keysByKind: ({
        type: KeyType;
        state: KeyState;
        count: number;
      })[];
    } | null;
    countFailed: boolean;
    activity: {
      since: string;
      requests: number;
      operations: number;
      vaultRequests: number;
      vaultFailures: number;
      errors: ({
        code: ErrorCode;
        count: number;
      })[];
      latency: {
        p50: number;
        p95: number;
        p99: number;
      } | null;
      minutes: ({
        at: string;
        requests: number;
        operations: number;
        errors: ({
          code: ErrorCode;
          count: number;
        })[];
        latency: {
          p50: number;
          p95: number;
          p99: number;
        } | null;
      })[];
    };
  };
}, {}> = {
  action: "read",
  text: "query ServiceOverview {\n  status {\n    startedAt\n    version\n    openRegistration\n    authServer\n    database {\n      kind\n      health {\n        ...HealthFields\n      }\n    }\n    locks {\n      id\n      unsealedKeystores\n      health {\n        ...HealthFields\n      }\n    }\n    authServerHealth {\n      ...HealthFields\n    }\n    counts {\n      countedAt\n      keystores\n      keys\n      vaults\n      vaultCapabilitiesEndingSoon\n      vaultCapabilitiesEnded\n      keystoresByState {\n        state\n        count\n      }\n      keysByKind {\n        type\n        state\n        count\n      }\n    }\n    countFailed\n    activity {\n      since\n      requests\n      operations\n      vaultRequests\n      vaultFailures\n      errors {\n        code\n        count\n      }\n      latency {\n        p50\n        p95\n        p99\n      }\n      minutes {\n        at\n        requests\n        operations\n        errors {\n          code\n          count\n        }\n        latency {\n          p50\n          p95\n          p99\n        }\n      }\n    }\n  }\n}\n\nfragment HealthFields on Health {\n  answers\n  problem\n  latency\n  checkedAt\n}",
};

export const ListOperators: Operation<{
  status: {
    operatorDetails: ({
      did: string;
      origin: OperatorOrigin;
      enrolledAt: string | null;
    })[];
    revocations: {
      nodes: RevocationFields[];
    };
  };
}, {}> = {
  action: "read",
  text: "query ListOperators {\n  status {\n    operatorDetails {\n      did\n      origin\n      enrolledAt\n    }\n    revocations(first: 100) {\n      nodes {\n        ...RevocationFields\n      }\n    }\n  }\n}\n\nfragment RevocationFields on Revocation {\n  capability\n  delegator\n  revoker\n  revokedAt\n  expires\n}",
};

export const ListSettings: Operation<{
  status: {
    startedAt: string;
    version: string;
    settings: ({
      name: string;
      description: string;
      values: string[];
      secret: boolean;
      isSet: boolean;
      isDefault: boolean;
    })[];
  };
}, {}> = {
  action: "read",
  text: "query ListSettings {\n  status {\n    startedAt\n    version\n    settings {\n      name\n      description\n      values\n      secret\n      isSet\n      isDefault\n    }\n  }\n}",
};

export const ListKeystores: Operation<{
  keystores: {
    nodes: KeystoreFields[];
    pageInfo: {
      hasNextPage: boolean;
      endCursor: string | null;
    };
    damaged: string[];
  };
}, {first?: number | null; after?: string | null; filter?: KeystoreFilter | null}> = {
  action: "read",
  text: "query ListKeystores($first: Int, $after: String, $filter: KeystoreFilter) {\n  keystores(first: $first, after: $after, filter: $filter) {\n    nodes {\n      ...KeystoreFields\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    damaged\n  }\n}\n\nfragment KeystoreFields on Keystore {\n  id\n  controller\n  userLock\n  vaultUrl\n  vaultCapabilityExpires\n  createdAt\n  state\n  deletesAt\n  name\n  description\n  tags {\n    name\n    value\n  }\n  keyTypes\n}",
};
