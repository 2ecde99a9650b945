// DIDComm's library, with which the server shares ECDH-1PU (draft-madden-jose-ecdh-1pu-04), both ways. Names of tests begin with the type of keys.

import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {test} from 'node:test';
import didcomm from 'didcomm-node';
import {base64url} from 'jose';
import {changed, concat, create, messages, random, refuses, same, use} from './server.js';

const encoded = (value) => base64url.encode(typeof value === 'object' && !ArrayBuffer.isView(value) ? JSON.stringify(value) : value);

/** The tag of A256CBC-HS512 (RFC 7518 section 5.2). */
function tagOf(contentKey, header, iv, ciphertext) {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(8 * header.length));
  return nodeCrypto.createHmac('sha512', contentKey.slice(0, 32)).update(concat(Buffer.from(header), iv, ciphertext, length)).digest().subarray(0, 32);
}

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

    same(tagOf(unwrappedKey, jwe.protected, iv, ciphertext), base64url.decode(jwe.tag));
    const decipher = nodeCrypto.createDecipheriv('aes-256-cbc', unwrappedKey.slice(32), iv);
    const {body} = JSON.parse(concat(decipher.update(ciphertext), decipher.final()).reduce((text, byte) => text + String.fromCharCode(byte), ''));
    assert.equal(body.text, base64url.encode(messages[3]));

    for (const name of ['wrappedKey', 'apu', 'apv', 'tag']) await refuses(use(key, 'unwrapKey', {...input, [name]: changed(input[name])}));
    await refuses(use(key, 'unwrapKey', {...input, senderPublicKey: key.public}));

    // The other way: the server is the sender. Its wrapped key is bound to the tag, and the content to the header that has the ephemeral key.
    const ephemeral = curve === 'x25519' ? nodeCrypto.generateKeyPairSync('x25519') : nodeCrypto.generateKeyPairSync('ec', {namedCurve: curve});
    const [skid, kid] = ['did:example:server#key', 'did:example:alice#key'];
    const [apu, apv] = [Buffer.from(skid), nodeCrypto.createHash('sha256').update(kid).digest()];
    const protectedHeader = encoded({
      typ: 'application/didcomm-encrypted+json', alg: 'ECDH-1PU+A256KW', enc: 'A256CBC-HS512', skid, apu: encoded(apu), apv: encoded(apv),
      epk: ephemeral.publicKey.export({format: 'jwk'}),
    });
    const [contentKey, nonce] = [random(64), random(16)];
    const cipher = nodeCrypto.createCipheriv('aes-256-cbc', contentKey.slice(32), nonce);
    const sent = JSON.stringify({
      id: '2', typ: 'application/didcomm-plain+json', type: 'http://example.com/x', from: 'did:example:server', to: ['did:example:alice'], body: {text: 'back'},
    });
    const sealed = concat(cipher.update(sent), cipher.final());
    const tag = tagOf(contentKey, protectedHeader, nonce, sealed);
    const wrap = (change) => use(key, 'wrapKey', {
      algorithm: 'ECDH_1PU_A256KW', keyToWrap: contentKey, recipientPublicKey: senderPublicKey, ephemeralKey: ephemeral.privateKey.export({format: 'jwk'}),
      apu, apv, tag, ...change,
    });
    const {wrappedKey, epk} = await wrap();
    assert.deepEqual(epk, ephemeral.publicKey.export({format: 'jwk'}));
    const unpack = (wrapped) => didcomm.Message.unpack(JSON.stringify({
      protected: protectedHeader, recipients: [{header: {kid}, encrypted_key: encoded(wrapped)}], iv: encoded(nonce), ciphertext: encoded(sealed), tag: encoded(tag),
    }), resolver, secrets, {});
    const [unpacked, metadata] = await unpack(wrappedKey);
    assert.equal(unpacked.as_value().body.text, 'back');
    assert.ok(metadata.authenticated && metadata.encrypted);
    assert.equal(metadata.encrypted_from_kid, skid);
    await assert.rejects(unpack(changed(wrappedKey)));
    const drawn = await wrap({ephemeralKey: undefined});
    await assert.rejects(unpack(drawn.wrappedKey)); // it is another than the header's
    await refuses(wrap({ephemeralKey: ephemeral.publicKey.export({format: 'jwk'})}));
  });
}
