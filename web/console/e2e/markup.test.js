// The operators' pages, imported files, URLs and the explorer take markup for the text that it is: 200 payloads in each field. hostile.test.js has the controllers' pages.

import assert from 'node:assert/strict';
import test from 'node:test';
import {Client, Identity, delegate} from '../../client/index.js';
import {calm, createKeystore, makeIdentity, url, visitor} from './browser.js';
import {payloads} from './payloads.js';

const service = url + '/graphql';
const seeds = payloads.slice(0, 40); // one spelling of each

let operator; // the recovery file of the operator's identity

/** Nothing of it became an element or an attribute that does something. */
async function inert(page, what) {
  const live = await page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => (
    element.matches('img, iframe, object, embed, base, marquee, video, audio, math, style, template, meta[http-equiv=refresh], [autofocus], [contenteditable]')
    || [...element.attributes].some(({name, value}) => /^on/i.test(name) || (['href', 'src', 'action', 'formaction', 'xlink:href'].includes(name) && /^\s*javascript:|evil/i.test(value)))
  )).map((element) => element.outerHTML.slice(0, 100)));
  assert.deepEqual(live, [], what);
}

/** The texts of all elements. */
const texts = (page, selector) => page.locator(selector).allTextContents();

test('200 keystores whose every word is markup, in the list, in the filters, each by itself', async () => {
  const v = await visitor({height: 1400});
  const {page} = v;
  const {file, did} = await makeIdentity(page, payloads[0], '/' + new URL(process.env.TWOLOCK_ENROLMENT ?? '').hash);
  operator = file;
  await page.getByRole('button', {name: 'Make this identity an operator'}).click();
  await page.getByText('The link has been used up.').waitFor();
  const client = new Client({identity: await Identity.fromFile(file)});
  const ids = [];
  for (let i = 0; i < payloads.length; i += 50) { // in the order of the list
    const some = payloads.slice(i, i + 50);
    const variables = Object.fromEntries(some.map((payload, j) => [`i${j}`, {controller: did, name: payload, description: payload, tags: [{name: payload.slice(0, 64), value: payload}]}]));
    const fields = some.map((_, j) => `k${j}: createKeystore(input: $i${j}) { keystore { id } }`).join(' ');
    const data = await client.request(service, 'createKeystore', `mutation(${some.map((_, j) => `$i${j}: CreateKeystoreInput!`).join(', ')}) { ${fields} }`, variables);
    ids.push(...some.map((_, j) => data[`k${j}`].keystore.id));
  }
  await page.goto(url + '/service/keystores');
  const names = [];
  for (let n = 1; n <= 4; n++) {
    await page.getByRole('status').getByText(`Page ${n}`, {exact: true}).waitFor();
    await page.waitForFunction((seen) => document.querySelector('tbody th a')?.textContent !== seen, names.at(-50) ?? '');
    names.push(...await texts(page, 'tbody th a'));
    await inert(page, `page ${n}`);
    if (n < 4) await page.getByRole('button', {name: 'Next'}).first().click();
  }
  assert.deepEqual(names.sort(), [...payloads].sort(), 'the names are not shown as they are');

  // What was typed finds exactly what is called so.
  for (const payload of seeds.slice(0, 6)) {
    await page.getByLabel('Name or URL').fill(payload);
    await page.keyboard.press('Enter');
    await page.waitForFunction((payload) => [...document.querySelectorAll('tbody th a')].map((a) => a.textContent).join('\n') === payload, payload);
    assert.equal(await page.getByLabel('Name or URL').inputValue(), payload);
  }
  await inert(page, 'filters');
  await page.getByRole('textbox', {name: 'Controller'}).fill(payloads[1]);
  await page.keyboard.press('Enter');
  await page.getByText('This is not a DID.').waitFor();

  for (const i of [0, 77, 154]) { // all 200 below, in one
    await page.goto(url + '/service' + new URL(ids[i]).pathname);
    await page.getByRole('heading', {name: payloads[i], exact: true}).waitFor();
    assert.ok((await page.title()).includes(payloads[i]));
    const facts = await texts(page, '.facts dd');
    assert.ok(facts.includes(payloads[i]), `the description ${payloads[i]}`);
    assert.ok(facts.some((fact) => fact.includes(payloads[i].slice(0, 64)) && fact.includes('=' + payloads[i])), `the tag ${payloads[i]}`);
    await inert(page, payloads[i]);
  }
  await calm(v);
});

test('an answer of which every word is markup, on every page of operators', async () => {
  const v = await visitor({height: 1400});
  const {page} = v;
  await page.goto(url);
  await page.locator('input[type=file]').setInputFiles({name: payloads[2] + '.json', mimeType: 'application/json', buffer: Buffer.from(operator)});
  await page.getByRole('link', {name: 'Overview'}).waitFor();
  await page.getByRole('button', {name: `Switch identity: ${payloads[2]}`}).waitFor(); // the file's name
  let change = () => {};
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    if (json.data) change(json.data);
    await route.fulfill({response, json});
  });
  const health = (problem) => ({answers: false, problem, latency: 1, checkedAt: new Date().toISOString()});
  const is = async (selector, want, what) => {
    const got = await texts(page, selector);
    for (const text of want) assert.ok(got.some((one) => one.includes(text)), `${what}: ${text} is not among ${got.length}`);
    await inert(page, what);
  };

  change = ({status}) => {
    if (!status?.activity) return;
    status.version = payloads[3];
    status.database.health = health(payloads[4]);
    status.authServer = true;
    status.authServerHealth = health(payloads[5]);
    status.locks = payloads.map((payload) => ({id: payload.slice(0, 40), health: health(payload)}));
    status.activity.requests = 1;
    status.activity.errors = payloads.map((code) => ({code, count: 1}));
    status.activity.minutes.at(-1).errors = payloads.map((code) => ({code, count: 1}));
    status.counts = {
      countedAt: new Date().toISOString(), keystores: 1, keystoresByState: [], keys: 200, keysByKind: payloads.map((type) => ({type, state: 'ENABLED', count: 1})), vaults: 0,
      vaultCapabilitiesEndingSoon: 0, vaultCapabilitiesEnded: 0,
    };
  };
  await page.goto(url + '/service');
  await page.getByText(payloads[199]).first().waitFor();
  await is('.needs td', payloads, 'problems');
  await is('.needs th', payloads.map((payload) => payload.slice(0, 20)), 'locks');
  await is('main th code', payloads, 'codes of errors, types of keys');
  await is('main .lead', [payloads[3]], 'the version');

  change = ({status}) => {
    if (!status?.operatorDetails) return;
    status.operatorDetails = payloads.map((did) => ({did: did.slice(0, 18), origin: 'CONFIGURED', enrolledAt: null}));
    status.revocations = {nodes: payloads.map((capability) => ({capability, delegator: 'x', revoker: capability.slice(0, 18), revokedAt: new Date().toISOString(), expires: new Date().toISOString()}))};
  };
  await page.goto(url + '/service/operators');
  await page.getByText(payloads[199]).first().waitFor();
  await is('main th code', payloads.map((did) => did.slice(0, 18).replace(/^https?:\/\/.*\//, '')), 'operators');
  await is('main th code', payloads, 'revoked capabilities');

  change = ({status}) => {
    if (status?.settings) status.settings = payloads.map((payload) => ({name: payload, description: payload, values: [payload, 'x' + payload], secret: false, isSet: true, isDefault: false}));
  };
  await page.goto(url + '/service/settings');
  await page.getByText(payloads[199]).first().waitFor();
  await is('main th code', payloads, 'settings');
  await is('main th .hint', payloads, 'descriptions of settings');
  await is('main td code', payloads, 'values of settings');

  change = ({keystores}) => {
    const [node] = keystores?.nodes ?? [];
    if (!node) return;
    keystores.nodes = payloads.map((payload, i) => ({...node, id: `${url}/keystores/z${i}`, name: payload, controller: payload.slice(0, 18)}));
    keystores.nodes[0] = {
      ...keystores.nodes[0], id: node.id, controller: payloads[0], description: payloads.join('\n'), vaultUrl: payloads[1], tags: payloads.map((value) => ({name: value, value})), keyTypes: payloads.slice(0, 19),
    };
  };
  await page.goto(url + '/service/keystores');
  await page.getByText(payloads[199]).first().waitFor();
  await is('tbody th a', payloads, 'names');
  await is('tbody td button', payloads.map((payload) => payload.slice(0, 18).replace(/^https?:\/\/.*\//, '')), 'controllers');
  await page.getByRole('link', {name: payloads[0], exact: true}).click();
  await page.getByText('This is all that operators see of it.').waitFor();
  await is('.facts dd', [payloads[0], payloads[1], payloads.join('\n'), ...payloads.map((value) => `${value}=${value}`), ...payloads.slice(0, 19)], 'a keystore');

  // Errors: what the server says, its code, its reference, the service behind it.
  await page.unroute('**/graphql');
  let error = {};
  await page.route('**/graphql', (route) => (route.request().postData()?.includes('keystores(') ? route.fulfill({status: 200, contentType: 'application/json', body: JSON.stringify({errors: [error], data: null})}) : route.continue()));
  const refused = async (next, words) => {
    error = next;
    await page.goto(url + '/service/keystores');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    const got = (await alert.textContent()).toLowerCase();
    for (const word of words) assert.ok(got.includes(word.toLowerCase()), `${word}: ${got.slice(0, 200)}`);
    await inert(page, words[0]);
  };
  for (const [i, code] of ['BAD_USER_INPUT', 'CONFLICT'].entries()) {
    const some = payloads.slice(100 * i, 100 * (i + 1));
    await refused({message: some.join(' '), extensions: {code}}, some);
  }
  await refused({message: 'x', extensions: {code: 'INTERNAL', requestId: payloads.join(' ')}}, payloads);
  for (const word of [payloads[0], 'constructor']) await refused({message: `about ${word}`, extensions: {code: word, upstream: word, retryable: false}}, [`About ${word}`]);
  await inert(page, 'codes');
  await calm(v);
});

test('files and URLs made of markup', async () => {
  const v = await visitor();
  const {page} = v;
  const identity = JSON.parse(operator);
  await page.goto(url);
  await page.getByRole('button', {name: 'Choose an identity file'}).waitFor();
  // Every member of an identity or recovery file, and the whole of it: refused, and nothing of it is quoted.
  for (const [i, member] of Object.keys(identity).entries()) {
    const payload = payloads[40 + i];
    for (const contents of [JSON.stringify({...identity, [member]: payload}), payload]) {
      await page.locator('input[type=file]').setInputFiles({name: payload + '.json', mimeType: 'application/json', buffer: Buffer.from(contents)});
      const alert = page.getByRole('alert');
      await alert.waitFor();
      assert.ok(!(await alert.textContent()).includes(payload), `${member}: ${payload} is quoted`);
    }
  }
  await inert(page, 'identity files');
  const {did} = await makeIdentity(page, payloads[7]);
  const keystore = url + '/keystores/z19x1Du4Wq2y5yMe6y9AJpwsC';

  // Every member of a capability, for a keystore and for a vault.
  const giver = await Identity.fromFile(operator);
  const until = {controller: did, expires: new Date(Date.now() + 3_600_000)};
  const vault = await delegate({identity: giver, rootTarget: 'https://vault.example/edvs/z1', target: 'https://vault.example/edvs/z1/documents', actions: ['read', 'write'], ...until});
  const forKeystore = await delegate({identity: giver, rootTarget: keystore, target: keystore, actions: ['read'], ...until});
  await page.goto(url + '/open');
  for (const capability of [forKeystore, vault]) {
    const {allowedAction: _, proof, ...members} = capability; // an action: below
    const spoilt = [
      ...Object.keys(members).map((member, i) => ({...capability, [member]: i % 2 ? payloads[i] : {[payloads[80 + i]]: payloads[i]}})),
      ...Object.keys(proof).map((member, i) => ({...capability, proof: {...proof, [member]: payloads[i]}})),
    ];
    for (const one of spoilt) {
      await page.getByLabel('URL or capability').fill(JSON.stringify(one));
      await page.getByRole('button', {name: 'Open', exact: true}).click();
      await page.getByText('This is neither the URL').waitFor();
    }
  }
  for (const payload of [seeds[0], payloads.join('\n')]) {
    await page.getByLabel('URL or capability').fill(payload);
    await page.getByRole('button', {name: 'Open', exact: true}).click();
    await page.getByText('This is neither the URL').waitFor();
  }
  await inert(page, 'capabilities');

  // An action of markup is one that was not signed: the server does not take the capability, which is said in words.
  await page.getByLabel('URL or capability').fill(JSON.stringify({...forKeystore, allowedAction: ['read', payloads[0]]}));
  await page.getByRole('button', {name: 'Open', exact: true}).click();
  await page.getByText('The server does not take this capability').waitFor();
  await inert(page, 'an action');

  // URLs: in the path, the query, the fragment.
  for (const payload of seeds.slice(0, 2)) {
    for (const path of ['/keystores/', '/service/keystores/']) {
      await page.goto(url + path + encodeURIComponent(payload));
      await page.getByRole('heading', {level: 1}).waitFor();
    }
    await inert(page, payload);
  }
  await page.goto(`${url}/?q=${payloads[1]}&x=<script>alert(1)</script>#${payloads[0]}`);
  await page.getByRole('heading', {name: 'Keystores'}).waitFor();
  await inert(page, 'a query');
  await calm(v);
});

test('names that collide, in the server’s own words', async () => {
  const v = await visitor();
  const {page} = v;
  await page.goto(url);
  await page.locator('input[type=file]').setInputFiles({name: 'op.json', mimeType: 'application/json', buffer: Buffer.from(operator)});
  await page.getByRole('link', {name: 'Overview'}).waitFor();
  const keystore = await createKeystore(page, payloads[0]);
  const client = new Client({identity: await Identity.fromFile(operator)});
  for (const name of [payloads[0], payloads[85]]) {
    await client.request(keystore, 'generateKey', 'mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }', {input: {keystore, type: 'HMAC_SHA256', name}});
    await page.goto(keystore + '/new');
    await page.getByRole('textbox', {name: /^Name/}).fill(name);
    await page.getByRole('button', {name: 'Create the key'}).click();
    await page.getByText('This conflicts with something else').waitFor();
    assert.equal(await page.getByRole('textbox', {name: /^Name/}).inputValue(), name);
    await inert(page, name);
  }
  await calm(v);
});

test('the explorer shows an answer of markup as text', async () => {
  const v = await visitor();
  const {page} = v;
  await page.goto(url + '/explorer');
  for (const editor of ['.graphiql-query-editor', '.graphiql-response']) await page.locator(`${editor} .CodeMirror`).first().waitFor();
  let answer = {};
  await page.route('**/graphql', (route) => (route.request().postData()?.includes('IntrospectionQuery') ? route.continue() : route.fulfill({status: 200, contentType: 'application/json', body: JSON.stringify(answer)})));
  const shown = () => page.evaluate(() => document.querySelector('.graphiql-response .CodeMirror').CodeMirror.getValue());
  for (const next of [{data: {service: payloads}}, {errors: payloads.map((message) => ({message, extensions: {code: message}})), data: null}, {data: Object.fromEntries(payloads.map((payload) => [payload, payload]))}]) {
    answer = next;
    await page.getByRole('button', {name: /Execute query/}).click();
    await page.waitForFunction((end) => document.querySelector('.graphiql-response .CodeMirror').CodeMirror.getValue().includes(end), JSON.stringify(next).slice(-12, -6));
    assert.deepEqual(JSON.parse(await shown()), next);
    const live = await page.evaluate(() => [...document.querySelectorAll('.graphiql-response *')].filter((element) => element.matches('img, iframe, script, object, embed, base, form, marquee, video, math, style, details, a[href]')
      || [...element.attributes].some(({name}) => /^on/i.test(name))).map(({outerHTML}) => outerHTML.slice(0, 100)));
    assert.deepEqual(live, []);
  }
  // What is typed into it: the URL, the operation.
  for (const payload of seeds.slice(0, 10)) await page.getByLabel('URL').fill(payload);
  await page.evaluate((text) => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue(text), payloads.join('\n'));
  await page.locator('.explorer-action').getByText('unknown').waitFor();
  await calm(v);
});
