// WebCrypto and node:crypto, both ways, by JWK, PKCS #8, SPKI and raw. Names of tests begin with the type of keys.

import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {before, test} from 'node:test';
import {promisify} from 'node:util';
import {changed, concat, create, messages, random, same, take, use} from './server.js';

const {subtle} = crypto;
const hashes = ['SHA-256', 'SHA-384', 'SHA-512'];

/**
 * Signatures both ways. algorithm is WebCrypto's of the key, way that of signing, input what the server is told.
 * forms: how a public key goes from the server to WebCrypto.
 */
async function signatures({type, algorithm, ways, forms, pair, made}) {
  pair ??= await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const jwk = await subtle.exportKey('jwk', pair.privateKey);
  const whole = [await take(type, {jwk}), await take(type, {pkcs8: await subtle.exportKey('pkcs8', pair.privateKey)})];
  const publicOnly = [
    await take(type, {jwk: await subtle.exportKey('jwk', pair.publicKey)}), await take(type, {spki: await subtle.exportKey('spki', pair.publicKey)}),
  ];
  made ??= await create(type);
  const madePublic = await Promise.all(forms.map((form) => subtle.importKey(form, {jwk: made.jwk, spki: made.spki, raw: made.public}[form], algorithm, true, ['verify'])));
  for (const key of [...whole, ...publicOnly]) same(key.spki, await subtle.exportKey('spki', pair.publicKey), `${type}: SPKI`);
  for (const [way, input] of ways) {
    for (const message of messages) {
      const theirs = await subtle.sign(way, pair.privateKey, message);
      for (const key of [...whole, ...publicOnly]) {
        assert.equal((await use(key, 'verify', {...input, message, signature: theirs})).valid, true, `${type} ${JSON.stringify(input)}`);
        assert.equal((await use(key, 'verify', {...input, message: concat(message, [0]), signature: theirs})).valid, false);
      }
      for (const [key, verifiers] of [[whole[0], [pair.publicKey]], [whole[1], [pair.publicKey]], [made, madePublic]]) {
        const {signature} = await use(key, 'sign', {...input, message});
        for (const verifier of verifiers) {
          assert.equal(await subtle.verify(way, verifier, signature, message), true, `${type} ${JSON.stringify(input)}`);
          assert.equal(await subtle.verify(way, verifier, signature, concat(message, [0])), false);
        }
      }
    }
  }
}

for (const [type, namedCurve, hash] of [['ECDSA_P256', 'P-256', 'SHA-256'], ['ECDSA_P384', 'P-384', 'SHA-384'], ['ECDSA_P521', 'P-521', 'SHA-512']]) {
  test(`${type}: WebCrypto`, () => signatures({
    type, algorithm: {name: 'ECDSA', namedCurve}, ways: [[{name: 'ECDSA', hash}, {}]], forms: ['jwk', 'spki', 'raw'],
  }));
}

test('ED25519: WebCrypto', () => signatures({type: 'ED25519', algorithm: {name: 'Ed25519'}, ways: [['Ed25519', {}]], forms: ['jwk', 'spki', 'raw']}));

for (const modulusLength of [2048, 3072, 4096]) {
  const type = `RSA_${modulusLength}`;
  // Making one takes long: it is the same key each time. Keys of WebCrypto are for one algorithm and hash, and its JWKs say so.
  let keys;
  before(async () => {
    keys = await promisify(nodeCrypto.generateKeyPair)('rsa', {modulusLength, privateKeyEncoding: {format: 'der', type: 'pkcs8'}, publicKeyEncoding: {format: 'der', type: 'spki'}});
    keys.made = await create(type);
  });
  const pairFor = async (algorithm, publicUses, privateUses) => ({
    publicKey: await subtle.importKey('spki', keys.publicKey, algorithm, true, publicUses),
    privateKey: await subtle.importKey('pkcs8', keys.privateKey, algorithm, true, privateUses),
  });
  const signaturesFor = async (algorithm, ways, forms) => signatures({
    type, algorithm, ways, forms, pair: await pairFor(algorithm, ['verify'], ['sign']), made: keys.made,
  });
  for (const [i, hash] of hashes.entries()) {
    const saltLength = 32 + 16 * i;
    const sha = hash.replace('-', '');
    test(`${type}: WebCrypto, PSS with ${hash}`, () => signaturesFor(
      {name: 'RSA-PSS', hash}, [[{name: 'RSA-PSS', saltLength}, {algorithm: `RSA_PSS_${sha}`}]], ['spki'],
    ));
    test(`${type}: WebCrypto, PKCS 1 with ${hash}`, () => signaturesFor(
      {name: 'RSASSA-PKCS1-v1_5', hash}, [['RSASSA-PKCS1-v1_5', {algorithm: `RSA_PKCS1_${sha}`}]], ['jwk', 'spki'],
    ));
  }
  test(`${type}: WebCrypto, OAEP`, async () => {
    const algorithm = {name: 'RSA-OAEP', hash: 'SHA-256'};
    const pair = await pairFor(algorithm, ['encrypt', 'wrapKey'], ['decrypt', 'unwrapKey']);
    const whole = await take(type, {jwk: await subtle.exportKey('jwk', pair.privateKey)});
    const publicOnly = await take(type, {jwk: await subtle.exportKey('jwk', pair.publicKey)});
    const {made} = keys;
    const madePublic = await subtle.importKey('jwk', made.jwk, algorithm, true, ['encrypt', 'wrapKey']);
    for (const message of messages.slice(0, 3)) {
      for (const aad of [undefined, random(8)]) {
        const way = {name: 'RSA-OAEP', ...(aad && {label: aad})};
        const input = aad ? {aad} : {};
        for (const [key, encrypter] of [[whole, pair.publicKey], [made, madePublic]]) {
          const ciphertext = await subtle.encrypt(way, encrypter, message);
          same((await use(key, 'decrypt', {...input, ciphertext, nonce: ''})).plaintext, message);
        }
        for (const key of [whole, publicOnly]) {
          const {ciphertext} = await use(key, 'encrypt', {...input, plaintext: message});
          same(await subtle.decrypt(way, pair.privateKey, ciphertext), message);
        }
      }
    }
    const content = await subtle.generateKey({name: 'AES-GCM', length: 256}, true, ['encrypt']);
    const wrapped = await subtle.wrapKey('raw', content, madePublic, 'RSA-OAEP');
    same((await use(made, 'unwrapKey', {wrappedKey: wrapped})).unwrappedKey, await subtle.exportKey('raw', content));
    const {wrappedKey} = await use(publicOnly, 'wrapKey', {keyToWrap: await subtle.exportKey('raw', content)});
    const unwrapped = await subtle.unwrapKey('raw', wrappedKey, pair.privateKey, 'RSA-OAEP', 'AES-GCM', true, ['encrypt']);
    same(await subtle.exportKey('raw', unwrapped), await subtle.exportKey('raw', content));
  });
}

for (const [length, type] of [[128, 'AES_128_GCM'], [256, 'AES_256_GCM']]) {
  test(`${type}: WebCrypto, AES-GCM`, async () => {
    const key = await subtle.generateKey({name: 'AES-GCM', length}, true, ['encrypt', 'decrypt']);
    for (const form of ['jwk', 'raw']) {
      const taken = await take(type, {[form]: await subtle.exportKey(form, key)});
      for (const message of messages) {
        for (const aad of [undefined, random(20)]) {
          const input = aad ? {aad} : {};
          const more = aad ? {additionalData: aad} : {};
          const {ciphertext, nonce} = await use(taken, 'encrypt', {...input, plaintext: message});
          same(await subtle.decrypt({name: 'AES-GCM', iv: nonce, ...more}, key, ciphertext), message);
          const iv = random(12);
          const theirs = await subtle.encrypt({name: 'AES-GCM', iv, ...more}, key, message);
          same((await use(taken, 'decrypt', {...input, ciphertext: theirs, nonce: iv})).plaintext, message);
        }
      }
    }
  });

  test(`${type}: WebCrypto, AES-KW`, async () => {
    const kek = await subtle.generateKey({name: 'AES-KW', length}, true, ['wrapKey', 'unwrapKey']);
    for (const form of ['jwk', 'raw']) {
      const taken = await take(type, {[form]: await subtle.exportKey(form, kek)});
      for (const size of [16, 32, 64]) {
        const content = await subtle.importKey('raw', random(size), {name: 'HMAC', hash: 'SHA-256'}, true, ['sign']);
        const raw = await subtle.exportKey('raw', content);
        const wrapped = await subtle.wrapKey('raw', content, kek, 'AES-KW');
        same((await use(taken, 'unwrapKey', {wrappedKey: wrapped})).unwrappedKey, raw);
        const {wrappedKey} = await use(taken, 'wrapKey', {keyToWrap: raw});
        same(wrappedKey, wrapped);
        const unwrapped = await subtle.unwrapKey('raw', wrappedKey, kek, 'AES-KW', {name: 'HMAC', hash: 'SHA-256'}, true, ['sign']);
        same(await subtle.exportKey('raw', unwrapped), raw);
      }
    }
  });
}

for (const hash of hashes) {
  const type = `HMAC_${hash.replace('-', '')}`;
  test(`${type}: WebCrypto, HMAC`, async () => {
    const key = await subtle.generateKey({name: 'HMAC', hash}, true, ['sign', 'verify']);
    for (const form of ['jwk', 'raw']) {
      const taken = await take(type, {[form]: await subtle.exportKey(form, key)});
      for (const data of messages) {
        const {mac} = await use(taken, 'computeMac', {data});
        assert.equal(await subtle.verify('HMAC', key, mac, data), true);
        assert.equal(await subtle.verify('HMAC', key, changed(mac), data), false);
        const theirs = await subtle.sign('HMAC', key, data);
        assert.equal((await use(taken, 'verifyMac', {data, mac: theirs})).valid, true);
        assert.equal((await use(taken, 'verifyMac', {data, mac: changed(theirs)})).valid, false);
      }
    }
  });

  test(`${type}: WebCrypto, HKDF`, async () => {
    const secret = random(48);
    const taken = await take(type, {raw: secret});
    await sameHKDF(taken, {}, secret);
  });
}

// deriveKey is HKDF-SHA-256, whatever the type.
async function sameHKDF(key, input, secret) {
  const base = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  for (const [salt, info, length] of [[random(32), random(10), 32], [random(0), random(0), 16], [random(7), random(100), 8160]]) {
    const want = await subtle.deriveBits({name: 'HKDF', hash: 'SHA-256', salt, info}, base, 8 * length);
    same((await use(key, 'deriveKey', {...input, salt, info, length})).secret, want);
  }
}

for (const [type, curve, bits] of [['X25519', 'X25519', 256], ['ECDH_P256', 'P-256', 256], ['ECDH_P384', 'P-384', 384], ['ECDH_P521', 'P-521', 528]]) {
  const algorithm = type === 'X25519' ? {name: 'X25519'} : {name: 'ECDH', namedCurve: curve};
  test(`${type}: WebCrypto, deriveBits`, async () => {
    const pair = await subtle.generateKey(algorithm, true, ['deriveBits']);
    const publicKey = await subtle.exportKey('raw', pair.publicKey);
    const whole = [await take(type, {jwk: await subtle.exportKey('jwk', pair.privateKey)}), await take(type, {pkcs8: await subtle.exportKey('pkcs8', pair.privateKey)})];
    for (const key of [...whole, await take(type, {jwk: await subtle.exportKey('jwk', pair.publicKey)}), await take(type, {spki: await subtle.exportKey('spki', pair.publicKey)})]) {
      same(key.public, publicKey);
    }
    const made = await create(type);
    for (const form of ['raw', 'jwk', 'spki']) {
      const peer = await subtle.importKey(form, {raw: made.public, jwk: made.jwk, spki: made.spki}[form], algorithm, true, []);
      const secret = await subtle.deriveBits({name: algorithm.name, public: peer}, pair.privateKey, bits);
      same((await use(made, 'deriveSecret', {publicKey})).secret, secret);
      for (const key of whole) same((await use(key, 'deriveSecret', {publicKey: made.public})).secret, secret);
      await sameHKDF(made, {publicKey}, secret);
    }
  });
}

test('ECDSA_SECP256K1: node:crypto', async () => {
  const {privateKey, publicKey} = nodeCrypto.generateKeyPairSync('ec', {namedCurve: 'secp256k1'});
  const taken = [
    await take('ECDSA_SECP256K1', {jwk: privateKey.export({format: 'jwk'})}), await take('ECDSA_SECP256K1', {pkcs8: privateKey.export({format: 'der', type: 'pkcs8'})}),
    await take('ECDSA_SECP256K1', {jwk: publicKey.export({format: 'jwk'})}), await take('ECDSA_SECP256K1', {spki: publicKey.export({format: 'der', type: 'spki'})}),
  ];
  const made = await create('ECDSA_SECP256K1');
  for (const [encoding, dsaEncoding] of [['IEEE_P1363', 'ieee-p1363'], ['DER', 'der']]) {
    for (const message of messages) {
      const theirs = nodeCrypto.sign('sha256', message, {key: privateKey, dsaEncoding});
      for (const key of taken) assert.equal((await use(key, 'verify', {message, signature: theirs, encoding})).valid, true);
      for (const [key, verifiers] of [[taken[0], [publicKey]], [taken[1], [publicKey]], [made, [
        nodeCrypto.createPublicKey({key: made.jwk, format: 'jwk'}), nodeCrypto.createPublicKey(made.pem), nodeCrypto.createPublicKey({key: Buffer.from(made.spki), format: 'der', type: 'spki'}),
      ]]]) {
        const {signature} = await use(key, 'sign', {message, encoding});
        for (const key of verifiers) {
          assert.equal(nodeCrypto.verify('sha256', message, {key, dsaEncoding}, signature), true);
          assert.equal(nodeCrypto.verify('sha256', concat(message, [1]), {key, dsaEncoding}, signature), false);
        }
      }
    }
  }
});

test('CHACHA20_POLY1305: node:crypto', async () => {
  const secret = random(32);
  const key = await take('CHACHA20_POLY1305', {raw: secret});
  for (const message of messages) {
    const aad = random(13);
    const {ciphertext, nonce} = await use(key, 'encrypt', {plaintext: message, aad});
    const decipher = nodeCrypto.createDecipheriv('chacha20-poly1305', secret, nonce, {authTagLength: 16});
    decipher.setAAD(aad, {plaintextLength: message.length});
    decipher.setAuthTag(ciphertext.slice(-16));
    same(concat(decipher.update(ciphertext.slice(0, -16)), decipher.final()), message);
    const iv = random(12);
    const cipher = nodeCrypto.createCipheriv('chacha20-poly1305', secret, iv, {authTagLength: 16});
    cipher.setAAD(aad, {plaintextLength: message.length});
    const theirs = concat(cipher.update(message), cipher.final(), cipher.getAuthTag());
    same((await use(key, 'decrypt', {ciphertext: theirs, nonce: iv, aad})).plaintext, message);
  }
});
