import {useState, type ReactElement} from 'react';
import {useAct, useSharesNeeded} from '../api.ts';
import {fileName} from '../format.ts';
import {may} from '../network.ts';
import {BackupKey, ExportKey, type KeyDetails} from '../operations.ts';
import {useSession, useShares} from '../session.tsx';
import {text} from '../text.ts';
import {AreaField, Button, Choices, Dialog, FileButton, Form, Note, Problem, Takeaway, TextField} from '../ui.tsx';
import {workText} from '../worktext.ts';
import {SharePanel, nameOf} from './frame.tsx';
import {readDays} from './key.tsx';
import {readJson} from './use/fields.ts';

type What = 'key' | 'backup';

/** Takes an exportable key out, encrypted to a public key. */
export default function Export({data: key, keystore, shamir, onClose}: {data: KeyDetails; keystore: string; shamir: boolean | undefined; onClose: () => void}): ReactElement {
  const t = workText.export;
  const {caller} = useSession();
  const shares = useShares(keystore);
  const whats = ([['key', 'exportKey'], ['backup', 'backupKey']] as const).filter(([, action]) => may(caller, key.id, action)).map(([what]) => what);
  const [what, setWhat] = useState<What>(whats[0] ?? 'key');
  const [recipient, setRecipient] = useState('');
  const [version, setVersion] = useState('');
  const [asked, setAsked] = useState(false);
  const exported = useAct(ExportKey, {refresh: false});
  const backedUp = useAct(BackupKey, {refresh: false});
  const busy = exported.isPending || backedUp.isPending;
  const jwk = readJson(recipient);
  const isPrivate = jwk && ('d' in jwk || 'k' in jwk);
  const problem = isPrivate ? t.recipientPrivate : jwk === null || (asked && !jwk) ? t.recipientBad : undefined;
  const number = version.trim() === '' ? undefined : readDays(version, key.oldestVersion, key.version);
  const versionBad = version.trim() !== '' && number === undefined ? t.versionBad(key.oldestVersion, key.version) : undefined;
  const needed = useSharesNeeded();
  const noShare = shamir && shares.length < needed;
  const anew = () => {
    exported.reset();
    backedUp.reset();
  };
  const submit = () => {
    setAsked(true);
    if (!jwk || isPrivate || noShare || busy || (what === 'key' && versionBad)) return;
    const input = {key: key.id, recipient: jwk, ...(shares.length > 0 && {secretShares: [...shares]})};
    if (what === 'backup') backedUp.mutate({url: key.id, variables: {input}});
    else exported.mutate({url: key.id, variables: {input: {...input, ...(number !== undefined && {version: number})}}});
  };
  const wrapped = exported.data?.exportKey;
  const backup = backedUp.data?.backupKey;
  return (
    <Dialog wide title={t.title} onClose={onClose}>
      <div className="form">
        <p>{t.lead}</p>
        {shamir !== false && <SharePanel keystore={keystore} unsure={!shamir}/>}
        <Form onSubmit={submit} label={t.title}>
          <Choices legend={t.what} value={what} onChange={(next) => {
            setWhat(next);
            anew();
          }} options={whats.map((value) => ({value, label: t[value], hint: t[`${value}Hint`]}))}/>
          <AreaField label={t.recipient} hint={t.recipientHint} className="mono" rows={4} value={recipient} onChange={(value) => {
            setRecipient(value);
            anew();
          }} problem={problem}/>
          <div><FileButton tone="quiet" label={text.importKey.file} onFile={(file) => void file.slice(0, 65536).text().then(setRecipient)}/></div>
          {what === 'key' && key.version > 1 && <TextField label={t.version} hint={t.versionHint} optional inputMode="numeric" value={version} onChange={setVersion} problem={versionBad}/>}
          {asked && noShare && <Note tone="warning">{text.shares.missing(needed)}</Note>}
          <Problem error={exported.error ?? backedUp.error}/>
          <div className="actions end"><Button onClick={onClose}>{text.close}</Button><Button tone="primary" type="submit" icon="lock" busy={busy}>{t.action}</Button></div>
        </Form>
        <div aria-live="polite" className="stack tight">
          {wrapped && <><p>{t.done(wrapped.version)}</p><Takeaway value={wrapped.wrapped} what={t.wrapped} name={fileName(nameOf(key), `-${wrapped.version}.jwe`)}/></>}
          {backup && <><p>{t.doneBackup(backup.version)}</p><Takeaway value={backup.backup} what={t.backup} name={fileName(nameOf(key), '.backup')}/></>}
        </div>
      </div>
    </Dialog>
  );
}
