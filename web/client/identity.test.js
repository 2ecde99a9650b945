import assert from 'node:assert/strict';
import {mock, test} from 'node:test';
import {fromBase64url, fromMultibase, toBase64url, toMultibase} from './bytes.js';
import {didOf, parseDidUrl} from './did.js';
import {Identity} from './identity.js';
import {people, vector} from './testing.js';

const message = new TextEncoder().encode('hello');

test('an identity signs with a key that cannot be exported', async () => {
  for (const type of ['Ed25519', 'P-256']) {
    const identity = await Identity.generate({type});
    assert.match(identity.did, type === 'Ed25519' ? /^did:key:z6Mk/ : /^did:key:zDn/);
    assert.equal(identity.keyId, `${identity.did}#${identity.did.slice(8)}`);
    const {privateKey, publicKey} = identity.keyPair;
    assert.equal(privateKey.extractable, false);
    for (const form of ['pkcs8', 'jwk']) await assert.rejects(crypto.subtle.exportKey(form, privateKey));
    const signature = await identity.sign(message);
    assert.equal(signature.length, 64);
    const algorithm = type === 'Ed25519' ? {name: type} : {name: 'ECDSA', hash: 'SHA-256'};
    assert.ok(await crypto.subtle.verify(algorithm, publicKey, signature, message));
    assert.equal((await Identity.fromKeyPair(identity.keyPair)).did, identity.did);
    assert.equal(parseDidUrl(identity.did)?.type, type);
  }
});

test('P-256 takes the place of Ed25519 where that is missing, and only there', async (t) => {
  const generateKey = crypto.subtle.generateKey.bind(crypto.subtle);
  let name = 'NotSupportedError';
  t.after(() => mock.restoreAll());
  mock.method(crypto.subtle, 'generateKey', (algorithm, ...rest) =>
    algorithm.name === 'Ed25519' ? Promise.reject(new DOMException('no', name)) : generateKey(algorithm, ...rest));
  assert.equal((await Identity.generate()).type, 'P-256');
  await assert.rejects(Identity.generate({type: 'Ed25519'}), {name});
  name = 'OperationError';
  await assert.rejects(Identity.generate(), {name});
});

test('a key pair that is none is refused', async () => {
  const generate = (algorithm, extractable = false) => crypto.subtle.generateKey(algorithm, extractable, ['sign', 'verify']);
  const [one, other] = [await generate({name: 'Ed25519'}), await generate({name: 'Ed25519'})];
  const p256 = {name: 'ECDSA', namedCurve: 'P-256'};
  await assert.rejects(Identity.fromKeyPair({privateKey: one.privateKey, publicKey: other.publicKey}), /does not belong/);
  await assert.rejects(Identity.fromKeyPair(await generate({name: 'Ed25519'}, true)), /must not be extractable/);
  await assert.rejects(Identity.fromKeyPair(await generate(p256, true)), /must not be extractable/);
  await assert.rejects(Identity.fromKeyPair(await generate({name: 'ECDSA', namedCurve: 'P-384'})), /must be Ed25519/);
});

test("the program's identity file is read, and its key cannot be exported then", async () => {
  const {alice} = await people();
  assert.equal(alice.did, vector('keys').alice.did);
  assert.equal(alice.keyPair.privateKey.extractable, false);
});

test("the other libraries' Multikey files are read, P-256 and Ed25519", async () => {
  const types = new Set();
  for (const file of vector('../p256/vectors').keys) {
    const identity = await Identity.fromFile(file);
    assert.equal(identity.did, file.controller);
    assert.equal(identity.keyPair.privateKey.extractable, false);
    types.add(identity.type);
  }
  assert.deepEqual([...types].sort(), ['Ed25519', 'P-256']);
  // Both signs of y are decompressed.
  for (let i = 0; i < 8; i++) {
    const {privateKey, publicKey} = await crypto.subtle.generateKey({name: 'ECDSA', namedCurve: 'P-256'}, true, ['sign', 'verify']);
    const {d} = await crypto.subtle.exportKey('jwk', privateKey);
    const raw = Buffer.from(await crypto.subtle.exportKey('raw', publicKey));
    const publicKeyMultibase = didOf('P-256', Buffer.concat([Buffer.of(2 + (raw[64] & 1)), raw.subarray(1, 33)])).slice(8);
    const id = 'did:key:' + publicKeyMultibase;
    const file = {id, type: 'Multikey', publicKeyMultibase, secretKeyMultibase: toMultibase(Buffer.concat([Buffer.of(0x86, 0x26), Buffer.from(d, 'base64url')]))};
    assert.equal((await Identity.fromFile(file)).did, id);
    const [other] = vector('../p256/vectors').keys;
    await assert.rejects(Identity.fromFile({...file, secretKeyMultibase: other.secretKeyMultibase}), /identity file: its public key|key pair: the public/);
    await assert.rejects(Identity.fromFile({...file, type: 'Ed25519VerificationKey2020'}), /^TypeError: identity file: /);
  }
  const off = toMultibase(Buffer.concat([Buffer.of(0x80, 0x24, 2), Buffer.alloc(32, 255)])); // x is not below p
  await assert.rejects(Identity.fromFile({...vector('../p256/vectors').keys[0], publicKeyMultibase: off, id: 'did:key:' + off, controller: 'did:key:' + off}),
    /is no point of the curve/);
});

test('an identity file that is not right is refused, and nothing of it told', async () => {
  const {alice, bob} = vector('keys');
  const file = {
    id: alice.keyId, type: 'Ed25519VerificationKey2020', controller: alice.did,
    publicKeyMultibase: alice.publicKeyMultibase, privateKeyMultibase: alice.privateKeyMultibase,
  };
  assert.equal((await Identity.fromFile(JSON.stringify(file))).did, alice.did);
  const pair = fromMultibase(alice.privateKeyMultibase)?.slice() ?? new Uint8Array();
  const stranger = fromMultibase(bob.privateKeyMultibase) ?? new Uint8Array();
  const mixed = toMultibase(Uint8Array.from([...pair.slice(0, 34), ...stranger.slice(34)]));
  for (const [what, wrong] of Object.entries({
    'another public key': {publicKeyMultibase: bob.publicKeyMultibase},
    'a pair of two': {privateKeyMultibase: mixed},
    'a pair of two, the public key like its second': {
      privateKeyMultibase: mixed, publicKeyMultibase: bob.publicKeyMultibase, id: bob.keyId, controller: bob.did,
    },
    'another id': {id: bob.did},
    'no id': {id: undefined},
    'another controller': {controller: bob.did},
    'another type': {type: 'X25519KeyAgreementKey2020'},
    'a type that objects have': {type: 'constructor'},
    'an unknown member': {note: 1},
    'a public key with a fragment': {id: alice.did, publicKeyMultibase: `${alice.publicKeyMultibase}#${alice.publicKeyMultibase}`},
    'no private key': {privateKeyMultibase: undefined},
    'a private key that is a number': {privateKeyMultibase: 7},
    'half a private key': {privateKeyMultibase: toMultibase(pair.slice(0, 34))},
    'a public key for a private one': {privateKeyMultibase: alice.publicKeyMultibase},
    'what is not base58': {privateKeyMultibase: alice.privateKeyMultibase.replace('z', 'z0')},
    'a long private key': {privateKeyMultibase: 'z' + '2'.repeat(100_000)},
  })) {
    await assert.rejects(Identity.fromFile({...file, ...wrong}), (error) => {
      assert.equal(error.name, 'TypeError', what);
      assert.match(error.message, /^(identity file|key pair): /, what);
      assert.ok(!/z[1-9A-Za-z]{9}/.test(error.message), `${what}: ${error.message}`);
      return true;
    }, what);
  }
  for (const text of ['', 'null', '[]', '"x"', '{"privateKeyMultibase":"' + alice.privateKeyMultibase]) {
    await assert.rejects(Identity.fromFile(text), (error) => /^identity file: /.test(error.message) && !error.message.includes('zru'), text);
  }
});

test('did:key has one spelling', async () => {
  const {alice} = await people();
  assert.deepEqual(parseDidUrl(alice.keyId), parseDidUrl(alice.did));
  const multikey = alice.did.slice(8);
  for (const wrong of ['', multikey, 'did:web:example', 'did:key:', 'did:key:z', `${alice.did}#`, `${alice.did}#other`, `${alice.keyId}#${multikey}`,
    `did:key:z1${multikey.slice(1)}`, `did:key:z${'1'.repeat(200)}`, `DID:key:${multikey}`, alice.did.replace('z6', 'z0'), `${alice.did} `]) {
    assert.equal(parseDidUrl(wrong), undefined, wrong);
  }
});

test('base64url has one spelling, and base64 is read too', () => {
  for (const bytes of [[], [0], [251, 255], [251, 255, 254], [...message]]) {
    const text = toBase64url(Uint8Array.from(bytes));
    assert.equal(text, Buffer.from(bytes).toString('base64url'));
    assert.deepEqual([...fromBase64url(text)], bytes);
    assert.deepEqual([...fromBase64url(Buffer.from(bytes).toString('base64'))], bytes);
  }
  for (const wrong of ['A', 'AB', 'AAB', 'AA=A', 'A A', '=', '!!!!', 'AA=', 'AAAAA', 'ä']) assert.throws(() => fromBase64url(wrong), {name: 'TypeError', message: 'must be base64url'}, wrong);
});

test('base58btc: what is known, and there and back', () => {
  // draft-msporny-base58-03, section 5.
  assert.equal(toMultibase(new TextEncoder().encode('Hello World!')), 'z2NEpo7TZRRrLZSi2U');
  assert.equal(toMultibase(Uint8Array.of(0, 0, 0x28, 0x7f, 0xb4, 0xcd)), 'z11233QC4');
  assert.equal(fromMultibase('z' + '2'.repeat(128)), undefined, 'a long text takes long');
  for (const bytes of [[], [0], [0, 0], [0, 1], [255], [1, 0], Array(64).fill(255), Array(33).fill(0)]) {
    assert.deepEqual([...(fromMultibase(toMultibase(Uint8Array.from(bytes))))], bytes);
  }
});
