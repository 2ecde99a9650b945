// The file of `twolock identity new`: a key pair as the ZCAP libraries export one, Ed25519VerificationKey2020 or
// Multikey.

import {concat, fromMultibase, toBase64url} from './bytes.js';
import {parseDidUrl} from './did.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./did.js').KeyType} KeyType */

// Which member has the secret, and codes of the multicodec table as varints with the lengths of what follows.
const secretMember = new Map([
  ['Ed25519VerificationKey2020', 'privateKeyMultibase'],
  ['Multikey', 'secretKeyMultibase'],
]);
/** @type {Record<KeyType, {codec: number[], length: number}>} */
const secretKinds = {
  'Ed25519': {codec: [0x80, 0x26], length: 64}, // the private key, then the public one
  'P-256': {codec: [0x86, 0x26], length: 32},
};
const maxFile = 4096;

/**
 * Imports the key pair of an identity file, so that the private key cannot be exported.
 * @param {string | object} file JSON, or what it parses to
 * @returns {Promise<CryptoKeyPair>} whether its halves belong together is not checked
 * @throws {TypeError} which quotes nothing of the file
 */
export async function importFile(file) {
  const {id, type, controller, publicKeyMultibase, ...others} = members(file);
  const member = secretMember.get(String(type));
  if (!member) throw wrong('type must be Ed25519VerificationKey2020 or Multikey');
  if (!Object.keys(others).every((name) => name === member || name === '@context')) {
    throw wrong('has a member that is not known');
  }
  const own = typeof publicKeyMultibase === 'string' ? parseDidUrl('did:key:' + publicKeyMultibase) : undefined;
  if (!own || own.did !== 'did:key:' + publicKeyMultibase || (type !== 'Multikey' && own.type !== 'Ed25519')) {
    throw wrong('publicKeyMultibase must be that of an Ed25519 key (z6Mk…), or in a Multikey of a P-256 key (zDn…)');
  }
  const names = [own.did, `${own.did}#${publicKeyMultibase}`];
  if (!names.includes(String(id)) || (controller !== undefined && controller !== own.did)) {
    throw wrong("id and controller must be the key's own did:key");
  }
  const {codec, length} = secretKinds[own.type];
  const value = others[member];
  const decoded = typeof value === 'string' ? fromMultibase(value) : undefined;
  try {
    if (decoded?.length !== codec.length + length || !codec.every((byte, i) => decoded[i] === byte)) {
      throw wrong(`${member} must be the secret of an ${own.type} key`);
    }
    const secret = decoded.subarray(codec.length);
    return await (own.type === 'Ed25519' ? importEd25519(secret, own.key) : importP256(secret, own.key));
  } finally {
    decoded?.fill(0);
  }
}

/** @param {string} problem */
function wrong(problem) {
  return new TypeError('identity file: ' + problem);
}

/**
 * @param {string | object} file
 * @returns {Record<string, unknown>}
 */
function members(file) {
  try {
    const parsed = typeof file !== 'string' ? file : file.length <= maxFile ? JSON.parse(file) : null;
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // JSON.parse quotes what it was given.
  }
  throw wrong('must be a JSON object of at most 4 KiB');
}

// RFC 8410 section 7, up to where the 32 bytes of the private key begin.
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

/**
 * @param {Bytes} secret the private key and the public key
 * @param {Bytes} key
 * @returns {Promise<CryptoKeyPair>}
 */
async function importEd25519(secret, key) {
  if (!secret.subarray(32).every((byte, i) => byte === key[i])) throw wrong('its public keys differ');
  const pkcs8 = concat(pkcs8Prefix, secret.subarray(0, 32));
  const algorithm = {name: 'Ed25519'};
  try {
    return {
      privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
      publicKey: await crypto.subtle.importKey('raw', key, algorithm, true, ['verify']),
    };
  } finally {
    pkcs8.fill(0);
  }
}

/**
 * @param {Bytes} secret the scalar
 * @param {Bytes} key the compressed point
 * @returns {Promise<CryptoKeyPair>}
 */
async function importP256(secret, key) {
  const algorithm = {name: 'ECDSA', namedCurve: 'P-256'};
  const jwk = {kty: 'EC', crv: 'P-256', ...coordinates(key)};
  try {
    return {
      privateKey: await crypto.subtle.importKey('jwk', {...jwk, d: toBase64url(secret)}, algorithm, false, ['sign']),
      publicKey: await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']),
    };
  } catch {
    throw wrong('its public key does not belong to its secret, or is no point of the curve');
  }
}

/**
 * Decompresses a point of P-256 (SEC 1 section 2.3.4), which not every WebCrypto does. The point is public: time need
 * not be constant. What is no point of the curve gives another such, which the import refuses.
 * @param {Bytes} compressed
 */
function coordinates(compressed) {
  const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
  const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
  const x = BigInt('0x' + hex(compressed.subarray(1)));
  // The root of what is a square is its power of (p+1)/4, for p is 3 modulo 4.
  let y = 1n;
  let square = ((x ** 3n - 3n * x + b) % p + p) % p;
  for (let exponent = (p + 1n) / 4n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) y = y * square % p;
    square = square * square % p;
  }
  if (y % 2n !== BigInt(compressed[0] & 1)) y = p - y;
  return {x: toBase64url(bytes(x)), y: toBase64url(bytes(y))};
}

/** @param {bigint} n */
function bytes(n) {
  return Uint8Array.from({length: 32}, (_, i) => Number((n >> BigInt(8 * (31 - i))) & 255n));
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
