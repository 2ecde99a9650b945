// What somebody hands over may be false: a capability that only its maker believes in takes nothing away from who opens it.

import assert from 'node:assert/strict';
import test from 'node:test';
import {Client, Identity, delegate} from '../../client/index.js';
import {calm, createKey, createKeystore, makeIdentity, url, visitor} from './browser.js';

/** A capability for another's keystore, or for the service, by somebody who controls neither: well-formed and well signed, for nobody knows the controller but the server. */
async function forged(target, to, actions) {
  const mallory = await Identity.generate();
  return JSON.stringify(await delegate({identity: mallory, rootTarget: target, target, controller: to, ...(actions && {actions}), expires: new Date(Date.now() + 86_400_000)}));
}

async function open(page, text) {
  await page.goto(url + '/open');
  await page.getByLabel('URL or capability').fill(text);
  await page.getByRole('button', {name: 'Open', exact: true}).click();
}

test('a forged capability for a keystore that one controls', async () => {
  const v = await visitor();
  const {page} = v;
  const {did} = await makeIdentity(page);
  const keystore = await createKeystore(page, 'Mine');
  await open(page, await forged(keystore, did));
  await page.waitForTimeout(500);
  await page.goto(keystore);
  await page.getByRole('heading', {name: 'Mine', exact: true}).waitFor();
  await page.getByRole('button', {name: 'New key'}).waitFor();
  await calm(v);
});

test('a forged capability for a keystore that one has a capability for', async () => {
  const v = await visitor();
  const w = await visitor();
  const {did: bob} = await makeIdentity(w.page, 'Bob');
  const {did, file} = await makeIdentity(v.page);
  const keystore = await createKeystore(v.page, 'Shared');
  const given = await delegate({identity: await Identity.fromFile(file), rootTarget: keystore, target: keystore, controller: bob, actions: ['read', 'generateKey'], expires: new Date(Date.now() + 86_400_000)});
  await open(w.page, JSON.stringify(given));
  await w.page.getByRole('heading', {name: 'Shared', exact: true}).waitFor();
  await open(w.page, await forged(keystore, bob));
  await w.page.waitForTimeout(500);
  await w.page.goto(keystore);
  await w.page.getByRole('heading', {name: 'Shared', exact: true}).waitFor();
  await calm(w);
  await calm(v);
});

test('several capabilities for one key, and a forged one that the server cannot be asked about', async () => {
  const v = await visitor();
  const w = await visitor();
  const {page} = w;
  const {did: bob} = await makeIdentity(page, 'Bob');
  const {file} = await makeIdentity(v.page);
  const keystore = await createKeystore(v.page, 'Shared');
  const key = await createKey(v.page, keystore, 'ED25519', 'one');
  const give = async (...actions) => JSON.stringify(await delegate({identity: await Identity.fromFile(file), rootTarget: keystore, target: key, controller: bob, actions, expires: new Date(Date.now() + 86_400_000)}));
  await open(page, await give('sign'));
  await page.getByRole('link', {name: 'Use it'}).waitFor();
  await open(page, await give('read'));
  await page.getByRole('heading', {name: 'one', exact: true}).waitFor();
  await open(page, await forged(key, bob, ['sign']));
  await page.getByRole('heading', {name: 'one', exact: true}).waitFor();
  await page.goto(key + '/use');
  await page.getByRole('textbox', {name: 'Message'}).fill('hello');
  await page.getByRole('button', {name: 'Sign', exact: true}).click();
  await page.getByText('By version 1').waitFor();
  await calm(w);
  await calm(v);
});

test('a forged capability for the service, opened by an operator', async () => {
  const v = await visitor();
  const {page} = v;
  const {did} = await makeIdentity(page, 'Operator', '/' + new URL(process.env.TWOLOCK_ENROLMENT ?? '').hash);
  await page.getByRole('button', {name: 'Make this identity an operator'}).click();
  await page.getByText('The link has been used up.').waitFor();
  await page.goto(url + '/service/settings');
  await page.getByText('--listen').waitFor();
  await open(page, await forged(url + '/graphql', did));
  await page.waitForTimeout(500);
  await page.goto(url + '/service/settings');
  await page.getByText('--listen').waitFor();
  await calm(v);
});

test('a capability of another server is not revoked here, and nothing is asked there', async () => {
  const v = await visitor();
  const {page} = v;
  const {did} = await makeIdentity(page);
  const keystore = await createKeystore(page, 'Here');
  await page.goto(keystore + '/capabilities');
  await page.getByText('Revoke one that was given elsewhere').click();
  await page.getByRole('textbox', {name: 'Capability'}).fill(await forged('https://evil.example/keystores/z1', did));
  await page.getByRole('button', {name: 'Revoke', exact: true}).click();
  const confirm = page.getByRole('button', {name: 'Revoke it'});
  if (await confirm.count() > 0) await confirm.click();
  await page.getByText('This is on another server').waitFor();
  await calm(v);
});
