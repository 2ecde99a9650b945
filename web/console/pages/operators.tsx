import {useQuery, useQueryClient} from '@tanstack/react-query';
import {useState, type ReactElement} from 'react';
import {delegate} from '../../client/delegate.js';
import {parseDidUrl} from '../../client/did.js';
import type {Capability} from '../../client/index.js';
import {formatTime, short} from '../format.ts';
import {capabilityFor, service} from '../network.ts';
import {useAct} from '../api.ts';
import {AddOperator, ListOperators, RemoveOperator, type RevocationFields} from '../operations.ts';
import {operatorText} from '../operatortext.ts';
import {useSession} from '../session.tsx';
import * as store from '../store.ts';
import {text} from '../text.ts';
import {Badge, Button, Check, Confirm, Dialog, Empty, Field, Form, Identifier, Note, Problem, TextField, Time, toast} from '../ui.tsx';
import {CapabilityState, Revoke, RevokeOther, Revoked, stateOf} from './capabilities.tsx';
import {CapabilityView} from './delegate.tsx';
import {readDays} from './key.tsx';
import {ServiceFrame, useServiceRead} from './service.tsx';

const t = operatorText.operators;
const allActions = ['read', 'createKeystore'] as const;

/** Who runs the service, and what they have given on. */
export function Operators(): ReactElement {
  const read = useServiceRead(ListOperators, {});
  const {current} = useSession();
  const [giving, setGiving] = useState(false);
  const [shown, setShown] = useState<Capability>();
  const [asking, setAsking] = useState<Capability>();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState('');
  const isOperator = read.data?.status.operatorDetails.some(({did}) => did === current?.did) ?? false;
  return (
    <ServiceFrame title={t.title} read={read} actions={<Button tone="primary" icon="share-2" onClick={() => setGiving(true)}>{t.delegate}</Button>}>
      {({status: {operatorDetails, revocations}}) => (
        <>
          <p className="lead">{t.lead}</p>
          <div className="table">
            <table>
              <caption className="visually-hidden">{t.table}</caption>
              <thead><tr><th scope="col">{t.columns.did}</th><th scope="col">{t.columns.origin}</th><th scope="col">{t.columns.since}</th>{isOperator && <th scope="col">{t.columns.do}</th>}</tr></thead>
              <tbody>
                {operatorDetails.map(({did, origin, enrolledAt}) => (
                  <tr key={did}>
                    <th scope="row"><Identifier value={did} what={t.columns.did}/> {did === current?.did && <Badge tone="good">{t.you}</Badge>}</th>
                    <td data-label={t.columns.origin}>{t.origins[origin]} <span className="hint">({t.originHints[origin]})</span></td>
                    <td data-label={t.columns.since}>{enrolledAt && <Time at={enrolledAt}/>}</td>
                    {isOperator && <td>{origin === 'ENROLLED' && <Button onClick={() => setRemoving(did)} aria-label={`${t.remove}: ${short(did)}`}>{t.remove}</Button>}</td>}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {isOperator ? <div className="actions"><Button icon="plus" onClick={() => setAdding(true)}>{t.add}</Button></div> : <p className="soft">{t.lent}</p>}
          <Given revocations={revocations.nodes} onShow={setShown} onRevoke={setAsking}/>
          <RevokeOther onAsk={setAsking}/>
          <Revoked nodes={revocations.nodes} error={null}/>
          {asking && <Revoke capability={asking} onClose={() => setAsking(undefined)}/>}
          {adding && <Add onClose={() => setAdding(false)}/>}
          {removing && <Remove did={removing} onClose={() => setRemoving('')}/>}
          {giving && <Give onClose={() => setGiving(false)} onMade={(capability) => {
            setGiving(false);
            setShown(capability);
          }}/>}
          {shown && <Dialog wide title={t.done} onClose={() => setShown(undefined)}><div className="stack tight"><p>{t.doneLead}</p><CapabilityView capability={shown}/></div></Dialog>}
        </>
      )}
    </ServiceFrame>
  );
}

function Add({onClose}: {onClose: () => void}): ReactElement {
  const [who, setWho] = useState('');
  const [asked, setAsked] = useState(false);
  const add = useAct(AddOperator);
  const did = who.trim();
  const bad = parseDidUrl(did)?.did !== did;
  const submit = () => {
    setAsked(true);
    if (bad || add.isPending) return;
    add.mutate({url: service, variables: {input: {operator: did}}}, {onSuccess: () => {
      onClose();
      toast({message: t.added(short(did))});
    }});
  };
  return (
    <Dialog title={t.add} onClose={onClose}>
      <Form className="form" onSubmit={submit} label={t.add}>
        <p>{t.addLead}</p>
        <TextField label={t.addWho} hint={t.toHint} className="mono" value={who} onChange={setWho} problem={asked && bad ? t.toBad : undefined}/>
        <Problem error={add.error}/>
        <div className="actions end"><Button onClick={onClose}>{text.cancel}</Button><Button tone="primary" type="submit" busy={add.isPending}>{t.addDo}</Button></div>
      </Form>
    </Dialog>
  );
}

function Remove({did, onClose}: {did: string; onClose: () => void}): ReactElement {
  const remove = useAct(RemoveOperator);
  return <Confirm title={t.removeTitle} losses={t.removeLosses(short(did))} action={t.remove} busy={remove.isPending} error={remove.error} onClose={onClose}
    onConfirm={() => remove.mutate({url: service, variables: {input: {operator: did}}}, {onSuccess: () => {
      onClose();
      toast({message: t.removed(short(did))});
    }})}/>;
}

type Does = (capability: Capability) => void;

/** What was given for the service from this browser; the server knows of it only when it is used. */
function Given({revocations, onShow, onRevoke}: {revocations: readonly RevocationFields[]; onShow: Does; onRevoke: Does}): ReactElement {
  const {current} = useSession();
  const did = current?.did ?? '';
  const {data = []} = useQuery({queryKey: ['given', did, 'service'], queryFn: async () => (await store.given(did)).filter(({keystore}) => keystore === service).sort((a, b) => b.givenAt - a.givenAt)});
  const revoked = new Set(revocations.map(({capability}) => capability));
  const c = t.givenColumns;
  return (
    <section className="stack tight" aria-labelledby="given">
      <h2 id="given">{t.given}</h2>
      {data.length === 0 ? <Empty icon="share-2" title={t.givenEmptyTitle}>{t.givenEmpty}</Empty> : (
        <div className="table">
          <table>
            <caption className="visually-hidden">{t.givenTable}</caption>
            <thead><tr><th scope="col">{c.to}</th><th scope="col">{c.actions}</th><th scope="col">{c.until}</th><th scope="col">{c.state}</th><th scope="col">{text.capabilities.columns.do}</th></tr></thead>
            <tbody>
              {data.map(({id, capability, revokedAt}) => {
                const state = stateOf(capability, revokedAt !== undefined || revoked.has(id));
                return (
                  <tr key={id}>
                    <th scope="row"><Identifier value={capability.controller} what={c.to}/></th>
                    <td data-label={c.actions}>{[capability.allowedAction ?? []].flat().map((action) => t.action[action as keyof typeof t.action] ?? action).join('; ')}</td>
                    <td data-label={c.until}><Time at={capability.expires}/></td>
                    <td data-label={c.state}><CapabilityState state={state}/></td>
                    <td><div className="actions">
                      <Button onClick={() => onShow(capability)} aria-label={`${text.capabilities.show}: ${short(capability.controller)}`}>{text.capabilities.show}</Button>
                      {state === 'active' && <Button onClick={() => onRevoke(capability)} aria-label={`${text.capabilities.revoke}: ${short(capability.controller)}`}>{text.capabilities.revoke}</Button>}
                    </div></td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Give({onClose, onMade}: {onClose: () => void; onMade: (capability: Capability) => void}): ReactElement {
  const {caller, current} = useSession();
  const queries = useQueryClient();
  const [to, setTo] = useState('');
  const [actions, setActions] = useState<readonly string[]>(['read']);
  const [days, setDays] = useState('7');
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  // What was delegated to this identity, where it is no operator itself: no more than that can be given on.
  const parent = caller && capabilityFor(caller, service, 'read');
  const most: readonly string[] = parent?.allowedAction ? [parent.allowedAction].flat() : allActions;
  const chosen = actions.filter((action) => most.includes(action));
  const lifetime = readDays(days, 1, 90);
  const known = parseDidUrl(to.trim());
  const toBad = !known || known.did !== to.trim();
  const expires = new Date(Math.min(Date.now() + (lifetime ?? 0) * 86_400_000 - 60_000, parent ? Date.parse(parent.expires) : Infinity));
  const submit = async () => {
    setAsked(true);
    setFailed(undefined);
    if (toBad || !lifetime || chosen.length === 0 || !caller || !current) return;
    try {
      const capability = await delegate({identity: caller.identity, target: service, controller: to.trim(), actions: [...chosen], expires, ...(parent ? {parent} : {rootTarget: service})});
      await store.put('given', {did: current.did, id: capability.id, keystore: service, note: '', capability, givenAt: Date.now()});
      await queries.invalidateQueries({queryKey: ['given']});
      onMade(capability);
    } catch (problem) {
      setFailed(problem);
    }
  };
  return (
    <Dialog title={t.delegate} onClose={onClose}>
      <Form className="form" onSubmit={() => void submit()} label={t.delegate}>
        {parent && <Note>{t.onlyOperators}</Note>}
        <TextField label={t.to} hint={t.toHint} className="mono" value={to} onChange={setTo} problem={asked && toBad ? t.toBad : undefined}/>
        <Field label={t.actions} problem={asked && chosen.length === 0 ? t.noAction : undefined}>
          {(attributes) => (
            <div id={attributes.id} role="group" aria-label={t.actions} aria-describedby={attributes['aria-describedby']} className="stack tight">
              {allActions.filter((action) => most.includes(action)).map((action) => (
                <Check key={action} label={t.action[action]} hint={t.actionHints[action]} checked={actions.includes(action)} onChange={(on) => setActions(on ? [...actions, action] : actions.filter((a) => a !== action))}/>
              ))}
            </div>
          )}
        </Field>
        <TextField label={t.days} hint={lifetime ? t.until(formatTime(expires.getTime())) : undefined} inputMode="numeric" value={days} onChange={setDays} problem={lifetime ? undefined : t.daysBad}/>
        <Problem error={failed}/>
        <div className="actions end"><Button onClick={onClose}>{text.cancel}</Button><Button tone="primary" type="submit" icon="share-2">{t.make}</Button></div>
      </Form>
    </Dialog>
  );
}
