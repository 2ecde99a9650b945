// The operator's pages: from empty to full, by mouse and keyboard; for operators only; what others called their keystores is text.

import assert from 'node:assert/strict';
import test from 'node:test';
import {Client, Identity, delegate} from '../../client/index.js';
import {accessible, calm, look, makeIdentity, saved, url, visitor} from './browser.js';
import {payloads as all} from './payloads.js';

const link = process.env.TWOLOCK_ENROLMENT ?? '';
const service = url + '/graphql';
const create = 'mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }';
const payloads = all.slice(0, 10); // all of them: markup.test.js

let operator; // the recovery file of the operator's identity

test('empty pages, for one who became an operator by the link', async () => {
  const v = await visitor();
  const {page} = v;
  const {file} = await makeIdentity(page, 'Op', '/' + new URL(link).hash);
  operator = file;

  // Before: the pages are not for everybody, and say so.
  await page.goto(url + '/service');
  await page.getByRole('heading', {name: 'For operators'}).waitFor();
  await look(page, 'service-refused');
  assert.equal(await page.getByRole('link', {name: 'All keystores'}).count(), 0);

  // When the server is replaced or gone, a page that is loaded when it is wanted does not come: said, and mended by loading anew.
  await page.route('**/assets/{service,work}.js', (route) => route.abort());
  for (const path of ['/create', '/service']) {
    await page.goto(url + path);
    await page.getByRole('heading', {name: 'This page did not load'}).waitFor();
    await page.getByRole('alert').getByText('The server did not send this part of the console').waitFor();
  }
  await look(page, 'page-lost');
  await page.unrouteAll();
  await page.getByRole('button', {name: 'Load the page again'}).click();
  await page.getByRole('heading', {name: 'For operators'}).waitFor();

  await page.goto(link);
  await page.getByRole('button', {name: 'Make this identity an operator'}).click();
  await page.getByText('The link has been used up.').waitFor();
  await page.getByRole('link', {name: 'Overview'}).click();
  await page.getByRole('heading', {name: 'Overview'}).waitFor();
  await page.getByText('Takes writes').waitFor({timeout: 15_000});
  await page.getByRole('row', {name: /Server lock/}).getByText('Opens').waitFor();
  await page.getByRole('row', {name: /Auth server/}).getByText('Answers').waitFor();
  await page.getByRole('heading', {name: 'No key yet'}).waitFor({timeout: 15_000});
  await look(page, 'service-overview-empty');
  await page.getByRole('link', {name: 'All keystores'}).click();
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await look(page, 'service-keystores-empty');
  await calm(v);
});

test('overview, keystores, operators, settings', async () => {
  const identity = await Identity.fromFile(operator);
  const client = new Client({identity});
  const names = [...payloads, ...Array.from({length: 60}, (_, i) => `team ${String(i).padStart(3, '0')}`)];
  const ids = [];
  for (const name of names) {
    const data = await client.request(service, 'createKeystore', create, {input: {controller: identity.did, name, description: name, tags: [{name: 'x', value: name}]}});
    ids.push(data.createKeystore.keystore.id);
  }
  const mine = ids[0];
  for (const [type, name] of [['ED25519', 'a'], ['ED25519', 'b'], ['XAES_256_GCM', 'c']]) {
    const data = await client.request(mine, 'generateKey', 'mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }', {input: {keystore: mine, type, name}});
    if (name === 'b') await client.request(mine, 'disableKey', 'mutation($input: DisableKeyInput!) { disableKey(input: $input) { key { id } } }', {input: {key: data.createKey.key.id}});
  }
  await client.request(ids[12], 'disableKeystore', 'mutation($input: DisableKeystoreInput!) { disableKeystore(input: $input) { keystore { id } } }', {input: {keystore: ids[12]}});

  const v = await visitor();
  const {page} = v;
  await page.goto(url);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Choose an identity file'}).click()]);
  await chooser.setFiles({name: 'op.json', mimeType: 'application/json', buffer: Buffer.from(operator)});
  await page.getByRole('link', {name: 'Overview'}).click();
  // Charts for the eye, and the same numbers as a table.
  const chart = page.getByRole('img', {name: /Operations per minute: .* at most/});
  await chart.waitFor();
  assert.equal(await page.locator('.plot canvas').count(), 3);
  await page.getByText('The same as a table').click();
  const table = page.getByRole('table', {name: 'The last hour, minute by minute, newest first'});
  const operations = (await table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => Number(row.children[2].textContent.replace(/\D/g, ''))))).reduce((a, b) => a + b, 0);
  assert.ok(operations >= names.length, `${operations} operations in the table`);
  assert.ok(await page.getByText('FORBIDDEN').count() > 0, 'the refusal before is not among the errors');
  // As of when the counts are.
  for (const figure of ['Keystores', 'Keys in the database']) await page.locator('.figure', {hasText: figure}).getByText(/at \d\d:\d\d:\d\d/).waitFor({timeout: 15_000});
  await look(page, 'service-overview');

  // The list: pages, filters, by keyboard.
  await page.getByRole('link', {name: 'All keystores'}).click();
  await page.getByRole('status').getByText('Page 1').waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 50);
  for (const payload of payloads) assert.ok(await page.getByRole('link', {name: payload, exact: true}).count() === 1, payload);
  await look(page, 'service-keystores');
  // The next page is near for who has no mouse: it is before the list, and after it.
  await page.getByRole('button', {name: 'Find', exact: true}).focus();
  for (let i = 0; i < 2; i++) await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Next');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Page 2').waitFor();
  await page.getByRole('link', {name: 'team 059'}).waitFor();
  await page.getByRole('navigation', {name: 'Pages of keystores, after the list'}).getByRole('button', {name: 'Previous'}).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', {name: 'team 000'}).waitFor();
  await page.getByLabel('Name or URL').focus();
  await page.keyboard.type('team 05');
  await page.keyboard.press('Enter');
  await page.getByRole('link', {name: 'team 050'}).waitFor();
  await page.getByRole('link', {name: 'team 000'}).waitFor({state: 'detached'});
  assert.equal(await page.getByRole('rowheader').count(), 10);
  await page.getByRole('button', {name: 'Show all'}).click();
  await page.getByLabel('State').selectOption('Disabled');
  await page.getByRole('link', {name: 'team 000'}).waitFor({state: 'detached'});
  assert.equal(await page.getByRole('rowheader').count(), 1);
  await page.getByRole('button', {name: 'Show all'}).click();
  await page.getByLabel('Keys are in').selectOption('A vault').catch(() => page.getByLabel('Keys are in').selectOption({index: 2}));
  await page.getByRole('heading', {name: 'No keystore matches'}).waitFor();
  await look(page, 'service-keystores-nothing');
  await page.getByRole('button', {name: 'Show all'}).first().click();
  await page.getByRole('textbox', {name: 'Controller'}).fill('nobody');
  await page.keyboard.press('Enter');
  await page.getByText('This is not a DID.').waitFor();
  await accessible(page, 'a controller that is none');
  await page.getByRole('button', {name: /Only this controller/}).first().click();
  await page.getByLabel('Name or URL').fill(ids[3]);
  await page.keyboard.press('Enter');
  await page.getByRole('link', {name: payloads[3], exact: true}).waitFor();
  await page.getByRole('link', {name: payloads[3], exact: true}).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: payloads[3], exact: true}).waitFor();
  assert.equal(page.url(), url + '/service' + new URL(ids[3]).pathname);
  await page.getByText('This is all that operators see of it.').waitFor();
  await look(page, 'service-keystore');
  await page.goto(url + '/service/keystores/z1B9STDr3e2c5aXkbNbFZq4');
  await page.getByRole('alert').or(page.getByRole('heading', {name: 'There is no such keystore'})).first().waitFor();
  await accessible(page, 'no such keystore');

  // Settings: what was given, no secret.
  await page.getByRole('link', {name: 'Settings', exact: true}).click();
  await page.getByRole('row', {name: /--auth-token /}).getByText('Set, not shown').waitFor();
  assert.doesNotMatch(await page.locator('main').textContent() ?? '', /console-token/);
  await look(page, 'service-settings');
  await page.getByLabel('Find a setting').fill('cache');
  assert.equal(await page.getByRole('rowheader').count(), 2);
  await page.getByLabel('Find a setting').fill('nothing like it');
  await page.getByText('No setting is called that.').waitFor();
  await accessible(page, 'no setting');
  await calm(v);
});

/** Reads the service's status as somebody. */
const statusAs = async ({file}) => new Client({identity: await Identity.fromFile(file)}).request(service, 'read', '{ status { version } }');

test('an operator gives a capability, and the other one sees the service with it', async () => {
  const w = await visitor();
  const other = await makeIdentity(w.page, 'Other');
  const v = await visitor();
  const {page} = v;
  await page.goto(url);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Choose an identity file'}).click()]);
  await chooser.setFiles({name: 'op.json', mimeType: 'application/json', buffer: Buffer.from(operator)});
  // Narrow, the navigation is one button: it opens, Escape closes it, and so does what is chosen in it.
  await page.setViewportSize({width: 360, height: 780});
  const menu = page.getByRole('button', {name: 'Menu', exact: true});
  const operators = page.getByRole('link', {name: 'Operators'});
  await menu.waitFor();
  assert.ok((await page.locator('.bar').boundingBox()).height < 64, 'the bar has more than one row');
  assert.equal(await operators.count(), 0, 'what is closed is read out');
  await menu.focus();
  await page.keyboard.press('Enter');
  await operators.waitFor();
  assert.equal(await menu.getAttribute('aria-expanded'), 'true');
  await look(page, 'menu');
  await operators.focus();
  await page.keyboard.press('Escape');
  await operators.waitFor({state: 'detached'});
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Menu', 'the focus is lost');
  for (const [then, why] of [['Operators', 'the new page does not take the focus'], ['Menu', 'the focus is lost at the page that is there already']]) {
    await menu.focus();
    await page.keyboard.press('Enter');
    await operators.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {name: 'Operators', exact: true}).waitFor();
    await page.waitForFunction((then) => document.activeElement?.textContent === then, then).catch(() => assert.fail(why));
    assert.equal(await menu.getAttribute('aria-expanded'), 'false');
  }
  await page.setViewportSize({width: 1280, height: 900});
  await page.getByRole('cell', {name: /^Enrolled/}).waitFor();
  await page.getByRole('heading', {name: 'Nothing given yet'}).waitFor();
  await look(page, 'service-operators-empty');
  await page.getByRole('button', {name: 'Give a capability'}).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.getByRole('button', {name: 'Make the capability'}).click();
  await page.getByText('This is not a did:key').waitFor();
  await look(page, 'service-operators-give');
  await page.getByLabel('To whom').focus();
  await page.keyboard.type(other.did);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'Hand it over'}).waitFor();
  await look(page, 'service-operators-handover');
  const {contents, name} = await saved(page, page.getByRole('button', {name: 'Download Capability'}));
  assert.match(name, /^capability-.*\.json$/);
  await page.keyboard.press('Escape');
  await page.getByRole('table', {name: 'Capabilities for the service given from this browser'}).waitFor();
  await look(page, 'service-operators');

  // The other one: an ordinary capability, used where keystores are opened.
  await w.page.goto(url + '/open');
  await w.page.getByRole('textbox').first().fill(contents.toString());
  await w.page.getByRole('button', {name: 'Open', exact: true}).or(w.page.locator('form button[type=submit]')).first().click();
  await w.page.getByRole('heading', {name: 'Overview'}).waitFor();
  await w.page.getByText('Takes writes').waitFor();
  await w.page.getByRole('link', {name: 'All keystores'}).waitFor();
  // What it does not allow is refused by the server.
  const capability = JSON.parse(contents.toString());
  const client = new Client({identity: await Identity.fromFile(other.file), capability});
  await assert.rejects(client.request(service, 'createKeystore', create, {input: {controller: other.did}}), {code: 'FORBIDDEN'});
  await w.page.getByRole('link', {name: 'Keystores', exact: true}).click();
  await w.page.getByRole('heading', {name: 'No keystore yet'}).waitFor();

  // Taken back, by keyboard: over at once.
  const status = () => client.request(service, 'read', '{ status { version } }');
  await status();
  await page.getByRole('button', {name: /^Revoke: /}).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'Revoke the capability?'}).waitFor();
  await look(page, 'service-operators-revoke');
  await page.getByRole('button', {name: 'Revoke it'}).focus();
  await page.keyboard.press('Enter');
  await page.getByText('The capability is revoked').waitFor();
  await page.getByRole('table', {name: 'Capabilities for the service given from this browser'}).getByText('Revoked', {exact: true}).waitFor();
  await page.getByRole('table', {name: 'Revocations on the server'}).getByRole('rowheader', {name: capability.id}).waitFor();
  assert.equal(await page.getByRole('button', {name: /^Revoke: /}).count(), 0);
  await look(page, 'service-operators-revoked');
  await assert.rejects(status(), {code: 'FORBIDDEN'});
  await w.page.goto(url + '/service');
  await w.page.getByRole('heading', {name: 'For operators'}).waitFor();
  await calm(w);

  // For good: they are an operator until they are removed, and the last one stays.
  await page.getByRole('button', {name: 'Add an operator'}).click();
  await page.getByLabel('Whom').fill('did:web:example.com');
  await page.keyboard.press('Enter');
  await page.getByText('This is not a did:key').waitFor();
  await look(page, 'service-operators-add');
  await page.getByLabel('Whom').fill(other.did);
  await page.keyboard.press('Enter');
  await page.getByText(/ is an operator$/).waitFor();
  await page.getByRole('button', {name: /^Remove: /}).nth(1).waitFor();
  const table = page.getByRole('table', {name: 'Operators', exact: true});
  assert.equal(await table.getByRole('row').count(), 3);
  await statusAs(other);
  await table.getByRole('button', {name: /^Remove: /}).nth(1).focus(); // they come after who was there before
  await page.keyboard.press('Enter');
  await page.getByRole('heading', {name: 'Remove the operator?'}).waitFor();
  await look(page, 'service-operators-remove');
  await page.getByRole('button', {name: 'Remove', exact: true}).focus();
  await page.keyboard.press('Enter');
  await page.getByText(/ is no operator any more$/).waitFor();
  await assert.rejects(statusAs(other), {code: 'FORBIDDEN'});
  await table.getByRole('button', {name: /^Remove: /}).click();
  await page.getByRole('button', {name: 'Remove', exact: true}).click();
  await page.getByText('is the last one').waitFor();
  await look(page, 'service-operators-last');
  await page.keyboard.press('Escape');

  // Another operator's browser knows by the server; what was given elsewhere is revoked by its JSON.
  const elsewhere = await delegate({identity: await Identity.fromFile(operator), target: service, rootTarget: service, controller: other.did, actions: ['read'], expires: new Date(Date.now() + 3_600_000)});
  await page.getByText('Revoke one that was given elsewhere').click();
  await page.getByRole('textbox', {name: 'Capability'}).fill(JSON.stringify(elsewhere));
  await page.getByRole('button', {name: 'Revoke', exact: true}).click();
  await page.getByRole('button', {name: 'Revoke it'}).click();
  await page.getByRole('rowheader', {name: elsewhere.id}).waitFor();
  await calm(v);
});

// The real answers, with what takes hours or accidents to come about put in.
test('the overview on bad days and busy ones', async () => {
  const v = await visitor();
  const {page} = v;
  await page.goto(url);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Choose an identity file'}).click()]);
  await chooser.setFiles({name: 'op.json', mimeType: 'application/json', buffer: Buffer.from(operator)});
  await page.getByRole('link', {name: 'Overview'}).waitFor();
  let change = () => {};
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    if (json.data?.status?.activity) change(json.data.status);
    await route.fulfill({response, json});
  });
  const health = (problem) => ({answers: problem === null, problem, latency: 3.2, checkedAt: new Date().toISOString()});
  const show = async (what, name, ready) => {
    change = what;
    await page.goto(url + '/service');
    await ready();
    await look(page, name);
  };
  await show((status) => {
    const now = Math.floor(Date.now() / 60_000) * 60_000;
    status.activity.requests = 123_456;
    status.activity.minutes = Array.from({length: 60}, (_, i) => ({
      at: new Date(now - (59 - i) * 60_000).toISOString(), requests: 2000 + 50 * i, operations: Math.round(2100 + 900 * Math.sin(i / 6)),
      errors: i % 7 === 0 ? [{code: 'NOT_FOUND', count: i}, {code: 'INTERNAL', count: 1}] : [],
      latency: i === 20 ? null : {p50: 1.2, p95: 4 + 2 * Math.sin(i / 4), p99: 12 + i / 3},
    }));
    status.activity.errors = [{code: 'NOT_FOUND', count: 240}, {code: 'INTERNAL', count: 9}, {code: 'SOMETHING_NEW', count: 1}];
    status.counts = {
      ...status.counts, keystores: 1_000_000, keys: 1_234_567, vaults: 12, vaultCapabilitiesEndingSoon: 3, vaultCapabilitiesEnded: 1,
      keystoresByState: [{state: 'ENABLED', count: 999_990}, {state: 'DISABLED', count: 7}, {state: 'PENDING_DELETION', count: 3}],
      keysByKind: [{type: 'ED25519', state: 'ENABLED', count: 1_000_000}, {type: 'ED25519', state: 'DISABLED', count: 4567}, {type: 'AES_256_GCM', state: 'ENABLED', count: 229_990}, {type: 'ML_DSA_65', state: 'PENDING_DELETION', count: 10}],
    };
    status.locks.push({id: 'aws-kms:arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab', health: health(null)});
  }, 'service-overview-busy', () => page.getByText('1,234,567').first().waitFor());
  await page.getByText('The same as a table').click();
  assert.equal(await page.getByRole('table', {name: 'The last hour, minute by minute, newest first'}).locator('tbody tr').count(), 60);
  await accessible(page, 'the table of sixty minutes');
  await show((status) => {
    status.database.health = health('does not take writes');
    status.locks[0].health = health('<img src=x onerror=alert(1)>');
    status.locks[0].unsealedKeystores = 1234;
    status.authServerHealth = health('no answer');
    status.countFailed = true;
    status.counts = null;
  }, 'service-overview-failing', () => page.getByText('<img src=x onerror=alert(1)>').waitFor());
  await page.getByRole('row', {name: 'Server lock'}).getByText('Lacks 1,234 keystores').waitFor();
  await show((status) => {
    status.database.health = status.locks[0].health = status.counts = status.authServerHealth = null;
    status.authServer = false;
    status.activity.requests = 0;
  }, 'service-overview-fresh', () => page.getByRole('heading', {name: 'Nothing happened yet'}).waitFor());
  // The server is gone: what was read stays, and what happened is said.
  await page.unrouteAll({behavior: 'wait'}); // one of the requests that come by themselves may be under way
  await page.route('**/graphql', (route) => route.abort());
  await page.getByRole('alert').waitFor({timeout: 20_000});
  await accessible(page, 'no answer');
  await calm(v);
});
