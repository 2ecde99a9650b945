// An unmodified client reads a document that twolock deleted, and deletes one that twolock wrote. Standard input says which.
import assert from 'node:assert/strict';
import {text} from 'node:stream/consumers';
import {EdvClient} from '@digitalbazaar/edv-client';
import {X25519KeyAgreementKey2020} from '@digitalbazaar/x25519-key-agreement-key-2020';
import {hmacKey, readIdentity} from './keys.mjs';

const input = JSON.parse(await text(process.stdin));
const user = await readIdentity(input.user);
const keyAgreementKey = await X25519KeyAgreementKey2020.from(input.recipient);
const options = {
  id: input.vault, keyAgreementKey, keyResolver: async () => keyAgreementKey, invocationSigner: user.signer
};

const deleted = await new EdvClient(options).get({id: input.deleted});
assert.deepEqual(deleted.content, {});
assert.deepEqual(deleted.meta, {deleted: true});
assert.deepEqual(deleted.indexed[0].attributes, []);
assert.equal(deleted.indexed[0].sequence, deleted.sequence);

const hmac = hmacKey(deleted.indexed[0].hmac.id, Buffer.from(input.mac, 'base64url'));
const client = new EdvClient({...options, hmac});
client.ensureIndex({attribute: 'content.keystore'});
assert.equal(await client.delete({doc: await client.get({id: input.delete})}), true);
console.log('deleted');
