// What each type of key can do, as the server has it: which forms to show. The server decides.

import type {Algorithm, EncryptionAlgorithm, KeyOperation, KeyType, SignatureAlgorithm, WrapAlgorithm} from './operations.ts';

type Group = 'sign' | 'encrypt' | 'mac' | 'agree' | 'rsa';

export const typeGroups: readonly {group: Group; types: readonly KeyType[]}[] = [
  {group: 'sign', types: ['ED25519', 'ECDSA_P256', 'ECDSA_P384', 'ECDSA_P521', 'ECDSA_SECP256K1', 'ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87']},
  {group: 'encrypt', types: ['XAES_256_GCM', 'AES_256_GCM', 'AES_128_GCM', 'XCHACHA20_POLY1305', 'CHACHA20_POLY1305']},
  {group: 'mac', types: ['HMAC_SHA256', 'HMAC_SHA384', 'HMAC_SHA512']},
  {group: 'agree', types: ['X25519', 'ECDH_P256', 'ECDH_P384', 'ECDH_P521', 'ML_KEM_768', 'ML_KEM_1024']},
  {group: 'rsa', types: ['RSA_2048', 'RSA_3072', 'RSA_4096']},
];

export function groupOf(type: KeyType): Group {
  return typeGroups.find(({types}) => types.includes(type))?.group ?? 'sign';
}

/** The types whose keys are secret bytes: what deriveKey makes. */
export const symmetricTypes: readonly KeyType[] = typeGroups.filter(({group}) => group === 'encrypt' || group === 'mac').flatMap(({types}) => types);

/** What a type can do, with its private part. */
export function operationsOf(type: KeyType): readonly KeyOperation[] {
  switch (groupOf(type)) {
    case 'sign': return ['SIGN', 'VERIFY'];
    case 'mac': return ['COMPUTE_MAC', 'VERIFY_MAC', 'DERIVE_KEY'];
    case 'rsa': return ['SIGN', 'VERIFY', 'ENCRYPT', 'DECRYPT', 'WRAP_KEY', 'UNWRAP_KEY'];
    case 'encrypt': return type.startsWith('AES_') ? ['ENCRYPT', 'DECRYPT', 'WRAP_KEY', 'UNWRAP_KEY'] : ['ENCRYPT', 'DECRYPT'];
    case 'agree': return type.startsWith('ML_KEM')
      ? ['ENCAPSULATE', 'DECAPSULATE']
      : ['ENCRYPT', 'DECRYPT', 'WRAP_KEY', 'UNWRAP_KEY', ...(type === 'X25519' ? ['SEAL', 'OPEN'] as const : []), 'DERIVE_SECRET', 'DERIVE_KEY'];
  }
}

/** The algorithms of a type. */
export function algorithmsOf(type: KeyType): readonly Algorithm[] {
  switch (groupOf(type)) {
    case 'sign': return [type === 'ED25519' ? 'EDDSA' : isEcdsa(type) ? 'ECDSA' : 'ML_DSA'];
    case 'mac': return [];
    case 'rsa': return [...signature.filter((a) => a.startsWith('RSA_')), 'RSA_OAEP_SHA256', 'RSA_OAEP_256'];
    case 'encrypt': return type.startsWith('AES_') ? ['AEAD', 'AES_KW', 'AES_KWP'] : ['AEAD'];
    case 'agree': return isEcdh(type) ? [...encryption.filter((a) => a.startsWith('HPKE_')), 'ECDH_ES_A256KW', 'ECDH_1PU_A256KW'] : [];
  }
}

const signature: readonly Algorithm[] = ['RSA_PSS_SHA256', 'RSA_PSS_SHA384', 'RSA_PSS_SHA512', 'RSA_PKCS1_SHA256', 'RSA_PKCS1_SHA384', 'RSA_PKCS1_SHA512', 'EDDSA', 'ECDSA', 'ML_DSA'];
const encryption: readonly Algorithm[] = ['AEAD', 'RSA_OAEP_SHA256', 'HPKE_AES_256_GCM', 'HPKE_AES_128_GCM', 'HPKE_CHACHA20_POLY1305'];
const wrap: readonly Algorithm[] = ['AES_KW', 'AES_KWP', 'RSA_OAEP_256', 'ECDH_ES_A256KW', 'ECDH_1PU_A256KW'];

export const signatureAlgorithms = (all: readonly Algorithm[]) => signature.filter((a) => all.includes(a)) as SignatureAlgorithm[];
export const encryptionAlgorithms = (all: readonly Algorithm[]) => encryption.filter((a) => all.includes(a)) as EncryptionAlgorithm[];
export const wrapAlgorithms = (all: readonly Algorithm[]) => wrap.filter((a) => all.includes(a)) as WrapAlgorithm[];

export const isEcdsa = (type: KeyType) => type.startsWith('ECDSA_');
export const isRsa = (type: KeyType) => type.startsWith('RSA_');
export const isEcdh = (type: KeyType) => type === 'X25519' || type.startsWith('ECDH_');
export const isSigner = (type: KeyType) => groupOf(type) === 'sign';
