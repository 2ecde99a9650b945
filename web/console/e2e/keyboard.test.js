// Every journey without a mouse: Tab, Shift+Tab, Enter, Space, the arrows and Escape, from nothing to a shared, used key, and on.

import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {Client, Identity} from '../../client/index.js';
import {calm, makeIdentity, makeVault, storeShare, url, visitor} from './browser.js';

/** What a person has who has no mouse: keys, and where the focus is. */
function handsOf(page) {
  const press = (key) => page.keyboard.press(key);
  const type = (text) => page.keyboard.type(text);
  const name = () => page.evaluate(() => {
    const at = document.activeElement;
    return (at?.getAttribute('aria-label') ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? '').trim();
  });
  const isIt = (at, wanted) => (typeof wanted === 'string' ? at === wanted : wanted.test(at));
  const go = async (key, wanted, most) => {
    const passed = [];
    for (let i = 0; i < most; i++) {
      await press(key);
      const at = await name();
      if (isIt(at, wanted)) {
        const ring = await page.evaluate(() => {
          const at = document.activeElement;
          const seen = (element) => element !== null && Number.parseFloat(getComputedStyle(element).outlineWidth) > 0 && getComputedStyle(element).outlineStyle !== 'none';
          return seen(at) || seen(at.closest('label')) || seen(at.closest('.CodeMirror'));
        });
        assert.ok(ring, `${wanted}: the focus is not seen`);
        return;
      }
      passed.push(at.slice(0, 30));
    }
    assert.fail(`no ${key} reaches ${wanted}: ${passed.join(' | ')}`);
  };
  /** Goes forward until what is so called has the focus, which must then be seen. */
  const to = (wanted, most = 90) => go('Tab', wanted, most);
  /** The same, backward. */
  const back = (wanted, most = 90) => go('Shift+Tab', wanted, most);
  const at = async (wanted, why) => {
    const end = Date.now() + 2000;
    let is;
    do {
      is = await name();
      if (isIt(is, wanted)) return;
      await page.waitForTimeout(50);
    } while (Date.now() < end);
    assert.fail(`${why}: the focus is at “${is.slice(0, 60)}”, not at ${wanted}`);
  };
  const tag = () => page.evaluate(() => document.activeElement?.tagName);
  const heading = async (wanted) => {
    await page.getByRole('heading', {name: wanted, exact: true, level: 1}).waitFor();
    await page.waitForTimeout(50);
    assert.equal(await tag(), 'H1', `${wanted}: the new page does not take the focus`);
  };
  /** Presses Enter; the dialog that opens has the focus in it. */
  const opens = async (title) => {
    await press('Enter');
    await page.getByRole('dialog', {name: title}).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement?.closest('dialog') !== null), `${title}: the focus is outside`);
  };
  /** Presses Escape; the dialog is gone, and the focus is where it was. */
  const escape = async (wanted) => {
    await press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    await at(wanted, 'after Escape');
  };
  const savedBy = async (key) => {
    const [download] = await Promise.all([page.waitForEvent('download'), press(key)]);
    return readFileSync(await download.path(), 'utf8');
  };
  return {press, type, name, to, back, at, heading, opens, escape, savedBy};
}

test('a keystore, a key, a signature, a capability and its revocation, by keyboard alone', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, name, to, at, heading} = handsOf(page);

  const {did} = await makeIdentity(page);
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await to('Create a keystore');
  await press('Enter');
  await heading('Create a keystore');
  await to(/^Kept by the server/);
  await press('ArrowDown');
  assert.match(await name(), /^Made of secret shares/);
  await press('ArrowUp');
  await to('Next');
  await press('Enter');
  await to(/^In the server’s database/);
  await to('Next');
  await press('Space');
  await to(/^Name/);
  await type('By hand');
  await to('Create the keystore');
  await press('Enter');
  await heading('The keystore is ready');
  await to('Create the first key');
  await press('Enter');
  await heading('New key');
  await to('Type');
  await page.keyboard.type('ECDSA_P256');
  await to(/^Name/);
  await type('typed');
  await to('Restrictions and rotation');
  await press('Enter');
  await to('Verify');
  await press('Space');
  await press('Space');
  await to('Create the key');
  await press('Enter');
  await heading('typed');
  const key = page.url();
  await to('Use it');
  await press('Enter');
  await page.getByRole('textbox', {name: 'Message'}).waitFor();
  await to('Sign');
  await to('Message');
  await type('hello');
  await to('Sign');
  await press('Enter');
  await page.getByText('By version 1').waitFor();
  await to('Verify it');
  await press('Enter');
  await at('Input', 'at what follows');
  await to('Verify the signature');
  await press('Enter');
  await page.getByText('Valid: made by version 1').waitFor();

  await page.goto(key.replace(/\/keys\/.*/, ''));
  await page.getByRole('link', {name: 'typed'}).waitFor();
  await to('Capabilities');
  await press('Enter');
  await page.getByRole('heading', {name: 'Nothing given yet'}).waitFor();
  await to('Give a capability');
  await press('Enter');
  await heading('Give a capability');
  await to('To whom');
  await type(did);
  await to('Verify');
  await press('Space');
  await to('Make the capability');
  await press('Enter');
  await heading('Hand it over');
  await to('Copy Capability');
  await press('Enter');
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /"proofValue"/);
  await to('See all given');
  await press('Enter');
  await page.getByText('Valid', {exact: true}).waitFor();
  await to(/^Revoke: /);
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  // Escape takes it back, and the focus is where it was.
  await press('Escape');
  assert.match(await name(), /^Revoke: /);
  await press('Enter');
  await to('Revoke it');
  await press('Enter');
  await page.getByText('The capability is revoked').waitFor();
  assert.ok(page.url().startsWith(url));
  await calm(v);
});

test('the first visit: an identity, its file, signed out and back by the file', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, to, back, heading, opens, escape, savedBy} = handsOf(page);
  const chooser = new Promise((resolve) => page.once('filechooser', resolve)); // asked for in time: a key is faster than a click
  await page.goto(url);
  await page.getByRole('button', {name: 'Make my identity'}).waitFor();
  await to(/^A name for it/);
  await type('Alice');
  await to('Make my identity');
  await press('Enter');
  await heading('Save the recovery file');
  await to('Continue without one');
  await opens('Continue without a recovery file?');
  await escape('Continue without one');
  await back('Save the recovery file');
  const file = await savedBy('Enter');
  await to('Continue');
  await press('Enter');
  await heading('Keystores');
  await back('Identities');
  await press('Enter');
  await heading('Identities');
  await to('Sign out: Alice');
  await opens('Sign out “Alice”?');
  await escape('Sign out: Alice');
  await opens('Sign out “Alice”?');
  await to('Sign out and wipe');
  await press('Enter');
  await heading('A key opens only when two locks open.');
  await to('Choose an identity file');
  await press('Enter');
  await (await chooser).setFiles({name: 'alice.json', mimeType: 'application/json', buffer: Buffer.from(file)});
  await heading('Identities');
  await back('Switch identity: alice');
  await calm(v);
});

test('a lock made of shares, keys in a vault, a key made and used with the share in memory', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, name, to, at, heading, opens, escape, savedBy} = handsOf(page);
  const {did, file} = await makeIdentity(page);
  const vault = await makeVault(file);
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await to('Create a keystore');
  await press('Enter');
  await heading('Create a keystore');
  await to(/^Kept by the server/);
  await press('ArrowDown');
  assert.match(await name(), /^Made of secret shares/);
  await to('Next');
  await press('Enter');
  await at('Shares', 'the next step');
  await to('Download my share');
  const mine = await savedBy('Enter');
  await to('Download for the Auth server');
  const forAuth = await savedBy('Space');
  assert.notEqual(JSON.parse(forAuth).secret, mine.trim());
  assert.equal(await storeShare(did, forAuth), 204);
  await to('Make a recovery share too');
  await press('Space');
  await to('Show the page to print');
  await opens('Recovery share');
  await to('Print');
  await escape('Show the page to print');
  await to('Each share is where it belongs');
  await press('Space');
  await to('Next');
  await press('Enter');
  await at('Where keys are kept', 'the next step');
  await to(/^In the server’s database/);
  await press('ArrowDown');
  assert.match(await name(), /^In your own vault/);
  await to('URL of the vault');
  await type(vault);
  await to('Next');
  await press('Enter');
  await to(/^Name/);
  await type('Sealed');
  await to('Create the keystore');
  await press('Enter');
  await heading('The keystore is ready');
  await to('Create the first key');
  await press('Enter');
  await heading('New key');
  await page.getByText('1 share is in this tab’s memory.').waitFor();
  await to(/^Name/);
  await type('vaulted');
  await to('Create the key');
  await press('Enter');
  await heading('vaulted');
  await to('Use it');
  await press('Enter');
  await page.getByRole('textbox', {name: 'Message'}).waitFor();
  await to('Message');
  await type('hello');
  await to('Sign');
  await press('Enter');
  await page.getByText('By version 1').waitFor();
  await calm(v);
});

test('a key’s life: rotated, labelled, disabled and back, deleted and kept; another pasted', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, to, back, at, heading, opens, escape} = handsOf(page);
  const {did, file} = await makeIdentity(page);
  const client = new Client({identity: await Identity.fromFile(file)});
  const keystore = await keystoreOf(client, did, 'Life');
  const {createKey} = await client.request(keystore, 'generateKey', 'mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }', {input: {keystore, type: 'ED25519', name: 'young'}});
  await page.goto(createKey.key.id);
  await page.getByRole('heading', {name: 'young', exact: true}).waitFor();
  await to('Rotate');
  await opens('Rotate the key?');
  await to('Rotate');
  await press('Enter');
  await page.getByText('Version 2 signs and encrypts from now on.').waitFor();
  await at('Rotate', 'after it was rotated');

  await to('Edit labels');
  await opens('Edit labels');
  await to(/^Name/);
  await type('grown');
  await to(/^Tags/);
  await type('team=billing');
  await to('Save');
  await press('Enter');
  await page.getByRole('heading', {name: 'grown', exact: true, level: 1}).waitFor();
  await page.getByText('team=billing').waitFor();
  await at('Edit labels', 'after saving');

  // The button is gone with what it did, and so is the other one.
  await to('Disable');
  await press('Enter');
  await page.getByText('This key is disabled').waitFor();
  await at('grown', 'after disabling');
  await back('Undo', 12);
  await press('Enter');
  await page.getByText('The key is enabled.').waitFor();
  await at('grown', 'after the undo');

  await to('Delete');
  await opens('Delete the key?');
  await escape('Delete');
  await opens('Delete the key?');
  await to('Days until it is gone, 7 to 30');
  await type('7');
  await to('Delete');
  await press('Enter');
  await page.getByText('This key will be gone on').waitFor();
  await at('grown', 'after deleting');
  await to('Keep it');
  await press('Enter');
  await page.getByText('The deletion was cancelled: the key stays.').waitFor();
  await at('grown', 'after keeping');

  const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
  const pem = privateKey.export({type: 'pkcs8', format: 'pem'});
  await back('Life');
  await press('Enter');
  await heading('Life');
  await to('Import');
  await press('Enter');
  await heading('Import a key');
  await to('Type');
  await type('ECDSA_P256');
  await to('JWK');
  await press('ArrowRight');
  await at('PEM', 'after the arrow');
  await to('PEM');
  await page.evaluate((text) => navigator.clipboard.writeText(text), pem);
  await press('Control+V');
  await to(/^Name/);
  await type('pasted');
  await to('Import the key');
  await press('Enter');
  await heading('pasted');
  await page.getByText('ECDSA_P256', {exact: true}).waitFor();
  await calm(v);
});

test('an operator’s pages: the overview as a table, keystores found and turned over, a capability given and revoked, a setting found', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, to, back, at, heading, opens, escape} = handsOf(page);
  const {did, file} = await makeIdentity(page, 'Op', '/' + new URL(process.env.TWOLOCK_ENROLMENT ?? '').hash);
  const client = new Client({identity: await Identity.fromFile(file)});
  for (let i = 0; i < 55; i++) await keystoreOf(client, did, `team ${String(i).padStart(2, '0')}`);
  await to('Make this identity an operator');
  await press('Enter');
  await page.getByText('The link has been used up.').waitFor();
  await at('Keystores', 'after enrolling');
  await page.getByRole('link', {name: 'Overview'}).waitFor();
  await back('Overview');
  await press('Enter');
  await heading('Overview');
  await page.getByRole('img', {name: /Operations per minute: .* at most/}).waitFor();
  await to('The same as a table');
  await press('Enter');
  await page.getByRole('table', {name: 'The last hour, minute by minute, newest first'}).waitFor();
  await to('The last hour, minute by minute, newest first'); // what scrolls sideways where it is narrow

  await back('All keystores');
  await press('Enter');
  await heading('All keystores');
  await page.getByRole('rowheader').nth(49).waitFor();
  await to('Name or URL');
  await type('team 05');
  await press('Enter');
  await page.getByRole('link', {name: 'team 04'}).waitFor({state: 'detached'});
  await page.getByRole('link', {name: 'team 05'}).waitFor();
  await at('Name or URL', 'after finding');
  await to('Show all');
  await press('Enter');
  await page.getByRole('rowheader').nth(49).waitFor();
  await at('All keystores', 'after showing all');
  await to('Next', 200);
  await press('Enter');
  await page.getByRole('status').getByText('Page 2').waitFor();
  await at('Next', 'at the last page');
  await press('Enter'); // there is no more
  await back('Previous');
  await press('Enter');
  await page.getByRole('status').getByText('Page 1').waitFor();
  await at('Previous', 'at the first page');

  await back('Operators');
  await press('Enter');
  await heading('Operators');
  await page.getByRole('heading', {name: 'Nothing given yet'}).waitFor();
  await to('Give a capability');
  await opens('Give a capability');
  await to('To whom');
  await type((await Identity.generate()).did);
  await opens('Hand it over');
  await escape('Give a capability');
  await to(/^Revoke: /);
  await opens('Revoke the capability?');
  await escape(/^Revoke: /);
  await opens('Revoke the capability?');
  await to('Revoke it');
  await press('Enter');
  await page.getByRole('table', {name: 'Revocations on the server'}).waitFor();
  await at('Given from this browser', 'after revoking');

  await to('Settings');
  await press('Enter');
  await heading('Settings');
  await to('Find a setting');
  await type('auth-token');
  await page.getByRole('row', {name: /--auth-token /}).waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 2);
  await calm(v);
});

test('the explorer: an example chosen, run and read, and out of every editor by Tab', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, to, back, at} = handsOf(page);
  await makeIdentity(page);
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  await to('API explorer');
  await press('Enter');
  for (const editor of ['.graphiql-query-editor', '.graphiql-response', '.graphiql-editor-tool']) await page.locator(`${editor} .CodeMirror`).first().waitFor();
  await page.getByRole('heading', {name: 'Examples'}).waitFor();
  await to('Find an operation');
  await type('createKeystore');
  await to(/^createKeystore/);
  await press('Enter');
  await page.locator('.explorer-action').getByText('createKeystore').waitFor();
  await at('Operation', 'after an example was chosen');
  const contents = () => page.evaluate(() => [...document.querySelectorAll('.CodeMirror')].map(({CodeMirror}) => CodeMirror.getValue()));
  const before = await contents();
  await to(/^Execute query/, 6);
  await press('Enter');
  await page.locator('.graphiql-response').getByText('/keystores/z').first().waitFor();
  await to('Variables, as JSON', 12);
  await to('Answer', 12);
  await back('Find an operation'); // through all of them
  assert.deepEqual((await contents()).slice(0, 2), before.slice(0, 2), 'Tab was typed into an editor');

  // While words are offered Tab takes one; Escape ends that.
  await to('Operation');
  await press('Control+End');
  await type('\nq');
  await page.locator('.CodeMirror-hints').waitFor();
  await press('Escape');
  await page.locator('.CodeMirror-hints').waitFor({state: 'detached'});
  await to(/^Execute query/, 6);
  await calm(v);
});

async function keystoreOf(client, controller, name) {
  const {createKeystore} = await client.request(url + '/graphql', 'createKeystore', 'mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }', {input: {controller, name}});
  return createKeystore.keystore.id;
}
