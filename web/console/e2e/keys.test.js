// Keystores and keys, from empty to done.

import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import test from 'node:test';
import {Client, Identity} from '../../client/index.js';
import {calm, createKey, createKeystore, look, makeIdentity, saved, url, visitor} from './browser.js';

test('a keystore and its keys: made, found, imported, rotated, disabled, deleted and kept', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  await page.getByRole('button', {name: 'Create a keystore'}).click();
  await page.getByRole('heading', {name: 'Create a keystore'}).waitFor();
  await look(page, 'create-lock');
  await page.getByRole('button', {name: 'Next'}).click();
  await look(page, 'create-store');
  await page.getByText('In your own vault').click();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByText('This is not the URL of a vault').waitFor();
  await look(page, 'create-vault');
  await page.getByText('In the server’s database').click();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('textbox', {name: /^Name/}).fill('Payments');
  await page.getByLabel('What it is for').fill('Signs what goes to the bank');
  await look(page, 'create-details');
  await page.getByRole('button', {name: 'Create the keystore'}).click();
  await page.getByRole('heading', {name: 'The keystore is ready'}).waitFor();
  await look(page, 'create-done');
  await page.getByRole('button', {name: 'Go to the keystore'}).click();
  await page.getByRole('heading', {name: 'No key yet'}).waitFor();
  const keystore = page.url();
  assert.match(keystore, new RegExp(`^${url}/keystores/z[1-9A-Za-z]+$`));
  await look(page, 'keystore-empty');

  // The first key, with everything that can be said of it.
  await page.getByRole('button', {name: 'New key'}).click();
  await page.getByRole('heading', {name: 'New key'}).waitFor();
  await page.getByRole('textbox', {name: /^Name/}).fill('invoices');
  await page.getByLabel('What it is for').first().fill('Invoices of 2026');
  await page.getByLabel('Tags').fill('team=billing\nteam=again');
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByText('A tag is name=value').waitFor();
  await page.getByLabel('Tags').fill('team=billing\nstage=production');
  await page.getByText('Restrictions and rotation').click();
  await page.getByLabel(/Rotate automatically/).fill('90');
  await look(page, 'key-new');
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByRole('heading', {name: 'invoices', exact: true}).waitFor();
  await page.getByText('Every 90 days').waitFor();
  const key = page.url();
  await page.getByText('Never', {exact: true}).waitFor();
  await look(page, 'key');

  // The public key in each form, copied and saved.
  for (const format of ['JWK', 'Multikey', 'did:key', 'Raw', 'SPKI, DER', 'PEM']) {
    await page.getByRole('radio', {name: format, exact: true}).check();
    await page.getByRole('button', {name: `Copy Public key, ${format}`}).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const {contents} = await saved(page, page.getByRole('button', {name: `Download Public key, ${format}`}));
    assert.equal(contents.toString(), copied);
    assert.ok(copied.length > 30, format);
  }

  await page.getByRole('button', {name: 'Rotate'}).click();
  await look(page, 'key-rotate');
  await page.getByRole('dialog').getByRole('button', {name: 'Rotate'}).click();
  await page.getByText('Version 2 signs and encrypts from now on.').waitFor();
  await page.getByRole('rowheader', {name: '2 newest'}).waitFor();

  await page.getByRole('button', {name: 'Edit labels'}).click();
  await page.getByRole('dialog').waitFor();
  await page.getByLabel('Tags').fill('team=billing');
  await page.getByLabel('Oldest that verifies').fill('2');
  await page.getByLabel('Oldest that decrypts').fill('2');
  await look(page, 'key-edit');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('button', {name: 'Delete old versions'}).click();
  await page.getByText('Versions 1 to 1, at once and for good.').waitFor();
  await look(page, 'key-trim');
  await page.getByLabel('Type “invoices” to continue').fill('invoices');
  await page.getByRole('dialog').getByRole('button', {name: 'Delete old versions'}).click();
  await page.getByText('The old versions are gone.').waitFor();
  await page.getByRole('button', {name: 'Delete old versions'}).waitFor({state: 'detached'});

  // Disabled, and back by Undo.
  await page.getByRole('button', {name: 'Disable'}).click();
  await page.getByText('This key is disabled').waitFor();
  await look(page, 'key-disabled');
  await page.getByRole('button', {name: 'Undo'}).click();
  await page.getByText('The key is enabled.').waitFor();

  // Deleted, and kept.
  await page.getByRole('button', {name: 'Delete', exact: true}).click();
  await page.getByLabel('Days until it is gone').fill('3');
  await page.getByText('A whole number from 7 to 30.').waitFor();
  await page.getByLabel('Days until it is gone').fill('7');
  await look(page, 'key-delete');
  await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
  await page.getByText('This key will be gone on').waitFor();
  await look(page, 'key-deleting');
  await page.getByRole('button', {name: 'Keep it'}).click();
  await page.getByText('The deletion was cancelled: the key stays.').waitFor();

  // More of them: filter and pages.
  await createKey(page, keystore, 'XAES_256_GCM', 'archive');
  await createKey(page, keystore, 'HMAC_SHA256', 'webhooks');
  await importKey();
  await page.goto(keystore);
  await page.getByRole('link', {name: 'imported'}).waitFor();
  await page.getByText('4 keys').waitFor();
  await look(page, 'keystore');
  await page.getByLabel('Type').selectOption('XAES_256_GCM');
  await page.getByRole('link', {name: 'invoices'}).waitFor({state: 'detached'});
  await page.getByRole('link', {name: 'archive'}).waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 1);
  await page.getByLabel('State').selectOption('DISABLED');
  await page.getByRole('heading', {name: 'No key matches'}).waitFor();
  await look(page, 'keystore-nothing');
  await page.getByRole('button', {name: 'Clear the filter'}).first().click();
  await page.getByRole('textbox', {name: 'Tag', exact: true}).fill('team=billing');
  await page.getByRole('button', {name: 'Find'}).click();
  await page.getByRole('link', {name: 'archive'}).waitFor({state: 'detached'});
  await page.getByRole('link', {name: 'invoices'}).waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 1);
  await page.getByRole('button', {name: 'Clear the filter'}).first().click();
  await page.getByRole('textbox', {name: 'Name', exact: true}).fill('webhooks');
  await page.getByRole('textbox', {name: 'Name', exact: true}).press('Enter');
  await page.getByRole('link', {name: 'archive'}).waitFor({state: 'detached'});
  await page.getByRole('link', {name: 'webhooks'}).waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 1);

  // Home knows it, forgets it, and takes that back; the URL opens it again.
  await page.getByRole('link', {name: 'Keystores'}).first().click();
  await page.getByRole('link', {name: 'Payments'}).waitFor();
  await look(page, 'home');
  await page.getByRole('button', {name: 'Forget: Payments'}).click();
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await page.getByRole('button', {name: 'Undo'}).click();
  await page.getByRole('link', {name: 'Payments'}).waitFor();
  await page.getByRole('link', {name: 'Open a keystore'}).click();
  await page.getByLabel('URL or capability').fill('https://elsewhere.example/keystores/z1');
  await page.getByRole('button', {name: 'Open', exact: true}).click();
  await page.getByText('This is on another server.').waitFor();
  await look(page, 'open');
  await page.getByLabel('URL or capability').fill(key);
  await page.getByRole('button', {name: 'Open', exact: true}).click();
  await page.getByRole('heading', {name: 'invoices', exact: true}).waitFor();
  await calm(v);

  async function importKey() {
    await page.goto(keystore + '/import');
    await page.getByRole('button', {name: 'Import the key'}).click();
    await page.getByText('Give the key.').waitFor();
    await page.getByRole('textbox', {name: 'JWK'}).fill('{"kty":"nonsense"}');
    await page.getByRole('button', {name: 'Import the key'}).click();
    await page.getByRole('alert').waitFor();
    await look(page, 'key-import-refused');
    const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
    await page.getByRole('radio', {name: 'PEM'}).check();
    await page.getByRole('textbox', {name: 'PEM'}).fill(privateKey.export({type: 'sec1', format: 'pem'}));
    await page.getByLabel('Type', {exact: true}).selectOption('ECDSA_P256');
    await page.getByRole('button', {name: 'Import the key'}).click();
    await page.getByText('This is not a PEM block').waitFor();
    await page.getByRole('textbox', {name: 'PEM'}).fill(privateKey.export({type: 'pkcs8', format: 'pem'}));
    await page.getByRole('textbox', {name: /^Name/}).fill('imported');
    await page.getByRole('button', {name: 'Import the key'}).click();
    await page.getByRole('heading', {name: 'imported', exact: true}).waitFor();

    await page.goto(keystore + '/import');
    await page.getByRole('radio', {name: 'Raw bytes'}).check();
    await page.getByLabel('Type', {exact: true}).selectOption('AES_256_GCM');
    await page.getByRole('textbox', {name: 'Bytes'}).fill('zz');
    await page.getByRole('radio', {name: 'Hex'}).check();
    await page.getByText('Not hexadecimal').waitFor();
    await look(page, 'key-import');
  }
});

test('how often a key was used, day by day', async () => {
  const v = await visitor({timezoneId: 'America/Los_Angeles'}); // whose day is another for most of the day
  const {page} = v;
  const {file} = await makeIdentity(page);
  const keystore = await createKeystore(page, 'Used');
  assert.ok(!v.requests.some((request) => request.endsWith('/chart.js')), 'charts are loaded where there are none');
  const key = await createKey(page, keystore, 'ED25519', 'signer');
  await page.getByRole('heading', {name: 'Use over time'}).waitFor();
  await page.getByRole('heading', {name: 'Not used in the last 90 days'}).waitFor();
  await look(page, 'key-unused');

  const client = new Client({identity: await Identity.fromFile(file)});
  const batch = 'mutation($input: SignBatchInput!) { signBatch(input: $input) { results { version } } }';
  for (const items of [1000, 235]) await client.request(key, 'sign', batch, {input: {key, messages: Array(items).fill('aGVsbG8')}});
  const today = new Date();
  const written = today.toLocaleDateString('en-GB', {dateStyle: 'medium', timeZone: 'UTC'});
  await page.reload();
  const summary = `1,235 uses in the last 30 days; the busiest was ${written}, with 1,235.`;
  await page.getByText(summary).waitFor();
  await page.getByRole('img', {name: summary}).locator('canvas').waitFor();
  await look(page, 'key-used');

  // The same as a table, which is longer for 90 days; by keyboard.
  await page.getByText('The same as a table').focus();
  await page.keyboard.press('Enter');
  const table = page.getByRole('table', {name: 'The last 30 days, newest first'});
  assert.equal(await table.getByRole('row').count(), 31);
  assert.match(await table.getByRole('row').nth(1).textContent(), new RegExp(`${written}.*1,235$`));
  assert.match(await table.getByRole('row').nth(2).textContent(), /0$/);
  await page.getByRole('radio', {name: '30 days'}).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText('1,235 uses in the last 90 days').waitFor();
  assert.equal(await page.getByRole('table', {name: 'The last 90 days, newest first'}).getByRole('row').count(), 91);
  const oldest = new Date(today.getTime() - 89 * 86_400_000).toLocaleDateString('en-GB', {dateStyle: 'medium', timeZone: 'UTC'});
  await page.getByRole('rowheader', {name: oldest}).waitFor();
  await look(page, 'key-used-90');

  // Without the charts, the rest of the page is there.
  await page.route('**/assets/chart.js', (route) => route.abort());
  await page.reload();
  await page.getByText('The server did not send this part of the console').waitFor();
  await page.getByRole('heading', {name: 'Versions and their use'}).waitFor();
  await look(page, 'key-usage-missing');
  await calm(v);
});

test('a keystore: labels, disabled and enabled, deleted and kept, given away', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const keystore = await createKeystore(page, 'Old name');
  await page.getByRole('link', {name: 'Settings'}).click();
  await page.getByRole('heading', {name: 'Name and labels'}).waitFor();
  await look(page, 'settings');
  await page.getByRole('textbox', {name: /^Name/}).fill('New name');
  await page.getByLabel('Tags').fill('env=test');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByRole('heading', {name: 'New name', exact: true}).waitFor();
  await page.getByRole('button', {name: 'Disable'}).click();
  await page.getByText('This keystore is disabled').waitFor();
  await look(page, 'settings-disabled');
  await page.getByRole('button', {name: 'Enable'}).first().click();
  await page.getByText('This keystore is disabled').waitFor({state: 'detached'});
  await page.getByRole('button', {name: 'Delete'}).click();
  await look(page, 'settings-delete');
  await page.getByLabel('Type “New name” to continue').fill('New name');
  await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
  await page.getByText('This keystore will be gone on').waitFor();
  await look(page, 'settings-deleting');
  await page.getByRole('button', {name: 'Keep it'}).first().click();
  await page.getByText('This keystore will be gone on').waitFor({state: 'detached'});

  const w = await visitor();
  const {did} = await makeIdentity(w.page, 'Bob');
  await page.getByLabel('DID of the new controller').fill('did:key:nobody');
  await page.getByRole('button', {name: 'Give it away'}).click();
  await page.getByText('This is not a did:key').waitFor();
  await page.getByLabel('DID of the new controller').fill(did);
  await page.getByRole('button', {name: 'Give it away'}).click();
  await page.getByLabel('Type “New name” to continue').fill('New name');
  await look(page, 'settings-give');
  await page.getByRole('dialog').getByRole('button', {name: 'Give it away'}).click();
  await page.getByText('The keystore belongs to another identity now.').waitFor();
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await page.goto(keystore);
  await page.getByRole('alert').waitFor();
  await look(page, 'keystore-refused');
  await w.page.goto(keystore);
  await w.page.getByRole('heading', {name: 'New name', exact: true}).waitFor();
  await calm(w);
  await calm(v);
});

test('each type is offered for what the server says it is for', async () => {
  const v = await visitor();
  const {page} = v;
  const {file} = await makeIdentity(page);
  const keystore = await createKeystore(page, 'Every type');
  const client = new Client({identity: await Identity.fromFile(file)});
  await page.goto(keystore + '/new');
  await page.getByText('Restrictions and rotation').click();
  const types = await page.getByLabel('Type', {exact: true}).locator('option').evaluateAll((options) => options.map(({value}) => value));
  const {service} = await client.request(url + '/graphql', 'read', '{ service { keyTypes } }');
  assert.deepEqual([...types].sort(), [...service.keyTypes].sort());
  for (const type of types) {
    const {createKey} = await client.request(keystore, 'generateKey', 'mutation($input: CreateKeyInput!) { createKey(input: $input) { key { operations algorithms } } }', {input: {keystore, type}});
    await page.getByLabel('Type', {exact: true}).selectOption(type);
    const offered = await page.getByRole('group', {name: 'What it may be used for'}).locator('label').allTextContents();
    const words = createKey.key.operations.map((operation) => operation.toLowerCase().split('_')[0].slice(0, 4));
    assert.deepEqual(offered.map((label) => label.toLowerCase().split(' ')[0].slice(0, 4)), words, type);
    const algorithms = await page.getByRole('group', {name: 'The algorithms it may be used with'}).locator('label').allTextContents();
    assert.deepEqual(algorithms.sort(), createKey.key.algorithms.length > 1 ? createKey.key.algorithms.sort() : [], type);
  }
  await calm(v);
});

test('an address that is none says so', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  await page.evaluate(() => {
    history.pushState(null, '', '/nowhere');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await page.getByRole('heading', {name: 'There is no such page'}).waitFor();
  await look(page, 'nowhere');
  await page.getByRole('button', {name: 'Go to your keystores'}).click();
  await page.getByRole('heading', {name: 'Keystores', exact: true}).waitFor();
  await calm(v);
});
