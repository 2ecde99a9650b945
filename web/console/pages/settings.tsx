import {useState, type ReactElement} from 'react';
import {parseDidUrl} from '../../client/did.js';
import {useAct, useService} from '../api.ts';
import {formatDate, formatTime} from '../format.ts';
import {CancelKeystoreDeletion, DeleteKeystore, DisableKeystore, EnableKeystore, UpdateKeystore, UpdateVaultCapability, type KeystoreFields, type KeyType} from '../operations.ts';
import {go, pathOf} from '../router.tsx';
import {useSession} from '../session.tsx';
import {text} from '../text.ts';
import {workText} from '../worktext.ts';
import {AreaField, Button, Confirm, Form, Identifier, Note, Problem, TextField, Time, toast} from '../ui.tsx';
import {KeystoreFrame, nameOf, readTags, writeTags} from './frame.tsx';
import {readDays} from './key.tsx';
import {TypePicks, useServerTypes} from './typepicks.tsx';
import {GiveVaultAway, SharesToo, letInto} from './vaultaway.tsx';

export function KeystoreSettings({url}: {url: string}): ReactElement {
  return (
    <KeystoreFrame url={url} tab="keystoreSettings">
      {(keystore) => (
        <div className="columns">
          <div className="stack"><Labels keystore={keystore}/><Types keystore={keystore}/>{keystore.vaultUrl && <Vault keystore={keystore} vault={keystore.vaultUrl}/>}</div>
          <div className="stack"><State keystore={keystore}/><Controller keystore={keystore}/></div>
        </div>
      )}
    </KeystoreFrame>
  );
}

function Labels({keystore}: {keystore: KeystoreFields}): ReactElement {
  const t = text.settings;
  const update = useAct(UpdateKeystore);
  const [name, setName] = useState(keystore.name ?? '');
  const [description, setDescription] = useState(keystore.description ?? '');
  const [tags, setTags] = useState(writeTags(keystore.tags));
  const parsed = readTags(tags);
  const save = () => parsed && update.mutate({url: keystore.id, variables: {input: {keystore: keystore.id, name: name.trim(), description: description.trim(), tags: parsed}}}, {onSuccess: () => toast({message: t.saved})});
  return (
    <Form className="card" onSubmit={save} label={t.labels}>
      <h2>{t.labels}</h2>
      <TextField label={t.name} optional value={name} onChange={setName} maxLength={128}/>
      <AreaField label={t.description} optional rows={3} value={description} onChange={setDescription} maxLength={1024}/>
      <AreaField label={t.tags} hint={t.tagsHint} optional rows={3} value={tags} onChange={setTags} problem={parsed ? undefined : t.tagsBad}/>
      <Problem error={update.error}/>
      <div className="actions"><Button tone="primary" type="submit" busy={update.isPending}>{text.save}</Button></div>
    </Form>
  );
}

function Types({keystore}: {keystore: KeystoreFields}): ReactElement {
  const update = useAct(UpdateKeystore);
  const types = useServerTypes();
  const [without, setWithout] = useState<readonly KeyType[]>();
  const out = without ?? types.filter((type) => !keystore.keyTypes.includes(type));
  const keyTypes = types.filter((type) => !out.includes(type));
  return (
    <Form className="card" label={workText.keyTypes} onSubmit={() => keyTypes.length > 0 && update.mutate({url: keystore.id, variables: {input: {keystore: keystore.id, keyTypes}}}, {onSuccess: () => toast({message: text.settings.saved})})}>
      <h2>{workText.keyTypes}</h2>
      <p className="soft">{workText.keyTypesLead}</p>
      <TypePicks without={out} onChange={setWithout}/>
      {types.length > 0 && keyTypes.length === 0 && <Note tone="warning">{workText.keyTypesNone}</Note>}
      <Problem error={update.error}/>
      <div className="actions"><Button type="submit" busy={update.isPending}>{workText.keyTypesSave}</Button></div>
    </Form>
  );
}

function Vault({keystore, vault}: {keystore: KeystoreFields; vault: string}): ReactElement {
  const t = text.settings;
  const {caller} = useSession();
  const service = useService();
  const update = useAct(UpdateVaultCapability);
  const [days, setDays] = useState('90');
  const [error, setError] = useState<unknown>();
  const lifetime = readDays(days, 1, 90);
  const renew = async () => {
    setError(undefined);
    if (!lifetime || !caller || !service.data) return;
    try {
      const capability = await letInto(caller, vault, service.data.service.did, lifetime);
      update.mutate({url: keystore.id, variables: {input: {keystore: keystore.id, capability}}}, {onSuccess: () => toast({message: t.vaultRenewed})});
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Form className="card" onSubmit={() => void renew()} label={t.vault}>
      <h2>{t.vault}</h2>
      <Identifier value={vault} what={text.create.vaultUrl} full/>
      {keystore.vaultCapabilityExpires && <p>{t.vaultEnds} <Time at={keystore.vaultCapabilityExpires}/></p>}
      <p className="soft">{t.vaultLead}</p>
      <TextField label={text.create.vaultDays} inputMode="numeric" value={days} onChange={setDays} problem={lifetime ? undefined : text.create.vaultDaysBad}/>
      <Problem error={error ?? update.error}/>
      <div className="actions"><Button type="submit" busy={update.isPending}>{t.vaultRenew}</Button></div>
    </Form>
  );
}

function State({keystore}: {keystore: KeystoreFields}): ReactElement {
  const t = text.settings;
  const [asking, setAsking] = useState(false);
  const [days, setDays] = useState('30');
  const enable = useAct(EnableKeystore);
  const disable = useAct(DisableKeystore);
  const remove = useAct(DeleteKeystore);
  const cancel = useAct(CancelKeystoreDeletion);
  const target = {url: keystore.id, variables: {input: {keystore: keystore.id}}};
  const windowDays = readDays(days, 7, 30);
  return (
    <section className="card" aria-labelledby="state">
      <h2 id="state">{t.state}</h2>
      <p className="soft">{t.disableLead}</p>
      <Problem error={disable.error ?? enable.error ?? cancel.error}/>
      <div className="actions">
        {keystore.state === 'ENABLED' && <Button icon="power" busy={disable.isPending} onClick={() => disable.mutate(target, {onSuccess: () => toast({message: t.disabled, undo: () => enable.mutate(target)})})}>{t.disable}</Button>}
        {keystore.state === 'DISABLED' && <Button icon="power" busy={enable.isPending} onClick={() => enable.mutate(target)}>{text.keystore.enable}</Button>}
        {keystore.state === 'PENDING_DELETION'
          ? <Button busy={cancel.isPending} onClick={() => cancel.mutate(target)}>{text.keystore.keep}</Button>
          : <Button tone="danger" icon="trash-2" onClick={() => setAsking(true)}>{t.delete}</Button>}
      </div>
      {asking && (
        <Confirm title={t.deleteTitle} lead={text.confirm.lostLater} losses={t.deleteLosses(nameOf(keystore))} action={t.delete} word={nameOf(keystore)} busy={remove.isPending} error={remove.error} onClose={() => setAsking(false)}
          onConfirm={() => windowDays && remove.mutate({url: keystore.id, variables: {input: {keystore: keystore.id, windowDays}}}, {onSuccess: ({deleteKeystore}) => {
            setAsking(false);
            toast({message: t.deleted(formatTime(deleteKeystore.keystore.deletesAt ?? Date.now())), undo: () => cancel.mutate(target)});
          }})}>
          <TextField label={t.days} inputMode="numeric" value={days} onChange={setDays} problem={windowDays ? undefined : text.key.daysBad}/>
        </Confirm>
      )}
    </section>
  );
}

function Controller({keystore}: {keystore: KeystoreFields}): ReactElement {
  const t = text.settings;
  return (
    <section className="card" aria-labelledby="controller">
      <h2 id="controller">{t.controller}</h2>
      <dl className="facts"><dt>{text.create.controller}</dt><dd><Identifier value={keystore.controller} what="DID"/></dd><dt>{text.key.made}</dt><dd>{formatDate(keystore.createdAt)}</dd></dl>
      {keystore.vaultUrl ? <GiveVaultAway keystore={keystore} vault={keystore.vaultUrl}/> : <GiveAway keystore={keystore}/>}
    </section>
  );
}

function GiveAway({keystore}: {keystore: KeystoreFields}): ReactElement {
  const t = text.settings;
  const {forget} = useSession();
  const update = useAct(UpdateKeystore);
  const [did, setDid] = useState('');
  const [problem, setProblem] = useState<string>();
  const [asking, setAsking] = useState(false);
  return (
    <>
    <Form className="form" label={t.controller} onSubmit={() => {
      const known = parseDidUrl(did.trim());
      setProblem(known ? undefined : t.controllerBad);
      if (known) setAsking(true);
    }}>
      <p className="soft">{t.controllerLead}</p>
      {keystore.userLock === 'SHAMIR' && <SharesToo/>}
      <TextField label={t.controllerDid} className="mono" value={did} onChange={setDid} problem={problem}/>
      <div className="actions"><Button type="submit">{t.controllerAction}</Button></div>
    </Form>
      {asking && (
        <Confirm title={t.controllerTitle} losses={t.controllerLosses} action={t.controllerAction} word={nameOf(keystore)} busy={update.isPending} error={update.error} onClose={() => setAsking(false)}
          onConfirm={() => update.mutate({url: keystore.id, variables: {input: {keystore: keystore.id, controller: did.trim()}}}, {onSuccess: () => {
            setAsking(false);
            toast({message: t.controllerDone});
            go(pathOf('home'));
            void forget(keystore.id);
          }})}/>
      )}
    </>
  );
}
