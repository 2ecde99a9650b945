// From nothing to a shared, used key without a mouse: Tab, Enter, Space and the arrows.

import assert from 'node:assert/strict';
import test from 'node:test';
import {calm, makeIdentity, url, visitor} from './browser.js';

test('a keystore, a key, a signature, a capability and its revocation, by keyboard alone', async () => {
  const v = await visitor();
  const {page} = v;
  const press = (key) => page.keyboard.press(key);
  const type = (text) => page.keyboard.type(text);
  const name = () => page.evaluate(() => {
    const at = document.activeElement;
    return (at?.getAttribute('aria-label') ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? '').trim();
  });
  /** Goes forward until what is so called has the focus, which must then be seen. */
  const to = async (wanted) => {
    const passed = [];
    for (let i = 0; i < 90; i++) {
      await press('Tab');
      const at = await name();
      if (typeof wanted === 'string' ? at === wanted : wanted.test(at)) {
        const ring = await page.evaluate(() => {
          const at = document.activeElement;
          const seen = (element) => element !== null && Number.parseFloat(getComputedStyle(element).outlineWidth) > 0 && getComputedStyle(element).outlineStyle !== 'none';
          return seen(at) || seen(at.closest('label'));
        });
        assert.ok(ring, `${wanted}: the focus is not seen`);
        return;
      }
      passed.push(at.slice(0, 30));
    }
    assert.fail(`no Tab reaches ${wanted}: ${passed.join(' | ')}`);
  };
  const heading = async (wanted) => {
    await page.getByRole('heading', {name: wanted, exact: true, level: 1}).waitFor();
    await page.waitForTimeout(50);
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', `${wanted}: the new page does not take the focus`);
  };

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
  await page.locator('body').press('Tab');
  await page.getByRole('button', {name: 'Verify the signature'}).focus();
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
  await to('Encrypt');
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
