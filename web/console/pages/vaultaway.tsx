// Keystores whose keys are in a vault, given to another identity: the one who has the vault lets the other in, who lets the server in.

import {useState, type ReactElement} from 'react';
import {readChain, type Link} from '../../client/chain.js';
import {delegate} from '../../client/delegate.js';
import {parseDidUrl} from '../../client/did.js';
import type {Capability} from '../../client/index.js';
import {useAct, useService, useSharesNeeded} from '../api.ts';
import {formatTime, short} from '../format.ts';
import {capabilityFor, type Caller} from '../network.ts';
import {UpdateKeystore, type KeystoreFields} from '../operations.ts';
import {go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import {text} from '../text.ts';
import {AreaField, Button, Confirm, Dialog, FileButton, Form, Heading, Note, Problem, TextField, toast} from '../ui.tsx';
import {CapabilityView} from './delegate.tsx';
import {nameOf} from './frame.tsx';
import {readDays} from './key.tsx';

const t = text.vaultAway;
const day = 86_400_000;

/** Lets somebody read and write the documents of a vault: one's own, or one that one was let into, no longer than that lasts. */
export async function letInto(caller: Caller, vault: string, controller: string, days: number): Promise<Capability> {
  const target = vault + '/documents';
  const parent = capabilityFor(caller, target, 'write');
  const expires = new Date(Math.min(Date.now() + days * day - 60_000, parent ? Date.parse(parent.expires) : Infinity));
  return delegate({identity: caller.identity, target, controller, actions: ['read', 'write'], expires, ...(parent ? {parent} : {rootTarget: vault})});
}

/** The vault that a capability lets somebody into; undefined: it is not for one. */
export function vaultOf(capability: Capability): string | undefined {
  const {rootTarget, links} = readChain(capability);
  const last = links.at(-1);
  return last && last.target === rootTarget + '/documents' && ['read', 'write'].every((action) => !last.actions || last.actions.includes(action)) ? rootTarget : undefined;
}

/** The steps of whoever gives the keystore away. */
export function GiveVaultAway({keystore, vault}: {keystore: KeystoreFields; vault: string}): ReactElement {
  const {caller, forget} = useSession();
  const service = useService();
  const update = useAct(UpdateKeystore);
  const [did, setDid] = useState('');
  const [days, setDays] = useState('90');
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const [shown, setShown] = useState<Capability>();
  const [returned, setReturned] = useState('');
  const [problem, setProblem] = useState<string>();
  const [asking, setAsking] = useState<{capability: Capability; to: string}>();
  const known = parseDidUrl(did.trim());
  const didBad = !known || known.did !== did.trim();
  const lifetime = readDays(days, 1, 90);
  const make = async () => {
    setAsked(true);
    setFailed(undefined);
    if (didBad || !lifetime || !caller) return;
    try {
      setShown(await letInto(caller, vault, did.trim(), lifetime));
    } catch (error) {
      setFailed(error);
    }
  };
  const check = (given: string) => {
    const found = readReturned(given.trim(), vault, service.data?.service.did ?? '', keystore.controller);
    setProblem('problem' in found ? found.problem : undefined);
    if (!('problem' in found)) setAsking(found);
  };
  return (
    <>
      <p className="soft">{t.lead}</p>
      {keystore.userLock === 'SHAMIR' && <SharesToo/>}
      <Form className="form" label={t.first} onSubmit={() => void make()}>
        <h3>{t.first}</h3>
        <TextField label={text.settings.controllerDid} className="mono" value={did} onChange={setDid} problem={asked && didBad ? text.settings.controllerBad : undefined}/>
        <TextField label={text.create.vaultDays} inputMode="numeric" value={days} onChange={setDays} problem={lifetime ? undefined : text.create.vaultDaysBad}/>
        <Problem error={failed}/>
        <div className="actions"><Button type="submit" icon="share-2">{t.make}</Button></div>
      </Form>
      <div className="stack tight"><h3>{t.second}</h3><p className="soft">{t.secondLead}</p></div>
      <Form className="form" label={t.third} onSubmit={() => check(returned)}>
        <h3>{t.third}</h3>
        <AreaField label={t.returned} className="mono" rows={4} value={returned} onChange={setReturned} problem={problem}/>
        <div className="actions">
          <Button type="submit">{text.settings.controllerAction}</Button>
          <FileButton label={text.open.file} accept=".json,application/json" onFile={(file) => void file.slice(0, 65536).text().then(setReturned)}/>
        </div>
      </Form>
      {shown && <Dialog wide title={t.handOver} onClose={() => setShown(undefined)}><div className="stack tight"><p>{t.handOverLead}</p><CapabilityView capability={shown}/></div></Dialog>}
      {asking && (
        <Confirm title={text.settings.controllerTitle} losses={text.settings.controllerLosses} action={text.settings.controllerAction} word={nameOf(keystore)} busy={update.isPending} error={update.error} onClose={() => setAsking(undefined)}
          onConfirm={() => update.mutate({url: keystore.id, variables: {input: {keystore: keystore.id, controller: asking.to, vaultCapability: asking.capability}}}, {onSuccess: () => {
            setAsking(undefined);
            toast({message: text.settings.controllerDone});
            go(pathOf('home'));
            void forget(keystore.id);
          }})}>
          <Note>{t.goesTo(short(asking.to))}</Note>
        </Confirm>
      )}
    </>
  );
}

/** With a lock made of shares, the new controller needs them as well. */
export function SharesToo(): ReactElement {
  return <Note>{useSharesNeeded() > 1 ? t.sharesAlone : t.shares}</Note>;
}

type Returned = {capability: Capability; to: string} | {problem: string};

/** What the new controller gave back: who that is, or what is wrong with it. The server checks all of it again. */
function readReturned(given: string, vault: string, service: string, controller: string): Returned {
  let last: Link | undefined;
  let capability: Capability;
  try {
    capability = JSON.parse(given) as Capability;
    last = readChain(capability).links.at(-1);
    if (vaultOf(capability) !== vault) return {problem: t.notForVault};
  } catch {
    return {problem: text.capabilities.revokeBad};
  }
  if (!last) return {problem: text.capabilities.revokeBad};
  if (last.controllerDid !== service) return {problem: t.notForServer};
  if (last.proof.delegator === controller) return {problem: t.notByOther};
  if (Date.parse(last.expires) <= Date.now()) return {problem: text.open.expired};
  return {capability, to: last.proof.delegator};
}

/** The step of whoever takes it over. */
export function AcceptVault({vault, capability, onClose}: {vault: string; capability: Capability; onClose: () => void}): ReactElement {
  const {caller, current, remember} = useSession();
  const service = useService();
  const [made, setMade] = useState<Capability>();
  const [failed, setFailed] = useState<unknown>();
  const accept = async () => {
    setFailed(undefined);
    if (!caller || !current || !service.data) return;
    try {
      const place = {did: current.did, url: vault + '/documents', name: null, capability, seenAt: Date.now()};
      setMade(await letInto({...caller, places: [place]}, vault, service.data.service.did, 90));
      await remember(place); // for the time when the server needs a new one
    } catch (error) {
      setFailed(error);
    }
  };
  return (
    <>
      <Heading title={t.accept}>{t.accept}</Heading>
      <div className="card narrow">
        <p>{t.acceptLead(vault)}</p>
        {made ? (
          <>
            <p>{t.acceptDone}</p>
            <CapabilityView capability={made}/>
            {/* Another button than the one that was pressed: the focus must not be on the way out. */}
            <div className="actions" key="done"><Button onClick={() => go(pathOf('home'))}>{text.home.title}</Button></div>
          </>
        ) : (
          <>
            <p className="soft">{t.acceptUntil(formatTime(Date.parse(capability.expires)))}</p>
            <Problem error={failed ?? service.error}/>
            <div className="actions"><Button tone="primary" icon="share-2" busy={service.isPending} onClick={() => void accept()}>{t.acceptAction}</Button><Button tone="quiet" onClick={onClose}>{text.cancel}</Button></div>
          </>
        )}
      </div>
    </>
  );
}
