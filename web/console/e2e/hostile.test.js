// Names, descriptions, tags and errors made of markup are shown as text (200 payloads in each field), and nothing of them runs.

import assert from 'node:assert/strict';
import test from 'node:test';
import {Client, Identity} from '../../client/index.js';
import {accessible, calm, createKeystore, makeIdentity, url, visitor} from './browser.js';
import {payloads} from './payloads.js';

test('200 keys whose every word is markup', async () => {
  const v = await visitor({height: 1400});
  const {page} = v;
  const {file} = await makeIdentity(page, '<img src=x onerror=alert(1)>');
  const keystore = await createKeystore(page, payloads[0]);
  const client = new Client({identity: await Identity.fromFile(file)});
  const keys = [];
  for (let i = 0; i < payloads.length; i += 20) {
    const some = payloads.slice(i, i + 20);
    const fields = some.map((_, j) => `k${j}: createKey(input: $i${j}) { key { id } }`).join(' ');
    const variables = Object.fromEntries(some.map((payload, j) => [`i${j}`, {
      keystore, type: 'HMAC_SHA256', name: payload, description: payload, tags: [{name: payload.slice(0, 64), value: payload}],
    }]));
    const data = await client.request(keystore, 'generateKey', `mutation(${some.map((_, j) => `$i${j}: CreateKeyInput!`).join(', ')}) { ${fields} }`, variables);
    keys.push(...some.map((_, j) => data[`k${j}`].key.id));
  }
  await client.request(keystore, 'write', 'mutation($input: UpdateKeystoreInput!) { updateKeystore(input: $input) { keystore { id } } }', {
    input: {keystore, description: payloads[1], tags: [{name: payloads[2].slice(0, 64), value: payloads[3]}]},
  });
  const seen = [];
  await page.goto(keystore);
  for (let i = 1; ; i++) {
    if (i > 1) await page.getByText(`Page ${i}`).waitFor();
    await page.getByRole('rowheader').first().waitFor();
    await page.waitForFunction((seen) => !seen.includes(document.querySelector('tbody th a')?.textContent), seen); // the rows come after the number of the page
    seen.push(...await page.locator('tbody th a').allTextContents());
    for (const [name, value] of (await page.locator('tbody .tag').allTextContents()).map((tag) => tag.split(/=(?=.*$)/))) assert.ok(name || value);
    const next = page.getByRole('button', {name: 'Next'});
    if (await next.isDisabled()) break;
    await next.click();
  }
  assert.deepEqual(seen, payloads, 'the names are not shown as they are');
  for (const i of [0, 1, 7, 20, 37, 38, 45]) {
    for (const path of ['', '/use']) {
      await page.goto(keys[i] + path);
      await page.getByRole('heading', {level: 1}).getByText(payloads[i]).waitFor();
      assert.ok((await page.title()).includes(payloads[i]));
    }
  }
  await page.goto(keys[1]);
  await page.getByRole('heading', {name: payloads[1]}).waitFor();
  await page.getByRole('button', {name: 'Delete', exact: true}).click();
  await page.getByText(`The key “${payloads[1]}”.`).waitFor();
  await page.keyboard.press('Escape');
  await accessible(page, 'a key of markup');
  for (const path of ['/settings', '/delegate', '/capabilities']) {
    await page.goto(keystore + path);
    await page.getByText(payloads[0]).first().waitFor();
    await accessible(page, `a keystore of markup, ${path}`);
  }
  await page.goto(url);
  await page.getByRole('link', {name: payloads[0]}).waitFor();
  // Nothing of it became an element.
  assert.equal(await page.locator('img, iframe, object, embed, base, marquee, video, math, style').count(), 0);
  await calm(v);
});

test('answers made of markup, or that are none', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const keystore = await createKeystore(page, 'Hostile');
  let answer = {};
  await page.route(keystore, (route) => (route.request().method() === 'POST' ? route.fulfill(answer) : route.fallback()));
  const json = (body, status = 200) => ({status, contentType: 'application/json', body: JSON.stringify(body)});
  const error = (message, extensions) => json({errors: [{message, extensions}], data: null});
  for (const payload of payloads.slice(0, 40)) {
    answer = error(payload, {code: 'BAD_USER_INPUT'});
    await page.goto(keystore);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.ok((await alert.textContent()).toLowerCase().includes(payload.toLowerCase()), payload);
  }
  for (const [what, given, words] of [
    ['a reference of markup', error('x', {code: 'INTERNAL', requestId: payloads[1]}), payloads[1]],
    ['a code of markup', error('what', {code: payloads[0]}), 'Something went wrong here'],
    ['a code of Object', error('what', {code: 'constructor'}), 'Something went wrong here'],
    ['an upstream', error('x', {code: 'UPSTREAM_UNAVAILABLE', upstream: 'auth-server', retryable: false}), 'The Auth server'],
    ['a proxy’s page', {status: 502, contentType: 'text/html', body: payloads[0]}, 'not a twolock server'],
    ['nothing', {status: 200, contentType: 'application/json', body: ''}, 'not a twolock server'],
    ['null', json({data: {keystore: null}}), 'This does not exist'],
  ]) {
    answer = given;
    await page.goto(keystore);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.ok((await alert.textContent()).includes(words), `${what}: ${await alert.textContent()}`);
    await accessible(page, what);
  }
  await page.unroute(keystore);
  await page.route(keystore, (route) => (route.request().method() === 'POST' ? route.abort() : route.fallback()));
  await page.goto(keystore);
  await page.getByText('The server did not answer').waitFor({timeout: 20_000});
  await calm(v);
});
