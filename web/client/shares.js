// Secret sharing over GF(2^8), in the format of HashiCorp Vault: a share is 32 y bytes and then its x byte.

/** @typedef {import('./bytes.js').Bytes} Bytes */

const secretLength = 32;
const shareLength = 33;
const fewest = 2;
const most = 16;

/**
 * Draws a secret, splits it and forgets it: any `threshold` of the shares make the lock. The secret itself is needed
 * nowhere.
 * @param {number} [shares] 2 to 16
 * @param {number} [threshold] 2 to the number of shares
 * @returns {Bytes[]} of 33 bytes each
 */
export function newShares(shares = 3, threshold = 2) {
  const secret = crypto.getRandomValues(new Uint8Array(secretLength));
  try {
    return splitSecret(secret, shares, threshold);
  } finally {
    secret.fill(0);
  }
}

/**
 * Splits a secret so that any `threshold` of the shares give it back and fewer tell nothing about it.
 * @param {Uint8Array} secret 32 bytes
 * @param {number} shares 2 to 16
 * @param {number} threshold 2 to the number of shares
 * @returns {Bytes[]} of 33 bytes each
 * @throws {RangeError} that names the argument
 */
export function splitSecret(secret, shares, threshold) {
  if (!(secret instanceof Uint8Array) || secret.length !== secretLength) {
    throw new RangeError('secret: must be 32 bytes');
  }
  if (!Number.isInteger(shares) || shares < fewest || shares > most) throw new RangeError('shares: must be 2 to 16');
  if (!Number.isInteger(threshold) || threshold < fewest || threshold > shares) {
    throw new RangeError('threshold: must be 2 to the number of shares');
  }
  const xs = distinct(shares);
  const split = Array.from(xs, (x) => {
    const share = new Uint8Array(shareLength);
    share[secretLength] = x;
    return share;
  });
  // The secret's byte and then random ones, the greatest power's last; that one may be 0, or shares would rule out
  // secrets.
  const coefficients = new Uint8Array(threshold);
  for (let i = 0; i < secretLength; i++) {
    crypto.getRandomValues(coefficients);
    coefficients[0] = secret[i];
    for (const share of split) share[i] = evaluate(coefficients, share[secretLength]);
  }
  coefficients.fill(0);
  return split;
}

/**
 * Joins shares. It cannot tell whether they are right, or enough: others give other bytes and no error.
 *
 * What it does refuse would be worse than wrong: a share with x = 0 is the secret itself, so that whoever sent it would
 * choose the result.
 * @param {Uint8Array[]} shares 2 to 16
 * @returns {Bytes} 32 bytes
 * @throws {RangeError} that names the share and quotes nothing of it
 */
export function joinShares(shares) {
  if (!Array.isArray(shares) || shares.length < fewest || shares.length > most) {
    throw new RangeError('shares: 2 to 16 are needed');
  }
  /** @type {number[]} */
  const xs = [];
  shares.forEach((share, i) => {
    if (!(share instanceof Uint8Array) || share.length !== shareLength) {
      throw new RangeError(`shares[${i}]: must be 33 bytes`);
    }
    const x = share[secretLength];
    if (x === 0) throw new RangeError(`shares[${i}]: has x = 0`);
    if (xs.includes(x)) throw new RangeError(`shares[${i}]: has the same x as shares[${xs.indexOf(x)}]`);
    xs.push(x);
  });
  // Lagrange's basis at 0: the product of xj / (xj - xi) over the others. Subtraction is exclusive or.
  const basis = xs.map((xi) => xs.filter((xj) => xj !== xi)
    .reduce((product, xj) => multiply(product, multiply(xj, invert(xj ^ xi))), 1));
  const secret = new Uint8Array(secretLength);
  for (let i = 0; i < secretLength; i++) {
    for (let j = 0; j < shares.length; j++) secret[i] ^= multiply(shares[j][i], basis[j]);
  }
  return secret;
}

/**
 * @param {number} count
 * @returns {Set<number>} of 1 to 255, each as likely as any other
 */
function distinct(count) {
  /** @type {Set<number>} */
  const xs = new Set();
  const random = new Uint8Array(1);
  while (xs.size < count) {
    const [x] = crypto.getRandomValues(random);
    if (x !== 0) xs.add(x);
  }
  return xs;
}

/**
 * Horner's rule.
 * @param {Uint8Array} coefficients the constant first
 * @param {number} x
 */
function evaluate(coefficients, x) {
  let y = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) y = multiply(y, x) ^ coefficients[i];
  return y;
}

/**
 * In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. No branch and no table: what it does depends on no byte of a secret.
 * @param {number} a
 * @param {number} b
 */
function multiply(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (-(product >> 7) & 0x11b);
    product ^= -((b >> bit) & 1) & a;
  }
  return product;
}

/**
 * a^254, the inverse of what is not 0.
 * @param {number} a
 */
function invert(a) {
  let power = a;
  for (let i = 0; i < 6; i++) power = multiply(multiply(power, power), a); // a^127
  return multiply(power, power);
}
