import {useState, type ReactElement} from 'react';
import {TwolockError} from '../../client/error.js';
import {useAct} from '../api.ts';
import {lastPart, short} from '../format.ts';
import {origin, service} from '../network.ts';
import {EnrolOperator} from '../operations.ts';
import {Link, go, pathOf} from '../router.tsx';
import {spendEnrolment, useEnrolment, useSession} from '../session.tsx';
import type {Place} from '../store.ts';
import {text} from '../text.ts';
import {Badge, Button, Empty, Heading, Note, Problem, TextField, Time, toast} from '../ui.tsx';

/** The keystores and keys that the identity knows. */
export function Home(): ReactElement {
  const t = text.home;
  const {places: known, forget, remember} = useSession();
  const places = known.filter(({url}) => url.startsWith(origin + '/keystores/')) // not the service, not a vault;
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = [...places].sort((a, b) => b.seenAt - a.seenAt).filter(({name, url}) => !wanted || name?.toLowerCase().includes(wanted) || url.toLowerCase().includes(wanted));
  const remove = (place: Place) => void forget(place.url).then(() => toast({message: t.forgot(place.name ?? lastPart(place.url)), undo: () => void remember(place)}));
  const actions = <>
    <Button icon="folder-open" onClick={() => go(pathOf('open'))}>{t.open}</Button>
    <Button tone="primary" icon="plus" onClick={() => go(pathOf('create'))}>{t.create}</Button>
  </>;
  return (
    <>
      <Heading title={t.title} actions={places.length > 0 && actions}>{t.title}</Heading>
      <div className="stack">
        <Enrol/>
        {places.length === 0
          ? <Empty icon="vault" title={t.emptyTitle} actions={actions}>{t.empty}</Empty>
          : (
            <>
              <p className="lead">{t.lead}</p>
              {places.length > 5 && <div className="toolbar"><TextField label={t.filter} type="search" value={filter} onChange={setFilter}/></div>}
              {shown.length === 0 ? <p role="status">{t.nothing}</p> : (
                <div className="table">
                  <table>
                    <caption className="visually-hidden">{t.table}</caption>
                    <thead><tr><th scope="col">{t.columns.name}</th><th scope="col">{t.columns.lock}</th><th scope="col">{t.columns.store}</th><th scope="col">{t.columns.access}</th><th scope="col">{t.columns.seen}</th><th scope="col">{t.columns.actions}</th></tr></thead>
                    <tbody>
                      {shown.map((place) => (
                        <tr key={place.url}>
                          <th scope="row"><Link to={new URL(place.url).pathname}><span className="clip">{place.name || lastPart(place.url)}</span></Link><span className="cell-sub">{isKey(place.url) ? t.key : t.keystore} {short(lastPart(place.url))}</span></th>
                          <td data-label={t.columns.lock}>{place.userLock === 'LOCAL' || place.userLock === 'SHAMIR' ? text.lock.short[place.userLock] : ''}</td>
                          <td data-label={t.columns.store}>{place.vault === undefined ? '' : place.vault ? text.lock.stores.vault : text.lock.stores.database}</td>
                          <td data-label={t.columns.access}><Badge>{place.capability ? t.delegated : t.root}</Badge></td>
                          <td data-label={t.columns.seen}><Time at={place.seenAt}/></td>
                          <td><Button tone="quiet" icon="eraser" onClick={() => remove(place)} aria-label={`${t.forget}: ${place.name ?? lastPart(place.url)}`}>{t.forget}</Button></td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            </>
          )}
      </div>
    </>
  );
}

const isKey = (url: string) => /\/keys\/[^/]+$/.test(url);

/** The one-time link of the server's first start, waiting to be used. */
function Enrol(): ReactElement | null {
  const t = text.enrol;
  const token = useEnrolment();
  const {current} = useSession();
  const enrol = useAct(EnrolOperator);
  if (!token || !current) return null;
  return (
    <Note title={t.title} actions={<>
      <Button tone="primary" icon="shield-check" busy={enrol.isPending} onClick={() => enrol.mutate({url: service, variables: {input: {token}}}, {onSuccess: () => {
        spendEnrolment();
        toast({message: t.done});
      }})}>{t.action}</Button>
      <Button tone="quiet" onClick={spendEnrolment}>{t.later}</Button>
    </>}>
      <p>{t.body(`“${current.label}” (${short(current.did)})`)}</p>
      {enrol.error instanceof TwolockError && enrol.error.code === 'FORBIDDEN' ? <div role="alert"><Note tone="warning" title={t.refused}>{t.refusedWhy}</Note></div> : <Problem error={enrol.error}/>}
    </Note>
  );
}
