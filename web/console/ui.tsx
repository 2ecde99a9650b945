// The parts that pages are made of.

import {
  useEffect, useId, useLayoutEffect, useRef, useState, useSyncExternalStore, type ComponentProps, type FormEvent, type ReactElement, type ReactNode,
} from 'react';
import {encode as encodeQr} from 'uqr';
import {decode, download, encode, formatTime, short, toBase64url, type Encoding} from './format.ts';
import {Icon, type IconName} from './icons.tsx';
import {explain, text} from './text.ts';

type Tone = 'plain' | 'primary' | 'danger' | 'quiet';

/** Where it can do nothing it keeps the focus: a button that is disabled loses it, and cannot be found. */
export function Button({tone = 'plain', icon, busy = false, disabled = false, children, className = '', ...rest}: {
  tone?: Tone; icon?: IconName; busy?: boolean;
} & ComponentProps<'button'>): ReactElement {
  return (
    <button type="button" {...rest} className={`button ${tone} ${className}`} aria-busy={busy || undefined} aria-disabled={busy || disabled || undefined}
      onClick={busy || disabled ? (event) => event.preventDefault() : rest.onClick}>
      {busy ? <span className="spinner" aria-hidden="true"/> : icon && <Icon name={icon}/>}
      {children}
    </button>
  );
}

/** A heading that the page begins with; it takes the focus when the page is new, and names the document. */
export function Heading({children, title, actions, badges, above}: {
  children: ReactNode; title: string; actions?: ReactNode; badges?: ReactNode; above?: ReactNode;
}): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · twolock`;
  }, [title]);
  useEffect(() => {
    if (document.body.dataset.navigated) heading.current?.focus();
    document.body.dataset.navigated = 'yes';
  }, []);
  return (
    <header className="heading">
      {above}
      <div className="heading-row">
        <h1 ref={heading} tabIndex={-1}>{children}</h1>
        {badges && <div className="badges">{badges}</div>}
        {actions && <div className="actions">{actions}</div>}
      </div>
    </header>
  );
}

export function Field({label, hint, problem, optional = false, children, className = ''}: {
  label: string; hint?: ReactNode; problem?: string | undefined; optional?: boolean; className?: string;
  children: (attributes: {'id': string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined}) => ReactNode;
}): ReactElement {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}{optional && <span className="optional"> {text.optional}</span>}</label>
      {children({'id': id, 'aria-describedby': described || undefined, 'aria-invalid': problem ? true : undefined})}
      {hint && <p className="hint" id={`${id}-hint`}>{hint}</p>}
      {problem && <p className="problem" id={`${id}-problem`}>{problem}</p>}
    </div>
  );
}

export function TextField({value, onChange, label, hint, problem, optional, className, ...rest}: {
  value: string; onChange: (value: string) => void; label: string; hint?: ReactNode; problem?: string | undefined; optional?: boolean;
} & Omit<ComponentProps<'input'>, 'onChange' | 'value'>): ReactElement {
  return (
    <Field label={label} hint={hint} problem={problem} optional={optional ?? false} className={className ?? ''}>
      {(attributes) => <input type="text" autoComplete="off" spellCheck={false} {...rest} {...attributes} value={value}
        onChange={(event) => onChange(event.target.value)}/>}
    </Field>
  );
}

export function AreaField({value, onChange, label, hint, problem, optional, ...rest}: {
  value: string; onChange: (value: string) => void; label: string; hint?: ReactNode; problem?: string | undefined; optional?: boolean;
} & Omit<ComponentProps<'textarea'>, 'onChange' | 'value'>): ReactElement {
  return (
    <Field label={label} hint={hint} problem={problem} optional={optional ?? false}>
      {(attributes) => <textarea rows={4} autoComplete="off" spellCheck={false} {...rest} {...attributes} value={value}
        onChange={(event) => onChange(event.target.value)}/>}
    </Field>
  );
}

export function SelectField<V extends string>({value, onChange, label, hint, options, optional}: {
  value: V; onChange: (value: V) => void; label: string; hint?: ReactNode; optional?: boolean;
  options: readonly {value: V; label: string; group?: string}[];
}): ReactElement {
  const groups = [...new Set(options.map(({group}) => group))];
  const option = (o: {value: V; label: string}) => <option key={o.value} value={o.value}>{o.label}</option>;
  return (
    <Field label={label} hint={hint} optional={optional ?? false}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={(event) => onChange(event.target.value as V)}>
          {groups.map((group) => (group === undefined
            ? options.filter((o) => o.group === undefined).map(option)
            : <optgroup key={group} label={group}>{options.filter((o) => o.group === group).map(option)}</optgroup>))}
        </select>
      )}
    </Field>
  );
}

export function Check({checked, onChange, label, hint, disabled = false}: {
  checked: boolean; onChange: (checked: boolean) => void; label: ReactNode; hint?: ReactNode; disabled?: boolean;
}): ReactElement {
  const id = useId();
  return (
    <div className="check">
      <input type="checkbox" id={id} checked={checked} disabled={disabled} aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}/>
      <label htmlFor={id}>{label}</label>
      {hint && <p className="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** One of a few, each with a word of explanation. */
export function Choices<V extends string>({value, onChange, legend, options, compact = false}: {
  value: V; onChange: (value: V) => void; legend: string; compact?: boolean;
  options: readonly {value: V; label: string; hint?: ReactNode; icon?: IconName}[];
}): ReactElement {
  const name = useId();
  return (
    <fieldset className={compact ? 'segments' : 'choices'}>
      <legend>{legend}</legend>
      <div className="options">
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)}/>
            {option.icon && <Icon name={option.icon}/>}
            <span className="choice-label">{option.label}</span>
            {option.hint && <span className="hint">{option.hint}</span>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Form({onSubmit, children, label, className = ''}: {
  onSubmit: () => void; children: ReactNode; label?: string; className?: string;
}): ReactElement {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return <form className={className} onSubmit={submit} aria-label={label} noValidate>{children}</form>;
}

export function FileButton({label, accept, onFile, icon = 'upload', tone = 'plain'}: {
  label: string; accept?: string; onFile: (file: File) => void; icon?: IconName; tone?: Tone;
}): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button icon={icon} tone={tone} onClick={() => input.current?.click()}>{label}</Button>
      <input ref={input} type="file" hidden accept={accept} onChange={(event) => {
        const file = event.target.files?.[0];
        event.target.value = '';
        if (file) onFile(file);
      }}/>
    </>
  );
}

/** What went wrong, in words, and what to do about it. */
export function Problem({error, children}: {error: unknown; children?: ReactNode}): ReactElement | null {
  if (!error) return null;
  const {title, detail, mend, reference} = explain(error);
  return (
    <div className="note danger" role="alert">
      <Icon name="triangle-alert"/>
      <div>
        <p className="note-title">{title}</p>
        {detail && <p>{detail}</p>}
        {mend && <p>{mend}</p>}
        {reference && <p>{text.errors.reference} <code>{reference}</code></p>}
        {children}
      </div>
    </div>
  );
}

export function Note({tone = 'info', title, children, actions}: {
  tone?: 'info' | 'warning' | 'good'; title?: string; children?: ReactNode; actions?: ReactNode;
}): ReactElement {
  const icon = {info: 'info', warning: 'triangle-alert', good: 'circle-check'} as const;
  return (
    <div className={`note ${tone}`}>
      <Icon name={icon[tone]}/>
      <div>
        {title && <p className="note-title">{title}</p>}
        {children}
        {actions && <div className="actions">{actions}</div>}
      </div>
    </div>
  );
}

export function Empty({title, children, actions, icon}: {title: string; children: ReactNode; actions?: ReactNode; icon: IconName}): ReactElement {
  return (
    <div className="empty">
      <Icon name={icon}/>
      <h2>{title}</h2>
      <p>{children}</p>
      {actions && <div className="actions">{actions}</div>}
    </div>
  );
}

export function Badge({tone = 'plain', children}: {tone?: 'plain' | 'good' | 'warning' | 'danger'; children: ReactNode}): ReactElement {
  return <span className={`badge ${tone}`}>{children}</span>;
}

export function StateBadge({state}: {state: keyof typeof text.states}): ReactElement {
  const tones = {ENABLED: 'good', DISABLED: 'warning', PENDING_DELETION: 'danger'} as const;
  return <Badge tone={tones[state]}>{text.states[state]}</Badge>;
}

export function Time({at}: {at: string | number}): ReactElement {
  return <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>;
}

export function Loading({label = text.loading}: {label?: string}): ReactElement {
  return <p className="loading" role="status"><span className="spinner" aria-hidden="true"/> {label}</p>;
}

export function CopyButton({value, what, children}: {value: string; what: string; children?: ReactNode}): ReactElement {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
      announce(text.copied(what));
    } catch {
      toast({message: text.copyFailed});
    }
  };
  return (
    <Button tone={children ? 'plain' : 'quiet'} className={children ? '' : 'only-icon'} icon={copied ? 'check' : 'copy'} onClick={() => void copy()}
      aria-label={children ? undefined : text.copy(what)} title={children ? undefined : text.copy(what)}>{children}</Button>
  );
}

/** An identifier, shortened where it stands and whole where it is copied. */
export function Identifier({value, what, full = false}: {value: string; what: string; full?: boolean}): ReactElement {
  return <span className="identifier"><code title={full ? undefined : value}>{full ? value : short(value)}</code><CopyButton value={value} what={what}/></span>;
}

/** A piece of text to take away. */
export function Takeaway({value, what, name, type, label}: {value: string; what: string; name?: string; type?: string; label?: string}): ReactElement {
  return (
    <figure className="takeaway">
      {label && <figcaption>{label}</figcaption>}
      <pre tabIndex={0} role="region" aria-label={what}><code>{value}</code></pre>
      <div className="takeaway-actions">
        <CopyButton value={value} what={what}/>
        {name && <Button tone="quiet" className="only-icon" icon="download" aria-label={text.downloadWhat(what)} title={text.downloadWhat(what)}
          onClick={() => download(name, value, type ?? 'text/plain')}/>}
      </div>
    </figure>
  );
}

/** A QR code, drawn as one path: no image is loaded, no style is inline. */
export function QrCode({value, label}: {value: string; label: string}): ReactElement {
  const {data, size} = encodeQr(value, {ecc: 'L', border: 4});
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect className="qr-light" width={size} height={size}/>
      <path className="qr-dark" d={path}/>
    </svg>
  );
}

/** What fits a QR code at the lowest error correction, in bytes. */
export const qrCapacity = 2953;

export function Dialog({title, onClose, children, wide = false}: {
  title: string; onClose: () => void; children: ReactNode; wide?: boolean;
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed before it is taken out of the page: that gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} className={wide ? 'wide' : ''} onCancel={(event) => {
      event.preventDefault();
      onClose();
    }}>
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button tone="quiet" className="only-icon" icon="x" aria-label={text.close} title={text.close} onClick={onClose}/>
      </div>
      {children}
    </dialog>
  );
}

/** Asks before what cannot be undone, naming what will be lost. */
export function Confirm({title, lead = text.confirm.lost, losses, children, action, word, onConfirm, onClose, busy = false, error}: {
  title: string; lead?: string; losses: readonly string[]; children?: ReactNode; action: string; word?: string; onConfirm: () => void; onClose: () => void; busy?: boolean;
  error?: unknown;
}): ReactElement {
  const [typed, setTyped] = useState('');
  const ready = word === undefined || typed.trim() === word;
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={() => ready && !busy && onConfirm()}>
        <p>{lead}</p>
        <ul className="losses">{losses.map((loss) => <li key={loss}>{loss}</li>)}</ul>
        {children}
        {word !== undefined && <TextField label={text.confirm.type(word)} value={typed} onChange={setTyped}/>}
        <Problem error={error}/>
        <div className="actions end">
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button tone="danger" type="submit" busy={busy} disabled={!ready}>{action}</Button>
        </div>
      </Form>
    </Dialog>
  );
}

// Messages that come and go. One with an undo stays longer, and as long as it has the pointer or the focus.
type Toast = {id: number; message: string; undo?: () => void};
let toasts: readonly Toast[] = [];
let lastToast = 0;
const toastListeners = new Set<() => void>();

function setToasts(list: readonly Toast[]): void {
  toasts = list;
  toastListeners.forEach((listener) => listener());
}

export function toast({message, undo}: {message: string; undo?: () => void}): void {
  setToasts([...toasts.slice(-2), {id: ++lastToast, message, ...(undo && {undo})}]);
}

/** Takes back what was offered to be undone: it would be done as whoever acted then. */
export function forgetUndo(): void {
  setToasts(toasts.filter(({undo}) => !undo));
}

export function Toasts(): ReactElement {
  const list = useSyncExternalStore((listener) => {
    toastListeners.add(listener);
    return () => toastListeners.delete(listener);
  }, () => toasts);
  return <div className="toasts" role="status">{list.map((item) => <ToastItem key={item.id} item={item}/>)}</div>;
}

function ToastItem({item}: {item: Toast}): ReactElement {
  const [held, setHeld] = useState(false);
  const dismiss = () => setToasts(toasts.filter(({id}) => id !== item.id));
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => setToasts(toasts.filter(({id}) => id !== item.id)), item.undo ? 20_000 : 6000);
    return () => clearTimeout(timer);
  }, [held, item]);
  return (
    <div className="toast" onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <span>{item.message}</span>
      {item.undo && <Button tone="quiet" onClick={() => {
        item.undo?.();
        dismiss();
      }}>{text.undo}</Button>}
      <Button tone="quiet" className="only-icon" icon="x" aria-label={text.dismiss} onClick={dismiss}/>
    </div>
  );
}

/** Says something to a screen reader that the eye sees anyhow. */
export function announce(message: string): void {
  const region = document.getElementById('announcer');
  if (region) region.textContent = message;
}

/** Bytes as people have them: text, base64url, hex, or a file. */
export type BytesValue = {encoding: Encoding; value: string; file?: {name: string; bytes: Uint8Array<ArrayBuffer>}};

export const noBytes: BytesValue = {encoding: 'text', value: ''};

/** The API's Bytes; throws what decode throws. */
export function bytesOf(input: BytesValue): string {
  return toBase64url(input.file?.bytes ?? decode(input.value, input.encoding));
}

/** What is wrong with what was typed, if anything. */
export function bytesProblem(input: BytesValue): string | undefined {
  try {
    bytesOf(input);
    return undefined;
  } catch {
    return input.encoding === 'hex' ? text.bytes.notHex : text.bytes.notBase64url;
  }
}

const maxBytes = 700_000; // what a request of 1 MiB takes in base64url

export function BytesField({label, value, onChange, hint, optional = false, rows = 4}: {
  label: string; value: BytesValue; onChange: (value: BytesValue) => void; hint?: ReactNode; optional?: boolean; rows?: number;
}): ReactElement {
  const problem = bytesProblem(value);
  const name = useId();
  return (
    <div className="bytes-field">
      <Field label={label} optional={optional} hint={hint} problem={problem}>
        {(attributes) => (value.file
          ? (
            <div className="file-chosen">
              <Icon name="check"/> <span id={attributes.id} tabIndex={-1}>{text.bytes.file(value.file.name, value.file.bytes.length)}</span>
              <Button tone="quiet" onClick={() => onChange({encoding: 'text', value: ''})}>{text.bytes.typeInstead}</Button>
            </div>
          )
          : <textarea {...attributes} rows={rows} spellCheck={false} autoComplete="off" value={value.value} className={value.encoding === 'text' ? '' : 'mono'}
            onChange={(event) => onChange({...value, value: event.target.value})}/>)}
      </Field>
      <div className="bytes-tools">
        <fieldset className="segments small" hidden={value.file !== undefined}>
          <legend className="visually-hidden">{text.bytes.encodingOf(label)}</legend>
          <div className="options">
            {(['text', 'base64url', 'hex'] as const).map((encoding) => (
              <label key={encoding}>
                <input type="radio" name={name} checked={value.encoding === encoding} onChange={() => onChange(recode(value, encoding))}/>
                <span className="choice-label">{text.bytes.encodings[encoding]}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <FileButton label={text.bytes.chooseFile} tone="quiet" onFile={(file) => {
          if (file.size > maxBytes) {
            toast({message: text.bytes.tooLarge});
            return;
          }
          void file.arrayBuffer().then((buffer) => onChange({encoding: 'base64url', value: '', file: {name: file.name, bytes: new Uint8Array(buffer)}}));
        }}/>
      </div>
    </div>
  );
}

/** The same bytes in another spelling where they have one. */
function recode(value: BytesValue, encoding: Encoding): BytesValue {
  try {
    return {encoding, value: encode(decode(value.value, value.encoding), encoding) ?? value.value};
  } catch {
    return {encoding, value: value.value};
  }
}
