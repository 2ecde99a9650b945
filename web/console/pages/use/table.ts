// The results of many, as a table and as files.

import {encode, fromBase64url, type Encoding} from '../../format.ts';
import {workText} from '../../worktext.ts';
import type {Answer} from './next.ts';
import {operations, type Name} from './operations.ts';

export const labelOf = (field: string): string => (workText.use.fields as Record<string, string | undefined>)[field] ?? (workText.use.results as Record<string, string | undefined>)[field] ?? field;

export type ItemError = {code: string; message: string};
export const errorOf = (answer: Answer): ItemError | undefined => (answer.error ?? undefined) as ItemError | undefined;

/** What the results of an operation have, without what none of them has. */
export function columnsOf(name: Name, results: readonly Answer[]): string[] {
  return ['valid', ...Object.keys(operations[name].result), 'sourceVersion', 'version'].filter((column) => results.some((result) => result[column] !== undefined && result[column] !== null && result[column] !== ''));
}

/** Bytes in another encoding, or as they are where they have none in it. */
export function shownAs(value: unknown, as: Encoding): string {
  if (typeof value !== 'string') return String(value ?? '');
  return encode(fromBase64url(value), as) ?? value;
}

/** RFC 4180, bytes as the API has them. A cell that a spreadsheet would take for a formula is not one. */
export function csvOf(name: Name, results: readonly Answer[]): string {
  const columns = columnsOf(name, results);
  const rows = results.map((result, i) => [i + 1, ...columns.map((column) => result[column]), errorOf(result)?.code, errorOf(result)?.message]);
  return [['item', ...columns, 'code', 'message'], ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}

function cell(value: unknown): string {
  const plain = String(value ?? '');
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

export function jsonOf(results: readonly Answer[]): string {
  return JSON.stringify(results, null, 1) + '\n';
}
