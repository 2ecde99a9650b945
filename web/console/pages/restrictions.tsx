// What a key may be used for and with, by whom and for how long: asked for when it is made, and when it is narrowed.

import {useState, type ReactElement} from 'react';
import {algorithmsOf, operationsOf} from '../keytypes.ts';
import type {Algorithm, KeyOperation, KeyType} from '../operations.ts';
import {text} from '../text.ts';
import {Check, Note, SelectField, TextField} from '../ui.tsx';
import {workText} from '../worktext.ts';

/** Those of a list that are picked: all, until some are not. */
export function Picks<V extends string>({legend, hint, options, labelOf, without, onChange, code = false}: {
  legend: string; hint?: string; options: readonly V[]; labelOf: (option: V) => string; without: readonly V[]; onChange: (without: readonly V[]) => void; code?: boolean;
}): ReactElement {
  return (
    <fieldset className="field">
      <legend className="field-legend"><strong>{legend}</strong></legend>
      {hint && <p className="hint">{hint}</p>}
      <div className={code ? 'checks wide' : 'checks'}>
        {options.map((option) => <Check key={option} label={code ? <code>{labelOf(option)}</code> : labelOf(option)} checked={!without.includes(option)} onChange={(on) => onChange(on ? without.filter((o) => o !== option) : [...without, option])}/>)}
      </div>
    </fieldset>
  );
}

type Restrictions = {operations?: KeyOperation[]; algorithms?: Algorithm[]; maxCapabilityChainLength?: number};

/** The restrictions of a new key of a type. The input is undefined while it cannot be sent. */
export function useRestrictions(type: KeyType): {input: Restrictions | undefined; fields: (asked: boolean) => ReactElement; reset: () => void} {
  const t = workText.restrict;
  const [noOperations, setNoOperations] = useState<readonly KeyOperation[]>([]);
  const [noAlgorithms, setNoAlgorithms] = useState<readonly Algorithm[]>([]);
  const [chain, setChain] = useState('');
  const allOperations = operationsOf(type);
  const allAlgorithms = algorithmsOf(type);
  const operations = allOperations.filter((operation) => !noOperations.includes(operation));
  const algorithms = allAlgorithms.filter((algorithm) => !noAlgorithms.includes(algorithm));
  const length = chain.trim() === '' ? undefined : Number(chain);
  const chainBad = length !== undefined && !(Number.isInteger(length) && length >= 1 && length <= 10);
  const noAlgorithm = allAlgorithms.length > 0 && algorithms.length === 0;
  return {
    input: operations.length === 0 || noAlgorithm || chainBad ? undefined : {
      ...(operations.length < allOperations.length && {operations}), ...(algorithms.length < allAlgorithms.length && {algorithms}), ...(length !== undefined && {maxCapabilityChainLength: length}),
    },
    reset: () => {
      setNoOperations([]);
      setNoAlgorithms([]);
    },
    fields: (asked) => (
      <>
        <Picks legend={text.newKey.uses} hint={text.newKey.usesHint} options={allOperations} labelOf={(operation) => text.keyOperations[operation]} without={noOperations} onChange={setNoOperations}/>
        {asked && operations.length === 0 && <Note tone="warning">{text.newKey.noUse}</Note>}
        {allAlgorithms.length > 1 && <Picks code legend={t.algorithms} hint={text.newKey.usesHint} options={allAlgorithms} labelOf={(algorithm) => algorithm} without={noAlgorithms} onChange={setNoAlgorithms}/>}
        {asked && noAlgorithm && <Note tone="warning">{t.noAlgorithm}</Note>}
        <TextField label={t.chain} hint={t.chainHint} optional inputMode="numeric" value={chain} onChange={setChain} problem={chainBad ? t.chainBad : undefined}/>
      </>
    ),
  };
}

export type Period = {every: string; unit: 'days' | 'hours'};
const hour = 3600;

/** Seconds, 0: by hand only; undefined for what the server does not take. */
export function readPeriod({every, unit}: Period): number | undefined {
  if (every.trim() === '') return 0;
  const seconds = Number(every) * (unit === 'days' ? 24 * hour : hour);
  return Number.isInteger(Number(every)) && seconds >= hour && seconds <= 3650 * 24 * hour ? seconds : undefined;
}

export function writePeriod(seconds: number | null): Period {
  if (!seconds) return {every: '', unit: 'days'};
  return seconds % (24 * hour) === 0 ? {every: String(seconds / (24 * hour)), unit: 'days'} : {every: String(Math.round(seconds / hour)), unit: 'hours'};
}

export function PeriodFields({period, onChange}: {period: Period; onChange: (period: Period) => void}): ReactElement {
  const t = workText.restrict;
  return (
    <div className="row">
      <TextField label={t.every} hint={t.everyHint} inputMode="numeric" value={period.every} onChange={(every) => onChange({...period, every})} problem={readPeriod(period) === undefined ? t.everyBad : undefined}/>
      <SelectField label={t.unit} value={period.unit} onChange={(unit) => onChange({...period, unit})} options={(['days', 'hours'] as const).map((value) => ({value, label: t.units[value]}))}/>
    </div>
  );
}
