// Making an identity. A copy of the private key exists for one moment, as the recovery file that is offered; the key that the browser keeps
// cannot be read out.

import {concat, fromBase64url, toMultibase} from '../client/bytes.js';
import {didOf} from '../client/did.js';
import {Identity} from '../client/identity.js';

export async function makeIdentity(): Promise<{identity: Identity; file: string}> {
  const file = await ed25519File() ?? await p256File();
  return {identity: await Identity.fromFile(file), file};
}

/** As `twolock identity new` writes it; undefined where WebCrypto has no Ed25519. */
async function ed25519File(): Promise<string | undefined> {
  let pair: CryptoKeyPair;
  try {
    pair = await crypto.subtle.generateKey({name: 'Ed25519'}, true, ['sign', 'verify']) as CryptoKeyPair;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotSupportedError') return undefined;
    throw error;
  }
  const {d, x} = await secret(pair);
  const did = didOf('Ed25519', x);
  const privateKey = concat(Uint8Array.of(0x80, 0x26), d, x);
  return write(did, 'Ed25519VerificationKey2020', 'privateKeyMultibase', privateKey, d);
}

async function p256File(): Promise<string> {
  const pair = await crypto.subtle.generateKey({name: 'ECDSA', namedCurve: 'P-256'}, true, ['sign', 'verify']);
  const {d, x, y} = await secret(pair);
  const did = didOf('P-256', concat(Uint8Array.of(2 + ((y.at(-1) ?? 0) & 1)), x));
  return write(did, 'Multikey', 'secretKeyMultibase', concat(Uint8Array.of(0x86, 0x26), d), d);
}

async function secret({privateKey}: CryptoKeyPair) {
  const jwk = await crypto.subtle.exportKey('jwk', privateKey);
  return {d: fromBase64url(jwk.d ?? ''), x: fromBase64url(jwk.x ?? ''), y: fromBase64url(jwk.y ?? '')};
}

function write(did: string, type: string, member: string, key: Uint8Array, bare: Uint8Array): string {
  const publicKeyMultibase = did.slice('did:key:'.length);
  const file = {id: `${did}#${publicKeyMultibase}`, type, controller: did, publicKeyMultibase, [member]: toMultibase(key)};
  key.fill(0);
  bare.fill(0);
  return JSON.stringify(file, null, 2) + '\n';
}
