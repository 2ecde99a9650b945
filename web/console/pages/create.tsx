import {useState, type ReactElement} from 'react';
import {newShares} from '../../client/shares.js';
import {useAct, useService} from '../api.ts';
import {download, formatDate, lastPart, short, toBase64, toBase64url} from '../format.ts';
import {service} from '../network.ts';
import {CreateKeystore, type KeyType, type KeystoreFields, type UserLock} from '../operations.ts';
import {go, pathOf} from '../router.tsx';
import {setShares, useSession} from '../session.tsx';
import {text} from '../text.ts';
import {workText} from '../worktext.ts';
import {TwolockError} from '../../client/error.js';
import {
  AreaField, Button, Check, Choices, CopyButton, Dialog, Form, Heading, Identifier, Loading, Note, Problem, QrCode, Takeaway, TextField,
} from '../ui.tsx';
import {readTags} from './frame.tsx';
import {readDays} from './key.tsx';
import {TypePicks, useServerTypes} from './typepicks.tsx';
import {letInto} from './vaultaway.tsx';
import {Locks} from './welcome.tsx';

type Step = 'lock' | 'shares' | 'store' | 'details';
/** The other one is the Auth server's; without one, the user's too. */
type Shares = {mine: Uint8Array; other: Uint8Array; recovery: Uint8Array};

/** A wizard for a new keystore: both locks, both stores. Nothing is sent before its last step. */
export function Create(): ReactElement {
  const t = text.create;
  const {caller, current, remember} = useSession();
  const info = useService();
  const [step, setStep] = useState<Step>('lock');
  const [userLock, setUserLock] = useState<UserLock>('LOCAL');
  const [shares, setMade] = useState<Shares>();
  const [recovery, setRecovery] = useState(false);
  const [stored, setStored] = useState(false);
  const [pin, setPin] = useState(true);
  const [store, setStore] = useState<'database' | 'vault'>('database');
  const [vault, setVault] = useState('');
  const [days, setDays] = useState('90');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [tags, setTags] = useState('');
  const [without, setWithout] = useState<readonly KeyType[]>([]);
  const keyTypes = useServerTypes().filter((type) => !without.includes(type));
  const parsedTags = readTags(tags);
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const [idempotencyKey, setIdempotencyKey] = useState(() => crypto.randomUUID());
  const create = useAct(CreateKeystore);
  const [made, setDone] = useState<KeystoreFields>();

  const steps: readonly Step[] = userLock === 'SHAMIR' ? ['lock', 'shares', 'store', 'details'] : ['lock', 'store', 'details'];
  const at = steps.indexOf(step);
  const authServer = info.data?.service.authServer;
  const lifetime = readDays(days, 1, 90);
  const vaultUrl = vault.trim();
  const vaultBad = !/^https?:\/\/[^/?#]+\/[^?#]*[^/?#]$/.test(vaultUrl);
  const draw = () => {
    const [mine, other, recovery] = newShares(3, 2);
    if (mine && other && recovery) setMade({mine, other, recovery});
  };
  const move = (to: number) => {
    const next = steps[to];
    if (!next) return;
    if (next === 'shares' && !shares) draw();
    setAsked(false);
    setFailed(undefined);
    create.reset();
    setStep(next);
    document.getElementById('wizard')?.focus();
  };
  const submit = async () => {
    setAsked(true);
    if (authServer === undefined || (step === 'shares' && !stored)) return;
    if (step === 'store' && store === 'vault' && (vaultBad || !lifetime)) return;
    if (step !== 'details') {
      move(at + 1);
      return;
    }
    if (!caller || !current || !info.data || create.isPending || !parsedTags || keyTypes.length === 0) return;
    setFailed(undefined);
    const both = shares && [toBase64url(shares.mine), toBase64url(shares.other)];
    try {
      const input = {
        controller: current.did, userLock,
        ...(name.trim() && {name: name.trim()}), ...(description.trim() && {description: description.trim()}), ...(parsedTags.length > 0 && {tags: parsedTags}),
        ...(without.length > 0 && {keyTypes}),
        // One alone has the Auth server asked for the other; both pin the lock to what was drawn here without it.
        ...(userLock === 'SHAMIR' && both && {secretShares: authServer && pin ? both.slice(0, 1) : both}),
        ...(store === 'vault' && lifetime && {vault: {url: vaultUrl, capability: await letInto(caller, vaultUrl, info.data.service.did, lifetime)}}),
      };
      // What answers a retry after silence; a capability is signed anew, and so another input.
      const {createKeystore: {keystore}} = await create.mutateAsync({url: service, variables: {input: {...input, ...(store === 'database' && {idempotencyKey})}}});
      if (shares && both && userLock === 'SHAMIR') {
        setShares(keystore.id, authServer ? both.slice(0, 1) : both);
        for (const share of Object.values(shares)) share.fill(0);
        setMade(undefined);
      }
      await remember({did: current.did, url: keystore.id, name: keystore.name, userLock: keystore.userLock, vault: keystore.vaultUrl !== null, seenAt: Date.now()});
      setDone(keystore);
    } catch (error) {
      setFailed(error);
      if (error instanceof TwolockError) setIdempotencyKey(crypto.randomUUID());
    }
  };

  if (made) return <Done keystore={made}/>;
  const refused = failed instanceof TwolockError && failed.code === 'FORBIDDEN';
  return (
    <>
      <Heading title={t.title}>{t.title}</Heading>
      <ol className="steps" aria-label={t.progress}>
        {steps.map((name, i) => <li key={name} className={i < at ? 'done' : undefined} aria-current={name === step ? 'step' : undefined}>{t.steps[name]}</li>)}
      </ol>
      <Form onSubmit={() => void submit()} label={t.title}>
        <div className="stack" id="wizard" tabIndex={-1} role="group" aria-label={t.steps[step]}>
          {step === 'lock' && (
            <>
              <p className="lead">{t.lead}</p>
              <Locks/>
              <Choices legend={t.lockLegend} value={userLock} onChange={setUserLock} options={[
                {value: 'LOCAL', label: t.local, hint: t.localHint}, {value: 'SHAMIR', label: t.shamir, hint: authServer === false ? t.shamirHintAlone : t.shamirHint},
              ]}/>
              {info.isPending ? <Loading/> : <Problem error={info.error}/>}
            </>
          )}
          {step === 'shares' && shares && <SharesStep shares={shares} authServer={authServer ?? false} recovery={recovery} setRecovery={setRecovery} stored={stored} setStored={setStored} pin={pin} setPin={setPin} asked={asked}/>}
          {step === 'store' && (
            <>
              <Choices legend={t.storeLegend} value={store} onChange={setStore} options={[
                {value: 'database', label: t.database, hint: t.databaseHint}, {value: 'vault', label: t.vault, hint: t.vaultHint},
              ]}/>
              {store === 'vault' && (
                <div className="card narrow">
                  <TextField label={t.vaultUrl} hint={t.vaultUrlHint} type="url" className="mono" value={vault} onChange={setVault} problem={asked && vaultBad ? t.vaultUrlBad : undefined}/>
                  <TextField label={t.vaultDays} hint={t.vaultDaysHint} inputMode="numeric" value={days} onChange={setDays} problem={lifetime ? undefined : t.vaultDaysBad}/>
                  {info.data && <Note>{t.vaultGrant(short(info.data.service.did))}</Note>}
                </div>
              )}
            </>
          )}
          {step === 'details' && (
            <div className="columns">
              <div className="card">
                <TextField label={t.name} hint={t.nameHint} optional value={name} onChange={setName} maxLength={128}/>
                <TextField label={t.description} optional value={description} onChange={setDescription} maxLength={1024}/>
                <AreaField label={text.settings.tags} hint={text.settings.tagsHint} optional rows={2} value={tags} onChange={setTags} problem={parsedTags ? undefined : text.settings.tagsBad}/>
                <details><summary>{workText.keyTypesMore}</summary><div className="form"><TypePicks without={without} onChange={setWithout}/></div></details>
                {without.length > 0 && keyTypes.length === 0 && <Note tone="warning">{workText.keyTypesNone}</Note>}
              </div>
              <section className="card" aria-labelledby="check">
                <h2 id="check">{t.check}</h2>
                <dl className="facts">
                  <dt>{text.lock.user}</dt><dd>{text.lock.kinds[userLock]}</dd>
                  {userLock === 'SHAMIR' && <><dt>{t.steps.shares}</dt><dd>{t.sharesKept(authServer ?? false)}</dd></>}
                  <dt>{t.steps.store}</dt><dd>{store === 'vault' ? <code>{vaultUrl}</code> : text.lock.stores.database}</dd>
                  <dt>{t.controller}</dt><dd>{current?.label} {current && <Identifier value={current.did} what="DID"/>}</dd>
                </dl>
              </section>
            </div>
          )}
          {refused
            ? <Note tone="warning" title={text.errors.codes.FORBIDDEN.title}><p>{t.notAllowed}</p>{current && <Identifier value={current.did} what="DID" full/>}</Note>
            : <Problem error={failed}/>}
          <div className="actions">
            {at > 0 && <Button icon="chevron-left" onClick={() => move(at - 1)}>{text.back}</Button>}
            {step === 'details'
              ? <Button tone="primary" type="submit" icon="check" busy={create.isPending}>{t.action}</Button>
              : <Button tone="primary" type="submit">{text.next}</Button>}
            <Button tone="quiet" onClick={() => go(pathOf('home'))}>{text.cancel}</Button>
          </div>
        </div>
      </Form>
    </>
  );
}

function SharesStep({shares, authServer, recovery, setRecovery, stored, setStored, pin, setPin, asked}: {
  shares: Shares; authServer: boolean; recovery: boolean; setRecovery: (on: boolean) => void; stored: boolean; setStored: (on: boolean) => void; pin: boolean; setPin: (on: boolean) => void; asked: boolean;
}): ReactElement {
  const t = text.create;
  const [paper, setPaper] = useState(false);
  const {current} = useSession();
  const body = JSON.stringify({secret: toBase64(shares.other)});
  return (
    <>
      <p className="lead">{authServer ? t.sharesLead : t.sharesLeadAlone}</p>
      <div className="columns">
        <OwnShare id="mine" share={shares.mine} file="twolock-mine.share" title={authServer ? t.mine : t.first} what={t.mineWhat} save={authServer ? t.mineSave : t.firstSave}/>
        {authServer ? (
          <section className="card" aria-labelledby="share-auth">
            <h2 id="share-auth">{t.auth}</h2>
            <p className="soft">{t.authWhat}</p>
            <div className="actions"><Button icon="download" onClick={() => download('twolock-auth.share.json', body)}>{t.authSave}</Button><CopyButton value={body} what={t.auth}/></div>
            <Takeaway what={t.authCommand} value={'curl --json @twolock-auth.share.json -H "Authorization: Bearer $(printf %s "$TOKEN" | base64 -w0)" "$AUTH_URL/secret"'}/>
          </section>
        ) : <OwnShare id="second" share={shares.other} file="twolock-second.share" title={t.second} what={t.secondWhat} save={t.secondSave}/>}
      </div>
      <Check label={t.recovery} hint={authServer ? t.recoveryHint : t.recoveryHintAlone} checked={recovery} onChange={setRecovery}/>
      {recovery && (
        <section className="card narrow" aria-labelledby="share-paper">
          <h2 id="share-paper">{t.paper}</h2>
          <p className="soft">{t.paperWhat}</p>
          <div className="actions"><Button icon="printer" onClick={() => setPaper(true)}>{t.paperPrint}</Button></div>
        </section>
      )}
      {authServer && <Check label={t.pin} hint={t.pinHint} checked={pin} onChange={setPin}/>}
      <Check label={t.stored} hint={t.storedHint} checked={stored} onChange={setStored}/>
      {asked && !stored && <Note tone="warning">{t.storedMissing}</Note>}
      {paper && (
        <Dialog title={t.paperTitle} onClose={() => setPaper(false)}>
          <div className="sheet">
            <h3>{t.paperHeading}</h3>
            <p>{t.paperBody}</p>
            <QrCode value={toBase64(shares.recovery)} label={t.paperQr}/>
            <p><code>{toBase64(shares.recovery)}</code></p>
            <p>{t.paperFor}: <code>{current?.did}</code></p>
            <p>{t.paperOn}: <code>{location.origin}</code>. {t.paperDate} {formatDate(Date.now())}.</p>
          </div>
          <div className="actions end"><Button tone="primary" icon="printer" onClick={() => window.print()}>{t.print}</Button></div>
        </Dialog>
      )}
    </>
  );
}

/** A share that its owner keeps. */
function OwnShare({id, share, file, title, what, save}: {id: string; share: Uint8Array; file: string; title: string; what: string; save: string}): ReactElement {
  const value = toBase64(share);
  return (
    <section className="card" aria-labelledby={`share-${id}`}>
      <h2 id={`share-${id}`}>{title}</h2>
      <p className="soft">{what}</p>
      <div className="actions"><Button icon="download" onClick={() => download(file, value + '\n', 'text/plain')}>{save}</Button><CopyButton value={value} what={title}/></div>
    </section>
  );
}

function Done({keystore}: {keystore: KeystoreFields}): ReactElement {
  const t = text.create;
  const id = lastPart(keystore.id);
  return (
    <>
      <Heading title={t.doneTitle}>{t.doneTitle}</Heading>
      <div className="card narrow">
        <p>{t.done}</p>
        <dl className="facts"><dt>{t.url}</dt><dd><Identifier value={keystore.id} what={text.keystore.url} full/></dd></dl>
        <div className="actions">
          <Button tone="primary" icon="key-round" onClick={() => go(pathOf('newKey', {keystore: id}))}>{t.firstKey}</Button>
          <Button onClick={() => go(pathOf('keystore', {keystore: id}))}>{t.goThere}</Button>
        </div>
      </div>
    </>
  );
}
