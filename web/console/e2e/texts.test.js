// What is typed into filters, what stands in addresses, and every member of the files that people hand each other: all 200 payloads in each, as text, and nothing of
// them runs. Many in one call into the page: a page load for each would take minutes.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {CompactEncrypt, compactDecrypt, decodeProtectedHeader, importJWK} from 'jose';
import {Client, Identity, delegate} from '../../client/index.js';
import {calm, keyOf, keystoreOf, makeIdentity, url, visitor} from './browser.js';
import {guard} from './guard.js';
import {payloads} from './payloads.js';

const routes = JSON.parse(readFileSync(new URL('../routes.json', import.meta.url), 'utf8'));
let operator; // the recovery file of an operator

/** A visitor whose page is watched, with an identity. */
async function watched(file) {
  const v = await visitor({height: 1400});
  await guard(v);
  if (!file) return v;
  await v.page.goto(url);
  await v.page.locator('input[type=file]').setInputFiles({name: 'alice.json', mimeType: 'application/json', buffer: Buffer.from(file)});
  await v.page.getByRole('heading', {name: 'Keystores', exact: true, level: 1}).waitFor();
  return v;
}

/** Every string of what was parsed from JSON, as a path to it. */
function strings(value, path = []) {
  if (typeof value === 'string') return [path];
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, one]) => strings(one, [...path, name])) : [];
}

/** A copy with another value at a path. */
function spoilt(value, [name, ...path], by) {
  const copy = Array.isArray(value) ? [...value] : {...value};
  copy[name] = path.length > 0 ? spoilt(value[name], path, by) : by;
  return copy;
}

/** Each payload in a member of its own, and each member with several: as many as there are payloads. */
const each = (value) => payloads.map((payload, i) => spoilt(value, strings(value)[i % strings(value).length], payload));

test('filters: of keys, of keystores, of everybody’s keystores, of settings', async () => {
  const v = await watched();
  const {page} = v;
  const {did, file} = await makeIdentity(page, payloads[0], '/' + new URL(process.env.TWOLOCK_ENROLMENT ?? '').hash);
  operator = file;
  await page.getByRole('button', {name: 'Make this identity an operator'}).click();
  await page.getByText('The link has been used up.').waitFor();
  const client = new Client({identity: await Identity.fromFile(file)});
  const many = async (at, action, field, type, inputs) => {
    for (let i = 0; i < inputs.length; i += 50) {
      const some = inputs.slice(i, i + 50);
      const variables = Object.fromEntries(some.map((input, j) => [`i${j}`, input]));
      await client.request(at, action, `mutation(${some.map((_, j) => `$i${j}: ${type}!`).join(', ')}) { ${some.map((_, j) => `k${j}: ${field}(input: $i${j}) { __typename }`).join(' ')} }`, variables);
    }
  };
  await many(url + '/graphql', 'createKeystore', 'createKeystore', 'CreateKeystoreInput', payloads.map((name) => ({controller: did, name})));
  const keystore = await keystoreOf(client, did, 'of keys');
  await many(keystore, 'generateKey', 'createKey', 'CreateKeyInput', payloads.map((name) => ({keystore, type: 'HMAC_SHA256', name, tags: [{name: 't', value: name}]})));

  // Keys by name and by tag: exactly the one that is called so.
  await page.goto(keystore);
  await page.getByRole('rowheader').first().waitFor();
  for (const [label, before] of [['Name', ''], ['Tag', 't=']]) {
    await page.evaluate(async ({payloads, label, before}) => {
      const {field, fill, until} = globalThis.__do;
      for (const payload of payloads) {
        fill(field(label), before + payload);
        field(label).form.requestSubmit();
        await until(() => [...document.querySelectorAll('tbody th a')].map((a) => a.textContent).join('\n') === payload, `${label} ${payload}`);
        if (field(label).value !== before + payload) throw new Error(`${payload} is not in the field as it was typed`);
      }
      fill(field(label), '');
      field(label).form.requestSubmit();
    }, {payloads, label, before});
    await page.getByText('Page 1').waitFor();
  }

  // Everybody's keystores: what begins so.
  await page.goto(url + '/service/keystores');
  await page.getByRole('rowheader').first().waitFor();
  await page.evaluate(async (payloads) => {
    const {field, fill, until} = globalThis.__do;
    for (const payload of payloads) {
      fill(field('Name or URL'), payload);
      field('Name or URL').form.requestSubmit();
      await until(() => {
        const found = [...document.querySelectorAll('tbody th a')].map((a) => a.textContent);
        return found.includes(payload) && found.every((one) => one.toLowerCase().startsWith(payload.toLowerCase()));
      }, payload);
    }
    for (const payload of payloads) {
      fill(field('Controller'), payload);
      field('Controller').form.requestSubmit();
      await until(() => document.getElementById(field('Controller').getAttribute('aria-describedby'))?.textContent === 'This is not a DID.', payload);
    }
  }, payloads);

  // Settings, and the list of one's own keystores, once there are more than five in it.
  await page.goto(url + '/service/settings');
  await page.getByText('--listen').waitFor();
  await page.evaluate(async (payloads) => {
    const {field, fill, until} = globalThis.__do;
    for (const payload of payloads) {
      fill(field('Find a setting'), payload);
      await until(() => document.querySelector('main').textContent.includes('No setting is called that.'), payload);
    }
  }, payloads);
  for (const name of payloads.slice(0, 6)) {
    await page.goto(await keystoreOf(client, did, name));
    await page.getByRole('heading', {name, exact: true, level: 1}).waitFor();
  }
  await page.goto(url);
  await page.getByRole('link', {name: payloads[5], exact: true}).waitFor();
  await page.evaluate(async (payloads) => {
    const {field, fill, until} = globalThis.__do;
    for (const payload of payloads) {
      fill(field('Filter'), payload);
      await until(() => {
        const found = [...document.querySelectorAll('tbody th a')].map((a) => a.textContent);
        return found.length > 0 ? found.every((one) => one.toLowerCase().includes(payload.toLowerCase())) : document.querySelector('main').textContent.includes('Nothing on the list matches.');
      }, payload);
    }
  }, payloads);
  await calm(v);
});

test('addresses: each page with a payload for what it is of, paths that are no page, queries and fragments', async () => {
  const v = await watched(operator);
  const {page} = v;
  await page.getByRole('link', {name: 'Overview'}).waitFor();
  // What the server sends is the same document, whatever the address, under the policy under which no text becomes markup.
  const get = async (path) => {
    const response = await fetch(url + path, {headers: {Accept: 'text/html'}});
    return {status: response.status, policy: response.headers.get('Content-Security-Policy'), body: await response.text()};
  };
  const home = await get('/');
  assert.match(home.policy, /require-trusted-types-for 'script'; trusted-types 'none'/);
  const groups = Array.from({length: 20}, (_, i) => payloads.slice(10 * i, 10 * (i + 1))); // as long as an address may well be
  const patterns = Object.values(routes).filter((route) => route.includes('{'));
  const paths = groups.map((group) => {
    const part = group.map(encodeURIComponent).join('');
    const of = patterns.map((pattern) => pattern.replaceAll(/\{\w+\}/g, part));
    return {part, of, none: '/else/' + part, query: '/?' + group.join('&'), fragment: group.join(' ')};
  });
  for (const {of, none, query} of paths) {
    for (const path of [...of, query]) assert.deepEqual(await get(path), home, path);
    assert.deepEqual(await get(none), {...home, status: 404}, none);
  }

  // What a page is of is shown shortened, escaped as it stands in the address; a path that is no page's, whole.
  await page.evaluate(async (paths) => {
    const {visit, until} = globalThis.__do;
    const h1 = () => document.querySelector('main h1');
    const to = async (path) => {
      const before = h1();
      visit(path);
      await until(() => h1() && h1() !== before, path);
    };
    for (const {part, of, none, query, fragment} of paths) {
      const short = part.slice(0, 8) + '…' + part.slice(-6);
      for (const path of of) {
        await to(path);
        if (/^\/keystores\/[^/]+(\/keys\/[^/]+(\/use)?)?$/.test(path)) await until(() => h1()?.querySelector('code')?.textContent === short && document.querySelector('main [role=alert]'), path);
        if (path.startsWith('/service/')) await until(() => document.querySelector('main [role=alert], main .empty'), path);
      }
      await to(none);
      await until(() => document.querySelector('main .empty h2')?.textContent === none, none);
      await to('/');
      const title = document.title;
      visit(query);
      location.hash = fragment;
      if (document.title !== title || h1()?.textContent !== 'Keystores') throw new Error(`${query} is another page`);
    }
  }, paths);
  await calm(v);
});

test('identity files: every member, the whole of it, the name of the file', async () => {
  const v = await watched();
  const {page} = v;
  await page.goto(url);
  await page.getByRole('button', {name: 'Choose an identity file'}).waitFor();
  const identity = JSON.parse(operator);
  const contents = [...each(identity), ...payloads.slice(0, 40).map((payload) => ({...identity, [payload]: payload}))].map((one) => JSON.stringify(one)).concat(payloads);
  await page.evaluate(async ({contents, payloads}) => {
    const {choose, until, alert} = globalThis.__do;
    for (const one of contents) {
      choose(document.querySelector('input[type=file]'), 'x.json', one);
      const said = await until(alert, one);
      if (payloads.some((payload) => said.includes(payload) && payload.length > 14)) throw new Error(`quoted: ${said}`);
    }
  }, {contents, payloads});

  // Files that are good, under such names. Each is shown in the list and where one switches.
  const named = await Promise.all(Array.from({length: 5}, async (_, i) => ({name: payloads.slice(40 * i, 40 * (i + 1)).join(' '), file: await identityFile()})));
  await page.evaluate(async (named) => {
    const {choose, until, visit} = globalThis.__do;
    const button = () => [...document.querySelectorAll('main button')].find(({textContent}) => textContent === 'Import a file');
    for (const [i, {name, file}] of named.entries()) {
      if (i > 0) {
        visit('/identity');
        (await until(button, 'the identities')).click();
        await until(() => document.querySelector('dialog input[type=file]'), 'the dialog');
      }
      choose(document.querySelector('input[type=file]'), name + '.json', file);
      await until(() => document.querySelector('[popovertarget=who-menu]')?.getAttribute('aria-label') === `Switch identity: ${name}`, name);
    }
  }, named);
  const names = named.map(({name}) => name);
  assert.deepEqual((await page.locator('tbody th[scope=row]').allTextContents()).map((text) => text.replace(/ (In use)?$/, '')), names);
  assert.deepEqual((await page.locator('#who-menu li span').allTextContents()), names);
  await page.getByRole('button', {name: `Sign out: ${names[0]}`, exact: true}).click();
  await page.getByRole('heading', {name: `Sign out “${names[0]}”?`}).waitFor();
  await calm(v);
});

test('capability files: every member, of the keystore’s and of the vault’s; what passes for one', async () => {
  const v = await watched();
  const {page} = v;
  const {did, file} = await makeIdentity(page);
  const giver = await Identity.fromFile(operator);
  const until = {controller: did, expires: new Date(Date.now() + 3_600_000)};
  const keystore = url + '/keystores/z19x1Du4Wq2y5yMe6y9AJpwsC';
  const forKeystore = await delegate({identity: giver, rootTarget: keystore, target: keystore, actions: ['sign'], ...until});
  const forVault = await delegate({identity: giver, rootTarget: 'https://vault.example/edvs/z1', target: 'https://vault.example/edvs/z1/documents', actions: ['read', 'write'], ...until});
  await page.goto(url + '/open');
  await page.getByLabel('URL or capability').waitFor();
  // An action may be nearly anything: those are below.
  const files = [forKeystore, forVault].flatMap((capability) => each(capability).filter(({allowedAction}) => !allowedAction.some((action) => payloads.includes(action))));
  files.push(...payloads.slice(0, 40).flatMap((payload) => [{...forKeystore, [payload]: payload}, {...forKeystore, proof: {...forKeystore.proof, [payload]: payload}}]));
  await page.evaluate(async ({texts}) => {
    const {field, fill, until} = globalThis.__do;
    for (const text of texts) {
      fill(field('URL or capability'), text); // which takes back what was said of the one before
      field('URL or capability').form.requestSubmit();
      await until(() => document.querySelector('main .problem')?.textContent.startsWith('This is neither the URL'), text);
      if (field('URL or capability').value !== text) throw new Error(`${text} is not in the field`);
    }
  }, {texts: [...files.map((one) => JSON.stringify(one)), ...payloads]});

  // As much of a payload as an action, an id and a target may have, well signed, by somebody who controls nothing: what the server cannot be asked about is believed, and shown.
  const action = (payload) => payload.replaceAll(/["\\]|[^ -~]/g, '').slice(0, 64);
  const iri = (payload) => payload.replaceAll(/[^!#-;=?-[\]_a-z~]|[%#@?/]/gi, '');
  const actions = [...new Set(payloads.map(action))];
  for (const some of [actions.slice(0, 100), actions.slice(100)]) {
    const given = await delegate({identity: giver, rootTarget: keystore, target: keystore, actions: some, ...until});
    await page.goto(url + '/open');
    await page.getByLabel('URL or capability').fill(JSON.stringify(given));
    await page.getByRole('button', {name: 'Open', exact: true}).click();
    await page.getByRole('alert').waitFor();
  }
  const parts = payloads.map((payload, i) => `${iri(payload).slice(0, 40)}${i}`); // a target has 1024 characters at most
  const vaults = await Promise.all(Array.from({length: 10}, async (_, i) => {
    const vault = 'https://vault.example/' + parts.slice(20 * i, 20 * (i + 1)).join('/');
    return {vault, text: JSON.stringify(await delegate({identity: giver, rootTarget: vault, target: vault + '/documents', actions: ['read', 'write'], ...until}))};
  }));
  await page.evaluate(async (vaults) => {
    const {field, fill, until, visit} = globalThis.__do;
    for (const {vault, text} of vaults) {
      visit('/');
      await until(() => document.querySelector('main h1')?.textContent === 'Keystores', 'home');
      visit('/open');
      fill(await until(() => field('URL or capability'), 'the form'), text);
      field('URL or capability').form.requestSubmit();
      await until(() => document.querySelector('main .card')?.textContent.includes(`into the vault ${vault}.`), vault);
      (await until(() => [...document.querySelectorAll('main button:not([aria-disabled])')].find(({textContent}) => textContent === 'Let the server in'), 'the button')).click();
      await until(() => document.querySelector('main pre')?.textContent.includes(`"invocationTarget": "${vault}/documents"`), vault); // what is then made has it inside
    }
  }, vaults);

  // One's own note, as long as it likes, in the list and in the names of the buttons.
  const client = new Client({identity: await Identity.fromFile(file)});
  const own = await keystoreOf(client, did, 'Own');
  await keyOf(client, own, {type: 'HMAC_SHA256', name: 'one'});
  await page.goto(own + '/delegate');
  await page.getByLabel('To whom').fill(giver.did);
  await page.evaluate((note) => globalThis.__do.fill(globalThis.__do.field('A note for yourself'), note), payloads.join(' '));
  await page.getByRole('button', {name: 'Make the capability'}).click();
  await page.getByRole('button', {name: 'See all given'}).click();
  await page.locator('tbody .cell-sub').waitFor();
  assert.equal(await page.locator('tbody .cell-sub').textContent(), payloads.join(' '));
  await calm(v);
});

test('keys that are brought: every member of a JWK, of a share, labels of PEM, wrapped keys', async () => {
  const v = await watched(operator);
  const {page} = v;
  const identity = await Identity.fromFile(operator);
  const client = new Client({identity});
  const keystore = await keystoreOf(client, identity.did, 'Brought');
  const jwk = {kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', kid: 'k', alg: 'EdDSA', use: 'sig', key_ops: ['sign']};
  await page.goto(keystore + '/import');
  await page.getByLabel('JWK').last().waitFor();
  await page.evaluate(async ({texts, payloads}) => {
    const {field, fill, until, alert, visit} = globalThis.__do;
    const here = location.pathname;
    for (const text of texts) {
      fill(field('JWK'), text);
      field('JWK').form.requestSubmit();
      await until(() => alert() || document.querySelector('main h1')?.textContent !== 'Import a key', text);
      if (document.querySelector('main h1')?.textContent === 'Import a key') continue;
      visit(here); // what the server takes no notice of
      await until(() => field('JWK'), 'the form');
    }
    const choose = (label) => [...document.querySelectorAll('.segments label')].find((one) => one.textContent === label).click();
    choose('PEM');
    await until(() => field('PEM'), 'PEM');
    for (const payload of payloads) {
      fill(field('PEM'), `-----BEGIN ${payload}-----\nAAAA\n-----END ${payload}-----`);
      field('PEM').form.requestSubmit();
      await until(() => document.querySelector('main .problem')?.textContent.startsWith('This is not a PEM block'), payload);
    }
  }, {texts: [...each(jwk), ...payloads.slice(0, 20).map((payload) => ({...jwk, [payload]: payload}))].map((one) => JSON.stringify(one)), payloads});

  // To whom a key is exported.
  const exported = await keyOf(client, keystore, {type: 'ED25519', name: 'leaves', exportable: true});
  await page.goto(exported);
  await page.getByRole('button', {name: 'Export', exact: true}).click();
  await page.getByRole('dialog').getByLabel('Public key to encrypt to').waitFor();
  const recipient = {kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08', kid: 'k', alg: 'ECDH-ES', use: 'enc', key_ops: ['deriveBits']};
  await page.evaluate(async ({texts}) => {
    const {field, fill, until, alert} = globalThis.__do;
    for (const text of texts) {
      fill(field('Public key to encrypt to'), text); // which takes back what came before
      field('Public key to encrypt to').form.requestSubmit();
      await until(() => alert() || document.querySelector('dialog')?.textContent.includes('Version 1, encrypted.'), text);
    }
  }, {texts: each(recipient).map((one) => JSON.stringify(one))});
  await page.keyboard.press('Escape');

  // Shares, by paste: the console alone reads them.
  const shamir = await keystoreOf(client, identity.did, 'Shares', {userLock: 'SHAMIR'});
  await page.goto(shamir + '/new');
  await page.getByLabel('Or paste the share').waitFor();
  await page.evaluate(async ({texts}) => {
    const {field, fill, until} = globalThis.__do;
    const wrong = () => document.querySelector('main .problem')?.textContent.startsWith('This is not a share');
    for (const text of texts) {
      fill(field('Or paste the share'), text);
      field('Or paste the share').form.requestSubmit();
      await until(wrong, text);
    }
  }, {texts: payloads.flatMap((payload) => [payload, JSON.stringify({secret: payload})])});
  await calm(v);
});

test('backups: the file, its header, and every member of what is in it', async () => {
  const v = await watched(operator);
  const {page} = v;
  const identity = await Identity.fromFile(operator);
  const client = new Client({identity});
  const keystore = await keystoreOf(client, identity.did, 'Restored');
  // A key that opens backups, which the test has too: what is in one can be changed.
  const pair = await crypto.subtle.generateKey({name: 'X25519'}, true, ['deriveBits']);
  const [{kty, crv, x, d}] = [await crypto.subtle.exportKey('jwk', pair.privateKey)];
  const {importKey} = await client.request(keystore, 'importKey', 'mutation($input: ImportKeyInput!) { importKey(input: $input) { key { id } } }', {input: {keystore, type: 'X25519', name: 'opens', jwk: {kty, crv, x, d}}});
  const key = await keyOf(client, keystore, {
    type: 'HMAC_SHA256', name: 'kept', description: 'd', tags: [{name: 't', value: 'v'}], operations: ['COMPUTE_MAC', 'VERIFY_MAC'], exportable: true,
  });
  const {backupKey: {backup}} = await client.request(key, 'backupKey', 'mutation($input: BackupKeyInput!) { backupKey(input: $input) { backup } }', {input: {key, recipient: {kty, crv, x}}});
  const header = decodeProtectedHeader(backup);
  const {plaintext} = await compactDecrypt(backup, await importJWK({kty, crv, x, d}, header.alg));
  const inside = JSON.parse(Buffer.from(plaintext));
  assert.equal(inside.name, 'kept');
  const {epk: _, ...fixed} = header;
  const to = await importJWK({kty, crv, x}, header.alg);
  const sealed = await Promise.all(each(inside).map((one, i) => {
    const named = one.name === 'kept' ? {...one, name: `restored ${i}`} : one; // each its own key
    return new CompactEncrypt(Buffer.from(JSON.stringify(named))).setProtectedHeader(fixed).encrypt(to);
  }));
  const headers = each(header).map((one) => [Buffer.from(JSON.stringify(one)).toString('base64url'), ...backup.split('.').slice(1)].join('.'));

  await page.goto(keystore + '/restore');
  await page.locator('main select').waitFor();
  const restored = await page.evaluate(async ({texts, opens}) => {
    const {field, until, alert, visit} = globalThis.__do;
    const fill = (element, value) => {
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value').set.call(element, value);
      element.dispatchEvent(new Event(element.tagName === 'SELECT' ? 'change' : 'input', {bubbles: true}));
    };
    const here = location.pathname;
    const names = [];
    for (const text of texts) {
      fill(field('Key that opens it'), opens);
      fill(field('Backup'), text);
      field('Backup').form.requestSubmit();
      await until(() => alert() || document.querySelector('main h1')?.textContent !== 'Restore a key', text);
      if (document.querySelector('main h1')?.textContent === 'Restore a key') continue;
      await until(() => document.querySelector('main dl.facts'), 'the key');
      names.push([document.querySelector('main h1').textContent, document.querySelector('main .lead')?.textContent, document.querySelector('main .tag')?.textContent]);
      visit(here);
      await until(() => field('Key that opens it')?.tagName === 'SELECT', 'the form');
    }
    return names;
  }, {texts: [...payloads, ...headers, ...sealed], opens: importKey.key.id});
  assert.ok(restored.length >= 3 * Math.floor(200 / strings(inside).length), `${restored.length} restored`); // names, descriptions, tags
  const said = restored.flat();
  for (const [i, path] of payloads.map((_, i) => [i, strings(inside)[i % strings(inside).length]])) {
    if (['name', 'description'].includes(path.join())) assert.ok(said.includes(payloads[i]), `${path}: ${payloads[i]} is not shown`);
  }
  await calm(v);
});

/** As the console makes one. */
async function identityFile() {
  const {toMultibase} = await import('../../client/bytes.js');
  const pair = await crypto.subtle.generateKey({name: 'Ed25519'}, true, ['sign', 'verify']);
  const {d, x} = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const secret = Buffer.concat([Buffer.from([0x80, 0x26]), Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]);
  const publicKeyMultibase = toMultibase(Buffer.concat([Buffer.from([0xed, 0x01]), Buffer.from(x, 'base64url')]));
  const did = 'did:key:' + publicKeyMultibase;
  return JSON.stringify({id: `${did}#${publicKeyMultibase}`, type: 'Ed25519VerificationKey2020', controller: did, publicKeyMultibase, privateKeyMultibase: toMultibase(secret)});
}
