import {useState, type ReactElement} from 'react';
import {download, encode, fileName, fromBase64url, type Encoding} from '../../format.ts';
import {Icon} from '../../icons.tsx';
import {Link} from '../../router.tsx';
import {text} from '../../text.ts';
import {Button, Choices, Note, Takeaway} from '../../ui.tsx';
import {workText} from '../../worktext.ts';
import {nameOf} from '../frame.tsx';
import type {Answer} from './next.ts';
import {operations, type Name} from './operations.ts';
import {labelOf} from './table.ts';

/** What came back. */
export function One({name, answer, subject}: {name: Name; answer: Answer; subject: string}): ReactElement {
  const t = workText.use;
  const {result, secret} = operations[name];
  const version = typeof answer.version === 'number' ? answer.version : undefined;
  return (
    <>
      {answer.valid === true && <p className="verdict good"><Icon name="circle-check"/>{t.valid(version ?? 0)}</p>}
      {answer.valid === false && <p className="verdict bad"><Icon name="x"/>{t.invalid}</p>}
      {answer.valid === undefined && version !== undefined && <p className="soft">{typeof answer.sourceVersion === 'number' ? t.fromTo(answer.sourceVersion, version) : t.by(version)}</p>}
      {Object.entries(result).map(([field, as]) => {
        const value = answer[field];
        const label = labelOf(field);
        if (value === undefined || value === null || value === '') return null;
        if (as === 'key') return <NewKey key={field} data={value as {id: string; name: string | null}}/>;
        if (as === 'json') return <Takeaway key={field} label={label} value={JSON.stringify(value)} what={label}/>;
        return <Part key={field} label={label} value={String(value)} as={as} file={fileName(subject, '-', label, '.bin')}/>;
      })}
      {secret && !answer.key && <Note>{t.showSecret}</Note>}
    </>
  );
}

function NewKey({data}: {data: {id: string; name: string | null}}): ReactElement {
  return <Note tone="good" title={workText.use.derivedKey}><p><Link to={new URL(data.id).pathname}>{nameOf(data)}</Link></p></Note>;
}

function Part({label, value, as, file}: {label: string; value: string; as: Encoding; file: string}): ReactElement {
  const bytes = fromBase64url(value);
  const [chosen, setChosen] = useState<Encoding>(encode(bytes, as) === undefined ? 'base64url' : as);
  const shown = encode(bytes, chosen);
  return (
    <div className="stack tight">
      <Takeaway label={label} value={shown ?? text.bytes.notText} what={label}/>
      <div className="bytes-tools">
        <Choices compact legend={`${label}: ${text.bytes.showAs}`} value={chosen} onChange={setChosen} options={(['text', 'base64url', 'hex'] as const).map((e) => ({value: e, label: text.bytes.encodings[e]}))}/>
        <Button tone="quiet" icon="download" onClick={() => download(file, bytes, 'application/octet-stream')}>{text.bytes.save}</Button>
      </div>
    </div>
  );
}
