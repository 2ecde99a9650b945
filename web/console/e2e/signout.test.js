// Signing out, and acting as another identity: nothing of the one before is left, in no tab.

import assert from 'node:assert/strict';
import test from 'node:test';
import {Client, Identity, newShares, toBase64url} from '../../client/index.js';
import {calm, createKey, createKeystore, makeIdentity, url, visitor} from './browser.js';

/** Another identity of the same browser, made here; it acts from then on. */
async function another(page, label) {
  await page.goto(url + '/identity');
  await page.getByRole('button', {name: 'New identity'}).click();
  await page.getByLabel('A name for it').fill(label);
  await page.getByRole('button', {name: 'Make my identity'}).click();
  await page.getByRole('button', {name: 'Save the recovery file'}).click();
  await page.getByRole('button', {name: 'Continue', exact: true}).click();
  await acts(page, label);
}

const acts = (page, label) => page.getByRole('button', {name: `Switch identity: ${label}`}).waitFor();

async function signOut(page, label) {
  await page.goto(url + '/identity');
  await page.getByRole('button', {name: `Sign out: ${label}`}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).waitFor();
  const word = page.getByRole('dialog').getByRole('textbox');
  if (await word.count() > 0) await word.fill('sign out');
  await page.getByRole('dialog').getByRole('button', {name: 'Sign out'}).click();
  await page.getByText(`“${label}” is gone from this browser.`).waitFor();
}

test('a share given in one tab is gone from it when the identity is changed or signed out in another', async () => {
  const v = await visitor();
  const {page, context} = v;
  const {did, file} = await makeIdentity(page);
  const client = new Client({identity: await Identity.fromFile(file)});
  const made = await client.request(url + '/graphql', 'createKeystore', 'mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }', {input: {controller: did, userLock: 'SHAMIR', name: 'Sealed'}});
  const keystore = made.createKeystore.keystore.id;
  const share = toBase64url(newShares(2, 2)[0]);
  const give = async (tab) => {
    await tab.goto(keystore);
    await tab.getByLabel('Or paste the share').fill(share);
    await tab.getByRole('button', {name: 'Use it'}).click();
    await tab.getByText('1 share is in this tab’s memory.').waitFor();
  };
  const gone = async (tab, why) => {
    // Without a reload, which would clear it anyhow.
    await tab.evaluate((path) => {
      history.pushState(null, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    }, new URL(keystore).pathname + '/new');
    await tab.waitForTimeout(500);
    assert.equal(await tab.getByText('1 share is in this tab’s memory.').count(), 0, why);
  };
  await another(page, 'Bob');
  await page.goto(url + '/identity');
  await page.getByRole('button', {name: 'Use: Alice'}).click();
  await acts(page, 'Alice');

  const other = await context.newPage();
  await give(other);
  await page.getByRole('button', {name: 'Use: Bob'}).click();
  await acts(other, 'Bob');
  await page.getByRole('button', {name: 'Use: Alice'}).click();
  await acts(other, 'Alice');
  await gone(other, 'Alice’s share outlived the change to Bob');

  await give(other);
  await signOut(page, 'Alice');
  await acts(other, 'Bob');
  // The same identity again: who knows the file does not know the share.
  await page.goto(url + '/identity');
  await page.getByRole('button', {name: 'Import'}).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Choose an identity file'}).click()]);
  await chooser.setFiles({name: 'Alice.json', mimeType: 'application/json', buffer: Buffer.from(file)});
  await acts(other, 'Alice');
  await gone(other, 'Alice’s share outlived her signing out');
  await calm(v);
});

test('signing out an identity that is not in use does not change who acts', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page, 'Alice');
  await another(page, 'Bob');
  await another(page, 'Carol');
  await page.goto(url + '/identity');
  await page.getByRole('button', {name: 'Use: Bob'}).click();
  await acts(page, 'Bob');
  await signOut(page, 'Carol');
  await page.waitForTimeout(300);
  await acts(page, 'Bob');
  await page.reload();
  await acts(page, 'Bob');
  // The one in use: another acts, and it is said who.
  await signOut(page, 'Bob');
  await acts(page, 'Alice');
  await calm(v);
});

test('what was offered to be undone, and what stands in the explorer, is gone with the identity', async () => {
  const v = await visitor();
  const {page, context} = v;
  await makeIdentity(page);
  const key = await createKey(page, await createKeystore(page, 'Left'), 'AES_256_GCM', 'left');
  const explorer = await context.newPage();
  await explorer.goto(url + '/explorer');
  const editor = explorer.locator('.graphiql-query-editor');
  await editor.locator('.CodeMirror').waitFor();
  await explorer.evaluate(() => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue('query Service { service { version } } # canary'));
  await explorer.getByRole('button', {name: /Execute query/}).click();
  await explorer.locator('.graphiql-response').getByText('version').waitFor();
  await page.goto(key);
  await page.getByRole('button', {name: 'Disable', exact: true}).click();
  const undo = page.getByRole('button', {name: 'Undo'});
  await undo.hover(); // it stays as long as it has the pointer
  const other = await context.newPage();
  await signOut(other, 'Alice');
  await page.getByRole('button', {name: 'Make my identity'}).waitFor();
  assert.equal(await undo.count(), 0, 'who is signed out still acts');
  await explorer.getByText('There is no identity in this browser').waitFor();
  await editor.waitFor();
  assert.doesNotMatch(await editor.innerText(), /canary/);
  assert.doesNotMatch(await explorer.locator('.graphiql-response').innerText(), /version/);
  await calm(v);
});

test('the console does not ask again and again for what only operators see', async () => {
  const v = await visitor();
  const {page} = v;
  let refused = 0;
  page.on('response', async (response) => {
    if (response.request().method() === 'POST' && (await response.text().catch(() => '')).includes('FORBIDDEN')) refused++;
  });
  await makeIdentity(page);
  await createKeystore(page, 'Quiet');
  refused = 0;
  await page.reload();
  await page.getByRole('link', {name: 'Settings', exact: true}).click();
  for (const what of ['Disable', 'Enable']) await page.getByRole('button', {name: what, exact: true}).first().click();
  await page.getByRole('link', {name: 'Identities', exact: true}).first().click();
  await page.getByRole('button', {name: 'New identity'}).waitFor();
  await page.waitForTimeout(500);
  assert.ok(refused <= 1, `${refused} refusals, which count against the address`);
  await calm(v);
});
