// Identities: the first visit, the recovery file, the one-time link, several identities, signing out.

import assert from 'node:assert/strict';
import test from 'node:test';
import {Identity} from '../../client/index.js';
import {calm, look, makeIdentity, saved, url, visitor} from './browser.js';

const link = process.env.TWOLOCK_ENROLMENT ?? '';

test('the first visit: an identity that the browser keeps, a recovery file, an operator by the one-time link', async () => {
  const v = await visitor();
  const {page} = v;
  await page.goto(link);
  await page.getByRole('heading', {name: 'A key opens only when two locks open.'}).waitFor();
  assert.equal(page.url(), url + '/', 'the token stays in the address');
  assert.deepEqual(await page.evaluate(() => globalThis.navigation.entries().filter((entry) => entry.url.includes('enrol')).length), 0, 'the token stays in the history of the tab');
  await look(page, 'welcome');
  const {did, file} = await makeIdentityHere(page);
  const identity = await Identity.fromFile(file);
  assert.equal(identity.did, did);

  await page.getByRole('heading', {name: 'Keystores'}).waitFor();
  await look(page, 'home-enrol');
  await page.getByRole('button', {name: 'Make this identity an operator'}).click();
  await page.getByText('The link has been used up.').waitFor();
  await page.reload();
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  assert.equal(await page.getByRole('button', {name: 'Make this identity an operator'}).count(), 0);
  await look(page, 'home-empty');

  // The key that the browser keeps cannot be read out.
  const extractable = await page.evaluate(() => new Promise((resolve, reject) => {
    const open = indexedDB.open('twolock');
    open.onsuccess = () => {
      const all = open.result.transaction('identities').objectStore('identities').getAll();
      all.onsuccess = () => resolve(all.result.map(({keyPair}) => keyPair.privateKey.extractable));
      all.onerror = reject;
    };
  }));
  assert.deepEqual(extractable, [false]);

  // The link is spent: another one learns so in words, who pasted it, so that it is in no history.
  const w = await visitor();
  await makeIdentity(w.page, 'Late');
  await w.page.goto(url + '/open');
  await w.page.getByLabel('URL or capability').fill(`${url}/${new URL(link).hash}\n`);
  await w.page.getByRole('button', {name: 'Open', exact: true}).click();
  await w.page.getByRole('button', {name: 'Make this identity an operator'}).click();
  await w.page.getByText('The link no longer works').waitFor();
  await look(w.page, 'home-enrol-refused');

  // Who is no operator learns what to do instead of creating a keystore, and loses nothing of what was filled in.
  await w.page.getByRole('link', {name: 'Create a keystore'}).click();
  await w.page.getByRole('button', {name: 'Next'}).click();
  await w.page.getByRole('button', {name: 'Next'}).click();
  await w.page.getByRole('textbox', {name: /^Name/}).fill('Not to be');
  await w.page.getByRole('button', {name: 'Create the keystore'}).click();
  await w.page.getByText('Only operators of this server may create keystores').waitFor();
  assert.equal(await w.page.getByRole('textbox', {name: /^Name/}).inputValue(), 'Not to be');
  await look(w.page, 'create-refused');
  await calm(w);

  // The recovery file brings the identity back in another browser.
  const x = await visitor();
  await x.page.goto(url);
  const [chooser] = await Promise.all([x.page.waitForEvent('filechooser'), x.page.getByRole('button', {name: 'Choose an identity file'}).click()]);
  await chooser.setFiles({name: 'alice.json', mimeType: 'application/json', buffer: Buffer.from(file)});
  await x.page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await x.page.goto(url + '/identity');
  await x.page.getByText('Operator', {exact: true}).waitFor();
  await calm(x);
  await calm(v);

  async function makeIdentityHere(page) {
    await page.getByLabel('A name for it').first().fill('Alice');
    await page.getByRole('button', {name: 'Make my identity'}).click();
    await page.getByRole('heading', {name: 'Save the recovery file'}).waitFor();
    await look(page, 'recovery');
    await page.getByRole('button', {name: 'Continue without one'}).click();
    await look(page, 'recovery-without');
    await page.keyboard.press('Escape');
    const {contents} = await saved(page, page.getByRole('button', {name: 'Save the recovery file'}));
    await page.getByRole('button', {name: 'Continue', exact: true}).click();
    const file = contents.toString();
    return {did: JSON.parse(file).controller, file};
  }
});

test('several identities, by keyboard alone: made, renamed, switched, signed out', async () => {
  const v = await visitor();
  const {page} = v;
  const press = async (key, times = 1) => {
    for (let i = 0; i < times; i++) await page.keyboard.press(key);
  };
  const tabTo = async (name) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
      if (at === name) return;
    }
    assert.fail(`no Tab reaches ${name}`);
  };
  await page.goto(url);
  await page.getByRole('button', {name: 'Make my identity'}).waitFor();
  await press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
  await press('Tab');
  await page.keyboard.type('First');
  await press('Enter');
  await page.getByRole('heading', {name: 'Save the recovery file'}).waitFor();
  await tabTo('Continue without one');
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo('Continue without one');
  await press('Enter');
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await tabTo('Identities');
  await press('Enter');
  await page.getByRole('heading', {name: 'Identities'}).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', 'the new page does not take the focus');
  await tabTo('New identity');
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await look(page, 'identity-new');
  await page.getByLabel('A name for it').focus();
  await page.keyboard.type('Second');
  await press('Enter');
  await page.getByRole('heading', {name: 'Save the recovery file'}).waitFor();
  await saved(page, page.getByRole('button', {name: 'Save the recovery file'}));
  await page.getByRole('button', {name: 'Continue', exact: true}).click();
  await page.getByRole('heading', {name: 'Identities'}).waitFor();
  await look(page, 'identity');
  await tabTo('Rename: Second');
  await press('Enter');
  await page.getByRole('textbox', {name: 'Name'}).fill('Work');
  await press('Enter');
  await page.getByRole('rowheader', {name: /Work/}).waitFor();
  await tabTo('Use: First');
  await press('Enter');
  await page.getByRole('button', {name: 'Switch identity: First'}).waitFor();
  await page.getByRole('button', {name: 'Switch identity: First'}).focus();
  await press('Enter');
  await look(page, 'identity-menu');
  await tabTo('Work' + (await page.locator('#who-menu small').nth(1).textContent()));
  await press('Enter');
  await page.getByRole('button', {name: 'Switch identity: Work'}).waitFor();

  await page.goto(url + '/identity');
  await page.getByRole('button', {name: 'Show as QR code: Work'}).click();
  await look(page, 'identity-qr');
  await press('Escape');
  await tabTo('Sign out: First');
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await look(page, 'identity-wipe');
  assert.ok(await page.getByRole('button', {name: 'Sign out and wipe'}).isDisabled(), 'an identity without recovery file goes without a word');
  await page.getByLabel('Type “sign out” to continue').fill('sign out');
  await press('Enter');
  await page.getByText('“First” is gone from this browser.').waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 1);
  await page.getByRole('button', {name: 'Sign out: Work'}).click();
  await page.getByRole('button', {name: 'Sign out and wipe'}).click();
  await page.getByRole('button', {name: 'Make my identity'}).waitFor();
  const left = await page.evaluate(() => new Promise((resolve) => {
    const open = indexedDB.open('twolock');
    open.onsuccess = () => {
      const counts = [];
      const names = [...open.result.objectStoreNames];
      for (const name of names) {
        const count = open.result.transaction(name).objectStore(name).count();
        count.onsuccess = () => counts.push(count.result) === names.length && resolve(counts);
      }
    };
  }));
  assert.deepEqual(left, [0, 0, 0, 0], 'something stays after signing out');
  await calm(v);
});

test('without WebCrypto the page says why', async () => {
  const v = await visitor();
  await v.context.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', {value: false}));
  await v.page.goto(url);
  await v.page.getByRole('heading', {name: 'This page cannot keep keys'}).waitFor();
  await look(v.page, 'insecure');
  await v.page.goto(url + '/explorer');
  await v.page.getByText('Requests cannot be signed here').waitFor();
  await look(v.page, 'explorer-insecure');
  await calm(v);
});

test('without Ed25519 the identity is P-256', async () => {
  const v = await visitor();
  await v.context.addInitScript(() => {
    const {generateKey} = SubtleCrypto.prototype;
    SubtleCrypto.prototype.generateKey = function (algorithm, ...rest) {
      return algorithm.name === 'Ed25519' ? Promise.reject(new DOMException('no', 'NotSupportedError')) : generateKey.call(this, algorithm, ...rest);
    };
    const {importKey} = SubtleCrypto.prototype;
    SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
      return algorithm.name === 'Ed25519' ? Promise.reject(new DOMException('no', 'NotSupportedError')) : importKey.call(this, format, data, algorithm, ...rest);
    };
  });
  const {did, file} = await makeIdentity(v.page, 'P-256');
  assert.match(did, /^did:key:zDn/);
  assert.equal((await Identity.fromFile(file)).did, did);
  await v.page.reload();
  await v.page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  // It signs what the server takes: a refusal comes after the signature was found good.
  await v.page.goto(url + '/service');
  await v.page.getByRole('heading', {name: 'For operators'}).waitFor();
  // A file of the other kind is refused in words.
  await v.page.goto(url + '/identity');
  await v.page.getByRole('button', {name: 'Import'}).click();
  await v.page.locator('input[type=file]').setInputFiles({name: 'ed.json', mimeType: 'application/json', buffer: Buffer.from(await ed25519File())});
  await v.page.getByText('This browser does not support Ed25519').waitFor();
  await look(v.page, 'identity-no-ed25519');
  await calm(v);

  async function ed25519File() {
    const w = await visitor();
    const {file} = await makeIdentity(w.page);
    await calm(w);
    return file;
  }
});

test('where the browser keeps nothing the page says why', async () => {
  const blocked = [
    () => Object.defineProperty(globalThis, 'indexedDB', {get: () => { throw new DOMException('no', 'SecurityError'); }}),
    () => { // as where the storage of a private window fails
      IDBFactory.prototype.open = () => {
        const request = new EventTarget();
        request.error = new DOMException('no', 'InvalidStateError');
        setTimeout(() => request.onerror(new Event('error')));
        return request;
      };
    },
  ];
  for (const block of blocked) {
    const v = await visitor();
    await v.context.addInitScript(block);
    for (const [path, name] of [['/', 'storage-blocked'], ['/explorer', 'explorer-storage-blocked']]) {
      await v.page.goto(url + path);
      await v.page.getByText('The console keeps your identity in the browser’s own storage').waitFor();
      if (block === blocked[0]) await look(v.page, name);
    }
    await calm(v);
  }
});

test('where nothing is, the page says so', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const response = await page.goto(url + '/keystores/<b>/nothing');
  assert.equal(response?.status(), 404);
  await page.getByRole('heading', {name: 'There is no such page'}).waitFor();
  await look(page, 'not-found');
  await page.getByRole('button', {name: 'Go to your keystores'}).click();
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await calm(v);
});

test('a file that is no identity is refused in words, and quotes nothing of it', async () => {
  const v = await visitor();
  await v.page.goto(url);
  const [chooser] = await Promise.all([v.page.waitForEvent('filechooser'), v.page.getByRole('button', {name: 'Choose an identity file'}).click()]);
  await chooser.setFiles({name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"privateKeyMultibase":"canary"}')});
  const alert = v.page.getByRole('alert');
  await alert.waitFor();
  assert.doesNotMatch(await alert.textContent() ?? '', /canary/);
  await look(v.page, 'welcome-refused');
  await calm(v);
});
