// An unmodified client reads the document of a key that twolock wrote, finds it by its index, also by its name, which it does not give to another,
// and writes another document, as the first twolock did.
// Standard input says which; standard output has what was read.
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

const read = await new EdvClient(options).get({id: input.read});
const hmac = hmacKey(read.indexed[0].hmac.id, Buffer.from(input.mac, 'base64url'));
const client = new EdvClient({...options, hmac});
client.ensureIndex({attribute: 'content.keystore'});
const found = await client.find({equals: {'content.keystore': read.content.keystore}});
client.ensureIndex({attribute: ['content.keystore', 'content.name'], unique: true});
const {keystore, name} = read.content;
const named = await client.find({equals: {'content.keystore': keystore, 'content.name': name}});
await assert.rejects(client.insert({doc: {content: {keystore, name}}}), {name: 'DuplicateError'});
await client.insert({doc: {id: input.write, content: input.content, meta: {}}});

console.log(JSON.stringify({
  content: read.content, meta: read.meta, sequence: read.sequence, type: read.indexed[0].hmac.type,
  named: named.documents.map(({content}) => content.id), found: found.documents.map(({content}) => content.id)
}));
