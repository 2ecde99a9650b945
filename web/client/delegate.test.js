import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fromMultibase} from './bytes.js';
import {readChain} from './chain.js';
import {delegate} from './delegate.js';
import {Identity} from './identity.js';
import {signingInput} from './quads.js';
import {people, vector} from './testing.js';

const rootTarget = 'https://kms.example/keystores/z19';
const key = rootTarget + '/keys/z1A';
const now = new Date('2026-11-23T12:00:00.789Z');
const expires = new Date('2026-11-24T12:00:00.123Z');

const altered = (capability, change) => ({...structuredClone(capability), ...change});

test('a capability is what the reference libraries make, and its proof verifies', async () => {
  const {alice, bob} = await people();
  const c = await delegate({identity: alice, rootTarget, target: key, controller: bob.did, actions: ['sign', 'verify'], expires, now});
  const {id, proof: {proofValue, ...proof}, ...rest} = c;
  assert.match(id, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const root = 'urn:zcap:root:' + encodeURIComponent(rootTarget);
  assert.deepEqual(rest, {
    '@context': ['https://w3id.org/zcap/v1', 'https://w3id.org/security/suites/ed25519-2020/v1'],
    controller: bob.did, parentCapability: root, invocationTarget: key, expires: '2026-11-24T12:00:00Z', allowedAction: ['sign', 'verify'],
  });
  assert.deepEqual(proof, {
    type: 'Ed25519Signature2020', created: '2026-11-23T12:00:00Z', verificationMethod: alice.keyId, proofPurpose: 'capabilityDelegation',
    capabilityChain: [root],
  });
  const {rootId, links} = readChain(c);
  const signature = fromMultibase(proofValue);
  assert.ok(signature && await crypto.subtle.verify('Ed25519', alice.keyPair.publicKey, signature, await signingInput(rootId, links)));
});

test('chains grow to ten, each with its parent embedded, whatever keys sign', async () => {
  for (const types of [['Ed25519'], ['P-256'], ['Ed25519', 'P-256']]) {
    const identities = await Promise.all(Array.from({length: 10}, (_, i) => Identity.generate({type: types[i % types.length]})));
    let parent;
    for (let i = 0; i < 9; i++) {
      parent = await delegate({identity: identities[i], ...(parent ? {parent} : {rootTarget}), controller: identities[i + 1].did, expires, now});
      const {links} = readChain(parent);
      assert.equal(links.length, i + 1);
      assert.equal(parent.proof.capabilityChain.length, i + 1);
      assert.equal(parent.proof.cryptosuite, identities[i].type === 'P-256' ? 'ecdsa-rdfc-2019' : undefined);
    }
    await assert.rejects(delegate({identity: identities[9], parent, controller: identities[0].did, expires, now}),
      {name: 'CapabilityError', message: 'parent: the chain would be longer than 10, the root included'});
  }
});

test('what is left out is as the parent has it', async () => {
  const {alice, bob, carol} = await people();
  const parent = await delegate({identity: alice, rootTarget, target: key, controller: bob.keyId, actions: ['sign'], expires, now});
  const child = await delegate({identity: bob, parent, controller: carol.did, expires, now: new Date('2026-11-23T11:00:00Z')});
  assert.equal(child.invocationTarget, key);
  assert.deepEqual(child.allowedAction, ['sign']);
  assert.equal(child.proof.created, parent.proof.created, 'the clock is behind the parent');
  // Finer than a Date: what comes from elsewhere.
  const fine = altered(parent, {proof: {...parent.proof, created: '2026-11-23T12:00:00.0005Z'}});
  assert.equal((await delegate({identity: bob, parent: fine, controller: carol.did, expires, now})).proof.created, fine.proof.created);
  const all = await delegate({identity: alice, rootTarget, controller: bob.did, expires, now});
  assert.ok(!('allowedAction' in all));
  assert.ok(!('allowedAction' in await delegate({identity: bob, parent: all, controller: carol.did, expires, now})));
});

test('what a server would refuse is not made', async () => {
  const {alice, bob, carol} = await people();
  const parent = await delegate({identity: alice, rootTarget, target: key, controller: bob.did, actions: ['sign', 'verify'], expires, now});
  const good = {identity: bob, parent, controller: carol.did, expires, now};
  await delegate(good);
  for (const [what, change, message] of [
    ['by another than the controller', {identity: alice}, /^parent: was not delegated to this identity/],
    ['the whole keystore', {target: rootTarget}, /its invocationTarget is not within/],
    ['another key', {target: key + 'B'}, /its invocationTarget is not within/],
    ['an escaped target', {target: key + '/%2e%2e'}, /^capability.invocationTarget: /],
    ['a revocation of what is no id', {target: key + '/zcaps/revocations/a%2fb'}, /^capability.invocationTarget: /],
    ['a revocation spelled otherwise', {target: key + '/zcaps/revocations/urn%3ax'}, /^capability.invocationTarget: /],
    ['a revocation with a slash', {target: key + '/zcaps/revocations/a%2Fb'}, /^capability.invocationTarget: /],
    ['a target with ..', {target: key + '/..'}, /^capability.invocationTarget: /],
    ['a target with //', {target: key + '//x'}, /^capability.invocationTarget: /],
    ['a target that closes its brackets', {target: key + '/> <x'}, /^capability.invocationTarget: /],
    ['another action', {actions: ['sign', 'exportKey']}, /its allowedAction has more/],
    ['no action', {actions: []}, /^actions: must have 1 to 128/],
    ['an action twice', {actions: ['sign', 'sign']}, /^actions: names an action twice/],
    ['an action that closes its quotes', {actions: ['sign" .\n']}, /^actions: an action must be/],
    ['a longer time', {expires: new Date(expires.getTime() + 1000)}, /expires later than its parent/],
    ['the past', {expires: now}, /^expires: must be in the future/],
    ['no time', {expires: undefined}, /^expires: must be a Date/],
    ['a time as text', {expires: '2026-11-24T12:00:00Z'}, /^expires: must be a Date/],
    ['no controller', {controller: undefined}, /^capability.controller: /],
    ['a controller that is a URL', {controller: 'https://example.com'}, /^capability.controller: /],
    ['another root', {rootTarget: 'https://kms.example/keystores/z20'}, /^rootTarget: is not the parent's/],
    ['neither parent nor root', {parent: undefined}, /^rootTarget: without a parent/],
    ['a root with a fragment', {parent: undefined, rootTarget: rootTarget + '#x'}, /^rootTarget: without a parent/],
  ]) {
    await assert.rejects(delegate({...good, ...change}), {name: 'CapabilityError', message}, what);
  }
});

test('a parent from elsewhere is read strictly', async () => {
  const {alice, bob, carol, mallory} = await people();
  const first = await delegate({identity: alice, rootTarget, target: key, controller: bob.did, actions: ['sign'], expires, now});
  const c = await delegate({identity: bob, parent: first, controller: carol.did, expires, now});
  const proof = (change) => altered(c, {proof: {...c.proof, ...change}});
  const embedded = (change) => proof({capabilityChain: [c.proof.capabilityChain[0], altered(first, change)]});
  const [root] = c.proof.capabilityChain;
  readChain(c);
  for (const [what, wrong, message] of [
    ['null', null, /^capability: must be an object/],
    ['a list', [c], /^capability: must be an object/],
    ['an unknown member', altered(c, {note: 1}), /^capability: has a member that is not known/],
    ['an unknown member of the proof', proof({nonce: 'x'}), /^capability.proof: has a member/],
    ['an unknown member of the parent', embedded({note: 1}), /capabilityChain\[1\]: has a member/],
    ['no proof', altered(c, {proof: undefined}), /^capability.proof: must be an object/],
    ['two proofs', altered(c, {proof: [c.proof, c.proof]}), /^capability.proof: must be an object/],
    ['another context', altered(c, {'@context': ['https://w3id.org/zcap/v1']}), /known combination/],
    ['one context more', altered(c, {'@context': [...c['@context'], 'https://example.com']}), /known combination/],
    ['another proof', proof({type: 'JsonWebSignature2020'}), /known combination/],
    ['a suite for another key', altered(c, {'@context': [c['@context'][0], 'https://w3id.org/security/data-integrity/v2'],
      proof: {...c.proof, type: 'DataIntegrityProof', cryptosuite: 'ecdsa-rdfc-2019'}}), /its suite is for P-256 keys/],
    ['another purpose', proof({proofPurpose: 'assertionMethod'}), /proofPurpose: must be/],
    ['a method that names no key', proof({verificationMethod: bob.did}), /verificationMethod: must name a key/],
    ['a short signature', proof({proofValue: 'z2222'}), /proofValue: must be a signature/],
    ['a date without time', altered(c, {expires: '2026-11-24'}), /expires: must be a date/],
    ['a month 13', altered(c, {expires: '2026-13-24T12:00:00Z'}), /expires: must be a date/],
    ['an empty list of actions', altered(c, {allowedAction: []}), /allowedAction: must have 1 to 128/],
    ['an id that is a number', altered(c, {id: 7}), /id: must be a string/],
    ['an id of another scheme', altered(c, {id: 'http://example.com/1'}), /id: must be an absolute/],
    ['the id of a root', altered(c, {id: root}), /id: must be an absolute/],
    ['an id that closes its brackets', altered(c, {id: 'urn:x> <urn:y'}), /id: must be an absolute/],
    ['another parent', altered(c, {parentCapability: root}), /its last entry is not the parentCapability/],
    ["the parent's id", altered(c, {id: first.id}), /two capabilities of the chain have the same id/],
    ['the parent by reference', proof({capabilityChain: [root, first.id]}), /capabilityChain\[1\]: must be an object/],
    ['the parent left out', proof({capabilityChain: [root]}), /its last entry is not the parentCapability/],
    ['a parent too many', proof({capabilityChain: [root, first.id, first]}), /does not match the chain/],
    ['another root', proof({capabilityChain: [root + 'x', first]}), /does not match the chain/],
    ['no chain', proof({capabilityChain: []}), /must be a list/],
    ['a root that is none', altered(first, {parentCapability: 'urn:x', proof: {...first.proof, capabilityChain: ['urn:x']}}), /does not begin with/],
    ['a root spelled otherwise', altered(first, {parentCapability: String(root).replace('%3A', '%3a'), proof: {...first.proof, capabilityChain: [String(root).replace('%3A', '%3a')]}}), /does not begin with/],
    ['a wider target', altered(c, {invocationTarget: rootTarget}), /its invocationTarget is not within/],
    ['a wider action', altered(c, {allowedAction: ['sign', 'verify']}), /its allowedAction has more/],
    ['all actions', altered(c, {allowedAction: undefined}), /its allowedAction has more/],
    ['a later end', altered(c, {expires: '2026-11-25T12:00:00Z'}), /expires later/],
    ['signed before its parent', proof({created: '2026-11-23T11:00:00Z'}), /was delegated before/],
    ["by another than the parent's controller", proof({verificationMethod: mallory.keyId}), /was not delegated by/],
  ]) {
    assert.throws(() => readChain(wrong), {name: 'CapabilityError', message}, what);
  }
});

test('the recorded chains that give more than they may, or are malformed, are refused, and the others read', () => {
  const refused = new Set(['36-widened-action', '37-dropped-allowed-action', '38-widened-target', '39-child-expires-later', '40-chain-parent-by-reference',
    '41-chain-skips-parent', '43-inline-root-object', '54-unknown-property', '61-chain-of-11']);
  let seen = 0;
  for (const {name} of vector('index').vectors) {
    const {capability} = vector(name);
    if (!capability) continue;
    if (refused.has(name)) assert.throws(() => readChain(capability), {name: 'CapabilityError'}, name);
    else readChain(capability);
    seen++;
  }
  assert.equal(seen, 33);
});
