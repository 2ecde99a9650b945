import {useState, type ReactElement} from 'react';
import {TwolockError} from '../../client/error.js';
import {useAct, useSharesNeeded} from '../api.ts';
import {lastPart, readPem, toBase64url} from '../format.ts';
import {ImportKey as ImportKeyOperation, type ImportKeyInput, type KeyType} from '../operations.ts';
import {Link, go, pathOf} from '../router.tsx';
import {useShares} from '../session.tsx';
import {text} from '../text.ts';
import {workText} from '../worktext.ts';
import {AreaField, BytesField, Button, Check, Choices, FileButton, Form, Heading, Loading, Note, Problem, SelectField, TextField, bytesOf, bytesProblem, toast, type BytesValue} from '../ui.tsx';
import {Crumbs, SharePanel, nameOf, readTags, useKeystore} from './frame.tsx';
import {useTypeOptions} from './newkey.tsx';
import {UnwrappingKey} from './restore.tsx';
import {useRestrictions} from './restrictions.tsx';

export function ImportKey({keystore: url}: {keystore: string}): ReactElement {
  const t = text.importKey;
  const {data, error} = useKeystore(url);
  const keystore = data?.keystore;
  const path = pathOf('keystore', {keystore: lastPart(url)});
  return (
    <>
      <Heading title={t.title} above={<Crumbs items={[[pathOf('home'), text.home.title], [path, keystore ? nameOf(keystore) : text.keystore.title]]}/>}>{t.title}</Heading>
      <div className="stack">
        <p className="lead">{t.lead} <Link to={pathOf('restoreKey', {keystore: lastPart(url)})}>{workText.import.restoreInstead}</Link></p>
        <Problem error={error}/>
        {!keystore && !error && <Loading/>}
        {keystore?.userLock === 'SHAMIR' && <SharePanel keystore={url}/>}
        {keystore && <ImportForm keystore={url} types={keystore.keyTypes} shamir={keystore.userLock === 'SHAMIR'}/>}
      </div>
    </>
  );
}

type Format = 'jwk' | 'pem' | 'raw' | 'wrapped';
type Material = Pick<ImportKeyInput, 'jwk' | 'pkcs8' | 'spki' | 'raw' | 'wrapped'>;
const labels = {...text.importKey.formats, wrapped: workText.import.wrapped};
const fieldLabels = {jwk: text.importKey.jwk, pem: text.importKey.pem, wrapped: workText.import.wrappedLabel};
const hints = {jwk: text.importKey.jwkHint, pem: text.importKey.pemHint, wrapped: workText.import.wrappedHint};

function ImportForm({keystore, types, shamir}: {keystore: string; types: readonly KeyType[]; shamir: boolean}): ReactElement {
  const t = text.importKey;
  const options = useTypeOptions(types);
  const shares = useShares(keystore);
  const [type, setType] = useState<KeyType>(types.includes('ED25519') ? 'ED25519' : types[0] ?? 'ED25519');
  const [format, setFormat] = useState<Format>('jwk');
  const [value, setValue] = useState('');
  const [raw, setRaw] = useState<BytesValue>({encoding: 'base64url', value: ''});
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [tags, setTags] = useState('');
  const [unwrappingKey, setUnwrappingKey] = useState('');
  const restrictions = useRestrictions(type);
  const [idempotencyKey, setIdempotencyKey] = useState(() => crypto.randomUUID());
  const [exportable, setExportable] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [asked, setAsked] = useState(false);
  const act = useAct(ImportKeyOperation);
  const parsedTags = readTags(tags);
  const needed = useSharesNeeded();
  const noShare = shamir && shares.length < needed;
  const submit = () => {
    setAsked(true);
    const material = read(format, value, raw);
    setProblem(typeof material === 'string' ? material : undefined);
    if (typeof material === 'string' || !parsedTags || noShare || !restrictions.input || (format === 'wrapped' && unwrappingKey.trim() === '')) return;
    act.mutate({url: keystore, variables: {input: {
      keystore, type, idempotencyKey, ...material, ...(format === 'wrapped' && {unwrappingKey: unwrappingKey.trim()}), exportable, ...restrictions.input,
      ...(name.trim() && {name: name.trim()}), ...(description.trim() && {description: description.trim()}), ...(parsedTags.length > 0 && {tags: parsedTags}), ...(shares.length > 0 && {secretShares: [...shares]}),
    }}}, {onSuccess: ({importKey: {key}}) => {
      setValue('');
      toast({message: t.made(nameOf(key))});
      go(new URL(key.id).pathname, {replace: true});
    }, onError: (error) => {
      if (error instanceof TwolockError) setIdempotencyKey(crypto.randomUUID()); // as for a new key
    }});
  };
  return (
    <Form className="card narrow form" onSubmit={submit} label={t.title}>
      <SelectField label={text.newKey.type} hint={text.types.hints[type]} value={type} onChange={(next) => {
        setType(next);
        restrictions.reset();
      }} options={options}/>
      <Choices compact legend={t.format} value={format} onChange={(next) => {
        setFormat(next);
        setProblem(undefined);
      }} options={(['jwk', 'pem', 'raw', 'wrapped'] as const).map((f) => ({value: f, label: labels[f]}))}/>
      {format === 'raw'
        ? <BytesField label={t.raw} hint={t.rawHint} value={raw} onChange={setRaw}/>
        : (
          <>
            <AreaField label={fieldLabels[format]} hint={hints[format]} rows={7} className="mono" value={value} onChange={setValue} problem={problem}/>
            <div><FileButton tone="quiet" label={t.file} onFile={(file) => void file.slice(0, 65536).text().then(setValue)}/></div>
          </>
        )}
      {format === 'raw' && problem && <Note tone="warning">{problem}</Note>}
      {format === 'wrapped' && <UnwrappingKey keystore={keystore} readable value={unwrappingKey} onChange={setUnwrappingKey} asked={asked}/>}
      <TextField label={text.newKey.name} hint={text.newKey.nameHint} optional value={name} onChange={setName} maxLength={128}/>
      <TextField label={text.newKey.description} optional value={description} onChange={setDescription} maxLength={1024}/>
      <AreaField label={text.newKey.tags} hint={text.settings.tagsHint} optional rows={2} value={tags} onChange={setTags} problem={parsedTags ? undefined : text.settings.tagsBad}/>
      <details open={asked && !restrictions.input ? true : undefined}>
        <summary>{text.newKey.more}</summary>
        <div className="form">{restrictions.fields(asked)}<Check label={text.newKey.exportable} hint={text.newKey.exportableHint} checked={exportable} onChange={setExportable}/></div>
      </details>
      {asked && noShare && <Note tone="warning">{text.shares.missing(needed)}</Note>}
      <Problem error={act.error}/>
      <div className="actions"><Button tone="primary" type="submit" icon="upload" busy={act.isPending}>{t.action}</Button><Button onClick={() => go(pathOf('keystore', {keystore: lastPart(keystore)}))}>{text.cancel}</Button></div>
    </Form>
  );
}

/** What was given, as the API takes it, or what is wrong with it. */
function read(format: Format, value: string, raw: BytesValue): Material | string {
  const t = text.importKey;
  if (format === 'raw') {
    const problem = bytesProblem(raw);
    return problem ?? (bytesOf(raw) === '' ? t.missing : {raw: bytesOf(raw)});
  }
  if (value.trim() === '') return t.missing;
  if (format === 'wrapped') return {wrapped: value.trim()};
  if (format === 'jwk') {
    try {
      const jwk: unknown = JSON.parse(value);
      return typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk) ? {jwk: jwk as Record<string, unknown>} : t.jwkBad;
    } catch {
      return t.jwkBad;
    }
  }
  const pem = readPem(value);
  if (pem?.label === 'PRIVATE KEY') return {pkcs8: toBase64url(pem.der)};
  if (pem?.label === 'PUBLIC KEY') return {spki: toBase64url(pem.der)};
  return t.pemBad;
}
