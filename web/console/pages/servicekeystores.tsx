import {useState, type ReactElement} from 'react';
import {formatDate, lastPart, short} from '../format.ts';
import {origin} from '../network.ts';
import {ListKeystores, keyStateValues, type KeyState, type KeystoreFields, type KeystoreFilter} from '../operations.ts';
import {operatorText} from '../operatortext.ts';
import {Link, go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import {text} from '../text.ts';
import {Badge, Button, Empty, Form, Identifier, Note, SelectField, StateBadge, TextField, Time} from '../ui.tsx';
import {Crumbs, Tags, nameOf} from './frame.tsx';
import {ServiceFrame, useServiceRead} from './service.tsx';

const t = operatorText.keystores;
const pageSize = 50;
const shortId = /^z[1-9A-HJ-NP-Za-km-z]{20,25}$/;

type Wanted = {search: string; controller: string; state: KeyState | ''; store: '' | 'database' | 'vault'};
const everything: Wanted = {search: '', controller: '', state: '', store: ''};

function filterOf({search, controller, state, store}: Wanted): KeystoreFilter {
  const isId = search.startsWith(origin + '/keystores/') || shortId.test(search);
  return {
    ...(search && (isId ? {id: search.replace(/(\/keystores\/[^/]+)\/.*$/, '$1')} : {namePrefix: search})), ...(controller && {controller}), ...(state && {state}), ...(store && {vault: store === 'vault'}),
  };
}

/** Everybody's keystores, a page at a time: however many there are, a page costs the same. */
export function ServiceKeystores(): ReactElement {
  const [typed, setTyped] = useState(everything);
  const [wanted, setWanted] = useState(everything);
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState(false);
  const filter = filterOf(wanted);
  const filtered = Object.keys(filter).length > 0;
  const read = useServiceRead(ListKeystores, {first: pageSize, after: cursors.at(-1) ?? null, filter});
  const bad = typed.controller.trim() !== '' && !/^did:key:z[1-9A-HJ-NP-Za-km-z]+$/.test(typed.controller.trim());
  const want = (next: Wanted) => {
    setTyped(next);
    setWanted(next);
    setCursors([]);
  };
  const find = () => {
    setAsked(true);
    if (!bad) want({...typed, search: typed.search.trim(), controller: typed.controller.trim()});
  };
  // Before the list, which is a hundred stops of the Tab key long, and after it.
  const paging = ({hasNextPage, endCursor}: {hasNextPage: boolean; endCursor: string | null}, after: boolean) => (cursors.length > 0 || hasNextPage) && (
    <nav className="paging" aria-label={after ? t.pagesAgain : t.pages}>
      <span role={after ? undefined : 'status'}>{t.page(cursors.length + 1)}</span>
      <div className="actions">
        <Button icon="chevron-left" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>{t.previous}</Button>
        <Button icon="chevron-right" busy={read.isPlaceholderData} disabled={!hasNextPage} onClick={() => endCursor && setCursors([...cursors, endCursor])}>{t.following}</Button>
      </div>
    </nav>
  );
  return (
    <ServiceFrame title={t.title} read={read}>
      {({keystores: {nodes, pageInfo, damaged}}) => (
        <>
          <p className="lead">{t.lead} {t.searchHint}</p>
          {damaged.length > 0 && <Note tone="warning" title={text.keystore.damagedTitle(damaged.length)}><p>{t.damaged}</p><ul>{damaged.map((url) => <li key={url}><code>{url}</code></li>)}</ul></Note>}
          {nodes.length === 0 && damaged.length === 0 && !filtered && cursors.length === 0
            ? <Empty icon="vault" title={t.emptyTitle} actions={<Button tone="primary" icon="plus" onClick={() => go(pathOf('create'))}>{t.create}</Button>}>{t.empty}</Empty>
            : (
              <section aria-label={t.table}>
                <Form className="toolbar four" label={t.find} onSubmit={find}>
                  <TextField label={t.search} placeholder={t.searchPlaceholder} value={typed.search} onChange={(search) => setTyped({...typed, search})}/>
                  <TextField label={t.controller} placeholder="did:key:z…" value={typed.controller} problem={asked && bad ? t.controllerBad : undefined} onChange={(controller) => setTyped({...typed, controller})}/>
                  <SelectField label={t.state} value={typed.state} onChange={(state) => want({...wanted, state})} options={[{value: '', label: t.anyState}, ...keyStateValues.map((value) => ({value, label: text.states[value]}))]}/>
                  <SelectField label={t.store} value={typed.store} onChange={(store) => want({...wanted, store})} options={[{value: '', label: t.anyStore}, {value: 'database', label: text.lock.stores.database}, {value: 'vault', label: text.lock.stores.vault}]}/>
                  <Button type="submit">{t.find}</Button>
                  {filtered && <Button tone="quiet" onClick={() => want(everything)}>{t.clear}</Button>}
                </Form>
                {paging(pageInfo, false)}
                {nodes.length > 0
                  ? <Table nodes={nodes} onController={(controller) => want({...everything, controller})}/>
                  : pageInfo.hasNextPage
                    ? <Note>{t.further}</Note>
                    : <Empty icon="vault" title={t.nothing} actions={<Button onClick={() => want(everything)}>{t.clear}</Button>}>{t.nothingHint}</Empty>}
                {paging(pageInfo, true)}
              </section>
            )}
        </>
      )}
    </ServiceFrame>
  );
}

function Table({nodes, onController}: {nodes: readonly KeystoreFields[]; onController: (did: string) => void}): ReactElement {
  const c = t.columns;
  return (
    <div className="table">
      <table>
        <caption className="visually-hidden">{t.table}</caption>
        <thead><tr>{(['name', 'controller', 'lock', 'store', 'state', 'created'] as const).map((name) => <th key={name} scope="col">{c[name]}</th>)}</tr></thead>
        <tbody>
          {nodes.map((keystore) => (
            <tr key={keystore.id}>
              <th scope="row"><Link to={pathOf('serviceKeystore', {keystore: lastPart(keystore.id)})}><span className="clip">{nameOf(keystore)}</span></Link><span className="cell-sub">{short(lastPart(keystore.id))}</span></th>
              <td data-label={c.controller}><Button tone="quiet" className="did" title={keystore.controller} aria-label={`${t.onlyController}: ${short(keystore.controller)}`} onClick={() => onController(keystore.controller)}>{short(keystore.controller)}</Button></td>
              <td data-label={c.lock}>{text.lock.short[keystore.userLock]}</td>
              <td data-label={c.store}>{keystore.vaultUrl ? text.lock.stores.vault : text.lock.stores.database}</td>
              <td data-label={c.state}><StateBadge state={keystore.state}/></td>
              <td data-label={c.created}><Time at={keystore.createdAt}/></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What operators see of one keystore. */
export function KeystoreDetails({url}: {url: string}): ReactElement {
  const {current} = useSession();
  const read = useServiceRead(ListKeystores, {first: 1, filter: {id: lastPart(url)}});
  const keystore = read.data?.keystores.nodes[0];
  const f = t.facts;
  const back = <Crumbs items={[[pathOf('serviceKeystores'), t.title]]}/>;
  return (
    <ServiceFrame title={keystore ? nameOf(keystore) : t.details} read={read} above={back}
      actions={keystore && keystore.controller === current?.did && <Button icon="folder-open" onClick={() => go(pathOf('keystore', {keystore: lastPart(url)}))}>{t.mine}</Button>}>
      {() => (!keystore
        ? <Empty icon="vault" title={t.missing} actions={<Button onClick={() => go(pathOf('serviceKeystores'))}>{t.title}</Button>}>{t.missingHint}</Empty>
        : (
          <>
            <section className="card narrow">
              <dl className="facts">
                <dt>{f.url}</dt><dd><Identifier value={keystore.id} what={f.url} full/></dd>
                <dt>{f.controller}</dt><dd><Identifier value={keystore.controller} what={f.controller} full/></dd>
                <dt>{f.state}</dt><dd><StateBadge state={keystore.state}/></dd>
                {keystore.deletesAt && <><dt>{f.deletes}</dt><dd><Time at={keystore.deletesAt}/></dd></>}
                <dt>{f.lock}</dt><dd>{text.lock.short[keystore.userLock]}</dd>
                <dt>{f.store}</dt><dd>{keystore.vaultUrl ? text.lock.stores.vault : text.lock.stores.database}</dd>
                {keystore.vaultUrl && <><dt>{f.vault}</dt><dd><code>{keystore.vaultUrl}</code></dd></>}
                {keystore.vaultCapabilityExpires && <><dt>{f.ends}</dt><dd>{formatDate(keystore.vaultCapabilityExpires)} {Date.parse(keystore.vaultCapabilityExpires) < Date.now() && <Badge tone="danger">{operatorText.operators.ended}</Badge>}</dd></>}
                <dt>{f.made}</dt><dd><Time at={keystore.createdAt}/></dd>
                {keystore.description && <><dt>{f.description}</dt><dd>{keystore.description}</dd></>}
                {keystore.tags.length > 0 && <><dt>{f.tags}</dt><dd><Tags tags={keystore.tags}/></dd></>}
                <dt>{f.types}</dt><dd>{keystore.keyTypes.length >= 20 ? t.allTypes : keystore.keyTypes.map((type) => <code key={type}>{type} </code>)}</dd>
              </dl>
            </section>
            <p className="soft">{t.notYours}</p>
          </>
        ))}
    </ServiceFrame>
  );
}
