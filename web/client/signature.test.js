import assert from 'node:assert/strict';
import {test} from 'node:test';
import {gunzipSync} from 'node:zlib';
import {toBase64} from './bytes.js';
import {delegate} from './delegate.js';
import {rootTargetOf, signRequest} from './signature.js';
import {people, vector} from './testing.js';

test('the headers are those of the reference client', async () => {
  const {alice, carol} = await people();
  for (const [name, identity] of [['01-root-post-keystore', alice], ['02-root-post-key-subpath', alice], ['11-delegated-2', carol]]) {
    const {verifyAt, server, request, capability} = vector(name);
    const url = `https://${server.expectedHost}${request.path}`;
    const got = await signRequest({url, body: request.body, identity, capability, action: server.expectedAction, now: new Date(verifyAt)});
    assert.equal(got.Digest, request.headers.digest);
    assert.equal(got['Content-Type'], request.headers['content-type']);
    if (!capability) {
      assert.equal(got['Capability-Invocation'], request.headers['capability-invocation']);
      assert.equal(got.Authorization, request.headers.authorization);
      continue;
    }
    // gzip may write the same in several ways, and the signature is over what it wrote.
    const [, zipped] = /^zcap capability="([\w-]+)",action="sign"$/.exec(got['Capability-Invocation']) ?? [];
    assert.deepEqual(JSON.parse(gunzipSync(Buffer.from(zipped, 'base64url')).toString()), capability);
    const parts = ['keyId', 'headers', 'created', 'expires'];
    const parameters = (header) => parts.map((name) => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1]);
    assert.deepEqual(parameters(got.Authorization), parameters(request.headers.authorization));
  }
});

test('bytes and text of the same body are signed alike, default ports are left out', async () => {
  const {alice: identity} = await people();
  const options = {url: 'https://kms.example:443/graphql', identity, action: 'read', now: new Date(1.8e12)};
  const text = await signRequest({...options, body: '{"query":"ü"}'});
  assert.deepEqual(await signRequest({...options, body: new TextEncoder().encode('{"query":"ü"}')}), text);
  assert.deepEqual(await signRequest({...options, url: 'https://kms.example/graphql', body: '{"query":"ü"}'}), text);
  assert.equal(text['Capability-Invocation'], 'zcap id="urn:zcap:root:https%3A%2F%2Fkms.example%2Fgraphql",action="read"');
});

test("what is in a keystore is the keystore's", () => {
  const keystore = 'https://kms.example/keystores/z19';
  for (const url of [keystore, keystore + '/keys/z1A', keystore + '/zcaps/revocations/urn%3Auuid%3A1']) assert.equal(rootTargetOf(url), keystore);
  for (const url of ['https://kms.example/graphql', keystore + '/other/z1', keystore + '/keys', keystore + '/keys/z1/z2']) assert.equal(rootTargetOf(url), url);
});

test('what a server would refuse is not signed', async () => {
  const {alice, bob} = await people();
  const rootTarget = 'https://kms.example/keystores/z19';
  const capability = await delegate({identity: alice, rootTarget, target: rootTarget + '/keys/z1A', controller: bob.did, expires: new Date(Date.now() + 60_000)});
  const actions = Array.from({length: 128}, () => toBase64(crypto.getRandomValues(new Uint8Array(48))));
  const long = await delegate({identity: alice, rootTarget, controller: bob.did, actions, expires: new Date(Date.now() + 60_000)});
  const good = {url: rootTarget + '/keys/z1A', body: '{}', identity: bob, capability, action: 'sign'};
  await signRequest(good);
  for (const [what, change, message] of [
    ['no action', {action: ''}, /^action: /],
    ['an action that leaves its quotes', {action: 'sign",id="x'}, /^action: /],
    ['an action of two lines', {action: 'sign\ndigest: x'}, /^action: /],
    ["another's capability", {identity: alice}, /^capability: was delegated to another DID/],
    ['another URL', {url: rootTarget + '/keys/z1AB'}, /does not cover the URL/],
    ["the capability's parent", {url: rootTarget}, /does not cover the URL/],
    ['a query', {url: good.url + '?a'}, /^url: /],
    ['a fragment', {url: good.url + '#a'}, /^url: /],
    ['a password', {url: good.url.replace('//', '//me:secret@')}, /^url: must have no/],
    ['no date', {now: new Date(NaN)}, /^now: /],
    ['a capability of 8 KiB', {capability: long}, /^capability: is too long for a header/],
    ['what is no capability', {capability: {id: 'urn:x'}}, /^capability: has no /],
  ]) {
    await assert.rejects(signRequest({...good, ...change}), {message}, what);
  }
});
