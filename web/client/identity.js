// Who one is to a server: a key pair whose private half WebCrypto keeps and does not give out.

import {concat} from './bytes.js';
import {didOf} from './did.js';
import {importFile} from './identityfile.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./did.js').KeyType} KeyType */

/**
 * What is needed of an identity: any object that has it will do, a hardware key's, say.
 * @typedef {object} Signer
 * @property {string} did did:key:z…
 * @property {string} keyId did:key:z…#z…
 * @property {KeyType} type
 * @property {(message: Bytes) => Promise<Bytes>} sign 64 bytes: Ed25519 (RFC 8032), or P-256 with SHA-256 as r || s
 */

/** @type {Record<KeyType, {generate: EcKeyGenParams | {name: string}, sign: EcdsaParams | {name: string}}>} */
const algorithms = {
  'Ed25519': {generate: {name: 'Ed25519'}, sign: {name: 'Ed25519'}},
  'P-256': {generate: {name: 'ECDSA', namedCurve: 'P-256'}, sign: {name: 'ECDSA', hash: 'SHA-256'}},
};

/** @implements {Signer} */
export class Identity {
  /** @type {string} did:key:z… */
  did;
  /** @type {string} did:key:z…#z… */
  keyId;
  /** @type {KeyType} */
  type;
  /** @type {CryptoKeyPair} IndexedDB takes it, though it cannot be exported; fromKeyPair makes the identity of it again */
  keyPair;

  /**
   * @param {CryptoKeyPair} keyPair
   * @param {KeyType} type
   * @param {Bytes} publicKey as didOf takes it
   */
  constructor(keyPair, type, publicKey) {
    this.did = didOf(type, publicKey);
    this.keyId = this.did + '#' + this.did.slice('did:key:'.length);
    this.type = type;
    this.keyPair = keyPair;
  }

  /**
   * Makes a new identity whose private key cannot be exported: Ed25519, or P-256 where WebCrypto has no Ed25519.
   * @param {{type?: KeyType}} [options] type: this one or none
   * @returns {Promise<Identity>}
   */
  static async generate({type} = {}) {
    const generate = async (/** @type {KeyType} */ type) => {
      const pair = await subtle().generateKey(algorithms[type].generate, false, ['sign', 'verify']);
      return Identity.fromKeyPair(/** @type {CryptoKeyPair} */ (pair));
    };
    if (type !== undefined) return generate(type);
    try {
      return await generate('Ed25519');
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'NotSupportedError') throw error;
      return generate('P-256');
    }
  }

  /**
   * Takes a key pair of WebCrypto's: Ed25519, or ECDSA with P-256. The private key needs the usage sign and must not be
   * extractable; the public key needs the usage verify.
   * @param {CryptoKeyPair} keyPair
   * @returns {Promise<Identity>}
   * @throws {TypeError} also for a pair whose halves do not belong together
   */
  static async fromKeyPair(keyPair) {
    const {privateKey, publicKey} = keyPair;
    const {name, namedCurve} = /** @type {EcKeyAlgorithm} */ (privateKey.algorithm);
    const type = name === 'ECDSA' ? namedCurve : name;
    if (type !== 'Ed25519' && type !== 'P-256') throw new TypeError('key pair: must be Ed25519, or ECDSA with P-256');
    if (privateKey.extractable) throw new TypeError('key pair: the private key must not be extractable');
    const probe = crypto.getRandomValues(new Uint8Array(32));
    const {sign} = algorithms[type];
    const signature = await subtle().sign(sign, privateKey, probe);
    if (!await subtle().verify(sign, publicKey, signature, probe)) {
      throw new TypeError('key pair: the public key does not belong to the private key');
    }
    const raw = new Uint8Array(await subtle().exportKey('raw', publicKey));
    return new Identity(keyPair, type, type === 'P-256' ? compress(raw) : raw);
  }

  /**
   * Takes the file that `twolock identity new` makes. The key cannot be exported from then on; whether the file stays
   * is the caller's affair.
   * @param {string | object} file JSON, or what it parses to
   * @returns {Promise<Identity>}
   * @throws {TypeError} which quotes nothing of the file
   */
  static async fromFile(file) {
    subtle();
    return Identity.fromKeyPair(await importFile(file));
  }

  /**
   * @param {Bytes} message
   * @returns {Promise<Bytes>} 64 bytes
   */
  async sign(message) {
    return new Uint8Array(await subtle().sign(algorithms[this.type].sign, this.keyPair.privateKey, message));
  }
}

function subtle() {
  if (!globalThis.crypto?.subtle) throw new Error('there is no WebCrypto here: a page needs https, or localhost');
  return crypto.subtle;
}

/**
 * @param {Bytes} point uncompressed (SEC 1 section 2.3.3): 4, x, y
 * @returns {Bytes}
 */
function compress(point) {
  return concat(Uint8Array.of(2 + (point[64] & 1)), point.subarray(1, 33));
}
