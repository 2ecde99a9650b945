// What can be done with a result: another operation, with its fields filled in.

import type {BytesValue} from '../../ui.tsx';
import {bytesIn, fields, plainOf, readJson, type Subject, type Values} from './fields.ts';
import {operations, type FieldName, type Name} from './operations.ts';
import {linesOf} from './request.ts';

export type Answer = Record<string, unknown>;
export type Follow = {to: Name; values: Values};

const binary = (value: string): BytesValue => ({encoding: 'base64url', value});

/** What follows one result, with this key: what went to another one is not for it. */
export function followsOf(name: Name, answer: Answer, subject: Subject, values: Values, sent: Answer): Follow[] {
  const key = subject.data;
  const own = key?.publicKey?.bytes;
  const recipient = sent.recipientPublicKey;
  if (recipient !== undefined && recipient !== own) return [];
  if (name === 'reencrypt' && plainOf(values, 'destinationKey').trim() !== '') return [];
  return (operations[name].follow ?? []).map((to) => {
    const next: Values = {bytes: {...values.bytes}, plain: {...values.plain, version: ''}};
    for (const listed of operations[to].fields) take(next, listed.replace('?', '') as FieldName, answer);
    if (name === 'wrapKey' || name === 'seal') next.bytes.senderPublicKey = binary(recipient === undefined ? '' : own ?? '');
    if (name === 'reencrypt') {
      if (sent.destinationAad !== undefined) next.bytes.aad = bytesIn(values, 'destinationAad');
      if (sent.destinationInfo !== undefined) next.bytes.info = bytesIn(values, 'destinationInfo');
      if (sent.destinationAlgorithm !== undefined) next.plain.algorithm = plainOf(values, 'destinationAlgorithm');
    }
    if (to === 'decapsulate' && typeof answer.version === 'number') next.plain.version = String(answer.version);
    return {to, values: next};
  });
}

function take(next: Values, field: FieldName, answer: Answer): void {
  const value = answer[field];
  if (value === undefined) return;
  if (fields[field].kind === 'bytes') next.bytes[field] = binary(typeof value === 'string' ? value : '');
  if (fields[field].kind === 'json') next.plain[field] = value === null || readJson(JSON.stringify(value)) === null ? '' : JSON.stringify(value, null, 2);
}

/** What follows the results of many, where all went well. */
export function followsOfMany(name: Name, results: readonly Answer[], values: Values): Follow[] {
  if (results.some(({error}) => error)) return [];
  if (name === 'reencrypt' && plainOf(values, 'destinationKey').trim() !== '') return [];
  return (operations[name].follow ?? []).filter((to) => operations[to].batch).map((to) => {
    const next: Values = {bytes: {...values.bytes}, plain: {...values.plain, version: ''}};
    for (const field of linesOf(to)) {
      if (results[0] && field in results[0]) next.bytes[field] = binary(results.map((result) => (typeof result[field] === 'string' ? result[field] : '')).join('\n'));
    }
    if (name === 'reencrypt') {
      if (bytesIn(values, 'destinationAad').value !== '') next.bytes.aad = bytesIn(values, 'destinationAad');
      if (bytesIn(values, 'destinationInfo').value !== '') next.bytes.info = bytesIn(values, 'destinationInfo');
      next.plain.algorithm = plainOf(values, 'destinationAlgorithm') || plainOf(values, 'algorithm');
    }
    return {to, values: next};
  });
}
