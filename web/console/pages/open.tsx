import {useState, type ReactElement} from 'react';
import {readChain} from '../../client/chain.js';
import type {Capability} from '../../client/index.js';
import {short} from '../format.ts';
import {origin, service, weigh} from '../network.ts';
import {go, pathOf} from '../router.tsx';
import {readEnrolment, useSession} from '../session.tsx';
import {text} from '../text.ts';
import {AreaField, Button, FileButton, Form, Heading, Problem} from '../ui.tsx';
import {AcceptVault, vaultOf} from './vaultaway.tsx';

/** A keystore or key that the identity does not know yet, by its URL or by a capability. */
export function Open(): ReactElement {
  const t = text.open;
  const {caller, current, places, remember, forget} = useSession();
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState<string>();
  const [failed, setFailed] = useState<unknown>();
  const [vault, setVault] = useState<{vault: string; capability: Capability}>();
  const open = async (given: string) => {
    setProblem(undefined);
    setFailed(undefined);
    if (given.trim().startsWith(origin + '/#') && readEnrolment(given.trim().slice(origin.length + 1))) {
      go(pathOf('home')); // where it is offered
      return;
    }
    const found = read(given.trim(), current?.did ?? '');
    if ('vault' in found) {
      setVault(found);
      return;
    }
    if ('problem' in found) {
      setProblem(found.problem);
      return;
    }
    try {
      if (found.capability && !await take(found.url, found.capability)) {
        setProblem(t.refused);
        return;
      }
    } catch (error) {
      setFailed(error);
      return;
    }
    go(found.url === service ? pathOf('overview') : new URL(found.url).pathname);
  };
  /** Remembers a capability beside those that were given for the same; false when it is not to be. */
  const take = async (url: string, capability: Capability): Promise<boolean> => {
    if (!caller || !current) return false;
    const place = {did: current.did, url, name: null, capability, seenAt: Date.now()};
    const weight = await weigh(caller.identity, place);
    if (weight === 'refused') return false;
    if (weight === 'needless') {
      await forget(url);
      return true;
    }
    const known = places.find((one) => one.url === url);
    const before = (known?.capability ? [known.capability, ...known.others ?? []] : []).filter(({id, expires}) => id !== capability.id && Date.parse(expires) > Date.now());
    const [first, ...others] = weight === 'good' ? [capability, ...before] : [...before, capability];
    const unasked = (known?.unasked ?? []).filter((id) => id !== capability.id);
    await remember({...known, ...place, name: known?.name ?? null, ...(first && {capability: first}), others: others.slice(0, 15), unasked: weight === 'good' ? unasked : [...unasked, capability.id]});
    return true;
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
          <Problem error={failed}/>
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
