// A lock made of shares on a server that has no Auth server: two shares of one's own, from the first word to the last use.

import assert from 'node:assert/strict';
import test from 'node:test';
import {joinShares} from '../../client/index.js';
import {calm, look, makeIdentity, saved, url, visitor} from './browser.js';

test('two shares of one’s own: told before anything is filled in, made, used, asked for again', async () => {
  const v = await visitor();
  const {page, requests} = v;
  await makeIdentity(page);
  await page.goto(url + '/create');
  await page.getByText('This server has no Auth server: you keep two shares yourself').waitFor();
  await page.getByRole('radio', {name: 'Made of secret shares'}).check();
  await look(page, 'alone-create-lock');
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('heading', {name: 'Your second share'}).waitFor();
  assert.equal(await page.getByText('Auth server’s share').count(), 0);
  assert.equal(await page.getByLabel('Check now that the shares fit together').count(), 0);
  await page.getByLabel('Make a recovery share too').check();
  await look(page, 'alone-create-shares');
  const first = (await saved(page, page.getByRole('button', {name: 'Download first share'}))).contents;
  const second = (await saved(page, page.getByRole('button', {name: 'Download second share'}))).contents;
  await page.getByRole('button', {name: 'Show the page to print'}).click();
  const recovery = await page.locator('.sheet p code').first().textContent();
  await page.keyboard.press('Escape');
  const share = (text) => new Uint8Array(Buffer.from(text.toString(), 'base64'));
  assert.deepEqual(joinShares([share(first), share(second)]), joinShares([share(second), share(recovery)]), 'the shares do not belong together');
  await page.getByLabel('Each share is where it belongs').check();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByText('Two, both yours: each request takes both').waitFor();
  await page.getByRole('textbox', {name: /^Name/}).fill('Mine alone');
  await page.getByRole('button', {name: 'Create the keystore'}).click();
  await page.getByRole('heading', {name: 'The keystore is ready'}).waitFor();
  await page.getByRole('button', {name: 'Create the first key'}).click();
  await page.getByText('2 shares are in this tab’s memory. They make the lock.').waitFor();
  await page.getByRole('textbox', {name: /^Name/}).fill('held');
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByRole('heading', {name: 'held', exact: true}).waitFor();
  await page.getByRole('button', {name: 'Use it'}).click();
  const sign = async () => {
    await page.getByRole('textbox', {name: 'Message'}).fill('hello');
    await page.getByRole('button', {name: 'Sign', exact: true}).click();
  };
  await sign();
  await page.getByText('By version 1').waitFor();

  // Whoever comes back has given none, then one, which is said not to be enough, and nothing is sent.
  await page.reload();
  await page.getByRole('heading', {name: 'Your secret shares'}).waitFor();
  await page.getByText('this server has no Auth server: give two of them').waitFor();
  const give = async (name, contents) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Choose a share file'}).click()]);
    await chooser.setFiles({name, mimeType: 'text/plain', buffer: contents});
  };
  await give('twolock-second.share', second);
  await page.getByText('1 share is in this tab’s memory. This server has no Auth server: give one more.').waitFor();
  const before = requests.length;
  await sign();
  await page.getByText('Give two secret shares first: see above.').waitFor();
  assert.equal(requests.length, before, 'something was sent with one share');
  await look(page, 'alone-use-one-share');
  await page.getByLabel('Or paste the share').fill(recovery);
  await page.getByRole('button', {name: 'Use it'}).click();
  await page.getByText('2 shares are in this tab’s memory. They make the lock.').waitFor();
  await sign();
  await page.getByText('By version 1').waitFor();

  // Rotated with the same two, once the dialog has them.
  await page.getByRole('link', {name: 'held'}).click();
  await page.getByRole('button', {name: 'Rotate'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Forget'}).click();
  await page.getByRole('dialog').getByLabel('Or paste the share').fill(first.toString());
  await page.getByRole('dialog').getByRole('button', {name: 'Use it'}).click();
  await page.getByRole('dialog').getByText('give one more').waitFor();
  assert.equal(await page.getByRole('dialog').getByRole('button', {name: 'Rotate'}).getAttribute('aria-disabled'), 'true');
  await page.getByRole('dialog').getByLabel('Or paste the share').fill(second.toString());
  await page.getByRole('dialog').getByRole('button', {name: 'Use it'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Rotate'}).click();
  await page.getByText('Version 2 signs and encrypts').waitFor();
  await calm(v);
});
