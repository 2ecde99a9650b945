// Spellings of bytes: base64 and base64url (RFC 4648), base58btc as in multibase. None takes the same time for all
// bytes.

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * Standard base64 with padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * base64url without padding: how the API's Bytes are written.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64url(bytes) {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Undoes toBase64url, and toBase64: share files have the latter.
 * @param {string} text
 * @returns {Bytes}
 * @throws {TypeError} which does not quote the text
 */
export function fromBase64url(text) {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/={1,2}$/, '');
  const padded = plain.length !== text.length;
  if (/^[A-Za-z0-9+/]*$/.test(plain) && plain.length % 4 !== 1 && (!padded || text.length % 4 === 0)) {
    const bytes = Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
    // One spelling for one value: bits that no byte takes must be 0.
    if (toBase64(bytes).replaceAll('=', '') === plain) return bytes;
  }
  throw new TypeError('must be base64url');
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/**
 * @param {Uint8Array} bytes few, for it takes time quadratic in their number
 * @returns {string} z and base58btc
 */
export function toMultibase(bytes) {
  /** @type {number[]} */
  const digits = []; // the least first
  for (const byte of bytes) {
    let carry = byte;
    for (let i = 0; i < digits.length || carry > 0; i++) {
      carry += (digits[i] ?? 0) * 256;
      digits[i] = carry % 58;
      carry = Math.floor(carry / 58);
    }
  }
  const zeros = leading(bytes, 0);
  return 'z' + alphabet[0].repeat(zeros) + digits.reverse().map((digit) => alphabet[digit]).join('');
}

/**
 * @param {string} text
 * @returns {Bytes | undefined} undefined for what is not z and base58btc, or has more than 128 characters
 */
export function fromMultibase(text) {
  if (text.length > 128 || text[0] !== 'z') return undefined;
  /** @type {number[]} */
  const bytes = [];
  const digits = Array.from(text.slice(1), (character) => alphabet.indexOf(character));
  for (const digit of digits) {
    if (digit < 0) return undefined;
    let carry = digit;
    for (let i = 0; i < bytes.length || carry > 0; i++) {
      carry += (bytes[i] ?? 0) * 58;
      bytes[i] = carry % 256;
      carry = Math.floor(carry / 256);
    }
  }
  for (let zeros = leading(digits, 0); zeros > 0; zeros--) bytes.push(0);
  return Uint8Array.from(bytes.reverse());
}

/**
 * @param {ArrayLike<number>} list
 * @param {number} value
 */
function leading(list, value) {
  let count = 0;
  while (count < list.length && list[count] === value) count++;
  return count;
}

/**
 * @param {Uint8Array[]} parts
 * @returns {Bytes}
 */
export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * @param {Bytes} bytes
 * @returns {Promise<Bytes>} 32 bytes
 */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
