import {useQuery} from '@tanstack/react-query';
import {useState, type ReactElement} from 'react';
import {useStatus} from '../api.ts';
import {download, fileName, short} from '../format.ts';
import {useSession, type Recovery} from '../session.tsx';
import * as store from '../store.ts';
import {text} from '../text.ts';
import {Badge, Button, Confirm, Dialog, Form, Heading, Identifier, Note, QrCode, TextField, Time, toast} from '../ui.tsx';
import {ImportIdentity, MakeIdentity} from './welcome.tsx';

type Open = {what: 'new' | 'import'} | {what: 'rename' | 'wipe' | 'qr'; identity: store.StoredIdentity};

export function Identities({onMade}: {onMade: (recovery: Recovery) => void}): ReactElement {
  const t = text.identity;
  const {identities, current, select} = useSession();
  const [open, setOpen] = useState<Open>();
  const status = useStatus();
  const close = () => setOpen(undefined);
  return (
    <>
      <Heading title={t.title} actions={<>
        <Button icon="upload" onClick={() => setOpen({what: 'import'})}>{t.import}</Button>
        <Button tone="primary" icon="plus" onClick={() => setOpen({what: 'new'})}>{t.new}</Button>
      </>}>{t.title}</Heading>
      <div className="stack">
        <p className="lead">{t.lead}</p>
        <div className="table">
          <table>
            <caption className="visually-hidden">{t.table}</caption>
            <thead><tr><th scope="col">{t.columns.name}</th><th scope="col">{t.columns.did}</th><th scope="col">{t.columns.made}</th><th scope="col">{t.columns.file}</th><th scope="col">{t.columns.actions}</th></tr></thead>
            <tbody>
              {identities.map((identity) => {
                const inUse = identity.did === current?.did;
                return (
                  <tr key={identity.did}>
                    <th scope="row"><span className="badges">{identity.label || text.nav.unnamed} {inUse && <Badge tone="good">{t.inUse}</Badge>}{inUse && status.data && <Badge>{t.operator}</Badge>}</span></th>
                    <td data-label={t.columns.did}><Identifier value={identity.did} what={`DID, ${identity.label}`}/></td>
                    <td data-label={t.columns.made}><Time at={identity.createdAt}/></td>
                    <td data-label={t.columns.file}>{identity.saved ? t.saved : <Badge tone="warning">{t.notSaved}</Badge>}</td>
                    <td>
                      <div className="actions">
                        {!inUse && <Button onClick={() => void select(identity.did)} aria-label={`${t.use}: ${identity.label}`}>{t.use}</Button>}
                        <Button tone="quiet" className="only-icon" icon="qr-code" aria-label={`${t.show}: ${identity.label}`} title={t.show} onClick={() => setOpen({what: 'qr', identity})}/>
                        <Button tone="quiet" className="only-icon" icon="pencil" aria-label={`${t.rename}: ${identity.label}`} title={t.rename} onClick={() => setOpen({what: 'rename', identity})}/>
                        <Button icon="log-out" onClick={() => setOpen({what: 'wipe', identity})} aria-label={`${t.wipe}: ${identity.label}`}>{t.wipe}</Button>
                      </div>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </div>
      {open?.what === 'new' && <Dialog title={t.new} onClose={close}><MakeIdentity onMade={onMade} onDone={close}/></Dialog>}
      {open?.what === 'import' && <Dialog title={t.import} onClose={close}><ImportIdentity onDone={close}/></Dialog>}
      {open?.what === 'rename' && <Rename identity={open.identity} onClose={close}/>}
      {open?.what === 'wipe' && <Wipe identity={open.identity} onClose={close}/>}
      {open?.what === 'qr' && (
        <Dialog title={open.identity.label} onClose={close}><div className="stack tight"><QrCode value={open.identity.did} label={t.qr(open.identity.did)}/><Identifier value={open.identity.did} what="DID" full/></div></Dialog>
      )}
    </>
  );
}

function Rename({identity, onClose}: {identity: store.StoredIdentity; onClose: () => void}): ReactElement {
  const {change} = useSession();
  const [label, setLabel] = useState(identity.label);
  return (
    <Dialog title={text.identity.renameTitle} onClose={onClose}>
      <Form onSubmit={() => void change({...identity, label: label.trim() || identity.label}).then(onClose)}>
        <TextField label={text.identity.name} value={label} onChange={setLabel} maxLength={60}/>
        <div className="actions end"><Button onClick={onClose}>{text.cancel}</Button><Button tone="primary" type="submit">{text.save}</Button></div>
      </Form>
    </Dialog>
  );
}

function Wipe({identity, onClose}: {identity: store.StoredIdentity; onClose: () => void}): ReactElement {
  const t = text.identity;
  const {wipe} = useSession();
  const kept = useQuery({
    queryKey: ['kept', identity.did], gcTime: 0,
    queryFn: async () => ({places: (await store.places(identity.did)).length, given: (await store.given(identity.did)).length}),
  });
  if (!kept.data) return <></>;
  return (
    <Confirm title={t.wipeTitle(identity.label)} losses={t.wipeLosses(kept.data.places, kept.data.given, identity.saved)} action={t.wipeAction} onClose={onClose}
      {...(!identity.saved && {word: t.word})}
      onConfirm={() => void wipe(identity.did).then(() => {
        onClose();
        toast({message: t.wiped(identity.label)});
      })}/>
  );
}

/** The one moment at which the key of an identity can be taken out of the browser. */
export function SaveRecovery({recovery, onDone}: {recovery: Recovery; onDone: () => void}): ReactElement {
  const t = text.recovery;
  const {current, change} = useSession();
  const [saved, setSaved] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const save = () => {
    download(fileName('twolock-', short(recovery.did).slice('did:key:'.length).replace('…', '-'), '.json'), recovery.file);
    setSaved(true);
    if (current?.did === recovery.did) void change({...current, saved: true});
  };
  return (
    <>
      <Heading title={t.title}>{t.title}</Heading>
      <div className="card narrow">
        <p>{t.lead}</p>
        <Note tone="warning" title={t.now}>{t.keep}</Note>
        <dl className="facts"><dt>{t.did}</dt><dd><Identifier value={recovery.did} what="DID" full/></dd></dl>
        {saved && <Note tone="good">{t.saved}</Note>}
        <div className="actions">
          <Button tone={saved ? 'plain' : 'primary'} icon="download" onClick={save}>{t.save}</Button>
          {saved ? <Button tone="primary" onClick={onDone}>{t.done}</Button> : <Button tone="quiet" onClick={() => setLeaving(true)}>{t.without}</Button>}
        </div>
      </div>
      {leaving && <Confirm title={t.withoutTitle} losses={[t.withoutLoss]} action={t.without} onConfirm={onDone} onClose={() => setLeaving(false)}/>}
    </>
  );
}
