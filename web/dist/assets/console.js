const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/service.js","assets/rolldown-runtime.js","assets/style.js","assets/style.css","assets/service.css"])))=>i.map(i=>d[i]);
import{a as e,r as t}from"./rolldown-runtime.js";import{$ as n,A as r,At as i,B as a,C as o,Ct as s,D as c,Dt as l,E as u,Et as d,F as f,G as p,H as m,I as h,J as g,K as _,L as v,M as y,Mt as b,N as x,Nt as S,O as C,Ot as w,P as T,Pt as E,Q as D,R as O,S as ee,St as k,T as A,Tt as j,U as te,V as ne,W as M,X as N,Y as re,Z as P,_ as F,_t as ie,a as I,at as L,b as R,c as ae,ct as oe,d as z,dt as se,et as ce,f as B,ft as le,g as V,gt as ue,h as H,ht as U,i as W,it as de,jt as fe,k as pe,kt as me,l as he,m as ge,mt as _e,n as ve,nt as ye,o as be,ot as xe,p as Se,pt as Ce,q as we,r as G,rt as Te,s as Ee,st as De,t as Oe,tt as ke,u as Ae,ut as je,v as Me,vt as Ne,w as Pe,wt as Fe,x as Ie,xt as Le,y as K,yt as Re,z as ze}from"./style.js";var Be=class extends j{#e;#t=void 0;#n;#r;constructor(e,t){super(),this.#e=e,this.setOptions(t),this.bindMethods(),this.#i()}bindMethods(){this.mutate=this.mutate.bind(this),this.reset=this.reset.bind(this)}setOptions(e){let t=this.options;this.options=this.#e.defaultMutationOptions(e),me(this.options,t)||this.#e.getMutationCache().notify({type:`observerOptionsUpdated`,mutation:this.#n,observer:this}),t?.mutationKey&&this.options.mutationKey&&d(t.mutationKey)!==d(this.options.mutationKey)?this.reset():this.#n?.state.status===`pending`&&this.#n.setOptions(this.options)}onSubscribe(){this.listeners.size===1&&this.#n&&(this.#n.addObserver(this),this.#i())}onUnsubscribe(){this.hasListeners()||this.#n?.removeObserver(this)}onMutationUpdate(e){this.#i(),this.#a(e)}getCurrentResult(){return this.#t}reset(){this.#n?.removeObserver(this),this.#n=void 0,this.#i(),this.#a()}mutate(e,t){return this.#r=t,this.#n?.removeObserver(this),this.#n=this.#e.getMutationCache().build(this.#e,this.options),this.#n.addObserver(this),this.#n.execute(e)}#i(){let e=this.#n?.state??s();this.#t={...e,isPending:e.status===`pending`,isSuccess:e.status===`success`,isError:e.status===`error`,isIdle:e.status===`idle`,mutate:this.mutate,reset:this.reset}}#a(e){Fe.batch(()=>{let t=this.#r;if(t&&this.hasListeners()){let n=this.#t.variables,r=this.#t.context,i={client:this.#e,meta:this.options.meta,mutationKey:this.options.mutationKey};if(e?.type===`success`){try{t.onSuccess?.(e.data,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(e.data,null,n,r,i)}catch(e){Promise.reject(e)}}else if(e?.type===`error`){try{t.onError?.(e.error,n,r,i)}catch(e){Promise.reject(e)}try{t.onSettled?.(void 0,e.error,n,r,i)}catch(e){Promise.reject(e)}}}this.listeners.forEach(e=>{e(this.#t)})})}},q=e(E(),1);function Ve(e,t){let n=b(t),[r]=q.useState(()=>new Be(n,e));q.useEffect(()=>{r.setOptions(e)},[r,e]);let a=q.useSyncExternalStore(q.useCallback(e=>r.subscribe(Fe.batchCalls(e)),[r]),()=>r.getCurrentResult(),()=>r.getCurrentResult()),o=q.useCallback((...e)=>{r.mutate(e[0],e[1]).catch(w)},[r]);if(a.error&&i(r.options.throwOnError,[a.error]))throw a.error;return{...a,mutate:o,mutateAsync:a.mutate}}var J=S(),He=Re(),Ue=32,We=33,Ge=2,Ke=16;function qe(e=3,t=2){let n=crypto.getRandomValues(new Uint8Array(Ue));try{return Je(n,e,t)}finally{n.fill(0)}}function Je(e,t,n){if(!(e instanceof Uint8Array)||e.length!==Ue)throw RangeError(`secret: must be 32 bytes`);if(!Number.isInteger(t)||t<Ge||t>Ke)throw RangeError(`shares: must be 2 to 16`);if(!Number.isInteger(n)||n<Ge||n>t)throw RangeError(`threshold: must be 2 to the number of shares`);let r=Ye(t),i=Array.from(r,e=>{let t=new Uint8Array(We);return t[Ue]=e,t}),a=new Uint8Array(n);for(let t=0;t<Ue;t++){crypto.getRandomValues(a),a[0]=e[t];for(let e of i)e[t]=Xe(a,e[Ue])}return a.fill(0),i}function Ye(e){let t=new Set,n=new Uint8Array(1);for(;t.size<e;){let[e]=crypto.getRandomValues(n);e!==0&&t.add(e)}return t}function Xe(e,t){let n=0;for(let r=e.length-1;r>=0;r--)n=Ze(n,t)^e[r];return n}function Ze(e,t){let n=0;for(let r=7;r>=0;r--)n=n<<1^-(n>>7)&283,n^=-(t>>r&1)&e;return n}var Qe=t({CancelKeyDeletion:()=>Pt,CancelKeystoreDeletion:()=>Et,ComputeMac:()=>Bt,CreateKey:()=>Dt,CreateKeystore:()=>bt,Decrypt:()=>zt,DeleteKey:()=>Nt,DeleteKeystore:()=>Tt,DisableKey:()=>Mt,DisableKeystore:()=>wt,EnableKey:()=>jt,EnableKeystore:()=>Ct,Encrypt:()=>Rt,EnrolOperator:()=>pt,FindKey:()=>gt,ImportKey:()=>Ot,ListKeys:()=>ht,ListKeystores:()=>qt,ListOperators:()=>Gt,ListRevocations:()=>_t,ListSettings:()=>Kt,ListVersions:()=>yt,ReadKey:()=>vt,ReadKeystore:()=>mt,RotateKey:()=>kt,Service:()=>dt,ServiceOverview:()=>Wt,Sign:()=>It,Status:()=>ft,TrimKeyVersions:()=>Ft,UnwrapKey:()=>Ut,UpdateKey:()=>At,UpdateKeystore:()=>xt,UpdateVaultCapability:()=>St,Verify:()=>Lt,VerifyMac:()=>Vt,WrapKey:()=>Ht,algorithmValues:()=>rt,databaseKindValues:()=>lt,encryptionAlgorithmValues:()=>st,keyOperationValues:()=>nt,keyStateValues:()=>et,keyTypeValues:()=>tt,messageTypeValues:()=>it,operatorOriginValues:()=>ut,signatureAlgorithmValues:()=>at,signatureEncodingValues:()=>ot,userLockValues:()=>$e,wrapAlgorithmValues:()=>ct}),$e=[`LOCAL`,`SHAMIR`],et=[`ENABLED`,`DISABLED`,`PENDING_DELETION`],tt=[`ED25519`,`ECDSA_P256`,`ECDSA_P384`,`ECDSA_P521`,`ECDSA_SECP256K1`,`RSA_2048`,`RSA_3072`,`RSA_4096`,`ML_DSA_44`,`ML_DSA_65`,`ML_DSA_87`,`AES_128_GCM`,`AES_256_GCM`,`XAES_256_GCM`,`CHACHA20_POLY1305`,`XCHACHA20_POLY1305`,`HMAC_SHA256`,`HMAC_SHA384`,`HMAC_SHA512`,`X25519`,`ECDH_P256`,`ECDH_P384`,`ECDH_P521`,`ML_KEM_768`,`ML_KEM_1024`],nt=[`SIGN`,`VERIFY`,`ENCRYPT`,`DECRYPT`,`COMPUTE_MAC`,`VERIFY_MAC`,`WRAP_KEY`,`UNWRAP_KEY`,`SEAL`,`OPEN`,`ENCAPSULATE`,`DECAPSULATE`,`DERIVE_SECRET`,`DERIVE_KEY`],rt=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`,`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`,`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],it=[`RAW`,`DIGEST`],at=[`EDDSA`,`ECDSA`,`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`ML_DSA`],ot=[`IEEE_P1363`,`DER`],st=[`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_128_GCM`,`HPKE_AES_256_GCM`,`HPKE_CHACHA20_POLY1305`],ct=[`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`,`ECDH_1PU_A256KW`],lt=[`SQLITE`,`POSTGRESQL`],ut=[`CONFIGURED`,`ENROLLED`],dt={action:null,text:`query Service {
  service {
    name
    version
    did
    keyTypes
  }
}`},ft={action:`read`,text:`query Status {
  status {
    startedAt
    serverLocks
    operators
    openRegistration
    authServer
  }
}`},pt={action:`enrolOperator`,text:`mutation EnrolOperator($input: EnrolOperatorInput!) {
  enrolOperator(input: $input) {
    operator
  }
}`},mt={action:`read`,text:`query ReadKeystore($id: ID!) {
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
}`},ht={action:`read`,text:`query ListKeys($id: ID!, $first: Int, $after: String, $filter: KeyFilter) {
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
}`},gt={action:`read`,text:`query FindKey($id: ID!, $name: String!) {
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
}`},_t={action:`read`,text:`query ListRevocations($id: ID!, $first: Int, $after: String) {
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
}`},vt={action:`read`,text:`query ReadKey($id: ID!) {
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
}`},yt={action:`read`,text:`query ListVersions($id: ID!, $first: Int, $after: String) {
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
}`},bt={action:`createKeystore`,text:`mutation CreateKeystore($input: CreateKeystoreInput!) {
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
}`},xt={action:`write`,text:`mutation UpdateKeystore($input: UpdateKeystoreInput!) {
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
}`},St={action:`write`,text:`mutation UpdateVaultCapability($input: UpdateVaultCapabilityInput!) {
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
}`},Ct={action:`enableKeystore`,text:`mutation EnableKeystore($input: EnableKeystoreInput!) {
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
}`},wt={action:`disableKeystore`,text:`mutation DisableKeystore($input: DisableKeystoreInput!) {
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
}`},Tt={action:`deleteKeystore`,text:`mutation DeleteKeystore($input: DeleteKeystoreInput!) {
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
}`},Et={action:`cancelKeystoreDeletion`,text:`mutation CancelKeystoreDeletion($input: CancelKeystoreDeletionInput!) {
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
}`},Dt={action:`generateKey`,text:`mutation CreateKey($input: CreateKeyInput!) {
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
}`},Ot={action:`importKey`,text:`mutation ImportKey($input: ImportKeyInput!) {
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
}`},kt={action:`rotateKey`,text:`mutation RotateKey($input: RotateKeyInput!) {
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
}`},At={action:`write`,text:`mutation UpdateKey($input: UpdateKeyInput!) {
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
}`},jt={action:`enableKey`,text:`mutation EnableKey($input: EnableKeyInput!) {
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
}`},Mt={action:`disableKey`,text:`mutation DisableKey($input: DisableKeyInput!) {
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
}`},Nt={action:`deleteKey`,text:`mutation DeleteKey($input: DeleteKeyInput!) {
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
}`},Pt={action:`cancelKeyDeletion`,text:`mutation CancelKeyDeletion($input: CancelKeyDeletionInput!) {
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
}`},Ft={action:`trimKeyVersions`,text:`mutation TrimKeyVersions($input: TrimKeyVersionsInput!) {
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
}`},It={action:`sign`,text:`mutation Sign($input: SignInput!) {
  sign(input: $input) {
    signature
    version
  }
}`},Lt={action:`verify`,text:`mutation Verify($input: VerifyInput!) {
  verify(input: $input) {
    valid
    version
  }
}`},Rt={action:`encrypt`,text:`mutation Encrypt($input: EncryptInput!) {
  encrypt(input: $input) {
    ciphertext
    nonce
    version
  }
}`},zt={action:`decrypt`,text:`mutation Decrypt($input: DecryptInput!) {
  decrypt(input: $input) {
    plaintext
    version
  }
}`},Bt={action:`computeMac`,text:`mutation ComputeMac($input: ComputeMacInput!) {
  computeMac(input: $input) {
    mac
    version
  }
}`},Vt={action:`verifyMac`,text:`mutation VerifyMac($input: VerifyMacInput!) {
  verifyMac(input: $input) {
    valid
    version
  }
}`},Ht={action:`wrapKey`,text:`mutation WrapKey($input: WrapKeyInput!) {
  wrapKey(input: $input) {
    wrappedKey
    algorithm
    epk
    version
  }
}`},Ut={action:`unwrapKey`,text:`mutation UnwrapKey($input: UnwrapKeyInput!) {
  unwrapKey(input: $input) {
    unwrappedKey
    version
  }
}`},Wt={action:`read`,text:`query ServiceOverview {
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
}`},Gt={action:`read`,text:`query ListOperators {
  status {
    operatorDetails {
      did
      origin
      enrolledAt
    }
  }
}`},Kt={action:`read`,text:`query ListSettings {
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
}`},qt={action:`read`,text:`query ListKeystores($first: Int, $after: String, $filter: KeystoreFilter) {
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
}`},Jt=new Map(Object.entries(Qe).map(([e,t])=>[t,e]));function Y(e,t,n,{enabled:r=!0,staleTime:i=1e4,keep:a=!1}={}){let{caller:o}=N();return Le({queryKey:[`api`,o?.identity.did??``,o?.places.map(({capability:e})=>e?.id??``).join()??``,Jt.get(e),t,n],queryFn:({signal:r})=>L(e,t,n,o,r),enabled:r&&(e.action===null||o!==void 0),staleTime:i,retry:(e,t)=>e<2&&ye(t),...a&&{placeholderData:l}})}function X(e,{refresh:t=!0}={}){let{caller:n}=N(),r=b();return Ve({mutationFn:({url:t,variables:r})=>L(e,t,r,n),onSuccess:()=>{t&&r.invalidateQueries({queryKey:[`api`]})},gcTime:0})}function Yt(){return Y(dt,xe,{},{staleTime:1/0})}function Xt(){return Y(ft,xe,{},{staleTime:3e5})}var Zt={home:`/`,identity:`/identity`,open:`/open`,create:`/create`,keystore:`/keystores/{keystore}`,newKey:`/keystores/{keystore}/new`,importKey:`/keystores/{keystore}/import`,capabilities:`/keystores/{keystore}/capabilities`,delegate:`/keystores/{keystore}/delegate`,keystoreSettings:`/keystores/{keystore}/settings`,key:`/keystores/{keystore}/keys/{key}`,use:`/keystores/{keystore}/keys/{key}/use`,overview:`/service`,serviceKeystores:`/service/keystores`,serviceKeystore:`/service/keystores/{keystore}`,operators:`/service/operators`,configuration:`/service/settings`},Qt=Object.entries(Zt).map(([e,t])=>({name:e,pattern:RegExp(`^`+t.replace(/\{(\w+)\}/g,`(?<$1>[^/]+)`)+`$`)}));function $t(e){for(let{name:t,pattern:n}of Qt){let r=n.exec(e);if(r)return{name:t,params:{keystore:``,key:``,...r.groups}}}}function Z(e,t={}){return Zt[e].replace(/\{(\w+)\}/g,(e,n)=>t[n]??``)}var en=new Set;window.addEventListener(`popstate`,()=>en.forEach(e=>e()));function tn(){return(0,q.useSyncExternalStore)(e=>(en.add(e),()=>en.delete(e)),()=>location.pathname)}function Q(e,{replace:t=!1}={}){history[t?`replaceState`:`pushState`](null,``,e),en.forEach(e=>e()),window.scrollTo(0,0)}function nn({to:e,onClick:t,...n}){let r=n=>{t?.(n),n.defaultPrevented||n.button!==0||n.metaKey||n.ctrlKey||n.shiftKey||n.altKey||(n.preventDefault(),Q(e))};return(0,J.jsx)(`a`,{...n,href:e,onClick:r})}function rn(e){let t=Y(mt,e,{id:e}),{current:n,places:r,remember:i}=N(),a=t.data?.keystore,o=(0,q.useRef)(``);return(0,q.useEffect)(()=>{if(!a||!n)return;let t={name:a.name,userLock:a.userLock,vault:a.vaultUrl!==null},s=JSON.stringify(t);if(o.current===s)return;o.current=s;let c=r.find(t=>t.url===e);i({...c,...t,did:n.did,url:e,seenAt:Date.now()})},[a,n,r,i,e]),t}function $({name:e,id:t}){return e||M(m(t))}function an({url:e,tab:t,children:n}){let r=x.keystore,{data:i,error:a,isPending:s}=rn(e),c=m(e),l=[[`keystore`,r.keys],[`capabilities`,r.capabilities],[`keystoreSettings`,r.settings]],u=(0,J.jsx)(sn,{items:[[Z(`home`),x.home.title]]});if(s)return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:r.title,above:u,children:r.title}),(0,J.jsx)(Me,{})]});if(a||!i?.keystore)return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(V,{title:r.title,above:u,children:[r.title,` `,(0,J.jsx)(`code`,{children:M(c)})]}),(0,J.jsx)(R,{error:a??Error(x.errors.codes.NOT_FOUND.title)})]});let d=i.keystore;return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:$(d),above:u,badges:(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(o,{state:d.state}),(0,J.jsx)(W,{children:x.lock.short[d.userLock]}),(0,J.jsx)(W,{children:d.vaultUrl?x.lock.stores.vault:x.lock.stores.database})]}),actions:(0,J.jsx)(F,{value:e,what:r.url}),children:$(d)}),d.description&&(0,J.jsx)(`p`,{className:`lead`,children:d.description}),(0,J.jsx)(`nav`,{className:`tabs`,"aria-label":r.tabs,children:l.map(([e,n])=>(0,J.jsx)(nn,{to:Z(e,{keystore:c}),"aria-current":e===t?`page`:void 0,children:n},e))}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(on,{keystore:d}),n(d)]})]})}function on({keystore:e}){let t=x.keystore,n=X(Ct),r=X(Et),i={input:{keystore:e.id}};return e.state===`DISABLED`?(0,J.jsx)(K,{tone:`warning`,title:t.disabled,actions:(0,J.jsx)(I,{busy:n.isPending,onClick:()=>n.mutate({url:e.id,variables:i},{onSuccess:()=>y({message:t.enabled})}),children:t.enable}),children:(0,J.jsx)(R,{error:n.error})}):e.state===`PENDING_DELETION`&&e.deletesAt?(0,J.jsx)(K,{tone:`warning`,title:t.deleting(ne(e.deletesAt)),actions:(0,J.jsx)(I,{busy:r.isPending,onClick:()=>r.mutate({url:e.id,variables:i},{onSuccess:()=>y({message:t.kept})}),children:t.keep}),children:(0,J.jsx)(R,{error:r.error})}):e.vaultCapabilityExpires&&Date.parse(e.vaultCapabilityExpires)-Date.now()<12096e5?(0,J.jsx)(K,{tone:`warning`,children:t.vaultEnds(ze(e.vaultCapabilityExpires))}):null}function sn({items:e}){return(0,J.jsx)(`nav`,{"aria-label":x.nav.label+`: `+x.key.crumb,children:(0,J.jsx)(`ol`,{className:`crumbs`,children:e.map(([e,t])=>(0,J.jsxs)(`li`,{children:[(0,J.jsx)(nn,{to:e,children:t}),(0,J.jsx)(T,{name:`chevron-right`})]},e))})})}function cn(e){try{let t=e.trim(),n=t.startsWith(`{`)?JSON.parse(t).secret:t,r=U(String(n));return r.length===33&&r[32]!==0?ie(r):void 0}catch{return}}function ln({keystore:e}){let t=x.shares,n=P(e),[r,i]=(0,q.useState)(``),[a,o]=(0,q.useState)(),s=r=>{let a=cn(r);o(void 0),a?n.includes(a)?o(t.twice):(_(e,[...n,a]),i(``)):o(t.bad)};return(0,J.jsxs)(`section`,{className:`card`,"aria-label":t.title,children:[(0,J.jsxs)(`div`,{className:`card-head`,children:[(0,J.jsx)(`h2`,{children:t.title}),n.length>0&&(0,J.jsx)(I,{icon:`eraser`,onClick:()=>_(e,[]),children:t.forget})]}),n.length>0?(0,J.jsx)(`p`,{role:`status`,children:t.unlocked(n.length)}):(0,J.jsx)(`p`,{className:`soft`,children:t.needed}),n.length<2&&(0,J.jsxs)(H,{className:`form`,onSubmit:()=>s(r),label:t.title,children:[(0,J.jsx)(A,{label:t.paste,hint:t.pasteHint,value:r,onChange:i,problem:a,className:`mono`}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{type:`submit`,children:t.use}),(0,J.jsx)(ge,{label:t.file,onFile:e=>void e.slice(0,4096).text().then(s)})]})]})]})}function un(e){let t=e.split(`
`).map(e=>e.trim()).filter(Boolean).map(e=>{let t=e.indexOf(`=`);return t<0?{name:e,value:``}:{name:e.slice(0,t).trim(),value:e.slice(t+1).trim()}}),n=new Set(t.map(({name:e})=>e));return n.size===t.length&&!n.has(``)&&t.length<=20?t:void 0}function dn(e){return e.map(({name:e,value:t})=>t?`${e}=${t}`:e).join(`
`)}function fn({tags:e}){return(0,J.jsx)(`span`,{className:`tags`,children:e.map(({name:e,value:t})=>(0,J.jsxs)(`span`,{className:`tag`,children:[e,t&&`=${t}`]},e))})}function pn(e,t){let{places:n}=N(),r=Y(vt,t,{id:t}),i=!n.some(e=>e.url===t&&e.capability),a=Y(mt,e,{id:e},{enabled:i}),o=i?a.data?.keystore?.userLock===`SHAMIR`:void 0;return{key:r,keystore:a.data?.keystore,wholeKeystore:i,shamir:o}}function mn({keystore:e,url:t}){let{key:n,keystore:r,wholeKeystore:i,shamir:a}=pn(e,t),o=x.key,s=(0,J.jsx)(sn,{items:[[Z(`home`),o.crumb],...i?[[new URL(e).pathname,r?$(r):x.keystore.title]]:[]]});return n.isPending?(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:o.title,above:s,children:o.title}),(0,J.jsx)(Me,{})]}):n.error||!n.data?.key?(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(V,{title:o.title,above:s,children:[o.title,` `,(0,J.jsx)(`code`,{children:M(m(t))})]}),(0,J.jsx)(R,{error:n.error??Error(x.errors.codes.NOT_FOUND.title),children:(0,J.jsxs)(`p`,{children:[(0,J.jsx)(nn,{to:hn(e,t),children:o.use}),`: `,o.notReadableHint]})})]}):(0,J.jsx)(gn,{data:n.data.key,keystore:e,crumbs:s,shamir:a??!1},t)}var hn=(e,t)=>Z(`use`,{keystore:m(e),key:m(t)});function gn({data:e,keystore:t,crumbs:n,shamir:r}){let i=x.key,[a,s]=(0,q.useState)(),c=X(jt),l=X(Mt),u=X(Pt),d={url:e.id,variables:{input:{key:e.id}}},f=()=>c.mutate(d,{onSuccess:()=>y({message:i.enabled})}),p=()=>u.mutate(d,{onSuccess:()=>y({message:i.kept})}),m=()=>l.mutate(d,{onSuccess:()=>y({message:i.disabled,undo:f})}),h=()=>s(void 0);return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:$(e),above:n,badges:(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(o,{state:e.state}),(0,J.jsx)(W,{children:e.type}),e.publicOnly&&(0,J.jsx)(W,{children:i.publicOnly})]}),actions:(0,J.jsxs)(J.Fragment,{children:[e.state===`ENABLED`&&(0,J.jsx)(I,{tone:`primary`,icon:`play`,onClick:()=>Q(hn(t,e.id)),children:i.use}),e.state===`ENABLED`&&!e.publicOnly&&(0,J.jsx)(I,{icon:`rotate-cw`,onClick:()=>s(`rotate`),children:i.rotate}),(0,J.jsx)(I,{icon:`pencil`,onClick:()=>s(`edit`),children:i.edit}),e.state===`ENABLED`&&(0,J.jsx)(I,{icon:`power`,busy:l.isPending,onClick:m,children:i.disable}),e.state!==`PENDING_DELETION`&&(0,J.jsx)(I,{icon:`trash-2`,onClick:()=>s(`delete`),children:i.delete})]}),children:$(e)}),(0,J.jsxs)(`div`,{className:`stack`,children:[e.description&&(0,J.jsx)(`p`,{className:`lead`,children:e.description}),(0,J.jsx)(R,{error:c.error??l.error??u.error}),e.state===`DISABLED`&&(0,J.jsx)(K,{tone:`warning`,title:i.isDisabled,actions:(0,J.jsx)(I,{busy:c.isPending,onClick:f,children:i.enable})}),e.state===`PENDING_DELETION`&&e.deletesAt&&(0,J.jsx)(K,{tone:`warning`,title:i.deleting(ne(e.deletesAt)),actions:(0,J.jsx)(I,{busy:u.isPending,onClick:p,children:i.keep})}),(0,J.jsxs)(`div`,{className:`columns uneven`,children:[(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(vn,{publicKey:e.publicKey,data:e}),(0,J.jsx)(xn,{data:e,onTrim:()=>s(`trim`)})]}),(0,J.jsx)(yn,{data:e})]})]}),a===`rotate`&&(0,J.jsx)(Cn,{data:e,keystore:t,shamir:r,onClose:h}),a===`delete`&&(0,J.jsx)(Tn,{data:e,onKeep:p,onClose:h}),a===`edit`&&(0,J.jsx)(En,{data:e,onClose:h}),a===`trim`&&(0,J.jsx)(Dn,{data:e,onClose:h})]})}var _n=[`pem`,`jwk`,`multikey`,`did`,`raw`,`spki`];function vn({publicKey:e,data:t}){let n=x.key,[r,i]=(0,q.useState)(`pem`),a={pem:e?.pem??null,jwk:e?.jwk?JSON.stringify(e.jwk,null,2):null,multikey:e?.multikey??null,did:e?.multikey?`did:key:`+e.multikey:null,raw:e?.bytes??null,spki:e?.spki??null},o=_n.filter(e=>a[e]!==null),s=o.includes(r)?r:o[0],c=s?a[s]??``:``;return(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`public-key`,children:[(0,J.jsx)(`h2`,{id:`public-key`,children:n.publicKey}),!e||!s?(0,J.jsx)(`p`,{className:`soft`,children:n.noPublicKey}):(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(ae,{compact:!0,legend:n.format,value:s,onChange:i,options:o.map(e=>({value:e,label:n.formats[e]}))}),(0,J.jsx)(Pe,{value:c,what:`${n.publicKey}, ${n.formats[s]}`,name:O($(t),{pem:`.pem`,jwk:`.jwk.json`,multikey:`.multikey.txt`,did:`.did.txt`,raw:`.raw.txt`,spki:`.spki.txt`}[s])}),e.spki&&s===`spki`&&(0,J.jsx)(`div`,{children:(0,J.jsx)(I,{icon:`download`,onClick:()=>h(O($(t),`.der`),U(e.spki??``),`application/octet-stream`),children:x.use.save})})]})]})}function yn({data:e}){let t=x.key;return(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`facts`,children:[(0,J.jsx)(`h2`,{id:`facts`,children:t.facts}),(0,J.jsxs)(`dl`,{className:`facts`,children:[(0,J.jsx)(`dt`,{children:t.url}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(F,{value:e.id,what:t.url})}),(0,J.jsx)(`dt`,{children:t.made}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(u,{at:e.createdAt})}),(0,J.jsx)(`dt`,{children:t.version}),(0,J.jsx)(`dd`,{children:e.version}),(0,J.jsx)(`dt`,{children:t.operations}),(0,J.jsx)(`dd`,{children:e.operations.map(e=>x.keyOperations[e]).join(`, `)||x.none}),(0,J.jsx)(`dt`,{children:t.algorithms}),(0,J.jsx)(`dd`,{children:e.algorithms.length>0?(0,J.jsx)(`code`,{children:e.algorithms.join(`, `)}):x.none}),!e.publicOnly&&(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`dt`,{children:t.exportable}),(0,J.jsx)(`dd`,{children:e.exportable?t.exportableYes:t.exportableNo})]}),!e.publicOnly&&(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`dt`,{children:t.rotation}),(0,J.jsx)(`dd`,{children:e.rotationPeriod&&e.rotatesAt?t.rotationEvery(Math.round(e.rotationPeriod/86400),ze(e.rotatesAt)):t.rotationNever})]}),(0,J.jsx)(`dt`,{children:t.chain}),(0,J.jsx)(`dd`,{children:e.maxCapabilityChainLength??t.chainServer}),e.tags.length>0&&(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`dt`,{children:t.tags}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(fn,{tags:e.tags})})]})]})]})}var bn=20;function xn({data:e,onTrim:t}){let n=x.key,[r,i]=(0,q.useState)(bn),{data:o,error:s,isPending:c}=Y(yt,e.id,{id:e.id,first:r},{keep:!0}),l=o?.key?.versions,d=l?.nodes??[],f=d.reduce((e,{uses:t})=>e+t,0),p=d.some(({messages:e})=>e!==null);return(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`versions`,children:[(0,J.jsxs)(`div`,{className:`card-head`,children:[(0,J.jsx)(`h2`,{id:`versions`,children:n.versions}),e.version>e.oldestVersion&&(0,J.jsx)(I,{icon:`history`,onClick:t,children:n.trim})]}),(0,J.jsx)(R,{error:s}),c&&(0,J.jsx)(Me,{}),d.length>0&&(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`div`,{className:`table`,children:(0,J.jsxs)(`table`,{children:[(0,J.jsx)(`caption`,{className:`visually-hidden`,children:n.versionsTable}),(0,J.jsx)(`thead`,{children:(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`col`,children:n.columns.version}),(0,J.jsx)(`th`,{scope:`col`,children:n.columns.made}),(0,J.jsx)(`th`,{scope:`col`,className:`number`,children:n.columns.uses}),(0,J.jsx)(`th`,{scope:`col`,children:n.columns.share}),(0,J.jsx)(`th`,{scope:`col`,children:n.columns.last}),p&&(0,J.jsx)(`th`,{scope:`col`,children:n.columns.messages})]})}),(0,J.jsx)(`tbody`,{children:d.map(({version:t,createdAt:r,uses:i,lastUsedAt:o,messages:s})=>(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`row`,children:(0,J.jsxs)(`span`,{className:`badges`,children:[t,` `,t===e.version&&(0,J.jsx)(W,{tone:`good`,children:n.newest})]})}),(0,J.jsx)(`td`,{"data-label":n.columns.made,children:(0,J.jsx)(u,{at:r})}),(0,J.jsx)(`td`,{"data-label":n.columns.uses,className:`number`,children:a(i)}),(0,J.jsx)(`td`,{"data-label":n.columns.share,children:(0,J.jsx)(Sn,{share:f>0?i/f:0})}),(0,J.jsx)(`td`,{"data-label":n.columns.last,children:o?(0,J.jsx)(u,{at:o}):n.never}),p&&(0,J.jsx)(`td`,{"data-label":n.columns.messages,children:s===null?``:n.limit(a(s))})]},t))})]})}),(0,J.jsx)(`p`,{className:`hint`,children:n.usesNote}),l?.pageInfo.hasNextPage&&r<100&&(0,J.jsx)(`div`,{children:(0,J.jsx)(I,{onClick:()=>i(Math.min(100,r+40)),children:n.more})})]})]})}function Sn({share:e}){let t=Math.round(e*100);return(0,J.jsxs)(`svg`,{className:`meter`,viewBox:`0 0 100 8`,preserveAspectRatio:`none`,role:`img`,"aria-label":`${t} %`,children:[(0,J.jsx)(`rect`,{className:`meter-rail`,width:`100`,height:`8`,rx:`2`}),(0,J.jsx)(`rect`,{className:`meter-fill`,width:t,height:`8`,rx:`2`})]})}function Cn({data:e,keystore:t,shamir:n,onClose:r}){let i=x.key,a=X(kt),o=P(t),[s]=(0,q.useState)(()=>crypto.randomUUID());return(0,J.jsx)(z,{title:i.rotateTitle,onClose:r,children:(0,J.jsxs)(`div`,{className:`form`,children:[(0,J.jsx)(`p`,{children:i.rotateLead}),n&&(0,J.jsx)(ln,{keystore:t}),(0,J.jsx)(R,{error:a.error}),(0,J.jsxs)(`div`,{className:`actions end`,children:[(0,J.jsx)(I,{onClick:r,children:x.cancel}),(0,J.jsx)(I,{tone:`primary`,icon:`rotate-cw`,busy:a.isPending,disabled:n&&o.length===0,onClick:()=>a.mutate({url:e.id,variables:{input:{key:e.id,idempotencyKey:s,...o.length>0&&{secretShares:[...o]}}}},{onSuccess:({rotateKey:e})=>{r(),y({message:i.rotated(e.key.version)})}}),children:i.rotate})]})]})})}function wn(e,t,n){let r=Number(e.trim()||NaN);return Number.isInteger(r)&&r>=t&&r<=n?r:void 0}function Tn({data:e,onKeep:t,onClose:n}){let r=x.key,i=X(Nt),[a,o]=(0,q.useState)(`30`),s=wn(a,7,30),c=e.version-e.oldestVersion+1;return(0,J.jsxs)(he,{title:r.deleteTitle,losses:c>1?r.deleteLosses($(e),c):r.deleteLossesOne($(e)),action:r.delete,onClose:n,busy:i.isPending,error:i.error,onConfirm:()=>s&&i.mutate({url:e.id,variables:{input:{key:e.id,windowDays:s}}},{onSuccess:({deleteKey:e})=>{n(),y({message:r.deleted(ze(e.key.deletesAt??Date.now())),undo:t})}}),children:[(0,J.jsx)(K,{children:r.deleteLead}),(0,J.jsx)(A,{label:r.days,inputMode:`numeric`,value:a,onChange:o,problem:s?void 0:r.daysBad})]})}function En({data:e,onClose:t}){let n=x.key,r=X(At),[i,a]=(0,q.useState)(e.name??``),[o,s]=(0,q.useState)(e.description??``),[c,l]=(0,q.useState)(dn(e.tags)),[u,d]=(0,q.useState)(String(e.minimumVersionToVerify)),[f,p]=(0,q.useState)(String(e.minimumVersionToDecrypt)),m=un(c),h=e.version>e.oldestVersion,g=x.key.minimums,_=wn(u,e.oldestVersion,e.version),v=wn(f,e.oldestVersion,e.version),b=()=>{m&&_&&v&&r.mutate({url:e.id,variables:{input:{key:e.id,name:i.trim(),description:o.trim(),tags:m,...h&&{minimumVersionToVerify:_,minimumVersionToDecrypt:v}}}},{onSuccess:()=>{t(),y({message:x.settings.saved})}})},S=`${e.oldestVersion} – ${e.version}`;return(0,J.jsx)(z,{title:n.editTitle,onClose:t,children:(0,J.jsxs)(H,{onSubmit:b,children:[(0,J.jsx)(A,{label:x.newKey.name,hint:x.newKey.nameHint,optional:!0,value:i,onChange:a,maxLength:128}),(0,J.jsx)(A,{label:x.newKey.description,optional:!0,value:o,onChange:s,maxLength:1024}),(0,J.jsx)(G,{label:n.tags,hint:x.settings.tagsHint,optional:!0,rows:3,value:c,onChange:l,problem:m?void 0:x.settings.tagsBad}),h&&(0,J.jsxs)(`fieldset`,{className:`field`,children:[(0,J.jsx)(`legend`,{children:(0,J.jsx)(`strong`,{children:g})}),(0,J.jsxs)(`div`,{className:`row`,children:[(0,J.jsx)(A,{label:n.minVerify,hint:S,inputMode:`numeric`,value:u,onChange:d,problem:_?void 0:S}),(0,J.jsx)(A,{label:n.minDecrypt,hint:S,inputMode:`numeric`,value:f,onChange:p,problem:v?void 0:S})]})]}),(0,J.jsx)(R,{error:r.error}),(0,J.jsxs)(`div`,{className:`actions end`,children:[(0,J.jsx)(I,{onClick:t,children:x.cancel}),(0,J.jsx)(I,{tone:`primary`,type:`submit`,busy:r.isPending,children:x.save})]})]})})}function Dn({data:e,onClose:t}){let n=x.key,r=X(Ft),[i,a]=(0,q.useState)(String(e.version)),o=wn(i,e.oldestVersion+1,e.version),s=`${e.oldestVersion+1} – ${e.version}`;return(0,J.jsx)(he,{title:n.trimTitle,losses:o?n.trimLosses(e.oldestVersion,o-1):[],action:n.trim,word:m(e.id).slice(-4),busy:r.isPending,error:r.error,onClose:t,onConfirm:()=>o&&r.mutate({url:e.id,variables:{input:{key:e.id,oldestVersion:o}}},{onSuccess:()=>{t(),y({message:n.trimmed})}}),children:(0,J.jsx)(A,{label:n.trimKeep,hint:s,inputMode:`numeric`,value:i,onChange:a,problem:o?void 0:s})})}var On={use:[`sign`,`verify`,`encrypt`,`decrypt`,`computeMac`,`verifyMac`,`wrapKey`,`unwrapKey`,`seal`,`open`,`encapsulate`,`decapsulate`,`deriveSecret`,`deriveKey`,`generateDataKey`,`reencrypt`],see:[`read`,`generateRandom`],manage:[`generateKey`,`importKey`,`rotateKey`,`write`,`enableKey`,`disableKey`,`deleteKey`,`cancelKeyDeletion`,`trimKeyVersions`,`exportKey`,`backupKey`,`restoreKey`]},kn=new Set([`generateKey`,`importKey`,`restoreKey`,`generateRandom`]),An=new Set([`deleteKey`,`trimKeyVersions`,`exportKey`,`backupKey`,`write`]);function jn({keystore:e}){let t=x.delegate,n=m(e),{data:r,error:i}=rn(e),{caller:a,current:o,places:s}=N(),c=b(),l=Y(ht,e,{id:e,first:100}),[u,d]=(0,q.useState)(``),[f,p]=(0,q.useState)(`key`),[h,g]=(0,q.useState)(``),[_,v]=(0,q.useState)([`read`,`sign`,`verify`]),[y,S]=(0,q.useState)(`30`),[C,w]=(0,q.useState)(``),[T,E]=(0,q.useState)(!1),[D,O]=(0,q.useState)(),[k,j]=(0,q.useState)(),te=l.data?.keystore?.keys.nodes??[],M=wn(y,1,90),re=Ce(u.trim()),P=!re||re.did!==u.trim(),F=h||te[0]?.id||``,ie=f===`whole`?e:F,L=a&&ke({...a,places:s},ie,`read`),z=L?.allowedAction?[L.allowedAction].flat():void 0,se=e=>(f===`whole`||!kn.has(e))&&(!z||z.includes(e)),B=_.filter(se),le=new Date(Math.min(Date.now()+(M??0)*864e5-6e4,L?Date.parse(L.expires):1/0)),ue=async()=>{if(E(!0),O(void 0),!P&&M&&B.length!==0&&ie&&a&&o)try{let t=await oe({identity:a.identity,target:ie,controller:u.trim(),actions:[...B],expires:le,...L?{parent:L}:{rootTarget:e}});await ce(`given`,{did:o.did,id:t.id,keystore:e,note:C.trim(),capability:t,givenAt:Date.now()}),await c.invalidateQueries({queryKey:[`given`]}),j(t)}catch(e){O(e)}},U=(0,J.jsx)(sn,{items:[[Z(`home`),x.home.title],[Z(`keystore`,{keystore:n}),r?.keystore?$(r.keystore):x.keystore.title],[Z(`capabilities`,{keystore:n}),x.capabilities.title]]});return k?(0,J.jsx)(Mn,{capability:k,crumbs:U,onAgain:()=>{j(void 0),E(!1)},list:Z(`capabilities`,{keystore:n})}):(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:t.title,above:U,children:t.title}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(R,{error:i}),(0,J.jsxs)(H,{className:`card narrow form`,onSubmit:()=>void ue(),label:t.title,children:[(0,J.jsx)(A,{label:t.to,hint:t.toHint,className:`mono`,value:u,onChange:d,problem:T&&P?t.toBad:void 0}),(0,J.jsx)(ae,{compact:!0,legend:t.target,value:f,onChange:p,options:[{value:`key`,label:t.oneKey},{value:`whole`,label:t.whole}]}),f===`key`&&(te.length>0?(0,J.jsx)(ee,{label:t.key,value:F,onChange:g,options:te.map(e=>({value:e.id,label:`${$(e)} (${e.type})`}))}):l.data&&(0,J.jsx)(K,{tone:`warning`,children:t.noKeys})),(0,J.jsx)(Se,{label:t.actions,hint:t.actionsHint,problem:T&&B.length===0?t.noAction:void 0,children:e=>(0,J.jsx)(`div`,{id:e.id,role:`group`,"aria-label":t.actions,"aria-describedby":e[`aria-describedby`],className:`stack tight`,children:Object.keys(On).filter(e=>On[e].some(se)).map(e=>(0,J.jsxs)(`fieldset`,{className:`field`,children:[(0,J.jsx)(`legend`,{children:(0,J.jsx)(`strong`,{children:t.groups[e]})}),(0,J.jsx)(`div`,{className:`checks`,children:On[e].filter(se).map(e=>(0,J.jsx)(Ee,{label:x.actions[e]??e,checked:_.includes(e),onChange:t=>v(t?[..._,e]:_.filter(t=>t!==e))},e))})]},e))})}),B.some(e=>An.has(e))&&(0,J.jsx)(K,{tone:`warning`,children:t.dangerous}),(0,J.jsx)(A,{label:t.days,hint:M?t.daysHint(ne(le.getTime())):void 0,inputMode:`numeric`,value:y,onChange:S,problem:M?void 0:t.daysBad}),(0,J.jsx)(G,{label:t.note,optional:!0,rows:2,value:C,onChange:w,maxLength:200}),(0,J.jsx)(R,{error:D}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{tone:`primary`,type:`submit`,icon:`share-2`,children:t.action}),(0,J.jsx)(I,{onClick:()=>Q(Z(`capabilities`,{keystore:n})),children:x.cancel})]})]})]})]})}function Mn({capability:e,crumbs:t,onAgain:n,list:r}){let i=x.delegate;return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:i.done,above:t,children:i.done}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(`p`,{className:`lead`,children:i.doneLead}),(0,J.jsx)(Nn,{capability:e}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{tone:`primary`,onClick:()=>Q(r),children:i.list}),(0,J.jsx)(I,{onClick:n,children:i.again})]})]})]})}function Nn({capability:e}){let t=x.capabilities,n=JSON.stringify(e);return(0,J.jsxs)(`div`,{className:`columns`,children:[(0,J.jsx)(Pe,{value:JSON.stringify(e,null,2),what:t.detail,name:`${x.delegate.file}-${m(e.id).slice(-8)}.json`,type:`application/json`}),new TextEncoder().encode(n).length<=2953?(0,J.jsx)(Ie,{value:n,label:t.qr}):(0,J.jsx)(K,{children:t.qrTooLong})]})}function Pn({keystore:e}){return(0,J.jsx)(an,{url:e,tab:`capabilities`,children:e=>(0,J.jsx)(Fn,{keystore:e})})}function Fn({keystore:e}){let t=x.capabilities,{current:n}=N(),r=n?.did??``,{data:i}=Le({queryKey:[`given`,r],queryFn:()=>D(r),staleTime:0}),a=Y(_t,e.id,{id:e.id,first:100}),[o,s]=(0,q.useState)(),[c,l]=(0,q.useState)(),d=new Set(a.data?.keystore?.revocations.nodes.map(({capability:e})=>e)),f=(i??[]).filter(t=>t.keystore===e.id).sort((e,t)=>t.givenAt-e.givenAt),p=(0,J.jsx)(I,{tone:`primary`,icon:`share-2`,onClick:()=>Q(Z(`delegate`,{keystore:m(e.id)})),children:t.delegate});return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(`div`,{className:`card-head`,children:[(0,J.jsx)(`p`,{className:`lead`,children:t.lead}),f.length>0&&p]}),i&&f.length===0&&(0,J.jsx)(B,{icon:`share-2`,title:t.emptyTitle,actions:p,children:t.empty}),f.length>0&&(0,J.jsx)(`div`,{className:`table`,children:(0,J.jsxs)(`table`,{children:[(0,J.jsx)(`caption`,{className:`visually-hidden`,children:t.table}),(0,J.jsx)(`thead`,{children:(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`col`,children:t.columns.to}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.what}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.actions}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.expires}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.state}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.do})]})}),(0,J.jsx)(`tbody`,{children:f.map(({id:n,capability:r,note:i,revokedAt:a})=>{let o=a||d.has(n)?`revoked`:Date.parse(r.expires)<=Date.now()?`expired`:`active`,c=[r.allowedAction??[]].flat();return(0,J.jsxs)(`tr`,{children:[(0,J.jsxs)(`th`,{scope:`row`,children:[(0,J.jsx)(F,{value:r.controller,what:`DID`}),i&&(0,J.jsx)(`span`,{className:`cell-sub`,children:i})]}),(0,J.jsx)(`td`,{"data-label":t.columns.what,children:r.invocationTarget===e.id?t.whole:(0,J.jsx)(`code`,{title:r.invocationTarget,children:M(m(r.invocationTarget))})}),(0,J.jsx)(`td`,{"data-label":t.columns.actions,children:c.map(e=>x.actions[e]??e).join(`, `)}),(0,J.jsx)(`td`,{"data-label":t.columns.expires,children:(0,J.jsx)(u,{at:r.expires})}),(0,J.jsx)(`td`,{"data-label":t.columns.state,children:(0,J.jsx)(W,{tone:{active:`good`,expired:`plain`,revoked:`danger`}[o],children:t.states[o]})}),(0,J.jsx)(`td`,{children:(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{onClick:()=>s(r),"aria-label":`${t.show}: ${i||M(n)}`,children:t.show}),o===`active`&&(0,J.jsx)(I,{onClick:()=>l(r),"aria-label":`${t.revoke}: ${i||M(n)}`,children:t.revoke})]})})]},n)})})]})}),(0,J.jsx)(Ln,{onAsk:l}),(0,J.jsx)(Rn,{keystore:e}),o&&(0,J.jsx)(z,{wide:!0,title:t.detail,onClose:()=>s(void 0),children:(0,J.jsx)(Nn,{capability:o})}),c&&(0,J.jsx)(In,{capability:c,onClose:()=>l(void 0)})]})}function In({capability:e,onClose:t}){let n=x.capabilities,{caller:r,current:i}=N(),a=b(),o=Ve({mutationFn:async()=>{if(!r||!i)return;await de(e,r);let t=(await D(i.did)).find(({id:t})=>t===e.id);t&&await ce(`given`,{...t,revokedAt:Date.now()})},onSuccess:()=>{a.invalidateQueries({queryKey:[`given`]}),a.invalidateQueries({queryKey:[`api`]}),t(),y({message:n.revoked})}});return(0,J.jsx)(he,{title:n.revokeTitle,losses:n.revokeLosses(M(e.controller)),action:n.revokeAction,busy:o.isPending,error:o.error,onClose:t,onConfirm:()=>o.mutate()})}function Ln({onAsk:e}){let t=x.capabilities,[n,r]=(0,q.useState)(``),[i,a]=(0,q.useState)();return(0,J.jsxs)(`details`,{className:`card`,children:[(0,J.jsx)(`summary`,{children:t.revokeOther}),(0,J.jsxs)(H,{className:`form`,onSubmit:()=>{try{let t=JSON.parse(n);se(t),a(void 0),e(t)}catch{a(t.revokeBad)}},label:t.revokeOther,children:[(0,J.jsx)(G,{label:t.revokeJson,hint:t.revokeOtherLead,className:`mono`,rows:5,value:n,onChange:r,problem:i}),(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{type:`submit`,children:t.revoke})})]})]})}function Rn({keystore:e}){let t=x.capabilities,{data:n,error:r}=Y(_t,e.id,{id:e.id,first:100}),i=n?.keystore?.revocations.nodes??[];return(0,J.jsxs)(`section`,{"aria-labelledby":`revoked`,className:`stack tight`,children:[(0,J.jsx)(`h2`,{id:`revoked`,children:t.server}),(0,J.jsx)(R,{error:r}),n&&i.length===0&&(0,J.jsx)(`p`,{className:`soft`,children:t.none}),i.length>0&&(0,J.jsx)(`div`,{className:`table`,children:(0,J.jsxs)(`table`,{children:[(0,J.jsx)(`caption`,{className:`visually-hidden`,children:t.serverTable}),(0,J.jsx)(`thead`,{children:(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`col`,children:t.serverColumns.id}),(0,J.jsx)(`th`,{scope:`col`,children:t.serverColumns.by}),(0,J.jsx)(`th`,{scope:`col`,children:t.serverColumns.when}),(0,J.jsx)(`th`,{scope:`col`,children:t.serverColumns.ends})]})}),(0,J.jsx)(`tbody`,{children:i.map(e=>(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`row`,children:(0,J.jsx)(`code`,{children:e.capability})}),(0,J.jsx)(`td`,{"data-label":t.serverColumns.by,children:(0,J.jsx)(F,{value:e.revoker,what:`DID`})}),(0,J.jsx)(`td`,{"data-label":t.serverColumns.when,children:(0,J.jsx)(u,{at:e.revokedAt})}),(0,J.jsx)(`td`,{"data-label":t.serverColumns.ends,children:(0,J.jsx)(u,{at:e.expires})})]},e.capability+e.delegator))})]})})]})}function zn({url:e}){return(0,J.jsx)(an,{url:e,tab:`keystoreSettings`,children:e=>(0,J.jsxs)(`div`,{className:`columns`,children:[(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(Bn,{keystore:e}),e.vaultUrl&&(0,J.jsx)(Vn,{keystore:e,vault:e.vaultUrl})]}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(Un,{keystore:e}),(0,J.jsx)(Wn,{keystore:e})]})]})})}function Bn({keystore:e}){let t=x.settings,n=X(xt),[r,i]=(0,q.useState)(e.name??``),[a,o]=(0,q.useState)(e.description??``),[s,c]=(0,q.useState)(dn(e.tags)),l=un(s);return(0,J.jsxs)(H,{className:`card`,onSubmit:()=>l&&n.mutate({url:e.id,variables:{input:{keystore:e.id,name:r.trim(),description:a.trim(),tags:l}}},{onSuccess:()=>y({message:t.saved})}),label:t.labels,children:[(0,J.jsx)(`h2`,{children:t.labels}),(0,J.jsx)(A,{label:t.name,optional:!0,value:r,onChange:i,maxLength:128}),(0,J.jsx)(G,{label:t.description,optional:!0,rows:3,value:a,onChange:o,maxLength:1024}),(0,J.jsx)(G,{label:t.tags,hint:t.tagsHint,optional:!0,rows:3,value:s,onChange:c,problem:l?void 0:t.tagsBad}),(0,J.jsx)(R,{error:n.error}),(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{tone:`primary`,type:`submit`,busy:n.isPending,children:x.save})})]})}function Vn({keystore:e,vault:t}){let n=x.settings,{caller:r}=N(),i=Yt(),a=X(St),[o,s]=(0,q.useState)(`90`),[c,l]=(0,q.useState)(),d=wn(o,1,90),f=async()=>{if(l(void 0),d&&r&&i.data)try{let o=await Hn(r.identity,t,i.data.service.did,d);a.mutate({url:e.id,variables:{input:{keystore:e.id,capability:o}}},{onSuccess:()=>y({message:n.vaultRenewed})})}catch(e){l(e)}};return(0,J.jsxs)(H,{className:`card`,onSubmit:()=>void f(),label:n.vault,children:[(0,J.jsx)(`h2`,{children:n.vault}),(0,J.jsx)(F,{value:t,what:x.create.vaultUrl,full:!0}),e.vaultCapabilityExpires&&(0,J.jsxs)(`p`,{children:[x.create.vaultDays,`: `,(0,J.jsx)(u,{at:e.vaultCapabilityExpires})]}),(0,J.jsx)(`p`,{className:`soft`,children:n.vaultLead}),(0,J.jsx)(A,{label:x.create.vaultDays,inputMode:`numeric`,value:o,onChange:s,problem:d?void 0:x.create.vaultDaysBad}),(0,J.jsx)(R,{error:c??a.error}),(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{type:`submit`,busy:a.isPending,children:n.vaultRenew})})]})}function Hn(e,t,n,r){return oe({identity:e,rootTarget:t,target:t+`/documents`,controller:n,actions:[`read`,`write`],expires:new Date(Date.now()+r*864e5-6e4)})}function Un({keystore:e}){let t=x.settings,[n,r]=(0,q.useState)(!1),[i,a]=(0,q.useState)(`30`),o=X(Ct),s=X(wt),c=X(Tt),l=X(Et),u={url:e.id,variables:{input:{keystore:e.id}}},d=wn(i,7,30);return(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`state`,children:[(0,J.jsx)(`h2`,{id:`state`,children:t.state}),(0,J.jsx)(`p`,{className:`soft`,children:t.disableLead}),(0,J.jsx)(R,{error:s.error??o.error??l.error}),(0,J.jsxs)(`div`,{className:`actions`,children:[e.state===`ENABLED`&&(0,J.jsx)(I,{icon:`power`,busy:s.isPending,onClick:()=>s.mutate(u,{onSuccess:()=>y({message:t.disabled,undo:()=>o.mutate(u)})}),children:t.disable}),e.state===`DISABLED`&&(0,J.jsx)(I,{icon:`power`,busy:o.isPending,onClick:()=>o.mutate(u),children:x.keystore.enable}),e.state===`PENDING_DELETION`?(0,J.jsx)(I,{busy:l.isPending,onClick:()=>l.mutate(u),children:x.keystore.keep}):(0,J.jsx)(I,{tone:`danger`,icon:`trash-2`,onClick:()=>r(!0),children:t.delete})]}),n&&(0,J.jsxs)(he,{title:t.deleteTitle,losses:t.deleteLosses($(e)),action:t.delete,word:$(e),busy:c.isPending,error:c.error,onClose:()=>r(!1),onConfirm:()=>d&&c.mutate({url:e.id,variables:{input:{keystore:e.id,windowDays:d}}},{onSuccess:({deleteKeystore:e})=>{r(!1),y({message:t.deleted(ne(e.keystore.deletesAt??Date.now())),undo:()=>l.mutate(u)})}}),children:[(0,J.jsx)(K,{children:t.deleteLead}),(0,J.jsx)(A,{label:t.days,inputMode:`numeric`,value:i,onChange:a,problem:d?void 0:x.key.daysBad})]})]})}function Wn({keystore:e}){let t=x.settings,{forget:n}=N(),r=X(xt),[i,a]=(0,q.useState)(``),[o,s]=(0,q.useState)(),[c,l]=(0,q.useState)(!1);return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(H,{className:`card`,label:t.controller,onSubmit:()=>{let e=Ce(i.trim());s(e?void 0:t.controllerBad),e&&l(!0)},children:[(0,J.jsx)(`h2`,{children:t.controller}),(0,J.jsxs)(`dl`,{className:`facts`,children:[(0,J.jsx)(`dt`,{children:x.create.controller}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(F,{value:e.controller,what:`DID`})}),(0,J.jsx)(`dt`,{children:x.key.made}),(0,J.jsx)(`dd`,{children:ze(e.createdAt)})]}),(0,J.jsx)(`p`,{className:`soft`,children:e.vaultUrl?t.controllerVault:t.controllerLead}),!e.vaultUrl&&(0,J.jsx)(A,{label:t.controllerDid,className:`mono`,value:i,onChange:a,problem:o}),!e.vaultUrl&&(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{type:`submit`,children:t.controllerAction})})]}),c&&(0,J.jsx)(he,{title:t.controllerTitle,losses:t.controllerLosses,action:t.controllerAction,word:$(e),busy:r.isPending,error:r.error,onClose:()=>l(!1),onConfirm:()=>r.mutate({url:e.id,variables:{input:{keystore:e.id,controller:i.trim()}}},{onSuccess:()=>{l(!1),y({message:t.controllerDone}),Q(Z(`home`)),n(e.id)}})})]})}async function Gn(){let e=await Kn()??await qn();return{identity:await De.fromFile(e),file:e}}async function Kn(){let e;try{e=await crypto.subtle.generateKey({name:`Ed25519`},!0,[`sign`,`verify`])}catch(e){if(e instanceof Error&&e.name===`NotSupportedError`)return;throw e}let{d:t,x:n}=await Jn(e);return Yn(le(`Ed25519`,n),`Ed25519VerificationKey2020`,`privateKeyMultibase`,_e(Uint8Array.of(128,38),t,n),t)}async function qn(){let{d:e,x:t,y:n}=await Jn(await crypto.subtle.generateKey({name:`ECDSA`,namedCurve:`P-256`},!0,[`sign`,`verify`]));return Yn(le(`P-256`,_e(Uint8Array.of(2+((n.at(-1)??0)&1)),t)),`Multikey`,`secretKeyMultibase`,_e(Uint8Array.of(134,38),e),e)}async function Jn({privateKey:e}){let t=await crypto.subtle.exportKey(`jwk`,e);return{d:U(t.d??``),x:U(t.x??``),y:U(t.y??``)}}function Yn(e,t,n,r,i){let a=e.slice(8),o={id:`${e}#${a}`,type:t,controller:e,publicKeyMultibase:a,[n]:Ne(r)};return r.fill(0),i.fill(0),JSON.stringify(o,null,2)+`
`}function Xn({onMade:e}){let t=x.welcome,n=re();return(0,J.jsxs)(`div`,{className:`welcome`,children:[(0,J.jsxs)(`div`,{className:`welcome-head`,children:[(0,J.jsx)(f,{}),(0,J.jsx)(V,{title:t.title,children:t.heading}),(0,J.jsx)(`p`,{className:`lead`,children:t.lead})]}),n&&(0,J.jsx)(K,{children:t.enrolWaiting}),(0,J.jsxs)(`div`,{className:`columns`,children:[(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`make`,children:[(0,J.jsx)(`h2`,{id:`make`,children:t.make}),(0,J.jsx)(`p`,{className:`soft`,children:t.makeLead}),(0,J.jsx)(Qn,{onMade:e})]}),(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`have`,children:[(0,J.jsx)(`h2`,{id:`have`,children:t.import}),(0,J.jsx)(`p`,{className:`soft`,children:t.importLead}),(0,J.jsx)($n,{})]})]}),(0,J.jsx)(Zn,{})]})}function Zn(){let e=x.lock;return(0,J.jsxs)(`div`,{className:`locks`,children:[(0,J.jsxs)(`div`,{className:`lock`,children:[(0,J.jsxs)(`h2`,{children:[(0,J.jsx)(T,{name:`server`}),e.server]}),(0,J.jsx)(`p`,{className:`soft`,children:e.serverWhat})]}),(0,J.jsxs)(`div`,{className:`lock user`,children:[(0,J.jsxs)(`h2`,{children:[(0,J.jsx)(T,{name:`key-round`}),e.user]}),(0,J.jsx)(`p`,{children:e.userWhat})]})]})}function Qn({onMade:e,onDone:t}){let n=x.welcome,{add:r,identities:i}=N(),[a,o]=(0,q.useState)(``),[s,c]=(0,q.useState)(!1),[l,u]=(0,q.useState)(),d=async()=>{c(!0),u(void 0);try{let{identity:o,file:s}=await Gn();t?.(),e({did:o.did,file:s}),await r(o,a.trim()||(i.length===0?n.labelDefault:`${n.labelDefault} ${i.length+1}`),!1)}catch(e){u(e),c(!1)}};return(0,J.jsxs)(H,{className:`form`,onSubmit:()=>!s&&void d(),label:n.make,children:[(0,J.jsx)(A,{label:n.label,hint:n.labelHint,optional:!0,value:a,onChange:o,maxLength:60}),(0,J.jsx)(R,{error:l}),(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{tone:`primary`,icon:`key-round`,type:`submit`,busy:s,children:n.makeAction})})]})}function $n({onDone:e}){let t=x.welcome,{add:n,identities:r}=N(),[i,a]=(0,q.useState)(``),[o,s]=(0,q.useState)(),c=async t=>{s(void 0);try{let a=await De.fromFile(await t.slice(0,8192).text()),o=r.find(({did:e})=>e===a.did);await n(a,i.trim()||o?.label||t.name.replace(/\.json$/,``),!0),e?.()}catch(e){s(e)}};return(0,J.jsxs)(`div`,{className:`form`,children:[(0,J.jsx)(A,{label:t.label,hint:t.labelHint,optional:!0,value:i,onChange:a,maxLength:60}),(0,J.jsx)(R,{error:o}),(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(ge,{label:t.importAction,accept:`.json,application/json`,onFile:e=>void c(e)})})]})}function er(){let e=x.create,{caller:t,current:n,remember:r}=N(),i=Yt(),[a,o]=(0,q.useState)(`lock`),[s,c]=(0,q.useState)(`LOCAL`),[l,u]=(0,q.useState)(),[d,f]=(0,q.useState)(!1),[p,m]=(0,q.useState)(!1),[h,g]=(0,q.useState)(!0),[v,y]=(0,q.useState)(`database`),[b,S]=(0,q.useState)(``),[C,w]=(0,q.useState)(`90`),[T,E]=(0,q.useState)(``),[D,O]=(0,q.useState)(``),[ee,k]=(0,q.useState)(!1),[j,te]=(0,q.useState)(),[ne,re]=(0,q.useState)(()=>crypto.randomUUID()),P=X(bt),[L,oe]=(0,q.useState)(),z=s===`SHAMIR`?[`lock`,`shares`,`store`,`details`]:[`lock`,`store`,`details`],se=z.indexOf(a),ce=wn(C,1,90),B=b.trim(),le=!/^https?:\/\/[^/?#]+\/[^?#]*[^/?#]$/.test(B),ue=()=>{let[e,t,n]=qe(3,2);e&&t&&n&&u({mine:e,auth:t,recovery:n})},U=e=>{let t=z[e];t&&(t===`shares`&&!l&&ue(),k(!1),te(void 0),P.reset(),o(t),document.getElementById(`wizard`)?.focus())},W=async()=>{if(k(!0),(a!==`shares`||p)&&(a!==`store`||v!==`vault`||!le&&ce)){if(a!==`details`)U(se+1);else if(t&&n&&i.data&&!P.isPending){te(void 0);try{let e={controller:n.did,userLock:s,...T.trim()&&{name:T.trim()},...D.trim()&&{description:D.trim()},...s===`SHAMIR`&&h&&l&&{secretShares:[ie(l.mine)]},...v===`vault`&&ce&&{vault:{url:B,capability:await Hn(t.identity,B,i.data.service.did,ce)}}},{createKeystore:{keystore:a}}=await P.mutateAsync({url:xe,variables:{input:{...e,...v===`database`&&{idempotencyKey:ne}}}});if(l&&s===`SHAMIR`){_(a.id,[ie(l.mine)]);for(let e of Object.values(l))e.fill(0);u(void 0)}await r({did:n.did,url:a.id,name:a.name,userLock:a.userLock,vault:a.vaultUrl!==null,seenAt:Date.now()}),oe(a)}catch(e){te(e),e instanceof je&&re(crypto.randomUUID())}}}};if(L)return(0,J.jsx)(nr,{keystore:L});let de=j instanceof je&&j.code===`FORBIDDEN`;return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:e.title,children:e.title}),(0,J.jsx)(`ol`,{className:`steps`,"aria-label":e.progress,children:z.map((t,n)=>(0,J.jsx)(`li`,{className:n<se?`done`:void 0,"aria-current":t===a?`step`:void 0,children:e.steps[t]},t))}),(0,J.jsx)(H,{onSubmit:()=>void W(),label:e.title,children:(0,J.jsxs)(`div`,{className:`stack`,id:`wizard`,tabIndex:-1,role:`group`,"aria-label":e.steps[a],children:[a===`lock`&&(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`p`,{className:`lead`,children:e.lead}),(0,J.jsx)(Zn,{}),(0,J.jsx)(ae,{legend:e.lockLegend,value:s,onChange:c,options:[{value:`LOCAL`,label:e.local,hint:e.localHint},{value:`SHAMIR`,label:e.shamir,hint:e.shamirHint}]})]}),a===`shares`&&l&&(0,J.jsx)(tr,{shares:l,recovery:d,setRecovery:f,stored:p,setStored:m,pin:h,setPin:g,asked:ee}),a===`store`&&(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(ae,{legend:e.storeLegend,value:v,onChange:y,options:[{value:`database`,label:e.database,hint:e.databaseHint},{value:`vault`,label:e.vault,hint:e.vaultHint}]}),v===`vault`&&(0,J.jsxs)(`div`,{className:`card narrow`,children:[(0,J.jsx)(A,{label:e.vaultUrl,hint:e.vaultUrlHint,type:`url`,className:`mono`,value:b,onChange:S,problem:ee&&le?e.vaultUrlBad:void 0}),(0,J.jsx)(A,{label:e.vaultDays,hint:e.vaultDaysHint,inputMode:`numeric`,value:C,onChange:w,problem:ce?void 0:e.vaultDaysBad}),i.data&&(0,J.jsx)(K,{children:e.vaultGrant(M(i.data.service.did))})]})]}),a===`details`&&(0,J.jsxs)(`div`,{className:`columns`,children:[(0,J.jsxs)(`div`,{className:`card`,children:[(0,J.jsx)(A,{label:e.name,hint:e.nameHint,optional:!0,value:T,onChange:E,maxLength:128}),(0,J.jsx)(A,{label:e.description,optional:!0,value:D,onChange:O,maxLength:1024})]}),(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`check`,children:[(0,J.jsx)(`h2`,{id:`check`,children:e.check}),(0,J.jsxs)(`dl`,{className:`facts`,children:[(0,J.jsx)(`dt`,{children:x.lock.user}),(0,J.jsx)(`dd`,{children:x.lock.kinds[s]}),(0,J.jsx)(`dt`,{children:e.steps.store}),(0,J.jsx)(`dd`,{children:v===`vault`?(0,J.jsx)(`code`,{children:B}):x.lock.stores.database}),(0,J.jsx)(`dt`,{children:e.controller}),(0,J.jsxs)(`dd`,{children:[n?.label,` `,n&&(0,J.jsx)(F,{value:n.did,what:`DID`})]})]})]})]}),de?(0,J.jsxs)(K,{tone:`warning`,title:x.errors.codes.FORBIDDEN.title,children:[(0,J.jsx)(`p`,{children:e.notAllowed}),n&&(0,J.jsx)(F,{value:n.did,what:`DID`,full:!0})]}):(0,J.jsx)(R,{error:j}),(0,J.jsxs)(`div`,{className:`actions`,children:[se>0&&(0,J.jsx)(I,{icon:`chevron-left`,onClick:()=>U(se-1),children:x.back}),a===`details`?(0,J.jsx)(I,{tone:`primary`,type:`submit`,icon:`check`,busy:P.isPending,children:e.action}):(0,J.jsx)(I,{tone:`primary`,type:`submit`,children:x.next}),(0,J.jsx)(I,{tone:`quiet`,onClick:()=>Q(Z(`home`)),children:x.cancel})]})]})})]})}function tr({shares:e,recovery:t,setRecovery:n,stored:r,setStored:i,pin:a,setPin:o,asked:s}){let c=x.create,[l,u]=(0,q.useState)(!1),{current:d}=N(),f=JSON.stringify({secret:ue(e.auth)});return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`p`,{className:`lead`,children:c.sharesLead}),(0,J.jsxs)(`div`,{className:`columns`,children:[(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`share-mine`,children:[(0,J.jsx)(`h2`,{id:`share-mine`,children:c.mine}),(0,J.jsx)(`p`,{className:`soft`,children:c.mineWhat}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{icon:`download`,onClick:()=>h(`twolock-mine.share`,ue(e.mine)+`
`,`text/plain`),children:c.mineSave}),(0,J.jsx)(Ae,{value:ue(e.mine),what:c.mine})]})]}),(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`share-auth`,children:[(0,J.jsx)(`h2`,{id:`share-auth`,children:c.auth}),(0,J.jsx)(`p`,{className:`soft`,children:c.authWhat}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{icon:`download`,onClick:()=>h(`twolock-auth.share.json`,f),children:c.authSave}),(0,J.jsx)(Ae,{value:f,what:c.auth})]}),(0,J.jsx)(Pe,{what:c.authCommand,value:`curl --json @twolock-auth.share.json -H "Authorization: Bearer $(printf %s "$TOKEN" | base64 -w0)" "$AUTH_URL/secret"`})]})]}),(0,J.jsx)(Ee,{label:c.recovery,hint:c.recoveryHint,checked:t,onChange:n}),t&&(0,J.jsxs)(`section`,{className:`card narrow`,"aria-labelledby":`share-paper`,children:[(0,J.jsx)(`h2`,{id:`share-paper`,children:c.paper}),(0,J.jsx)(`p`,{className:`soft`,children:c.paperWhat}),(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{icon:`printer`,onClick:()=>u(!0),children:c.paperPrint})})]}),(0,J.jsx)(Ee,{label:c.pin,hint:c.pinHint,checked:a,onChange:o}),(0,J.jsx)(Ee,{label:c.stored,hint:c.storedHint,checked:r,onChange:i}),s&&!r&&(0,J.jsx)(K,{tone:`warning`,children:c.storedMissing}),l&&(0,J.jsxs)(z,{title:c.paperTitle,onClose:()=>u(!1),children:[(0,J.jsxs)(`div`,{className:`sheet`,children:[(0,J.jsx)(`h3`,{children:c.paperHeading}),(0,J.jsx)(`p`,{children:c.paperBody}),(0,J.jsx)(Ie,{value:ue(e.recovery),label:c.paperQr}),(0,J.jsx)(`p`,{children:(0,J.jsx)(`code`,{children:ue(e.recovery)})}),(0,J.jsxs)(`p`,{children:[c.paperFor,`: `,(0,J.jsx)(`code`,{children:d?.did})]}),(0,J.jsxs)(`p`,{children:[c.paperOn,`: `,(0,J.jsx)(`code`,{children:location.origin}),`. `,c.paperDate,` `,ze(Date.now()),`.`]})]}),(0,J.jsx)(`div`,{className:`actions end`,children:(0,J.jsx)(I,{tone:`primary`,icon:`printer`,onClick:()=>window.print(),children:c.print})})]})]})}function nr({keystore:e}){let t=x.create,n=m(e.id);return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:t.doneTitle,children:t.doneTitle}),(0,J.jsxs)(`div`,{className:`card narrow`,children:[(0,J.jsx)(`p`,{children:t.done}),(0,J.jsxs)(`dl`,{className:`facts`,children:[(0,J.jsx)(`dt`,{children:t.url}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(F,{value:e.id,what:x.keystore.url,full:!0})})]}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{tone:`primary`,icon:`key-round`,onClick:()=>Q(Z(`newKey`,{keystore:n})),children:t.firstKey}),(0,J.jsx)(I,{onClick:()=>Q(Z(`keystore`,{keystore:n})),children:t.goThere})]})]})]})}function rr(){let e=x.home,{places:t,forget:n,remember:r}=N(),i=t.filter(({url:e})=>e!==xe),[a,o]=(0,q.useState)(``),s=a.trim().toLowerCase(),c=[...i].sort((e,t)=>t.seenAt-e.seenAt).filter(({name:e,url:t})=>!s||e?.toLowerCase().includes(s)||t.toLowerCase().includes(s)),l=t=>void n(t.url).then(()=>y({message:e.forgot(t.name??m(t.url)),undo:()=>void r(t)})),d=(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(I,{icon:`folder-open`,onClick:()=>Q(Z(`open`)),children:e.open}),(0,J.jsx)(I,{tone:`primary`,icon:`plus`,onClick:()=>Q(Z(`create`)),children:e.create})]});return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:e.title,actions:i.length>0&&d,children:e.title}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(ar,{}),i.length===0?(0,J.jsx)(B,{icon:`vault`,title:e.emptyTitle,actions:d,children:e.empty}):(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`p`,{className:`lead`,children:e.lead}),i.length>5&&(0,J.jsx)(`div`,{className:`toolbar`,children:(0,J.jsx)(A,{label:e.filter,type:`search`,value:a,onChange:o})}),c.length===0?(0,J.jsx)(`p`,{role:`status`,children:e.nothing}):(0,J.jsx)(`div`,{className:`table`,children:(0,J.jsxs)(`table`,{children:[(0,J.jsx)(`caption`,{className:`visually-hidden`,children:e.table}),(0,J.jsx)(`thead`,{children:(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`col`,children:e.columns.name}),(0,J.jsx)(`th`,{scope:`col`,children:e.columns.lock}),(0,J.jsx)(`th`,{scope:`col`,children:e.columns.store}),(0,J.jsx)(`th`,{scope:`col`,children:e.columns.access}),(0,J.jsx)(`th`,{scope:`col`,children:e.columns.seen}),(0,J.jsx)(`th`,{scope:`col`,children:e.columns.actions})]})}),(0,J.jsx)(`tbody`,{children:c.map(t=>(0,J.jsxs)(`tr`,{children:[(0,J.jsxs)(`th`,{scope:`row`,children:[(0,J.jsx)(nn,{to:new URL(t.url).pathname,children:(0,J.jsx)(`span`,{className:`clip`,children:t.name||m(t.url)})}),(0,J.jsxs)(`span`,{className:`cell-sub`,children:[ir(t.url)?e.key:e.keystore,` `,M(m(t.url))]})]}),(0,J.jsx)(`td`,{"data-label":e.columns.lock,children:t.userLock===`LOCAL`||t.userLock===`SHAMIR`?x.lock.short[t.userLock]:``}),(0,J.jsx)(`td`,{"data-label":e.columns.store,children:t.vault===void 0?``:t.vault?x.lock.stores.vault:x.lock.stores.database}),(0,J.jsx)(`td`,{"data-label":e.columns.access,children:(0,J.jsx)(W,{children:t.capability?e.delegated:e.root})}),(0,J.jsx)(`td`,{"data-label":e.columns.seen,children:(0,J.jsx)(u,{at:t.seenAt})}),(0,J.jsx)(`td`,{children:(0,J.jsx)(I,{tone:`quiet`,icon:`eraser`,onClick:()=>l(t),"aria-label":`${e.forget}: ${t.name??m(t.url)}`,children:e.forget})})]},t.url))})]})})]})]})]})}var ir=e=>/\/keys\/[^/]+$/.test(e);function ar(){let e=x.enrol,t=re(),{current:n}=N(),r=X(pt);return!t||!n?null:(0,J.jsxs)(K,{title:e.title,actions:(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(I,{tone:`primary`,icon:`shield-check`,busy:r.isPending,onClick:()=>r.mutate({url:xe,variables:{input:{token:t}}},{onSuccess:()=>{we(),y({message:e.done})}}),children:e.action}),(0,J.jsx)(I,{tone:`quiet`,onClick:we,children:e.later})]}),children:[(0,J.jsx)(`p`,{children:e.body(`“${n.label}” (${M(n.did)})`)}),(0,J.jsx)(R,{error:r.error})]})}function or({onMade:e}){let t=x.identity,{identities:n,current:r,select:i}=N(),[a,o]=(0,q.useState)(),s=Xt(),c=()=>o(void 0);return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:t.title,actions:(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(I,{icon:`upload`,onClick:()=>o({what:`import`}),children:t.import}),(0,J.jsx)(I,{tone:`primary`,icon:`plus`,onClick:()=>o({what:`new`}),children:t.new})]}),children:t.title}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(`p`,{className:`lead`,children:t.lead}),(0,J.jsx)(`div`,{className:`table`,children:(0,J.jsxs)(`table`,{children:[(0,J.jsx)(`caption`,{className:`visually-hidden`,children:t.table}),(0,J.jsx)(`thead`,{children:(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`col`,children:t.columns.name}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.did}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.made}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.file}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.actions})]})}),(0,J.jsx)(`tbody`,{children:n.map(e=>{let n=e.did===r?.did;return(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`row`,children:(0,J.jsxs)(`span`,{className:`badges`,children:[e.label||x.nav.unnamed,` `,n&&(0,J.jsx)(W,{tone:`good`,children:t.inUse}),n&&s.data&&(0,J.jsx)(W,{children:t.operator})]})}),(0,J.jsx)(`td`,{"data-label":t.columns.did,children:(0,J.jsx)(F,{value:e.did,what:`DID, ${e.label}`})}),(0,J.jsx)(`td`,{"data-label":t.columns.made,children:(0,J.jsx)(u,{at:e.createdAt})}),(0,J.jsx)(`td`,{"data-label":t.columns.file,children:e.saved?t.saved:(0,J.jsx)(W,{tone:`warning`,children:t.notSaved})}),(0,J.jsx)(`td`,{children:(0,J.jsxs)(`div`,{className:`actions`,children:[!n&&(0,J.jsx)(I,{onClick:()=>void i(e.did),"aria-label":`${t.use}: ${e.label}`,children:t.use}),(0,J.jsx)(I,{tone:`quiet`,className:`only-icon`,icon:`qr-code`,"aria-label":`${t.show}: ${e.label}`,title:t.show,onClick:()=>o({what:`qr`,identity:e})}),(0,J.jsx)(I,{tone:`quiet`,className:`only-icon`,icon:`pencil`,"aria-label":`${t.rename}: ${e.label}`,title:t.rename,onClick:()=>o({what:`rename`,identity:e})}),(0,J.jsx)(I,{icon:`log-out`,onClick:()=>o({what:`wipe`,identity:e}),"aria-label":`${t.wipe}: ${e.label}`,children:t.wipe})]})})]},e.did)})})]})})]}),a?.what===`new`&&(0,J.jsx)(z,{title:t.new,onClose:c,children:(0,J.jsx)(Qn,{onMade:e,onDone:c})}),a?.what===`import`&&(0,J.jsx)(z,{title:t.import,onClose:c,children:(0,J.jsx)($n,{onDone:c})}),a?.what===`rename`&&(0,J.jsx)(sr,{identity:a.identity,onClose:c}),a?.what===`wipe`&&(0,J.jsx)(cr,{identity:a.identity,onClose:c}),a?.what===`qr`&&(0,J.jsx)(z,{title:a.identity.label,onClose:c,children:(0,J.jsxs)(`div`,{className:`stack tight`,children:[(0,J.jsx)(Ie,{value:a.identity.did,label:t.qr(a.identity.did)}),(0,J.jsx)(F,{value:a.identity.did,what:`DID`,full:!0})]})})]})}function sr({identity:e,onClose:t}){let{change:n}=N(),[r,i]=(0,q.useState)(e.label);return(0,J.jsx)(z,{title:x.identity.renameTitle,onClose:t,children:(0,J.jsxs)(H,{onSubmit:()=>void n({...e,label:r.trim()||e.label}).then(t),children:[(0,J.jsx)(A,{label:x.identity.name,value:r,onChange:i,maxLength:60}),(0,J.jsxs)(`div`,{className:`actions end`,children:[(0,J.jsx)(I,{onClick:t,children:x.cancel}),(0,J.jsx)(I,{tone:`primary`,type:`submit`,children:x.save})]})]})})}function cr({identity:e,onClose:t}){let r=x.identity,{wipe:i}=N(),a=Le({queryKey:[`kept`,e.did],gcTime:0,queryFn:async()=>({places:(await n(e.did)).length,given:(await D(e.did)).length})});return a.data?(0,J.jsx)(he,{title:r.wipeTitle(e.label),losses:r.wipeLosses(a.data.places,a.data.given,e.saved),action:r.wipeAction,onClose:t,...!e.saved&&{word:r.word},onConfirm:()=>void i(e.did).then(()=>{t(),y({message:r.wiped(e.label)})})}):(0,J.jsx)(J.Fragment,{})}function lr({recovery:e,onDone:t}){let n=x.recovery,{current:r,change:i}=N(),[a,o]=(0,q.useState)(!1),[s,c]=(0,q.useState)(!1);return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:n.title,children:n.title}),(0,J.jsxs)(`div`,{className:`card narrow`,children:[(0,J.jsx)(`p`,{children:n.lead}),(0,J.jsx)(K,{tone:`warning`,title:n.now,children:n.keep}),(0,J.jsxs)(`dl`,{className:`facts`,children:[(0,J.jsx)(`dt`,{children:n.did}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(F,{value:e.did,what:`DID`,full:!0})})]}),a&&(0,J.jsx)(K,{tone:`good`,children:n.saved}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{tone:a?`plain`:`primary`,icon:`download`,onClick:()=>{h(O(`twolock-`,M(e.did).slice(8).replace(`…`,`-`),`.json`),e.file),o(!0),r?.did===e.did&&i({...r,saved:!0})},children:n.save}),a?(0,J.jsx)(I,{tone:`primary`,onClick:t,children:n.done}):(0,J.jsx)(I,{tone:`quiet`,onClick:()=>c(!0),children:n.without})]})]}),s&&(0,J.jsx)(he,{title:n.withoutTitle,losses:[n.withoutLoss],action:n.without,onConfirm:t,onClose:()=>c(!1)})]})}var ur=[{group:`sign`,types:[`ED25519`,`ECDSA_P256`,`ECDSA_P384`,`ECDSA_P521`,`ECDSA_SECP256K1`,`ML_DSA_44`,`ML_DSA_65`,`ML_DSA_87`]},{group:`encrypt`,types:[`XAES_256_GCM`,`AES_256_GCM`,`AES_128_GCM`,`XCHACHA20_POLY1305`,`CHACHA20_POLY1305`]},{group:`mac`,types:[`HMAC_SHA256`,`HMAC_SHA384`,`HMAC_SHA512`]},{group:`agree`,types:[`X25519`,`ECDH_P256`,`ECDH_P384`,`ECDH_P521`,`ML_KEM_768`,`ML_KEM_1024`]},{group:`rsa`,types:[`RSA_2048`,`RSA_3072`,`RSA_4096`]}];function dr(e){return ur.find(({types:t})=>t.includes(e))?.group??`sign`}function fr(e){switch(dr(e)){case`sign`:return[`SIGN`,`VERIFY`];case`mac`:return[`COMPUTE_MAC`,`VERIFY_MAC`,`DERIVE_KEY`];case`rsa`:return[`SIGN`,`VERIFY`,`ENCRYPT`,`DECRYPT`,`WRAP_KEY`,`UNWRAP_KEY`];case`encrypt`:return e.startsWith(`AES_`)?[`ENCRYPT`,`DECRYPT`,`WRAP_KEY`,`UNWRAP_KEY`]:[`ENCRYPT`,`DECRYPT`];case`agree`:return e.startsWith(`ML_KEM`)?[`ENCAPSULATE`,`DECAPSULATE`]:[`ENCRYPT`,`DECRYPT`,`WRAP_KEY`,`UNWRAP_KEY`,...e===`X25519`?[`SEAL`,`OPEN`]:[],`DERIVE_SECRET`,`DERIVE_KEY`]}}var pr=[`RSA_PSS_SHA256`,`RSA_PSS_SHA384`,`RSA_PSS_SHA512`,`RSA_PKCS1_SHA256`,`RSA_PKCS1_SHA384`,`RSA_PKCS1_SHA512`,`EDDSA`,`ECDSA`,`ML_DSA`],mr=[`AEAD`,`RSA_OAEP_SHA256`,`HPKE_AES_256_GCM`,`HPKE_AES_128_GCM`,`HPKE_CHACHA20_POLY1305`],hr=[`AES_KW`,`AES_KWP`,`RSA_OAEP_256`,`ECDH_ES_A256KW`],gr=e=>pr.filter(t=>e.includes(t)),_r=e=>mr.filter(t=>e.includes(t)),vr=e=>hr.filter(t=>e.includes(t)),yr=e=>e.startsWith(`ECDSA_`),br=e=>e.startsWith(`RSA_`),xr=e=>e===`X25519`||e.startsWith(`ECDH_`);function Sr({keystore:e}){let t=x.newKey,{data:n,error:r}=rn(e),i=n?.keystore,a=Z(`keystore`,{keystore:m(e)});return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:t.title,above:(0,J.jsx)(sn,{items:[[Z(`home`),x.home.title],[a,i?$(i):x.keystore.title]]}),children:t.title}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(R,{error:r}),!i&&!r&&(0,J.jsx)(Me,{}),i?.userLock===`SHAMIR`&&(0,J.jsx)(ln,{keystore:e}),i&&(0,J.jsx)(wr,{keystore:e,types:i.keyTypes,shamir:i.userLock===`SHAMIR`})]})]})}function Cr(e){let t=Yt(),n=new Set(t.data?.service.keyTypes??e);return ur.flatMap(({group:t,types:r})=>r.filter(t=>e.includes(t)&&n.has(t)).map(e=>({value:e,label:e,group:x.types.groups[t]})))}function wr({keystore:e,types:t,shamir:n}){let r=x.newKey,i=Cr(t),a=P(e),[o,s]=(0,q.useState)(t.includes(`ED25519`)?`ED25519`:t[0]??`ED25519`),[c,l]=(0,q.useState)(``),[u,d]=(0,q.useState)(``),[f,p]=(0,q.useState)(``),[h,g]=(0,q.useState)([]),[_,v]=(0,q.useState)(!1),[b,S]=(0,q.useState)(``),[C]=(0,q.useState)(()=>crypto.randomUUID()),[w,T]=(0,q.useState)(!1),E=X(Dt),D=fr(o),O=D.filter(e=>!h.includes(e)),k=un(f),j=b.trim()===``?void 0:Number(b),te=j!==void 0&&!(Number.isInteger(j)&&j>=1&&j<=3650),ne=n&&a.length===0;return(0,J.jsxs)(H,{className:`card narrow form`,onSubmit:()=>{T(!0),!k||te||O.length===0||ne||E.mutate({url:e,variables:{input:{keystore:e,type:o,idempotencyKey:E.isError?crypto.randomUUID():C,exportable:_,...c.trim()&&{name:c.trim()},...u.trim()&&{description:u.trim()},...k.length>0&&{tags:k},...O.length<D.length&&{operations:O},...j&&{rotationPeriod:j*86400},...a.length>0&&{secretShares:[...a]}}}},{onSuccess:({createKey:{key:e}})=>{y({message:r.made($(e))}),Q(new URL(e.id).pathname,{replace:!0})}})},label:r.title,children:[(0,J.jsx)(ee,{label:r.type,hint:x.types.hints[o],value:o,onChange:e=>{s(e),g([])},options:i}),(0,J.jsx)(A,{label:r.name,hint:r.nameHint,optional:!0,value:c,onChange:l,maxLength:128}),(0,J.jsx)(A,{label:r.description,optional:!0,value:u,onChange:d,maxLength:1024}),(0,J.jsx)(G,{label:r.tags,hint:x.settings.tagsHint,optional:!0,rows:2,value:f,onChange:p,problem:k?void 0:x.settings.tagsBad}),(0,J.jsxs)(`details`,{children:[(0,J.jsx)(`summary`,{children:r.more}),(0,J.jsxs)(`div`,{className:`form`,children:[(0,J.jsxs)(`fieldset`,{className:`field`,"aria-describedby":`uses-hint`,children:[(0,J.jsx)(`legend`,{className:`field-legend`,children:(0,J.jsx)(`strong`,{children:r.uses})}),(0,J.jsx)(`p`,{className:`hint`,id:`uses-hint`,children:r.usesHint}),(0,J.jsx)(`div`,{className:`checks`,children:D.map(e=>(0,J.jsx)(Ee,{label:x.keyOperations[e],checked:!h.includes(e),onChange:t=>g(t?h.filter(t=>t!==e):[...h,e])},e))})]}),(0,J.jsx)(A,{label:r.rotation,hint:r.rotationHint,optional:!0,inputMode:`numeric`,value:b,onChange:S,problem:te?r.rotationBad:void 0}),(0,J.jsx)(Ee,{label:r.exportable,hint:r.exportableHint,checked:_,onChange:v})]})]}),w&&O.length===0&&(0,J.jsx)(K,{tone:`warning`,children:r.noUse}),w&&ne&&(0,J.jsx)(K,{tone:`warning`,children:x.shares.missing}),(0,J.jsx)(R,{error:E.error}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{tone:`primary`,type:`submit`,icon:`key-round`,busy:E.isPending,children:r.action}),(0,J.jsx)(I,{onClick:()=>Q(Z(`keystore`,{keystore:m(e)})),children:x.cancel})]})]})}function Tr({keystore:e}){let t=x.importKey,{data:n,error:r}=rn(e),i=n?.keystore,a=Z(`keystore`,{keystore:m(e)});return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:t.title,above:(0,J.jsx)(sn,{items:[[Z(`home`),x.home.title],[a,i?$(i):x.keystore.title]]}),children:t.title}),(0,J.jsxs)(`div`,{className:`stack`,children:[(0,J.jsx)(`p`,{className:`lead`,children:t.lead}),(0,J.jsx)(R,{error:r}),!i&&!r&&(0,J.jsx)(Me,{}),i?.userLock===`SHAMIR`&&(0,J.jsx)(ln,{keystore:e}),i&&(0,J.jsx)(Er,{keystore:e,types:i.keyTypes,shamir:i.userLock===`SHAMIR`})]})]})}function Er({keystore:e,types:t,shamir:n}){let r=x.importKey,i=Cr(t),a=P(e),[o,s]=(0,q.useState)(t.includes(`ED25519`)?`ED25519`:t[0]??`ED25519`),[c,l]=(0,q.useState)(`jwk`),[u,d]=(0,q.useState)(``),[f,p]=(0,q.useState)({encoding:`base64url`,value:``}),[h,g]=(0,q.useState)(``),[_,v]=(0,q.useState)(``),[b,S]=(0,q.useState)(!1),[C,w]=(0,q.useState)(),[T,E]=(0,q.useState)(!1),D=X(Ot),O=un(_),k=n&&a.length===0;return(0,J.jsxs)(H,{className:`card narrow form`,onSubmit:()=>{E(!0);let t=Dr(c,u,f);w(typeof t==`string`?t:void 0),typeof t!=`string`&&O&&!k&&D.mutate({url:e,variables:{input:{keystore:e,type:o,...t,exportable:b,...h.trim()&&{name:h.trim()},...O.length>0&&{tags:O},...a.length>0&&{secretShares:[...a]}}}},{onSuccess:({importKey:{key:e}})=>{d(``),y({message:r.made($(e))}),Q(new URL(e.id).pathname,{replace:!0})}})},label:r.title,children:[(0,J.jsx)(ee,{label:x.newKey.type,hint:x.types.hints[o],value:o,onChange:s,options:i}),(0,J.jsx)(ae,{compact:!0,legend:r.format,value:c,onChange:e=>{l(e),w(void 0)},options:[`jwk`,`pem`,`raw`].map(e=>({value:e,label:r.formats[e]}))}),c===`raw`?(0,J.jsx)(be,{label:r.raw,hint:r.rawHint,value:f,onChange:p}):(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(G,{label:r[c],hint:c===`jwk`?r.jwkHint:r.pemHint,rows:7,className:`mono`,value:u,onChange:d,problem:C}),(0,J.jsx)(`div`,{children:(0,J.jsx)(ge,{tone:`quiet`,label:r.file,onFile:e=>void e.slice(0,65536).text().then(d)})})]}),c===`raw`&&C&&(0,J.jsx)(K,{tone:`warning`,children:C}),(0,J.jsx)(A,{label:x.newKey.name,hint:x.newKey.nameHint,optional:!0,value:h,onChange:g,maxLength:128}),(0,J.jsx)(G,{label:x.newKey.tags,hint:x.settings.tagsHint,optional:!0,rows:2,value:_,onChange:v,problem:O?void 0:x.settings.tagsBad}),(0,J.jsx)(Ee,{label:x.newKey.exportable,hint:x.newKey.exportableHint,checked:b,onChange:S}),T&&k&&(0,J.jsx)(K,{tone:`warning`,children:x.shares.missing}),(0,J.jsx)(R,{error:D.error}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{tone:`primary`,type:`submit`,icon:`upload`,busy:D.isPending,children:r.action}),(0,J.jsx)(I,{onClick:()=>Q(Z(`keystore`,{keystore:m(e)})),children:x.cancel})]})]})}function Dr(e,t,n){let r=x.importKey;if(e===`raw`)return pe(n)??(C(n)===``?r.missing:{raw:C(n)});if(t.trim()===``)return r.missing;if(e===`jwk`)try{let e=JSON.parse(t);return typeof e==`object`&&e&&!Array.isArray(e)?{jwk:e}:r.jwkBad}catch{return r.jwkBad}let i=te(t);return i?.label===`PRIVATE KEY`?{pkcs8:ie(i.der)}:i?.label===`PUBLIC KEY`?{spki:ie(i.der)}:r.pemBad}function Or({url:e}){return(0,J.jsx)(an,{url:e,tab:`keystore`,children:t=>(0,J.jsxs)(J.Fragment,{children:[t.userLock===`SHAMIR`&&(0,J.jsx)(ln,{keystore:e}),(0,J.jsx)(Ar,{keystore:t})]})})}var kr=25;function Ar({keystore:e}){let t=x.keystore,n=e.id,[r,i]=(0,q.useState)(``),[a,o]=(0,q.useState)(``),[s,c]=(0,q.useState)({name:``,tag:``}),[l,u]=(0,q.useState)({name:``,tag:``}),[d,f]=(0,q.useState)([]),p=un(l.tag)?.[0],h={...r&&{type:r},...a&&{state:a},...p&&{tag:p}},g=Object.keys(h).length>0||l.name!==``,_=Y(ht,n,{id:n,first:kr,after:d.at(-1)??null,filter:h},{enabled:l.name===``,keep:!0}),v=Y(gt,n,{id:n,name:l.name},{enabled:l.name!==``}),{data:y,error:b,isPending:S}=l.name===``?{..._,data:_.data?.keystore?.keys.nodes}:{...v,data:v.data&&(v.data.keystore?.keyNamed?[v.data.keystore.keyNamed]:[])},C=l.name===``?_.data?.keystore?.keys:void 0,w=m(n),T=()=>{i(``),o(``),c({name:``,tag:``}),u({name:``,tag:``}),f([])},E=e.state===`ENABLED`&&(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(I,{icon:`upload`,onClick:()=>Q(Z(`importKey`,{keystore:w})),children:t.importKey}),(0,J.jsx)(I,{tone:`primary`,icon:`plus`,onClick:()=>Q(Z(`newKey`,{keystore:w})),children:t.newKey})]});return!g&&d.length===0&&y?.length===0&&C?.damaged.length===0?(0,J.jsx)(B,{icon:`key-round`,title:t.emptyTitle,actions:E,children:t.empty}):(0,J.jsxs)(`section`,{"aria-label":t.keys,children:[(0,J.jsxs)(H,{className:`toolbar`,label:t.find,onSubmit:()=>{u({name:s.name.trim(),tag:s.tag.trim()}),f([])},children:[(0,J.jsx)(ee,{label:t.type,value:r,onChange:e=>{i(e),f([])},options:[{value:``,label:t.anyType},...tt.map(e=>({value:e,label:e}))]}),(0,J.jsx)(ee,{label:t.state,value:a,onChange:e=>{o(e),f([])},options:[{value:``,label:t.anyState},...et.map(e=>({value:e,label:x.states[e]}))]}),(0,J.jsx)(A,{label:t.tag,placeholder:t.tagHint,value:s.tag,onChange:e=>c({...s,tag:e})}),(0,J.jsx)(A,{label:t.named,value:s.name,onChange:e=>c({...s,name:e})}),(0,J.jsx)(I,{type:`submit`,children:t.find}),g&&(0,J.jsx)(I,{tone:`quiet`,onClick:T,children:t.clear}),(0,J.jsx)(`div`,{className:`actions`,children:E})]}),(0,J.jsx)(R,{error:b}),C&&C.damaged.length>0&&(0,J.jsxs)(K,{tone:`warning`,title:t.damagedTitle(C.damaged.length),children:[(0,J.jsx)(`p`,{children:t.damaged}),(0,J.jsx)(`ul`,{children:C.damaged.map(e=>(0,J.jsx)(`li`,{children:(0,J.jsx)(`code`,{children:e})},e))})]}),S?(0,J.jsx)(Me,{}):y&&(y.length===0?(0,J.jsx)(B,{icon:`key-round`,title:t.nothing,actions:(0,J.jsx)(I,{onClick:T,children:t.clear}),children:t.nothingHint}):(0,J.jsx)(jr,{keys:y})),C&&y&&y.length>0&&(0,J.jsxs)(`div`,{className:`paging`,children:[(0,J.jsxs)(`span`,{role:`status`,children:[C.totalCount!==null&&x.keystore.total(C.totalCount),(d.length>0||C.pageInfo.hasNextPage)&&` · ${t.page(d.length+1)}`]}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{icon:`chevron-left`,disabled:d.length===0,onClick:()=>f(d.slice(0,-1)),children:t.previous}),(0,J.jsx)(I,{icon:`chevron-right`,disabled:!C.pageInfo.hasNextPage||!C.pageInfo.endCursor,onClick:()=>C.pageInfo.endCursor&&f([...d,C.pageInfo.endCursor]),children:t.following})]})]})]})}function jr({keys:e}){let t=x.keystore;return(0,J.jsx)(`div`,{className:`table`,children:(0,J.jsxs)(`table`,{children:[(0,J.jsx)(`caption`,{className:`visually-hidden`,children:t.table}),(0,J.jsx)(`thead`,{children:(0,J.jsxs)(`tr`,{children:[(0,J.jsx)(`th`,{scope:`col`,children:t.columns.name}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.type}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.state}),(0,J.jsx)(`th`,{scope:`col`,className:`number`,children:t.columns.version}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.created}),(0,J.jsx)(`th`,{scope:`col`,children:t.columns.tags})]})}),(0,J.jsx)(`tbody`,{children:e.map(e=>(0,J.jsxs)(`tr`,{children:[(0,J.jsxs)(`th`,{scope:`row`,children:[(0,J.jsx)(nn,{to:new URL(e.id).pathname,children:(0,J.jsx)(`span`,{className:`clip`,children:$(e)})}),(0,J.jsx)(`span`,{className:`cell-sub`,children:M(m(e.id))})]}),(0,J.jsx)(`td`,{"data-label":t.columns.type,children:(0,J.jsx)(`code`,{children:e.type})}),(0,J.jsx)(`td`,{"data-label":t.columns.state,children:(0,J.jsx)(o,{state:e.state})}),(0,J.jsx)(`td`,{"data-label":t.columns.version,className:`number`,children:e.version}),(0,J.jsx)(`td`,{"data-label":t.columns.created,children:(0,J.jsx)(u,{at:e.createdAt})}),(0,J.jsx)(`td`,{children:e.tags.length>0&&(0,J.jsx)(fn,{tags:e.tags})})]},e.id))})]})})}function Mr(){let e=x.open,{current:t,remember:n}=N(),[r,i]=(0,q.useState)(``),[a,o]=(0,q.useState)(),s=async e=>{o(void 0);let r=Nr(e.trim(),t?.did??``);`problem`in r?o(r.problem):(r.capability&&t&&await n({did:t.did,url:r.url,name:null,capability:r.capability,seenAt:Date.now()}),Q(r.url===xe?Z(`overview`):new URL(r.url).pathname))};return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:e.title,children:e.title}),(0,J.jsxs)(`div`,{className:`card narrow`,children:[(0,J.jsx)(`p`,{className:`soft`,children:e.lead}),(0,J.jsxs)(H,{className:`form`,onSubmit:()=>void s(r),children:[(0,J.jsx)(G,{label:e.url,hint:e.urlHint,value:r,problem:a,rows:6,className:`mono`,onChange:e=>{i(e),o(void 0)}}),(0,J.jsxs)(`div`,{className:`actions`,children:[(0,J.jsx)(I,{tone:`primary`,type:`submit`,icon:`folder-open`,children:e.action}),(0,J.jsx)(ge,{label:e.file,accept:`.json,application/json`,onFile:e=>void e.slice(0,65536).text().then(e=>(i(e),s(e)))}),(0,J.jsx)(I,{tone:`quiet`,onClick:()=>Q(Z(`home`)),children:x.cancel})]})]})]})]})}function Nr(e,t){let n=x.open,r=e,i;if(e.startsWith(`{`))try{i=JSON.parse(e);let a=se(i).links.at(-1);if(!a)return{problem:n.notUrl};if(a.controllerDid!==t)return{problem:n.notYours(M(a.controllerDid))};if(Date.parse(a.expires)<=Date.now())return{problem:n.expired};r=a.target}catch{return{problem:n.notUrl}}if(!/^https?:\/\//.test(r))return{problem:n.notUrl};if(!r.startsWith(Te+`/`))return{problem:n.elsewhere(Te)};if(i&&r===xe)return{url:r,capability:i};let a=/^\/keystores\/[^/?#]+(\/keys\/[^/?#]+)?/.exec(r.slice(Te.length))?.[0];return a?{url:Te+a,...i&&{capability:i}}:{problem:i?n.noKeystore:n.notUrl}}function Pr(e,t){return{cli:Lr,js:Rr,go:zr}[e](t)}var Fr=e=>`'${e.replaceAll(`'`,`'\\''`)}'`,Ir=(e,t)=>e.split(`
`).join(`
`+t);function Lr({url:e,action:t,query:n,variables:r,capability:i}){return[`twolock call --identity alice.json`,...i?[`  --capability capability.json`]:[],`  --url ${Fr(e)}`,`  --action ${t}`,`  --variables ${Fr(JSON.stringify(r))}`,`  ${Fr(n)}`].join(` \\
`)}function Rr({url:e,action:t,query:n,variables:r,capability:i}){return`import {Client, Identity} from 'twolock';
import {readFile} from 'node:fs/promises';

const identity = await Identity.fromFile(await readFile('alice.json', 'utf8'));
${i?`const capability = JSON.parse(await readFile('capability.json', 'utf8'));
`:``}const client = new Client({identity${i?`, capability`:``}});
const data = await client.request(
  ${JSON.stringify(e)},
  ${JSON.stringify(t)},
  \`${n.replaceAll(`\\`,`\\\\`).replaceAll("`","\\`").replaceAll("${","\\${")}\`,
  ${Ir(JSON.stringify(r,null,2),`  `)},
);
console.log(data);
`}function zr({url:e,action:t,query:n,variables:r,capability:i}){return`file, err := os.ReadFile("alice.json")
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
`}var Br=[{name:`sign`,needs:`SIGN`},{name:`verify`,needs:`VERIFY`},{name:`encrypt`,needs:`ENCRYPT`},{name:`decrypt`,needs:`DECRYPT`},{name:`computeMac`,needs:`COMPUTE_MAC`},{name:`verifyMac`,needs:`VERIFY_MAC`},{name:`wrapKey`,needs:`WRAP_KEY`},{name:`unwrapKey`,needs:`UNWRAP_KEY`}],Vr={sign:It,verify:Lt,encrypt:Rt,decrypt:zt,computeMac:Bt,verifyMac:Vt,wrapKey:Ht,unwrapKey:Ut};function Hr({keystore:e,url:t}){let n=x.use,{key:r,keystore:i,wholeKeystore:a,shamir:o}=pn(e,t),{caller:s}=N(),c=r.data?.key??void 0,l=c?Br.filter(({needs:e})=>c.operations.includes(e)).map(({name:e})=>e):Br.filter(({name:e})=>s&&ke(s,t,e)).map(({name:e})=>e),u=(0,J.jsx)(sn,{items:[[Z(`home`),x.key.crumb],...a?[[new URL(e).pathname,i?$(i):x.keystore.title]]:[],[new URL(t).pathname,c?$(c):x.key.title]]}),d=c?`${n.crumb}: ${$(c)}`:n.title;return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:d,above:u,badges:c&&(0,J.jsx)(W,{children:c.type}),children:c?(0,J.jsxs)(J.Fragment,{children:[n.crumb,` `,(0,J.jsx)(`q`,{children:$(c)})]}):(0,J.jsxs)(J.Fragment,{children:[n.title,` `,(0,J.jsx)(`code`,{children:M(m(t))})]})}),(0,J.jsxs)(`div`,{className:`stack`,children:[r.isPending&&(0,J.jsx)(Me,{}),r.error&&l.length===0&&(0,J.jsx)(R,{error:r.error}),(o||o===void 0&&!r.isPending)&&(0,J.jsx)(ln,{keystore:e}),!r.isPending&&!r.error&&l.length===0&&(0,J.jsx)(B,{icon:`key-round`,title:n.nothing,actions:(0,J.jsx)(I,{onClick:()=>Q(new URL(t).pathname),children:x.back}),children:n.nothingHint}),!r.isPending&&l.length>0&&(0,J.jsx)(Kr,{url:t,keystore:e,data:c,names:l,needsShare:o===!0},t)]})]})}var Ur=e=>({encoding:`base64url`,value:e}),Wr=Ur(``),Gr={message:r,signature:Wr,plaintext:r,ciphertext:Wr,nonce:Wr,aad:r,info:r,data:r,mac:Wr,keyToWrap:Wr,wrappedKey:Wr,recipientPublicKey:Wr,epk:``,algorithm:``,encoding:`IEEE_P1363`,messageType:`RAW`,version:``};function Kr({url:e,keystore:t,data:n,names:r,needsShare:i}){let a=x.use,{caller:o}=N(),s=P(t),[c,l]=(0,q.useState)(r[0]??`sign`),[u,d]=(0,q.useState)(Gr),[f,p]=(0,q.useState)(!1),h=Xr(c,e,u,n?.type),g=Ve({gcTime:0,mutationFn:async()=>{if(!h||!o)throw Error(x.errors.unknown.title);let t={...h,...s.length>0&&{secretShares:s}};return Zr(c,await L(Vr[c],e,{input:t},o),u)}}),_=e=>t=>{d(n=>({...n,[e]:t})),p(!1),g.isIdle||g.reset()},v=()=>{p(!0),h&&!(i&&s.length===0)&&!g.isPending&&g.mutate()},y=(e,t={})=>{l(e),p(!1),d(n=>({...n,algorithm:e===`verify`||e===`decrypt`||e===`unwrapKey`?n.algorithm:``,...t})),g.reset()},b=Jr(c,n?.type,u.algorithm),S=e=>{let{label:t,hint:n,optional:r}=qr[e];return(0,J.jsx)(be,{label:t,value:u[e],onChange:_(e),...n&&{hint:n},...r&&{optional:r},rows:e===`nonce`||e===`aad`||e===`info`?1:4},e)},C=n?c===`sign`||c===`verify`?gr(n.algorithms):c===`encrypt`||c===`decrypt`?_r(n.algorithms):c===`wrapKey`||c===`unwrapKey`?vr(n.algorithms):[]:[],w=g.data;return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(ae,{compact:!0,legend:a.operation,value:c,onChange:e=>y(e),options:r.map(e=>({value:e,label:a.operations[e]}))}),(0,J.jsxs)(`div`,{className:`columns`,children:[(0,J.jsxs)(H,{className:`card`,onSubmit:v,label:a.operations[c],children:[(0,J.jsx)(`h2`,{children:a.input}),b.map(S),c===`unwrapKey`&&(!n||xr(n.type))&&(0,J.jsx)(G,{label:a.epk,hint:a.epkHint,className:`mono`,rows:3,value:u.epk,onChange:_(`epk`),problem:Yr(u.epk)===null?a.epkBad:void 0,optional:!n}),(0,J.jsxs)(`div`,{className:`row`,children:[C.length>1&&(0,J.jsx)(ee,{label:a.algorithm,value:u.algorithm,onChange:_(`algorithm`),options:[{value:``,label:a.algorithmDefault},...C.map(e=>({value:e,label:e}))]}),(c===`sign`||c===`verify`)&&n&&yr(n.type)&&(0,J.jsx)(ee,{label:a.encoding,value:u.encoding,onChange:_(`encoding`),options:[`IEEE_P1363`,`DER`].map(e=>({value:e,label:a.encodings[e]}))}),(c===`sign`||c===`verify`)&&n&&(yr(n.type)||br(n.type))&&(0,J.jsx)(ee,{label:a.messageType,value:u.messageType,onChange:_(`messageType`),options:[`RAW`,`DIGEST`].map(e=>({value:e,label:a.messageTypes[e]}))}),(c===`verify`||c===`decrypt`||c===`verifyMac`||c===`unwrapKey`)&&n&&n.version>1&&(0,J.jsx)(A,{label:a.version,hint:a.versionAny,optional:!0,inputMode:`numeric`,value:u.version,onChange:_(`version`)})]}),f&&!h&&(0,J.jsx)(K,{tone:`warning`,children:a.missing}),f&&i&&s.length===0&&(0,J.jsx)(K,{tone:`warning`,children:x.shares.missing}),(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{tone:`primary`,icon:`play`,type:`submit`,busy:g.isPending,children:a.run[c]})})]}),(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`result`,"aria-live":`polite`,children:[(0,J.jsx)(`h2`,{id:`result`,children:a.result}),(0,J.jsx)(R,{error:g.error}),!w&&!g.error&&(0,J.jsx)(`p`,{className:`soft`,children:a.resultEmpty}),w&&(0,J.jsx)(Qr,{result:w,keyName:n?$(n):m(e)}),w?.follow&&r.includes(w.follow.name)&&(0,J.jsx)(`div`,{className:`actions`,children:(0,J.jsx)(I,{onClick:()=>w.follow&&y(w.follow.name,w.follow.values),children:a.useFor[c]})})]})]}),(0,J.jsx)(ei,{url:e,name:c,input:h??Xr(c,e,u,n?.type,!0)??{key:e},shares:s.length>0||i})]})}var qr={message:{label:x.use.message},signature:{label:x.use.signature},plaintext:{label:x.use.plaintext},ciphertext:{label:x.use.ciphertext},nonce:{label:x.use.nonce},aad:{label:x.use.aad,hint:x.use.aadHint,optional:!0},info:{label:x.use.info,hint:x.use.infoHint,optional:!0},data:{label:x.use.data},mac:{label:x.use.mac},keyToWrap:{label:x.use.keyToWrap},wrappedKey:{label:x.use.wrappedKey},recipientPublicKey:{label:x.use.recipient,hint:x.use.recipientHint,optional:!0}};function Jr(e,t,n){let r=!t||xr(t),i=r&&(n===``||n.startsWith(`HPKE`));switch(e){case`sign`:return[`message`];case`verify`:return[`message`,`signature`];case`encrypt`:return[`plaintext`,`aad`,...i?[`info`]:[]];case`decrypt`:return[`ciphertext`,...t&&(xr(t)||br(t))?[]:[`nonce`],`aad`,...i?[`info`]:[]];case`computeMac`:return[`data`];case`verifyMac`:return[`data`,`mac`];case`wrapKey`:return[`keyToWrap`,...r?[`recipientPublicKey`]:[]];case`unwrapKey`:return[`wrappedKey`]}}function Yr(e){if(e.trim()!==``)try{let t=JSON.parse(e);return typeof t==`object`&&t&&!Array.isArray(t)?t:null}catch{return null}}function Xr(e,t,n,r,i=!1){let a={key:t};for(let t of Jr(e,r,n.algorithm)){if(pe(n[t])){if(!i)return;a[t]=``;continue}let e=C(n[t]);e===``&&qr[t].optional||(a[t]=e)}e===`decrypt`&&!(`nonce`in a)&&(a.nonce=``);let o={verify:`signature`,decrypt:`ciphertext`,verifyMac:`mac`,wrapKey:`keyToWrap`,unwrapKey:`wrappedKey`}[e];if(i||!o||a[o]!==``){if(n.algorithm&&(a.algorithm=n.algorithm),(e===`sign`||e===`verify`)&&(r&&yr(r)&&n.encoding!==`IEEE_P1363`&&(a.encoding=n.encoding),r&&(yr(r)||br(r))&&n.messageType!==`RAW`&&(a.messageType=n.messageType)),e===`unwrapKey`){let e=Yr(n.epk);if(e===null&&!i)return;e&&(a.epk=e)}return[`verify`,`decrypt`,`verifyMac`,`unwrapKey`].includes(e)&&/^\d+$/.test(n.version.trim())&&(a.version=Number(n.version)),a}}function Zr(e,t,n){let r=x.use,{sign:i,verify:a,encrypt:o,decrypt:s,computeMac:c,verifyMac:l,wrapKey:u,unwrapKey:d}=t;if(i)return{name:e,version:i.version,parts:[{label:r.signature,value:i.signature,as:`base64url`}],follow:{name:`verify`,values:{signature:Ur(i.signature)}}};if(c)return{name:e,version:c.version,parts:[{label:r.mac,value:c.mac,as:`base64url`}],follow:{name:`verifyMac`,values:{mac:Ur(c.mac)}}};if(o)return{name:e,version:o.version,parts:[{label:r.ciphertext,value:o.ciphertext,as:`base64url`},...o.nonce?[{label:r.nonce,value:o.nonce,as:`base64url`}]:[]],follow:{name:`decrypt`,values:{ciphertext:Ur(o.ciphertext),nonce:Ur(o.nonce),algorithm:n.algorithm}}};if(u){let t=u.epk?JSON.stringify(u.epk):``;return{name:e,version:u.version,parts:[{label:r.wrappedKey,value:u.wrappedKey,as:`base64url`}],...t&&{json:{label:r.epk,value:t}},follow:{name:`unwrapKey`,values:{wrappedKey:Ur(u.wrappedKey),epk:t,algorithm:n.algorithm}}}}if(s)return{name:e,version:s.version,secret:!0,parts:[{label:r.plaintext,value:s.plaintext,as:`text`}]};if(d)return{name:e,version:d.version,secret:!0,parts:[{label:r.unwrappedKey,value:d.unwrappedKey,as:`base64url`}]};let f=a??l;return{name:e,version:f?.version??null,valid:f?.valid??!1,parts:[]}}function Qr({result:e,keyName:t}){let n=x.use;return(0,J.jsxs)(J.Fragment,{children:[e.valid===!0&&(0,J.jsxs)(`p`,{className:`verdict good`,children:[(0,J.jsx)(T,{name:`circle-check`}),n.valid(e.version??0)]}),e.valid===!1&&(0,J.jsxs)(`p`,{className:`verdict bad`,children:[(0,J.jsx)(T,{name:`x`}),n.invalid]}),e.valid===void 0&&e.version!==null&&(0,J.jsx)(`p`,{className:`soft`,children:n.by(e.version)}),e.parts.map(e=>(0,J.jsx)($r,{...e,file:O(t,`-`,e.label,`.bin`)},e.label)),e.json&&(0,J.jsx)(Pe,{label:e.json.label,value:e.json.value,what:e.json.label}),e.secret&&(0,J.jsx)(K,{children:n.showSecret})]})}function $r({label:e,value:t,as:n,file:r}){let i=U(t),[a,o]=(0,q.useState)(v(i,n)===void 0?`base64url`:n),s=v(i,a);return(0,J.jsxs)(`div`,{className:`stack tight`,children:[(0,J.jsx)(Pe,{label:e,value:s??x.bytes.notText,what:e}),(0,J.jsxs)(`div`,{className:`bytes-tools`,children:[(0,J.jsx)(ae,{compact:!0,legend:`${e}: ${x.bytes.showAs}`,value:a,onChange:o,options:[`text`,`base64url`,`hex`].map(e=>({value:e,label:x.bytes.encodings[e]}))}),(0,J.jsx)(I,{tone:`quiet`,icon:`download`,onClick:()=>h(r,i,`application/octet-stream`),children:x.use.save})]})]})}function ei({url:e,name:t,input:n,shares:r}){let i=x.use,{caller:a}=N(),[o,s]=(0,q.useState)(`cli`),{text:c,action:l}=Vr[t],u={input:n},d={url:e,action:l??``,query:c,variables:u,capability:!!(a&&l&&ke(a,e,l)),shares:r};return(0,J.jsxs)(`div`,{className:`columns`,children:[(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`request`,children:[(0,J.jsx)(`h2`,{id:`request`,children:i.request}),(0,J.jsx)(`p`,{className:`soft`,children:i.requestLead}),(0,J.jsxs)(`dl`,{className:`facts`,children:[(0,J.jsx)(`dt`,{children:i.endpoint}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(`code`,{children:e})}),(0,J.jsx)(`dt`,{children:i.action}),(0,J.jsx)(`dd`,{children:(0,J.jsx)(`code`,{children:l})})]}),(0,J.jsx)(Pe,{label:i.query,value:c,what:i.query}),(0,J.jsx)(Pe,{label:i.variables,value:JSON.stringify(u,null,2),what:i.variables})]}),(0,J.jsxs)(`section`,{className:`card`,"aria-labelledby":`code`,children:[(0,J.jsx)(`h2`,{id:`code`,children:i.code}),(0,J.jsx)(ae,{compact:!0,legend:i.language,value:o,onChange:s,options:[`cli`,`js`,`go`].map(e=>({value:e,label:i.languages[e]}))}),(0,J.jsx)(Pe,{value:Pr(o,d),what:`${i.code}: ${i.languages[o]}`})]})]})}var ti=(0,q.lazy)(()=>Oe(()=>import(`./service.js`),__vite__mapDeps([0,1,2,3,4])));function ni(){let e=tn(),{current:t}=N(),[n,r]=(0,q.useState)(),i=$t(e),a;return a=n?(0,J.jsx)(lr,{recovery:n,onDone:()=>r(void 0)}):t?i?(0,J.jsx)(ri,{name:i.name,params:i.params,onMade:r},t.did+e):(0,J.jsx)(di,{}):(0,J.jsx)(Xn,{onMade:r}),(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(`a`,{className:`skip`,href:`#main`,onClick:e=>{e.preventDefault(),document.getElementById(`main`)?.focus()},children:x.skip}),(0,J.jsxs)(`div`,{className:t?`frame`:`frame alone`,children:[(0,J.jsx)(ai,{route:i?.name}),(0,J.jsxs)(`main`,{id:`main`,className:`main`,tabIndex:-1,children:[a,(0,J.jsx)(ui,{})]})]}),(0,J.jsx)(c,{}),(0,J.jsx)(`div`,{id:`announcer`,className:`visually-hidden`,role:`status`})]})}function ri({name:e,params:t,onMade:n}){let r=`${location.origin}/keystores/${t.keystore}`,i=`${r}/keys/${t.key}`;switch(e){case`home`:return(0,J.jsx)(rr,{});case`identity`:return(0,J.jsx)(or,{onMade:n});case`open`:return(0,J.jsx)(Mr,{});case`create`:return(0,J.jsx)(er,{});case`keystore`:return(0,J.jsx)(Or,{url:r});case`newKey`:return(0,J.jsx)(Sr,{keystore:r});case`importKey`:return(0,J.jsx)(Tr,{keystore:r});case`capabilities`:return(0,J.jsx)(Pn,{keystore:r});case`delegate`:return(0,J.jsx)(jn,{keystore:r});case`keystoreSettings`:return(0,J.jsx)(zn,{url:r});case`key`:return(0,J.jsx)(mn,{keystore:r,url:i});case`use`:return(0,J.jsx)(Hr,{keystore:r,url:i});default:return(0,J.jsx)(q.Suspense,{fallback:(0,J.jsx)(Me,{}),children:(0,J.jsx)(ti,{page:e,keystore:r})})}}var ii=[{to:Z(`home`),label:x.nav.keystores,icon:`vault`,routes:[`home`,`keystore`,`newKey`,`importKey`,`capabilities`,`delegate`,`keystoreSettings`,`key`,`use`]},{to:Z(`create`),label:x.nav.create,icon:`plus`,routes:[`create`]},{to:Z(`open`),label:x.nav.open,icon:`folder-open`,routes:[`open`]},{to:Z(`identity`),label:x.nav.identity,icon:`users`,routes:[`identity`]}];function ai({route:e}){let{current:t}=N();return(0,J.jsxs)(`header`,{className:`bar`,children:[(0,J.jsxs)(nn,{to:Z(`home`),className:`brand`,children:[(0,J.jsx)(f,{}),x.name]}),t&&(0,J.jsxs)(`nav`,{className:`nav`,"aria-label":x.nav.label,children:[(0,J.jsx)(ci,{title:x.nav.mine,children:ii.map(({to:t,label:n,icon:r,routes:i})=>(0,J.jsx)(`li`,{children:(0,J.jsxs)(nn,{to:t,"aria-current":e&&i.includes(e)?`page`:void 0,children:[(0,J.jsx)(T,{name:r}),n]})},t))}),(0,J.jsx)(si,{route:e})]}),t&&(0,J.jsx)(li,{})]})}var oi=[{route:`overview`,icon:`server`},{route:`serviceKeystores`,icon:`database`,more:`serviceKeystore`},{route:`operators`,icon:`shield-check`},{route:`configuration`,icon:`settings`}];function si({route:e}){let{data:t}=Xt(),n=ve.nav;return(0,J.jsxs)(ci,{title:n.title,children:[t&&oi.map(({route:t,icon:r,more:i})=>(0,J.jsx)(`li`,{children:(0,J.jsxs)(nn,{to:Z(t),"aria-current":e&&(e===t||e===i)?`page`:void 0,children:[(0,J.jsx)(T,{name:r}),n[t]]})},t)),(0,J.jsx)(`li`,{children:(0,J.jsxs)(`a`,{href:`/explorer`,children:[(0,J.jsx)(T,{name:`compass`}),n.explorer]})})]})}function ci({title:e,children:t}){return(0,J.jsxs)(`div`,{children:[(0,J.jsx)(`h2`,{children:e}),(0,J.jsx)(`ul`,{children:t})]})}function li(){let{current:e,identities:t,select:n}=N(),r=()=>document.getElementById(`who-menu`)?.hidePopover();return(0,J.jsxs)(`div`,{className:`who`,children:[(0,J.jsxs)(`button`,{type:`button`,className:`button ellipsis`,popoverTarget:`who-menu`,"aria-label":`${x.nav.switch}: ${e?.label??``}`,children:[(0,J.jsx)(T,{name:`user-round`}),(0,J.jsx)(`span`,{children:e?.label||x.nav.unnamed})]}),(0,J.jsxs)(`div`,{id:`who-menu`,className:`who-menu`,popover:`auto`,role:`group`,"aria-label":x.nav.switch,children:[(0,J.jsx)(`ul`,{children:t.map(({did:t,label:i})=>(0,J.jsx)(`li`,{children:(0,J.jsxs)(`button`,{type:`button`,"aria-current":t===e?.did?`true`:void 0,onClick:()=>{r(),t!==e?.did&&n(t).then(()=>Q(Z(`home`)))},children:[(0,J.jsx)(T,{name:t===e?.did?`check`:`user-round`}),(0,J.jsx)(`span`,{children:i||x.nav.unnamed}),(0,J.jsx)(`small`,{children:M(t)})]})},t))}),(0,J.jsx)(`hr`,{}),(0,J.jsxs)(nn,{to:Z(`identity`),onClick:r,children:[(0,J.jsx)(T,{name:`settings`}),(0,J.jsx)(`span`,{children:x.nav.manage})]})]})]})}function ui(){let{data:e}=Yt();return(0,J.jsxs)(`footer`,{className:`foot`,children:[(0,J.jsx)(`span`,{children:x.footer(e?.service.version??``)}),(0,J.jsx)(`a`,{href:`/schema.graphql`,children:x.schema})]})}function di(){return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(V,{title:x.notFound.title,children:x.notFound.title}),(0,J.jsx)(B,{icon:`compass`,title:location.pathname,actions:(0,J.jsx)(I,{tone:`primary`,onClick:()=>Q(Z(`home`)),children:x.notFound.home}),children:x.notFound.body})]})}function fi({title:e,children:t}){return(0,J.jsx)(`main`,{className:`main`,id:`main`,children:(0,J.jsxs)(`div`,{className:`welcome`,children:[(0,J.jsxs)(`div`,{className:`welcome-head`,children:[(0,J.jsx)(f,{}),(0,J.jsx)(V,{title:e,children:e})]}),(0,J.jsx)(K,{tone:`warning`,children:t})]})})}function pi(){return(0,J.jsx)(fi,{title:x.insecure.title,children:(0,J.jsx)(`p`,{children:x.insecure.body})})}function mi(){return(0,J.jsx)(fi,{title:x.storageBlocked.title,children:(0,J.jsx)(`p`,{children:x.storageBlocked.body})})}g(),window.addEventListener(`hashchange`,g);var hi=document.getElementById(`root`);if(!hi)throw Error(`index.html has no #root`);var gi=new k({defaultOptions:{queries:{refetchOnWindowFocus:!1}}});(0,He.createRoot)(hi).render((0,J.jsx)(q.StrictMode,{children:window.isSecureContext&&`subtle`in crypto?(0,J.jsx)(fe,{client:gi,children:(0,J.jsx)(p,{fallback:()=>(0,J.jsx)(mi,{}),children:(0,J.jsx)(ni,{})})}):(0,J.jsx)(pi,{})}));export{$ as a,Z as c,Kt as d,Wt as f,fn as i,qt as l,wn as n,nn as o,et as p,sn as r,Q as s,Nn as t,Gt as u};