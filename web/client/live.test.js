import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {before, test} from 'node:test';
import {promisify} from 'node:util';
import {Client, Identity, delegate, joinShares, newShares, splitSecret, toBase64url} from './index.js';
import {createKey, createKeystore, server, sign, verify} from './testing.js';

const {base, operator} = server();
const message = toBase64url(new TextEncoder().encode('hello'));
const later = (seconds = 3600) => new Date(Date.now() + seconds * 1000);

let alice;
let keystore;
let key;
let otherKey;

before(async () => {
  const client = new Client({identity: await Identity.fromFile(operator)});
  alice = await Identity.generate();
  keystore = await newKeystore(client, alice.did);
  key = await newKey(alice, keystore);
  otherKey = await newKey(alice, keystore);
});

async function newKeystore(client, controller, input = {}) {
  return (await client.request(base + '/graphql', 'createKeystore', createKeystore, {input: {controller, ...input}})).createKeystore.keystore.id;
}

async function newKey(identity, url) {
  const data = await new Client({identity}).request(url, 'generateKey', createKey, {input: {keystore: url, type: 'ED25519'}});
  return data.createKey.key.id;
}

async function signWith(identity, capability, at = key) {
  return (await new Client({identity, capability}).request(at, 'sign', sign, {input: {key: at, message}})).sign.signature;
}

const refused = (code) => ({name: 'TwolockError', code});

test('a controller signs and verifies with its key, Ed25519 and P-256', async () => {
  for (const type of ['Ed25519', 'P-256']) {
    const identity = await Identity.generate({type});
    const own = await newKeystore(new Client({identity: await Identity.fromFile(operator)}), identity.did);
    const url = await newKey(identity, own);
    const client = new Client({identity});
    const {sign: {signature}} = await client.request(url, 'sign', sign, {input: {key: url, message}});
    assert.deepEqual(await client.request(url, 'verify', verify, {input: {key: url, message, signature}}), {verify: {valid: true}});
    assert.deepEqual(await client.request(url, 'verify', verify, {input: {key: url, message: 'b3RoZXI', signature}}), {verify: {valid: false}});
    await assert.rejects(client.request(key, 'sign', sign, {input: {key, message}}), refused('FORBIDDEN'));
  }
});

test('what was delegated is accepted: chains of 1, 2 and 9, of either kind of keys and mixed', async () => {
  for (const types of [['Ed25519'], ['P-256'], ['Ed25519', 'P-256']]) {
    // The keystore is alice's, whose key is Ed25519; whoever else delegates has the type.
    let [from, parent] = [alice, undefined];
    const expires = later();
    for (let level = 1; level <= 9; level++) {
      const to = await Identity.generate({type: types[level % types.length]});
      parent = await delegate({identity: from, ...(parent ? {parent} : {rootTarget: keystore, target: key}), controller: to.did, actions: ['sign'], expires});
      from = to;
      if ([1, 2, 9].includes(level)) assert.ok(await signWith(to, parent), `${types}, level ${level}`);
    }
  }
});

test('a capability gives what it says and nothing else', async () => {
  const bob = await Identity.generate();
  const capability = await delegate({identity: alice, rootTarget: keystore, target: key, controller: bob.did, actions: ['sign', 'read'], expires: later()});
  const client = new Client({identity: bob, capability});
  assert.ok(await signWith(bob, capability));
  assert.ok((await client.request(key, 'read', 'query($id: ID!) { key(id: $id) { id } }', {id: key})).key.id);
  await assert.rejects(client.request(key, 'verify', verify, {input: {key, message, signature: message}}), refused('FORBIDDEN'));
  await assert.rejects(client.request(key, 'sign', sign, {input: {key: otherKey, message}}), refused('FORBIDDEN'));
  await assert.rejects(signWith(bob, undefined), refused('FORBIDDEN'));
  const whole = await delegate({identity: alice, rootTarget: keystore, controller: bob.did, expires: later()});
  assert.ok(await signWith(bob, whole, otherKey));
  const stranger = await delegate({identity: bob, rootTarget: keystore, controller: bob.did, expires: later()});
  await assert.rejects(signWith(bob, stranger), refused('FORBIDDEN'));
  const ended = await delegate({identity: alice, rootTarget: keystore, controller: bob.did, expires: later(-600), now: later(-1200)});
  await assert.rejects(signWith(bob, ended), refused('FORBIDDEN'));
  const altered = {...whole, expires: later(7200).toISOString().replace(/\.\d+/, '')};
  await assert.rejects(signWith(bob, altered), refused('FORBIDDEN'));
});

test('a clock that is off is told', async () => {
  for (const [off, words] of [[-1200, /expired .* ago/], [1200, /in the future/]]) {
    const client = new Client({identity: alice, now: () => later(off)});
    await assert.rejects(client.request(key, 'sign', sign, {input: {key, message}}), {...refused('UNAUTHENTICATED'), message: words, status: 401});
  }
});

test('a mistake in a request is told with its field', async () => {
  const client = new Client({identity: alice});
  const error = await client.request(key, 'sign', sign, {input: {key, message: '!'}}).catch((error) => error);
  assert.equal(error.code, 'BAD_USER_INPUT');
  assert.match(error.message, /message/);
  const partly = await client.request(key, 'sign', `mutation($a: SignInput!, $b: SignInput!) { good: sign(input: $a) { version } bad: sign(input: $b) { version } }`,
    {a: {key, message}, b: {key, message, encoding: 'DER'}}).catch((error) => error);
  assert.equal(partly.code, 'BAD_USER_INPUT');
  assert.deepEqual(partly.path, ['bad']);
});

test('a revoked capability is refused at once, with all that was delegated from it', async () => {
  const [bob, carol, mallory] = await Promise.all([Identity.generate(), Identity.generate({type: 'P-256'}), Identity.generate()]);
  const grant = async () => {
    const first = await delegate({identity: alice, rootTarget: keystore, target: key, controller: bob.did, actions: ['sign'], expires: later()});
    const second = await delegate({identity: bob, parent: first, controller: carol.did, expires: new Date(first.expires)});
    assert.ok(await signWith(bob, first));
    assert.ok(await signWith(carol, second));
    return {first, second};
  };
  // By the keystore's controller: the chain ends where it was cut.
  const one = await grant();
  await assert.rejects(new Client({identity: mallory}).revoke(one.first), refused('FORBIDDEN'));
  await assert.rejects(new Client({identity: mallory}).revoke(one.second), refused('FORBIDDEN'));
  assert.ok(await signWith(carol, one.second));
  await new Client({identity: alice}).revoke(one.first);
  await assert.rejects(signWith(bob, one.first), refused('FORBIDDEN'));
  await assert.rejects(signWith(carol, one.second), refused('FORBIDDEN'));
  // By who delegated it, and by who has it: what it came from stays.
  for (const revoker of [bob, carol]) {
    const {first, second} = await grant();
    await new Client({identity: revoker}).revoke(second);
    await assert.rejects(signWith(carol, second), refused('FORBIDDEN'));
    assert.ok(await signWith(bob, first));
    await new Client({identity: revoker}).revoke(second); // again
  }
  // By another who was given the right to.
  const {second} = await grant();
  const warden = await delegate({identity: alice, rootTarget: keystore, controller: mallory.did, actions: ['write'], expires: later()});
  await new Client({identity: mallory}).revoke(second, {invoke: warden});
  await assert.rejects(signWith(carol, second), refused('FORBIDDEN'));
});

test('a keystore with shares of ours opens with two of them, and with no others', async () => {
  const shares = newShares(3, 2);
  const [a, b, c] = shares.map(toBase64url);
  const client = new Client({identity: alice});
  const open = new Client({identity: await Identity.fromFile(operator)});
  const own = await newKeystore(open, alice.did, {userLock: 'SHAMIR'});
  const create = (secretShares) => client.request(own, 'generateKey', createKey, {input: {keystore: own, type: 'ED25519', secretShares}});
  const {createKey: {key: {id}}} = await create([a, b]);
  const use = (secretShares) => client.request(id, 'sign', sign, {input: {key: id, message, secretShares}});
  assert.deepEqual(await use([a, b]), await use([c, a]));
  await assert.rejects(use([a, toBase64url(newShares()[0])]), refused('WRONG_SHARE'));
  // Shares made anew of the same secret are other shares of the same lock.
  const again = splitSecret(joinShares(shares), 5, 2).map(toBase64url);
  assert.deepEqual(await use(again.slice(3)), await use([b, c]));
});

for (const example of ['urql', 'apollo']) {
  test(`the example with ${example} runs`, async () => {
    const {stdout, stderr} = await promisify(execFile)(process.execPath, ['--no-warnings', new URL(`examples/${example}.js`, import.meta.url).pathname]);
    assert.match(stdout, /type: 'ED25519', state: 'ENABLED'/);
    assert.match(stdout, /\nvalid\n$/);
    assert.equal(stderr, '');
  });
}
