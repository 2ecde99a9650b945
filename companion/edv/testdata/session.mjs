// A user's session with the vault server at argv[2], by unmodified clients. Exits 1 at the first thing that is not as it must be.
import assert from 'node:assert/strict';
import {EdvClient} from '@digitalbazaar/edv-client';
import {ZcapClient} from '@digitalbazaar/ezcap';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {hmacKey, newIdentity, newKeyAgreementKey} from './keys.mjs';

const base = process.argv[2];
const user = await newIdentity();
const service = await newIdentity();
const stranger = await newIdentity();
const keyAgreementKey = await newKeyAgreementKey();
const hmac = hmacKey('urn:hmac:1', crypto.getRandomValues(new Uint8Array(32)));
const keyResolver = async () => keyAgreementKey;

// To create a vault takes its controller's own signature.
const config = {
  sequence: 0,
  controller: user.did,
  keyAgreementKey: {id: keyAgreementKey.id, type: keyAgreementKey.type},
  hmac: {id: hmac.id, type: hmac.type},
  meterId: base + '/meters/z1'
};
const url = base + '/edvs';
await rejectsWith(403, EdvClient.createEdv({url, config, invocationSigner: stranger.signer}));
await rejectsWith(400, EdvClient.createEdv({url, config: {...config, sequence: 1}, invocationSigner: user.signer}));
const created = await EdvClient.createEdv({url, config, invocationSigner: user.signer});
assert.match(created.id, /^https:\/\/[^/]+\/edvs\/z[1-9A-HJ-NP-Za-km-z]+$/);
assert.deepEqual(created, {...config, id: created.id});

const client = new EdvClient({id: created.id, keyAgreementKey, keyResolver, hmac, invocationSigner: user.signer});
client.ensureIndex({attribute: 'content.keyId', unique: true});
client.ensureIndex({attribute: ['content.keystore', 'content.type']});
assert.deepEqual(await client.getConfig(), created);

// Insert, get, duplicate id, duplicate unique attribute.
const content = {keyId: 'k1', keystore: 'ks1', type: 'ED25519', secret: 'one'};
const inserted = await client.insert({doc: {content}});
assert.deepEqual((await client.get({id: inserted.id})).content, content);
await rejectsAs('DuplicateError', client.insert({doc: {id: inserted.id, content: {keyId: 'k9'}}}));
await rejectsAs('DuplicateError', client.insert({doc: {content: {keyId: 'k1'}}}));
await rejectsAs('NotFoundError', client.get({id: await EdvClient.generateId()}));

// Update, conflict.
const updated = await client.update({doc: {...inserted, content: {...content, secret: 'two'}}});
assert.equal(updated.sequence, 1);
await rejectsAs('InvalidStateError', client.update({doc: {...inserted, content: {...content, secret: 'three'}}}));
await rejectsAs('InvalidStateError', client.update({doc: {...inserted, sequence: 1 + updated.sequence, content}}));
assert.equal((await client.get({id: inserted.id})).content.secret, 'two');

// Find.
const second = await client.insert({doc: {content: {keyId: 'k2', keystore: 'ks1', type: 'ED25519'}}});
const find = async query => (await client.find(query)).documents.map(({content}) => content.keyId).sort();
assert.deepEqual(await find({equals: {'content.keyId': 'k1'}}), ['k1']);
assert.deepEqual(await find({equals: {'content.keystore': 'ks1', 'content.type': 'ED25519'}}), ['k1', 'k2']);
assert.deepEqual(await find({equals: [{'content.keyId': 'k1'}, {'content.keyId': 'k2'}]}), ['k1', 'k2']);
assert.deepEqual(await find({equals: {'content.keyId': 'k3'}}), []);
assert.deepEqual(await find({has: 'content.keyId'}), ['k1', 'k2']);
assert.equal(await client.count({has: 'content.keyId'}), 2);
const page = await client.find({has: 'content.keyId', limit: 1});
assert.equal(page.documents.length, 1);
assert.equal(page.hasMore, true);
assert.equal((await client.find({has: 'content.keyId', limit: 2})).hasMore, false);

// Index of its own.
client.ensureIndex({attribute: 'content.secret'});
await client.updateIndex({doc: await client.get({id: inserted.id})});
assert.deepEqual(await find({equals: {'content.secret': 'two'}}), ['k1']);
await rejectsAs('InvalidStateError', client.updateIndex({doc: {...updated, sequence: 0}}));

// A service to which the vault is delegated.
const zcaps = new ZcapClient({SuiteClass: Ed25519Signature2020, delegationSigner: user.signer, invocationSigner: user.signer});
const delegate = (allowedActions, invocationTarget) => zcaps.delegate({
  capability: `urn:zcap:root:${encodeURIComponent(created.id)}`, controller: service.did, allowedActions, invocationTarget,
  expires: new Date(Date.now() + 3600000)
});
const serviceClient = capability => new EdvClient({
  id: created.id, capability, keyAgreementKey, keyResolver, hmac, invocationSigner: service.signer
});
const full = serviceClient(await delegate(['read', 'write'], created.id + '/documents'));
full.ensureIndex({attribute: 'content.keyId', unique: true});
const third = await full.insert({doc: {content: {keyId: 'k3'}}});
assert.deepEqual((await full.get({id: third.id})).content, {keyId: 'k3'});
assert.equal((await full.find({equals: {'content.keyId': 'k3'}})).documents.length, 1);
const reader = serviceClient(await delegate(['read'], created.id + '/documents'));
assert.deepEqual((await reader.get({id: third.id})).content, {keyId: 'k3'});
await rejectsWith(403, reader.insert({doc: {content: {keyId: 'k4'}}}));
await rejectsWith(403, reader.delete({doc: third}));
const narrow = serviceClient(await delegate(['read', 'write'], created.id + '/documents/' + second.id));
assert.equal((await narrow.get({id: second.id})).content.keyId, 'k2');
await rejectsWith(403, narrow.get({id: third.id}));
const strange = new EdvClient({id: created.id, keyAgreementKey, keyResolver, hmac, invocationSigner: stranger.signer});
await rejectsWith(403, strange.get({id: third.id}));
await rejectsWith(403, strange.insert({doc: {content: {keyId: 'k5'}}}));

// Deletion leaves an empty document, and its unique attributes free.
assert.equal(await client.delete({doc: await client.get({id: inserted.id})}), true);
assert.deepEqual((await client.get({id: inserted.id})).content, {});
await client.insert({doc: {content}});

console.log('session complete');

async function rejectsAs(name, promise) {
  await assert.rejects(promise, error => assert.equal(error.name, name) ?? true);
}

async function rejectsWith(status, promise) {
  await assert.rejects(promise, error => assert.equal(error.status, status) ?? true);
}
