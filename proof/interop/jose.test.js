// The library jose, both ways: JWS, JWE, and the JWEs in which keys leave and come. Names of tests begin with the type of keys.

import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {before, test} from 'node:test';
import * as jose from 'jose';
import {changed, concat, create, messages, newID, random, recipients, refuses, restore, same, take, use} from './server.js';

const text = new TextEncoder();
const {base64url} = jose;

// A key of each RSA type: making one takes long.
const rsa = {};
before(async () => {
  for (const size of [2048, 3072, 4096]) {
    const {privateKey, publicKey} = await jose.generateKeyPair('RSA-OAEP-256', {modulusLength: size, extractable: true});
    rsa[`RSA_${size}`] = {privateKey: without(await jose.exportJWK(privateKey)), publicKey: without(await jose.exportJWK(publicKey)), made: await create(`RSA_${size}`, {exportable: true})};
  }
});
const without = ({alg, key_ops, use, ext, ...jwk}) => jwk;

/** The server signs a JWS in the compact serialization. */
async function serverJWS(key, header, payload, input) {
  const signed = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(payload)}`;
  const {signature} = await use(key, 'sign', {...input, message: text.encode(signed)});
  return `${signed}.${base64url.encode(signature)}`;
}

function split(jws) {
  const at = jws.lastIndexOf('.');
  return {message: text.encode(jws.slice(0, at)), signature: base64url.decode(jws.slice(at + 1))};
}

async function jws({type, alg, input = {}, pair, made}) {
  if (!pair) {
    const keys = await jose.generateKeyPair(alg, {extractable: true});
    pair = {privateKey: await jose.exportJWK(keys.privateKey), publicKey: await jose.exportJWK(keys.publicKey)};
  }
  made ??= await create(type);
  const whole = await take(type, {jwk: {...pair.privateKey, alg}});
  const publicOnly = await take(type, {jwk: {...pair.publicKey, alg, use: 'sig'}});
  for (const payload of messages) {
    for (const [key, jwk] of [[whole, pair.publicKey], [made, made.jwk]]) {
      const token = await serverJWS(key, {alg}, payload, input);
      const verifier = await jose.importJWK(jwk, alg);
      same((await jose.compactVerify(token, verifier, {algorithms: [alg]})).payload, payload);
      await assert.rejects(jose.compactVerify(await serverJWS(key, {alg, x: 1}, payload, input).then((other) => other.split('.')[0] + token.slice(token.indexOf('.'))), verifier));
    }
    const theirs = split(await new jose.CompactSign(payload).setProtectedHeader({alg}).sign(await jose.importJWK(pair.privateKey, alg)));
    for (const key of [whole, publicOnly]) {
      assert.equal((await use(key, 'verify', {...input, ...theirs})).valid, true);
      assert.equal((await use(key, 'verify', {...input, ...theirs, message: concat(theirs.message, [0])})).valid, false);
    }
  }
}

for (const [type, ...algs] of [['ECDSA_P256', 'ES256'], ['ECDSA_P384', 'ES384'], ['ECDSA_P521', 'ES512'], ['ED25519', 'EdDSA', 'Ed25519']]) {
  for (const alg of algs) test(`${type}: jose, JWS with ${alg}`, () => jws({type, alg}));
}
for (const type of ['RSA_2048', 'RSA_3072', 'RSA_4096']) {
  for (const [prefix, algorithm] of [['PS', 'RSA_PSS_SHA'], ['RS', 'RSA_PKCS1_SHA']]) {
    for (const size of ['256', '384', '512']) {
      test(`${type}: jose, JWS with ${prefix}${size}`, () => jws({type, alg: prefix + size, input: {algorithm: algorithm + size}, pair: rsa[type], made: rsa[type].made}));
    }
  }
}

// jose has no ES256K since version 6: Node checks the JWS.
test('ECDSA_SECP256K1: node:crypto, JWS with ES256K', async () => {
  await assert.rejects(jose.generateKeyPair('ES256K'), jose.errors.JOSENotSupported);
  const key = await create('ECDSA_SECP256K1');
  const {message, signature} = split(await serverJWS(key, {alg: 'ES256K'}, messages[3]));
  const verifier = {key: nodeCrypto.createPublicKey({key: key.jwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'};
  assert.equal(nodeCrypto.verify('sha256', message, verifier, signature), true);
  assert.equal(nodeCrypto.verify('sha256', changed(message), verifier, signature), false);
});

for (const size of ['256', '384', '512']) {
  test(`HMAC_SHA${size}: jose, JWS with HS${size}`, async () => {
    const alg = `HS${size}`;
    const jwk = await jose.exportJWK(await jose.generateSecret(alg, {extractable: true}));
    const key = await take(`HMAC_SHA${size}`, {jwk: {...jwk, alg}});
    const secret = await jose.importJWK(jwk, alg);
    for (const payload of messages) {
      const {message, signature} = split(await new jose.CompactSign(payload).setProtectedHeader({alg}).sign(secret));
      assert.equal((await use(key, 'verifyMac', {data: message, mac: signature})).valid, true);
      assert.equal((await use(key, 'verifyMac', {data: message, mac: changed(signature)})).valid, false);
      const {mac} = await use(key, 'computeMac', {data: message});
      same((await jose.compactVerify(new TextDecoder().decode(message) + '.' + base64url.encode(mac), secret)).payload, payload);
    }
  });
}

/** Opens a JWE whose content key the server unwraps. */
async function openByServer(key, jwe, input = {}) {
  const [protectedHeader, encryptedKey, iv, ciphertext, tag] = jwe.split('.');
  const {epk, apu, apv} = JSON.parse(new TextDecoder().decode(base64url.decode(protectedHeader)));
  const {unwrappedKey} = await use(key, 'unwrapKey', {
    ...input, wrappedKey: base64url.decode(encryptedKey), ...(epk && {epk}), ...(apu && {apu: base64url.decode(apu)}), ...(apv && {apv: base64url.decode(apv)}),
  });
  const content = await crypto.subtle.importKey('raw', unwrappedKey, 'AES-GCM', false, ['decrypt']);
  const way = {name: 'AES-GCM', iv: base64url.decode(iv), additionalData: text.encode(protectedHeader)};
  return new Uint8Array(await crypto.subtle.decrypt(way, content, concat(base64url.decode(ciphertext), base64url.decode(tag))));
}

/** Makes a JWE whose content key the server wraps. */
async function wrapByServer(key, header, plaintext, input = {}) {
  const cek = random(32);
  const {wrappedKey, epk} = await use(key, 'wrapKey', {...input, keyToWrap: cek});
  const protectedHeader = base64url.encode(JSON.stringify({
    ...header, enc: 'A256GCM', ...(epk && {epk}), ...(input.apu && {apu: base64url.encode(input.apu)}), ...(input.apv && {apv: base64url.encode(input.apv)}),
  }));
  const iv = random(12);
  const content = await crypto.subtle.importKey('raw', cek, 'AES-GCM', false, ['encrypt']);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({name: 'AES-GCM', iv, additionalData: text.encode(protectedHeader)}, content, plaintext));
  return [protectedHeader, ...[wrappedKey, iv, sealed.slice(0, -16), sealed.slice(-16)].map((part) => base64url.encode(part))].join('.');
}

for (const [type, crv] of recipients) {
  test(`${type}: jose, JWE with ECDH-ES+A256KW`, async () => {
    const alg = 'ECDH-ES+A256KW';
    const pair = await jose.generateKeyPair(alg, {crv, extractable: true});
    const jwk = {private: await jose.exportJWK(pair.privateKey), public: await jose.exportJWK(pair.publicKey)};
    const whole = await take(type, {jwk: {...jwk.private, alg}});
    const publicOnly = await take(type, {jwk: jwk.public});
    const made = await create(type);
    for (const parties of [{}, {apu: text.encode('Alice'), apv: text.encode('Bob')}, {apu: random(64)}, {apv: random(1)}]) {
      for (const plaintext of messages) {
        for (const [key, to] of [[whole, jwk.public], [made, made.jwk]]) {
          const jwe = await new jose.CompactEncrypt(plaintext).setProtectedHeader({alg, enc: 'A256GCM'}).setKeyManagementParameters(parties).encrypt(await jose.importJWK(to, alg));
          same(await openByServer(key, jwe, {algorithm: 'ECDH_ES_A256KW'}), plaintext);
        }
        // Three ways to wrap for jose's key: as the key itself, by its public part alone, and from another key of the server's.
        for (const [key, input] of [[whole, {}], [publicOnly, {}], [made, {recipientPublicKey: whole.public}]]) {
          const jwe = await wrapByServer(key, {alg}, plaintext, {...input, ...parties, algorithm: 'ECDH_ES_A256KW'});
          same((await jose.compactDecrypt(jwe, pair.privateKey)).plaintext, plaintext);
        }
      }
    }
  });
}

for (const type of ['RSA_2048', 'RSA_3072', 'RSA_4096']) {
  test(`${type}: jose, JWE with RSA-OAEP-256`, async () => {
    const alg = 'RSA-OAEP-256';
    const {privateKey, publicKey, made} = rsa[type];
    const whole = await take(type, {jwk: {...privateKey, alg, use: 'enc'}});
    for (const plaintext of messages) {
      for (const [key, to] of [[whole, publicKey], [made, made.jwk]]) {
        const jwe = await new jose.CompactEncrypt(plaintext).setProtectedHeader({alg, enc: 'A256GCM'}).encrypt(await jose.importJWK(to, alg));
        same(await openByServer(key, jwe), plaintext);
      }
      const jwe = await wrapByServer(whole, {alg}, plaintext);
      same((await jose.compactDecrypt(jwe, await jose.importJWK(privateKey, alg))).plaintext, plaintext);
    }
  });
}

for (const size of [128, 256]) {
  test(`AES_${size}_GCM: jose, JWE with A${size}KW and with dir`, async () => {
    const secret = random(size / 8);
    const key = await take(`AES_${size}_GCM`, {jwk: {kty: 'oct', k: base64url.encode(secret), alg: `A${size}KW`}});
    for (const plaintext of messages) {
      const jwe = await new jose.CompactEncrypt(plaintext).setProtectedHeader({alg: `A${size}KW`, enc: 'A256GCM'}).encrypt(secret);
      same(await openByServer(key, jwe), plaintext);
      same((await jose.compactDecrypt(await wrapByServer(key, {alg: `A${size}KW`}, plaintext), secret)).plaintext, plaintext);
      const header = {alg: 'dir', enc: `A${size}GCM`};
      const direct = (await new jose.CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(secret)).split('.');
      const [, , iv, ciphertext, tag] = direct.map((part) => base64url.decode(part));
      same((await use(key, 'decrypt', {ciphertext: concat(ciphertext, tag), nonce: iv, aad: text.encode(direct[0])})).plaintext, plaintext);
      const aad = base64url.encode(JSON.stringify(header));
      const made = await use(key, 'encrypt', {plaintext, aad: text.encode(aad)});
      const ours = [aad, '', ...[made.nonce, made.ciphertext.slice(0, -16), made.ciphertext.slice(-16)].map((part) => base64url.encode(part))].join('.');
      same((await jose.compactDecrypt(ours, secret)).plaintext, plaintext);
    }
  });
}

// Keys that leave: jose opens the JWE, and the JWK inside is the key. How it is known that it is: what it makes is right for the server.
const json = async (jwe, key) => {
  const {plaintext, protectedHeader} = await jose.compactDecrypt(jwe, key);
  return {value: JSON.parse(new TextDecoder().decode(plaintext)), header: protectedHeader};
};
const {subtle} = crypto;
const joseSigns = (alg, input = {}) => async (jwk, key) => {
  const {message, signature} = split(await new jose.CompactSign(messages[3]).setProtectedHeader({alg}).sign(await jose.importJWK(jwk, alg)));
  assert.equal((await use(key, 'verify', {...input, message, signature})).valid, true);
};
const agrees = async (jwk, key) => {
  const type = jwk.kty === 'OKP' ? 'x25519' : 'ec';
  const peer = nodeCrypto.generateKeyPairSync(type, jwk.kty === 'EC' ? {namedCurve: jwk.crv} : {});
  const secret = nodeCrypto.diffieHellman({privateKey: nodeCrypto.createPrivateKey({key: jwk, format: 'jwk'}), publicKey: peer.publicKey});
  const raw = peer.publicKey.export({format: 'jwk'});
  const publicKey = jwk.kty === 'OKP' ? base64url.decode(raw.x) : concat([4], base64url.decode(raw.x), base64url.decode(raw.y));
  same((await use(key, 'deriveSecret', {publicKey})).secret, secret);
};
const gcm = async (jwk, key) => {
  const {ciphertext, nonce} = await use(key, 'encrypt', {plaintext: messages[3]});
  same(await subtle.decrypt({name: 'AES-GCM', iv: nonce}, await subtle.importKey('jwk', jwk, 'AES-GCM', false, ['decrypt']), ciphertext), messages[3]);
};
const hmac = (hash) => async (jwk, key) => {
  same((await use(key, 'computeMac', {data: messages[3]})).mac, nodeCrypto.createHmac(hash, base64url.decode(jwk.k)).update(messages[3]).digest());
};
const chacha = async (jwk, key) => {
  const {ciphertext, nonce} = await use(key, 'encrypt', {plaintext: messages[3]});
  const d = nodeCrypto.createDecipheriv('chacha20-poly1305', base64url.decode(jwk.k), nonce, {authTagLength: 16}).setAuthTag(ciphertext.slice(-16));
  same(concat(d.update(ciphertext.slice(0, -16)), d.final()), messages[3]);
};
// The others' JWKs are used with the libraries that know them, in others.test.js; here it is that importing them gives the same key.
const imports = (type) => async (jwk, key) => {
  const again = await take(type, {jwk});
  if (key.public) return same(again.public, key.public);
  const {ciphertext, nonce} = await use(key, 'encrypt', {plaintext: messages[3]});
  same((await use(again, 'decrypt', {ciphertext, nonce})).plaintext, messages[3]);
};

const leaving = {
  ED25519: joseSigns('EdDSA'), ECDSA_P256: joseSigns('ES256'), ECDSA_P384: joseSigns('ES384'), ECDSA_P521: joseSigns('ES512'),
  ECDSA_SECP256K1: async (jwk, key) => {
    const signature = nodeCrypto.sign('sha256', messages[3], {key: nodeCrypto.createPrivateKey({key: jwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'});
    assert.equal((await use(key, 'verify', {message: messages[3], signature})).valid, true);
  },
  RSA_2048: joseSigns('PS256'), RSA_3072: joseSigns('PS384', {algorithm: 'RSA_PSS_SHA384'}), RSA_4096: joseSigns('RS512', {algorithm: 'RSA_PKCS1_SHA512'}),
  X25519: agrees, ECDH_P256: agrees, ECDH_P384: agrees, ECDH_P521: agrees,
  AES_128_GCM: gcm, AES_256_GCM: gcm, HMAC_SHA256: hmac('sha256'), HMAC_SHA384: hmac('sha384'), HMAC_SHA512: hmac('sha512'), CHACHA20_POLY1305: chacha,
  ...Object.fromEntries(['XAES_256_GCM', 'XCHACHA20_POLY1305', 'ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87', 'ML_KEM_768', 'ML_KEM_1024'].map((type) => [type, imports(type)])),
};

for (const [type, works] of Object.entries(leaving)) {
  test(`${type}: jose, exportKey, backupKey, importKey and restoreKey`, async () => {
    const key = rsa[type]?.made ?? await create(type, {exportable: true});
    const ways = [...recipients.map(([unwrapping, crv]) => ['ECDH-ES+A256KW', unwrapping, {crv}]), ['RSA-OAEP-256', 'RSA_2048', {}]];
    for (const [alg, unwrapping, options] of ways) {
      const {privateKey, publicKey} = alg === 'RSA-OAEP-256'
        ? {privateKey: await jose.importJWK(rsa.RSA_2048.privateKey, alg), publicKey: await jose.importJWK(rsa.RSA_2048.publicKey, alg, {extractable: true})}
        : await jose.generateKeyPair(alg, {...options, extractable: true});
      const recipient = {...await jose.exportJWK(publicKey), alg, use: 'enc', kid: 'its name'};
      const exported = await json((await use(key, 'exportKey', {recipient})).wrapped, privateKey);
      assert.equal(exported.header.kid, 'its name');
      assert.equal(exported.header.cty, 'jwk+json');
      await works(exported.value, key);
      const backup = await json((await use(key, 'backupKey', {recipient})).backup, privateKey);
      assert.equal(backup.value.type, type);
      assert.deepEqual(backup.value.versions.map(({jwk}) => jwk), [exported.value]);

      // The other way: jose encrypts the key to one of the server's.
      const opener = alg === 'RSA-OAEP-256' ? rsa.RSA_2048.made : await create(unwrapping);
      const to = await jose.importJWK(opener.jwk, alg);
      const encrypt = (value, more = {}) => new jose.CompactEncrypt(text.encode(JSON.stringify(value))).setProtectedHeader({alg, enc: 'A256GCM', ...more}).encrypt(to);
      const wrapped = await encrypt(exported.value, {cty: 'jwk+json'});
      const again = await take(type, {wrapped, unwrappingKey: opener.id});
      await works(exported.value, again);
      await refuses(take(type, {wrapped: tampered(wrapped), unwrappingKey: opener.id}));
      // A backup that jose encrypts anew goes back under an id that is free.
      const anew = await encrypt({...backup.value, id: newID()});
      await refuses(restore({backup: tampered(anew), unwrappingKey: opener.id}));
      await works(exported.value, await restore({backup: anew, unwrappingKey: opener.id}));
    }
  });
}

/** A JWE with another byte of its ciphertext. */
function tampered(jwe) {
  const parts = jwe.split('.');
  parts[3] = base64url.encode(changed(base64url.decode(parts[3]), 5));
  return parts.join('.');
}
