// did:key, for the two kinds of keys that sign requests: Ed25519 (z6Mk…) and P-256 (zDn…).

import {concat, fromMultibase, toMultibase} from './bytes.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */

/** @typedef {'Ed25519' | 'P-256'} KeyType */

// Codes of the multicodec table as varints, and the lengths of what follows: RFC 8032 section 5.1.5; SEC 1 section
// 2.3.3, compressed.
/** @type {Record<KeyType, {codec: number[], length: number}>} */
const kinds = {
  'Ed25519': {codec: [0xed, 0x01], length: 32},
  'P-256': {codec: [0x80, 0x24], length: 33},
};

/**
 * @param {KeyType} type
 * @param {Uint8Array} key as its kind is written: 32 bytes, or the compressed point
 * @returns {string} did:key:z…
 */
export function didOf(type, key) {
  return 'did:key:' + toMultibase(concat(Uint8Array.from(kinds[type].codec), key));
}

/**
 * Reads a DID, or the verification method that a did:key has: did:key:z…#z…
 * @param {string} url
 * @returns {{did: string, type: KeyType, key: Bytes} | undefined} undefined for anything else
 */
export function parseDidUrl(url) {
  const [did, fragment, more] = url.split('#');
  const multikey = did.startsWith('did:key:') ? did.slice('did:key:'.length) : '';
  const bytes = fromMultibase(multikey);
  if (!bytes || more !== undefined || (fragment !== undefined && fragment !== multikey)) return undefined;
  for (const type of /** @type {KeyType[]} */ (Object.keys(kinds))) {
    const {codec, length} = kinds[type];
    if (bytes.length === codec.length + length && codec.every((byte, i) => bytes[i] === byte)) {
      return {did, type, key: bytes.slice(codec.length)};
    }
  }
  return undefined;
}
