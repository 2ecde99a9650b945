import {Suspense, useEffect, useState, type ReactElement} from 'react';
import {useAct, useRead, useSharesNeeded} from '../api.ts';
import {download, fileName, formatDate, formatNumber, formatTime, fromBase64url, lastPart, short} from '../format.ts';
import {
  CancelKeyDeletion, DeleteKey, DisableKey, EnableKey, ListVersions, ReadKey, ReadKeystore, RotateKey, TrimKeyVersions, UpdateKey, type KeyDetails,
} from '../operations.ts';
import {Lost, LostDialog, later} from '../later.tsx';
import {may} from '../network.ts';
import {Link, go, pathOf} from '../router.tsx';
import {useSession, useShares} from '../session.tsx';
import {text} from '../text.ts';
import {
  AreaField, Badge, Button, Choices, Confirm, Dialog, Form, Heading, Identifier, Loading, Note, Problem, StateBadge, Takeaway, TextField, Time, toast,
} from '../ui.tsx';
import {Crumbs, SharePanel, Tags, nameOf, readTags, writeTags} from './frame.tsx';

// With the charts, which nothing else of a controller's needs. When they do not come, the rest of the page is there all the same.
const Usage = later(() => import('./usage.tsx'), Lost);
const Export = later(() => import('./export.tsx'), LostDialog);
const Restrict = later(() => import('./restrict.tsx'), LostDialog);

/** A key; its keystore only where that may be read too. */
export function useKey(keystore: string, url: string) {
  const {current, places, remember} = useSession();
  const key = useRead(ReadKey, url, {id: url});
  const place = places.find((known) => known.url === url);
  const name = key.data?.key?.name ?? null;
  useEffect(() => {
    if (key.data?.key && place && current && place.name !== name) void remember({...place, name, seenAt: Date.now()});
  }, [key.data, place, current, name, remember]);
  const wholeKeystore = !places.some((place) => place.url === url && place.capability);
  const parent = useRead(ReadKeystore, keystore, {id: keystore}, {enabled: wholeKeystore});
  const shamir = wholeKeystore ? parent.data?.keystore?.userLock === 'SHAMIR' : undefined;
  return {key, keystore: parent.data?.keystore, wholeKeystore, shamir};
}

export function KeyPage({keystore, url}: {keystore: string; url: string}): ReactElement {
  const {key: read, keystore: parent, wholeKeystore, shamir} = useKey(keystore, url);
  const t = text.key;
  const crumbs = <Crumbs items={[[pathOf('home'), t.crumb], ...(wholeKeystore ? [[new URL(keystore).pathname, parent ? nameOf(parent) : text.keystore.title] as const] : [])]}/>;
  if (read.isPending) return <><Heading title={t.title} above={crumbs}>{t.title}</Heading><Loading/></>;
  if (read.error || !read.data?.key) {
    return (
      <>
        <Heading title={t.title} above={crumbs}>{t.title} <code>{short(lastPart(url))}</code></Heading>
        <Problem error={read.error ?? new Error(text.errors.codes.NOT_FOUND.title)}>
          <p><Link to={pathToUse(keystore, url)}>{t.use}</Link>: {t.notReadableHint}</p>
        </Problem>
      </>
    );
  }
  return <Loaded key={url} data={read.data.key} keystore={keystore} crumbs={crumbs} shamir={shamir} wholeKeystore={wholeKeystore}/>;
}

export const pathToUse = (keystore: string, url: string) => pathOf('use', {keystore: lastPart(keystore), key: lastPart(url)});

type Asking = 'rotate' | 'delete' | 'edit' | 'trim' | 'export' | 'restrict';

function Loaded({data: key, keystore, crumbs, shamir, wholeKeystore}: {data: KeyDetails; keystore: string; crumbs: ReactElement; shamir: boolean | undefined; wholeKeystore: boolean}): ReactElement {
  const t = text.key;
  const [asking, setAsking] = useState<Asking>();
  const {caller} = useSession();
  const allowed = (action: string) => may(caller, key.id, action);
  const enable = useAct(EnableKey);
  const disable = useAct(DisableKey);
  const cancel = useAct(CancelKeyDeletion);
  const target = {url: key.id, variables: {input: {key: key.id}}};
  const enableIt = () => enable.mutate(target, {onSuccess: () => toast({message: t.enabled})});
  const keep = () => cancel.mutate(target, {onSuccess: () => toast({message: t.kept})});
  const disableIt = () => disable.mutate(target, {onSuccess: () => toast({message: t.disabled, undo: enableIt})});
  const close = () => setAsking(undefined);
  return (
    <>
      <Heading title={nameOf(key)} above={crumbs} badges={<><StateBadge state={key.state}/><Badge>{key.type}</Badge>{key.publicOnly && <Badge>{t.publicOnly}</Badge>}</>} actions={<>
        {key.state === 'ENABLED' && <Button tone="primary" icon="play" onClick={() => go(pathToUse(keystore, key.id))}>{t.use}</Button>}
        {key.state === 'ENABLED' && !key.publicOnly && allowed('rotateKey') && <Button icon="rotate-cw" onClick={() => setAsking('rotate')}>{t.rotate}</Button>}
        {wholeKeystore && <Button icon="share-2" onClick={() => go(pathOf('delegateKey', {keystore: lastPart(keystore), key: lastPart(key.id)}))}>{t.give}</Button>}
        {allowed('write') && <Button icon="pencil" onClick={() => setAsking('edit')}>{t.edit}</Button>}
        {key.state === 'ENABLED' && allowed('disableKey') && <Button icon="power" busy={disable.isPending} onClick={disableIt}>{t.disable}</Button>}
        {key.state !== 'PENDING_DELETION' && allowed('deleteKey') && <Button icon="trash-2" onClick={() => setAsking('delete')}>{t.delete}</Button>}
      </>}>{nameOf(key)}</Heading>
      <div className="stack">
        {key.description && <p className="lead">{key.description}</p>}
        <Problem error={enable.error ?? disable.error ?? cancel.error}/>
        {key.state === 'DISABLED' && <Note tone="warning" title={t.isDisabled} actions={<Button busy={enable.isPending} onClick={enableIt}>{t.enable}</Button>}/>}
        {key.state === 'PENDING_DELETION' && key.deletesAt && <Note tone="warning" title={t.deleting(formatTime(key.deletesAt))} actions={<Button busy={cancel.isPending} onClick={keep}>{t.keep}</Button>}/>}
        <div className="columns uneven">
          <div className="stack">
            <PublicKeyCard publicKey={key.publicKey} data={key}/>
            <section className="card" aria-labelledby="usage">
              <h2 id="usage">{t.usage.title}</h2>
              <Suspense fallback={<Loading/>}><Usage url={key.id}/></Suspense>
            </section>
            <Versions data={key} onTrim={allowed('trimKeyVersions') ? () => setAsking('trim') : undefined}/>
          </div>
          <Facts data={key} actions={<>
            {key.state === 'ENABLED' && key.exportable && (allowed('exportKey') || allowed('backupKey')) && <Button icon="log-out" onClick={() => setAsking('export')}>{t.export}</Button>}
            {allowed('write') && <Button icon="settings" onClick={() => setAsking('restrict')}>{t.restrict}</Button>}
          </>}/>
        </div>
      </div>
      {asking === 'rotate' && <Rotate data={key} keystore={keystore} shamir={shamir} onClose={close}/>}
      {asking === 'delete' && <Delete data={key} onKeep={keep} onClose={close}/>}
      {asking === 'edit' && <Edit data={key} onClose={close}/>}
      {asking === 'trim' && <Trim data={key} onClose={close}/>}
      <Suspense>
        {asking === 'export' && <Export data={key} keystore={keystore} shamir={shamir} onClose={close}/>}
        {asking === 'restrict' && <Restrict data={key} onClose={close}/>}
      </Suspense>
    </>
  );
}

const publicFormats = ['pem', 'jwk', 'multikey', 'did', 'raw', 'spki'] as const;
type PublicFormat = (typeof publicFormats)[number];

/** The public key in each form that it has. */
function PublicKeyCard({publicKey, data}: {publicKey: KeyDetails['publicKey']; data: KeyDetails}): ReactElement {
  const t = text.key;
  const [format, setFormat] = useState<PublicFormat>('pem');
  const forms: Record<PublicFormat, string | null> = {
    pem: publicKey?.pem ?? null, jwk: publicKey?.jwk ? JSON.stringify(publicKey.jwk, null, 2) : null, multikey: publicKey?.multikey ?? null,
    did: publicKey?.multikey ? 'did:key:' + publicKey.multikey : null, raw: publicKey?.bytes ?? null, spki: publicKey?.spki ?? null,
  };
  const there = publicFormats.filter((f) => forms[f] !== null);
  const shown = there.includes(format) ? format : there[0];
  const value = shown ? forms[shown] ?? '' : '';
  const extension = {pem: '.pem', jwk: '.jwk.json', multikey: '.multikey.txt', did: '.did.txt', raw: '.raw.txt', spki: '.spki.txt'};
  return (
    <section className="card" aria-labelledby="public-key">
      <h2 id="public-key">{t.publicKey}</h2>
      {!publicKey || !shown ? <p className="soft">{t.noPublicKey}</p> : (
        <>
          <Choices compact legend={t.format} value={shown} onChange={setFormat} options={there.map((f) => ({value: f, label: t.formats[f]}))}/>
          <Takeaway value={value} what={`${t.publicKey}, ${t.formats[shown]}`} name={fileName(nameOf(data), extension[shown])}/>
          {publicKey.spki && shown === 'spki' && <div><Button icon="download" onClick={() => download(fileName(nameOf(data), '.der'), fromBase64url(publicKey.spki ?? ''), 'application/octet-stream')}>{text.bytes.save}</Button></div>}
        </>
      )}
    </section>
  );
}

function Facts({data: key, actions}: {data: KeyDetails; actions: ReactElement}): ReactElement {
  const t = text.key;
  return (
    <section className="card" aria-labelledby="facts">
      <div className="card-head"><h2 id="facts">{t.facts}</h2><div className="actions">{actions}</div></div>
      <dl className="facts">
        <dt>{t.url}</dt><dd><Identifier value={key.id} what={t.url}/></dd>
        <dt>{t.made}</dt><dd><Time at={key.createdAt}/></dd>
        <dt>{t.version}</dt><dd>{key.version}</dd>
        <dt>{t.operations}</dt><dd>{key.operations.map((operation) => text.keyOperations[operation]).join(', ') || text.none}</dd>
        <dt>{t.algorithms}</dt><dd>{key.algorithms.length > 0 ? <code>{key.algorithms.join(', ')}</code> : text.none}</dd>
        {!key.publicOnly && <><dt>{t.exportable}</dt><dd>{key.exportable ? t.exportableYes : t.exportableNo}</dd></>}
        {!key.publicOnly && <><dt>{t.rotation}</dt><dd>{key.rotationPeriod && key.rotatesAt ? t.rotationEvery(key.rotationPeriod, formatDate(key.rotatesAt)) : t.rotationNever}</dd></>}
        <dt>{t.chain}</dt><dd>{key.maxCapabilityChainLength ?? t.chainServer}</dd>
        {key.tags.length > 0 && <><dt>{t.tags}</dt><dd><Tags tags={key.tags}/></dd></>}
      </dl>
    </section>
  );
}

const pageSize = 20;

function Versions({data: key, onTrim}: {data: KeyDetails; onTrim: (() => void) | undefined}): ReactElement {
  const t = text.key;
  const [cursors, setCursors] = useState<string[]>([]);
  const {data, error, isPending} = useRead(ListVersions, key.id, {id: key.id, first: pageSize, after: cursors.at(-1) ?? null}, {keep: true});
  const connection = data?.key?.versions;
  const versions = connection?.nodes ?? [];
  const next = connection?.pageInfo.hasNextPage && connection.pageInfo.endCursor;
  const paged = cursors.length > 0 || Boolean(next);
  const total = versions.reduce((sum, {uses}) => sum + uses, 0);
  const limited = versions.some(({messages}) => messages !== null);
  return (
    <section className="card" aria-labelledby="versions">
      <div className="card-head"><h2 id="versions">{t.versions}</h2>{onTrim && key.version > key.oldestVersion && <Button icon="history" onClick={onTrim}>{t.trim}</Button>}</div>
      <Problem error={error}/>
      {isPending && <Loading/>}
      {versions.length > 0 && (
        <>
          <div className="table">
            <table>
              <caption className="visually-hidden">{t.versionsTable}</caption>
              <thead><tr><th scope="col">{t.columns.version}</th><th scope="col">{t.columns.made}</th><th scope="col" className="number">{t.columns.uses}</th><th scope="col">{paged ? t.shareOfPage : t.columns.share}</th><th scope="col">{t.columns.last}</th>{limited && <th scope="col">{t.columns.messages}</th>}</tr></thead>
              <tbody>
                {versions.map(({version, createdAt, uses, lastUsedAt, messages}) => (
                  <tr key={version}>
                    <th scope="row"><span className="badges">{version} {version === key.version && <Badge tone="good">{t.newest}</Badge>}</span></th>
                    <td data-label={t.columns.made}><Time at={createdAt}/></td>
                    <td data-label={t.columns.uses} className="number">{formatNumber(uses)}</td>
                    <td data-label={paged ? t.shareOfPage : t.columns.share}><Meter share={total > 0 ? uses / total : 0}/></td>
                    <td data-label={t.columns.last}>{lastUsedAt ? <Time at={lastUsedAt}/> : t.never}</td>
                    {limited && <td data-label={t.columns.messages}>{messages === null ? '' : t.limit(formatNumber(messages))}</td>}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="hint">{t.usesNote}</p>
          {paged && (
            <div className="actions">
              <Button icon="chevron-left" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>{text.keystore.previous}</Button>
              <Button icon="chevron-right" disabled={!next} onClick={() => next && setCursors([...cursors, next])}>{text.keystore.following}</Button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function Meter({share}: {share: number}): ReactElement {
  const percent = Math.round(share * 100);
  return (
    <svg className="meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={`${percent} %`}>
      <rect className="meter-rail" width="100" height="8" rx="2"/><rect className="meter-fill" width={percent} height="8" rx="2"/>
    </svg>
  );
}

function Rotate({data: key, keystore, shamir, onClose}: {data: KeyDetails; keystore: string; shamir: boolean | undefined; onClose: () => void}): ReactElement {
  const t = text.key;
  const rotate = useAct(RotateKey);
  const shares = useShares(keystore);
  const needed = useSharesNeeded();
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const run = () => rotate.mutate({url: key.id, variables: {input: {key: key.id, idempotencyKey, ...(shares.length > 0 && {secretShares: [...shares]})}}}, {onSuccess: ({rotateKey}) => {
    onClose();
    toast({message: t.rotated(rotateKey.key.version)});
  }});
  return (
    <Dialog title={t.rotateTitle} onClose={onClose}>
      <div className="form">
        <p>{t.rotateLead}</p>
        {shamir !== false && <SharePanel keystore={keystore} unsure={!shamir}/>}
        <Problem error={rotate.error}/>
        <div className="actions end"><Button onClick={onClose}>{text.cancel}</Button><Button tone="primary" icon="rotate-cw" busy={rotate.isPending} disabled={shamir === true && shares.length < needed} onClick={run}>{t.rotate}</Button></div>
      </div>
    </Dialog>
  );
}

/** How many days until something is gone; undefined for what the server does not take. */
export function readDays(value: string, least: number, most: number): number | undefined {
  const days = Number(value.trim() || NaN);
  return Number.isInteger(days) && days >= least && days <= most ? days : undefined;
}

function Delete({data: key, onKeep, onClose}: {data: KeyDetails; onKeep: () => void; onClose: () => void}): ReactElement {
  const t = text.key;
  const remove = useAct(DeleteKey);
  const [days, setDays] = useState('30');
  const windowDays = readDays(days, 7, 30);
  const count = key.version - key.oldestVersion + 1;
  return (
    <Confirm title={t.deleteTitle} lead={text.confirm.lostLater} losses={count > 1 ? t.deleteLosses(nameOf(key), count) : t.deleteLossesOne(nameOf(key))} action={t.delete} onClose={onClose} busy={remove.isPending} error={remove.error}
      onConfirm={() => windowDays && remove.mutate({url: key.id, variables: {input: {key: key.id, windowDays}}}, {onSuccess: ({deleteKey}) => {
        onClose();
        toast({message: t.deleted(formatDate(deleteKey.deletesAt)), undo: onKeep});
      }})}>
      <TextField label={t.days} inputMode="numeric" value={days} onChange={setDays} problem={windowDays ? undefined : t.daysBad}/>
    </Confirm>
  );
}

function Edit({data: key, onClose}: {data: KeyDetails; onClose: () => void}): ReactElement {
  const t = text.key;
  const update = useAct(UpdateKey);
  const [name, setName] = useState(key.name ?? '');
  const [description, setDescription] = useState(key.description ?? '');
  const [tags, setTags] = useState(writeTags(key.tags));
  const [verify, setVerify] = useState(String(key.minimumVersionToVerify));
  const [decrypt, setDecrypt] = useState(String(key.minimumVersionToDecrypt));
  const parsed = readTags(tags);
  const several = key.version > key.oldestVersion;
  const bad = text.key.minimums;
  const minVerify = readDays(verify, key.oldestVersion, key.version);
  const minDecrypt = readDays(decrypt, key.oldestVersion, key.version);
  const save = () => {
    if (!parsed || !minVerify || !minDecrypt) return;
    update.mutate({url: key.id, variables: {input: {
      key: key.id, name: name.trim(), description: description.trim(), tags: parsed,
      ...(several && {minimumVersionToVerify: minVerify, minimumVersionToDecrypt: minDecrypt}),
    }}}, {onSuccess: () => {
      onClose();
      toast({message: text.settings.saved});
    }});
  };
  const range = `${key.oldestVersion} – ${key.version}`;
  return (
    <Dialog title={t.editTitle} onClose={onClose}>
      <Form onSubmit={save}>
        <TextField label={text.newKey.name} hint={text.newKey.nameHint} optional value={name} onChange={setName} maxLength={128}/>
        <TextField label={text.newKey.description} optional value={description} onChange={setDescription} maxLength={1024}/>
        <AreaField label={t.tags} hint={text.settings.tagsHint} optional rows={3} value={tags} onChange={setTags} problem={parsed ? undefined : text.settings.tagsBad}/>
        {several && (
          <fieldset className="field"><legend><strong>{bad}</strong></legend>
            <div className="row">
              <TextField label={t.minVerify} hint={range} inputMode="numeric" value={verify} onChange={setVerify} problem={minVerify ? undefined : range}/>
              <TextField label={t.minDecrypt} hint={range} inputMode="numeric" value={decrypt} onChange={setDecrypt} problem={minDecrypt ? undefined : range}/>
            </div>
          </fieldset>
        )}
        <Problem error={update.error}/>
        <div className="actions end"><Button onClick={onClose}>{text.cancel}</Button><Button tone="primary" type="submit" busy={update.isPending}>{text.save}</Button></div>
      </Form>
    </Dialog>
  );
}

function Trim({data: key, onClose}: {data: KeyDetails; onClose: () => void}): ReactElement {
  const t = text.key;
  const trim = useAct(TrimKeyVersions);
  const most = Math.min(key.minimumVersionToVerify, key.minimumVersionToDecrypt); // what is in use stays
  const [keep, setKeep] = useState(String(most));
  const oldest = readDays(keep, key.oldestVersion + 1, most);
  const range = `${key.oldestVersion + 1} – ${most}`;
  if (most <= key.oldestVersion) return <Dialog title={t.trimTitle} onClose={onClose}><div className="form"><p>{t.trimInUse}</p><div className="actions end"><Button onClick={onClose}>{text.close}</Button></div></div></Dialog>;
  return (
    <Confirm title={t.trimTitle} losses={oldest ? t.trimLosses(key.oldestVersion, oldest - 1) : []} action={t.trim} word={nameOf(key)} busy={trim.isPending} error={trim.error} onClose={onClose}
      onConfirm={() => oldest && trim.mutate({url: key.id, variables: {input: {key: key.id, oldestVersion: oldest}}}, {onSuccess: () => {
        onClose();
        toast({message: t.trimmed});
      }})}>
      <TextField label={t.trimKeep} hint={range} inputMode="numeric" value={keep} onChange={setKeep} problem={oldest ? undefined : range}/>
    </Confirm>
  );
}
