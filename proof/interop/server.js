// The server that interop_test.go starts, as the tests use it: bytes are Uint8Arrays on both sides.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {toMultibase} from '../../web/client/bytes.js';
import {Client, Identity, fromBase64url, toBase64url} from '../../web/client/index.js';

function environment(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: go test ./proof starts a server and sets it`);
  return value;
}

const keystore = environment('TWOLOCK_KEYSTORE');
const client = new Client({identity: await Identity.fromFile(readFileSync(environment('TWOLOCK_IDENTITY'), 'utf8'))});

const keyFields = 'key { id publicKey { bytes spki pem jwk } }';

// What each operation answers. The action is the operation's name.
const answers = {
  sign: 'signature', verify: 'valid', encrypt: 'ciphertext nonce', decrypt: 'plaintext', computeMac: 'mac', verifyMac: 'valid',
  wrapKey: 'wrappedKey epk', unwrapKey: 'unwrappedKey', seal: 'ciphertext nonce', open: 'plaintext',
  encapsulate: 'sharedSecret ciphertext', decapsulate: 'sharedSecret', deriveSecret: 'secret', deriveKey: 'secret',
  exportKey: 'wrapped', backupKey: 'backup',
};

const bytes = new Set(['signature', 'ciphertext', 'nonce', 'plaintext', 'mac', 'wrappedKey', 'unwrappedKey', 'sharedSecret', 'secret']);

function written(input) {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    return [name, value instanceof Uint8Array ? toBase64url(value) : value];
  }));
}

async function keyOf(field, action, type, input) {
  const query = `mutation($input: ${field}Input!) { key: ${field[0].toLowerCase() + field.slice(1)}(input: $input) { ${keyFields} } }`;
  const {key: {key}} = await client.request(keystore, action, query, {input: written({keystore, ...(type ? {type} : {}), ...input})});
  const {publicKey} = key;
  return {
    id: key.id, jwk: publicKey?.jwk, pem: publicKey?.pem,
    public: publicKey && fromBase64url(publicKey.bytes), spki: publicKey?.spki && fromBase64url(publicKey.spki),
  };
}

/** Has the server make a key. */
export const create = (type, input = {}) => keyOf('CreateKey', 'generateKey', type, input);

/** Imports a key in one of the forms jwk, pkcs8, spki, raw, or wrapped with unwrappingKey. */
export const take = (type, input) => keyOf('ImportKey', 'importKey', type, input);

/** Restores a key from backup with unwrappingKey. */
export const restore = (input) => keyOf('RestoreKey', 'restoreKey', undefined, input);

/** The last part of the URL of a key that is not there yet: a multihash of 16 bytes (identity), in base58btc. */
export const newID = () => toMultibase(concat([0, 16], random(16)));

/** Uses a key. */
export async function use(key, operation, input = {}) {
  const type = operation[0].toUpperCase() + operation.slice(1) + 'Input';
  const query = `mutation($input: ${type}!) { answer: ${operation}(input: $input) { ${answers[operation]} } }`;
  const {answer} = await client.request(key.id, operation, query, {input: written({key: key.id, ...input})});
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, bytes.has(name) ? fromBase64url(value) : value]));
}

/** Expects the server to refuse what it was given. */
export const refuses = (promise) => assert.rejects(promise, {name: 'TwolockError', code: 'BAD_USER_INPUT'});

export const random = (size) => crypto.getRandomValues(new Uint8Array(size));

/** Compares bytes, whatever they are in. */
export function same(got, want, what) {
  assert.equal(Buffer.from(got).toString('hex'), Buffer.from(want).toString('hex'), what);
}

/** A copy with one bit of one byte changed. */
export function changed(data, at = 0) {
  const copy = Uint8Array.from(data);
  copy[at] ^= 1;
  return copy;
}

export const concat = (...parts) => Uint8Array.from(Buffer.concat(parts.map((part) => new Uint8Array(part))));

/** Messages of several lengths, none among them. */
export const messages = [0, 1, 16, 1000].map(random);

/** Whom exportKey and the like may encrypt to, and what importKey unwraps with: the type with its name in JOSE. */
export const recipients = [['X25519', 'X25519'], ['ECDH_P256', 'P-256'], ['ECDH_P384', 'P-384'], ['ECDH_P521', 'P-521']];
