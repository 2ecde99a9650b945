// Capabilities: given, used by another identity, taken back.

import assert from 'node:assert/strict';
import jsQR from 'jsqr';
import test from 'node:test';
import {Client, Identity, TwolockError} from '../../client/index.js';
import {calm, createKey, createKeystore, look, makeIdentity, saved, url, visitor} from './browser.js';

test('a capability for one key: made, handed over as text, file and QR code, used, revoked', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const keystore = await createKeystore(page, 'Shared');
  // From a key's page it is that key that is given, whichever comes first in the list.
  const keys = [];
  for (const [name, type] of [['for carol', 'AES_256_GCM'], ['for bob', 'ED25519']]) {
    const key = await createKey(page, keystore, type, name);
    await page.getByRole('button', {name: 'Give access'}).click();
    await page.getByRole('heading', {name: 'Give a capability'}).waitFor();
    await page.getByLabel('Key', {exact: true}).getByText(name).waitFor({state: 'attached'});
    assert.equal(await page.getByLabel('Key', {exact: true}).inputValue(), key);
    assert.equal(await page.getByLabel('Encrypt', {exact: true}).count(), type === 'ED25519' ? 0 : 1, 'what is offered is another key’s');
    assert.equal(await page.locator('.crumbs li:last-child').evaluate((li) => li.lastElementChild?.tagName), 'A', 'the path ends in an arrow');
    keys.push(key);
  }
  const [, key] = keys;
  await look(page, 'delegate-key');
  await page.getByRole('button', {name: 'Cancel'}).click();
  await page.getByRole('heading', {name: 'for bob', exact: true}).waitFor();
  const w = await visitor();
  const bob = await makeIdentity(w.page, 'Bob');

  await page.goto(keystore);
  await page.getByRole('link', {name: 'Capabilities'}).click();
  await page.getByRole('heading', {name: 'Nothing given yet'}).waitFor();
  await look(page, 'capabilities-empty');
  await page.getByRole('button', {name: 'Give a capability'}).click();
  await page.getByLabel('Key', {exact: true}).selectOption({label: 'for bob (ED25519)'});
  await page.getByRole('button', {name: 'Make the capability'}).click();
  await page.getByText('This is not a did:key').waitFor();
  await look(page, 'delegate-refused');
  await page.getByLabel('To whom').fill(bob.did);
  assert.equal(await page.getByLabel('Encrypt', {exact: true}).count(), 0, 'what the key is not for can be given');
  await page.getByLabel('Delete keys').check();
  await page.getByText('Some of what this allows cannot be undone').waitFor();
  await page.getByLabel('Delete keys').uncheck();
  await page.getByLabel('Days until it ends').fill('91');
  await page.getByText('A whole number from 1 to 90.').waitFor();
  await page.getByLabel('Days until it ends').fill('7');
  await page.getByLabel('A note for yourself').fill('Bob of billing');
  await look(page, 'delegate');
  await page.getByRole('button', {name: 'Make the capability'}).click();
  await page.getByRole('heading', {name: 'Hand it over'}).waitFor();
  await look(page, 'delegate-done');
  const {contents} = await saved(page, page.getByRole('button', {name: 'Download Capability'}));
  const capability = JSON.parse(contents.toString());
  assert.equal(capability.controller, bob.did);
  assert.equal(capability.invocationTarget, key);
  assert.deepEqual(capability.allowedAction, ['read', 'sign', 'verify']);
  assert.deepEqual(JSON.parse(await scan(page)), capability, 'the QR code says something else');

  // Bob opens it and signs; he sees the key, and not the keystore.
  await w.page.goto(url + '/open');
  await w.page.getByLabel('URL or capability').fill(contents.toString());
  await w.page.getByRole('button', {name: 'Open', exact: true}).click();
  await w.page.getByRole('heading', {name: 'for bob', exact: true}).waitFor();
  await look(w.page, 'key-shared');
  for (const name of ['Rotate', 'Give access', 'Edit labels', 'Disable', 'Delete']) assert.equal(await w.page.getByRole('button', {name, exact: true}).count(), 0, name);
  await w.page.getByRole('button', {name: 'Use it'}).click();
  // The keystore is not his to read: nothing is claimed of its lock.
  await w.page.getByText('You may not see how the lock of this keystore is made.').waitFor();
  await w.page.getByRole('textbox', {name: 'Message'}).fill('hello');
  await w.page.getByRole('button', {name: 'Sign', exact: true}).click();
  await w.page.getByText('By version 1').waitFor();
  assert.match(await w.page.getByRole('region', {name: 'The same in code: Command line'}).textContent(), /--capability capability\.json/);
  await w.page.goto(url);
  await w.page.getByText('Capability', {exact: true}).waitFor();
  await w.page.getByRole('link', {name: 'for bob'}).waitFor();
  await look(w.page, 'home-shared');
  await w.page.goto(keystore);
  await w.page.getByRole('alert').waitFor();

  // Alice takes it back, and it is over at once, whichever client Bob has.
  const client = new Client({identity: await Identity.fromFile(bob.file), capability});
  const sign = () => client.request(key, 'sign', 'mutation($input: SignInput!) { sign(input: $input) { version } }', {input: {key, message: 'aGk'}});
  await sign();
  await page.getByRole('button', {name: 'See all given'}).click();
  await page.getByText('Bob of billing').waitFor();
  await look(page, 'capabilities');
  await page.getByRole('button', {name: 'Show: Bob of billing'}).click();
  await page.getByRole('dialog').waitFor();
  await look(page, 'capabilities-show');
  await page.keyboard.press('Escape');
  await page.getByRole('button', {name: 'Revoke: Bob of billing'}).click();
  await look(page, 'capabilities-revoke');
  await page.getByRole('button', {name: 'Revoke it'}).click();
  await page.getByText('The capability is revoked').waitFor();
  await page.getByRole('rowheader', {name: capability.id}).waitFor();
  await look(page, 'capabilities-revoked');
  await assert.rejects(sign, (error) => error instanceof TwolockError && error.code === 'FORBIDDEN');
  await w.page.goto(key + '/use');
  await w.page.getByRole('textbox', {name: 'Message'}).waitFor();
  await w.page.getByRole('button', {name: 'Sign', exact: true}).click();
  await w.page.getByRole('alert').waitFor();
  await look(w.page, 'use-revoked');
  await calm(w);
  await calm(v);
});

test('a capability for a whole keystore, given on; one of another identity, of another time, of another server', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const keystore = await createKeystore(page, 'Team');
  const w = await visitor();
  const bob = await makeIdentity(w.page, 'Bob');
  const give = async (page, to, label, actions) => {
    await page.goto(keystore + '/delegate');
    await page.getByLabel('To whom').fill(to);
    await page.getByRole('radio', {name: 'The whole keystore'}).check();
    for (const action of actions) await page.getByLabel(action, {exact: true}).check();
    await page.getByRole('button', {name: 'Make the capability'}).click();
    return (await saved(page, page.getByRole('button', {name: 'Download Capability'}))).contents.toString();
  };
  const given = await give(page, bob.did, 'Bob', ['Create keys']);
  await w.page.goto(url + '/open');
  const [chooser] = await Promise.all([w.page.waitForEvent('filechooser'), w.page.getByRole('button', {name: 'Choose a capability file'}).click()]);
  await chooser.setFiles({name: 'c.json', mimeType: 'application/json', buffer: Buffer.from(given)});
  await w.page.getByRole('heading', {name: 'Team', exact: true}).waitFor();
  await createKey(w.page, keystore, 'ED25519', 'made by bob');

  // Bob gives on what he has, to Carol.
  const x = await visitor();
  const carol = await makeIdentity(x.page, 'Carol');
  const on = await give(w.page, carol.did, 'Carol', []);
  await x.page.goto(url + '/open');
  const open = async (text) => {
    await x.page.getByLabel('URL or capability').fill(text);
    await x.page.getByRole('button', {name: 'Open', exact: true}).click();
  };
  await open(given);
  await x.page.getByText('This capability was given to').waitFor();
  await open(on.replace(/"expires": "2\d/, '"expires": "19'));
  await x.page.getByText('This is neither the URL').or(x.page.getByText('This capability has expired')).waitFor();
  await open('{"nonsense": true}');
  await x.page.getByText('This is neither the URL').waitFor();
  await look(x.page, 'open-refused');
  await open(on);
  await x.page.getByRole('heading', {name: 'Team', exact: true}).waitFor();
  await x.page.getByRole('link', {name: 'made by bob'}).click();
  await x.page.getByRole('button', {name: 'Use it'}).click();
  await x.page.getByRole('textbox', {name: 'Message'}).fill('hello');
  await x.page.getByRole('button', {name: 'Sign', exact: true}).click();
  await x.page.getByText('By version 1').waitFor();

  // Alice revokes Bob's by its JSON: Carol's is over too.
  await page.goto(keystore + '/capabilities');
  await page.getByText('Revoke one that was given elsewhere').click();
  await page.getByRole('textbox', {name: 'Capability'}).fill('{}');
  await page.getByRole('button', {name: 'Revoke', exact: true}).click();
  await page.getByText('This is not a capability.').waitFor();
  await page.getByRole('textbox', {name: 'Capability'}).fill(given);
  await page.getByRole('button', {name: 'Revoke', exact: true}).click();
  await page.getByRole('button', {name: 'Revoke it'}).click();
  await page.getByText('The capability is revoked').waitFor();
  await x.page.goto(keystore);
  await x.page.getByRole('alert').waitFor();
  for (const one of [x, w, v]) await calm(one);
});

/** Reads the QR code of the page, as a camera would. */
async function scan(page) {
  const svg = page.locator('svg.qr');
  await svg.waitFor();
  const {data, width, height} = await svg.evaluate((element) => new Promise((resolve, reject) => {
    const size = Number(element.getAttribute('viewBox').split(' ')[2]) * 4;
    const canvas = Object.assign(document.createElement('canvas'), {width: size, height: size});
    const context = canvas.getContext('2d');
    const copy = element.cloneNode(true);
    copy.querySelector('rect').setAttribute('fill', '#fff');
    copy.setAttribute('width', String(size));
    copy.setAttribute('height', String(size));
    const image = new Image();
    image.onload = () => {
      context.drawImage(image, 0, 0, size, size);
      resolve({data: Array.from(context.getImageData(0, 0, size, size).data), width: size, height: size});
    };
    image.onerror = () => reject(new Error('no image'));
    image.src = 'data:image/svg+xml,' + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  }));
  return jsQR.default?.(Uint8ClampedArray.from(data), width, height)?.data ?? jsQR(Uint8ClampedArray.from(data), width, height)?.data ?? '';
}
