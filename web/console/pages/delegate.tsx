import {useQueryClient} from '@tanstack/react-query';
import {useState, type ReactElement} from 'react';
import {delegate} from '../../client/delegate.js';
import {parseDidUrl} from '../../client/did.js';
import type {Capability} from '../../client/index.js';
import {useRead} from '../api.ts';
import {formatTime, lastPart} from '../format.ts';
import {capabilityFor} from '../network.ts';
import {ListKeys, ReadKey} from '../operations.ts';
import {go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import * as store from '../store.ts';
import {text} from '../text.ts';
import {AreaField, Button, Check, Choices, Field, Form, Heading, Note, Problem, QrCode, SelectField, Takeaway, TextField, qrCapacity} from '../ui.tsx';
import {Crumbs, nameOf, useKeystore} from './frame.tsx';
import {readDays} from './key.tsx';

const groups = {
  use: ['sign', 'verify', 'encrypt', 'decrypt', 'computeMac', 'verifyMac', 'wrapKey', 'unwrapKey', 'seal', 'open', 'encapsulate', 'decapsulate', 'deriveSecret', 'deriveKey', 'generateDataKey', 'reencrypt'],
  see: ['read', 'generateRandom'],
  manage: ['generateKey', 'importKey', 'rotateKey', 'write', 'enableKey', 'disableKey', 'deleteKey', 'cancelKeyDeletion', 'trimKeyVersions', 'exportKey', 'backupKey', 'restoreKey'],
} as const;
const onlyWhole = new Set(['generateKey', 'importKey', 'restoreKey', 'generateRandom']);
const usual: Record<string, readonly string[]> = {SIGN: ['sign', 'verify'], ENCRYPT: ['encrypt', 'decrypt'], COMPUTE_MAC: ['computeMac', 'verifyMac']};
/** What a key must be for, so that an action is of use with it. */
const needs = (action: string) => ({generateDataKey: 'ENCRYPT', reencrypt: 'DECRYPT'})[action] ?? action.replace(/[A-Z]/g, (capital) => '_' + capital).toUpperCase();
const uses: ReadonlySet<string> = new Set(groups.use);
const dangerous = new Set(['deleteKey', 'trimKeyVersions', 'exportKey', 'backupKey', 'write']);

/** Gives a capability for a keystore or one of its keys, that at the URL where there is one. It is made here; the server hears of it when it is used. */
export function Delegate({keystore, url}: {keystore: string; url?: string}): ReactElement {
  const t = text.delegate;
  const id = lastPart(keystore);
  const {data, error} = useKeystore(keystore);
  const {caller, current, places} = useSession();
  const queries = useQueryClient();
  const keys = useRead(ListKeys, keystore, {id: keystore, first: 100});
  const [to, setTo] = useState('');
  const [whole, setWhole] = useState<'whole' | 'key'>('key');
  const [key, setKey] = useState(url ?? '');
  const [ticked, setActions] = useState<readonly string[]>();
  const [days, setDays] = useState('30');
  const [note, setNote] = useState('');
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const [made, setMade] = useState<Capability>();
  const given = useRead(ReadKey, url ?? keystore, {id: url ?? ''}, {enabled: url !== undefined}).data?.key;
  const listed = keys.data?.keystore?.keys.nodes ?? [];
  const nodes = given && !listed.some(({id}) => id === given.id) ? [given, ...listed] : listed; // it may be beyond the first page
  const lifetime = readDays(days, 1, 90);
  const known = parseDidUrl(to.trim());
  const toBad = !known || known.did !== to.trim();
  const chosenKey = key || nodes[0]?.id || '';
  const target = whole === 'whole' ? keystore : chosenKey;
  // What was delegated to this identity, where it is not the controller: no more than that can be given on.
  const parent = caller && capabilityFor({...caller, places}, target, 'read');
  const most = parent?.allowedAction ? [parent.allowedAction].flat() : undefined;
  const operations: readonly string[] | undefined = whole === 'key' ? nodes.find((node) => node.id === chosenKey)?.operations : undefined;
  const possible = (action: string) => (whole === 'whole' || !onlyWhole.has(action)) && (!most || most.includes(action)) && (!operations || !uses.has(action) || operations.includes(needs(action)));
  const actions = ticked ?? ['read', ...usual[operations?.find((operation) => operation in usual) ?? 'SIGN'] ?? []];
  const chosen = actions.filter(possible);
  const expires = new Date(Math.min(Date.now() + (lifetime ?? 0) * 86_400_000 - 60_000, parent ? Date.parse(parent.expires) : Infinity));
  const submit = async () => {
    setAsked(true);
    setFailed(undefined);
    if (toBad || !lifetime || chosen.length === 0 || !target || !caller || !current) return;
    try {
      const capability = await delegate({identity: caller.identity, target, controller: to.trim(), actions: [...chosen], expires, ...(parent ? {parent} : {rootTarget: keystore})});
      await store.put('given', {did: current.did, id: capability.id, keystore, note: note.trim(), capability, givenAt: Date.now()});
      await queries.invalidateQueries({queryKey: ['given']});
      setMade(capability);
    } catch (problem) {
      setFailed(problem);
    }
  };
  const list = pathOf('capabilities', {keystore: id});
  const from = url ? new URL(url).pathname : list;
  const crumbs = <Crumbs items={[
    [pathOf('home'), text.home.title], [pathOf('keystore', {keystore: id}), data?.keystore ? nameOf(data.keystore) : text.keystore.title],
    [from, !url ? text.capabilities.title : given ? nameOf(given) : text.key.title],
  ]}/>;
  if (made) return <HandOver capability={made} crumbs={crumbs} onAgain={() => {
    setMade(undefined);
    setAsked(false);
  }} list={list}/>;
  return (
    <>
      <Heading title={t.title} above={crumbs}>{t.title}</Heading>
      <div className="stack">
        <Problem error={error}/>
        <Form className="card narrow form" onSubmit={() => void submit()} label={t.title}>
          <TextField label={t.to} hint={t.toHint} className="mono" value={to} onChange={setTo} problem={asked && toBad ? t.toBad : undefined}/>
          <Choices compact legend={t.target} value={whole} onChange={setWhole} options={[{value: 'key', label: t.oneKey}, {value: 'whole', label: t.whole}]}/>
          {whole === 'key' && (nodes.length > 0
            ? <SelectField label={t.key} value={chosenKey} onChange={setKey} options={nodes.map((node) => ({value: node.id, label: `${nameOf(node)} (${node.type})`}))}/>
            : keys.data && <Note tone="warning">{t.noKeys}</Note>)}
          <Field label={t.actions} hint={t.actionsHint} problem={asked && chosen.length === 0 ? t.noAction : undefined}>
            {(attributes) => (
              <div id={attributes.id} role="group" aria-label={t.actions} aria-describedby={attributes['aria-describedby']} className="stack tight">
                {(Object.keys(groups) as (keyof typeof groups)[]).filter((group) => groups[group].some(possible)).map((group) => (
                  <fieldset key={group} className="field">
                    <legend><strong>{t.groups[group]}</strong></legend>
                    <div className="checks">
                      {groups[group].filter(possible).map((action) => (
                        <Check key={action} label={text.actions[action] ?? action} checked={actions.includes(action)} onChange={(on) => setActions(on ? [...actions, action] : actions.filter((a) => a !== action))}/>
                      ))}
                    </div>
                  </fieldset>
                ))}
              </div>
            )}
          </Field>
          {chosen.some((action) => dangerous.has(action)) && <Note tone="warning">{t.dangerous}</Note>}
          <TextField label={t.days} hint={lifetime ? t.daysHint(formatTime(expires.getTime())) : undefined} inputMode="numeric" value={days} onChange={setDays} problem={lifetime ? undefined : t.daysBad}/>
          <AreaField label={t.note} optional rows={2} value={note} onChange={setNote} maxLength={200}/>
          <Problem error={failed}/>
          <div className="actions"><Button tone="primary" type="submit" icon="share-2">{t.action}</Button><Button onClick={() => go(from)}>{text.cancel}</Button></div>
        </Form>
      </div>
    </>
  );
}

function HandOver({capability, crumbs, onAgain, list}: {capability: Capability; crumbs: ReactElement; onAgain: () => void; list: string}): ReactElement {
  const t = text.delegate;
  return (
    <>
      <Heading title={t.done} above={crumbs}>{t.done}</Heading>
      <div className="stack">
        <p className="lead">{t.doneLead}</p>
        <CapabilityView capability={capability}/>
        <div className="actions"><Button tone="primary" onClick={() => go(list)}>{t.list}</Button><Button onClick={onAgain}>{t.again}</Button></div>
      </div>
    </>
  );
}

/** A capability as text, file and QR code. */
export function CapabilityView({capability}: {capability: Capability}): ReactElement {
  const t = text.capabilities;
  const compact = JSON.stringify(capability);
  return (
    <div className="columns">
      <Takeaway value={JSON.stringify(capability, null, 2)} what={t.detail} name={`${text.delegate.file}-${lastPart(capability.id).slice(-8)}.json`} type="application/json"/>
      {new TextEncoder().encode(compact).length <= qrCapacity ? <QrCode value={compact} label={t.qr}/> : <Note>{t.qrTooLong}</Note>}
    </div>
  );
}
