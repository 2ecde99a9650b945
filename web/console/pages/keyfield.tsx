import type {ReactElement} from 'react';
import {useRead} from '../api.ts';
import {ListKeys, type KeyOperation} from '../operations.ts';
import {SelectField, TextField} from '../ui.tsx';
import {workText} from '../worktext.ts';
import {nameOf} from './frame.tsx';

/** A key of the keystore that is for something: picked from a list, or by its URL where they cannot be read or are too many. */
export function KeyField({label, hint, optional = false, keystore, readable, needs, none, except, value, onChange, problem}: {
  label: string; hint?: string; optional?: boolean; keystore: string; readable: boolean; needs: KeyOperation; none: string; except?: string; value: string; onChange: (value: string) => void; problem?: string | undefined;
}): ReactElement {
  const {data} = useRead(ListKeys, keystore, {id: keystore, first: 100, filter: {state: 'ENABLED'}}, {enabled: readable});
  const keys = data?.keystore?.keys;
  if (!keys || keys.pageInfo.hasNextPage) return <TextField label={label} hint={workText.keyUrl} optional={optional} className="mono" value={value} onChange={onChange} problem={problem}/>;
  const fit = keys.nodes.filter((key) => key.id !== except && key.operations.includes(needs) && (needs === 'ENCRYPT' || !key.publicOnly));
  return <SelectField label={label} hint={problem ?? hint} optional={optional} value={value} onChange={onChange} options={[{value: '', label: none}, ...fit.map((key) => ({value: key.id, label: `${nameOf(key)} (${key.type})`}))]}/>;
}
