// The reference client for capabilities, unmodified, against the running server: each of the recorded requests again, live. What that client would not
// send is made of its parts, and changed on the way.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {request as httpsRequest} from 'node:https';
import {after, before, test} from 'node:test';
import {CapabilityDelegation} from '@digitalbazaar/zcap';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import {ZcapClient} from '@digitalbazaar/ezcap';
import {signCapabilityInvocation} from '@digitalbazaar/http-signature-zcap-invoke';
import jsigs from 'jsonld-signatures';
import {createKey, createKeystore, server, sign, vector, verify} from './testing.js';

const {base, operator} = server();
const message = 'aGVsbG8';
const minute = 60_000;
const at = (milliseconds) => new Date(Date.now() + milliseconds);
const root = (target) => 'urn:zcap:root:' + encodeURIComponent(target);

class Person {
  constructor(pair) {
    this.did = pair.controller;
    this.keyId = pair.id;
    this.signer = pair.signer();
    this.zcaps = new ZcapClient({SuiteClass: Ed25519Signature2020, invocationSigner: this.signer, delegationSigner: this.signer});
  }

  static async make() {
    const pair = await Ed25519VerificationKey2020.generate();
    pair.controller = `did:key:${pair.fingerprint()}`;
    pair.id = `${pair.controller}#${pair.fingerprint()}`;
    return new Person(pair);
  }

  // Sends a request as it is. What the server answers is the answer, also where the client makes an exception of it.
  async ask({url = key, action = 'sign', method = 'post', json, capability}) {
    try {
      const response = await this.zcaps.request({url, action, method, capability, json: method === 'post' ? json ?? body(url) : undefined});
      return {status: response.status, ...response.data};
    } catch (error) {
      if (!error.data) throw error;
      return {status: error.status, ...error.data};
    }
  }

  delegate(options) {
    return this.zcaps.delegate({expires: at(60 * minute), ...options});
  }

  // Delegates what the client refuses to: with a proof that is right over whatever it is given.
  forge({parent, chain, created = at(0), ...members}) {
    return jsigs.sign({
      '@context': ['https://w3id.org/zcap/v1', 'https://w3id.org/security/suites/ed25519-2020/v1'], id: `urn:uuid:${crypto.randomUUID()}`,
      parentCapability: parent.id ?? parent, invocationTarget: key, expires: seconds(at(60 * minute)), ...members,
    }, {
      documentLoader: this.zcaps.documentLoader,
      suite: new Ed25519Signature2020({date: created, signer: this.signer}),
      purpose: new CapabilityDelegation({parentCapability: parent, _capabilityChain: chain, _skipLocalValidationForTesting: true}),
    });
  }

  // Signs as the client does, changes the request, and sends it to the byte.
  async send({url = key, action = 'sign', json = body(url), capability = root(keystore), created, change = () => {}}) {
    const headers = await signCapabilityInvocation({
      url, method: 'post', headers: {}, json: json ?? undefined, capability, capabilityAction: action, invocationSigner: this.signer, ...(created && {created}),
    });
    const {pathname} = new URL(url);
    const request = {path: pathname, headers, body: JSON.stringify(json)};
    change(request);
    return exchange(request);
  }
}

function exchange({path, headers, body}) {
  const {hostname, port} = new URL(base);
  return new Promise((resolve, reject) => {
    const request = httpsRequest({hostname, servername: '', port, path, method: 'POST', headers, setHost: false}, async (response) => {
      const chunks = await response.toArray();
      resolve({status: response.statusCode, ...JSON.parse(Buffer.concat(chunks).toString())});
    });
    request.on('error', reject);
    request.end(body);
  });
}

const digest = (text) => 'mh=u' + Buffer.concat([Buffer.of(0x12, 0x20), createHash('sha256').update(text).digest()]).toString('base64url');
const seconds = (date) => date.toISOString().replace(/\.\d+/, '');
const body = (url) => ({query: sign, variables: {input: {key: url, message}}});

let alice;
let bob;
let carol;
let dave;
let mallory;
let keystore;
let other; // mallory's keystore
let key;
let otherKey; // of the same keystore

before(async () => {
  const admin = new Person(await Ed25519VerificationKey2020.from(JSON.parse(operator)));
  [alice, bob, carol, dave, mallory] = await Promise.all(Array.from({length: 5}, Person.make));
  const make = async (controller) => {
    const answer = await admin.ask({url: base + '/graphql', action: 'createKeystore', json: {query: createKeystore, variables: {input: {controller}}}});
    return answer.data.createKeystore.keystore.id;
  };
  keystore = await make(alice.did);
  other = await make(mallory.did);
  key = (await newKey()).data.createKey.key.id;
  otherKey = (await newKey()).data.createKey.key.id;
});

const newKey = () => alice.ask({
  url: keystore, action: 'generateKey', capability: root(keystore), json: {query: createKey, variables: {input: {keystore, type: 'ED25519'}}},
});

// Every recorded request must have been made again.
const again = new Set();
after(() => {
  const recorded = vector('index').vectors.map(({name}) => name);
  assert.deepEqual(recorded.filter((name) => !again.has(name)), []);
});

function accepted(answer, name) {
  again.add(name);
  assert.equal(answer.errors, undefined, `${name}: ${JSON.stringify(answer.errors)}`);
  assert.equal(answer.status, 200, name);
  assert.equal(Buffer.from(answer.data.sign.signature, 'base64url').length, 64, name);
}

// What tells a stranger nothing about what exists.
const notAllowed = /^not allowed: there is no such thing, or its controller did not give you this capability$/;

function refused(answer, name, code, problem) {
  again.add(name);
  assert.ok(!answer.data, `${name}: was executed`);
  assert.equal(answer.errors?.[0].extensions.code, code, `${name}: ${JSON.stringify(answer)}`);
  assert.match(answer.errors[0].message, problem, name);
}

test('what the reference accepts is accepted', async () => {
  const created = await newKey();
  again.add('01-root-post-keystore');
  assert.ok(created.data.createKey.key.id.startsWith(keystore + '/keys/z'));
  accepted(await alice.ask({capability: root(keystore)}), '02-root-post-key-subpath');

  const first = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.did, allowedActions: ['sign', 'verify']});
  accepted(await bob.ask({capability: first}), '10-delegated-1');
  const second = await bob.delegate({capability: first, controller: carol.did, allowedActions: ['sign'], expires: first.expires});
  accepted(await carol.ask({capability: second}), '11-delegated-2');
  const third = await carol.delegate({capability: second, controller: dave.did, expires: first.expires});
  accepted(await dave.ask({capability: third}), '13-delegated-3');

  const whole = await alice.delegate({capability: root(keystore), invocationTarget: keystore, controller: bob.did});
  accepted(await bob.ask({capability: whole}), '14-delegated-1-subpath-url');
  const narrow = await bob.delegate({capability: whole, invocationTarget: key, controller: carol.did, allowedActions: ['sign'], expires: whole.expires});
  accepted(await carol.ask({capability: narrow}), '12-delegated-2-attenuated-target');
  refused(await carol.ask({url: key, action: 'sign', json: body(otherKey), capability: narrow}), 'the argument names another key', 'FORBIDDEN', /URL does not reach/);

  const keyed = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.keyId});
  accepted(await bob.ask({capability: keyed}), '15-delegated-keyed-controller');
  const ended = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.did, now: Date.now() - 60 * minute, expires: at(-4 * minute)});
  accepted(await bob.ask({capability: ended}), '21-expired-zcap-within-skew');
});

test('chains go to nine delegations', async () => {
  let [from, capability] = [alice, root(keystore)];
  const expires = at(60 * minute);
  for (let level = 1; level <= 10; level++) {
    const to = await Person.make();
    capability = await from.delegate({capability, invocationTarget: key, controller: to.did, allowedActions: ['sign'], expires});
    from = to;
    if (level === 9) accepted(await from.ask({capability}), '60-chain-of-10');
  }
  refused(await from.ask({capability}), '61-chain-of-11', 'FORBIDDEN', /chain is longer than 10/);
});

test('where we are stricter, or set no bound', async () => {
  const got = await alice.ask({method: 'get', action: 'read', url: keystore});
  assert.equal(got.status, 405);
  refused(got, '03-root-get-read', 'BAD_USER_INPUT', /does not take this method/);
  const long = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.did, expires: at(91 * 24 * 60 * minute)});
  refused(await bob.ask({capability: long}), '24-ttl-too-long', 'FORBIDDEN', /is valid for .* at most/);
});

test('what is too late or too early is refused', async () => {
  const ended = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.did, now: Date.now() - 60 * minute, expires: at(-10 * minute)});
  refused(await bob.ask({capability: ended}), '20-expired-zcap', 'FORBIDDEN', /expired/);
  refused(await alice.send({created: at(-16 * minute)}), '22-expired-signature', 'UNAUTHENTICATED', /the signature expired .* ago/);
  refused(await alice.send({created: at(10 * minute)}), '23-signature-from-future', 'UNAUTHENTICATED', /in the future: check the client's clock/);
});

test('a capability reaches its target, by its actions, for its controller', async () => {
  const first = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.did, allowedActions: ['sign', 'verify']});
  refused(await bob.ask({capability: first, action: 'exportKey'}), '30-wrong-action', 'FORBIDDEN', /exportKey|sign/);
  refused(await bob.ask({capability: first, json: {query: verify, variables: {input: {key, message, signature: message}}}}), '31-action-body-mismatch',
    'FORBIDDEN', /verify/);

  const elsewhere = await alice.delegate({capability: root(keystore), invocationTarget: otherKey, controller: bob.did, allowedActions: ['sign']});
  refused(await bob.send({capability: elsewhere}), '32-wrong-target', 'FORBIDDEN', /which does not reach/);
  const shorter = await alice.delegate({capability: root(keystore), invocationTarget: key.slice(0, -1), controller: bob.did, allowedActions: ['sign']});
  refused(await bob.send({capability: shorter}), '32b-wrong-target-shorter-prefix', 'FORBIDDEN', /which does not reach/);

  refused(await mallory.ask({capability: first}), '33-not-the-controller', 'FORBIDDEN', /delegated to another DID/);
  const stranger = await mallory.delegate({capability: root(keystore), invocationTarget: key, controller: mallory.did});
  refused(await mallory.ask({capability: stranger}), '34-delegated-by-stranger', 'FORBIDDEN', notAllowed);
  refused(await mallory.ask({capability: root(keystore)}), '35-root-invoked-by-stranger', 'FORBIDDEN', notAllowed);
  const foreign = await mallory.delegate({capability: root(other), invocationTarget: other, controller: mallory.did});
  refused(await mallory.send({capability: foreign}), '42-wrong-root', 'FORBIDDEN', /the capability comes from .*; this needs one from/);
});

test('a delegation gives no more than its parent', async () => {
  const parent = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.did, allowedActions: ['sign', 'verify'], expires: at(30 * minute)});
  const good = {parent, controller: carol.did, expires: parent.expires, allowedAction: ['sign']};
  accepted(await carol.ask({capability: await bob.forge(good)}), 'a forgery that forges nothing');
  for (const [name, change, problem] of [
    ['36-widened-action', {allowedAction: ['sign', 'exportKey']}, /allowedAction has more than its parent's/],
    ['37-dropped-allowed-action', {allowedAction: undefined}, /allowedAction has more than its parent's/],
    ['38-widened-target', {invocationTarget: keystore}, /invocationTarget is not within its parent's/],
    ['39-child-expires-later', {expires: seconds(at(60 * minute))}, /expires later than its parent/],
  ]) {
    refused(await carol.send({capability: await bob.forge({...good, ...change})}), name, 'FORBIDDEN', problem);
  }
  const byReference = await bob.forge({...good, chain: [root(keystore), parent.id]});
  refused(await carol.send({capability: byReference}), '40-chain-parent-by-reference', 'BAD_USER_INPUT', /capabilityChain/);
  const skipping = await bob.forge({...good, chain: [root(keystore)]});
  refused(await carol.send({capability: skipping}), '41-chain-skips-parent', 'BAD_USER_INPUT', /capabilityChain/);
});

test('what was changed after signing is refused', async () => {
  const capability = await alice.delegate({capability: root(keystore), invocationTarget: key, controller: bob.did, allowedActions: ['sign', 'verify']});
  accepted(await bob.send({capability}), 'nothing changed');
  const changed = (change) => bob.send({capability, change});
  refused(await changed((request) => { request.body = request.body.replace(message, 'd29ybGQ'); }), '50-body-tampered', 'UNAUTHENTICATED', /Digest header/);
  refused(await changed((request) => {
    request.body = request.body.replace(message, 'd29ybGQ');
    request.headers.digest = digest(request.body);
  }), '51-body-and-digest-tampered', 'UNAUTHENTICATED', /signature does not verify/);
  refused(await alice.send({change: (request) => { request.path = new URL(otherKey).pathname; }}), '52-path-tampered', 'UNAUTHENTICATED', /signature does not verify/);
  refused(await bob.send({capability: {...capability, expires: seconds(at(120 * minute))}}), '53-proof-tampered', 'FORBIDDEN', notAllowed);
  refused(await bob.send({capability: {...capability, note: 'x'}}), '54-unknown-property', 'BAD_USER_INPUT', /has a member that capabilities do not have/);
  refused(await alice.send({json: null, change: (request) => { // signed without a body, sent with one
    request.body = JSON.stringify(body(key));
    Object.assign(request.headers, {'content-type': 'application/json', 'digest': digest(request.body)});
  }}), '55-headers-not-covered', 'UNAUTHENTICATED', /does not cover content-type digest/);
  refused(await changed((request) => { request.headers.host = 'other.example'; }), '56-wrong-host', 'BAD_USER_INPUT', /Host/);
  // The client names a root capability by its id; this one it takes for a delegated one until it writes it.
  const inline = {'@context': 'https://w3id.org/zcap/v1', id: root(keystore), controller: mallory.did, invocationTarget: keystore};
  refused(await mallory.send({capability: {parentCapability: 'urn:x', toJSON: () => inline}}), '43-inline-root-object', 'BAD_USER_INPUT', /^capability/);
});
