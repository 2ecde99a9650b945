// What the tests share: the recorded requests, and the server that web_test starts.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {Identity} from './identity.js';

export function vector(name) {
  return JSON.parse(readFileSync(new URL(`../../auth/testdata/zcap/${name}.json`, import.meta.url), 'utf8'));
}

/** The people of the recorded requests. */
export async function people() {
  const keys = vector('keys');
  const identity = (name) => Identity.fromFile({
    type: 'Ed25519VerificationKey2020', id: keys[name].keyId,
    publicKeyMultibase: keys[name].publicKeyMultibase, privateKeyMultibase: keys[name].privateKeyMultibase,
  });
  const [alice, bob, carol, dave, mallory] = await Promise.all(['alice', 'bob', 'carol', 'dave', 'mallory'].map(identity));
  return {alice, bob, carol, dave, mallory};
}

function environment(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: go test ./web starts a server and sets it`);
  return value;
}

/** The running server's URL, and its operator's identity file. */
export function server() {
  return {base: environment('TWOLOCK_URL'), operator: readFileSync(environment('TWOLOCK_IDENTITY'), 'utf8')};
}

export const createKeystore = `mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }`;
export const createKey = `mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id publicKey { bytes } } } }`;
export const sign = `mutation($input: SignInput!) { sign(input: $input) { signature } }`;
export const verify = `mutation($input: VerifyInput!) { verify(input: $input) { valid } }`;
