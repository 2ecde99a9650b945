// The list of keystores of a service that has many: far pages come as fast as near ones.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {Client, Identity} from '../../client/index.js';
import {accessible, calm, url, visitor} from './browser.js';

const many = Number(process.env.TWOLOCK_MANY);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const timed = async (work) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

test(`the list of ${many} keystores`, async () => {
  const v = await visitor();
  const {page} = v;
  await page.goto(url);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Choose an identity file'}).click()]);
  await chooser.setFiles({name: 'op.json', mimeType: 'application/json', buffer: readFileSync(process.env.TWOLOCK_IDENTITY)});
  await page.getByRole('link', {name: 'Overview'}).click();
  await page.locator('.figure').first().getByText(new Intl.NumberFormat('en-GB').format(many)).waitFor({timeout: 30_000});
  await page.getByRole('link', {name: 'All keystores'}).click();
  await page.getByRole('status').getByText('Page 1').waitFor();

  const times = [];
  const next = page.getByRole('button', {name: 'Next'}).first();
  const pages = Math.min(150, Math.ceil(many / 50));
  let first = '';
  for (let n = 2; n <= pages; n++) {
    const began = performance.now();
    await next.click();
    await page.getByRole('status').getByText(`Page ${n}`, {exact: true}).waitFor();
    await page.waitForFunction((before) => document.querySelector('tbody th a')?.getAttribute('href') !== before, first);
    times.push(performance.now() - began);
    first = await page.locator('tbody th a').first().getAttribute('href');
  }
  const near = median(times.slice(0, 30));
  const far = median(times.slice(-30));
  assert.ok(far < 2 * near + 50, `page ${pages} takes ${far} ms, page 2 ${near}`);
  assert.equal(await page.getByRole('rowheader').count(), 50);

  // Every filter of the page: what is found at once, what is found by nobody, what is found late.
  const named = (i) => `keystore ${String(i).padStart(7, '0')}`;
  const find = (name, then) => timed(async () => {
    await page.getByLabel('Name or URL').fill(name);
    await page.keyboard.press('Enter');
    await then();
  });
  const middle = Math.floor(many / 2);
  const found = await find(named(many - 3), () => page.getByRole('link', {name: named(many - 3)}).waitFor());
  assert.equal(await page.getByRole('rowheader').count(), 1);
  await accessible(page, 'one of many');
  const half = await find(named(middle).slice(0, -2), () => page.getByRole('link', {name: named(middle)}).waitFor());
  const nobody = await find('keystore x', () => page.getByRole('heading', {name: 'No keystore matches'}).waitFor());
  await page.getByRole('button', {name: 'Show all'}).first().click();
  await page.getByRole('rowheader').nth(49).waitFor();
  const controller = await timed(() => Promise.all([page.waitForResponse('**/graphql'), page.getByRole('button', {name: /Only this controller/}).first().click()]));
  const state = await timed(async () => {
    await page.getByLabel('State').selectOption('DISABLED');
    await page.getByRole('heading', {name: 'No keystore matches'}).or(page.getByText('Nothing among these')).waitFor();
  });
  console.log(`filters: the middle by its name in ${half.toFixed(0)} milliseconds, a name of nobody in ${nobody.toFixed(0)}, a controller in ${controller.toFixed(0)}, a controller's disabled in ${state.toFixed(0)}`);
  console.log(`a page in ${near.toFixed(0)} milliseconds, the ${pages}th in ${far.toFixed(0)}, one by its name in ${found.toFixed(0)}`);
  await calm(v);
});

// All of them, page by page as a client reads them: each once. How long they take is printed.
test(`every page of ${many} keystores`, async () => {
  const client = new Client({identity: await Identity.fromFile(readFileSync(process.env.TWOLOCK_IDENTITY, 'utf8'))});
  const pages = 'query($after: String) { keystores(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';
  const seen = new Set();
  const times = [];
  for (let after = null; ;) {
    let got;
    times.push(await timed(async () => {
      got = (await client.request(url + '/graphql', 'read', pages, {after})).keystores;
    }));
    got.nodes.forEach(({id}) => seen.add(id));
    if (!got.pageInfo.hasNextPage) break;
    after = got.pageInfo.endCursor;
  }
  assert.equal(seen.size, many);
  assert.equal(times.length, many / 100);
  const some = Math.ceil(times.length / 10);
  const middle = Math.floor(times.length / 2);
  const [first, half, last] = [times.slice(0, some), times.slice(middle, middle + some), times.slice(-some)].map(median);
  console.log(`pages of 100 over the API: the first in ${first.toFixed(1)} milliseconds, the middle in ${half.toFixed(1)}, the last in ${last.toFixed(1)}`);
});
