// What a person has who has no mouse: keys, and where the focus is.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';

/** Where the focus is, what that is called, and whether a person sees it. Runs in the page. */
function focus() {
  const at = document.activeElement;
  if (!at || at === document.body) return {name: '', tag: 'BODY', group: '', radio: false, seen: true};
  const ringed = [at, at.closest('label'), at.closest('.CodeMirror')].find((element) => element && Number.parseFloat(getComputedStyle(element).outlineWidth) > 0 && getComputedStyle(element).outlineStyle !== 'none');
  // Not entirely off the screen, nor behind something (WCAG 2.4.11).
  const {left, top, right, bottom} = (ringed ?? at).getBoundingClientRect();
  const [l, t, r, b] = [Math.max(left, 0), Math.max(top, 0), Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
  const shows = (x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit !== null && ((ringed ?? at).contains(hit) || hit.contains(ringed ?? at));
  };
  const inView = r > l && b > t && [0.5, 0.1, 0.9].some((x) => [0.5, 0.1, 0.9].some((y) => shows(l + (r - l) * x, t + (b - t) * y)));
  return {
    name: (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent ?? '').trim(), tag: at.tagName, radio: at.type === 'radio',
    group: at.closest('fieldset')?.querySelector('legend')?.textContent ?? '', seen: ringed !== undefined && inView,
  };
}

export function handsOf(page) {
  const press = (key) => page.keyboard.press(key);
  const type = (text) => page.keyboard.type(text);
  const where = () => page.evaluate(focus);
  const name = async () => (await where()).name;
  const isIt = (at, wanted) => (typeof wanted === 'function' ? wanted(at) : typeof wanted === 'string' ? at.name === wanted : wanted.test(at.name));
  const go = async (key, wanted, most) => {
    const passed = [];
    for (let i = 0; i < most; i++) {
      await press(key);
      const at = await where();
      assert.ok(at.seen, `${at.name.slice(0, 60)}: the focus is not seen`);
      if (isIt(at, wanted)) return;
      passed.push(at.name.slice(0, 30));
    }
    assert.fail(`no ${key} reaches ${wanted}: ${passed.join(' | ')}`);
  };
  /** Goes forward until what is so called has the focus; wherever it is on the way, it is seen. */
  const to = (wanted, most = 90) => go('Tab', wanted, most);
  /** The same, backward. */
  const back = (wanted, most = 90) => go('Shift+Tab', wanted, most);
  /** Until a condition holds of the focus. */
  const until = async (holds, problem) => {
    const end = Date.now() + 5000;
    for (;;) {
      const is = await where();
      if (holds(is)) return;
      if (Date.now() > end) assert.fail(problem(is));
    }
  };
  const at = (wanted, why) => until((is) => isIt(is, wanted), (is) => `${why}: the focus is at “${is.name.slice(0, 60)}”, not at ${wanted}`);
  const heading = async (wanted) => {
    await page.getByRole('heading', {name: wanted, exact: true, level: 1}).waitFor();
    await until((is) => is.tag === 'H1', (is) => `${wanted}: the new page does not take the focus, ${is.name.slice(0, 60)} has it`);
  };
  /** Presses Enter; the dialog that opens has the focus in it. */
  const opens = async (title) => {
    await press('Enter');
    await page.getByRole('dialog', {name: title}).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement?.closest('dialog') !== null), `${title}: the focus is outside`);
  };
  /** Presses Escape; the dialog is gone, and the focus is where it was. */
  const escape = async (wanted) => {
    await press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    await at(wanted, 'after Escape');
  };
  const savedBy = async (key) => {
    const [download] = await Promise.all([page.waitForEvent('download'), press(key)]);
    return readFileSync(await download.path(), 'utf8');
  };
  /** Pastes, as typing something long takes long. */
  const paste = async (text) => {
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await press('Control+V');
  };
  /** What a copy button put on the clipboard. */
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  /** Goes all the way around, forward and backward: everything that takes the focus is reached, and nothing keeps it. */
  const around = async (what) => {
    const all = await page.evaluate(() => {
      const here = document.querySelector('dialog[open]') ?? document;
      globalThis.__reachable = [...here.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter((element) => (
        element.checkVisibility({visibilityProperty: true}) && !element.disabled && !element.closest('[popover]') && (element.type !== 'radio' || element.checked)
      ));
      return globalThis.__reachable.length;
    });
    for (const key of ['Tab', 'Shift+Tab']) {
      await page.evaluate(() => {
        globalThis.__left = new Set(globalThis.__reachable);
      });
      let left = all;
      for (let i = 0; left > 0 && i < all + 10; i++) {
        await press(key);
        assert.ok((await where()).seen, `${what}: ${await name()}: the focus is not seen`);
        left = await page.evaluate(() => {
          globalThis.__left.delete(document.activeElement);
          return globalThis.__left.size;
        });
      }
      assert.equal(left, 0, `${what}: ${key} does not reach ${await page.evaluate(() => [...globalThis.__left].map(({outerHTML}) => outerHTML.slice(0, 80)).join(' | '))}`);
    }
  };
  return {press, type, where, name, to, back, at, heading, opens, escape, savedBy, paste, copied, around};
}
