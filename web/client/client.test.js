import assert from 'node:assert/strict';
import {test} from 'node:test';
import {inspect} from 'node:util';
import {Client, TwolockError, delegate, revocationUrl, signedFetch} from './index.js';
import {people} from './testing.js';

const url = 'https://kms.example/keystores/z19';
const json = (value, status = 200) => new Response(JSON.stringify(value), {status, headers: {'Content-Type': 'application/json'}});

// A fetch that answers, and remembers what it was asked.
function recorder(answer = () => json({data: {}})) {
  const calls = [];
  const fetch = async (url, init) => {
    calls.push({url: String(url), init});
    return answer();
  };
  return {calls, fetch};
}

test('a request is one signed POST', async () => {
  const {alice: identity} = await people();
  const {calls, fetch} = recorder(() => json({data: {sign: 1}}));
  const client = new Client({identity, fetch, now: () => new Date(1.8e12)});
  assert.deepEqual(await client.request(url + '/keys/z1A', 'sign', 'mutation { sign }', {a: 1}), {sign: 1});
  const [{url: to, init}] = calls;
  assert.equal(to, url + '/keys/z1A');
  assert.equal(init.body, '{"query":"mutation { sign }","variables":{"a":1}}');
  assert.deepEqual([init.method, init.redirect, init.credentials, init.referrerPolicy], ['POST', 'error', 'omit', 'no-referrer']);
  assert.deepEqual(Object.keys(init.headers).sort(), ['Accept', 'Authorization', 'Capability-Invocation', 'Content-Type', 'Digest']);
  assert.match(init.headers.Authorization, /created="1800000000",expires="1800000600"$/);
  assert.match(init.headers['Capability-Invocation'], /z19",action="sign"$/);
  assert.equal(calls.length, 1);
});

test('what a server refuses is thrown, with all that it says', async () => {
  const {alice: identity} = await people();
  const errors = [
    {message: 'AWS KMS does not answer', path: ['sign', 0], extensions: {code: 'UPSTREAM_UNAVAILABLE', upstream: 'aws-kms', retryable: true}},
    {message: 'no', extensions: {code: 'INTERNAL', requestId: 'r1'}},
  ];
  const {fetch} = recorder(() => json({data: {plaintext: 'attack at dawn'}, errors}));
  const error = await new Client({identity, fetch}).request(url, 'read', '{ a }').catch((error) => error);
  assert.ok(error instanceof TwolockError);
  assert.deepEqual([error.name, error.message, error.code, error.path, error.upstream, error.retryable, error.status],
    ['TwolockError', 'AWS KMS does not answer', 'UPSTREAM_UNAVAILABLE', ['sign', 0], 'aws-kms', true, 200]);
  assert.deepEqual(error.errors, errors);
  assert.deepEqual(error.data, {plaintext: 'attack at dawn'});
  assert.ok(![inspect(error, {depth: 9, showHidden: true}), JSON.stringify(error), String(error)].join().includes('dawn'), 'data shows in a log');
  const internal = new TwolockError(500, errors.slice(1));
  assert.deepEqual([internal.code, internal.path, internal.upstream, internal.retryable, internal.requestId], ['INTERNAL', [], undefined, false, 'r1']);
});

test("what is no twolock server's answer is an error without a code", async () => {
  const {alice: identity} = await people();
  for (const [what, body] of Object.entries({
    'a page': '<html>secret</html>', 'nothing': '', 'null': 'null', 'a list': '[]', 'no data': '{}', 'null data': '{"data":null}', 'no errors': '{"errors":[]}',
    'errors without a message': '{"errors":[{}]}', 'null errors': '{"data":{},"errors":null}',
  })) {
    const {fetch} = recorder(() => new Response(body, {status: 502}));
    await assert.rejects(new Client({identity, fetch}).request(url, 'read', '{ a }'),
      {name: 'TwolockError', code: '', status: 502, retryable: false, message: "the answer, of status 502, is not a twolock server's"}, what);
  }
  let sent = 0;
  const endless = new ReadableStream({pull: (controller) => controller.enqueue(new Uint8Array(1 << 16).fill((sent += 1 << 16) && 32))});
  const {fetch} = recorder(() => new Response(endless));
  await assert.rejects(new Client({identity, fetch}).request(url, 'read', '{ a }'), {name: 'TwolockError', message: /larger than/});
  assert.ok(sent < 9 << 20, `took ${sent} bytes of an endless answer`);
});

test('a request ends with its signal, and in time without one', async (t) => {
  const {alice: identity} = await people();
  t.mock.method(AbortSignal, 'timeout', (ms) => (assert.equal(ms, 30_000), AbortSignal.abort(new Error('out of time'))));
  const fetch = async (_, {signal}) => signal.throwIfAborted();
  const client = new Client({identity, fetch});
  await assert.rejects(client.request(url, 'read', '{ a }'), /out of time/);
  await assert.rejects(client.request(url, 'read', '{ a }', {}, {signal: AbortSignal.abort(new Error('enough'))}), /enough/);
});

test('the capability of a request, else of the client, is invoked', async () => {
  const {alice, bob} = await people();
  const grant = () => delegate({identity: alice, rootTarget: url, controller: bob.did, expires: new Date(Date.now() + 60_000)});
  const [one, other] = [await grant(), await grant()];
  const {calls, fetch} = recorder();
  const client = new Client({identity: bob, capability: one, fetch});
  await client.request(url, 'read', '{ a }');
  await client.request(url, 'read', '{ a }', {}, {capability: other});
  const ids = await Promise.all(calls.map(({init}) => invoked(init.headers)));
  assert.deepEqual(ids, [one.id, other.id]);
});

async function invoked(headers) {
  const [, zipped] = /capability="([^"]+)"/.exec(headers['Capability-Invocation']) ?? [];
  const stream = new Blob([Buffer.from(zipped, 'base64url')]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()).id;
}

test('signedFetch knows the action from the header, or from the option', async () => {
  const {alice} = await people();
  const {calls, fetch} = recorder();
  const post = (headers = {}) => ({method: 'POST', body: '{"query":"{ a }","operationName":"Op","url":"x"}', headers});
  const last = () => calls[calls.length - 1].init.headers;
  await signedFetch(alice, {fetch, action: 'read'})(url, post());
  assert.match(last()['Capability-Invocation'], /action="read"$/);
  await signedFetch(alice, {fetch, action: 'read'})(url, post({'Twolock-Action': 'sign', 'X-Other': 'x'}));
  assert.match(last()['Capability-Invocation'], /action="sign"$/);
  assert.ok(!('Twolock-Action' in last()) && !('X-Other' in last()), 'only what is signed, and Accept, is sent');
  await signedFetch(alice, {fetch, action: ({operationName, query, url}) => `${operationName} ${query} ${url.length}`})(new Request(url, post()));
  assert.match(last()['Capability-Invocation'], /action="Op { a } 33"$/);
  await assert.rejects(signedFetch(alice, {fetch})(url, post()), /action: is not known/);
  await assert.rejects(signedFetch(alice, {fetch, action: 'read'})(url), /method: must be POST/);
  const broken = {method: 'POST', body: '{"plaintext":"dawn'};
  await assert.rejects(signedFetch(alice, {fetch, action: () => 'read'})(url, broken), {name: 'TypeError', message: 'body: must be JSON'});
  assert.equal(calls.length, 3, 'what is refused is not sent');
});

test('signedFetch sends what it was given, and hands on headers, signal and capability', async () => {
  const {alice, bob} = await people();
  const capability = await delegate({identity: alice, rootTarget: url, controller: bob.did, expires: new Date(Date.now() + 60_000)});
  const {calls, fetch} = recorder();
  const abort = new AbortController();
  const body = '{"query":"{ ä }"}';
  const asked = [];
  const choose = (to) => (asked.push(to), capability);
  await signedFetch(bob, {fetch, action: 'read', capability: choose})(new URL(url), {
    method: 'POST', body, headers: {Accept: 'application/json', 'Content-Type': 'application/json; charset=utf-8'}, signal: abort.signal,
  });
  const [{init}] = calls;
  assert.equal(init.body, body);
  assert.equal(init.headers.Accept, 'application/json');
  assert.equal(init.redirect, 'error');
  assert.equal(await invoked(init.headers), capability.id);
  assert.deepEqual(asked, [url]);
  abort.abort();
  assert.ok(init.signal.aborted);
});

test('a revocation is posted to where the capability is from', async () => {
  const {alice, bob} = await people();
  const capability = await delegate({identity: alice, rootTarget: url, target: url + '/keys/z1A', controller: bob.did, expires: new Date(Date.now() + 60_000)});
  const {calls, fetch} = recorder(() => new Response(null, {status: 204}));
  await new Client({identity: bob, capability, fetch}).revoke(capability);
  const [{url: to, init}] = calls;
  assert.equal(to, `${url}/zcaps/revocations/${encodeURIComponent(capability.id)}`);
  assert.equal(to, revocationUrl(capability));
  assert.deepEqual(JSON.parse(init.body), capability);
  assert.equal(init.headers['Capability-Invocation'], `zcap id="urn:zcap:root:${encodeURIComponent(to)}",action="write"`);
  const slash = {...capability, id: 'https://example.com/1'};
  await assert.rejects(new Client({identity: bob, fetch}).revoke(slash), {name: 'CapabilityError', message: /^capability.id: has a slash/});
  const refused = recorder(() => json({errors: [{message: 'no', extensions: {code: 'FORBIDDEN'}}]}, 403));
  await assert.rejects(new Client({identity: bob, fetch: refused.fetch}).revoke(capability), {name: 'TwolockError', code: 'FORBIDDEN', status: 403});
});
