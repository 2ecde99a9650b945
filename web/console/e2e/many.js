// The list of keystores of a service that has many: far pages come as fast as near ones.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {accessible, calm, url, visitor} from './browser.js';

const many = Number(process.env.TWOLOCK_MANY);

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
  const next = page.getByRole('button', {name: 'Next'});
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
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const near = median(times.slice(0, 30));
  const far = median(times.slice(-30));
  assert.ok(far < 2 * near + 50, `page ${pages} takes ${far} ms, page 2 ${near}`);
  assert.equal(await page.getByRole('rowheader').count(), 50);

  const began = performance.now();
  await page.getByLabel('Name or URL').fill(`keystore ${String(many - 3).padStart(7, '0')}`);
  await page.keyboard.press('Enter');
  await page.getByRole('link', {name: `keystore ${String(many - 3).padStart(7, '0')}`}).waitFor();
  const found = performance.now() - began;
  assert.equal(await page.getByRole('rowheader').count(), 1);
  await accessible(page, 'one of many');
  console.log(`a page in ${near.toFixed(0)} milliseconds, the ${pages}th in ${far.toFixed(0)}, one by its name in ${found.toFixed(0)}`);
  await calm(v);
});
