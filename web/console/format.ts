// How things are written for people, and bytes for machines.

import {fromBase64url, toBase64, toBase64url} from '../client/bytes.js';

export {fromBase64url, toBase64, toBase64url};

/** An identifier that fits a line: both ends, which is where they differ. */
export function short(id: string): string {
  const did = /^(did:key:)(.+)$/.exec(id);
  const [head, tail] = did ? [did[1] ?? '', did[2] ?? ''] : ['', id.replace(/^https?:\/\/.*\//, '')];
  return head + (tail.length > 18 ? tail.slice(0, 8) + '…' + tail.slice(-6) : tail);
}

/** The last part of a URL, which is what tells keystores and keys apart. */
export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

const dateTime = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'short'});
const dateOnly = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium'});
const numbers = new Intl.NumberFormat();

export const formatTime = (time: string | number): string => dateTime.format(new Date(time));
export const formatDate = (time: string | number): string => dateOnly.format(new Date(time));
const dayOnly = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeZone: 'UTC'});
/** A day in UTC, wherever the reader is. */
export const formatDay = (date: string): string => dayOnly.format(new Date(date));
export const formatNumber = (n: number): string => numbers.format(n);

export type Encoding = 'text' | 'base64url' | 'hex';

/** Reads what was typed; throws a TypeError that quotes nothing of it. */
export function decode(value: string, encoding: Encoding): Uint8Array<ArrayBuffer> {
  if (encoding === 'text') return new TextEncoder().encode(value);
  const plain = value.replace(/\s+/g, '');
  if (encoding === 'base64url') return fromBase64url(plain);
  const digits = plain.replace(/^0x/i, '').replaceAll(':', '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) throw new TypeError('must be hexadecimal digits, two a byte');
  return Uint8Array.from({length: digits.length / 2}, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** undefined: the bytes are no text. */
export function encode(bytes: Uint8Array, encoding: Encoding): string | undefined {
  if (encoding === 'base64url') return toBase64url(bytes);
  if (encoding === 'hex') return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The DER in a PEM block, and what it says it is. */
export function readPem(text: string): {label: string; der: Uint8Array<ArrayBuffer>} | undefined {
  const found = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(text);
  if (!found?.[1] || !found[2]) return undefined;
  try {
    return {label: found[1], der: fromBase64url(found[2].replace(/\s+/g, ''))};
  } catch {
    return undefined;
  }
}

/** A name for a file, from a name that anybody may have chosen. */
export function fileName(...parts: string[]): string {
  return parts.map((part) => part.replace(/[^\w.-]+/g, '-').slice(0, 40)).join('');
}

export function download(name: string, contents: string | Uint8Array<ArrayBuffer>, type = 'application/json'): void {
  const url = URL.createObjectURL(new Blob([contents], {type}));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
