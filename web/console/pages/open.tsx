import {useState, type ReactElement} from 'react';
import {readChain} from '../../client/chain.js';
import type {Capability} from '../../client/index.js';
import {short} from '../format.ts';
import {origin, service} from '../network.ts';
import {go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import {text} from '../text.ts';
import {AreaField, Button, FileButton, Form, Heading} from '../ui.tsx';
import {AcceptVault, vaultOf} from './vaultaway.tsx';

/** A keystore or key that the identity does not know yet, by its URL or by a capability. */
export function Open(): ReactElement {
  const t = text.open;
  const {current, remember} = useSession();
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState<string>();
  const [vault, setVault] = useState<{vault: string; capability: Capability}>();
  const open = async (given: string) => {
    setProblem(undefined);
    const found = read(given.trim(), current?.did ?? '');
    if ('vault' in found) {
      setVault(found);
      return;
    }
    if ('problem' in found) {
      setProblem(found.problem);
      return;
    }
    if (found.capability && current) await remember({did: current.did, url: found.url, name: null, capability: found.capability, seenAt: Date.now()});
    go(found.url === service ? pathOf('overview') : new URL(found.url).pathname);
  };
  if (vault) return <AcceptVault {...vault} onClose={() => setVault(undefined)}/>;
  return (
    <>
      <Heading title={t.title}>{t.title}</Heading>
      <div className="card narrow">
        <p className="soft">{t.lead}</p>
        <Form className="form" onSubmit={() => void open(value)}>
          <AreaField label={t.url} hint={t.urlHint} value={value} problem={problem} rows={6} className="mono" onChange={(next) => {
            setValue(next);
            setProblem(undefined);
          }}/>
          <div className="actions">
            <Button tone="primary" type="submit" icon="folder-open">{t.action}</Button>
            <FileButton label={t.file} accept=".json,application/json" onFile={(file) => void file.slice(0, 65536).text().then((contents) => {
              setValue(contents);
              return open(contents);
            })}/>
            <Button tone="quiet" onClick={() => go(pathOf('home'))}>{text.cancel}</Button>
          </div>
        </Form>
      </div>
    </>
  );
}

type Found = {url: string; capability?: Capability} | {vault: string; capability: Capability} | {problem: string};

function read(given: string, did: string): Found {
  const t = text.open;
  let url = given;
  let capability: Capability | undefined;
  if (given.startsWith('{')) {
    try {
      capability = JSON.parse(given) as Capability;
      const last = readChain(capability).links.at(-1);
      if (!last) return {problem: t.notUrl};
      if (last.controllerDid !== did) return {problem: t.notYours(short(last.controllerDid))};
      if (Date.parse(last.expires) <= Date.now()) return {problem: t.expired};
      url = last.target;
      const vault = url.startsWith(origin + '/') ? undefined : vaultOf(capability);
      if (vault) return {vault, capability};
    } catch {
      return {problem: t.notUrl};
    }
  }
  if (!/^https?:\/\//.test(url)) return {problem: t.notUrl};
  if (!url.startsWith(origin + '/')) return {problem: t.elsewhere(origin)};
  if (capability && url === service) return {url, capability};
  const target = /^\/keystores\/[^/?#]+(\/keys\/[^/?#]+)?/.exec(url.slice(origin.length))?.[0];
  if (!target) return {problem: capability ? t.noKeystore : t.notUrl};
  return {url: origin + target, ...(capability && {capability})};
}
