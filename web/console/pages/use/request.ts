// From what was typed to what is sent, for one or for many.

import {decode, toBase64url} from '../../format.ts';
import type {BytesValue} from '../../ui.tsx';
import {bytesProblem} from '../../ui.tsx';
import {workText} from '../../worktext.ts';
import {asked, bytesIn, fields, inputOf, missing, plainOf, problemOf, readNumber, type Subject, type Values} from './fields.ts';
import {operations, type Document, type FieldName, type Name} from './operations.ts';

export type Input = Record<string, unknown>;

/** What would be sent, and why it cannot be, if so: then what is wrong stands as empty. */
export type Prepared = {document: Document; input: Input; problem: string | undefined; items: number};

/** As the server bounds it. */
export const maxItems = 1000;
const maxBody = 1 << 20;

/** The fields of which each item of a batch has its own: a line each. */
export function linesOf(name: Name): FieldName[] {
  const {batch, fields: listed} = operations[name];
  return batch ? batch.item.filter((field) => listed.includes(field)) : [];
}

export function prepare(name: Name, many: boolean, subject: Subject, values: Values, shares: readonly string[]): Prepared {
  const prepared = many ? prepareMany(name, subject, values) : prepareOne(name, subject, values);
  if (shares.length > 0) prepared.input.secretShares = shares;
  const size = prepared.document.text.length + JSON.stringify(prepared.input).length;
  return size > maxBody - 1000 && !prepared.problem ? {...prepared, problem: workText.use.tooLarge(size)} : prepared;
}

function prepareOne(name: Name, subject: Subject, values: Values): Prepared {
  const {input, problem} = common(name, subject, values, asked(name, subject, values));
  return {document: operations[name].document, input, problem, items: 1};
}

function common(name: Name, subject: Subject, values: Values, wanted: {name: FieldName; optional: boolean}[]): {input: Input; problem: string | undefined} {
  const input: Input = {[name === 'generateRandom' ? 'keystore' : 'key']: subject.url};
  let problem: string | undefined;
  for (const {name: field, optional} of wanted) {
    const bad = problemOf(name, field, optional, values) !== undefined;
    if (bad || missing(field, optional, values)) {
      problem = workText.use.missing;
      if (bad && !optional) input[field] = '';
      if (bad) continue;
    }
    const value = inputOf(name, field, optional, subject, values);
    if (value !== undefined) input[field] = value;
  }
  for (const listed of operations[name].fields) {
    const field = listed.replace('?', '') as FieldName;
    const absent = wanted.some((one) => one.name === field) ? undefined : fields[field].absent?.(name);
    if (absent !== undefined) input[field] = absent;
  }
  return {input, problem};
}

/** The lines, of which the last may be empty; each is bytes in the encoding of all. */
export function splitLines(value: string): string[] {
  const lines = value.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Which line cannot be read, from 1; 0: none. */
export function badLine({value, encoding}: BytesValue): number {
  return splitLines(value).findIndex((line) => bytesProblem({encoding, value: line}) !== undefined) + 1;
}

function prepareMany(name: Name, subject: Subject, values: Values): Prepared {
  const t = workText.use;
  const {batch, document} = operations[name];
  if (!batch) return {document, input: {}, problem: t.missing, items: 0};
  const wanted = asked(name, subject, values);
  const own = linesOf(name).filter((field) => wanted.some((one) => one.name === field));
  const shared = common(name, subject, values, wanted.filter((one) => !own.includes(one.name)));
  const lines = own.map((field) => ({field, lines: splitLines(bytesIn(values, field).value), encoding: bytesIn(values, field).encoding, bad: badLine(bytesIn(values, field))}));
  const counts = own.length > 0 ? lines.map((one) => one.lines.length) : [readNumber(plainOf(values, 'count'), maxItems) ?? 0];
  const count = counts[0] ?? 0;
  let problem = shared.problem;
  if (count === 0 || lines.some(({bad}) => bad > 0)) problem = own.length === 0 ? t.notNumber(maxItems) : t.missing;
  else if (counts.some((other) => other !== count)) problem = t.uneven(lines.map((one) => [t.fields[one.field], one.lines.length] as const));
  else if (count > maxItems) problem = t.tooMany(count);
  else if (lines.some((one) => fields[one.field].kind === 'bytes' && (fields[one.field] as {filled?: true}).filled && one.lines.includes(''))) problem = t.emptyLine;
  const input: Input = {};
  const ofEach: Input = {};
  for (const [field, value] of Object.entries(shared.input)) (batch.item.includes(field as FieldName) ? ofEach : input)[field] = value;
  input[batch.list] = problem === undefined || count <= maxItems ? Array.from({length: Math.min(count, maxItems)}, (_, i) => {
    const item: Input = {...ofEach};
    for (const one of lines) item[one.field] = one.bad > 0 ? '' : toBase64url(decode(one.lines[i] ?? '', one.encoding));
    return batch.list === 'items' ? item : Object.values(item)[0];
  }) : [];
  return {document: batch.document, input, problem, items: count};
}
