import assert from 'node:assert/strict';
import {test} from 'node:test';
import {joinShares, newShares, splitSecret} from './shares.js';

const random = (length) => crypto.getRandomValues(new Uint8Array(length));

test('any threshold of the shares give the secret, and fewer do not', () => {
  for (let shares = 2; shares <= 5; shares++) {
    for (let threshold = 2; threshold <= shares; threshold++) {
      const secret = random(32);
      const all = splitSecret(secret, shares, threshold);
      assert.ok(all.every((share) => share.length === 33 && share[32] !== 0));
      assert.equal(new Set(all.map((share) => share[32])).size, shares);
      for (let set = 0; set < 1 << shares; set++) {
        const some = all.filter((_, i) => (set >> i) & 1);
        if (some.length < 2) continue;
        assert.equal(Buffer.from(joinShares(some)).equals(secret), some.length >= threshold, `${some.length} of ${shares}, threshold ${threshold}`);
      }
    }
  }
  assert.equal(splitSecret(random(32), 16, 16).length, 16);
});

// Worked by hand in GF(2^8) modulo x^8+x^4+x^3+x+1: f(x) = 0x2a + 0x53*x; f(1) = 0x79, f(2) = 0x8c, f(3) = 0xdf.
test('shares worked by hand are joined', () => {
  const share = (y, x) => Uint8Array.from([...Array(32).fill(y), x]);
  const [one, two, three] = [share(0x79, 1), share(0x8c, 2), share(0xdf, 3)];
  const far = share(0x2a ^ 0xc1, 0x83); // FIPS 197 section 4.2: 0x57 * 0x83 = 0xc1
  assert.deepEqual([...joinShares([far, share(0x2a ^ 0x57, 1)])], Array(32).fill(0x2a));
  for (const shares of [[one, two], [two, one], [one, three], [two, three], [three, two, one]]) {
    assert.deepEqual([...joinShares(shares)], Array(32).fill(0x2a));
  }
});

test('one share tells nothing: each of its bytes takes every value', () => {
  const seen = Array.from({length: 32}, () => new Set());
  const secret = random(32);
  for (let i = 0; i < 8000; i++) splitSecret(secret, 2, 2)[0].slice(0, 32).forEach((byte, at) => seen[at].add(byte));
  assert.ok(seen.every(({size}) => size === 256));
});

test('no share has x = 0, which is the secret', () => {
  const secret = random(32);
  for (let i = 0; i < 500; i++) assert.ok(splitSecret(secret, 16, 2).every((share) => share[32] !== 0));
});

test('new shares are of another secret each time', () => {
  const secrets = Array.from({length: 4}, () => Buffer.from(joinShares(newShares().slice(1))).toString('hex'));
  assert.equal(new Set(secrets).size, 4);
  assert.equal(newShares().length, 3);
});

test('the share that is refused is named, and nothing of it told', () => {
  const [a, b, c] = newShares();
  const zero = Uint8Array.from([...a.slice(0, 32), 0]);
  const sameX = Uint8Array.from([...b.slice(0, 32), a[32]]);
  for (const [what, shares, message] of [
    ['none', [], 'shares: 2 to 16 are needed'],
    ['one', [a], 'shares: 2 to 16 are needed'],
    ['seventeen', Array(17).fill(a), 'shares: 2 to 16 are needed'],
    ['no list', undefined, 'shares: 2 to 16 are needed'],
    ['32 bytes', [a, b.slice(0, 32)], 'shares[1]: must be 33 bytes'],
    ['34 bytes', [a, b, Uint8Array.from([...c, 1])], 'shares[2]: must be 33 bytes'],
    ['text', [Buffer.from(a).toString('base64'), b], 'shares[0]: must be 33 bytes'],
    ['x = 0', [zero, b], 'shares[0]: has x = 0'],
    ['x = 0 last', [a, b, zero], 'shares[2]: has x = 0'],
    ['the same share twice', [a, b, a], 'shares[2]: has the same x as shares[0]'],
    ['equal x', [b, a, sameX], 'shares[2]: has the same x as shares[1]'],
  ]) {
    assert.throws(() => joinShares(shares), {name: 'RangeError', message}, what);
  }
});

test('what cannot be split is refused', () => {
  const secret = random(32);
  for (const [argument, of, shares, threshold] of [
    ['secret', random(31), 3, 2], ['secret', random(33), 3, 2], ['secret', 'x'.repeat(32), 3, 2],
    ['shares', secret, 1, 1], ['shares', secret, 17, 2], ['shares', secret, 2.5, 2], ['shares', secret, NaN, 2],
    ['threshold', secret, 3, 1], ['threshold', secret, 3, 4], ['threshold', secret, 3, undefined],
  ]) {
    assert.throws(() => splitSecret(of, shares, threshold), (error) => error.name === 'RangeError' && error.message.startsWith(argument + ':'),
      `${argument} ${shares} ${threshold}`);
  }
});
