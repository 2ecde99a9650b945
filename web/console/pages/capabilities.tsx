import {useMutation, useQuery, useQueryClient} from '@tanstack/react-query';
import {useState, type ReactElement} from 'react';
import {readChain} from '../../client/chain.js';
import type {Capability} from '../../client/index.js';
import {useRead} from '../api.ts';
import {lastPart, short} from '../format.ts';
import {revoke} from '../network.ts';
import {ListRevocations, type KeystoreFields, type RevocationFields} from '../operations.ts';
import {go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import * as store from '../store.ts';
import {text} from '../text.ts';
import {AreaField, Badge, Button, Confirm, Dialog, Empty, Form, Identifier, Problem, Time, toast} from '../ui.tsx';
import {CapabilityView} from './delegate.tsx';
import {KeystoreFrame} from './frame.tsx';

/** What was given from this browser, what the server knows to be revoked, and the way to revoke more. */
export function Capabilities({keystore: url}: {keystore: string}): ReactElement {
  return <KeystoreFrame url={url} tab="capabilities">{(keystore) => <Given keystore={keystore}/>}</KeystoreFrame>;
}

type State = 'active' | 'expired' | 'revoked';

export function stateOf(capability: Capability, revoked: boolean): State {
  return revoked ? 'revoked' : Date.parse(capability.expires) <= Date.now() ? 'expired' : 'active';
}

export function CapabilityState({state}: {state: State}): ReactElement {
  return <Badge tone={({active: 'good', expired: 'plain', revoked: 'danger'} as const)[state]}>{text.capabilities.states[state]}</Badge>;
}

function Given({keystore}: {keystore: KeystoreFields}): ReactElement {
  const t = text.capabilities;
  const {current} = useSession();
  const did = current?.did ?? '';
  const {data} = useQuery({queryKey: ['given', did], queryFn: () => store.given(did), staleTime: 0});
  const revocations = useRead(ListRevocations, keystore.id, {id: keystore.id, first: 100});
  const [shown, setShown] = useState<Capability>();
  const [asking, setAsking] = useState<Capability>();
  const revoked = new Set(revocations.data?.keystore?.revocations.nodes.map(({capability}) => capability));
  const given = (data ?? []).filter((g) => g.keystore === keystore.id).sort((a, b) => b.givenAt - a.givenAt);
  const give = <Button tone="primary" icon="share-2" onClick={() => go(pathOf('delegate', {keystore: lastPart(keystore.id)}))}>{t.delegate}</Button>;
  return (
    <>
      <div className="card-head"><p className="lead">{t.lead}</p>{given.length > 0 && give}</div>
      {data && given.length === 0 && <Empty icon="share-2" title={t.emptyTitle} actions={give}>{t.empty}</Empty>}
      {given.length > 0 && (
        <div className="table">
          <table>
            <caption className="visually-hidden">{t.table}</caption>
            <thead><tr><th scope="col">{t.columns.to}</th><th scope="col">{t.columns.what}</th><th scope="col">{t.columns.actions}</th><th scope="col">{t.columns.expires}</th><th scope="col">{t.columns.state}</th><th scope="col">{t.columns.do}</th></tr></thead>
            <tbody>
              {given.map(({id, capability, note, revokedAt}) => {
                const state = stateOf(capability, revokedAt !== undefined || revoked.has(id));
                const actions = [capability.allowedAction ?? []].flat();
                return (
                  <tr key={id}>
                    <th scope="row"><Identifier value={capability.controller} what="DID"/>{note && <span className="cell-sub">{note}</span>}</th>
                    <td data-label={t.columns.what}>{capability.invocationTarget === keystore.id ? t.whole : <code title={capability.invocationTarget}>{short(lastPart(capability.invocationTarget))}</code>}</td>
                    <td data-label={t.columns.actions}>{actions.map((action) => text.actions[action] ?? action).join(', ')}</td>
                    <td data-label={t.columns.expires}><Time at={capability.expires}/></td>
                    <td data-label={t.columns.state}><CapabilityState state={state}/></td>
                    <td><div className="actions">
                      <Button onClick={() => setShown(capability)} aria-label={`${t.show}: ${note || short(id)}`}>{t.show}</Button>
                      {state === 'active' && <Button onClick={() => setAsking(capability)} aria-label={`${t.revoke}: ${note || short(id)}`}>{t.revoke}</Button>}
                    </div></td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <RevokeOther onAsk={setAsking}/>
      <Revoked nodes={revocations.data?.keystore?.revocations.nodes} error={revocations.error}/>
      {shown && <Dialog wide title={t.detail} onClose={() => setShown(undefined)}><CapabilityView capability={shown}/></Dialog>}
      {asking && <Revoke capability={asking} onClose={() => setAsking(undefined)}/>}
    </>
  );
}

/** Asks whether to revoke a capability, and does. */
export function Revoke({capability, onClose}: {capability: Capability; onClose: () => void}): ReactElement {
  const t = text.capabilities;
  const {caller, current} = useSession();
  const queries = useQueryClient();
  const run = useMutation({
    mutationFn: async () => {
      if (!caller || !current) return;
      await revoke(capability, caller);
      const known = (await store.given(current.did)).find(({id}) => id === capability.id);
      if (known) await store.put('given', {...known, revokedAt: Date.now()});
    },
    onSuccess: () => {
      void queries.invalidateQueries({queryKey: ['given']});
      void queries.invalidateQueries({queryKey: ['api']});
      onClose();
      toast({message: t.revoked});
    },
  });
  return <Confirm title={t.revokeTitle} losses={t.revokeLosses(short(capability.controller))} action={t.revokeAction} busy={run.isPending} error={run.error} onClose={onClose} onConfirm={() => run.mutate()}/>;
}

/** Revokes what was given elsewhere, by its JSON. */
export function RevokeOther({onAsk}: {onAsk: (capability: Capability) => void}): ReactElement {
  const t = text.capabilities;
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState<string>();
  const ask = () => {
    try {
      const capability = JSON.parse(value) as Capability;
      readChain(capability);
      setProblem(undefined);
      onAsk(capability);
    } catch {
      setProblem(t.revokeBad);
    }
  };
  return (
    <details className="card">
      <summary>{t.revokeOther}</summary>
      <Form className="form" onSubmit={ask} label={t.revokeOther}>
        <AreaField label={t.revokeJson} hint={t.revokeOtherLead} className="mono" rows={5} value={value} onChange={setValue} problem={problem}/>
        <div className="actions"><Button type="submit">{t.revoke}</Button></div>
      </Form>
    </details>
  );
}

/** What the server has revoked of a keystore or of the service; undefined: not known yet. */
export function Revoked({nodes, error}: {nodes: readonly RevocationFields[] | undefined; error: unknown}): ReactElement {
  const t = text.capabilities;
  return (
    <section aria-labelledby="revoked" className="stack tight">
      <h2 id="revoked">{t.server}</h2>
      <Problem error={error}/>
      {nodes?.length === 0 && <p className="soft">{t.none}</p>}
      {nodes && nodes.length > 0 && (
        <div className="table">
          <table>
            <caption className="visually-hidden">{t.serverTable}</caption>
            <thead><tr><th scope="col">{t.serverColumns.id}</th><th scope="col">{t.serverColumns.by}</th><th scope="col">{t.serverColumns.when}</th><th scope="col">{t.serverColumns.ends}</th></tr></thead>
            <tbody>
              {nodes.map((node) => (
                <tr key={node.capability + node.delegator}>
                  <th scope="row"><code>{node.capability}</code></th>
                  <td data-label={t.serverColumns.by}><Identifier value={node.revoker} what="DID"/></td>
                  <td data-label={t.serverColumns.when}><Time at={node.revokedAt}/></td>
                  <td data-label={t.serverColumns.ends}><Time at={node.expires}/></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
