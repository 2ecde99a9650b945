import type {ReactElement} from 'react';
import {lastPart, short} from '../format.ts';
import {capabilityFor} from '../network.ts';
import {go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import {text} from '../text.ts';
import {Badge, Button, Empty, Heading, Loading, Problem} from '../ui.tsx';
import {workText} from '../worktext.ts';
import {Crumbs, SharePanel, nameOf, useKeystore} from './frame.tsx';
import {useKey} from './key.tsx';
import {Bench} from './use/bench.tsx';
import {names as all, operations} from './use/operations.ts';

/** A workbench: what a key is for, done by hand, with the request and the code that do the same. */
export function Use({keystore, url}: {keystore: string; url: string}): ReactElement {
  const t = workText.use;
  const {key: read, keystore: parent, wholeKeystore, shamir} = useKey(keystore, url);
  const {caller} = useSession();
  const key = read.data?.key ?? undefined;
  // Where the key may not be read, what it is for is unknown: what the capability allows is offered.
  const names = all.filter((name) => {
    const {needs, document} = operations[name];
    return needs.length > 0 && (key ? needs.every((need) => key.operations.includes(need)) : caller && document.action && capabilityFor(caller, url, document.action));
  });
  const crumbs = <Crumbs items={[
    [pathOf('home'), text.key.crumb], ...(wholeKeystore ? [[new URL(keystore).pathname, parent ? nameOf(parent) : text.keystore.title] as const] : []),
    [new URL(url).pathname, key ? nameOf(key) : text.key.title],
  ]}/>;
  const title = key ? `${t.crumb}: ${nameOf(key)}` : t.title;
  return (
    <>
      <Heading title={title} above={crumbs} badges={key && <Badge>{key.type}</Badge>}>{key ? <>{t.crumb} <q>{nameOf(key)}</q></> : <>{t.title} <code>{short(lastPart(url))}</code></>}</Heading>
      <div className="stack">
        {read.isPending && <Loading/>}
        {read.error && names.length === 0 && <Problem error={read.error}/>}
        {(shamir || (shamir === undefined && !read.isPending)) && <SharePanel keystore={keystore} unsure={!shamir}/>}
        {!read.isPending && !read.error && names.length === 0 && <Empty icon="key-round" title={t.nothing} actions={<Button onClick={() => go(new URL(url).pathname)}>{text.back}</Button>}>{t.nothingHint}</Empty>}
        {!read.isPending && names.length > 0 && <Bench key={url} subject={{url, keystore, data: key, wholeKeystore}} names={names} needsShare={shamir === true}/>}
      </div>
    </>
  );
}

/** What the keystore itself is used for: random bytes. */
export function UseKeystore({url}: {url: string}): ReactElement {
  const t = workText.use;
  const {data, error, isPending} = useKeystore(url);
  const keystore = data?.keystore;
  return (
    <>
      <Heading title={t.random} above={<Crumbs items={[[pathOf('home'), text.home.title], [new URL(url).pathname, keystore ? nameOf(keystore) : text.keystore.title]]}/>}>{t.random}</Heading>
      <div className="stack">
        {isPending ? <Loading/> : <Bench subject={{url, keystore: url, data: undefined, wholeKeystore: keystore !== undefined && !error}} names={['generateRandom']} needsShare={false}/>}
      </div>
    </>
  );
}
