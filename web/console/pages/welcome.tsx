import {useState, type ReactElement} from 'react';
import {Identity} from '../../client/identity.js';
import {Icon, Mark} from '../icons.tsx';
import {makeIdentity} from '../recovery.ts';
import {useEnrolment, useSession, type Recovery} from '../session.tsx';
import {explain, text} from '../text.ts';
import {Button, FileButton, Form, Heading, Note, Problem, TextField} from '../ui.tsx';

/** The first visit: what this is, and an identity. */
export function Welcome({onMade}: {onMade: (recovery: Recovery) => void}): ReactElement {
  const t = text.welcome;
  const enrolment = useEnrolment();
  return (
    <div className="welcome">
      <div className="welcome-head">
        <Mark/>
        <Heading title={t.title}>{t.heading}</Heading>
        <p className="lead">{t.lead}</p>
      </div>
      {enrolment && <Note>{t.enrolWaiting}</Note>}
      <div className="columns">
        <section className="card" aria-labelledby="make"><h2 id="make">{t.make}</h2><p className="soft">{t.makeLead}</p><MakeIdentity onMade={onMade}/></section>
        <section className="card" aria-labelledby="have"><h2 id="have">{t.import}</h2><p className="soft">{t.importLead}</p><ImportIdentity/></section>
      </div>
      <Locks/>
    </div>
  );
}

export function Locks(): ReactElement {
  const t = text.lock;
  return (
    <div className="locks">
      <div className="lock"><h2><Icon name="server"/>{t.server}</h2><p className="soft">{t.serverWhat}</p></div>
      <div className="lock user"><h2><Icon name="key-round"/>{t.user}</h2><p>{t.userWhat}</p></div>
    </div>
  );
}

export function MakeIdentity({onMade, onDone}: {onMade: (recovery: Recovery) => void; onDone?: () => void}): ReactElement {
  const t = text.welcome;
  const {add, identities} = useSession();
  const [label, setLabel] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const make = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const {identity, file} = await makeIdentity();
      await add(identity, label.trim() || (identities.length === 0 ? t.labelDefault : `${t.labelDefault} ${identities.length + 1}`), false);
      onDone?.();
      onMade({did: identity.did, file});
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Form className="form" onSubmit={() => !busy && void make()} label={t.make}>
      <TextField label={t.label} hint={t.labelHint} optional value={label} onChange={setLabel} maxLength={60}/>
      <Problem error={error}/>
      <div className="actions"><Button tone="primary" icon="key-round" type="submit" busy={busy}>{t.makeAction}</Button></div>
    </Form>
  );
}

export function ImportIdentity({onDone}: {onDone?: () => void}): ReactElement {
  const t = text.welcome;
  const {add, identities} = useSession();
  const [label, setLabel] = useState('');
  const [bad, setBad] = useState<unknown>();
  const noEd25519 = bad instanceof Error && bad.name === 'NotSupportedError';
  const [error, setError] = useState<unknown>();
  const take = async (file: File) => {
    setError(undefined);
    setBad(undefined);
    let identity: Identity;
    try {
      identity = await Identity.fromFile(await file.slice(0, 8192).text());
    } catch (problem) {
      setBad(problem);
      return;
    }
    try {
      const known = identities.find(({did}) => did === identity.did);
      await add(identity, label.trim() || known?.label || file.name.replace(/\.json$/, ''), true);
      onDone?.();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div className="form">
      <TextField label={t.label} hint={t.labelHint} optional value={label} onChange={setLabel} maxLength={60}/>
      {bad !== undefined && <div role="alert"><Note tone="warning" title={noEd25519 ? t.noEd25519 : t.importBad}>{noEd25519 ? t.noEd25519Mend : explain(bad).detail}</Note></div>}
      <Problem error={error}/>
      <div className="actions"><FileButton label={t.importAction} accept=".json,application/json" onFile={(file) => void take(file)}/></div>
    </div>
  );
}
