const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/service.js","assets/rolldown-runtime.js","assets/style.js","assets/style.css","assets/service.css"])))=>i.map(i=>d[i]);
import{a as e,r as t}from"./rolldown-runtime.js";import{$ as n,A as r,At as i,B as a,C as o,Ct as s,D as c,Dt as l,E as u,Et as d,F as f,Ft as p,G as m,H as h,I as g,J as _,K as v,L as y,M as b,Mt as x,N as S,Nt as C,O as w,Ot as T,P as E,Pt as D,Q as O,R as k,S as A,St as j,T as M,Tt as N,U as ee,V as te,W as P,X as F,Y as ne,Z as re,_ as I,_t as L,a as R,at as ie,b as z,bt as ae,c as oe,ct as se,d as B,dt as ce,et as le,f as ue,ft as de,g as V,gt as fe,h as H,ht as pe,i as U,it as me,jt as he,k as ge,kt as _e,l as ve,lt as ye,m as be,mt as xe,n as Se,nt as Ce,o as we,ot as Te,p as Ee,pt as De,q as Oe,r as W,rt as ke,s as Ae,st as je,t as Me,tt as Ne,u as Pe,v as Fe,vt as Ie,w as Le,wt as Re,x as ze,y as G,yt as Be,z as Ve}from"./style.js";var He=class extends d{#e;#t=void 0;#n;#r;constructor(e,t){super(),this.#e=e,this.setOptions(t),this.bindMethods(),this.#i()}bindMethods(){this.mutate=this.mutate.bind(this),this.reset=this.reset.bind(this)}setOptions(e){let t=this.options;this.options=this.#e.defaultMutationOptions(e),i(this.options,t)||this.#e.getMutationCache().notify({type:`observerOptionsUpdated`,mutation:this.#n,observer:this}),t?.mutationKey&&this.options.mutationKey&&l(t.mutationKey)!==l(this.options.mutationKey)?this.reset():this.#n?.state.status===`pending`&&this.#n.setOptions(this.options)}onSubscribe(){this.listeners.size===1&&this.#n&&(this.#n.addObserver(this),this.#i())}onUnsubscribe(){this.hasListeners()||this.#n?.removeObserver(this)}onMutationUpdate(e){this.#i(),this.#a(e)}getCurrentResult(){return this.#t}reset(){this.#n?.removeObserver(this),this.#n=void 0,this.#i(),this.#a()}mutate(e,t){return this.#r=t,this.#n?.removeObserver(this),this.#n=this.#e.getMutationCache().build(this.#e,this.options),this.#n.addObserver(this),this.#n.execute(e)}#i(){let e=this.#n?.state??Re();this.#t={...e,isPending:e.status===`pending`,isSuccess:e.status===`success`,isError:e.status===`error`,isIdle:e.status===`idle`,mutate:this.mutate,reset:this.reset}}#a(e){N.batch(()=>{let t=this.#r;if(t&&this.hasListeners()){let n=this.#t.variables,r=this.#t.context,i={client:this.#e,meta:this.options.meta,mutationKey:this.options.mutationKey};if(e?.type===`success`){try{t.onSuccess?.(e.data,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(e.data,null,n,r,i)}catch(e){Promise.reject(e)}}else if(e?.type===`error`){try{t.onError?.(e.error,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(void 0,e.error,n,r,i)}catch(e){Promise.reject(e)}}}this.listeners.forEach(e=>{e(this.#t)})})}},K=e(p(),1);function Ue(e,t){let n=C(t),[r]=K.useState(()=>new He(n,e));K.useEffect(()=>{r.setOptions(e)},[r,e]);let i=K.useSyncExternalStore(K.useCallback(e=>r.subscribe(N.batchCalls(e)),[r]),()=>r.getCurrentResult(),()=>r.getCurrentResult()),a=K.useCallback((...e)=>{r.mutate(e[0],e[1]).catch(_e)},[r]);if(i.error&&he(r.options.throwOnError,[i.error]))throw i.error;return{...i,mutate:a,mutateAsync:i.mutate}}var q=D(),We=ae(),Ge=32,Ke=33,qe=2,Je=16;function Ye(e=3,t=2){let n=crypto.getRandomValues(new Uint8Array(Ge));try{return Xe(n,e,t)}finally{n.fill(0)}}function Xe(e,t,n){if(!(e instanceof Uint8Array)||e.length!==Ge)throw RangeError(`secret: must be 32 bytes`);if(!Number.isInteger(t)||t<qe||t>Je)throw RangeError(`shares: must be 2 to 16`);if(!Number.isInteger(n)||n<qe||n>t)throw RangeError(`threshold: must be 2 to the number of shares`);let r=Ze(t),i=Array.from(r,e=>{let t=new Uint8Array(Ke);return t[Ge]=e,t}),a=new Uint8Array(n);for(let t=0;t<Ge;t++){crypto.getRandomValues(a),a[0]=e[t];for(let e of i)e[t]=Qe(a,e[Ge])}return a.fill(0),i}function Ze(e){let t=new Set,n=new Uint8Array(1);for(;t.size<e;){let[e]=crypto.getRandomValues(n);e!==0&&t.add(e)}return t}function Qe(e,t){let n=0;for(let r=e.length-1;r>=0;r--)n=$e(n,t)^e[r];return n}function $e(e,t){let n=0;for(let r=7;r>=0;r--)n=n<<1^-(n>>7)&283,n^=-(t>>r&1)&e;return n}var et=t({CancelKeyDeletion:()=>It,CancelKeystoreDeletion:()=>Ot,ComputeMac:()=>Ht,CreateKey:()=>kt,CreateKeystore:()=>St,Decrypt:()=>Vt,DeleteKey:()=>Ft,DeleteKeystore:()=>Dt,DisableKey:()=>Pt,DisableKeystore:()=>Et,EnableKey:()=>Nt,EnableKeystore:()=>Tt,Encrypt:()=>Bt,EnrolOperator:()=>ht,FindKey:()=>vt,ImportKey:()=>At,ListKeys:()=>_t,ListKeystores:()=>Yt,ListOperators:()=>qt,ListRevocations:()=>yt,ListSettings:()=>Jt,ListVersions:()=>xt,ReadKey:()=>bt,ReadKeystore:()=>gt,RotateKey:()=>jt,Service:()=>pt,ServiceOverview:()=>Kt,Sign:()=>Rt,Status:()=>mt,TrimKeyVersions:()=>Lt,UnwrapKey:()=>Gt,UpdateKey:()=>Mt,UpdateKeystore:()=>Ct,UpdateVaultCapability:()=>wt,Verify:()=>zt,VerifyMac:()=>Ut,WrapKey:()=>Wt,algorithmValues:()=>at,databaseKindValues:()=>dt,encryptionAlgorithmValues:()=>lt,keyOperationValues:()=>it,keyStateValues:()=>nt,keyTypeValues:()=>rt,messageTypeValues:()=>ot,operatorOriginValues:()=>ft,signatureAlgorithmValues:()=>st,signatureEncodingValues:()=>ct,userLockValues:()=>tt,wrapAlgorithmValues:()=>ut}),tt=[`LOCAL`,`SHAMIR`],nt=[`ENABLED`,`DISABLED`,`PENDING_DELETION`],rt=[`ED25519`,`ECDSA_P256`,`ECDSA_P384`,`ECDSA_P521`,`ECDSA_SECP256K1`,`RSA_2048`,`RSA_3072`,`RSA_4096`,`ML_DSA_44`,`ML_DSA_65`,`ML_DSA_87`,`AES_128_GCM`,`AES_256_GCM`,`XAES_256_GCM`,`CHACHA20_POLY1305`,`XCHACHA20_POLY1305`,`HMAC_SHA256`,`HMAC_SHA384`,`HMAC_SHA512`,`X25519`,`ECDH_P256`,`ECDH_P384`,`ECDH_P521`,`ML_KEM_768`,`ML_KEM_1024`],it=[`SIGN`,`VERIFY`,`ENCRYPT`,`DECRYPT`,`COMPUTE_MAC`,`VERIFY_MAC`,`WRAP_KEY`,`UNWRAP_KEY`,`SEAL`,`OPEN`,`ENCAPSULATE`,`DECAPSULATE`,`DERIVE_SECRET`,`DERIVE_KEY`],at=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`,`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`,`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],ot=[`RAW`,`DIGEST`],st=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`],ct=[`IEEE_P1363`,`DER`],lt=[`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`],ut=[`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],dt=[`SQLITE`,`POSTGRESQL`],ft=[`CONFIGURED`,`ENROLLED`],pt={action:null,text:`query Service {
  service {
    name
    version
    did
    keyTypes
  }
}`},mt={action:`read`,text:`query Status {
  status {
    startedAt
    serverLocks
    operators
    openRegistration
    authServer
  }
}`},ht={action:`enrolOperator`,text:`mutation EnrolOperator($input: EnrolOperatorInput!) {
  enrolOperator(input: $input) {
    operator
  }
}`},gt={action:`read`,text:`query ReadKeystore($id: ID!) {
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
}`},_t={action:`read`,text:`query ListKeys($id: ID!, $first: Int, $after: String, $filter: KeyFilter) {
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
}`},vt={action:`read`,text:`query FindKey($id: ID!, $name: String!) {
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
}`},yt={action:`read`,text:`query ListRevocations($id: ID!, $first: Int, $after: String) {
  keystore(id: $id) {
    revocations(first: $first, after: $after) {
      nodes {
        ...RevocationFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}

fragment RevocationFields on Revocation {
  capability
  delegator
  revoker
  revokedAt
  expires
}`},bt={action:`read`,text:`query ReadKey($id: ID!) {
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
}`},xt={action:`read`,text:`query ListVersions($id: ID!, $first: Int, $after: String) {
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
}`},St={action:`createKeystore`,text:`mutation CreateKeystore($input: CreateKeystoreInput!) {
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
}`},Ct={action:`write`,text:`mutation UpdateKeystore($input: UpdateKeystoreInput!) {
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
}`},wt={action:`write`,text:`mutation UpdateVaultCapability($input: UpdateVaultCapabilityInput!) {
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
}`},Tt={action:`enableKeystore`,text:`mutation EnableKeystore($input: EnableKeystoreInput!) {
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
}`},Et={action:`disableKeystore`,text:`mutation DisableKeystore($input: DisableKeystoreInput!) {
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
}`},Dt={action:`deleteKeystore`,text:`mutation DeleteKeystore($input: DeleteKeystoreInput!) {
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
}`},Ot={action:`cancelKeystoreDeletion`,text:`mutation CancelKeystoreDeletion($input: CancelKeystoreDeletionInput!) {
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
}`},kt={action:`generateKey`,text:`mutation CreateKey($input: CreateKeyInput!) {
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
}`},At={action:`importKey`,text:`mutation ImportKey($input: ImportKeyInput!) {
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
}`},jt={action:`rotateKey`,text:`mutation RotateKey($input: RotateKeyInput!) {
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
}`},Mt={action:`write`,text:`mutation UpdateKey($input: UpdateKeyInput!) {
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
}`},Nt={action:`enableKey`,text:`mutation EnableKey($input: EnableKeyInput!) {
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
}`},Pt={action:`disableKey`,text:`mutation DisableKey($input: DisableKeyInput!) {
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
}`},Ft={action:`deleteKey`,text:`mutation DeleteKey($input: DeleteKeyInput!) {
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
}`},It={action:`cancelKeyDeletion`,text:`mutation CancelKeyDeletion($input: CancelKeyDeletionInput!) {
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
}`},Lt={action:`trimKeyVersions`,text:`mutation TrimKeyVersions($input: TrimKeyVersionsInput!) {
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
}`},Rt={action:`sign`,text:`mutation Sign($input: SignInput!) {
  sign(input: $input) {
    signature
    version
  }
}`},zt={action:`verify`,text:`mutation Verify($input: VerifyInput!) {
  verify(input: $input) {
    valid
    version
  }
}`},Bt={action:`encrypt`,text:`mutation Encrypt($input: EncryptInput!) {
  encrypt(input: $input) {
    ciphertext
    nonce
    version
  }
}`},Vt={action:`decrypt`,text:`mutation Decrypt($input: DecryptInput!) {
  decrypt(input: $input) {
    plaintext
    version
  }
}`},Ht={action:`computeMac`,text:`mutation ComputeMac($input: ComputeMacInput!) {
  computeMac(input: $input) {
    mac
    version
  }
}`},Ut={action:`verifyMac`,text:`mutation VerifyMac($input: VerifyMacInput!) {
  verifyMac(input: $input) {
    valid
    version
  }
}`},Wt={action:`wrapKey`,text:`mutation WrapKey($input: WrapKeyInput!) {
  wrapKey(input: $input) {
    wrappedKey
    algorithm
    epk
    version
  }
}`},Gt={action:`unwrapKey`,text:`mutation UnwrapKey($input: UnwrapKeyInput!) {
  unwrapKey(input: $input) {
    unwrappedKey
    version
  }
}`},Kt={action:`read`,text:`query ServiceOverview {
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
      vaultRequests
      vaultFailures
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
}`},qt={action:`read`,text:`query ListOperators {
  status {
    operatorDetails {
      did
      origin
      enrolledAt
    }
    revocations(first: 100) {
      nodes {
        ...RevocationFields
      }
    }
  }
}

fragment RevocationFields on Revocation {
  capability
  delegator
  revoker
  revokedAt
  expires
}`},Jt={action:`read`,text:`query ListSettings {
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
}`},Yt={action:`read`,text:`query ListKeystores($first: Int, $after: String, $filter: KeystoreFilter) {
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
}`},Xt=new Map(Object.entries(et).map(([e,t])=>[t,e]));function J(e,t,n,{enabled:r=!0,staleTime:i=1e4,keep:a=!1}={}){let{caller:o}=F();return j({queryKey:[`api`,o?.identity.did??``,o?.places.map(({capability:e})=>e?.id??``).join()??``,Xt.get(e),t,n],queryFn:({signal:r})=>Te(e,t,n,o,r),enabled:r&&(e.action===null||o!==void 0),staleTime:i,retry:(e,t)=>e<2&&ke(t),...a&&{placeholderData:T}})}function Y(e,{refresh:t=!0}={}){let{caller:n}=F(),r=C();return Ue({mutationFn:({url:t,variables:r})=>Te(e,t,r,n),onSuccess:()=>{t&&r.invalidateQueries({queryKey:[`api`]})},gcTime:0})}function Zt(){return J(pt,je,{},{staleTime:1/0})}function Qt(){return J(mt,je,{},{staleTime:3e5})}var $t={home:`/`,identity:`/identity`,open:`/open`,create:`/create`,keystore:`/keystores/{keystore}`,newKey:`/keystores/{keystore}/new`,importKey:`/keystores/{keystore}/import`,capabilities:`/keystores/{keystore}/capabilities`,delegate:`/keystores/{keystore}/delegate`,keystoreSettings:`/keystores/{keystore}/settings`,key:`/keystores/{keystore}/keys/{key}`,use:`/keystores/{keystore}/keys/{key}/use`,overview:`/service`,serviceKeystores:`/service/keystores`,serviceKeystore:`/service/keystores/{keystore}`,operators:`/service/operators`,configuration:`/service/settings`},en=Object.entries($t).map(([e,t])=>({name:e,pattern:RegExp(`^`+t.replace(/\{(\w+)\}/g,`(?<$1>[^/]+)`)+`$`)}));function tn(e){for(let{name:t,pattern:n}of en){let r=n.exec(e);if(r)return{name:t,params:{keystore:``,key:``,...r.groups}}}}function X(e,t={}){return $t[e].replace(/\{(\w+)\}/g,(e,n)=>t[n]??``)}var nn=new Set;window.addEventListener(`popstate`,()=>nn.forEach(e=>e()));function rn(){return(0,K.useSyncExternalStore)(e=>(nn.add(e),()=>nn.delete(e)),()=>location.pathname)}function Z(e,{replace:t=!1}={}){history[t?`replaceState`:`pushState`](null,``,e),nn.forEach(e=>e()),window.scrollTo(0,0)}function an({to:e,onClick:t,...n}){let r=n=>{t?.(n),n.defaultPrevented||n.button!==0||n.metaKey||n.ctrlKey||n.shiftKey||n.altKey||(n.preventDefault(),Z(e))};return(0,q.jsx)(`a`,{...n,href:e,onClick:r})}function on(e){let t=J(gt,e,{id:e}),{current:n,places:r,remember:i}=F(),a=t.data?.keystore,o=(0,K.useRef)(``);return(0,K.useEffect)(()=>{if(!a||!n)return;let t={name:a.name,userLock:a.userLock,vault:a.vaultUrl!==null},s=JSON.stringify(t);if(o.current===s)return;o.current=s;let c=r.find(t=>t.url===e);i({...c,...t,did:n.did,url:e,seenAt:Date.now()})},[a,n,r,i,e]),t}function Q({name:e,id:t}){return e||P(h(t))}function sn({url:e,tab:t,children:n}){let r=S.keystore,{data:i,error:a,isPending:s}=on(e),c=h(e),l=[[`keystore`,r.keys],[`capabilities`,r.capabilities],[`keystoreSettings`,r.settings]],u=(0,q.jsx)(ln,{items:[[X(`home`),S.home.title]]});if(s)return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:r.title,above:u,children:r.title}),(0,q.jsx)(Fe,{})]});if(a||!i?.keystore)return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsxs)(V,{title:r.title,above:u,children:[r.title,` `,(0,q.jsx)(`code`,{children:P(c)})]}),(0,q.jsx)(z,{error:a??Error(S.errors.codes.NOT_FOUND.title)})]});let d=i.keystore;return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:Q(d),above:u,badges:(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(o,{state:d.state}),(0,q.jsx)(U,{children:S.lock.short[d.userLock]}),(0,q.jsx)(U,{children:d.vaultUrl?S.lock.stores.vault:S.lock.stores.database})]}),actions:(0,q.jsx)(I,{value:e,what:r.url}),children:Q(d)}),d.description&&(0,q.jsx)(`p`,{className:`lead`,children:d.description}),(0,q.jsx)(`nav`,{className:`tabs`,"aria-label":r.tabs,children:l.map(([e,n])=>(0,q.jsx)(an,{to:X(e,{keystore:c}),"aria-current":e===t?`page`:void 0,children:n},e))}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(cn,{keystore:d}),n(d)]})]})}function cn({keystore:e}){let t=S.keystore,n=Y(Tt),r=Y(Ot),i={input:{keystore:e.id}};return e.state===`DISABLED`?(0,q.jsx)(G,{tone:`warning`,title:t.disabled,actions:(0,q.jsx)(R,{busy:n.isPending,onClick:()=>n.mutate({url:e.id,variables:i},{onSuccess:()=>b({message:t.enabled})}),children:t.enable}),children:(0,q.jsx)(z,{error:n.error})}):e.state===`PENDING_DELETION`&&e.deletesAt?(0,q.jsx)(G,{tone:`warning`,title:t.deleting(te(e.deletesAt)),actions:(0,q.jsx)(R,{busy:r.isPending,onClick:()=>r.mutate({url:e.id,variables:i},{onSuccess:()=>b({message:t.kept})}),children:t.keep}),children:(0,q.jsx)(z,{error:r.error})}):e.vaultCapabilityExpires&&Date.parse(e.vaultCapabilityExpires)-Date.now()<12096e5?(0,q.jsx)(G,{tone:`warning`,children:t.vaultEnds(Ve(e.vaultCapabilityExpires))}):null}function ln({items:e}){return(0,q.jsx)(`nav`,{"aria-label":S.nav.label+`: `+S.key.crumb,children:(0,q.jsx)(`ol`,{className:`crumbs`,children:e.map(([e,t])=>(0,q.jsxs)(`li`,{children:[(0,q.jsx)(an,{to:e,children:t}),(0,q.jsx)(E,{name:`chevron-right`})]},e))})})}function un(e){try{let t=e.trim(),n=t.startsWith(`{`)?JSON.parse(t).secret:t,r=fe(String(n));return r.length===33&&r[32]!==0?Ie(r):void 0}catch{return}}function dn({keystore:e}){let t=S.shares,n=re(e),[r,i]=(0,K.useState)(``),[a,o]=(0,K.useState)(),s=r=>{let a=un(r);o(void 0),a?n.includes(a)?o(t.twice):(v(e,[...n,a]),i(``)):o(t.bad)};return(0,q.jsxs)(`section`,{className:`card`,"aria-label":t.title,children:[(0,q.jsxs)(`div`,{className:`card-head`,children:[(0,q.jsx)(`h2`,{children:t.title}),n.length>0&&(0,q.jsx)(R,{icon:`eraser`,onClick:()=>v(e,[]),children:t.forget})]}),n.length>0?(0,q.jsx)(`p`,{role:`status`,children:t.unlocked(n.length)}):(0,q.jsx)(`p`,{className:`soft`,children:t.needed}),n.length<2&&(0,q.jsxs)(H,{className:`form`,onSubmit:()=>s(r),label:t.title,children:[(0,q.jsx)(M,{label:t.paste,hint:t.pasteHint,value:r,onChange:i,problem:a,className:`mono`}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{type:`submit`,children:t.use}),(0,q.jsx)(be,{label:t.file,onFile:e=>void e.slice(0,4096).text().then(s)})]})]})]})}function fn(e){let t=e.split(`
`).map(e=>e.trim()).filter(Boolean).map(e=>{let t=e.indexOf(`=`);return t<0?{name:e,value:``}:{name:e.slice(0,t).trim(),value:e.slice(t+1).trim()}}),n=new Set(t.map(({name:e})=>e));return n.size===t.length&&!n.has(``)&&t.length<=20?t:void 0}function pn(e){return e.map(({name:e,value:t})=>t?`${e}=${t}`:e).join(`
`)}function mn({tags:e}){return(0,q.jsx)(`span`,{className:`tags`,children:e.map(({name:e,value:t})=>(0,q.jsxs)(`span`,{className:`tag`,children:[e,t&&`=${t}`]},e))})}function hn(e,t){let{current:n,places:r,remember:i}=F(),a=J(bt,t,{id:t}),o=r.find(e=>e.url===t),s=a.data?.key?.name??null;(0,K.useEffect)(()=>{a.data?.key&&o&&n&&o.name!==s&&i({...o,name:s,seenAt:Date.now()})},[a.data,o,n,s,i]);let c=!r.some(e=>e.url===t&&e.capability),l=J(gt,e,{id:e},{enabled:c}),u=c?l.data?.keystore?.userLock===`SHAMIR`:void 0;return{key:a,keystore:l.data?.keystore,wholeKeystore:c,shamir:u}}function gn({keystore:e,url:t}){let{key:n,keystore:r,wholeKeystore:i,shamir:a}=hn(e,t),o=S.key,s=(0,q.jsx)(ln,{items:[[X(`home`),o.crumb],...i?[[new URL(e).pathname,r?Q(r):S.keystore.title]]:[]]});return n.isPending?(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:o.title,above:s,children:o.title}),(0,q.jsx)(Fe,{})]}):n.error||!n.data?.key?(0,q.jsxs)(q.Fragment,{children:[(0,q.jsxs)(V,{title:o.title,above:s,children:[o.title,` `,(0,q.jsx)(`code`,{children:P(h(t))})]}),(0,q.jsx)(z,{error:n.error??Error(S.errors.codes.NOT_FOUND.title),children:(0,q.jsxs)(`p`,{children:[(0,q.jsx)(an,{to:_n(e,t),children:o.use}),`: `,o.notReadableHint]})})]}):(0,q.jsx)(vn,{data:n.data.key,keystore:e,crumbs:s,shamir:a??!1},t)}var _n=(e,t)=>X(`use`,{keystore:h(e),key:h(t)});function vn({data:e,keystore:t,crumbs:n,shamir:r}){let i=S.key,[a,s]=(0,K.useState)(),{caller:c}=F(),l=t=>Ce(c,e.id,t),u=Y(Nt),d=Y(Pt),f=Y(It),p={url:e.id,variables:{input:{key:e.id}}},m=()=>u.mutate(p,{onSuccess:()=>b({message:i.enabled})}),h=()=>f.mutate(p,{onSuccess:()=>b({message:i.kept})}),g=()=>d.mutate(p,{onSuccess:()=>b({message:i.disabled,undo:m})}),_=()=>s(void 0);return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:Q(e),above:n,badges:(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(o,{state:e.state}),(0,q.jsx)(U,{children:e.type}),e.publicOnly&&(0,q.jsx)(U,{children:i.publicOnly})]}),actions:(0,q.jsxs)(q.Fragment,{children:[e.state===`ENABLED`&&(0,q.jsx)(R,{tone:`primary`,icon:`play`,onClick:()=>Z(_n(t,e.id)),children:i.use}),e.state===`ENABLED`&&!e.publicOnly&&l(`rotateKey`)&&(0,q.jsx)(R,{icon:`rotate-cw`,onClick:()=>s(`rotate`),children:i.rotate}),l(`write`)&&(0,q.jsx)(R,{icon:`pencil`,onClick:()=>s(`edit`),children:i.edit}),e.state===`ENABLED`&&l(`disableKey`)&&(0,q.jsx)(R,{icon:`power`,busy:d.isPending,onClick:g,children:i.disable}),e.state!==`PENDING_DELETION`&&l(`deleteKey`)&&(0,q.jsx)(R,{icon:`trash-2`,onClick:()=>s(`delete`),children:i.delete})]}),children:Q(e)}),(0,q.jsxs)(`div`,{className:`stack`,children:[e.description&&(0,q.jsx)(`p`,{className:`lead`,children:e.description}),(0,q.jsx)(z,{error:u.error??d.error??f.error}),e.state===`DISABLED`&&(0,q.jsx)(G,{tone:`warning`,title:i.isDisabled,actions:(0,q.jsx)(R,{busy:u.isPending,onClick:m,children:i.enable})}),e.state===`PENDING_DELETION`&&e.deletesAt&&(0,q.jsx)(G,{tone:`warning`,title:i.deleting(te(e.deletesAt)),actions:(0,q.jsx)(R,{busy:f.isPending,onClick:h,children:i.keep})}),(0,q.jsxs)(`div`,{className:`columns uneven`,children:[(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(bn,{publicKey:e.publicKey,data:e}),(0,q.jsx)(Cn,{data:e,onTrim:l(`trimKeyVersions`)?()=>s(`trim`):void 0})]}),(0,q.jsx)(xn,{data:e})]})]}),a===`rotate`&&(0,q.jsx)(Tn,{data:e,keystore:t,shamir:r,onClose:_}),a===`delete`&&(0,q.jsx)(Dn,{data:e,onKeep:h,onClose:_}),a===`edit`&&(0,q.jsx)(On,{data:e,onClose:_}),a===`trim`&&(0,q.jsx)(kn,{data:e,onClose:_})]})}var yn=[`pem`,`jwk`,`multikey`,`did`,`raw`,`spki`];function bn({publicKey:e,data:t}){let n=S.key,[r,i]=(0,K.useState)(`pem`),a={pem:e?.pem??null,jwk:e?.jwk?JSON.stringify(e.jwk,null,2):null,multikey:e?.multikey??null,did:e?.multikey?`did:key:`+e.multikey:null,raw:e?.bytes??null,spki:e?.spki??null},o=yn.filter(e=>a[e]!==null),s=o.includes(r)?r:o[0],c=s?a[s]??``:``;return(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`public-key`,children:[(0,q.jsx)(`h2`,{id:`public-key`,children:n.publicKey}),!e||!s?(0,q.jsx)(`p`,{className:`soft`,children:n.noPublicKey}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(oe,{compact:!0,legend:n.format,value:s,onChange:i,options:o.map(e=>({value:e,label:n.formats[e]}))}),(0,q.jsx)(Le,{value:c,what:`${n.publicKey}, ${n.formats[s]}`,name:k(Q(t),{pem:`.pem`,jwk:`.jwk.json`,multikey:`.multikey.txt`,did:`.did.txt`,raw:`.raw.txt`,spki:`.spki.txt`}[s])}),e.spki&&s===`spki`&&(0,q.jsx)(`div`,{children:(0,q.jsx)(R,{icon:`download`,onClick:()=>g(k(Q(t),`.der`),fe(e.spki??``),`application/octet-stream`),children:S.use.save})})]})]})}function xn({data:e}){let t=S.key;return(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`facts`,children:[(0,q.jsx)(`h2`,{id:`facts`,children:t.facts}),(0,q.jsxs)(`dl`,{className:`facts`,children:[(0,q.jsx)(`dt`,{children:t.url}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(I,{value:e.id,what:t.url})}),(0,q.jsx)(`dt`,{children:t.made}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(u,{at:e.createdAt})}),(0,q.jsx)(`dt`,{children:t.version}),(0,q.jsx)(`dd`,{children:e.version}),(0,q.jsx)(`dt`,{children:t.operations}),(0,q.jsx)(`dd`,{children:e.operations.map(e=>S.keyOperations[e]).join(`, `)||S.none}),(0,q.jsx)(`dt`,{children:t.algorithms}),(0,q.jsx)(`dd`,{children:e.algorithms.length>0?(0,q.jsx)(`code`,{children:e.algorithms.join(`, `)}):S.none}),!e.publicOnly&&(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`dt`,{children:t.exportable}),(0,q.jsx)(`dd`,{children:e.exportable?t.exportableYes:t.exportableNo})]}),!e.publicOnly&&(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`dt`,{children:t.rotation}),(0,q.jsx)(`dd`,{children:e.rotationPeriod&&e.rotatesAt?t.rotationEvery(Math.round(e.rotationPeriod/86400),Ve(e.rotatesAt)):t.rotationNever})]}),(0,q.jsx)(`dt`,{children:t.chain}),(0,q.jsx)(`dd`,{children:e.maxCapabilityChainLength??t.chainServer}),e.tags.length>0&&(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`dt`,{children:t.tags}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(mn,{tags:e.tags})})]})]})]})}var Sn=20;function Cn({data:e,onTrim:t}){let n=S.key,[r,i]=(0,K.useState)(Sn),{data:o,error:s,isPending:c}=J(xt,e.id,{id:e.id,first:r},{keep:!0}),l=o?.key?.versions,d=l?.nodes??[],f=d.reduce((e,{uses:t})=>e+t,0),p=d.some(({messages:e})=>e!==null);return(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`versions`,children:[(0,q.jsxs)(`div`,{className:`card-head`,children:[(0,q.jsx)(`h2`,{id:`versions`,children:n.versions}),t&&e.version>e.oldestVersion&&(0,q.jsx)(R,{icon:`history`,onClick:t,children:n.trim})]}),(0,q.jsx)(z,{error:s}),c&&(0,q.jsx)(Fe,{}),d.length>0&&(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`div`,{className:`table`,children:(0,q.jsxs)(`table`,{children:[(0,q.jsx)(`caption`,{className:`visually-hidden`,children:n.versionsTable}),(0,q.jsx)(`thead`,{children:(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`col`,children:n.columns.version}),(0,q.jsx)(`th`,{scope:`col`,children:n.columns.made}),(0,q.jsx)(`th`,{scope:`col`,className:`number`,children:n.columns.uses}),(0,q.jsx)(`th`,{scope:`col`,children:n.columns.share}),(0,q.jsx)(`th`,{scope:`col`,children:n.columns.last}),p&&(0,q.jsx)(`th`,{scope:`col`,children:n.columns.messages})]})}),(0,q.jsx)(`tbody`,{children:d.map(({version:t,createdAt:r,uses:i,lastUsedAt:o,messages:s})=>(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`row`,children:(0,q.jsxs)(`span`,{className:`badges`,children:[t,` `,t===e.version&&(0,q.jsx)(U,{tone:`good`,children:n.newest})]})}),(0,q.jsx)(`td`,{"data-label":n.columns.made,children:(0,q.jsx)(u,{at:r})}),(0,q.jsx)(`td`,{"data-label":n.columns.uses,className:`number`,children:a(i)}),(0,q.jsx)(`td`,{"data-label":n.columns.share,children:(0,q.jsx)(wn,{share:f>0?i/f:0})}),(0,q.jsx)(`td`,{"data-label":n.columns.last,children:o?(0,q.jsx)(u,{at:o}):n.never}),p&&(0,q.jsx)(`td`,{"data-label":n.columns.messages,children:s===null?``:n.limit(a(s))})]},t))})]})}),(0,q.jsx)(`p`,{className:`hint`,children:n.usesNote}),l?.pageInfo.hasNextPage&&r<100&&(0,q.jsx)(`div`,{children:(0,q.jsx)(R,{onClick:()=>i(Math.min(100,r+40)),children:n.more})})]})]})}function wn({share:e}){let t=Math.round(e*100);return(0,q.jsxs)(`svg`,{className:`meter`,viewBox:`0 0 100 8`,preserveAspectRatio:`none`,role:`img`,"aria-label":`${t} %`,children:[(0,q.jsx)(`rect`,{className:`meter-rail`,width:`100`,height:`8`,rx:`2`}),(0,q.jsx)(`rect`,{className:`meter-fill`,width:t,height:`8`,rx:`2`})]})}function Tn({data:e,keystore:t,shamir:n,onClose:r}){let i=S.key,a=Y(jt),o=re(t),[s]=(0,K.useState)(()=>crypto.randomUUID());return(0,q.jsx)(B,{title:i.rotateTitle,onClose:r,children:(0,q.jsxs)(`div`,{className:`form`,children:[(0,q.jsx)(`p`,{children:i.rotateLead}),n&&(0,q.jsx)(dn,{keystore:t}),(0,q.jsx)(z,{error:a.error}),(0,q.jsxs)(`div`,{className:`actions end`,children:[(0,q.jsx)(R,{onClick:r,children:S.cancel}),(0,q.jsx)(R,{tone:`primary`,icon:`rotate-cw`,busy:a.isPending,disabled:n&&o.length===0,onClick:()=>a.mutate({url:e.id,variables:{input:{key:e.id,idempotencyKey:s,...o.length>0&&{secretShares:[...o]}}}},{onSuccess:({rotateKey:e})=>{r(),b({message:i.rotated(e.key.version)})}}),children:i.rotate})]})]})})}function En(e,t,n){let r=Number(e.trim()||NaN);return Number.isInteger(r)&&r>=t&&r<=n?r:void 0}function Dn({data:e,onKeep:t,onClose:n}){let r=S.key,i=Y(Ft),[a,o]=(0,K.useState)(`30`),s=En(a,7,30),c=e.version-e.oldestVersion+1;return(0,q.jsxs)(ve,{title:r.deleteTitle,losses:c>1?r.deleteLosses(Q(e),c):r.deleteLossesOne(Q(e)),action:r.delete,onClose:n,busy:i.isPending,error:i.error,onConfirm:()=>s&&i.mutate({url:e.id,variables:{input:{key:e.id,windowDays:s}}},{onSuccess:({deleteKey:e})=>{n(),b({message:r.deleted(Ve(e.key.deletesAt??Date.now())),undo:t})}}),children:[(0,q.jsx)(G,{children:r.deleteLead}),(0,q.jsx)(M,{label:r.days,inputMode:`numeric`,value:a,onChange:o,problem:s?void 0:r.daysBad})]})}function On({data:e,onClose:t}){let n=S.key,r=Y(Mt),[i,a]=(0,K.useState)(e.name??``),[o,s]=(0,K.useState)(e.description??``),[c,l]=(0,K.useState)(pn(e.tags)),[u,d]=(0,K.useState)(String(e.minimumVersionToVerify)),[f,p]=(0,K.useState)(String(e.minimumVersionToDecrypt)),m=fn(c),h=e.version>e.oldestVersion,g=S.key.minimums,_=En(u,e.oldestVersion,e.version),v=En(f,e.oldestVersion,e.version),y=()=>{m&&_&&v&&r.mutate({url:e.id,variables:{input:{key:e.id,name:i.trim(),description:o.trim(),tags:m,...h&&{minimumVersionToVerify:_,minimumVersionToDecrypt:v}}}},{onSuccess:()=>{t(),b({message:S.settings.saved})}})},x=`${e.oldestVersion} – ${e.version}`;return(0,q.jsx)(B,{title:n.editTitle,onClose:t,children:(0,q.jsxs)(H,{onSubmit:y,children:[(0,q.jsx)(M,{label:S.newKey.name,hint:S.newKey.nameHint,optional:!0,value:i,onChange:a,maxLength:128}),(0,q.jsx)(M,{label:S.newKey.description,optional:!0,value:o,onChange:s,maxLength:1024}),(0,q.jsx)(W,{label:n.tags,hint:S.settings.tagsHint,optional:!0,rows:3,value:c,onChange:l,problem:m?void 0:S.settings.tagsBad}),h&&(0,q.jsxs)(`fieldset`,{className:`field`,children:[(0,q.jsx)(`legend`,{children:(0,q.jsx)(`strong`,{children:g})}),(0,q.jsxs)(`div`,{className:`row`,children:[(0,q.jsx)(M,{label:n.minVerify,hint:x,inputMode:`numeric`,value:u,onChange:d,problem:_?void 0:x}),(0,q.jsx)(M,{label:n.minDecrypt,hint:x,inputMode:`numeric`,value:f,onChange:p,problem:v?void 0:x})]})]}),(0,q.jsx)(z,{error:r.error}),(0,q.jsxs)(`div`,{className:`actions end`,children:[(0,q.jsx)(R,{onClick:t,children:S.cancel}),(0,q.jsx)(R,{tone:`primary`,type:`submit`,busy:r.isPending,children:S.save})]})]})})}function kn({data:e,onClose:t}){let n=S.key,r=Y(Lt),[i,a]=(0,K.useState)(String(e.version)),o=En(i,e.oldestVersion+1,e.version),s=`${e.oldestVersion+1} – ${e.version}`;return(0,q.jsx)(ve,{title:n.trimTitle,losses:o?n.trimLosses(e.oldestVersion,o-1):[],action:n.trim,word:Q(e),busy:r.isPending,error:r.error,onClose:t,onConfirm:()=>o&&r.mutate({url:e.id,variables:{input:{key:e.id,oldestVersion:o}}},{onSuccess:()=>{t(),b({message:n.trimmed})}}),children:(0,q.jsx)(M,{label:n.trimKeep,hint:s,inputMode:`numeric`,value:i,onChange:a,problem:o?void 0:s})})}var An={use:[`sign`,`verify`,`encrypt`,`decrypt`,`computeMac`,`verifyMac`,`wrapKey`,`unwrapKey`,`seal`,`open`,`encapsulate`,`decapsulate`,`deriveSecret`,`deriveKey`,`generateDataKey`,`reencrypt`],see:[`read`,`generateRandom`],manage:[`generateKey`,`importKey`,`rotateKey`,`write`,`enableKey`,`disableKey`,`deleteKey`,`cancelKeyDeletion`,`trimKeyVersions`,`exportKey`,`backupKey`,`restoreKey`]},jn=new Set([`generateKey`,`importKey`,`restoreKey`,`generateRandom`]),Mn=new Set([`deleteKey`,`trimKeyVersions`,`exportKey`,`backupKey`,`write`]);function Nn({keystore:e}){let t=S.delegate,n=h(e),{data:r,error:i}=on(e),{caller:a,current:o,places:s}=F(),c=C(),l=J(_t,e,{id:e,first:100}),[u,d]=(0,K.useState)(``),[f,p]=(0,K.useState)(`key`),[m,g]=(0,K.useState)(``),[_,v]=(0,K.useState)([`read`,`sign`,`verify`]),[y,b]=(0,K.useState)(`30`),[x,w]=(0,K.useState)(``),[T,E]=(0,K.useState)(!1),[D,O]=(0,K.useState)(),[k,j]=(0,K.useState)(),N=l.data?.keystore?.keys.nodes??[],ee=En(y,1,90),P=xe(u.trim()),ne=!P||P.did!==u.trim(),re=m||N[0]?.id||``,I=f===`whole`?e:re,L=a&&Ne({...a,places:s},I,`read`),ie=L?.allowedAction?[L.allowedAction].flat():void 0,ae=e=>(f===`whole`||!jn.has(e))&&(!ie||ie.includes(e)),se=_.filter(ae),B=new Date(Math.min(Date.now()+(ee??0)*864e5-6e4,L?Date.parse(L.expires):1/0)),ce=async()=>{if(E(!0),O(void 0),!ne&&ee&&se.length!==0&&I&&a&&o)try{let t=await ye({identity:a.identity,target:I,controller:u.trim(),actions:[...se],expires:B,...L?{parent:L}:{rootTarget:e}});await le(`given`,{did:o.did,id:t.id,keystore:e,note:x.trim(),capability:t,givenAt:Date.now()}),await c.invalidateQueries({queryKey:[`given`]}),j(t)}catch(e){O(e)}},ue=(0,q.jsx)(ln,{items:[[X(`home`),S.home.title],[X(`keystore`,{keystore:n}),r?.keystore?Q(r.keystore):S.keystore.title],[X(`capabilities`,{keystore:n}),S.capabilities.title]]});return k?(0,q.jsx)(Pn,{capability:k,crumbs:ue,onAgain:()=>{j(void 0),E(!1)},list:X(`capabilities`,{keystore:n})}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:t.title,above:ue,children:t.title}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(z,{error:i}),(0,q.jsxs)(H,{className:`card narrow form`,onSubmit:()=>void ce(),label:t.title,children:[(0,q.jsx)(M,{label:t.to,hint:t.toHint,className:`mono`,value:u,onChange:d,problem:T&&ne?t.toBad:void 0}),(0,q.jsx)(oe,{compact:!0,legend:t.target,value:f,onChange:p,options:[{value:`key`,label:t.oneKey},{value:`whole`,label:t.whole}]}),f===`key`&&(N.length>0?(0,q.jsx)(A,{label:t.key,value:re,onChange:g,options:N.map(e=>({value:e.id,label:`${Q(e)} (${e.type})`}))}):l.data&&(0,q.jsx)(G,{tone:`warning`,children:t.noKeys})),(0,q.jsx)(Ee,{label:t.actions,hint:t.actionsHint,problem:T&&se.length===0?t.noAction:void 0,children:e=>(0,q.jsx)(`div`,{id:e.id,role:`group`,"aria-label":t.actions,"aria-describedby":e[`aria-describedby`],className:`stack tight`,children:Object.keys(An).filter(e=>An[e].some(ae)).map(e=>(0,q.jsxs)(`fieldset`,{className:`field`,children:[(0,q.jsx)(`legend`,{children:(0,q.jsx)(`strong`,{children:t.groups[e]})}),(0,q.jsx)(`div`,{className:`checks`,children:An[e].filter(ae).map(e=>(0,q.jsx)(Ae,{label:S.actions[e]??e,checked:_.includes(e),onChange:t=>v(t?[..._,e]:_.filter(t=>t!==e))},e))})]},e))})}),se.some(e=>Mn.has(e))&&(0,q.jsx)(G,{tone:`warning`,children:t.dangerous}),(0,q.jsx)(M,{label:t.days,hint:ee?t.daysHint(te(B.getTime())):void 0,inputMode:`numeric`,value:y,onChange:b,problem:ee?void 0:t.daysBad}),(0,q.jsx)(W,{label:t.note,optional:!0,rows:2,value:x,onChange:w,maxLength:200}),(0,q.jsx)(z,{error:D}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:`primary`,type:`submit`,icon:`share-2`,children:t.action}),(0,q.jsx)(R,{onClick:()=>Z(X(`capabilities`,{keystore:n})),children:S.cancel})]})]})]})]})}function Pn({capability:e,crumbs:t,onAgain:n,list:r}){let i=S.delegate;return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:i.done,above:t,children:i.done}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(`p`,{className:`lead`,children:i.doneLead}),(0,q.jsx)(Fn,{capability:e}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:`primary`,onClick:()=>Z(r),children:i.list}),(0,q.jsx)(R,{onClick:n,children:i.again})]})]})]})}function Fn({capability:e}){let t=S.capabilities,n=JSON.stringify(e);return(0,q.jsxs)(`div`,{className:`columns`,children:[(0,q.jsx)(Le,{value:JSON.stringify(e,null,2),what:t.detail,name:`${S.delegate.file}-${h(e.id).slice(-8)}.json`,type:`application/json`}),new TextEncoder().encode(n).length<=2953?(0,q.jsx)(ze,{value:n,label:t.qr}):(0,q.jsx)(G,{children:t.qrTooLong})]})}function In({keystore:e}){return(0,q.jsx)(sn,{url:e,tab:`capabilities`,children:e=>(0,q.jsx)(zn,{keystore:e})})}function Ln(e,t){return t?`revoked`:Date.parse(e.expires)<=Date.now()?`expired`:`active`}function Rn({state:e}){return(0,q.jsx)(U,{tone:{active:`good`,expired:`plain`,revoked:`danger`}[e],children:S.capabilities.states[e]})}function zn({keystore:e}){let t=S.capabilities,{current:n}=F(),r=n?.did??``,{data:i}=j({queryKey:[`given`,r],queryFn:()=>O(r),staleTime:0}),a=J(yt,e.id,{id:e.id,first:100}),[o,s]=(0,K.useState)(),[c,l]=(0,K.useState)(),d=new Set(a.data?.keystore?.revocations.nodes.map(({capability:e})=>e)),f=(i??[]).filter(t=>t.keystore===e.id).sort((e,t)=>t.givenAt-e.givenAt),p=(0,q.jsx)(R,{tone:`primary`,icon:`share-2`,onClick:()=>Z(X(`delegate`,{keystore:h(e.id)})),children:t.delegate});return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsxs)(`div`,{className:`card-head`,children:[(0,q.jsx)(`p`,{className:`lead`,children:t.lead}),f.length>0&&p]}),i&&f.length===0&&(0,q.jsx)(ue,{icon:`share-2`,title:t.emptyTitle,actions:p,children:t.empty}),f.length>0&&(0,q.jsx)(`div`,{className:`table`,children:(0,q.jsxs)(`table`,{children:[(0,q.jsx)(`caption`,{className:`visually-hidden`,children:t.table}),(0,q.jsx)(`thead`,{children:(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`col`,children:t.columns.to}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.what}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.actions}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.expires}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.state}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.do})]})}),(0,q.jsx)(`tbody`,{children:f.map(({id:n,capability:r,note:i,revokedAt:a})=>{let o=Ln(r,a!==void 0||d.has(n)),c=[r.allowedAction??[]].flat();return(0,q.jsxs)(`tr`,{children:[(0,q.jsxs)(`th`,{scope:`row`,children:[(0,q.jsx)(I,{value:r.controller,what:`DID`}),i&&(0,q.jsx)(`span`,{className:`cell-sub`,children:i})]}),(0,q.jsx)(`td`,{"data-label":t.columns.what,children:r.invocationTarget===e.id?t.whole:(0,q.jsx)(`code`,{title:r.invocationTarget,children:P(h(r.invocationTarget))})}),(0,q.jsx)(`td`,{"data-label":t.columns.actions,children:c.map(e=>S.actions[e]??e).join(`, `)}),(0,q.jsx)(`td`,{"data-label":t.columns.expires,children:(0,q.jsx)(u,{at:r.expires})}),(0,q.jsx)(`td`,{"data-label":t.columns.state,children:(0,q.jsx)(Rn,{state:o})}),(0,q.jsx)(`td`,{children:(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{onClick:()=>s(r),"aria-label":`${t.show}: ${i||P(n)}`,children:t.show}),o===`active`&&(0,q.jsx)(R,{onClick:()=>l(r),"aria-label":`${t.revoke}: ${i||P(n)}`,children:t.revoke})]})})]},n)})})]})}),(0,q.jsx)(Vn,{onAsk:l}),(0,q.jsx)(Hn,{nodes:a.data?.keystore?.revocations.nodes,error:a.error}),o&&(0,q.jsx)(B,{wide:!0,title:t.detail,onClose:()=>s(void 0),children:(0,q.jsx)(Fn,{capability:o})}),c&&(0,q.jsx)(Bn,{capability:c,onClose:()=>l(void 0)})]})}function Bn({capability:e,onClose:t}){let n=S.capabilities,{caller:r,current:i}=F(),a=C(),o=Ue({mutationFn:async()=>{if(!r||!i)return;await ie(e,r);let t=(await O(i.did)).find(({id:t})=>t===e.id);t&&await le(`given`,{...t,revokedAt:Date.now()})},onSuccess:()=>{a.invalidateQueries({queryKey:[`given`]}),a.invalidateQueries({queryKey:[`api`]}),t(),b({message:n.revoked})}});return(0,q.jsx)(ve,{title:n.revokeTitle,losses:n.revokeLosses(P(e.controller)),action:n.revokeAction,busy:o.isPending,error:o.error,onClose:t,onConfirm:()=>o.mutate()})}function Vn({onAsk:e}){let t=S.capabilities,[n,r]=(0,K.useState)(``),[i,a]=(0,K.useState)();return(0,q.jsxs)(`details`,{className:`card`,children:[(0,q.jsx)(`summary`,{children:t.revokeOther}),(0,q.jsxs)(H,{className:`form`,onSubmit:()=>{try{let t=JSON.parse(n);de(t),a(void 0),e(t)}catch{a(t.revokeBad)}},label:t.revokeOther,children:[(0,q.jsx)(W,{label:t.revokeJson,hint:t.revokeOtherLead,className:`mono`,rows:5,value:n,onChange:r,problem:i}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{type:`submit`,children:t.revoke})})]})]})}function Hn({nodes:e,error:t}){let n=S.capabilities;return(0,q.jsxs)(`section`,{"aria-labelledby":`revoked`,className:`stack tight`,children:[(0,q.jsx)(`h2`,{id:`revoked`,children:n.server}),(0,q.jsx)(z,{error:t}),e?.length===0&&(0,q.jsx)(`p`,{className:`soft`,children:n.none}),e&&e.length>0&&(0,q.jsx)(`div`,{className:`table`,children:(0,q.jsxs)(`table`,{children:[(0,q.jsx)(`caption`,{className:`visually-hidden`,children:n.serverTable}),(0,q.jsx)(`thead`,{children:(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`col`,children:n.serverColumns.id}),(0,q.jsx)(`th`,{scope:`col`,children:n.serverColumns.by}),(0,q.jsx)(`th`,{scope:`col`,children:n.serverColumns.when}),(0,q.jsx)(`th`,{scope:`col`,children:n.serverColumns.ends})]})}),(0,q.jsx)(`tbody`,{children:e.map(e=>(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`row`,children:(0,q.jsx)(`code`,{children:e.capability})}),(0,q.jsx)(`td`,{"data-label":n.serverColumns.by,children:(0,q.jsx)(I,{value:e.revoker,what:`DID`})}),(0,q.jsx)(`td`,{"data-label":n.serverColumns.when,children:(0,q.jsx)(u,{at:e.revokedAt})}),(0,q.jsx)(`td`,{"data-label":n.serverColumns.ends,children:(0,q.jsx)(u,{at:e.expires})})]},e.capability+e.delegator))})]})})]})}var $=S.vaultAway,Un=864e5;async function Wn(e,t,n,r){let i=t+`/documents`,a=Ne(e,i,`write`),o=new Date(Math.min(Date.now()+r*Un-6e4,a?Date.parse(a.expires):1/0));return ye({identity:e.identity,target:i,controller:n,actions:[`read`,`write`],expires:o,...a?{parent:a}:{rootTarget:t}})}function Gn(e){let{rootTarget:t,links:n}=de(e),r=n.at(-1);return r&&r.target===t+`/documents`&&[`read`,`write`].every(e=>!r.actions||r.actions.includes(e))?t:void 0}function Kn({keystore:e,vault:t}){let{caller:n,forget:r}=F(),i=Zt(),a=Y(Ct),[o,s]=(0,K.useState)(``),[c,l]=(0,K.useState)(`90`),[u,d]=(0,K.useState)(!1),[f,p]=(0,K.useState)(),[m,h]=(0,K.useState)(),[g,_]=(0,K.useState)(``),[v,y]=(0,K.useState)(),[x,C]=(0,K.useState)(),w=xe(o.trim()),T=!w||w.did!==o.trim(),E=En(c,1,90),D=async()=>{if(d(!0),p(void 0),!T&&E&&n)try{h(await Wn(n,t,o.trim(),E))}catch(e){p(e)}},O=n=>{let r=Jn(n.trim(),t,i.data?.service.did??``,e.controller);y(`problem`in r?r.problem:void 0),`problem`in r||C(r)};return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`p`,{className:`soft`,children:$.lead}),e.userLock===`SHAMIR`&&(0,q.jsx)(qn,{}),(0,q.jsxs)(H,{className:`form`,label:$.first,onSubmit:()=>void D(),children:[(0,q.jsx)(`h3`,{children:$.first}),(0,q.jsx)(M,{label:S.settings.controllerDid,className:`mono`,value:o,onChange:s,problem:u&&T?S.settings.controllerBad:void 0}),(0,q.jsx)(M,{label:S.create.vaultDays,inputMode:`numeric`,value:c,onChange:l,problem:E?void 0:S.create.vaultDaysBad}),(0,q.jsx)(z,{error:f}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{type:`submit`,icon:`share-2`,children:$.make})})]}),(0,q.jsxs)(`div`,{className:`stack tight`,children:[(0,q.jsx)(`h3`,{children:$.second}),(0,q.jsx)(`p`,{className:`soft`,children:$.secondLead})]}),(0,q.jsxs)(H,{className:`form`,label:$.third,onSubmit:()=>O(g),children:[(0,q.jsx)(`h3`,{children:$.third}),(0,q.jsx)(W,{label:$.returned,className:`mono`,rows:4,value:g,onChange:_,problem:v}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{type:`submit`,children:S.settings.controllerAction}),(0,q.jsx)(be,{label:S.open.file,accept:`.json,application/json`,onFile:e=>void e.slice(0,65536).text().then(_)})]})]}),m&&(0,q.jsx)(B,{wide:!0,title:$.handOver,onClose:()=>h(void 0),children:(0,q.jsxs)(`div`,{className:`stack tight`,children:[(0,q.jsx)(`p`,{children:$.handOverLead}),(0,q.jsx)(Fn,{capability:m})]})}),x&&(0,q.jsx)(ve,{title:S.settings.controllerTitle,losses:S.settings.controllerLosses,action:S.settings.controllerAction,word:Q(e),busy:a.isPending,error:a.error,onClose:()=>C(void 0),onConfirm:()=>a.mutate({url:e.id,variables:{input:{keystore:e.id,controller:x.to,vaultCapability:x.capability}}},{onSuccess:()=>{C(void 0),b({message:S.settings.controllerDone}),Z(X(`home`)),r(e.id)}}),children:(0,q.jsx)(G,{children:$.goesTo(P(x.to))})})]})}function qn(){return(0,q.jsx)(G,{children:$.shares})}function Jn(e,t,n,r){let i,a;try{if(a=JSON.parse(e),i=de(a).links.at(-1),Gn(a)!==t)return{problem:$.notForVault}}catch{return{problem:S.capabilities.revokeBad}}return i?i.controllerDid===n?i.proof.delegator===r?{problem:$.notByOther}:Date.parse(i.expires)<=Date.now()?{problem:S.open.expired}:{capability:a,to:i.proof.delegator}:{problem:$.notForServer}:{problem:S.capabilities.revokeBad}}function Yn({vault:e,capability:t,onClose:n}){let{caller:r,current:i,remember:a}=F(),o=Zt(),[s,c]=(0,K.useState)(),[l,u]=(0,K.useState)(),d=async()=>{if(u(void 0),r&&i&&o.data)try{let n={did:i.did,url:e+`/documents`,name:null,capability:t,seenAt:Date.now()};c(await Wn({...r,places:[n]},e,o.data.service.did,90)),await a(n)}catch(e){u(e)}};return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:$.accept,children:$.accept}),(0,q.jsxs)(`div`,{className:`card narrow`,children:[(0,q.jsx)(`p`,{children:$.acceptLead(e)}),s?(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`p`,{children:$.acceptDone}),(0,q.jsx)(Fn,{capability:s}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{onClick:()=>Z(X(`home`)),children:S.home.title})})]}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`p`,{className:`soft`,children:$.acceptUntil(te(Date.parse(t.expires)))}),(0,q.jsx)(z,{error:l??o.error}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:`primary`,icon:`share-2`,onClick:()=>void d(),children:$.acceptAction}),(0,q.jsx)(R,{tone:`quiet`,onClick:n,children:S.cancel})]})]})]})]})}async function Xn(){let e=await Zn()??await Qn();return{identity:await se.fromFile(e),file:e}}async function Zn(){let e;try{e=await crypto.subtle.generateKey({name:`Ed25519`},!0,[`sign`,`verify`])}catch(e){if(e instanceof Error&&e.name===`NotSupportedError`)return;throw e}let{d:t,x:n}=await $n(e);return er(De(`Ed25519`,n),`Ed25519VerificationKey2020`,`privateKeyMultibase`,pe(Uint8Array.of(128,38),t,n),t)}async function Qn(){let{d:e,x:t,y:n}=await $n(await crypto.subtle.generateKey({name:`ECDSA`,namedCurve:`P-256`},!0,[`sign`,`verify`]));return er(De(`P-256`,pe(Uint8Array.of(2+((n.at(-1)??0)&1)),t)),`Multikey`,`secretKeyMultibase`,pe(Uint8Array.of(134,38),e),e)}async function $n({privateKey:e}){let t=await crypto.subtle.exportKey(`jwk`,e);return{d:fe(t.d??``),x:fe(t.x??``),y:fe(t.y??``)}}function er(e,t,n,r,i){let a=e.slice(8),o={id:`${e}#${a}`,type:t,controller:e,publicKeyMultibase:a,[n]:Be(r)};return r.fill(0),i.fill(0),JSON.stringify(o,null,2)+`
`}function tr({onMade:e}){let t=S.welcome,n=ne();return(0,q.jsxs)(`div`,{className:`welcome`,children:[(0,q.jsxs)(`div`,{className:`welcome-head`,children:[(0,q.jsx)(f,{}),(0,q.jsx)(V,{title:t.title,children:t.heading}),(0,q.jsx)(`p`,{className:`lead`,children:t.lead})]}),n&&(0,q.jsx)(G,{children:t.enrolWaiting}),(0,q.jsxs)(`div`,{className:`columns`,children:[(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`make`,children:[(0,q.jsx)(`h2`,{id:`make`,children:t.make}),(0,q.jsx)(`p`,{className:`soft`,children:t.makeLead}),(0,q.jsx)(rr,{onMade:e})]}),(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`have`,children:[(0,q.jsx)(`h2`,{id:`have`,children:t.import}),(0,q.jsx)(`p`,{className:`soft`,children:t.importLead}),(0,q.jsx)(ir,{})]})]}),(0,q.jsx)(nr,{})]})}function nr(){let e=S.lock;return(0,q.jsxs)(`div`,{className:`locks`,children:[(0,q.jsxs)(`div`,{className:`lock`,children:[(0,q.jsxs)(`h2`,{children:[(0,q.jsx)(E,{name:`server`}),e.server]}),(0,q.jsx)(`p`,{className:`soft`,children:e.serverWhat})]}),(0,q.jsxs)(`div`,{className:`lock user`,children:[(0,q.jsxs)(`h2`,{children:[(0,q.jsx)(E,{name:`key-round`}),e.user]}),(0,q.jsx)(`p`,{children:e.userWhat})]})]})}function rr({onMade:e,onDone:t}){let n=S.welcome,{add:r,identities:i}=F(),[a,o]=(0,K.useState)(``),[s,c]=(0,K.useState)(!1),[l,u]=(0,K.useState)(),d=async()=>{c(!0),u(void 0);try{let{identity:o,file:s}=await Xn();t?.(),e({did:o.did,file:s}),await r(o,a.trim()||(i.length===0?n.labelDefault:`${n.labelDefault} ${i.length+1}`),!1)}catch(e){u(e),c(!1)}};return(0,q.jsxs)(H,{className:`form`,onSubmit:()=>!s&&void d(),label:n.make,children:[(0,q.jsx)(M,{label:n.label,hint:n.labelHint,optional:!0,value:a,onChange:o,maxLength:60}),(0,q.jsx)(z,{error:l}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{tone:`primary`,icon:`key-round`,type:`submit`,busy:s,children:n.makeAction})})]})}function ir({onDone:e}){let t=S.welcome,{add:n,identities:r}=F(),[i,a]=(0,K.useState)(``),[o,s]=(0,K.useState)(),c=async t=>{s(void 0);try{let a=await se.fromFile(await t.slice(0,8192).text()),o=r.find(({did:e})=>e===a.did);await n(a,i.trim()||o?.label||t.name.replace(/\.json$/,``),!0),e?.()}catch(e){s(e)}};return(0,q.jsxs)(`div`,{className:`form`,children:[(0,q.jsx)(M,{label:t.label,hint:t.labelHint,optional:!0,value:i,onChange:a,maxLength:60}),o instanceof Error&&o.name===`NotSupportedError`?(0,q.jsx)(`div`,{role:`alert`,children:(0,q.jsx)(G,{tone:`warning`,title:t.noEd25519,children:t.noEd25519Mend})}):(0,q.jsx)(z,{error:o}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(be,{label:t.importAction,accept:`.json,application/json`,onFile:e=>void c(e)})})]})}function ar(){let e=S.create,{caller:t,current:n,remember:r}=F(),i=Zt(),[a,o]=(0,K.useState)(`lock`),[s,c]=(0,K.useState)(`LOCAL`),[l,u]=(0,K.useState)(),[d,f]=(0,K.useState)(!1),[p,m]=(0,K.useState)(!1),[h,g]=(0,K.useState)(!0),[_,y]=(0,K.useState)(`database`),[b,x]=(0,K.useState)(``),[C,w]=(0,K.useState)(`90`),[T,E]=(0,K.useState)(``),[D,O]=(0,K.useState)(``),[k,A]=(0,K.useState)(!1),[j,N]=(0,K.useState)(),[ee,te]=(0,K.useState)(()=>crypto.randomUUID()),ne=Y(St),[re,L]=(0,K.useState)(),ie=s===`SHAMIR`?[`lock`,`shares`,`store`,`details`]:[`lock`,`store`,`details`],ae=ie.indexOf(a),se=En(C,1,90),B=b.trim(),le=!/^https?:\/\/[^/?#]+\/[^?#]*[^/?#]$/.test(B),ue=()=>{let[e,t,n]=Ye(3,2);e&&t&&n&&u({mine:e,auth:t,recovery:n})},de=e=>{let t=ie[e];t&&(t===`shares`&&!l&&ue(),A(!1),N(void 0),ne.reset(),o(t),document.getElementById(`wizard`)?.focus())},fe=async()=>{if(A(!0),(a!==`shares`||p)&&(a!==`store`||_!==`vault`||!le&&se)){if(a!==`details`)de(ae+1);else if(t&&n&&i.data&&!ne.isPending){N(void 0);try{let e={controller:n.did,userLock:s,...T.trim()&&{name:T.trim()},...D.trim()&&{description:D.trim()},...s===`SHAMIR`&&h&&l&&{secretShares:[Ie(l.mine)]},..._===`vault`&&se&&{vault:{url:B,capability:await Wn(t,B,i.data.service.did,se)}}},{createKeystore:{keystore:a}}=await ne.mutateAsync({url:je,variables:{input:{...e,..._===`database`&&{idempotencyKey:ee}}}});if(l&&s===`SHAMIR`){v(a.id,[Ie(l.mine)]);for(let e of Object.values(l))e.fill(0);u(void 0)}await r({did:n.did,url:a.id,name:a.name,userLock:a.userLock,vault:a.vaultUrl!==null,seenAt:Date.now()}),L(a)}catch(e){N(e),e instanceof ce&&te(crypto.randomUUID())}}}};if(re)return(0,q.jsx)(sr,{keystore:re});let pe=j instanceof ce&&j.code===`FORBIDDEN`;return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:e.title,children:e.title}),(0,q.jsx)(`ol`,{className:`steps`,"aria-label":e.progress,children:ie.map((t,n)=>(0,q.jsx)(`li`,{className:n<ae?`done`:void 0,"aria-current":t===a?`step`:void 0,children:e.steps[t]},t))}),(0,q.jsx)(H,{onSubmit:()=>void fe(),label:e.title,children:(0,q.jsxs)(`div`,{className:`stack`,id:`wizard`,tabIndex:-1,role:`group`,"aria-label":e.steps[a],children:[a===`lock`&&(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`p`,{className:`lead`,children:e.lead}),(0,q.jsx)(nr,{}),(0,q.jsx)(oe,{legend:e.lockLegend,value:s,onChange:c,options:[{value:`LOCAL`,label:e.local,hint:e.localHint},{value:`SHAMIR`,label:e.shamir,hint:e.shamirHint}]})]}),a===`shares`&&l&&(0,q.jsx)(or,{shares:l,recovery:d,setRecovery:f,stored:p,setStored:m,pin:h,setPin:g,asked:k}),a===`store`&&(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(oe,{legend:e.storeLegend,value:_,onChange:y,options:[{value:`database`,label:e.database,hint:e.databaseHint},{value:`vault`,label:e.vault,hint:e.vaultHint}]}),_===`vault`&&(0,q.jsxs)(`div`,{className:`card narrow`,children:[(0,q.jsx)(M,{label:e.vaultUrl,hint:e.vaultUrlHint,type:`url`,className:`mono`,value:b,onChange:x,problem:k&&le?e.vaultUrlBad:void 0}),(0,q.jsx)(M,{label:e.vaultDays,hint:e.vaultDaysHint,inputMode:`numeric`,value:C,onChange:w,problem:se?void 0:e.vaultDaysBad}),i.data&&(0,q.jsx)(G,{children:e.vaultGrant(P(i.data.service.did))})]})]}),a===`details`&&(0,q.jsxs)(`div`,{className:`columns`,children:[(0,q.jsxs)(`div`,{className:`card`,children:[(0,q.jsx)(M,{label:e.name,hint:e.nameHint,optional:!0,value:T,onChange:E,maxLength:128}),(0,q.jsx)(M,{label:e.description,optional:!0,value:D,onChange:O,maxLength:1024})]}),(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`check`,children:[(0,q.jsx)(`h2`,{id:`check`,children:e.check}),(0,q.jsxs)(`dl`,{className:`facts`,children:[(0,q.jsx)(`dt`,{children:S.lock.user}),(0,q.jsx)(`dd`,{children:S.lock.kinds[s]}),(0,q.jsx)(`dt`,{children:e.steps.store}),(0,q.jsx)(`dd`,{children:_===`vault`?(0,q.jsx)(`code`,{children:B}):S.lock.stores.database}),(0,q.jsx)(`dt`,{children:e.controller}),(0,q.jsxs)(`dd`,{children:[n?.label,` `,n&&(0,q.jsx)(I,{value:n.did,what:`DID`})]})]})]})]}),pe?(0,q.jsxs)(G,{tone:`warning`,title:S.errors.codes.FORBIDDEN.title,children:[(0,q.jsx)(`p`,{children:e.notAllowed}),n&&(0,q.jsx)(I,{value:n.did,what:`DID`,full:!0})]}):(0,q.jsx)(z,{error:j}),(0,q.jsxs)(`div`,{className:`actions`,children:[ae>0&&(0,q.jsx)(R,{icon:`chevron-left`,onClick:()=>de(ae-1),children:S.back}),a===`details`?(0,q.jsx)(R,{tone:`primary`,type:`submit`,icon:`check`,busy:ne.isPending,children:e.action}):(0,q.jsx)(R,{tone:`primary`,type:`submit`,children:S.next}),(0,q.jsx)(R,{tone:`quiet`,onClick:()=>Z(X(`home`)),children:S.cancel})]})]})})]})}function or({shares:e,recovery:t,setRecovery:n,stored:r,setStored:i,pin:a,setPin:o,asked:s}){let c=S.create,[l,u]=(0,K.useState)(!1),{current:d}=F(),f=JSON.stringify({secret:L(e.auth)});return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`p`,{className:`lead`,children:c.sharesLead}),(0,q.jsxs)(`div`,{className:`columns`,children:[(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`share-mine`,children:[(0,q.jsx)(`h2`,{id:`share-mine`,children:c.mine}),(0,q.jsx)(`p`,{className:`soft`,children:c.mineWhat}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{icon:`download`,onClick:()=>g(`twolock-mine.share`,L(e.mine)+`
`,`text/plain`),children:c.mineSave}),(0,q.jsx)(Pe,{value:L(e.mine),what:c.mine})]})]}),(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`share-auth`,children:[(0,q.jsx)(`h2`,{id:`share-auth`,children:c.auth}),(0,q.jsx)(`p`,{className:`soft`,children:c.authWhat}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{icon:`download`,onClick:()=>g(`twolock-auth.share.json`,f),children:c.authSave}),(0,q.jsx)(Pe,{value:f,what:c.auth})]}),(0,q.jsx)(Le,{what:c.authCommand,value:`curl --json @twolock-auth.share.json -H "Authorization: Bearer $(printf %s "$TOKEN" | base64 -w0)" "$AUTH_URL/secret"`})]})]}),(0,q.jsx)(Ae,{label:c.recovery,hint:c.recoveryHint,checked:t,onChange:n}),t&&(0,q.jsxs)(`section`,{className:`card narrow`,"aria-labelledby":`share-paper`,children:[(0,q.jsx)(`h2`,{id:`share-paper`,children:c.paper}),(0,q.jsx)(`p`,{className:`soft`,children:c.paperWhat}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{icon:`printer`,onClick:()=>u(!0),children:c.paperPrint})})]}),(0,q.jsx)(Ae,{label:c.pin,hint:c.pinHint,checked:a,onChange:o}),(0,q.jsx)(Ae,{label:c.stored,hint:c.storedHint,checked:r,onChange:i}),s&&!r&&(0,q.jsx)(G,{tone:`warning`,children:c.storedMissing}),l&&(0,q.jsxs)(B,{title:c.paperTitle,onClose:()=>u(!1),children:[(0,q.jsxs)(`div`,{className:`sheet`,children:[(0,q.jsx)(`h3`,{children:c.paperHeading}),(0,q.jsx)(`p`,{children:c.paperBody}),(0,q.jsx)(ze,{value:L(e.recovery),label:c.paperQr}),(0,q.jsx)(`p`,{children:(0,q.jsx)(`code`,{children:L(e.recovery)})}),(0,q.jsxs)(`p`,{children:[c.paperFor,`: `,(0,q.jsx)(`code`,{children:d?.did})]}),(0,q.jsxs)(`p`,{children:[c.paperOn,`: `,(0,q.jsx)(`code`,{children:location.origin}),`. `,c.paperDate,` `,Ve(Date.now()),`.`]})]}),(0,q.jsx)(`div`,{className:`actions end`,children:(0,q.jsx)(R,{tone:`primary`,icon:`printer`,onClick:()=>window.print(),children:c.print})})]})]})}function sr({keystore:e}){let t=S.create,n=h(e.id);return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:t.doneTitle,children:t.doneTitle}),(0,q.jsxs)(`div`,{className:`card narrow`,children:[(0,q.jsx)(`p`,{children:t.done}),(0,q.jsxs)(`dl`,{className:`facts`,children:[(0,q.jsx)(`dt`,{children:t.url}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(I,{value:e.id,what:S.keystore.url,full:!0})})]}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:`primary`,icon:`key-round`,onClick:()=>Z(X(`newKey`,{keystore:n})),children:t.firstKey}),(0,q.jsx)(R,{onClick:()=>Z(X(`keystore`,{keystore:n})),children:t.goThere})]})]})]})}function cr(){let e=S.home,{places:t,forget:n,remember:r}=F(),i=t.filter(({url:e})=>e.startsWith(me+`/keystores/`)),[a,o]=(0,K.useState)(``),s=a.trim().toLowerCase(),c=[...i].sort((e,t)=>t.seenAt-e.seenAt).filter(({name:e,url:t})=>!s||e?.toLowerCase().includes(s)||t.toLowerCase().includes(s)),l=t=>void n(t.url).then(()=>b({message:e.forgot(t.name??h(t.url)),undo:()=>void r(t)})),d=(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(R,{icon:`folder-open`,onClick:()=>Z(X(`open`)),children:e.open}),(0,q.jsx)(R,{tone:`primary`,icon:`plus`,onClick:()=>Z(X(`create`)),children:e.create})]});return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:e.title,actions:i.length>0&&d,children:e.title}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(ur,{}),i.length===0?(0,q.jsx)(ue,{icon:`vault`,title:e.emptyTitle,actions:d,children:e.empty}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`p`,{className:`lead`,children:e.lead}),i.length>5&&(0,q.jsx)(`div`,{className:`toolbar`,children:(0,q.jsx)(M,{label:e.filter,type:`search`,value:a,onChange:o})}),c.length===0?(0,q.jsx)(`p`,{role:`status`,children:e.nothing}):(0,q.jsx)(`div`,{className:`table`,children:(0,q.jsxs)(`table`,{children:[(0,q.jsx)(`caption`,{className:`visually-hidden`,children:e.table}),(0,q.jsx)(`thead`,{children:(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`col`,children:e.columns.name}),(0,q.jsx)(`th`,{scope:`col`,children:e.columns.lock}),(0,q.jsx)(`th`,{scope:`col`,children:e.columns.store}),(0,q.jsx)(`th`,{scope:`col`,children:e.columns.access}),(0,q.jsx)(`th`,{scope:`col`,children:e.columns.seen}),(0,q.jsx)(`th`,{scope:`col`,children:e.columns.actions})]})}),(0,q.jsx)(`tbody`,{children:c.map(t=>(0,q.jsxs)(`tr`,{children:[(0,q.jsxs)(`th`,{scope:`row`,children:[(0,q.jsx)(an,{to:new URL(t.url).pathname,children:(0,q.jsx)(`span`,{className:`clip`,children:t.name||h(t.url)})}),(0,q.jsxs)(`span`,{className:`cell-sub`,children:[lr(t.url)?e.key:e.keystore,` `,P(h(t.url))]})]}),(0,q.jsx)(`td`,{"data-label":e.columns.lock,children:t.userLock===`LOCAL`||t.userLock===`SHAMIR`?S.lock.short[t.userLock]:``}),(0,q.jsx)(`td`,{"data-label":e.columns.store,children:t.vault===void 0?``:t.vault?S.lock.stores.vault:S.lock.stores.database}),(0,q.jsx)(`td`,{"data-label":e.columns.access,children:(0,q.jsx)(U,{children:t.capability?e.delegated:e.root})}),(0,q.jsx)(`td`,{"data-label":e.columns.seen,children:(0,q.jsx)(u,{at:t.seenAt})}),(0,q.jsx)(`td`,{children:(0,q.jsx)(R,{tone:`quiet`,icon:`eraser`,onClick:()=>l(t),"aria-label":`${e.forget}: ${t.name??h(t.url)}`,children:e.forget})})]},t.url))})]})})]})]})]})}var lr=e=>/\/keys\/[^/]+$/.test(e);function ur(){let e=S.enrol,t=ne(),{current:n}=F(),r=Y(ht);return!t||!n?null:(0,q.jsxs)(G,{title:e.title,actions:(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(R,{tone:`primary`,icon:`shield-check`,busy:r.isPending,onClick:()=>r.mutate({url:je,variables:{input:{token:t}}},{onSuccess:()=>{Oe(),b({message:e.done})}}),children:e.action}),(0,q.jsx)(R,{tone:`quiet`,onClick:Oe,children:e.later})]}),children:[(0,q.jsx)(`p`,{children:e.body(`“${n.label}” (${P(n.did)})`)}),r.error instanceof ce&&r.error.code===`FORBIDDEN`?(0,q.jsx)(`div`,{role:`alert`,children:(0,q.jsx)(G,{tone:`warning`,title:e.refused,children:e.refusedWhy})}):(0,q.jsx)(z,{error:r.error})]})}function dr({onMade:e}){let t=S.identity,{identities:n,current:r,select:i}=F(),[a,o]=(0,K.useState)(),s=Qt(),c=()=>o(void 0);return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:t.title,actions:(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(R,{icon:`upload`,onClick:()=>o({what:`import`}),children:t.import}),(0,q.jsx)(R,{tone:`primary`,icon:`plus`,onClick:()=>o({what:`new`}),children:t.new})]}),children:t.title}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(`p`,{className:`lead`,children:t.lead}),(0,q.jsx)(`div`,{className:`table`,children:(0,q.jsxs)(`table`,{children:[(0,q.jsx)(`caption`,{className:`visually-hidden`,children:t.table}),(0,q.jsx)(`thead`,{children:(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`col`,children:t.columns.name}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.did}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.made}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.file}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.actions})]})}),(0,q.jsx)(`tbody`,{children:n.map(e=>{let n=e.did===r?.did;return(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`row`,children:(0,q.jsxs)(`span`,{className:`badges`,children:[e.label||S.nav.unnamed,` `,n&&(0,q.jsx)(U,{tone:`good`,children:t.inUse}),n&&s.data&&(0,q.jsx)(U,{children:t.operator})]})}),(0,q.jsx)(`td`,{"data-label":t.columns.did,children:(0,q.jsx)(I,{value:e.did,what:`DID, ${e.label}`})}),(0,q.jsx)(`td`,{"data-label":t.columns.made,children:(0,q.jsx)(u,{at:e.createdAt})}),(0,q.jsx)(`td`,{"data-label":t.columns.file,children:e.saved?t.saved:(0,q.jsx)(U,{tone:`warning`,children:t.notSaved})}),(0,q.jsx)(`td`,{children:(0,q.jsxs)(`div`,{className:`actions`,children:[!n&&(0,q.jsx)(R,{onClick:()=>void i(e.did),"aria-label":`${t.use}: ${e.label}`,children:t.use}),(0,q.jsx)(R,{tone:`quiet`,className:`only-icon`,icon:`qr-code`,"aria-label":`${t.show}: ${e.label}`,title:t.show,onClick:()=>o({what:`qr`,identity:e})}),(0,q.jsx)(R,{tone:`quiet`,className:`only-icon`,icon:`pencil`,"aria-label":`${t.rename}: ${e.label}`,title:t.rename,onClick:()=>o({what:`rename`,identity:e})}),(0,q.jsx)(R,{icon:`log-out`,onClick:()=>o({what:`wipe`,identity:e}),"aria-label":`${t.wipe}: ${e.label}`,children:t.wipe})]})})]},e.did)})})]})})]}),a?.what===`new`&&(0,q.jsx)(B,{title:t.new,onClose:c,children:(0,q.jsx)(rr,{onMade:e,onDone:c})}),a?.what===`import`&&(0,q.jsx)(B,{title:t.import,onClose:c,children:(0,q.jsx)(ir,{onDone:c})}),a?.what===`rename`&&(0,q.jsx)(fr,{identity:a.identity,onClose:c}),a?.what===`wipe`&&(0,q.jsx)(pr,{identity:a.identity,onClose:c}),a?.what===`qr`&&(0,q.jsx)(B,{title:a.identity.label,onClose:c,children:(0,q.jsxs)(`div`,{className:`stack tight`,children:[(0,q.jsx)(ze,{value:a.identity.did,label:t.qr(a.identity.did)}),(0,q.jsx)(I,{value:a.identity.did,what:`DID`,full:!0})]})})]})}function fr({identity:e,onClose:t}){let{change:n}=F(),[r,i]=(0,K.useState)(e.label);return(0,q.jsx)(B,{title:S.identity.renameTitle,onClose:t,children:(0,q.jsxs)(H,{onSubmit:()=>void n({...e,label:r.trim()||e.label}).then(t),children:[(0,q.jsx)(M,{label:S.identity.name,value:r,onChange:i,maxLength:60}),(0,q.jsxs)(`div`,{className:`actions end`,children:[(0,q.jsx)(R,{onClick:t,children:S.cancel}),(0,q.jsx)(R,{tone:`primary`,type:`submit`,children:S.save})]})]})})}function pr({identity:e,onClose:t}){let r=S.identity,{wipe:i}=F(),a=j({queryKey:[`kept`,e.did],gcTime:0,queryFn:async()=>({places:(await n(e.did)).length,given:(await O(e.did)).length})});return a.data?(0,q.jsx)(ve,{title:r.wipeTitle(e.label),losses:r.wipeLosses(a.data.places,a.data.given,e.saved),action:r.wipeAction,onClose:t,...!e.saved&&{word:r.word},onConfirm:()=>void i(e.did).then(()=>{t(),b({message:r.wiped(e.label)})})}):(0,q.jsx)(q.Fragment,{})}function mr({recovery:e,onDone:t}){let n=S.recovery,{current:r,change:i}=F(),[a,o]=(0,K.useState)(!1),[s,c]=(0,K.useState)(!1);return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:n.title,children:n.title}),(0,q.jsxs)(`div`,{className:`card narrow`,children:[(0,q.jsx)(`p`,{children:n.lead}),(0,q.jsx)(G,{tone:`warning`,title:n.now,children:n.keep}),(0,q.jsxs)(`dl`,{className:`facts`,children:[(0,q.jsx)(`dt`,{children:n.did}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(I,{value:e.did,what:`DID`,full:!0})})]}),a&&(0,q.jsx)(G,{tone:`good`,children:n.saved}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:a?`plain`:`primary`,icon:`download`,onClick:()=>{g(k(`twolock-`,P(e.did).slice(8).replace(`…`,`-`),`.json`),e.file),o(!0),r?.did===e.did&&i({...r,saved:!0})},children:n.save}),a?(0,q.jsx)(R,{tone:`primary`,onClick:t,children:n.done}):(0,q.jsx)(R,{tone:`quiet`,onClick:()=>c(!0),children:n.without})]})]}),s&&(0,q.jsx)(ve,{title:n.withoutTitle,losses:[n.withoutLoss],action:n.without,onConfirm:t,onClose:()=>c(!1)})]})}var hr=[{group:`sign`,types:[`ED25519`,`ECDSA_P256`,`ECDSA_P384`,`ECDSA_P521`,`ECDSA_SECP256K1`,`ML_DSA_44`,`ML_DSA_65`,`ML_DSA_87`]},{group:`encrypt`,types:[`XAES_256_GCM`,`AES_256_GCM`,`AES_128_GCM`,`XCHACHA20_POLY1305`,`CHACHA20_POLY1305`]},{group:`mac`,types:[`HMAC_SHA256`,`HMAC_SHA384`,`HMAC_SHA512`]},{group:`agree`,types:[`X25519`,`ECDH_P256`,`ECDH_P384`,`ECDH_P521`,`ML_KEM_768`,`ML_KEM_1024`]},{group:`rsa`,types:[`RSA_2048`,`RSA_3072`,`RSA_4096`]}];function gr(e){return hr.find(({types:t})=>t.includes(e))?.group??`sign`}function _r(e){switch(gr(e)){case`sign`:return[`SIGN`,`VERIFY`];case`mac`:return[`COMPUTE_MAC`,`VERIFY_MAC`,`DERIVE_KEY`];case`rsa`:return[`SIGN`,`VERIFY`,`ENCRYPT`,`DECRYPT`,`WRAP_KEY`,`UNWRAP_KEY`];case`encrypt`:return e.startsWith(`AES_`)?[`ENCRYPT`,`DECRYPT`,`WRAP_KEY`,`UNWRAP_KEY`]:[`ENCRYPT`,`DECRYPT`];case`agree`:return e.startsWith(`ML_KEM`)?[`ENCAPSULATE`,`DECAPSULATE`]:[`ENCRYPT`,`DECRYPT`,`WRAP_KEY`,`UNWRAP_KEY`,...e===`X25519`?[`SEAL`,`OPEN`]:[],`DERIVE_SECRET`,`DERIVE_KEY`]}}var vr=[`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`EDDSA`,`ECDSA`,`ML_DSA`],yr=[`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_256_GCM`,`HPKE_AES_128_GCM`,`HPKE_CHACHA20_POLY1305`],br=[`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`],xr=e=>vr.filter(t=>e.includes(t)),Sr=e=>yr.filter(t=>e.includes(t)),Cr=e=>br.filter(t=>e.includes(t)),wr=e=>e.startsWith(`ECDSA_`),Tr=e=>e.startsWith(`RSA_`),Er=e=>e===`X25519`||e.startsWith(`ECDH_`);function Dr({keystore:e}){let t=S.newKey,{data:n,error:r}=on(e),i=n?.keystore,a=X(`keystore`,{keystore:h(e)});return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:t.title,above:(0,q.jsx)(ln,{items:[[X(`home`),S.home.title],[a,i?Q(i):S.keystore.title]]}),children:t.title}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(z,{error:r}),!i&&!r&&(0,q.jsx)(Fe,{}),i?.userLock===`SHAMIR`&&(0,q.jsx)(dn,{keystore:e}),i&&(0,q.jsx)(kr,{keystore:e,types:i.keyTypes,shamir:i.userLock===`SHAMIR`})]})]})}function Or(e){let t=Zt(),n=new Set(t.data?.service.keyTypes??e);return hr.flatMap(({group:t,types:r})=>r.filter(t=>e.includes(t)&&n.has(t)).map(e=>({value:e,label:e,group:S.types.groups[t]})))}function kr({keystore:e,types:t,shamir:n}){let r=S.newKey,i=Or(t),a=re(e),[o,s]=(0,K.useState)(t.includes(`ED25519`)?`ED25519`:t[0]??`ED25519`),[c,l]=(0,K.useState)(``),[u,d]=(0,K.useState)(``),[f,p]=(0,K.useState)(``),[m,g]=(0,K.useState)([]),[_,v]=(0,K.useState)(!1),[y,x]=(0,K.useState)(``),[C,w]=(0,K.useState)(()=>crypto.randomUUID()),[T,E]=(0,K.useState)(!1),D=Y(kt),O=_r(o),k=O.filter(e=>!m.includes(e)),j=fn(f),N=y.trim()===``?void 0:Number(y),ee=N!==void 0&&!(Number.isInteger(N)&&N>=1&&N<=3650),te=n&&a.length===0;return(0,q.jsxs)(H,{className:`card narrow form`,onSubmit:()=>{E(!0),!j||ee||k.length===0||te||D.mutate({url:e,variables:{input:{keystore:e,type:o,idempotencyKey:C,exportable:_,...c.trim()&&{name:c.trim()},...u.trim()&&{description:u.trim()},...j.length>0&&{tags:j},...k.length<O.length&&{operations:k},...N&&{rotationPeriod:N*86400},...a.length>0&&{secretShares:[...a]}}}},{onSuccess:({createKey:{key:e}})=>{b({message:r.made(Q(e))}),Z(new URL(e.id).pathname,{replace:!0})},onError:e=>{e instanceof ce&&w(crypto.randomUUID())}})},label:r.title,children:[(0,q.jsx)(A,{label:r.type,hint:S.types.hints[o],value:o,onChange:e=>{s(e),g([])},options:i}),(0,q.jsx)(M,{label:r.name,hint:r.nameHint,optional:!0,value:c,onChange:l,maxLength:128}),(0,q.jsx)(M,{label:r.description,optional:!0,value:u,onChange:d,maxLength:1024}),(0,q.jsx)(W,{label:r.tags,hint:S.settings.tagsHint,optional:!0,rows:2,value:f,onChange:p,problem:j?void 0:S.settings.tagsBad}),(0,q.jsxs)(`details`,{children:[(0,q.jsx)(`summary`,{children:r.more}),(0,q.jsxs)(`div`,{className:`form`,children:[(0,q.jsxs)(`fieldset`,{className:`field`,"aria-describedby":`uses-hint`,children:[(0,q.jsx)(`legend`,{className:`field-legend`,children:(0,q.jsx)(`strong`,{children:r.uses})}),(0,q.jsx)(`p`,{className:`hint`,id:`uses-hint`,children:r.usesHint}),(0,q.jsx)(`div`,{className:`checks`,children:O.map(e=>(0,q.jsx)(Ae,{label:S.keyOperations[e],checked:!m.includes(e),onChange:t=>g(t?m.filter(t=>t!==e):[...m,e])},e))})]}),(0,q.jsx)(M,{label:r.rotation,hint:r.rotationHint,optional:!0,inputMode:`numeric`,value:y,onChange:x,problem:ee?r.rotationBad:void 0}),(0,q.jsx)(Ae,{label:r.exportable,hint:r.exportableHint,checked:_,onChange:v})]})]}),T&&k.length===0&&(0,q.jsx)(G,{tone:`warning`,children:r.noUse}),T&&te&&(0,q.jsx)(G,{tone:`warning`,children:S.shares.missing}),(0,q.jsx)(z,{error:D.error}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:`primary`,type:`submit`,icon:`key-round`,busy:D.isPending,children:r.action}),(0,q.jsx)(R,{onClick:()=>Z(X(`keystore`,{keystore:h(e)})),children:S.cancel})]})]})}function Ar({keystore:e}){let t=S.importKey,{data:n,error:r}=on(e),i=n?.keystore,a=X(`keystore`,{keystore:h(e)});return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:t.title,above:(0,q.jsx)(ln,{items:[[X(`home`),S.home.title],[a,i?Q(i):S.keystore.title]]}),children:t.title}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(`p`,{className:`lead`,children:t.lead}),(0,q.jsx)(z,{error:r}),!i&&!r&&(0,q.jsx)(Fe,{}),i?.userLock===`SHAMIR`&&(0,q.jsx)(dn,{keystore:e}),i&&(0,q.jsx)(jr,{keystore:e,types:i.keyTypes,shamir:i.userLock===`SHAMIR`})]})]})}function jr({keystore:e,types:t,shamir:n}){let r=S.importKey,i=Or(t),a=re(e),[o,s]=(0,K.useState)(t.includes(`ED25519`)?`ED25519`:t[0]??`ED25519`),[c,l]=(0,K.useState)(`jwk`),[u,d]=(0,K.useState)(``),[f,p]=(0,K.useState)({encoding:`base64url`,value:``}),[m,g]=(0,K.useState)(``),[_,v]=(0,K.useState)(``),[y,x]=(0,K.useState)(!1),[C,w]=(0,K.useState)(),[T,E]=(0,K.useState)(!1),D=Y(At),O=fn(_),k=n&&a.length===0;return(0,q.jsxs)(H,{className:`card narrow form`,onSubmit:()=>{E(!0);let t=Mr(c,u,f);w(typeof t==`string`?t:void 0),typeof t!=`string`&&O&&!k&&D.mutate({url:e,variables:{input:{keystore:e,type:o,...t,exportable:y,...m.trim()&&{name:m.trim()},...O.length>0&&{tags:O},...a.length>0&&{secretShares:[...a]}}}},{onSuccess:({importKey:{key:e}})=>{d(``),b({message:r.made(Q(e))}),Z(new URL(e.id).pathname,{replace:!0})}})},label:r.title,children:[(0,q.jsx)(A,{label:S.newKey.type,hint:S.types.hints[o],value:o,onChange:s,options:i}),(0,q.jsx)(oe,{compact:!0,legend:r.format,value:c,onChange:e=>{l(e),w(void 0)},options:[`jwk`,`pem`,`raw`].map(e=>({value:e,label:r.formats[e]}))}),c===`raw`?(0,q.jsx)(we,{label:r.raw,hint:r.rawHint,value:f,onChange:p}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(W,{label:r[c],hint:c===`jwk`?r.jwkHint:r.pemHint,rows:7,className:`mono`,value:u,onChange:d,problem:C}),(0,q.jsx)(`div`,{children:(0,q.jsx)(be,{tone:`quiet`,label:r.file,onFile:e=>void e.slice(0,65536).text().then(d)})})]}),c===`raw`&&C&&(0,q.jsx)(G,{tone:`warning`,children:C}),(0,q.jsx)(M,{label:S.newKey.name,hint:S.newKey.nameHint,optional:!0,value:m,onChange:g,maxLength:128}),(0,q.jsx)(W,{label:S.newKey.tags,hint:S.settings.tagsHint,optional:!0,rows:2,value:_,onChange:v,problem:O?void 0:S.settings.tagsBad}),(0,q.jsx)(Ae,{label:S.newKey.exportable,hint:S.newKey.exportableHint,checked:y,onChange:x}),T&&k&&(0,q.jsx)(G,{tone:`warning`,children:S.shares.missing}),(0,q.jsx)(z,{error:D.error}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:`primary`,type:`submit`,icon:`upload`,busy:D.isPending,children:r.action}),(0,q.jsx)(R,{onClick:()=>Z(X(`keystore`,{keystore:h(e)})),children:S.cancel})]})]})}function Mr(e,t,n){let r=S.importKey;if(e===`raw`)return ge(n)??(w(n)===``?r.missing:{raw:w(n)});if(t.trim()===``)return r.missing;if(e===`jwk`)try{let e=JSON.parse(t);return typeof e==`object`&&e&&!Array.isArray(e)?{jwk:e}:r.jwkBad}catch{return r.jwkBad}let i=ee(t);return i?.label===`PRIVATE KEY`?{pkcs8:Ie(i.der)}:i?.label===`PUBLIC KEY`?{spki:Ie(i.der)}:r.pemBad}function Nr({url:e}){return(0,q.jsx)(sn,{url:e,tab:`keystore`,children:t=>(0,q.jsxs)(q.Fragment,{children:[t.userLock===`SHAMIR`&&(0,q.jsx)(dn,{keystore:e}),(0,q.jsx)(Fr,{keystore:t})]})})}var Pr=25;function Fr({keystore:e}){let t=S.keystore,n=e.id,[r,i]=(0,K.useState)(``),[a,o]=(0,K.useState)(``),[s,c]=(0,K.useState)({name:``,tag:``}),[l,u]=(0,K.useState)({name:``,tag:``}),[d,f]=(0,K.useState)([]),p=fn(l.tag)?.[0],m={...r&&{type:r},...a&&{state:a},...p&&{tag:p}},g=Object.keys(m).length>0||l.name!==``,_=J(_t,n,{id:n,first:Pr,after:d.at(-1)??null,filter:m},{enabled:l.name===``,keep:!0}),v=J(vt,n,{id:n,name:l.name},{enabled:l.name!==``}),{data:y,error:b,isPending:x}=l.name===``?{..._,data:_.data?.keystore?.keys.nodes}:{...v,data:v.data&&(v.data.keystore?.keyNamed?[v.data.keystore.keyNamed]:[])},C=l.name===``?_.data?.keystore?.keys:void 0,w=h(n),T=()=>{i(``),o(``),c({name:``,tag:``}),u({name:``,tag:``}),f([])},{caller:E}=F(),D=e.state===`ENABLED`&&(0,q.jsxs)(q.Fragment,{children:[Ce(E,n,`importKey`)&&(0,q.jsx)(R,{icon:`upload`,onClick:()=>Z(X(`importKey`,{keystore:w})),children:t.importKey}),Ce(E,n,`generateKey`)&&(0,q.jsx)(R,{tone:`primary`,icon:`plus`,onClick:()=>Z(X(`newKey`,{keystore:w})),children:t.newKey})]});return!g&&d.length===0&&y?.length===0&&C?.damaged.length===0?(0,q.jsx)(ue,{icon:`key-round`,title:t.emptyTitle,actions:D,children:t.empty}):(0,q.jsxs)(`section`,{"aria-label":t.keys,children:[(0,q.jsxs)(H,{className:`toolbar`,label:t.find,onSubmit:()=>{u({name:s.name.trim(),tag:s.tag.trim()}),f([])},children:[(0,q.jsx)(A,{label:t.type,value:r,onChange:e=>{i(e),f([])},options:[{value:``,label:t.anyType},...rt.map(e=>({value:e,label:e}))]}),(0,q.jsx)(A,{label:t.state,value:a,onChange:e=>{o(e),f([])},options:[{value:``,label:t.anyState},...nt.map(e=>({value:e,label:S.states[e]}))]}),(0,q.jsx)(M,{label:t.tag,placeholder:t.tagHint,value:s.tag,onChange:e=>c({...s,tag:e})}),(0,q.jsx)(M,{label:t.named,value:s.name,onChange:e=>c({...s,name:e})}),(0,q.jsx)(R,{type:`submit`,children:t.find}),g&&(0,q.jsx)(R,{tone:`quiet`,onClick:T,children:t.clear}),(0,q.jsx)(`div`,{className:`actions`,children:D})]}),(0,q.jsx)(z,{error:b}),C&&C.damaged.length>0&&(0,q.jsxs)(G,{tone:`warning`,title:t.damagedTitle(C.damaged.length),children:[(0,q.jsx)(`p`,{children:t.damaged}),(0,q.jsx)(`ul`,{children:C.damaged.map(e=>(0,q.jsx)(`li`,{children:(0,q.jsx)(`code`,{children:e})},e))})]}),x?(0,q.jsx)(Fe,{}):y&&(y.length===0?(0,q.jsx)(ue,{icon:`key-round`,title:t.nothing,actions:(0,q.jsx)(R,{onClick:T,children:t.clear}),children:t.nothingHint}):(0,q.jsx)(Ir,{keys:y})),C&&y&&y.length>0&&(0,q.jsxs)(`div`,{className:`paging`,children:[(0,q.jsxs)(`span`,{role:`status`,children:[C.totalCount!==null&&S.keystore.total(C.totalCount),(d.length>0||C.pageInfo.hasNextPage)&&` · ${t.page(d.length+1)}`]}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{icon:`chevron-left`,disabled:d.length===0,onClick:()=>f(d.slice(0,-1)),children:t.previous}),(0,q.jsx)(R,{icon:`chevron-right`,disabled:!C.pageInfo.hasNextPage||!C.pageInfo.endCursor,onClick:()=>C.pageInfo.endCursor&&f([...d,C.pageInfo.endCursor]),children:t.following})]})]})]})}function Ir({keys:e}){let t=S.keystore;return(0,q.jsx)(`div`,{className:`table`,children:(0,q.jsxs)(`table`,{children:[(0,q.jsx)(`caption`,{className:`visually-hidden`,children:t.table}),(0,q.jsx)(`thead`,{children:(0,q.jsxs)(`tr`,{children:[(0,q.jsx)(`th`,{scope:`col`,children:t.columns.name}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.type}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.state}),(0,q.jsx)(`th`,{scope:`col`,className:`number`,children:t.columns.version}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.created}),(0,q.jsx)(`th`,{scope:`col`,children:t.columns.tags})]})}),(0,q.jsx)(`tbody`,{children:e.map(e=>(0,q.jsxs)(`tr`,{children:[(0,q.jsxs)(`th`,{scope:`row`,children:[(0,q.jsx)(an,{to:new URL(e.id).pathname,children:(0,q.jsx)(`span`,{className:`clip`,children:Q(e)})}),(0,q.jsx)(`span`,{className:`cell-sub`,children:P(h(e.id))})]}),(0,q.jsx)(`td`,{"data-label":t.columns.type,children:(0,q.jsx)(`code`,{children:e.type})}),(0,q.jsx)(`td`,{"data-label":t.columns.state,children:(0,q.jsx)(o,{state:e.state})}),(0,q.jsx)(`td`,{"data-label":t.columns.version,className:`number`,children:e.version}),(0,q.jsx)(`td`,{"data-label":t.columns.created,children:(0,q.jsx)(u,{at:e.createdAt})}),(0,q.jsx)(`td`,{children:e.tags.length>0&&(0,q.jsx)(mn,{tags:e.tags})})]},e.id))})]})})}function Lr({url:e}){return(0,q.jsx)(sn,{url:e,tab:`keystoreSettings`,children:e=>(0,q.jsxs)(`div`,{className:`columns`,children:[(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(Rr,{keystore:e}),e.vaultUrl&&(0,q.jsx)(zr,{keystore:e,vault:e.vaultUrl})]}),(0,q.jsxs)(`div`,{className:`stack`,children:[(0,q.jsx)(Br,{keystore:e}),(0,q.jsx)(Vr,{keystore:e})]})]})})}function Rr({keystore:e}){let t=S.settings,n=Y(Ct),[r,i]=(0,K.useState)(e.name??``),[a,o]=(0,K.useState)(e.description??``),[s,c]=(0,K.useState)(pn(e.tags)),l=fn(s);return(0,q.jsxs)(H,{className:`card`,onSubmit:()=>l&&n.mutate({url:e.id,variables:{input:{keystore:e.id,name:r.trim(),description:a.trim(),tags:l}}},{onSuccess:()=>b({message:t.saved})}),label:t.labels,children:[(0,q.jsx)(`h2`,{children:t.labels}),(0,q.jsx)(M,{label:t.name,optional:!0,value:r,onChange:i,maxLength:128}),(0,q.jsx)(W,{label:t.description,optional:!0,rows:3,value:a,onChange:o,maxLength:1024}),(0,q.jsx)(W,{label:t.tags,hint:t.tagsHint,optional:!0,rows:3,value:s,onChange:c,problem:l?void 0:t.tagsBad}),(0,q.jsx)(z,{error:n.error}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{tone:`primary`,type:`submit`,busy:n.isPending,children:S.save})})]})}function zr({keystore:e,vault:t}){let n=S.settings,{caller:r}=F(),i=Zt(),a=Y(wt),[o,s]=(0,K.useState)(`90`),[c,l]=(0,K.useState)(),d=En(o,1,90),f=async()=>{if(l(void 0),d&&r&&i.data)try{let o=await Wn(r,t,i.data.service.did,d);a.mutate({url:e.id,variables:{input:{keystore:e.id,capability:o}}},{onSuccess:()=>b({message:n.vaultRenewed})})}catch(e){l(e)}};return(0,q.jsxs)(H,{className:`card`,onSubmit:()=>void f(),label:n.vault,children:[(0,q.jsx)(`h2`,{children:n.vault}),(0,q.jsx)(I,{value:t,what:S.create.vaultUrl,full:!0}),e.vaultCapabilityExpires&&(0,q.jsxs)(`p`,{children:[n.vaultEnds,` `,(0,q.jsx)(u,{at:e.vaultCapabilityExpires})]}),(0,q.jsx)(`p`,{className:`soft`,children:n.vaultLead}),(0,q.jsx)(M,{label:S.create.vaultDays,inputMode:`numeric`,value:o,onChange:s,problem:d?void 0:S.create.vaultDaysBad}),(0,q.jsx)(z,{error:c??a.error}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{type:`submit`,busy:a.isPending,children:n.vaultRenew})})]})}function Br({keystore:e}){let t=S.settings,[n,r]=(0,K.useState)(!1),[i,a]=(0,K.useState)(`30`),o=Y(Tt),s=Y(Et),c=Y(Dt),l=Y(Ot),u={url:e.id,variables:{input:{keystore:e.id}}},d=En(i,7,30);return(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`state`,children:[(0,q.jsx)(`h2`,{id:`state`,children:t.state}),(0,q.jsx)(`p`,{className:`soft`,children:t.disableLead}),(0,q.jsx)(z,{error:s.error??o.error??l.error}),(0,q.jsxs)(`div`,{className:`actions`,children:[e.state===`ENABLED`&&(0,q.jsx)(R,{icon:`power`,busy:s.isPending,onClick:()=>s.mutate(u,{onSuccess:()=>b({message:t.disabled,undo:()=>o.mutate(u)})}),children:t.disable}),e.state===`DISABLED`&&(0,q.jsx)(R,{icon:`power`,busy:o.isPending,onClick:()=>o.mutate(u),children:S.keystore.enable}),e.state===`PENDING_DELETION`?(0,q.jsx)(R,{busy:l.isPending,onClick:()=>l.mutate(u),children:S.keystore.keep}):(0,q.jsx)(R,{tone:`danger`,icon:`trash-2`,onClick:()=>r(!0),children:t.delete})]}),n&&(0,q.jsxs)(ve,{title:t.deleteTitle,losses:t.deleteLosses(Q(e)),action:t.delete,word:Q(e),busy:c.isPending,error:c.error,onClose:()=>r(!1),onConfirm:()=>d&&c.mutate({url:e.id,variables:{input:{keystore:e.id,windowDays:d}}},{onSuccess:({deleteKeystore:e})=>{r(!1),b({message:t.deleted(te(e.keystore.deletesAt??Date.now())),undo:()=>l.mutate(u)})}}),children:[(0,q.jsx)(G,{children:t.deleteLead}),(0,q.jsx)(M,{label:t.days,inputMode:`numeric`,value:i,onChange:a,problem:d?void 0:S.key.daysBad})]})]})}function Vr({keystore:e}){let t=S.settings;return(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`controller`,children:[(0,q.jsx)(`h2`,{id:`controller`,children:t.controller}),(0,q.jsxs)(`dl`,{className:`facts`,children:[(0,q.jsx)(`dt`,{children:S.create.controller}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(I,{value:e.controller,what:`DID`})}),(0,q.jsx)(`dt`,{children:S.key.made}),(0,q.jsx)(`dd`,{children:Ve(e.createdAt)})]}),e.vaultUrl?(0,q.jsx)(Kn,{keystore:e,vault:e.vaultUrl}):(0,q.jsx)(Hr,{keystore:e})]})}function Hr({keystore:e}){let t=S.settings,{forget:n}=F(),r=Y(Ct),[i,a]=(0,K.useState)(``),[o,s]=(0,K.useState)(),[c,l]=(0,K.useState)(!1);return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsxs)(H,{className:`form`,label:t.controller,onSubmit:()=>{let e=xe(i.trim());s(e?void 0:t.controllerBad),e&&l(!0)},children:[(0,q.jsx)(`p`,{className:`soft`,children:t.controllerLead}),e.userLock===`SHAMIR`&&(0,q.jsx)(qn,{}),(0,q.jsx)(M,{label:t.controllerDid,className:`mono`,value:i,onChange:a,problem:o}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{type:`submit`,children:t.controllerAction})})]}),c&&(0,q.jsx)(ve,{title:t.controllerTitle,losses:t.controllerLosses,action:t.controllerAction,word:Q(e),busy:r.isPending,error:r.error,onClose:()=>l(!1),onConfirm:()=>r.mutate({url:e.id,variables:{input:{keystore:e.id,controller:i.trim()}}},{onSuccess:()=>{l(!1),b({message:t.controllerDone}),Z(X(`home`)),n(e.id)}})})]})}function Ur(){let e=S.open,{current:t,remember:n}=F(),[r,i]=(0,K.useState)(``),[a,o]=(0,K.useState)(),[s,c]=(0,K.useState)(),l=async e=>{o(void 0);let r=Wr(e.trim(),t?.did??``);`vault`in r?c(r):`problem`in r?o(r.problem):(r.capability&&t&&await n({did:t.did,url:r.url,name:null,capability:r.capability,seenAt:Date.now()}),Z(r.url===je?X(`overview`):new URL(r.url).pathname))};return s?(0,q.jsx)(Yn,{...s,onClose:()=>c(void 0)}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:e.title,children:e.title}),(0,q.jsxs)(`div`,{className:`card narrow`,children:[(0,q.jsx)(`p`,{className:`soft`,children:e.lead}),(0,q.jsxs)(H,{className:`form`,onSubmit:()=>void l(r),children:[(0,q.jsx)(W,{label:e.url,hint:e.urlHint,value:r,problem:a,rows:6,className:`mono`,onChange:e=>{i(e),o(void 0)}}),(0,q.jsxs)(`div`,{className:`actions`,children:[(0,q.jsx)(R,{tone:`primary`,type:`submit`,icon:`folder-open`,children:e.action}),(0,q.jsx)(be,{label:e.file,accept:`.json,application/json`,onFile:e=>void e.slice(0,65536).text().then(e=>(i(e),l(e)))}),(0,q.jsx)(R,{tone:`quiet`,onClick:()=>Z(X(`home`)),children:S.cancel})]})]})]})]})}function Wr(e,t){let n=S.open,r=e,i;if(e.startsWith(`{`))try{i=JSON.parse(e);let a=de(i).links.at(-1);if(!a)return{problem:n.notUrl};if(a.controllerDid!==t)return{problem:n.notYours(P(a.controllerDid))};if(Date.parse(a.expires)<=Date.now())return{problem:n.expired};r=a.target;let o=r.startsWith(me+`/`)?void 0:Gn(i);if(o)return{vault:o,capability:i}}catch{return{problem:n.notUrl}}if(!/^https?:\/\//.test(r))return{problem:n.notUrl};if(!r.startsWith(me+`/`))return{problem:n.elsewhere(me)};if(i&&r===je)return{url:r,capability:i};let a=/^\/keystores\/[^/?#]+(\/keys\/[^/?#]+)?/.exec(r.slice(me.length))?.[0];return a?{url:me+a,...i&&{capability:i}}:{problem:i?n.noKeystore:n.notUrl}}function Gr(e,t){return{cli:Jr,js:Yr,go:Xr}[e](t)}var Kr=e=>`'${e.replaceAll(`'`,`'\\''`)}'`,qr=(e,t)=>e.split(`
`).join(`
`+t);function Jr({url:e,action:t,query:n,variables:r,capability:i}){return[`twolock call --identity alice.json`,...i?[`  --capability capability.json`]:[],`  --url ${Kr(e)}`,`  --action ${t}`,`  --variables ${Kr(JSON.stringify(r))}`,`  ${Kr(n)}`].join(` \\
`)}function Yr({url:e,action:t,query:n,variables:r,capability:i}){return`import {Client, Identity} from 'twolock';
import {readFile} from 'node:fs/promises';

const identity = await Identity.fromFile(await readFile('alice.json', 'utf8'));
${i?`const capability = JSON.parse(await readFile('capability.json', 'utf8'));
`:``}const client = new Client({identity${i?`, capability`:``}});
const data = await client.request(
  ${JSON.stringify(e)},
  ${JSON.stringify(t)},
  \`${n.replaceAll(`\\`,`\\\\`).replaceAll("`","\\`").replaceAll("${","\\${")}\`,
  ${qr(JSON.stringify(r,null,2),`  `)},
);
console.log(data);
`}function Xr({url:e,action:t,query:n,variables:r,capability:i}){return`file, err := os.ReadFile("alice.json")
if err != nil {
	return err
}
identity, err := auth.ParseIdentity(file)
if err != nil {
	return err
}
c := &client.Client{Identity: identity}
${i?`// With c.Capability: what auth.ParseCapability makes of capability.json.
`:``}variables := json.RawMessage(\`${JSON.stringify(r,null,2).replaceAll("`",'` + "`" + `')}\`)
var in map[string]any
if err := json.Unmarshal(variables, &in); err != nil {
	return err
}
var data json.RawMessage
err = c.Do(ctx, ${JSON.stringify(e)}, ${JSON.stringify(t)},
	\`${n.replaceAll("`",'` + "`" + `')}\`,
	in, &data)
`}var Zr=[{name:`sign`,needs:`SIGN`},{name:`verify`,needs:`VERIFY`},{name:`encrypt`,needs:`ENCRYPT`},{name:`decrypt`,needs:`DECRYPT`},{name:`computeMac`,needs:`COMPUTE_MAC`},{name:`verifyMac`,needs:`VERIFY_MAC`},{name:`wrapKey`,needs:`WRAP_KEY`},{name:`unwrapKey`,needs:`UNWRAP_KEY`}],Qr={sign:Rt,verify:zt,encrypt:Bt,decrypt:Vt,computeMac:Ht,verifyMac:Ut,wrapKey:Wt,unwrapKey:Gt};function $r({keystore:e,url:t}){let n=S.use,{key:r,keystore:i,wholeKeystore:a,shamir:o}=hn(e,t),{caller:s}=F(),c=r.data?.key??void 0,l=c?Zr.filter(({needs:e})=>c.operations.includes(e)).map(({name:e})=>e):Zr.filter(({name:e})=>s&&Ne(s,t,e)).map(({name:e})=>e),u=(0,q.jsx)(ln,{items:[[X(`home`),S.key.crumb],...a?[[new URL(e).pathname,i?Q(i):S.keystore.title]]:[],[new URL(t).pathname,c?Q(c):S.key.title]]}),d=c?`${n.crumb}: ${Q(c)}`:n.title;return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:d,above:u,badges:c&&(0,q.jsx)(U,{children:c.type}),children:c?(0,q.jsxs)(q.Fragment,{children:[n.crumb,` `,(0,q.jsx)(`q`,{children:Q(c)})]}):(0,q.jsxs)(q.Fragment,{children:[n.title,` `,(0,q.jsx)(`code`,{children:P(h(t))})]})}),(0,q.jsxs)(`div`,{className:`stack`,children:[r.isPending&&(0,q.jsx)(Fe,{}),r.error&&l.length===0&&(0,q.jsx)(z,{error:r.error}),(o||o===void 0&&!r.isPending)&&(0,q.jsx)(dn,{keystore:e}),!r.isPending&&!r.error&&l.length===0&&(0,q.jsx)(ue,{icon:`key-round`,title:n.nothing,actions:(0,q.jsx)(R,{onClick:()=>Z(new URL(t).pathname),children:S.back}),children:n.nothingHint}),!r.isPending&&l.length>0&&(0,q.jsx)(ri,{url:t,keystore:e,data:c,names:l,needsShare:o===!0},t)]})]})}var ei=e=>({encoding:`base64url`,value:e}),ti=ei(``),ni={message:r,signature:ti,plaintext:r,ciphertext:ti,nonce:ti,aad:r,info:r,data:r,mac:ti,keyToWrap:ti,wrappedKey:ti,recipientPublicKey:ti,epk:``,algorithm:``,encoding:`IEEE_P1363`,messageType:`RAW`,version:``};function ri({url:e,keystore:t,data:n,names:r,needsShare:i}){let a=S.use,{caller:o}=F(),s=re(t),[c,l]=(0,K.useState)(r[0]??`sign`),[u,d]=(0,K.useState)(ni),[f,p]=(0,K.useState)(!1),m=si(c,e,u,n?.type),g=Ue({gcTime:0,mutationFn:async()=>{if(!m||!o)throw Error(S.errors.unknown.title);let t={...m,...s.length>0&&{secretShares:s}};return ci(c,await Te(Qr[c],e,{input:t},o),u)}}),_=e=>t=>{d(n=>({...n,[e]:t})),p(!1),g.isIdle||g.reset()},v=()=>{p(!0),m&&!(i&&s.length===0)&&!g.isPending&&g.mutate()},y=(e,t={})=>{l(e),p(!1),d(n=>({...n,algorithm:e===`verify`||e===`decrypt`||e===`unwrapKey`?n.algorithm:``,...t})),g.reset()},b=ai(c,n?.type,u.algorithm),x=e=>{let{label:t,hint:n,optional:r}=ii[e];return(0,q.jsx)(we,{label:t,value:u[e],onChange:_(e),...n&&{hint:n},...r&&{optional:r},rows:e===`nonce`||e===`aad`||e===`info`?1:4},e)},C=n?c===`sign`||c===`verify`?xr(n.algorithms):c===`encrypt`||c===`decrypt`?Sr(n.algorithms):c===`wrapKey`||c===`unwrapKey`?Cr(n.algorithms):[]:[],w=g.data;return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(oe,{compact:!0,legend:a.operation,value:c,onChange:e=>y(e),options:r.map(e=>({value:e,label:a.operations[e]}))}),(0,q.jsxs)(`div`,{className:`columns`,children:[(0,q.jsxs)(H,{className:`card`,onSubmit:v,label:a.operations[c],children:[(0,q.jsx)(`h2`,{children:a.input}),b.map(x),c===`unwrapKey`&&(!n||Er(n.type))&&(0,q.jsx)(W,{label:a.epk,hint:a.epkHint,className:`mono`,rows:3,value:u.epk,onChange:_(`epk`),problem:oi(u.epk)===null?a.epkBad:void 0,optional:!n}),(0,q.jsxs)(`div`,{className:`row`,children:[C.length>1&&(0,q.jsx)(A,{label:a.algorithm,value:u.algorithm,onChange:_(`algorithm`),options:[{value:``,label:a.algorithmDefault},...C.map(e=>({value:e,label:e}))]}),(c===`sign`||c===`verify`)&&n&&wr(n.type)&&(0,q.jsx)(A,{label:a.encoding,value:u.encoding,onChange:_(`encoding`),options:[`IEEE_P1363`,`DER`].map(e=>({value:e,label:a.encodings[e]}))}),(c===`sign`||c===`verify`)&&n&&(wr(n.type)||Tr(n.type))&&(0,q.jsx)(A,{label:a.messageType,value:u.messageType,onChange:_(`messageType`),options:[`RAW`,`DIGEST`].map(e=>({value:e,label:a.messageTypes[e]}))}),(c===`verify`||c===`decrypt`||c===`verifyMac`||c===`unwrapKey`)&&n&&n.version>1&&(0,q.jsx)(M,{label:a.version,hint:a.versionAny,optional:!0,inputMode:`numeric`,value:u.version,onChange:_(`version`)})]}),f&&!m&&(0,q.jsx)(G,{tone:`warning`,children:a.missing}),f&&i&&s.length===0&&(0,q.jsx)(G,{tone:`warning`,children:S.shares.missing}),(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{tone:`primary`,icon:`play`,type:`submit`,busy:g.isPending,children:a.run[c]})})]}),(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`result`,"aria-live":`polite`,children:[(0,q.jsx)(`h2`,{id:`result`,children:a.result}),(0,q.jsx)(z,{error:g.error}),!w&&!g.error&&(0,q.jsx)(`p`,{className:`soft`,children:a.resultEmpty}),w&&(0,q.jsx)(li,{result:w,keyName:n?Q(n):h(e)}),w?.follow&&r.includes(w.follow.name)&&(0,q.jsx)(`div`,{className:`actions`,children:(0,q.jsx)(R,{onClick:()=>w.follow&&y(w.follow.name,w.follow.values),children:a.useFor[c]})})]})]}),(0,q.jsx)(di,{url:e,name:c,input:m??si(c,e,u,n?.type,!0)??{key:e},shares:s.length>0||i})]})}var ii={message:{label:S.use.message},signature:{label:S.use.signature},plaintext:{label:S.use.plaintext},ciphertext:{label:S.use.ciphertext},nonce:{label:S.use.nonce},aad:{label:S.use.aad,hint:S.use.aadHint,optional:!0},info:{label:S.use.info,hint:S.use.infoHint,optional:!0},data:{label:S.use.data},mac:{label:S.use.mac},keyToWrap:{label:S.use.keyToWrap},wrappedKey:{label:S.use.wrappedKey},recipientPublicKey:{label:S.use.recipient,hint:S.use.recipientHint,optional:!0}};function ai(e,t,n){let r=!t||Er(t),i=r&&(n===``||n.startsWith(`HPKE`));switch(e){case`sign`:return[`message`];case`verify`:return[`message`,`signature`];case`encrypt`:return[`plaintext`,`aad`,...i?[`info`]:[]];case`decrypt`:return[`ciphertext`,...t&&(Er(t)||Tr(t))?[]:[`nonce`],`aad`,...i?[`info`]:[]];case`computeMac`:return[`data`];case`verifyMac`:return[`data`,`mac`];case`wrapKey`:return[`keyToWrap`,...r?[`recipientPublicKey`]:[]];case`unwrapKey`:return[`wrappedKey`]}}function oi(e){if(e.trim()!==``)try{let t=JSON.parse(e);return typeof t==`object`&&t&&!Array.isArray(t)?t:null}catch{return null}}function si(e,t,n,r,i=!1){let a={key:t};for(let t of ai(e,r,n.algorithm)){if(ge(n[t])){if(!i)return;a[t]=``;continue}let e=w(n[t]);e===``&&ii[t].optional||(a[t]=e)}e===`decrypt`&&!(`nonce`in a)&&(a.nonce=``);let o={verify:`signature`,decrypt:`ciphertext`,verifyMac:`mac`,wrapKey:`keyToWrap`,unwrapKey:`wrappedKey`}[e];if(i||!o||a[o]!==``){if(n.algorithm&&(a.algorithm=n.algorithm),(e===`sign`||e===`verify`)&&(r&&wr(r)&&n.encoding!==`IEEE_P1363`&&(a.encoding=n.encoding),r&&(wr(r)||Tr(r))&&n.messageType!==`RAW`&&(a.messageType=n.messageType)),e===`unwrapKey`){let e=oi(n.epk);if(e===null&&!i)return;e&&(a.epk=e)}return[`verify`,`decrypt`,`verifyMac`,`unwrapKey`].includes(e)&&/^\d+$/.test(n.version.trim())&&(a.version=Number(n.version)),a}}function ci(e,t,n){let r=S.use,{sign:i,verify:a,encrypt:o,decrypt:s,computeMac:c,verifyMac:l,wrapKey:u,unwrapKey:d}=t;if(i)return{name:e,version:i.version,parts:[{label:r.signature,value:i.signature,as:`base64url`}],follow:{name:`verify`,values:{signature:ei(i.signature)}}};if(c)return{name:e,version:c.version,parts:[{label:r.mac,value:c.mac,as:`base64url`}],follow:{name:`verifyMac`,values:{mac:ei(c.mac)}}};if(o)return{name:e,version:o.version,parts:[{label:r.ciphertext,value:o.ciphertext,as:`base64url`},...o.nonce?[{label:r.nonce,value:o.nonce,as:`base64url`}]:[]],follow:{name:`decrypt`,values:{ciphertext:ei(o.ciphertext),nonce:ei(o.nonce),algorithm:n.algorithm}}};if(u){let t=u.epk?JSON.stringify(u.epk):``;return{name:e,version:u.version,parts:[{label:r.wrappedKey,value:u.wrappedKey,as:`base64url`}],...t&&{json:{label:r.epk,value:t}},follow:{name:`unwrapKey`,values:{wrappedKey:ei(u.wrappedKey),epk:t,algorithm:n.algorithm}}}}if(s)return{name:e,version:s.version,secret:!0,parts:[{label:r.plaintext,value:s.plaintext,as:`text`}]};if(d)return{name:e,version:d.version,secret:!0,parts:[{label:r.unwrappedKey,value:d.unwrappedKey,as:`base64url`}]};let f=a??l;return{name:e,version:f?.version??null,valid:f?.valid??!1,parts:[]}}function li({result:e,keyName:t}){let n=S.use;return(0,q.jsxs)(q.Fragment,{children:[e.valid===!0&&(0,q.jsxs)(`p`,{className:`verdict good`,children:[(0,q.jsx)(E,{name:`circle-check`}),n.valid(e.version??0)]}),e.valid===!1&&(0,q.jsxs)(`p`,{className:`verdict bad`,children:[(0,q.jsx)(E,{name:`x`}),n.invalid]}),e.valid===void 0&&e.version!==null&&(0,q.jsx)(`p`,{className:`soft`,children:n.by(e.version)}),e.parts.map(e=>(0,q.jsx)(ui,{...e,file:k(t,`-`,e.label,`.bin`)},e.label)),e.json&&(0,q.jsx)(Le,{label:e.json.label,value:e.json.value,what:e.json.label}),e.secret&&(0,q.jsx)(G,{children:n.showSecret})]})}function ui({label:e,value:t,as:n,file:r}){let i=fe(t),[a,o]=(0,K.useState)(y(i,n)===void 0?`base64url`:n),s=y(i,a);return(0,q.jsxs)(`div`,{className:`stack tight`,children:[(0,q.jsx)(Le,{label:e,value:s??S.bytes.notText,what:e}),(0,q.jsxs)(`div`,{className:`bytes-tools`,children:[(0,q.jsx)(oe,{compact:!0,legend:`${e}: ${S.bytes.showAs}`,value:a,onChange:o,options:[`text`,`base64url`,`hex`].map(e=>({value:e,label:S.bytes.encodings[e]}))}),(0,q.jsx)(R,{tone:`quiet`,icon:`download`,onClick:()=>g(r,i,`application/octet-stream`),children:S.use.save})]})]})}function di({url:e,name:t,input:n,shares:r}){let i=S.use,{caller:a}=F(),[o,s]=(0,K.useState)(`cli`),{text:c,action:l}=Qr[t],u={input:n},d={url:e,action:l??``,query:c,variables:u,capability:!!(a&&l&&Ne(a,e,l)),shares:r};return(0,q.jsxs)(`div`,{className:`columns`,children:[(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`request`,children:[(0,q.jsx)(`h2`,{id:`request`,children:i.request}),(0,q.jsx)(`p`,{className:`soft`,children:i.requestLead}),(0,q.jsxs)(`dl`,{className:`facts`,children:[(0,q.jsx)(`dt`,{children:i.endpoint}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(`code`,{children:e})}),(0,q.jsx)(`dt`,{children:i.action}),(0,q.jsx)(`dd`,{children:(0,q.jsx)(`code`,{children:l})})]}),(0,q.jsx)(Le,{label:i.query,value:c,what:i.query}),(0,q.jsx)(Le,{label:i.variables,value:JSON.stringify(u,null,2),what:i.variables})]}),(0,q.jsxs)(`section`,{className:`card`,"aria-labelledby":`code`,children:[(0,q.jsx)(`h2`,{id:`code`,children:i.code}),(0,q.jsx)(oe,{compact:!0,legend:i.language,value:o,onChange:s,options:[`cli`,`js`,`go`].map(e=>({value:e,label:i.languages[e]}))}),(0,q.jsx)(Le,{value:Gr(o,d),what:`${i.code}: ${i.languages[o]}`})]})]})}var fi=(0,K.lazy)(()=>Me(()=>import(`./service.js`),__vite__mapDeps([0,1,2,3,4])));function pi(){let e=rn(),{current:t}=F(),[n,r]=(0,K.useState)(),i=tn(e),a;return a=n?(0,q.jsx)(mr,{recovery:n,onDone:()=>r(void 0)}):t?i?(0,q.jsx)(mi,{name:i.name,params:i.params,onMade:r},t.did+e):(0,q.jsx)(Si,{}):(0,q.jsx)(tr,{onMade:r}),(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(`a`,{className:`skip`,href:`#main`,onClick:e=>{e.preventDefault(),document.getElementById(`main`)?.focus()},children:S.skip}),(0,q.jsxs)(`div`,{className:t?`frame`:`frame alone`,children:[(0,q.jsx)(gi,{route:i?.name}),(0,q.jsxs)(`main`,{id:`main`,className:`main`,tabIndex:-1,children:[a,(0,q.jsx)(xi,{})]})]}),(0,q.jsx)(c,{}),(0,q.jsx)(`div`,{id:`announcer`,className:`visually-hidden`,role:`status`})]})}function mi({name:e,params:t,onMade:n}){let r=`${location.origin}/keystores/${t.keystore}`,i=`${r}/keys/${t.key}`;switch(e){case`home`:return(0,q.jsx)(cr,{});case`identity`:return(0,q.jsx)(dr,{onMade:n});case`open`:return(0,q.jsx)(Ur,{});case`create`:return(0,q.jsx)(ar,{});case`keystore`:return(0,q.jsx)(Nr,{url:r});case`newKey`:return(0,q.jsx)(Dr,{keystore:r});case`importKey`:return(0,q.jsx)(Ar,{keystore:r});case`capabilities`:return(0,q.jsx)(In,{keystore:r});case`delegate`:return(0,q.jsx)(Nn,{keystore:r});case`keystoreSettings`:return(0,q.jsx)(Lr,{url:r});case`key`:return(0,q.jsx)(gn,{keystore:r,url:i});case`use`:return(0,q.jsx)($r,{keystore:r,url:i});default:return(0,q.jsx)(K.Suspense,{fallback:(0,q.jsx)(Fe,{}),children:(0,q.jsx)(fi,{page:e,keystore:r})})}}var hi=[{to:X(`home`),label:S.nav.keystores,icon:`vault`,routes:[`home`,`keystore`,`newKey`,`importKey`,`capabilities`,`delegate`,`keystoreSettings`,`key`,`use`]},{to:X(`create`),label:S.nav.create,icon:`plus`,routes:[`create`]},{to:X(`open`),label:S.nav.open,icon:`folder-open`,routes:[`open`]},{to:X(`identity`),label:S.nav.identity,icon:`users`,routes:[`identity`]}];function gi({route:e}){let{current:t}=F();return(0,q.jsxs)(`header`,{className:`bar`,children:[(0,q.jsxs)(an,{to:X(`home`),className:`brand`,children:[(0,q.jsx)(f,{}),S.name]}),t&&(0,q.jsxs)(`nav`,{className:`nav`,"aria-label":S.nav.label,children:[(0,q.jsx)(yi,{title:S.nav.mine,children:hi.map(({to:t,label:n,icon:r,routes:i})=>(0,q.jsx)(`li`,{children:(0,q.jsxs)(an,{to:t,"aria-current":e&&i.includes(e)?`page`:void 0,children:[(0,q.jsx)(E,{name:r}),n]})},t))}),(0,q.jsx)(vi,{route:e})]}),t&&(0,q.jsx)(bi,{})]})}var _i=[{route:`overview`,icon:`server`},{route:`serviceKeystores`,icon:`database`,more:`serviceKeystore`},{route:`operators`,icon:`shield-check`},{route:`configuration`,icon:`settings`}];function vi({route:e}){let{data:t}=Qt(),n=Se.nav;return(0,q.jsxs)(yi,{title:n.title,children:[t&&_i.map(({route:t,icon:r,more:i})=>(0,q.jsx)(`li`,{children:(0,q.jsxs)(an,{to:X(t),"aria-current":e&&(e===t||e===i)?`page`:void 0,children:[(0,q.jsx)(E,{name:r}),n[t]]})},t)),(0,q.jsx)(`li`,{children:(0,q.jsxs)(`a`,{href:`/explorer`,children:[(0,q.jsx)(E,{name:`compass`}),n.explorer]})})]})}function yi({title:e,children:t}){return(0,q.jsxs)(`div`,{children:[(0,q.jsx)(`h2`,{children:e}),(0,q.jsx)(`ul`,{children:t})]})}function bi(){let{current:e,identities:t,select:n}=F(),r=()=>document.getElementById(`who-menu`)?.hidePopover();return(0,q.jsxs)(`div`,{className:`who`,children:[(0,q.jsxs)(`button`,{type:`button`,className:`button ellipsis`,popoverTarget:`who-menu`,"aria-label":`${S.nav.switch}: ${e?.label??``}`,children:[(0,q.jsx)(E,{name:`user-round`}),(0,q.jsx)(`span`,{children:e?.label||S.nav.unnamed})]}),(0,q.jsxs)(`div`,{id:`who-menu`,className:`who-menu`,popover:`auto`,role:`group`,"aria-label":S.nav.switch,children:[(0,q.jsx)(`ul`,{children:t.map(({did:t,label:i})=>(0,q.jsx)(`li`,{children:(0,q.jsxs)(`button`,{type:`button`,"aria-current":t===e?.did?`true`:void 0,onClick:()=>{r(),t!==e?.did&&n(t).then(()=>Z(X(`home`)))},children:[(0,q.jsx)(E,{name:t===e?.did?`check`:`user-round`}),(0,q.jsx)(`span`,{children:i||S.nav.unnamed}),(0,q.jsx)(`small`,{children:P(t)})]})},t))}),(0,q.jsx)(`hr`,{}),(0,q.jsxs)(an,{to:X(`identity`),onClick:r,children:[(0,q.jsx)(E,{name:`settings`}),(0,q.jsx)(`span`,{children:S.nav.manage})]})]})]})}function xi(){let{data:e}=Zt();return(0,q.jsxs)(`footer`,{className:`foot`,children:[(0,q.jsx)(`span`,{children:S.footer(e?.service.version??``)}),(0,q.jsx)(`a`,{href:`/schema.graphql`,children:S.schema})]})}function Si(){return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(V,{title:S.notFound.title,children:S.notFound.title}),(0,q.jsx)(ue,{icon:`compass`,title:location.pathname,actions:(0,q.jsx)(R,{tone:`primary`,onClick:()=>Z(X(`home`)),children:S.notFound.home}),children:S.notFound.body})]})}function Ci({title:e,children:t}){return(0,q.jsx)(`main`,{className:`main`,id:`main`,children:(0,q.jsxs)(`div`,{className:`welcome`,children:[(0,q.jsxs)(`div`,{className:`welcome-head`,children:[(0,q.jsx)(f,{}),(0,q.jsx)(V,{title:e,children:e})]}),(0,q.jsx)(G,{tone:`warning`,children:t})]})})}function wi(){return(0,q.jsx)(Ci,{title:S.insecure.title,children:(0,q.jsx)(`p`,{children:S.insecure.body})})}function Ti(){return(0,q.jsx)(Ci,{title:S.storageBlocked.title,children:(0,q.jsx)(`p`,{children:S.storageBlocked.body})})}_(),window.addEventListener(`hashchange`,_);var Ei=document.getElementById(`root`);if(!Ei)throw Error(`index.html has no #root`);var Di=new s({defaultOptions:{queries:{refetchOnWindowFocus:!1}}});(0,We.createRoot)(Ei).render((0,q.jsx)(K.StrictMode,{children:window.isSecureContext&&`subtle`in crypto?(0,q.jsx)(x,{client:Di,children:(0,q.jsx)(m,{fallback:()=>(0,q.jsx)(Ti,{}),children:(0,q.jsx)(pi,{})})}):(0,q.jsx)(wi,{})}));export{Kt as _,Ln as a,ln as c,an as d,Z as f,Jt as g,qt as h,Hn as i,mn as l,Yt as m,Bn as n,Fn as o,X as p,Vn as r,En as s,Rn as t,Q as u,nt as v};