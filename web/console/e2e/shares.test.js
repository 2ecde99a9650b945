// Scenario 2 in the browser: a lock made of shares, an Auth server that has one of them, a vault of one's own.

import assert from 'node:assert/strict';
import test from 'node:test';
import {joinShares} from '../../client/index.js';
import {calm, look, makeIdentity, makeVault, saved, storeShare, url, visitor} from './browser.js';

test('shares made here, one at the Auth server, keys in a vault: made, used, and nothing of it without a share', async () => {
  const v = await visitor();
  const {page} = v;
  const {did, file} = await makeIdentity(page);
  const vault = await makeVault(file);
  await page.goto(url + '/create');
  await page.getByRole('radio', {name: 'Made of secret shares'}).check();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('heading', {name: 'The Auth server’s share'}).waitFor();
  await page.getByLabel('Make a recovery share too').check();
  await look(page, 'create-shares');
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByText('Save the shares, then tick the box above.').waitFor();
  const mine = await saved(page, page.getByRole('button', {name: 'Download my share'}));
  const forAuth = await saved(page, page.getByRole('button', {name: 'Download for the Auth server'}));
  await page.getByRole('button', {name: 'Show the page to print'}).click();
  await look(page, 'create-paper');
  const recovery = await page.locator('.sheet p code').first().textContent();
  await page.emulateMedia({media: 'print'});
  assert.ok(await page.locator('.sheet').isVisible());
  assert.ok(!await page.getByRole('link', {name: 'twolock'}).isVisible(), 'more than the sheet is printed');
  await page.emulateMedia({media: 'screen'});
  await page.keyboard.press('Escape');

  // The shares belong together, any two of them, and are not the secret.
  const share = (text) => new Uint8Array(Buffer.from(text, 'base64'));
  const three = [share(mine.contents.toString()), share(JSON.parse(forAuth.contents.toString()).secret), share(recovery)];
  const secret = Buffer.from(joinShares(three.slice(0, 2)));
  assert.deepEqual(Buffer.from(joinShares(three.slice(1))), secret);
  assert.deepEqual(Buffer.from(joinShares([three[0], three[2]])), secret);

  await page.getByLabel('Each share is where it belongs').check();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('radio', {name: 'In your own vault'}).check();
  await page.getByLabel('URL of the vault').fill(vault);
  await look(page, 'create-store-vault');
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('textbox', {name: /^Name/}).fill('Sealed');

  // The Auth server has no share yet: said in words, and mended.
  await page.getByRole('button', {name: 'Create the keystore'}).click();
  await page.getByRole('alert').waitFor();
  await look(page, 'create-no-share');
  assert.equal(await storeShare(did, forAuth.contents.toString()), 204);
  await page.getByRole('button', {name: 'Create the keystore'}).click();
  await page.getByRole('heading', {name: 'The keystore is ready'}).waitFor();
  await page.getByRole('button', {name: 'Go to the keystore'}).click();
  await page.getByText('1 share is in this tab’s memory.').waitFor();
  const keystore = page.url();
  await look(page, 'keystore-shares');

  // The share is still in memory: the first key, used.
  await page.getByRole('button', {name: 'New key'}).click();
  await page.getByRole('textbox', {name: /^Name/}).fill('vaulted');
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByRole('heading', {name: 'vaulted', exact: true}).waitFor();
  await page.getByRole('button', {name: 'Use it'}).click();
  await page.getByRole('textbox', {name: 'Message'}).fill('hello');
  await page.getByRole('button', {name: 'Sign', exact: true}).click();
  await page.getByText('By version 1').waitFor();
  const code = await page.getByRole('region', {name: 'The same in code: Command line'}).textContent();
  assert.doesNotMatch(code, /secretShares|--share/, 'the share stands in the code');
  await page.getByText('Add --share with the file of your secret share.').waitFor();

  // It is in no storage: after a reload it is asked for.
  const kept = await page.evaluate(() => new Promise((resolve) => {
    const open = indexedDB.open('twolock');
    open.onsuccess = () => {
      const all = open.result.transaction('places').objectStore('places').getAll();
      all.onsuccess = () => resolve(JSON.stringify([all.result, {...localStorage}, {...sessionStorage}]));
    };
  }));
  assert.ok(!kept.includes(mine.contents.toString().trim().slice(0, 20)));
  await page.goto(keystore + '/new');
  await page.getByRole('heading', {name: 'Your secret share'}).waitFor();
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByText('Give your secret share first').waitFor();
  await look(page, 'key-new-shares');
  await page.getByLabel('Or paste the share').fill('not a share');
  await page.getByRole('button', {name: 'Use it'}).click();
  await page.getByText('This is not a share').waitFor();

  // A wrong share seals nothing.
  const wrong = Buffer.from(mine.contents.toString(), 'base64');
  wrong[0] ^= 1;
  await page.getByLabel('Or paste the share').fill(wrong.toString('base64'));
  await page.getByRole('button', {name: 'Use it'}).click();
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByText('The secret share is wrong').waitFor();
  await look(page, 'key-new-wrong-share');
  await page.getByRole('button', {name: 'Forget'}).click();

  // With the recovery share as the second, the Auth server is not needed; from a file.
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Choose a share file'}).click()]);
  await chooser.setFiles({name: 'mine.share', mimeType: 'text/plain', buffer: mine.contents});
  await page.getByText('1 share is in this tab’s memory.').waitFor();
  await page.getByLabel('Or paste the share').fill(recovery);
  await page.getByRole('button', {name: 'Use it'}).click();
  await page.getByText('2 shares are in this tab’s memory.').waitFor();
  await page.getByRole('textbox', {name: /^Name/}).fill('by two');
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByRole('heading', {name: 'by two', exact: true}).waitFor();
  await page.getByRole('button', {name: 'Rotate'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Rotate'}).click();
  await page.getByText('Version 2 signs and encrypts').waitFor();

  // A new capability for the vault.
  await page.goto(keystore + '/settings');
  await page.getByRole('heading', {name: 'Vault', exact: true}).waitFor();
  await look(page, 'settings-vault');
  await page.getByRole('form', {name: 'Vault', exact: true}).getByLabel('Days until the capability ends').fill('60');
  await page.getByRole('button', {name: 'Give a new capability'}).click();
  await page.getByText('The server has the new capability.').waitFor();

  // Given away, with the vault: Alice lets Bob into the vault, he lets the server in, she gives the keystore away.
  const w = await visitor();
  const bob = await makeIdentity(w.page, 'Bob');
  await page.getByRole('button', {name: 'Make a capability for the vault'}).click();
  await page.getByText('This is not a did:key').waitFor();
  await page.getByLabel('DID of the new controller').fill(bob.did);
  await look(page, 'settings-vault-away');
  await page.getByRole('button', {name: 'Make a capability for the vault'}).click();
  await page.getByRole('heading', {name: 'Hand it over'}).waitFor();
  await look(page, 'settings-vault-away-handover');
  const toBob = (await saved(page, page.getByRole('button', {name: 'Download Capability'}))).contents.toString();
  await page.keyboard.press('Escape');
  await w.page.goto(url + '/open');
  await w.page.getByLabel('URL or capability').fill(toBob);
  await w.page.getByRole('button', {name: 'Open', exact: true}).click();
  await w.page.getByRole('heading', {name: 'Take over a keystore with a vault'}).waitFor();
  await w.page.getByText(vault).waitFor();
  await look(w.page, 'open-vault');
  await w.page.getByRole('button', {name: 'Let the server in'}).click();
  await w.page.getByText('Give this to whoever gives you the keystore.').waitFor();
  await look(w.page, 'open-vault-done');
  const toServer = (await saved(w.page, w.page.getByRole('button', {name: 'Download Capability'}))).contents.toString();
  const give = page.getByRole('button', {name: 'Give it away'});
  for (const [given, words] of [['no JSON', 'This is not a capability.'], [toBob, 'This was not given to this server'], [toServer.replaceAll(vault, vault + 'x').replaceAll(encodeURIComponent(vault), encodeURIComponent(vault + 'x')), 'This is not for the documents of this vault']]) {
    await page.getByLabel('What they gave back').fill(given);
    await give.click();
    await page.getByText(words).waitFor();
  }
  await look(page, 'settings-vault-away-refused');
  await page.getByLabel('What they gave back').fill(toServer);
  await give.click();
  await page.getByLabel('Type “Sealed” to continue').fill('Sealed');
  await page.getByText(bob.did.slice(-6)).first().waitFor();
  await look(page, 'settings-vault-away-confirm');
  await page.getByRole('dialog').getByRole('button', {name: 'Give it away'}).click();
  await page.getByText('The keystore belongs to another identity now.').waitFor();
  await page.goto(keystore);
  await page.getByRole('alert').waitFor();
  await calm(v);

  // Bob has it, with the shares, and the server reads his vault: a key, and a new capability when the time comes.
  assert.equal(await storeShare(bob.did, forAuth.contents.toString()), 204);
  await w.page.goto(keystore);
  await w.page.getByRole('link', {name: 'by two'}).click();
  await w.page.getByRole('heading', {name: 'by two', exact: true}).waitFor();
  await w.page.goto(keystore + '/settings');
  await w.page.getByRole('button', {name: 'Give a new capability'}).click();
  await w.page.getByText('The server has the new capability.').waitFor();
  await w.page.goto(keystore + '/new');
  await w.page.getByLabel('Or paste the share').fill(mine.contents.toString());
  await w.page.getByRole('button', {name: 'Use it'}).click();
  await w.page.getByRole('textbox', {name: /^Name/}).fill('made by Bob');
  await w.page.getByRole('button', {name: 'Create the key'}).click();
  await w.page.getByRole('heading', {name: 'made by Bob', exact: true}).waitFor();
  await w.page.goto(url);
  await w.page.getByRole('link', {name: 'Sealed'}).waitFor();
  assert.equal(await w.page.locator('tbody tr').count(), 1, 'the vault is listed as a keystore');
  await calm(w);
});

test('a lock made of shares, keys in the database', async () => {
  const v = await visitor();
  const {page} = v;
  const {did} = await makeIdentity(page);
  await page.goto(url + '/create');
  await page.getByRole('radio', {name: 'Made of secret shares'}).check();
  await page.getByRole('button', {name: 'Next'}).click();
  const forAuth = await saved(page, page.getByRole('button', {name: 'Download for the Auth server'}));
  assert.equal(await storeShare(did, forAuth.contents.toString()), 204);
  await page.getByLabel('Each share is where it belongs').check();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('button', {name: 'Create the keystore'}).click();
  await page.getByRole('button', {name: 'Create the first key'}).click();
  await page.getByRole('textbox', {name: /^Name/}).fill('first');
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByRole('heading', {name: 'first', exact: true}).waitFor();
  await calm(v);
});
