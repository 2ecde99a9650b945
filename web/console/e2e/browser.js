// A real browser on a real server, watched: what it logs, refuses or throws fails the test, and so does what axe-core finds.

import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {after, before} from 'node:test';
import {chromium} from 'playwright-core';
import {Identity, signRequest} from '../../client/index.js';

export const url = process.env.TWOLOCK_URL ?? '';
const auth = process.env.TWOLOCK_AUTH_URL ?? '';
const authKey = process.env.TWOLOCK_AUTH_KEY ?? '';
const vaults = process.env.TWOLOCK_VAULTS_URL ?? '';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.TWOLOCK_SCREENSHOTS;

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.TWOLOCK_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});
after(() => browser?.close());

/** A person with a browser of their own. */
export async function visitor({width = 1280, height = 900, dark = false, ...options} = {}) {
  const context = await browser.newContext({
    viewport: {width, height}, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', acceptDownloads: true,
    permissions: ['clipboard-read', 'clipboard-write'], ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = [];
  const requests = [];
  await context.exposeBinding('__violation', (_, what) => complaints.push(what));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => globalThis.__violation(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // The browser itself logs each answer that is not 200; the console has to cope with those.
    if (['error', 'warning'].includes(message.type()) && !/Failed to load resource/.test(message.text())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => requests.push(request.url()));
  return {page, context, complaints, requests};
}

/** Nothing was complained of, and nothing was asked of another origin. */
export async function calm({context, complaints, requests}) {
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests.filter((request) => !request.startsWith(url + '/') && !request.startsWith('blob:') && !request.startsWith('data:')), []);
  await context.close();
}

/** axe-core finds nothing on the page as it is. By evaluate, which no CSP stops. */
export async function accessible(page, what) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const {violations} = await globalThis.axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']});
    return violations.map(({id, nodes}) => `${id}: ${nodes.map(({html, failureSummary}) => html.slice(0, 200) + ' ' + failureSummary).join(' | ')}`);
  });
  assert.deepEqual(violations, [], what);
  await fits(page, what);
}

async function fits(page, what) {
  const scrolls = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(scrolls <= 0, `${what}: the page scrolls sideways by ${scrolls}`);
}

/** Looks at the page in both schemes, narrow and wide. With TWOLOCK_SCREENSHOTS, leaves pictures there. */
export async function look(page, what) {
  const size = page.viewportSize();
  for (const [name, width, height, colorScheme] of [['light', 1280, 900, 'light'], ['narrow', 360, 780, 'dark'], ['wide', 2560, 1300, 'dark']]) {
    await page.setViewportSize({width, height});
    await page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
    // What axe-core looks at differs by scheme and by layout; wide is laid out as light is.
    await (name === 'wide' ? fits : accessible)(page, `${what}, ${name}`);
    if (pictures) {
      mkdirSync(pictures, {recursive: true});
      await page.screenshot({path: join(pictures, `${what}-${name}.png`), fullPage: name === 'narrow'});
    }
  }
  await page.setViewportSize(size);
  await page.emulateMedia({colorScheme: 'light', reducedMotion: 'reduce'});
}

/** A first visit up to the identity; returns its DID and its recovery file. */
export async function makeIdentity(page, label = 'Alice', at = '/') {
  await page.goto(url + at);
  await page.getByLabel('A name for it').first().fill(label);
  await page.getByRole('button', {name: 'Make my identity'}).click();
  await page.getByRole('heading', {name: 'Save the recovery file'}).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Save the recovery file'}).click()]);
  const file = readFileSync(await download.path(), 'utf8');
  await page.getByRole('button', {name: 'Continue', exact: true}).click();
  return {did: JSON.parse(file).controller, file};
}

/** What a click saves. */
export async function saved(page, locator) {
  const [download] = await Promise.all([page.waitForEvent('download'), locator.click()]);
  return {name: download.suggestedFilename(), contents: readFileSync(await download.path())};
}

export async function createKeystore(page, name) {
  await page.goto(url + '/create');
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('button', {name: 'Next'}).click();
  await page.getByRole('textbox', {name: /^Name/}).fill(name);
  await page.getByRole('button', {name: 'Create the keystore'}).click();
  await page.getByRole('heading', {name: 'The keystore is ready'}).waitFor();
  await page.getByRole('button', {name: 'Go to the keystore'}).click();
  await page.getByRole('heading', {name, exact: true}).waitFor();
  return page.url();
}

export async function createKey(page, keystore, type, name) {
  await page.goto(keystore + '/new');
  await page.getByLabel('Type', {exact: true}).selectOption(type);
  await page.getByRole('textbox', {name: /^Name/}).fill(name);
  await page.getByRole('button', {name: 'Create the key'}).click();
  await page.getByRole('heading', {name, exact: true}).waitFor();
  return page.url();
}

/** A keystore made by the API, where a journey is about something else. */
export async function keystoreOf(client, controller, name, more = {}) {
  const {createKeystore} = await client.request(url + '/graphql', 'createKeystore', 'mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }', {input: {controller, name, ...more}});
  return createKeystore.keystore.id;
}

/** And a key. */
export async function keyOf(client, keystore, input) {
  const {createKey} = await client.request(keystore, 'generateKey', 'mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }', {input: {keystore, ...input}});
  return createKey.key.id;
}

/** Stores a share at the Auth server, as its user does with what the console hands out. */
export async function storeShare(did, body) {
  const token = `${did}.${createHmac('sha256', authKey).update(did).digest('hex')}`;
  const headers = {'Content-Type': 'application/json', 'Authorization': 'Bearer ' + Buffer.from(token).toString('base64')};
  return (await fetch(auth + '/secret', {method: 'POST', headers, body})).status;
}

/** A vault of the identity whose recovery file it is; returns its URL. */
export async function makeVault(file) {
  const identity = await Identity.fromFile(file);
  const target = vaults + '/edvs';
  const body = JSON.stringify({
    sequence: 0, controller: identity.did, keyAgreementKey: {id: identity.did + '#kak', type: 'X25519KeyAgreementKey2020'}, hmac: {id: 'urn:hmac:1', type: 'Sha256HmacKey2019'},
  });
  const headers = await signRequest({url: target, body, identity, rootTarget: target, action: 'write'});
  const response = await fetch(target, {method: 'POST', headers, body});
  assert.equal(response.status, 201, await response.text());
  return response.headers.get('Location');
}
