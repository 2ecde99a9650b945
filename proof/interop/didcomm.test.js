// DIDComm's library, of which the server takes ECDH-1PU (draft-madden-jose-ecdh-1pu-04). Names of tests begin with the type of keys.
//
// One way only: with ECDH-1PU the wrapped key is bound to the tag of the content, and the content in DIDComm to a header that has the ephemeral key, which
// wrapKey draws when it has the tag.

import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {test} from 'node:test';
import didcomm from 'didcomm-node';
import {base64url} from 'jose';
import {changed, concat, create, messages, refuses, same, use} from './server.js';

for (const [type, curve] of [['X25519', 'x25519'], ['ECDH_P256', 'P-256']]) {
  test(`${type}: didcomm, JWE with ECDH-1PU+A256KW`, async () => {
    const key = await create(type);
    const sender = curve === 'x25519' ? nodeCrypto.generateKeyPairSync('x25519') : nodeCrypto.generateKeyPairSync('ec', {namedCurve: curve});
    const privateJwk = sender.privateKey.export({format: 'jwk'});
    const {d, ...publicJwk} = privateJwk;
    const document = (did, publicKeyJwk) => ({
      id: did, keyAgreement: [`${did}#key`], authentication: [], service: [],
      verificationMethod: [{id: `${did}#key`, type: 'JsonWebKey2020', controller: did, publicKeyJwk}],
    });
    const documents = [document('did:example:alice', publicJwk), document('did:example:server', key.jwk)];
    const resolver = {resolve: async (did) => documents.find(({id}) => id === did) ?? null};
    const secret = {id: 'did:example:alice#key', type: 'JsonWebKey2020', privateKeyJwk: privateJwk};
    const secrets = {get_secret: async (id) => id === secret.id ? secret : null, find_secrets: async (ids) => ids.filter((id) => id === secret.id)};
    const senderPublicKey = publicJwk.y ? concat([4], base64url.decode(publicJwk.x), base64url.decode(publicJwk.y)) : base64url.decode(publicJwk.x);

    const message = new didcomm.Message({
      id: '1', typ: 'application/didcomm-plain+json', type: 'http://example.com/x', from: 'did:example:alice', to: ['did:example:server'],
      body: {text: base64url.encode(messages[3])},
    });
    const [packed] = await message.pack_encrypted('did:example:server', 'did:example:alice', null, resolver, secrets, {forward: false});
    const jwe = JSON.parse(packed);
    const header = JSON.parse(new TextDecoder().decode(base64url.decode(jwe.protected)));
    assert.equal(header.alg, 'ECDH-1PU+A256KW');
    assert.equal(header.enc, 'A256CBC-HS512');
    const input = {
      algorithm: 'ECDH_1PU_A256KW', wrappedKey: base64url.decode(jwe.recipients[0].encrypted_key), epk: header.epk, senderPublicKey,
      apu: base64url.decode(header.apu), apv: base64url.decode(header.apv), tag: base64url.decode(jwe.tag),
    };
    const {unwrappedKey} = await use(key, 'unwrapKey', input);
    const [iv, ciphertext] = [base64url.decode(jwe.iv), base64url.decode(jwe.ciphertext)];

    // A256CBC-HS512 (RFC 7518 section 5.2).
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(8 * jwe.protected.length));
    const mac = nodeCrypto.createHmac('sha512', unwrappedKey.slice(0, 32)).update(concat(Buffer.from(jwe.protected), iv, ciphertext, length)).digest();
    same(mac.subarray(0, 32), base64url.decode(jwe.tag));
    const decipher = nodeCrypto.createDecipheriv('aes-256-cbc', unwrappedKey.slice(32), iv);
    const {body} = JSON.parse(concat(decipher.update(ciphertext), decipher.final()).reduce((text, byte) => text + String.fromCharCode(byte), ''));
    assert.equal(body.text, base64url.encode(messages[3]));

    for (const name of ['wrappedKey', 'apu', 'apv', 'tag']) await refuses(use(key, 'unwrapKey', {...input, [name]: changed(input[name])}));
    await refuses(use(key, 'unwrapKey', {...input, senderPublicKey: key.public}));
  });
}
