// What the pages of a keystore have in common.

import {useEffect, useRef, useState, type ReactElement, type ReactNode} from 'react';
import {useAct, useRead, useSharesNeeded} from '../api.ts';
import {formatDate, formatTime, fromBase64url, lastPart, short, toBase64url} from '../format.ts';
import {Icon} from '../icons.tsx';
import {CancelKeystoreDeletion, EnableKeystore, ReadKeystore, type KeystoreFields} from '../operations.ts';
import {Link, pathOf, type RouteName} from '../router.tsx';
import {setShares, useSession, useShares} from '../session.tsx';
import {text} from '../text.ts';
import {Badge, Button, FileButton, Form, Heading, Identifier, Loading, Note, Problem, StateBadge, TextField, toast} from '../ui.tsx';

/** Reads a keystore, and remembers that the identity knows it. */
export function useKeystore(url: string) {
  const read = useRead(ReadKeystore, url, {id: url});
  const {current, places, remember} = useSession();
  const keystore = read.data?.keystore;
  const noted = useRef('');
  useEffect(() => {
    if (!keystore || !current) return;
    const snapshot = {name: keystore.name, userLock: keystore.userLock, vault: keystore.vaultUrl !== null};
    const mark = JSON.stringify(snapshot);
    if (noted.current === mark) return;
    noted.current = mark;
    const known = places.find((place) => place.url === url);
    void remember({...known, ...snapshot, did: current.did, url, seenAt: Date.now()});
  }, [keystore, current, places, remember, url]);
  return read;
}

export function nameOf({name, id}: {name: string | null; id: string}): string {
  return name || short(lastPart(id));
}

export function KeystoreFrame({url, tab, children}: {url: string; tab: RouteName; children: (keystore: KeystoreFields) => ReactNode}): ReactElement {
  const t = text.keystore;
  const {data, error, isPending} = useKeystore(url);
  const id = lastPart(url);
  const tabs = [['keystore', t.keys], ['capabilities', t.capabilities], ['keystoreSettings', t.settings]] as const;
  const crumbs = <Crumbs items={[[pathOf('home'), text.home.title]]}/>;
  if (isPending) return <><Heading title={t.title} above={crumbs}>{t.title}</Heading><Loading/></>;
  if (error || !data?.keystore) {
    return <><Heading title={t.title} above={crumbs}>{t.title} <code>{short(id)}</code></Heading><Problem error={error ?? new Error(text.errors.codes.NOT_FOUND.title)}/></>;
  }
  const keystore = data.keystore;
  return (
    <>
      <Heading title={nameOf(keystore)} above={crumbs}
        badges={<><StateBadge state={keystore.state}/><Badge>{text.lock.short[keystore.userLock]}</Badge><Badge>{keystore.vaultUrl ? text.lock.stores.vault : text.lock.stores.database}</Badge></>}
        actions={<Identifier value={url} what={t.url}/>}>{nameOf(keystore)}</Heading>
      {keystore.description && <p className="lead">{keystore.description}</p>}
      <nav className="tabs" aria-label={t.tabs}>
        {tabs.map(([name, label]) => <Link key={name} to={pathOf(name, {keystore: id})} aria-current={name === tab ? 'page' : undefined}>{label}</Link>)}
      </nav>
      <div className="stack">
        <KeystoreNotes keystore={keystore}/>
        {children(keystore)}
      </div>
    </>
  );
}

function KeystoreNotes({keystore}: {keystore: KeystoreFields}): ReactElement | null {
  const t = text.keystore;
  const enable = useAct(EnableKeystore);
  const cancel = useAct(CancelKeystoreDeletion);
  const variables = {input: {keystore: keystore.id}};
  if (keystore.state === 'DISABLED') {
    return <Note tone="warning" title={t.disabled} actions={<Button busy={enable.isPending} onClick={() => enable.mutate({url: keystore.id, variables}, {onSuccess: () => toast({message: t.enabled})})}>{t.enable}</Button>}><Problem error={enable.error}/></Note>;
  }
  if (keystore.state === 'PENDING_DELETION' && keystore.deletesAt) {
    return <Note tone="warning" title={t.deleting(formatTime(keystore.deletesAt))} actions={<Button busy={cancel.isPending} onClick={() => cancel.mutate({url: keystore.id, variables}, {onSuccess: () => toast({message: t.kept})})}>{t.keep}</Button>}><Problem error={cancel.error}/></Note>;
  }
  if (keystore.vaultCapabilityExpires && Date.parse(keystore.vaultCapabilityExpires) - Date.now() < 14 * 86_400_000) {
    return <Note tone="warning">{t.vaultEnds(formatDate(keystore.vaultCapabilityExpires))}</Note>;
  }
  return null;
}

export function Crumbs({items}: {items: readonly (readonly [path: string, label: string])[]}): ReactElement {
  return (
    <nav aria-label={text.nav.label + ': ' + text.key.crumb}>
      <ol className="crumbs">{items.map(([path, label], i) => <li key={path}>{i > 0 && <Icon name="chevron-right"/>}<Link to={path}>{label}</Link></li>)}</ol>
    </nav>
  );
}

/** A share as people have it, as the API takes it; undefined for what is none. */
export function readShare(given: string): string | undefined {
  try {
    const plain = given.trim();
    const json = plain.startsWith('{') ? (JSON.parse(plain) as {secret?: unknown}).secret : plain;
    const bytes = fromBase64url(String(json));
    return bytes.length === 33 && bytes[32] !== 0 ? toBase64url(bytes) : undefined;
  } catch {
    return undefined;
  }
}

/** Asks for the share that a keystore's lock is made of, or may be made of, as far as one without the right to read it can tell. It stays in memory. */
export function SharePanel({keystore, unsure = false}: {keystore: string; unsure?: boolean}): ReactElement {
  const t = text.shares;
  const shares = useShares(keystore);
  const needed = useSharesNeeded();
  const alone = needed > 1;
  const title = alone ? t.titleAlone : t.title;
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string>();
  const take = (given: string) => {
    const share = readShare(given);
    setProblem(undefined);
    if (!share) setProblem(t.bad);
    else if (shares.includes(share)) setProblem(t.twice);
    else {
      setShares(keystore, [...shares, share]);
      setTyped('');
    }
  };
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        {shares.length > 0 && <Button icon="eraser" onClick={() => setShares(keystore, [])}>{t.forget}</Button>}
      </div>
      {shares.length > 0 ? <p role="status">{t.unlocked(shares.length, needed)}</p> : <p className="soft">{unsure ? t.unsure(needed) : alone ? t.neededAlone : t.needed}</p>}
      {shares.length < 2 && (
        <Form className="form" onSubmit={() => take(typed)} label={title}>
          <div className="actions"><FileButton label={t.file} onFile={(file) => void file.slice(0, 4096).text().then(take)}/></div>
          <TextField label={t.paste} hint={alone ? t.pasteHintAlone : t.pasteHint} value={typed} onChange={setTyped} problem={problem} className="mono"/>
          <div className="actions"><Button type="submit">{t.use}</Button></div>
        </Form>
      )}
    </section>
  );
}

/** name=value, one a line; undefined when that is not what it is. */
export function readTags(value: string): {name: string; value: string}[] | undefined {
  const tags = value.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
    const at = line.indexOf('=');
    return at < 0 ? {name: line, value: ''} : {name: line.slice(0, at).trim(), value: line.slice(at + 1).trim()};
  });
  const names = new Set(tags.map(({name}) => name));
  return names.size === tags.length && !names.has('') && tags.length <= 20 ? tags : undefined;
}

export function writeTags(tags: readonly {name: string; value: string}[]): string {
  return tags.map(({name, value}) => (value ? `${name}=${value}` : name)).join('\n');
}

export function Tags({tags}: {tags: readonly {name: string; value: string}[]}): ReactElement {
  return <span className="tags">{tags.map(({name, value}) => <span className="tag" key={name}>{name}{value && `=${value}`}</span>)}</span>;
}
