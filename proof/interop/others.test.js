// Libraries that have what WebCrypto and jose do not: noble (in JavaScript alone), libsodium (in C, compiled to WebAssembly), hpke-js. Both ways.
// Names of tests begin with the type of keys.

import assert from 'node:assert/strict';
import {Aes128Gcm, Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, DhkemP384HkdfSha384, DhkemP521HkdfSha512, DhkemX25519HkdfSha256, HkdfSha256, HkdfSha384, HkdfSha512} from '@hpke/core';
import {Chacha20Poly1305} from '@hpke/chacha20poly1305';
import {aeskwp, cmac, gcm} from '@noble/ciphers/aes.js';
import {chacha20poly1305, xchacha20poly1305} from '@noble/ciphers/chacha.js';
import {ed25519, x25519} from '@noble/curves/ed25519.js';
import {p256, p384, p521} from '@noble/curves/nist.js';
import {secp256k1} from '@noble/curves/secp256k1.js';
import {ml_dsa44, ml_dsa65, ml_dsa87} from '@noble/post-quantum/ml-dsa.js';
import {ml_kem1024, ml_kem768} from '@noble/post-quantum/ml-kem.js';
import {test} from 'node:test';
import sodium from 'libsodium-wrappers';
import {changed, concat, create, messages, random, refuses, same, take, use} from './server.js';

await sodium.ready;
const base64url = (data) => Buffer.from(data).toString('base64url');

for (const [type, alg, ml] of [['ML_DSA_44', 'ML-DSA-44', ml_dsa44], ['ML_DSA_65', 'ML-DSA-65', ml_dsa65], ['ML_DSA_87', 'ML-DSA-87', ml_dsa87]]) {
  test(`${type}: noble`, async () => {
    const seed = random(32);
    const {publicKey, secretKey} = ml.keygen(seed);
    const jwk = {kty: 'AKP', alg, pub: base64url(publicKey)};
    const whole = [await take(type, {raw: seed}), await take(type, {jwk: {...jwk, priv: base64url(seed)}})];
    const publicOnly = await take(type, {jwk});
    const made = await create(type);
    for (const key of [...whole, publicOnly]) same(key.public, publicKey);
    for (const message of messages) {
      for (const context of [undefined, random(1), random(255)]) {
        const input = context ? {context} : {};
        // Deterministic and hedged.
        for (const extraEntropy of [false, undefined]) {
          const theirs = ml.sign(message, secretKey, {...input, extraEntropy});
          for (const key of [...whole, publicOnly]) {
            assert.equal((await use(key, 'verify', {...input, message, signature: theirs})).valid, true);
            assert.equal((await use(key, 'verify', {...input, message, signature: changed(theirs, 40)})).valid, false);
            assert.equal((await use(key, 'verify', {context: random(2), message, signature: theirs})).valid, false);
          }
        }
        for (const key of [whole[0], made]) {
          const {signature} = await use(key, 'sign', {...input, message});
          assert.equal(ml.verify(signature, message, key.public, input), true);
          assert.equal(ml.verify(signature, concat(message, [0]), key.public, input), false);
        }
      }
    }
  });
}

for (const [type, alg, ml] of [['ML_KEM_768', 'ML-KEM-768', ml_kem768], ['ML_KEM_1024', 'ML-KEM-1024', ml_kem1024]]) {
  test(`${type}: noble`, async () => {
    const seed = random(64);
    const {publicKey, secretKey} = ml.keygen(seed);
    const jwk = {kty: 'AKP', alg, pub: base64url(publicKey)};
    const whole = [await take(type, {raw: seed}), await take(type, {jwk: {...jwk, priv: base64url(seed)}})];
    const publicOnly = await take(type, {jwk});
    for (const key of [...whole, publicOnly]) same(key.public, publicKey);
    for (const key of [...whole, await create(type)]) {
      for (let i = 0; i < 8; i++) {
        const {cipherText, sharedSecret} = ml.encapsulate(key.public);
        same((await use(key, 'decapsulate', {ciphertext: cipherText})).sharedSecret, sharedSecret);
      }
    }
    for (const key of [...whole, publicOnly]) {
      for (let i = 0; i < 8; i++) {
        const {ciphertext, sharedSecret} = await use(key, 'encapsulate');
        same(ml.decapsulate(ciphertext, secretKey), sharedSecret);
        // Implicit rejection gives the same secret to both.
        const other = changed(ciphertext, i);
        if (key !== publicOnly) same((await use(key, 'decapsulate', {ciphertext: other})).sharedSecret, ml.decapsulate(other, secretKey));
      }
    }
  });
}

/** An AEAD both ways: seal and open are (key, nonce, aad, bytes). */
async function aead(type, secret, nonceSize, seal, open) {
  const key = await take(type, {raw: secret});
  for (const message of messages) {
    for (const aad of [new Uint8Array(), random(30)]) {
      const input = aad.length > 0 ? {aad} : {};
      const ours = await use(key, 'encrypt', {...input, plaintext: message});
      assert.equal(ours.nonce.length, nonceSize);
      same(open(secret, ours.nonce, aad, ours.ciphertext), message);
      assert.throws(() => open(secret, ours.nonce, aad, changed(ours.ciphertext)));
      const nonce = random(nonceSize);
      const ciphertext = seal(secret, nonce, aad, message);
      same((await use(key, 'decrypt', {...input, ciphertext, nonce})).plaintext, message);
      await refuses(use(key, 'decrypt', {...input, ciphertext: changed(ciphertext), nonce}));
    }
  }
}

const noble = (cipher) => [(key, nonce, aad, m) => cipher(key, nonce, aad).encrypt(m), (key, nonce, aad, c) => cipher(key, nonce, aad).decrypt(c)];

test('XCHACHA20_POLY1305: noble', () => aead('XCHACHA20_POLY1305', random(32), 24, ...noble(xchacha20poly1305)));
test('XCHACHA20_POLY1305: libsodium', () => aead('XCHACHA20_POLY1305', random(32), 24,
  (key, nonce, aad, m) => sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(m, aad, null, nonce, key),
  (key, nonce, aad, c) => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, c, aad, nonce, key)));
test('CHACHA20_POLY1305: noble', () => aead('CHACHA20_POLY1305', random(32), 12, ...noble(chacha20poly1305)));
test('CHACHA20_POLY1305: libsodium', () => aead('CHACHA20_POLY1305', random(32), 12,
  (key, nonce, aad, m) => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(m, aad, null, nonce, key),
  (key, nonce, aad, c) => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, c, aad, nonce, key)));
test('AES_128_GCM: noble', () => aead('AES_128_GCM', random(16), 12, ...noble(gcm)));
test('AES_256_GCM: noble', () => aead('AES_256_GCM', random(32), 12, ...noble(gcm)));

// The specification (c2sp.org/XAES-256-GCM) as it reads, on noble's CMAC and AES-GCM: the key of a message is SP 800-108's KDF in counter mode, of the
// label X and half of the nonce as the context; the other half is AES-256-GCM's. The server takes a shorter way to the same.
const xaes = (key, nonce, aad) => gcm(concat(...[1, 2].map((i) => cmac(concat([0, i, 0x58, 0], nonce.slice(0, 12)), key))), nonce.slice(12), aad);
test('XAES_256_GCM: noble', async () => {
  // The specification's first vector, so that this is right too.
  const vector = xaes(new Uint8Array(32).fill(1), Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX'), new Uint8Array());
  same(vector.encrypt(Buffer.from('XAES-256-GCM')), Buffer.from('ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271', 'hex'));
  await aead('XAES_256_GCM', random(32), 24, ...noble(xaes));
});

for (const size of [128, 256]) {
  test(`AES_${size}_GCM: noble, AES-KWP`, async () => {
    const secret = random(size / 8);
    const key = await take(`AES_${size}_GCM`, {raw: secret});
    for (const length of [1, 7, 8, 9, 32, 100]) {
      const keyToWrap = random(length);
      const {wrappedKey} = await use(key, 'wrapKey', {keyToWrap, algorithm: 'AES_KWP'});
      same(wrappedKey, aeskwp(secret).encrypt(keyToWrap));
      same((await use(key, 'unwrapKey', {wrappedKey, algorithm: 'AES_KWP'})).unwrappedKey, keyToWrap);
    }
  });
}

test('X25519: libsodium, crypto_box', async () => {
  const theirs = sodium.crypto_box_keypair();
  for (const key of [await create('X25519'), await take('X25519', {raw: random(32)})]) {
    for (const message of messages) {
      const sealed = await use(key, 'seal', {plaintext: message, recipientPublicKey: theirs.publicKey});
      same(sodium.crypto_box_open_easy(sealed.ciphertext, sealed.nonce, key.public, theirs.privateKey), message);
      const nonce = random(24);
      const ciphertext = sodium.crypto_box_easy(message, nonce, key.public, theirs.privateKey);
      same((await use(key, 'open', {ciphertext, nonce, senderPublicKey: theirs.publicKey})).plaintext, message);
      await refuses(use(key, 'open', {ciphertext: changed(ciphertext), nonce, senderPublicKey: theirs.publicKey}));
    }
  }
});

test('X25519: libsodium, crypto_box_seal', async () => {
  const theirs = sodium.crypto_box_keypair();
  const taken = await take('X25519', {raw: theirs.privateKey});
  same(taken.public, theirs.publicKey);
  for (const message of messages) {
    const {ciphertext} = await use(taken, 'seal', {plaintext: message});
    same(sodium.crypto_box_seal_open(ciphertext, theirs.publicKey, theirs.privateKey), message);
    for (const key of [taken, await create('X25519')]) {
      same((await use(key, 'open', {ciphertext: sodium.crypto_box_seal(message, key.public)})).plaintext, message);
    }
  }
});

test('ED25519: libsodium and noble', async () => {
  const seed = random(32);
  const {publicKey, privateKey} = sodium.crypto_sign_seed_keypair(seed);
  const key = await take('ED25519', {raw: seed});
  same(key.public, publicKey);
  for (const message of messages) {
    const {signature} = await use(key, 'sign', {message});
    same(signature, sodium.crypto_sign_detached(message, privateKey));
    same(signature, ed25519.sign(message, seed));
    assert.equal(sodium.crypto_sign_verify_detached(signature, message, publicKey), true);
    assert.equal(ed25519.verify(signature, message, publicKey), true);
  }
});

for (const [type, curve] of [['ECDSA_P256', p256], ['ECDSA_P384', p384], ['ECDSA_P521', p521], ['ECDSA_SECP256K1', secp256k1]]) {
  test(`${type}: noble`, async () => {
    const {secretKey, publicKey} = curve.keygen();
    const key = await take(type, {raw: secretKey});
    same(key.public, curve.getPublicKey(secretKey, false));
    for (const message of messages) {
      for (const [encoding, format] of [['IEEE_P1363', 'compact'], ['DER', 'der']]) {
        const {signature} = await use(key, 'sign', {message, encoding});
        // secp256k1's lower s is asked of the server's signatures; the NIST curves have no such custom.
        const lowS = type === 'ECDSA_SECP256K1';
        assert.equal(curve.verify(signature, message, publicKey, {format, lowS}), true);
        assert.equal(curve.verify(signature, concat(message, [0]), publicKey, {format, lowS}), false);
        for (const lowS of [true, false]) {
          const theirs = curve.sign(message, secretKey, {format, lowS});
          assert.equal((await use(key, 'verify', {message, signature: theirs, encoding})).valid, true);
        }
      }
    }
  });
}

for (const [type, curve] of [['X25519', x25519], ['ECDH_P256', p256], ['ECDH_P384', p384], ['ECDH_P521', p521]]) {
  test(`${type}: noble`, async () => {
    for (let i = 0; i < 8; i++) {
      const {secretKey} = curve.keygen();
      const publicKey = type === 'X25519' ? x25519.getPublicKey(secretKey) : curve.getPublicKey(secretKey, false);
      const key = await take(type, {raw: secretKey});
      same(key.public, publicKey);
      const made = await create(type);
      const whole = curve.getSharedSecret(secretKey, made.public);
      const secret = type === 'X25519' ? whole : whole.slice(1); // noble returns the compressed point
      same((await use(made, 'deriveSecret', {publicKey})).secret, secret);
      same((await use(key, 'deriveSecret', {publicKey: made.public})).secret, secret);
    }
  });
}

for (const [type, Kem, Kdf] of [
  ['X25519', DhkemX25519HkdfSha256, HkdfSha256], ['ECDH_P256', DhkemP256HkdfSha256, HkdfSha256],
  ['ECDH_P384', DhkemP384HkdfSha384, HkdfSha384], ['ECDH_P521', DhkemP521HkdfSha512, HkdfSha512],
]) {
  for (const [algorithm, Aead] of [['HPKE_AES_128_GCM', Aes128Gcm], ['HPKE_AES_256_GCM', Aes256Gcm], ['HPKE_CHACHA20_POLY1305', Chacha20Poly1305]]) {
    test(`${type}: hpke-js, ${algorithm}`, async () => {
      const suite = new CipherSuite({kem: new Kem(), kdf: new Kdf(), aead: new Aead()});
      const pair = await suite.kem.generateKeyPair();
      const raw = new Uint8Array(await suite.kem.serializePrivateKey(pair.privateKey));
      const publicKey = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
      const taken = await take(type, {raw});
      same(taken.public, publicKey);
      for (const message of messages) {
        for (const [info, aad] of [[undefined, undefined], [random(12), random(40)]]) {
          const input = {algorithm, ...(info && {info}), ...(aad && {aad})};
          const {ciphertext, nonce} = await use(taken, 'encrypt', {...input, plaintext: message});
          assert.equal(nonce.length, 0);
          const [enc, ct] = [ciphertext.slice(0, publicKey.length), ciphertext.slice(publicKey.length)];
          same(await suite.open({recipientKey: pair.privateKey, enc, ...(info && {info})}, ct, aad), message);
          for (const key of [taken, await create(type)]) {
            const recipientPublicKey = await suite.kem.deserializePublicKey(key.public);
            const sealed = await suite.seal({recipientPublicKey, ...(info && {info})}, message, aad);
            const theirs = concat(sealed.enc, sealed.ct);
            same((await use(key, 'decrypt', {...input, ciphertext: theirs, nonce: ''})).plaintext, message);
            await refuses(use(key, 'decrypt', {...input, ciphertext: changed(theirs, theirs.length - 1), nonce: ''}));
          }
        }
      }
    });
  }
}
