import{a as e,r as t}from"./rolldown-runtime.js";import{At as n,Ct as r,Dt as i,Et as a,It as o,Mt as s,Ot as c,Pt as l,Tt as ee,Z as u,ct as d,it as te,jt as ne,kt as re,st as f}from"./style.js";var ie=class extends i{#e;#t=void 0;#n;#r;constructor(e,t){super(),this.#e=e,this.setOptions(t),this.bindMethods(),this.#i()}bindMethods(){this.mutate=this.mutate.bind(this),this.reset=this.reset.bind(this)}setOptions(e){let t=this.options;this.options=this.#e.defaultMutationOptions(e),ne(this.options,t)||this.#e.getMutationCache().notify({type:`observerOptionsUpdated`,mutation:this.#n,observer:this}),t?.mutationKey&&this.options.mutationKey&&c(t.mutationKey)!==c(this.options.mutationKey)?this.reset():this.#n?.state.status===`pending`&&this.#n.setOptions(this.options)}onSubscribe(){this.listeners.size===1&&this.#n&&(this.#n.addObserver(this),this.#i())}onUnsubscribe(){this.hasListeners()||this.#n?.removeObserver(this)}onMutationUpdate(e){this.#i(),this.#a(e)}getCurrentResult(){return this.#t}reset(){this.#n?.removeObserver(this),this.#n=void 0,this.#i(),this.#a()}mutate(e,t){return this.#r=t,this.#n?.removeObserver(this),this.#n=this.#e.getMutationCache().build(this.#e,this.options),this.#n.addObserver(this),this.#n.execute(e)}#i(){let e=this.#n?.state??ee();this.#t={...e,isPending:e.status===`pending`,isSuccess:e.status===`success`,isError:e.status===`error`,isIdle:e.status===`idle`,mutate:this.mutate,reset:this.reset}}#a(e){a.batch(()=>{let t=this.#r;if(t&&this.hasListeners()){let n=this.#t.variables,r=this.#t.context,i={client:this.#e,meta:this.options.meta,mutationKey:this.options.mutationKey};if(e?.type===`success`){try{t.onSuccess?.(e.data,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(e.data,null,n,r,i)}catch(e){Promise.reject(e)}}else if(e?.type===`error`){try{t.onError?.(e.error,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(void 0,e.error,n,r,i)}catch(e){Promise.reject(e)}}}this.listeners.forEach(e=>{e(this.#t)})})}},p=e(o(),1);function m(e,t){let r=l(t),[i]=p.useState(()=>new ie(r,e));p.useEffect(()=>{i.setOptions(e)},[i,e]);let o=p.useSyncExternalStore(p.useCallback(e=>i.subscribe(a.batchCalls(e)),[i]),()=>i.getCurrentResult(),()=>i.getCurrentResult()),c=p.useCallback((...e)=>{i.mutate(e[0],e[1]).catch(n)},[i]);if(o.error&&s(i.options.throwOnError,[o.error]))throw o.error;return{...o,mutate:c,mutateAsync:o.mutate}}var ae=t({CancelKeyDeletion:()=>B,CancelKeystoreDeletion:()=>M,ComputeMac:()=>K,CreateKey:()=>N,CreateKeystore:()=>D,Decrypt:()=>G,DeleteKey:()=>z,DeleteKeystore:()=>ge,DisableKey:()=>R,DisableKeystore:()=>j,EnableKey:()=>L,EnableKeystore:()=>A,Encrypt:()=>W,EnrolOperator:()=>y,FindKey:()=>S,ImportKey:()=>P,ListKeys:()=>x,ListKeystores:()=>_e,ListOperators:()=>Z,ListRevocations:()=>C,ListSettings:()=>Q,ListVersions:()=>T,ReadKey:()=>w,ReadKeystore:()=>b,ReadUsage:()=>E,RotateKey:()=>F,Service:()=>_,ServiceOverview:()=>X,Sign:()=>H,Status:()=>v,TrimKeyVersions:()=>V,UnwrapKey:()=>Y,UpdateKey:()=>I,UpdateKeystore:()=>O,UpdateVaultCapability:()=>k,Verify:()=>U,VerifyMac:()=>q,WrapKey:()=>J,algorithmValues:()=>ce,databaseKindValues:()=>me,encryptionAlgorithmValues:()=>fe,keyOperationValues:()=>se,keyStateValues:()=>h,keyTypeValues:()=>g,messageTypeValues:()=>le,operatorOriginValues:()=>he,signatureAlgorithmValues:()=>ue,signatureEncodingValues:()=>de,userLockValues:()=>oe,wrapAlgorithmValues:()=>pe}),oe=[`LOCAL`,`SHAMIR`],h=[`ENABLED`,`DISABLED`,`PENDING_DELETION`],g=[`ED25519`,`ECDSA_P256`,`ECDSA_P384`,`ECDSA_P521`,`ECDSA_SECP256K1`,`RSA_2048`,`RSA_3072`,`RSA_4096`,`ML_DSA_44`,`ML_DSA_65`,`ML_DSA_87`,`AES_128_GCM`,`AES_256_GCM`,`XAES_256_GCM`,`CHACHA20_POLY1305`,`XCHACHA20_POLY1305`,`HMAC_SHA256`,`HMAC_SHA384`,`HMAC_SHA512`,`X25519`,`ECDH_P256`,`ECDH_P384`,`ECDH_P521`,`ML_KEM_768`,`ML_KEM_1024`],se=[`SIGN`,`VERIFY`,`ENCRYPT`,`DECRYPT`,`COMPUTE_MAC`,`VERIFY_MAC`,`WRAP_KEY`,`UNWRAP_KEY`,`SEAL`,`OPEN`,`ENCAPSULATE`,`DECAPSULATE`,`DERIVE_SECRET`,`DERIVE_KEY`],ce=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`,`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`,`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],le=[`RAW`,`DIGEST`],ue=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`],de=[`IEEE_P1363`,`DER`],fe=[`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`],pe=[`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],me=[`SQLITE`,`POSTGRESQL`],he=[`CONFIGURED`,`ENROLLED`],_={action:null,text:`query Service {
  service {
    name
    version
    did
    keyTypes
  }
}`},v={action:`read`,text:`query Status {
  status {
    startedAt
    serverLocks
    operators
    openRegistration
    authServer
  }
}`},y={action:`enrolOperator`,text:`mutation EnrolOperator($input: EnrolOperatorInput!) {
  enrolOperator(input: $input) {
    operator
  }
}`},b={action:`read`,text:`query ReadKeystore($id: ID!) {
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
}`},x={action:`read`,text:`query ListKeys($id: ID!, $first: Int, $after: String, $filter: KeyFilter) {
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
  publicOnly
  exportable
}`},S={action:`read`,text:`query FindKey($id: ID!, $name: String!) {
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
  publicOnly
  exportable
}`},C={action:`read`,text:`query ListRevocations($id: ID!, $first: Int, $after: String) {
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
}`},w={action:`read`,text:`query ReadKey($id: ID!) {
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
}`},T={action:`read`,text:`query ListVersions($id: ID!, $first: Int, $after: String) {
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
}`},E={action:`read`,text:`query ReadUsage($id: ID!, $days: Int) {
  key(id: $id) {
    usage(days: $days) {
      date
      uses
    }
  }
}`},D={action:`createKeystore`,text:`mutation CreateKeystore($input: CreateKeystoreInput!) {
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
}`},O={action:`write`,text:`mutation UpdateKeystore($input: UpdateKeystoreInput!) {
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
}`},k={action:`write`,text:`mutation UpdateVaultCapability($input: UpdateVaultCapabilityInput!) {
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
}`},A={action:`enableKeystore`,text:`mutation EnableKeystore($input: EnableKeystoreInput!) {
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
}`},j={action:`disableKeystore`,text:`mutation DisableKeystore($input: DisableKeystoreInput!) {
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
}`},ge={action:`deleteKeystore`,text:`mutation DeleteKeystore($input: DeleteKeystoreInput!) {
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
}`},M={action:`cancelKeystoreDeletion`,text:`mutation CancelKeystoreDeletion($input: CancelKeystoreDeletionInput!) {
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
}`},N={action:`generateKey`,text:`mutation CreateKey($input: CreateKeyInput!) {
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
  publicOnly
  exportable
}`},P={action:`importKey`,text:`mutation ImportKey($input: ImportKeyInput!) {
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
  publicOnly
  exportable
}`},F={action:`rotateKey`,text:`mutation RotateKey($input: RotateKeyInput!) {
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
}`},I={action:`write`,text:`mutation UpdateKey($input: UpdateKeyInput!) {
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
}`},L={action:`enableKey`,text:`mutation EnableKey($input: EnableKeyInput!) {
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
}`},R={action:`disableKey`,text:`mutation DisableKey($input: DisableKeyInput!) {
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
}`},z={action:`deleteKey`,text:`mutation DeleteKey($input: DeleteKeyInput!) {
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
}`},B={action:`cancelKeyDeletion`,text:`mutation CancelKeyDeletion($input: CancelKeyDeletionInput!) {
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
}`},V={action:`trimKeyVersions`,text:`mutation TrimKeyVersions($input: TrimKeyVersionsInput!) {
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
}`},X={action:`read`,text:`query ServiceOverview {
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
}`},Z={action:`read`,text:`query ListOperators {
  status {
    operatorDetails {
      did
      origin
      enrolledAt
    }
  }
}`},Q={action:`read`,text:`query ListSettings {
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
}`},_e={action:`read`,text:`query ListKeystores($first: Int, $after: String, $filter: KeystoreFilter) {
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
}`},ve=new Map(Object.entries(ae).map(([e,t])=>[t,e]));function $(e,t,n,{enabled:i=!0,staleTime:a=1e4,keep:o=!1}={}){let{caller:s}=u();return r({queryKey:[`api`,s?.identity.did??``,s?.places.map(({capability:e})=>e?.id??``).join()??``,ve.get(e),t,n],queryFn:({signal:r})=>f(e,t,n,s,r),enabled:i&&(e.action===null||s!==void 0),staleTime:a,retry:(e,t)=>e<2&&te(t),...o&&{placeholderData:re}})}function ye(e,{refresh:t=!0}={}){let{caller:n}=u(),r=l();return m({mutationFn:({url:t,variables:r})=>f(e,t,r,n),onSuccess:()=>{t&&r.invalidateQueries({queryKey:[`api`]})},gcTime:0})}function be(){return $(_,d,{},{staleTime:1/0})}function xe(){return $(v,d,{},{staleTime:3e5})}export{F as A,J as B,Z as C,w as D,T as E,I as F,g as H,O as I,k as L,H as M,V as N,b as O,Y as P,U as R,_e as S,Q as T,m as U,h as V,W as _,B as a,P as b,N as c,z as d,ge as f,A as g,L as h,xe as i,X as j,E as k,D as l,j as m,$ as n,M as o,R as p,be as r,K as s,ye as t,G as u,y as v,C as w,x,S as y,q as z};