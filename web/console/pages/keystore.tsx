import {useState, type ReactElement} from 'react';
import {useRead} from '../api.ts';
import {lastPart, short} from '../format.ts';
import {FindKey, ListKeys, keyStateValues, keyTypeValues, type KeyFields, type KeyFilter, type KeystoreFields, type KeyState, type KeyType} from '../operations.ts';
import {may} from '../network.ts';
import {Link, go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import {text} from '../text.ts';
import {Button, Empty, Form, Loading, Note, Problem, SelectField, StateBadge, TextField, Time} from '../ui.tsx';
import {KeystoreFrame, SharePanel, Tags, nameOf, readTags} from './frame.tsx';

/** The keys of a keystore. */
export function KeystoreKeys({url}: {url: string}): ReactElement {
  return (
    <KeystoreFrame url={url} tab="keystore">
      {(keystore) => <>{keystore.userLock === 'SHAMIR' && <SharePanel keystore={url}/>}<Keys keystore={keystore}/></>}
    </KeystoreFrame>
  );
}

const pageSize = 25;

function Keys({keystore}: {keystore: KeystoreFields}): ReactElement {
  const t = text.keystore;
  const url = keystore.id;
  const [type, setType] = useState<KeyType | ''>('');
  const [state, setState] = useState<KeyState | ''>('');
  const [typed, setTyped] = useState({name: '', tag: ''});
  const [wanted, setWanted] = useState({name: '', tag: ''});
  const [cursors, setCursors] = useState<string[]>([]);
  const tag = readTags(wanted.tag)?.[0];
  const filter: KeyFilter = {...(type && {type}), ...(state && {state}), ...(tag && {tag})};
  const filtered = Object.keys(filter).length > 0 || wanted.name !== '';
  const list = useRead(ListKeys, url, {id: url, first: pageSize, after: cursors.at(-1) ?? null, filter}, {enabled: wanted.name === '', keep: true});
  const found = useRead(FindKey, url, {id: url, name: wanted.name}, {enabled: wanted.name !== ''});
  const {data, error, isPending} = wanted.name === '' ? {...list, data: list.data?.keystore?.keys.nodes} : {...found, data: found.data && (found.data.keystore?.keyNamed ? [found.data.keystore.keyNamed] : [])};
  const connection = wanted.name === '' ? list.data?.keystore?.keys : undefined;
  const id = lastPart(url);
  const clear = () => {
    setType('');
    setState('');
    setTyped({name: '', tag: ''});
    setWanted({name: '', tag: ''});
    setCursors([]);
  };
  const {caller} = useSession();
  const actions = keystore.state === 'ENABLED' && <>
    {may(caller, url, 'generateRandom') && <Button icon="dices" onClick={() => go(pathOf('random', {keystore: id}))}>{t.random}</Button>}
    {may(caller, url, 'restoreKey') && <Button icon="history" onClick={() => go(pathOf('restoreKey', {keystore: id}))}>{t.restoreKey}</Button>}
    {may(caller, url, 'importKey') && <Button icon="upload" onClick={() => go(pathOf('importKey', {keystore: id}))}>{t.importKey}</Button>}
    {may(caller, url, 'generateKey') && <Button tone="primary" icon="plus" onClick={() => go(pathOf('newKey', {keystore: id}))}>{t.newKey}</Button>}
  </>;
  if (!filtered && cursors.length === 0 && data?.length === 0 && connection?.damaged.length === 0) return <Empty icon="key-round" title={t.emptyTitle} actions={actions}>{t.empty}</Empty>;
  return (
    <section aria-label={t.keys}>
      <Form className="toolbar" label={t.find} onSubmit={() => {
        setWanted({name: typed.name.trim(), tag: typed.tag.trim()});
        setCursors([]);
      }}>
        <SelectField label={t.type} value={type} onChange={(next) => {
          setType(next);
          setCursors([]);
        }} options={[{value: '', label: t.anyType}, ...keyTypeValues.map((value) => ({value, label: value}))]}/>
        <SelectField label={t.state} value={state} onChange={(next) => {
          setState(next);
          setCursors([]);
        }} options={[{value: '', label: t.anyState}, ...keyStateValues.map((value) => ({value, label: text.states[value]}))]}/>
        <TextField label={t.tag} placeholder={t.tagHint} value={typed.tag} onChange={(value) => setTyped({...typed, tag: value})}/>
        <TextField label={t.named} value={typed.name} onChange={(value) => setTyped({...typed, name: value})}/>
        <Button type="submit">{t.find}</Button>
        {filtered && <Button tone="quiet" onClick={clear}>{t.clear}</Button>}
        <div className="actions">{actions}</div>
      </Form>
      <Problem error={error}/>
      {connection && connection.damaged.length > 0 && (
        <Note tone="warning" title={t.damagedTitle(connection.damaged.length)}><p>{t.damaged}</p><ul>{connection.damaged.map((damaged) => <li key={damaged}><code>{damaged}</code></li>)}</ul></Note>
      )}
      {isPending ? <Loading/> : data && (data.length === 0
        ? <Empty icon="key-round" title={t.nothing} actions={<Button onClick={clear}>{t.clear}</Button>}>{t.nothingHint}</Empty>
        : <KeyTable keys={data}/>)}
      {connection && data && data.length > 0 && (
        <div className="paging">
          <span role="status">{connection.totalCount !== null && text.keystore.total(connection.totalCount)}{(cursors.length > 0 || connection.pageInfo.hasNextPage) && ` · ${t.page(cursors.length + 1)}`}</span>
          <div className="actions">
            <Button icon="chevron-left" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>{t.previous}</Button>
            <Button icon="chevron-right" disabled={!connection.pageInfo.hasNextPage || !connection.pageInfo.endCursor} onClick={() => connection.pageInfo.endCursor && setCursors([...cursors, connection.pageInfo.endCursor])}>{t.following}</Button>
          </div>
        </div>
      )}
    </section>
  );
}

function KeyTable({keys}: {keys: readonly KeyFields[]}): ReactElement {
  const t = text.keystore;
  return (
    <div className="table">
      <table>
        <caption className="visually-hidden">{t.table}</caption>
        <thead><tr><th scope="col">{t.columns.name}</th><th scope="col">{t.columns.type}</th><th scope="col">{t.columns.state}</th><th scope="col" className="number">{t.columns.version}</th><th scope="col">{t.columns.created}</th><th scope="col">{t.columns.tags}</th></tr></thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row"><Link to={new URL(key.id).pathname}><span className="clip">{nameOf(key)}</span></Link><span className="cell-sub">{short(lastPart(key.id))}</span></th>
              <td data-label={t.columns.type}><code>{key.type}</code></td>
              <td data-label={t.columns.state}><StateBadge state={key.state}/></td>
              <td data-label={t.columns.version} className="number">{key.version}</td>
              <td data-label={t.columns.created}><Time at={key.createdAt}/></td>
              <td>{key.tags.length > 0 && <Tags tags={key.tags}/>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
