// What can be typed in the workbench: how it is asked for, when, and how the API takes it.

import {isEcdh, isEcdsa, isRsa, symmetricTypes, algorithmsOf} from '../../keytypes.ts';
import {encryptionAlgorithmValues, type Algorithm, type KeyDetails, type KeyType} from '../../operations.ts';
import {bytesOf, bytesProblem, noBytes, type BytesValue} from '../../ui.tsx';
import {workText} from '../../worktext.ts';
import {operations, type FieldName, type Name} from './operations.ts';

/** What is used: a key, of which nothing is known where it may not be read, or a keystore. */
export type Subject = {url: string; keystore: string; data: KeyDetails | undefined; wholeKeystore: boolean};

export type Values = {bytes: Partial<Record<FieldName, BytesValue>>; plain: Partial<Record<FieldName, string>>};
export const noValues: Values = {bytes: {}, plain: {}};

type Context = {name: Name; type: KeyType | undefined; algorithm: string; values: Values; versions: boolean};

type Kind =
  | {kind: 'bytes'; from: 'text' | 'base64url'; rows?: number; filled?: true}
  | {kind: 'json'}
  | {kind: 'choice'; options: () => readonly string[]; wide?: true}
  | {kind: 'algorithm' | 'text' | 'key'}
  | {kind: 'number'; most: (name: Name) => number};

export type Field = Kind & {
  /** Whether it is asked for. */
  when?: (context: Context) => boolean;
  /** What the API gets where it is not. */
  absent?: (name: Name) => string | undefined;
  start?: string;
  /** Few need it. */
  more?: true;
};

const ecdh = (type: KeyType | undefined) => !type || isEcdh(type);
const onward = ({type, values}: Context) => ecdh(type) || plainOf(values, 'destinationKey').trim() !== '';
const nonceless = (type: KeyType | undefined) => type !== undefined && (isEcdh(type) || isRsa(type));
const sender = ({name, type, algorithm}: Context) => name === 'open' || (ecdh(type) && (!type || algorithm === 'ECDH_1PU_A256KW'));
const asText = {kind: 'bytes', from: 'text'} as const;
const line = {kind: 'bytes', from: 'text', rows: 1} as const;
const binary = {kind: 'bytes', from: 'base64url', filled: true} as const;

export const fields: Readonly<Record<FieldName, Field>> = {
  message: asText, plaintext: asText, data: asText,
  signature: binary, ciphertext: binary, mac: binary, wrappedKey: binary, keyToWrap: binary,
  nonce: {...binary, rows: 1, when: ({name, type}) => name === 'open' || !nonceless(type), absent: (name) => (name === 'open' ? undefined : '')},
  aad: line,
  destinationAad: line,
  destinationInfo: {...line, when: onward},
  destinationAlgorithm: {kind: 'choice', options: () => ['', ...encryptionAlgorithmValues], start: '', when: onward},
  info: {...line, when: ({name, type, algorithm}) => name === 'deriveKey' || (ecdh(type) && (algorithm === '' || algorithm.startsWith('HPKE')))},
  context: {...line, when: ({type}) => !type || type.startsWith('ML_DSA')},
  salt: line,
  recipientPublicKey: {...binary, rows: 2, when: ({name, type}) => name === 'seal' || ecdh(type)},
  senderPublicKey: {...binary, rows: 2, when: sender},
  publicKey: {...binary, rows: 2, when: ({name, type}) => name === 'deriveSecret' || ecdh(type)},
  apu: {...line, more: true, when: ({type}) => ecdh(type)},
  apv: {...line, more: true, when: ({type}) => ecdh(type)},
  tag: {...binary, rows: 1, more: true, when: sender},
  ephemeralKey: {kind: 'json', more: true, when: ({type}) => ecdh(type)},
  epk: {kind: 'json', when: ({type}) => ecdh(type)},
  algorithm: {kind: 'algorithm'},
  encoding: {kind: 'choice', options: () => ['IEEE_P1363', 'DER'], start: 'IEEE_P1363', when: ({type}) => type !== undefined && isEcdsa(type)},
  messageType: {kind: 'choice', options: () => ['RAW', 'DIGEST'], start: 'RAW', when: ({type}) => type !== undefined && (isEcdsa(type) || isRsa(type))},
  version: {kind: 'number', most: () => 2 ** 31 - 1, when: ({versions}) => versions},
  length: {kind: 'number', start: '32', most: (name) => (name === 'deriveKey' ? 8160 : 1024), when: ({name, values}) => name !== 'deriveKey' || plainOf(values, 'derived') === 'bytes'},
  withPlaintext: {kind: 'choice', wide: true, options: () => ['true', 'false'], start: 'true'},
  destinationKey: {kind: 'key'},
  derived: {kind: 'choice', wide: true, options: () => ['bytes', 'key'], start: 'bytes'},
  type: {kind: 'choice', options: () => symmetricTypes, start: 'XAES_256_GCM', when: ({values}) => plainOf(values, 'derived') === 'key'},
  count: {kind: 'number', start: '10', most: () => 1000},
  name: {kind: 'text', when: ({values}) => plainOf(values, 'derived') === 'key'},
};

export const bytesIn = (values: Values, name: FieldName): BytesValue => {
  const field = fields[name];
  return values.bytes[name] ?? (field.kind === 'bytes' ? {...noBytes, encoding: field.from} : noBytes);
};
export const plainOf = (values: Values, name: FieldName): string => values.plain[name] ?? fields[name].start ?? '';

/** The algorithms to choose from, and the one that is chosen: '' is the type's default, which a key may be restricted from. */
export function algorithmOf(name: Name, key: KeyDetails | undefined, values: Values): {chosen: Algorithm | ''; offered: Algorithm[]; hasDefault: boolean} {
  const {algorithms} = operations[name];
  if (!key || !algorithms) return {chosen: '', offered: [], hasDefault: true};
  const offered = algorithms(key.algorithms);
  const usual = algorithms(algorithmsOf(key.type))[0];
  const hasDefault = usual === undefined || offered.includes(usual);
  const wanted = plainOf(values, 'algorithm') as Algorithm;
  return {chosen: offered.includes(wanted) ? wanted : hasDefault ? '' : offered[0] ?? '', offered, hasDefault};
}

/** The fields that an operation asks for now. */
export function asked(name: Name, subject: Subject, values: Values): {name: FieldName; optional: boolean}[] {
  const key = subject.data;
  const context: Context = {name, type: key?.type, algorithm: algorithmOf(name, key, values).chosen, values, versions: !key || key.version > 1};
  return operations[name].fields.map((listed) => ({name: listed.replace('?', '') as FieldName, optional: listed.endsWith('?') || (!key && listed === 'publicKey')}))
    .filter((field) => fields[field.name].when?.(context) ?? true);
}

/** undefined: nothing was typed; null: what was typed is no JSON object. */
export function readJson(value: string): Record<string, unknown> | null | undefined {
  if (value.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

/** A whole number from 1; undefined for what is none. */
export function readNumber(value: string, most: number): number | undefined {
  const n = Number(value.trim() || NaN);
  return Number.isInteger(n) && n >= 1 && n <= most ? n : undefined;
}

/** What is wrong with a field as it is, if anything. */
export function problemOf(name: Name, field: FieldName, optional: boolean, values: Values): string | undefined {
  const t = workText.use;
  const of = fields[field];
  const value = plainOf(values, field);
  switch (of.kind) {
    case 'bytes': return bytesProblem(bytesIn(values, field));
    case 'json': return readJson(value) === null ? t.notJson : undefined;
    case 'number': return (optional && value.trim() === '') || readNumber(value, of.most(name)) !== undefined ? undefined : t.notNumber(of.most(name));
    default: return undefined;
  }
}

/** What a field is in the API's input; undefined: it is left out. */
export function inputOf(name: Name, field: FieldName, optional: boolean, subject: Subject, values: Values): unknown {
  const of = fields[field];
  const value = plainOf(values, field).trim();
  switch (of.kind) {
    case 'bytes': {
      const bytes = bytesOf(bytesIn(values, field));
      return bytes === '' && optional ? undefined : bytes;
    }
    case 'json': return readJson(value) ?? undefined;
    case 'number': return readNumber(value, of.most(name));
    case 'algorithm': return algorithmOf(name, subject.data, values).chosen || undefined;
    case 'choice': return field === 'derived' || (value === of.start && field !== 'type') ? undefined : field === 'withPlaintext' ? value === 'true' : value;
    default: return value || undefined;
  }
}

/** Whether something that must be there is not. */
export function missing(field: FieldName, optional: boolean, values: Values): boolean {
  const of = fields[field];
  if (optional || of.kind !== 'bytes' || !of.filled) return false;
  const {value, file} = bytesIn(values, field);
  return file ? file.bytes.length === 0 : value.trim() === '';
}

/** Where a request goes: to the keystore, where it concerns more than the key. */
export function targetOf(name: Name, subject: Subject, values: Values): string {
  const wider = (name === 'reencrypt' && plainOf(values, 'destinationKey').trim() !== '') || (name === 'deriveKey' && plainOf(values, 'derived') === 'key');
  return wider ? subject.keystore : subject.url;
}
