import {useState, type ReactElement} from 'react';
import {useAct, useSharesNeeded} from '../api.ts';
import {lastPart} from '../format.ts';
import {RestoreKey as RestoreKeyOperation} from '../operations.ts';
import {Link, go, pathOf} from '../router.tsx';
import {useShares} from '../session.tsx';
import {text} from '../text.ts';
import {AreaField, Button, FileButton, Form, Heading, Loading, Note, Problem, toast} from '../ui.tsx';
import {workText} from '../worktext.ts';
import {Crumbs, SharePanel, nameOf, useKeystore} from './frame.tsx';
import {KeyField} from './keyfield.tsx';

export function RestoreKey({keystore: url}: {keystore: string}): ReactElement {
  const t = workText.restore;
  const {data, error} = useKeystore(url);
  const keystore = data?.keystore;
  const shamir = keystore?.userLock === 'SHAMIR';
  return (
    <>
      <Heading title={t.title} above={<Crumbs items={[[pathOf('home'), text.home.title], [pathOf('keystore', {keystore: lastPart(url)}), keystore ? nameOf(keystore) : text.keystore.title]]}/>}>{t.title}</Heading>
      <div className="stack">
        <p className="lead">{t.lead} <Link to={pathOf('importKey', {keystore: lastPart(url)})}>{t.import}</Link></p>
        <Problem error={error}/>
        {!keystore && !error && <Loading/>}
        {(shamir || error) && <SharePanel keystore={url} unsure={!shamir}/>}
        {(keystore || error) && <RestoreForm keystore={url} readable={!error} shamir={shamir}/>}
      </div>
    </>
  );
}

function RestoreForm({keystore, readable, shamir}: {keystore: string; readable: boolean; shamir: boolean}): ReactElement {
  const t = workText.restore;
  const shares = useShares(keystore);
  const [backup, setBackup] = useState('');
  const [unwrappingKey, setUnwrappingKey] = useState('');
  const [asked, setAsked] = useState(false);
  const act = useAct(RestoreKeyOperation);
  const needed = useSharesNeeded();
  const noShare = shamir && shares.length < needed;
  const submit = () => {
    setAsked(true);
    if (backup.trim() === '' || unwrappingKey.trim() === '' || noShare || act.isPending) return;
    act.mutate({url: keystore, variables: {input: {keystore, backup: backup.trim(), unwrappingKey: unwrappingKey.trim(), ...(shares.length > 0 && {secretShares: [...shares]})}}}, {onSuccess: ({restoreKey: {key}}) => {
      toast({message: t.done(nameOf(key))});
      go(new URL(key.id).pathname, {replace: true});
    }});
  };
  return (
    <Form className="card narrow form" onSubmit={submit} label={t.title}>
      <AreaField label={t.backup} hint={t.backupHint} rows={7} className="mono" value={backup} onChange={setBackup} problem={asked && backup.trim() === '' ? t.missing : undefined}/>
      <div><FileButton tone="quiet" label={text.importKey.file} onFile={(file) => void file.slice(0, 1 << 20).text().then(setBackup)}/></div>
      <UnwrappingKey keystore={keystore} readable={readable} value={unwrappingKey} onChange={setUnwrappingKey} asked={asked}/>
      {asked && noShare && <Note tone="warning">{text.shares.missing(needed)}</Note>}
      <Problem error={act.error}/>
      <div className="actions"><Button tone="primary" type="submit" icon="history" busy={act.isPending}>{t.action}</Button><Button onClick={() => go(pathOf('keystore', {keystore: lastPart(keystore)}))}>{text.cancel}</Button></div>
    </Form>
  );
}

/** The key that opens what was encrypted to its public key. */
export function UnwrappingKey({keystore, readable, value, onChange, asked}: {keystore: string; readable: boolean; value: string; onChange: (value: string) => void; asked: boolean}): ReactElement {
  const t = workText.import;
  return <KeyField label={t.unwrappingKey} hint={t.unwrappingHint} keystore={keystore} readable={readable} needs="UNWRAP_KEY" none={t.choose} value={value} onChange={onChange} problem={asked && value.trim() === '' ? t.chooseMissing : undefined}/>;
}
