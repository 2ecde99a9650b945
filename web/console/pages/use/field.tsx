import {useId, type ReactElement} from 'react';
import {encode, decode, type Encoding} from '../../format.ts';
import type {Algorithm} from '../../operations.ts';
import {text} from '../../text.ts';
import {AreaField, BytesField, Choices, Field as Labelled, FileButton, SelectField, TextField, toast, type BytesValue} from '../../ui.tsx';
import {workText} from '../../worktext.ts';
import {KeyField} from '../keyfield.tsx';
import {algorithmOf, bytesIn, fields, plainOf, problemOf, type Subject, type Values} from './fields.ts';
import type {FieldName, Name} from './operations.ts';
import {badLine, splitLines} from './request.ts';

export type Change = (values: Values) => void;

/** One thing that an operation takes, as it is asked for. */
export function Control({of: name, field, optional, lines, subject, values, onChange, asked}: {
  of: Name; field: FieldName; optional: boolean; lines: boolean; subject: Subject; values: Values; onChange: Change; asked: boolean;
}): ReactElement {
  const t = workText.use;
  const kind = fields[field];
  const label = t.fields[field];
  const hint = t.hints[`${name}.${field}`] ?? t.hints[field];
  const given = {label, optional, ...(hint && {hint})};
  const setPlain = (value: string) => onChange({...values, plain: {...values.plain, [field]: value}});
  const setBytes = (value: BytesValue) => onChange({...values, bytes: {...values.bytes, [field]: value}});
  const problem = problemOf(name, field, optional, values);
  switch (kind.kind) {
    case 'bytes': return lines
      ? <LinesField {...given} value={bytesIn(values, field)} onChange={setBytes}/>
      : <BytesField {...given} rows={kind.rows ?? 4} value={bytesIn(values, field)} onChange={setBytes}/>;
    case 'json': return <AreaField {...given} className="mono" rows={3} value={plainOf(values, field)} onChange={setPlain} problem={problem}/>;
    case 'number': return <TextField {...given} inputMode="numeric" value={plainOf(values, field)} onChange={setPlain} problem={asked || plainOf(values, field) !== '' ? problem : undefined}/>;
    case 'text': return <TextField {...given} value={plainOf(values, field)} onChange={setPlain} maxLength={128}/>;
    case 'key': return <KeyField {...given} keystore={subject.keystore} readable={subject.wholeKeystore} needs="ENCRYPT" none={t.sameKey} except={subject.url} value={plainOf(values, field)} onChange={setPlain}/>;
    case 'choice': {
      const options = kind.options().map((value) => ({value, label: t.choices[value] ?? value}));
      const value = plainOf(values, field);
      return kind.wide
        ? <Choices compact legend={label} value={value} onChange={setPlain} options={options}/>
        : <SelectField {...given} value={value} onChange={setPlain} options={options}/>;
    }
    case 'algorithm': {
      const {chosen, offered, hasDefault} = algorithmOf(name, subject.data, values);
      return <SelectField {...given} value={chosen} onChange={setPlain} options={[...(hasDefault ? [{value: '' as Algorithm | '', label: t.algorithmDefault}] : []), ...offered.map((value) => ({value, label: value}))]}/>;
    }
  }
}

const maxFile = 2 << 20; // twice what a request takes, for hexadecimal

/** Many at once: one a line. */
function LinesField({label, hint, value, onChange}: {label: string; hint?: string; value: BytesValue; onChange: (value: BytesValue) => void}): ReactElement {
  const t = workText.use;
  const name = useId();
  const bad = badLine(value);
  const count = splitLines(value.value).length;
  const problem = bad > 0 ? t.lineBad(bad, value.encoding === 'hex' ? text.bytes.notHex : text.bytes.notBase64url) : undefined;
  return (
    <div className="bytes-field">
      <Labelled label={t.linesOf(label)} hint={<>{hint && <>{hint} </>}{t.lines(count)}</>} problem={problem}>
        {(attributes) => <textarea {...attributes} rows={6} spellCheck={false} autoComplete="off" className={value.encoding === 'text' ? '' : 'mono'} value={value.value} onChange={(event) => onChange({encoding: value.encoding, value: event.target.value})}/>}
      </Labelled>
      <div className="bytes-tools">
        <fieldset className="segments small">
          <legend className="visually-hidden">{text.bytes.encodingOf(label)}</legend>
          <div className="options">
            {(['text', 'base64url', 'hex'] as const).map((encoding) => (
              <label key={encoding}>
                <input type="radio" name={name} checked={value.encoding === encoding} onChange={() => onChange({encoding, value: recode(value, encoding)})}/>
                <span className="choice-label">{text.bytes.encodings[encoding]}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <FileButton label={t.linesFile} tone="quiet" onFile={(file) => {
          if (file.size > maxFile) toast({message: t.linesFileTooLarge});
          else void file.text().then((lines) => onChange({encoding: value.encoding, value: lines}));
        }}/>
      </div>
    </div>
  );
}

/** The same bytes in another spelling, where all lines have one. */
function recode({value, encoding}: BytesValue, to: Encoding): string {
  try {
    const lines = value.split(/\r?\n/).map((line) => encode(decode(line, encoding), to));
    // A line of text that holds a line's end is two.
    return lines.some((line) => line === undefined || /[\r\n]/.test(line)) ? value : lines.join('\n');
  } catch {
    return value;
  }
}
