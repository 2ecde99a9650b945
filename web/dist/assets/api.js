import{a as e,r as t}from"./rolldown-runtime.js";import{At as n,Dt as r,Et as i,Ft as a,Lt as o,Mt as s,Nt as ee,Ot as te,Q as ne,at as re,ct as c,jt as ie,kt as l,lt as u,wt as ae}from"./style.js";var oe=class extends te{#e;#t=void 0;#n;#r;constructor(e,t){super(),this.#e=e,this.setOptions(t),this.bindMethods(),this.#i()}bindMethods(){this.mutate=this.mutate.bind(this),this.reset=this.reset.bind(this)}setOptions(e){let t=this.options;this.options=this.#e.defaultMutationOptions(e),s(this.options,t)||this.#e.getMutationCache().notify({type:`observerOptionsUpdated`,mutation:this.#n,observer:this}),t?.mutationKey&&this.options.mutationKey&&l(t.mutationKey)!==l(this.options.mutationKey)?this.reset():this.#n?.state.status===`pending`&&this.#n.setOptions(this.options)}onSubscribe(){this.listeners.size===1&&this.#n&&(this.#n.addObserver(this),this.#i())}onUnsubscribe(){this.hasListeners()||this.#n?.removeObserver(this)}onMutationUpdate(e){this.#i(),this.#a(e)}getCurrentResult(){return this.#t}reset(){this.#n?.removeObserver(this),this.#n=void 0,this.#i(),this.#a()}mutate(e,t){return this.#r=t,this.#n?.removeObserver(this),this.#n=this.#e.getMutationCache().build(this.#e,this.options),this.#n.addObserver(this),this.#n.execute(e)}#i(){let e=this.#n?.state??i();this.#t={...e,isPending:e.status===`pending`,isSuccess:e.status===`success`,isError:e.status===`error`,isIdle:e.status===`idle`,mutate:this.mutate,reset:this.reset}}#a(e){r.batch(()=>{let t=this.#r;if(t&&this.hasListeners()){let n=this.#t.variables,r=this.#t.context,i={client:this.#e,meta:this.options.meta,mutationKey:this.options.mutationKey};if(e?.type===`success`){try{t.onSuccess?.(e.data,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(e.data,null,n,r,i)}catch(e){Promise.reject(e)}}else if(e?.type===`error`){try{t.onError?.(e.error,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(void 0,e.error,n,r,i)}catch(e){Promise.reject(e)}}}this.listeners.forEach(e=>{e(this.#t)})})}},d=e(o(),1);function f(e,t){let n=a(t),[i]=d.useState(()=>new oe(n,e));d.useEffect(()=>{i.setOptions(e)},[i,e]);let o=d.useSyncExternalStore(d.useCallback(e=>i.subscribe(r.batchCalls(e)),[i]),()=>i.getCurrentResult(),()=>i.getCurrentResult()),s=d.useCallback((...e)=>{i.mutate(e[0],e[1]).catch(ie)},[i]);if(o.error&&ee(i.options.throwOnError,[o.error]))throw o.error;return{...o,mutate:s,mutateAsync:o.mutate}}var se=t({BackupKey:()=>B,CancelKeyDeletion:()=>L,CancelKeystoreDeletion:()=>A,ComputeMac:()=>K,ComputeMacBatch:()=>ke,CreateKey:()=>j,CreateKeystore:()=>w,Decapsulate:()=>be,Decrypt:()=>G,DecryptBatch:()=>Q,DeleteKey:()=>ve,DeleteKeystore:()=>k,DeriveKey:()=>Se,DeriveSecret:()=>xe,DisableKey:()=>I,DisableKeystore:()=>O,EnableKey:()=>F,EnableKeystore:()=>D,Encapsulate:()=>ye,Encrypt:()=>W,EncryptBatch:()=>Oe,EnrolOperator:()=>_,ExportKey:()=>z,FindKey:()=>b,GenerateDataKey:()=>Ce,GenerateDataKeyBatch:()=>je,GenerateRandom:()=>Te,ImportKey:()=>M,ListKeys:()=>y,ListKeystores:()=>Ie,ListOperators:()=>Pe,ListRevocations:()=>x,ListSettings:()=>Fe,ListVersions:()=>C,Open:()=>Z,ReadKey:()=>S,ReadKeystore:()=>v,Reencrypt:()=>we,ReencryptBatch:()=>Me,RestoreKey:()=>V,RotateKey:()=>N,Seal:()=>X,Service:()=>h,ServiceOverview:()=>Ne,Sign:()=>H,SignBatch:()=>Ee,Status:()=>g,TrimKeyVersions:()=>R,UnwrapKey:()=>Y,UpdateKey:()=>P,UpdateKeystore:()=>T,UpdateVaultCapability:()=>E,Verify:()=>U,VerifyBatch:()=>De,VerifyMac:()=>q,VerifyMacBatch:()=>Ae,WrapKey:()=>J,algorithmValues:()=>ue,databaseKindValues:()=>ge,encryptionAlgorithmValues:()=>me,keyOperationValues:()=>le,keyStateValues:()=>p,keyTypeValues:()=>m,messageTypeValues:()=>de,operatorOriginValues:()=>_e,signatureAlgorithmValues:()=>fe,signatureEncodingValues:()=>pe,userLockValues:()=>ce,wrapAlgorithmValues:()=>he}),ce=[`LOCAL`,`SHAMIR`],p=[`ENABLED`,`DISABLED`,`PENDING_DELETION`],m=[`ED25519`,`ECDSA_P256`,`ECDSA_P384`,`ECDSA_P521`,`ECDSA_SECP256K1`,`RSA_2048`,`RSA_3072`,`RSA_4096`,`ML_DSA_44`,`ML_DSA_65`,`ML_DSA_87`,`AES_128_GCM`,`AES_256_GCM`,`XAES_256_GCM`,`CHACHA20_POLY1305`,`XCHACHA20_POLY1305`,`HMAC_SHA256`,`HMAC_SHA384`,`HMAC_SHA512`,`X25519`,`ECDH_P256`,`ECDH_P384`,`ECDH_P521`,`ML_KEM_768`,`ML_KEM_1024`],le=[`SIGN`,`VERIFY`,`ENCRYPT`,`DECRYPT`,`COMPUTE_MAC`,`VERIFY_MAC`,`WRAP_KEY`,`UNWRAP_KEY`,`SEAL`,`OPEN`,`ENCAPSULATE`,`DECAPSULATE`,`DERIVE_SECRET`,`DERIVE_KEY`],ue=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`,`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`,`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],de=[`RAW`,`DIGEST`],fe=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`],pe=[`IEEE_P1363`,`DER`],me=[`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`],he=[`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],ge=[`SQLITE`,`POSTGRESQL`],_e=[`CONFIGURED`,`ENROLLED`],h={action:null,text:`query Service {
  service {
    name
    version
    did
    keyTypes
  }
}`},g={action:`read`,text:`query Status {
  status {
    startedAt
    serverLocks
    operators
    openRegistration
    authServer
  }
}`},_={action:`enrolOperator`,text:`mutation EnrolOperator($input: EnrolOperatorInput!) {
  enrolOperator(input: $input) {
    operator
  }
}`},v={action:`read`,text:`query ReadKeystore($id: ID!) {
  keystore(id: $id) {
    ...KeystoreFields
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},y={action:`read`,text:`query ListKeys($id: ID!, $first: Int, $after: String, $filter: KeyFilter) {
  keystore(id: $id) {
    keys(first: $first, after: $after, filter: $filter) {
      nodes {
        ...KeyFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount
      damaged
    }
  }
}

fragment KeyFields on Key {
  id
  type
  state
  deletesAt
  version
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  publicOnly
  exportable
}`},b={action:`read`,text:`query FindKey($id: ID!, $name: String!) {
  keystore(id: $id) {
    keyNamed(name: $name) {
      ...KeyFields
    }
  }
}

fragment KeyFields on Key {
  id
  type
  state
  deletesAt
  version
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  publicOnly
  exportable
}`},x={action:`read`,text:`query ListRevocations($id: ID!, $first: Int, $after: String) {
  keystore(id: $id) {
    revocations(first: $first, after: $after) {
      nodes {
        capability
        delegator
        revoker
        revokedAt
        expires
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}`},S={action:`read`,text:`query ReadKey($id: ID!) {
  key(id: $id) {
    ...KeyDetails
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},C={action:`read`,text:`query ListVersions($id: ID!, $first: Int, $after: String) {
  key(id: $id) {
    versions(first: $first, after: $after) {
      nodes {
        version
        createdAt
        uses
        lastUsedAt
        messages
        publicKey {
          pem
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}`},w={action:`createKeystore`,text:`mutation CreateKeystore($input: CreateKeystoreInput!) {
  createKeystore(input: $input) {
    keystore {
      ...KeystoreFields
    }
    rootCapabilities
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},T={action:`write`,text:`mutation UpdateKeystore($input: UpdateKeystoreInput!) {
  updateKeystore(input: $input) {
    keystore {
      ...KeystoreFields
    }
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},E={action:`write`,text:`mutation UpdateVaultCapability($input: UpdateVaultCapabilityInput!) {
  updateVaultCapability(input: $input) {
    keystore {
      ...KeystoreFields
    }
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},D={action:`enableKeystore`,text:`mutation EnableKeystore($input: EnableKeystoreInput!) {
  enableKeystore(input: $input) {
    keystore {
      ...KeystoreFields
    }
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},O={action:`disableKeystore`,text:`mutation DisableKeystore($input: DisableKeystoreInput!) {
  disableKeystore(input: $input) {
    keystore {
      ...KeystoreFields
    }
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},k={action:`deleteKeystore`,text:`mutation DeleteKeystore($input: DeleteKeystoreInput!) {
  deleteKeystore(input: $input) {
    keystore {
      ...KeystoreFields
    }
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},A={action:`cancelKeystoreDeletion`,text:`mutation CancelKeystoreDeletion($input: CancelKeystoreDeletionInput!) {
  cancelKeystoreDeletion(input: $input) {
    keystore {
      ...KeystoreFields
    }
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},j={action:`generateKey`,text:`mutation CreateKey($input: CreateKeyInput!) {
  createKey(input: $input) {
    key {
      ...KeyFields
    }
  }
}

fragment KeyFields on Key {
  id
  type
  state
  deletesAt
  version
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  publicOnly
  exportable
}`},M={action:`importKey`,text:`mutation ImportKey($input: ImportKeyInput!) {
  importKey(input: $input) {
    key {
      ...KeyFields
    }
  }
}

fragment KeyFields on Key {
  id
  type
  state
  deletesAt
  version
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  publicOnly
  exportable
}`},N={action:`rotateKey`,text:`mutation RotateKey($input: RotateKeyInput!) {
  rotateKey(input: $input) {
    key {
      ...KeyDetails
    }
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},P={action:`write`,text:`mutation UpdateKey($input: UpdateKeyInput!) {
  updateKey(input: $input) {
    key {
      ...KeyDetails
    }
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},F={action:`enableKey`,text:`mutation EnableKey($input: EnableKeyInput!) {
  enableKey(input: $input) {
    key {
      ...KeyDetails
    }
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},I={action:`disableKey`,text:`mutation DisableKey($input: DisableKeyInput!) {
  disableKey(input: $input) {
    key {
      ...KeyDetails
    }
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},ve={action:`deleteKey`,text:`mutation DeleteKey($input: DeleteKeyInput!) {
  deleteKey(input: $input) {
    key {
      ...KeyDetails
    }
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},L={action:`cancelKeyDeletion`,text:`mutation CancelKeyDeletion($input: CancelKeyDeletionInput!) {
  cancelKeyDeletion(input: $input) {
    key {
      ...KeyDetails
    }
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},R={action:`trimKeyVersions`,text:`mutation TrimKeyVersions($input: TrimKeyVersionsInput!) {
  trimKeyVersions(input: $input) {
    key {
      ...KeyDetails
    }
  }
}

fragment KeyDetails on Key {
  id
  type
  state
  deletesAt
  version
  oldestVersion
  minimumVersionToVerify
  minimumVersionToDecrypt
  maxCapabilityChainLength
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  algorithms
  publicOnly
  exportable
  rotationPeriod
  rotatesAt
  publicKey {
    bytes
    spki
    pem
    jwk
    multikey
  }
}`},z={action:`exportKey`,text:`mutation ExportKey($input: ExportKeyInput!) {
  exportKey(input: $input) {
    wrapped
    version
  }
}`},B={action:`backupKey`,text:`mutation BackupKey($input: BackupKeyInput!) {
  backupKey(input: $input) {
    backup
    version
  }
}`},V={action:`restoreKey`,text:`mutation RestoreKey($input: RestoreKeyInput!) {
  restoreKey(input: $input) {
    key {
      ...KeyFields
    }
  }
}

fragment KeyFields on Key {
  id
  type
  state
  deletesAt
  version
  createdAt
  name
  description
  tags {
    name
    value
  }
  operations
  publicOnly
  exportable
}`},H={action:`sign`,text:`mutation Sign($input: SignInput!) {
  sign(input: $input) {
    signature
    version
  }
}`},U={action:`verify`,text:`mutation Verify($input: VerifyInput!) {
  verify(input: $input) {
    valid
    version
  }
}`},W={action:`encrypt`,text:`mutation Encrypt($input: EncryptInput!) {
  encrypt(input: $input) {
    ciphertext
    nonce
    version
  }
}`},G={action:`decrypt`,text:`mutation Decrypt($input: DecryptInput!) {
  decrypt(input: $input) {
    plaintext
    version
  }
}`},K={action:`computeMac`,text:`mutation ComputeMac($input: ComputeMacInput!) {
  computeMac(input: $input) {
    mac
    version
  }
}`},q={action:`verifyMac`,text:`mutation VerifyMac($input: VerifyMacInput!) {
  verifyMac(input: $input) {
    valid
    version
  }
}`},J={action:`wrapKey`,text:`mutation WrapKey($input: WrapKeyInput!) {
  wrapKey(input: $input) {
    wrappedKey
    algorithm
    epk
    version
  }
}`},Y={action:`unwrapKey`,text:`mutation UnwrapKey($input: UnwrapKeyInput!) {
  unwrapKey(input: $input) {
    unwrappedKey
    version
  }
}`},X={action:`seal`,text:`mutation Seal($input: SealInput!) {
  seal(input: $input) {
    ciphertext
    nonce
    version
  }
}`},Z={action:`open`,text:`mutation Open($input: OpenInput!) {
  open(input: $input) {
    plaintext
    version
  }
}`},ye={action:`encapsulate`,text:`mutation Encapsulate($input: EncapsulateInput!) {
  encapsulate(input: $input) {
    sharedSecret
    ciphertext
    version
  }
}`},be={action:`decapsulate`,text:`mutation Decapsulate($input: DecapsulateInput!) {
  decapsulate(input: $input) {
    sharedSecret
    version
  }
}`},xe={action:`deriveSecret`,text:`mutation DeriveSecret($input: DeriveSecretInput!) {
  deriveSecret(input: $input) {
    secret
  }
}`},Se={action:`deriveKey`,text:`mutation DeriveKey($input: DeriveKeyInput!) {
  deriveKey(input: $input) {
    secret
    key {
      id
      name
      type
    }
  }
}`},Ce={action:`generateDataKey`,text:`mutation GenerateDataKey($input: GenerateDataKeyInput!) {
  generateDataKey(input: $input) {
    plaintext
    ciphertext
    nonce
    version
  }
}`},we={action:`reencrypt`,text:`mutation Reencrypt($input: ReencryptInput!) {
  reencrypt(input: $input) {
    ciphertext
    nonce
    sourceVersion
    version
  }
}`},Te={action:`generateRandom`,text:`mutation GenerateRandom($input: GenerateRandomInput!) {
  generateRandom(input: $input) {
    bytes
  }
}`},Ee={action:`sign`,text:`mutation SignBatch($input: SignBatchInput!) {
  signBatch(input: $input) {
    results {
      signature
      version
      error {
        code
        message
      }
    }
  }
}`},De={action:`verify`,text:`mutation VerifyBatch($input: VerifyBatchInput!) {
  verifyBatch(input: $input) {
    results {
      valid
      version
      error {
        code
        message
      }
    }
  }
}`},Oe={action:`encrypt`,text:`mutation EncryptBatch($input: EncryptBatchInput!) {
  encryptBatch(input: $input) {
    results {
      ciphertext
      nonce
      version
      error {
        code
        message
      }
    }
  }
}`},Q={action:`decrypt`,text:`mutation DecryptBatch($input: DecryptBatchInput!) {
  decryptBatch(input: $input) {
    results {
      plaintext
      version
      error {
        code
        message
      }
    }
  }
}`},ke={action:`computeMac`,text:`mutation ComputeMacBatch($input: ComputeMacBatchInput!) {
  computeMacBatch(input: $input) {
    results {
      mac
      version
      error {
        code
        message
      }
    }
  }
}`},Ae={action:`verifyMac`,text:`mutation VerifyMacBatch($input: VerifyMacBatchInput!) {
  verifyMacBatch(input: $input) {
    results {
      valid
      version
      error {
        code
        message
      }
    }
  }
}`},je={action:`generateDataKey`,text:`mutation GenerateDataKeyBatch($input: GenerateDataKeyBatchInput!) {
  generateDataKeyBatch(input: $input) {
    results {
      plaintext
      ciphertext
      nonce
      version
      error {
        code
        message
      }
    }
  }
}`},Me={action:`reencrypt`,text:`mutation ReencryptBatch($input: ReencryptBatchInput!) {
  reencryptBatch(input: $input) {
    results {
      ciphertext
      nonce
      sourceVersion
      version
      error {
        code
        message
      }
    }
  }
}`},Ne={action:`read`,text:`query ServiceOverview {
  status {
    startedAt
    version
    openRegistration
    authServer
    database {
      kind
      health {
        ...HealthFields
      }
    }
    locks {
      id
      health {
        ...HealthFields
      }
    }
    authServerHealth {
      ...HealthFields
    }
    counts {
      countedAt
      keystores
      keys
      vaults
      vaultCapabilitiesEndingSoon
      vaultCapabilitiesEnded
      keystoresByState {
        state
        count
      }
      keysByKind {
        type
        state
        count
      }
    }
    countFailed
    activity {
      since
      requests
      operations
      errors {
        code
        count
      }
      latency {
        p50
        p95
        p99
      }
      minutes {
        at
        requests
        operations
        errors {
          code
          count
        }
        latency {
          p50
          p95
          p99
        }
      }
    }
  }
}

fragment HealthFields on Health {
  answers
  problem
  latency
  checkedAt
}`},Pe={action:`read`,text:`query ListOperators {
  status {
    operatorDetails {
      did
      origin
      enrolledAt
    }
  }
}`},Fe={action:`read`,text:`query ListSettings {
  status {
    startedAt
    version
    settings {
      name
      description
      values
      secret
      isSet
      isDefault
    }
  }
}`},Ie={action:`read`,text:`query ListKeystores($first: Int, $after: String, $filter: KeystoreFilter) {
  keystores(first: $first, after: $after, filter: $filter) {
    nodes {
      ...KeystoreFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment KeystoreFields on Keystore {
  id
  controller
  userLock
  vaultUrl
  vaultCapabilityExpires
  createdAt
  state
  deletesAt
  name
  description
  tags {
    name
    value
  }
  keyTypes
}`},Le=new Map(Object.entries(se).map(([e,t])=>[t,e]));function $(e,t,r,{enabled:i=!0,staleTime:a=1e4,keep:o=!1}={}){let{caller:s}=ne();return ae({queryKey:[`api`,s?.identity.did??``,s?.places.map(({capability:e})=>e?.id??``).join()??``,Le.get(e),t,r],queryFn:({signal:n})=>c(e,t,r,s,n),enabled:i&&(e.action===null||s!==void 0),staleTime:a,retry:(e,t)=>e<2&&re(t),...o&&{placeholderData:n}})}function Re(e,{refresh:t=!0}={}){let{caller:n}=ne(),r=a();return f({mutationFn:({url:t,variables:r})=>c(e,t,r,n),onSuccess:()=>{t&&r.invalidateQueries({queryKey:[`api`]})},gcTime:0})}function ze(){return $(h,u,{},{staleTime:1/0})}function Be(){return $(g,u,{},{staleTime:3e5})}export{T as $,je as A,S as B,ye as C,z as D,_ as E,Pe as F,N as G,we as H,x as I,H as J,X as K,Fe as L,M,y as N,b as O,Ie as P,P as Q,C as R,D as S,Oe as T,Me as U,v as V,V as W,R as X,Ee as Y,Y as Z,Se as _,B as a,J as at,O as b,K as c,f as ct,w as d,E as et,be as f,k as g,ve as h,Be as i,Ae as it,Te as j,Ce as k,ke as l,Q as m,$ as n,De as nt,L as o,p as ot,G as p,Ne as q,ze as r,q as rt,A as s,m as st,Re as t,U as tt,j as u,xe as v,W as w,F as x,I as y,Z as z};