import {useState, type ReactElement} from 'react';
import {sampleOf, type Language} from '../code.ts';
import {download, encode, fileName, fromBase64url, lastPart, short, type Encoding} from '../format.ts';
import {Icon} from '../icons.tsx';
import {encryptionAlgorithms, isEcdh, isEcdsa, isRsa, signatureAlgorithms, wrapAlgorithms} from '../keytypes.ts';
import {capabilityFor, send} from '../network.ts';
import * as operations from '../operations.ts';
import type {Algorithm, KeyDetails, KeyOperation, KeyType, MessageType, Operation, SignatureEncoding} from '../operations.ts';
import {go, pathOf} from '../router.tsx';
import {useSession, useShares} from '../session.tsx';
import {text} from '../text.ts';
import {useMutation} from '@tanstack/react-query';
import {
  AreaField, Badge, BytesField, Button, Choices, Empty, Form, Heading, Loading, Note, Problem, SelectField, Takeaway, TextField, bytesOf, bytesProblem, noBytes,
  type BytesValue,
} from '../ui.tsx';
import {Crumbs, SharePanel, nameOf} from './frame.tsx';
import {useKey} from './key.tsx';

type Name = keyof typeof text.use.operations;
const all: readonly {name: Name; needs: KeyOperation}[] = [
  {name: 'sign', needs: 'SIGN'}, {name: 'verify', needs: 'VERIFY'}, {name: 'encrypt', needs: 'ENCRYPT'}, {name: 'decrypt', needs: 'DECRYPT'},
  {name: 'computeMac', needs: 'COMPUTE_MAC'}, {name: 'verifyMac', needs: 'VERIFY_MAC'}, {name: 'wrapKey', needs: 'WRAP_KEY'}, {name: 'unwrapKey', needs: 'UNWRAP_KEY'},
];
const documents: Record<Name, Operation<unknown, {input: never}>> = {
  sign: operations.Sign, verify: operations.Verify, encrypt: operations.Encrypt, decrypt: operations.Decrypt, computeMac: operations.ComputeMac,
  verifyMac: operations.VerifyMac, wrapKey: operations.WrapKey, unwrapKey: operations.UnwrapKey,
};

/** A workbench: what a key is for, done by hand, with the request and the code that do the same. */
export function Use({keystore, url}: {keystore: string; url: string}): ReactElement {
  const t = text.use;
  const {key: read, keystore: parent, wholeKeystore, shamir} = useKey(keystore, url);
  const {caller} = useSession();
  const key = read.data?.key ?? undefined;
  // Where the key may not be read, what it is for is unknown: what the capability allows is offered.
  const names = key
    ? all.filter(({needs}) => key.operations.includes(needs)).map(({name}) => name)
    : all.filter(({name}) => caller && capabilityFor(caller, url, name)).map(({name}) => name);
  const crumbs = <Crumbs items={[
    [pathOf('home'), text.key.crumb], ...(wholeKeystore ? [[new URL(keystore).pathname, parent ? nameOf(parent) : text.keystore.title] as const] : []),
    [new URL(url).pathname, key ? nameOf(key) : text.key.title],
  ]}/>;
  const title = key ? `${t.crumb}: ${nameOf(key)}` : t.title;
  return (
    <>
      <Heading title={title} above={crumbs} badges={key && <Badge>{key.type}</Badge>}>{key ? <>{t.crumb} <q>{nameOf(key)}</q></> : <>{t.title} <code>{short(lastPart(url))}</code></>}</Heading>
      <div className="stack">
        {read.isPending && <Loading/>}
        {read.error && names.length === 0 && <Problem error={read.error}/>}
        {(shamir || (shamir === undefined && !read.isPending)) && <SharePanel keystore={keystore}/>}
        {!read.isPending && !read.error && names.length === 0 && <Empty icon="key-round" title={t.nothing} actions={<Button onClick={() => go(new URL(url).pathname)}>{text.back}</Button>}>{t.nothingHint}</Empty>}
        {!read.isPending && names.length > 0 && <Bench key={url} url={url} keystore={keystore} data={key} names={names} needsShare={shamir === true}/>}
      </div>
    </>
  );
}

type Values = {
  message: BytesValue; signature: BytesValue; plaintext: BytesValue; ciphertext: BytesValue; nonce: BytesValue; aad: BytesValue; info: BytesValue; data: BytesValue; mac: BytesValue;
  keyToWrap: BytesValue; wrappedKey: BytesValue; recipientPublicKey: BytesValue; epk: string; algorithm: Algorithm | ''; encoding: SignatureEncoding; messageType: MessageType; version: string;
};
type BytesName = {[K in keyof Values]: Values[K] extends BytesValue ? K : never}[keyof Values];

const asBytes = (value: string): BytesValue => ({encoding: 'base64url', value});
const noBinary = asBytes('');
const nothing: Values = {
  message: noBytes, signature: noBinary, plaintext: noBytes, ciphertext: noBinary, nonce: noBinary, aad: noBytes, info: noBytes, data: noBytes, mac: noBinary, keyToWrap: noBinary, wrappedKey: noBinary,
  recipientPublicKey: noBinary, epk: '', algorithm: '', encoding: 'IEEE_P1363', messageType: 'RAW', version: '',
};

type Result = {
  name: Name; version: number | null; valid?: boolean; secret?: boolean; parts: {label: string; value: string; as: Encoding}[]; json?: {label: string; value: string}; follow?: {name: Name; values: Partial<Values>};
};

function Bench({url, keystore, data: key, names, needsShare}: {url: string; keystore: string; data: KeyDetails | undefined; names: readonly Name[]; needsShare: boolean}): ReactElement {
  const t = text.use;
  const {caller} = useSession();
  const shares = useShares(keystore);
  const [name, setName] = useState<Name>(names[0] ?? 'sign');
  const [values, setValues] = useState<Values>(nothing);
  const [asked, setAsked] = useState(false);
  const input = inputOf(name, url, values, key?.type);
  const run = useMutation({
    gcTime: 0,
    mutationFn: async (): Promise<Result> => {
      if (!input || !caller) throw new Error(text.errors.unknown.title);
      const sent = {...input, ...(shares.length > 0 && {secretShares: shares})};
      return resultOf(name, await send(documents[name], url, {input: sent as never}, caller), values);
    },
  });
  // A result stands for what was given, not for what is being typed.
  const set = <K extends keyof Values>(field: K) => (value: Values[K]) => {
    setValues((old) => ({...old, [field]: value}));
    setAsked(false);
    if (!run.isIdle) run.reset();
  };
  const submit = () => {
    setAsked(true);
    if (input && !(needsShare && shares.length === 0) && !run.isPending) run.mutate();
  };
  const choose = (next: Name, more: Partial<Values> = {}) => {
    setName(next);
    setAsked(false);
    setValues((old) => ({...old, algorithm: next === 'verify' || next === 'decrypt' || next === 'unwrapKey' ? old.algorithm : '', ...more}));
    run.reset();
  };
  const fields = fieldsOf(name, key?.type, values.algorithm);
  const bytesField = (field: BytesName) => {
    const {label, hint, optional} = labels[field];
    return <BytesField key={field} label={label} value={values[field]} onChange={set(field)} {...(hint && {hint})} {...(optional && {optional})} rows={field === 'nonce' || field === 'aad' || field === 'info' ? 1 : 4}/>;
  };
  const algorithms = !key ? [] : name === 'sign' || name === 'verify' ? signatureAlgorithms(key.algorithms) : name === 'encrypt' || name === 'decrypt' ? encryptionAlgorithms(key.algorithms) : name === 'wrapKey' || name === 'unwrapKey' ? wrapAlgorithms(key.algorithms) : [];
  const result = run.data;
  return (
    <>
      <Choices compact legend={t.operation} value={name} onChange={(next) => choose(next)} options={names.map((n) => ({value: n, label: t.operations[n]}))}/>
      <div className="columns">
        <Form className="card" onSubmit={submit} label={t.operations[name]}>
          <h2>{t.input}</h2>
          {fields.map(bytesField)}
          {name === 'unwrapKey' && (!key || isEcdh(key.type)) && <AreaField label={t.epk} hint={t.epkHint} className="mono" rows={3} value={values.epk} onChange={set('epk')} problem={readJson(values.epk) === null ? t.epkBad : undefined} optional={!key}/>}
          <div className="row">
            {algorithms.length > 1 && <SelectField label={t.algorithm} value={values.algorithm} onChange={set('algorithm')} options={[{value: '', label: t.algorithmDefault}, ...algorithms.map((a) => ({value: a, label: a}))]}/>}
            {(name === 'sign' || name === 'verify') && key && isEcdsa(key.type) && <SelectField label={t.encoding} value={values.encoding} onChange={set('encoding')} options={(['IEEE_P1363', 'DER'] as const).map((e) => ({value: e, label: t.encodings[e]}))}/>}
            {(name === 'sign' || name === 'verify') && key && (isEcdsa(key.type) || isRsa(key.type)) && <SelectField label={t.messageType} value={values.messageType} onChange={set('messageType')} options={(['RAW', 'DIGEST'] as const).map((m) => ({value: m, label: t.messageTypes[m]}))}/>}
            {(name === 'verify' || name === 'decrypt' || name === 'verifyMac' || name === 'unwrapKey') && key && key.version > 1 && <TextField label={t.version} hint={t.versionAny} optional inputMode="numeric" value={values.version} onChange={set('version')}/>}
          </div>
          {asked && !input && <Note tone="warning">{t.missing}</Note>}
          {asked && needsShare && shares.length === 0 && <Note tone="warning">{text.shares.missing}</Note>}
          <div className="actions"><Button tone="primary" icon="play" type="submit" busy={run.isPending}>{t.run[name]}</Button></div>
        </Form>
        <section className="card" aria-labelledby="result" aria-live="polite">
          <h2 id="result">{t.result}</h2>
          <Problem error={run.error}/>
          {!result && !run.error && <p className="soft">{t.resultEmpty}</p>}
          {result && <Shown result={result} keyName={key ? nameOf(key) : lastPart(url)}/>}
          {result?.follow && names.includes(result.follow.name) && <div className="actions"><Button onClick={() => result.follow && choose(result.follow.name, result.follow.values)}>{t.useFor[name as keyof typeof t.useFor]}</Button></div>}
        </section>
      </div>
      <Request url={url} name={name} input={input ?? inputOf(name, url, values, key?.type, true) ?? {key: url}} shares={shares.length > 0 || needsShare}/>
    </>
  );
}

const labels: Record<BytesName, {label: string; hint?: string; optional?: boolean}> = {
  message: {label: text.use.message}, signature: {label: text.use.signature}, plaintext: {label: text.use.plaintext}, ciphertext: {label: text.use.ciphertext}, nonce: {label: text.use.nonce},
  aad: {label: text.use.aad, hint: text.use.aadHint, optional: true}, info: {label: text.use.info, hint: text.use.infoHint, optional: true}, data: {label: text.use.data}, mac: {label: text.use.mac},
  keyToWrap: {label: text.use.keyToWrap}, wrappedKey: {label: text.use.wrappedKey}, recipientPublicKey: {label: text.use.recipient, hint: text.use.recipientHint, optional: true},
};

function fieldsOf(name: Name, type: KeyType | undefined, algorithm: Algorithm | ''): BytesName[] {
  const ecdh = !type || isEcdh(type);
  const hpke = ecdh && (algorithm === '' || algorithm.startsWith('HPKE'));
  switch (name) {
    case 'sign': return ['message'];
    case 'verify': return ['message', 'signature'];
    case 'encrypt': return ['plaintext', 'aad', ...(hpke ? ['info'] as const : [])];
    case 'decrypt': return ['ciphertext', ...(type && (isEcdh(type) || isRsa(type)) ? [] : ['nonce'] as const), 'aad', ...(hpke ? ['info'] as const : [])];
    case 'computeMac': return ['data'];
    case 'verifyMac': return ['data', 'mac'];
    case 'wrapKey': return ['keyToWrap', ...(ecdh ? ['recipientPublicKey'] as const : [])];
    case 'unwrapKey': return ['wrappedKey'];
  }
}

/** undefined: nothing was typed; null: what was typed is no JSON object. */
function readJson(value: string): Record<string, unknown> | null | undefined {
  if (value.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

/** The input of the operation; undefined while it cannot be sent. With lax, what is wrong or missing stands as empty. */
function inputOf(name: Name, url: string, values: Values, type: KeyType | undefined, lax = false): Record<string, unknown> | undefined {
  const input: Record<string, unknown> = {key: url};
  for (const field of fieldsOf(name, type, values.algorithm)) {
    if (bytesProblem(values[field])) {
      if (!lax) return undefined;
      input[field] = '';
      continue;
    }
    const bytes = bytesOf(values[field]);
    if (bytes !== '' || !labels[field].optional) input[field] = bytes;
  }
  // What encrypts without a nonce has an empty one.
  if (name === 'decrypt' && !('nonce' in input)) input.nonce = '';
  const required: Partial<Record<Name, string>> = {verify: 'signature', decrypt: 'ciphertext', verifyMac: 'mac', wrapKey: 'keyToWrap', unwrapKey: 'wrappedKey'};
  const needed = required[name];
  if (!lax && needed && input[needed] === '') return undefined;
  if (values.algorithm) input.algorithm = values.algorithm;
  if (name === 'sign' || name === 'verify') {
    if (type && isEcdsa(type) && values.encoding !== 'IEEE_P1363') input.encoding = values.encoding;
    if (type && (isEcdsa(type) || isRsa(type)) && values.messageType !== 'RAW') input.messageType = values.messageType;
  }
  if (name === 'unwrapKey') {
    const epk = readJson(values.epk);
    if (epk === null && !lax) return undefined;
    if (epk) input.epk = epk;
  }
  if (['verify', 'decrypt', 'verifyMac', 'unwrapKey'].includes(name) && /^\d+$/.test(values.version.trim())) input.version = Number(values.version);
  return input;
}

type Answers = {
  sign?: {signature: string; version: number}; verify?: {valid: boolean; version: number | null}; encrypt?: {ciphertext: string; nonce: string; version: number}; decrypt?: {plaintext: string; version: number};
  computeMac?: {mac: string; version: number}; verifyMac?: {valid: boolean; version: number | null}; wrapKey?: {wrappedKey: string; epk: Record<string, unknown> | null; version: number};
  unwrapKey?: {unwrappedKey: string; version: number};
};

function resultOf(name: Name, answer: unknown, values: Values): Result {
  const t = text.use;
  const {sign, verify, encrypt, decrypt, computeMac, verifyMac, wrapKey, unwrapKey} = answer as Answers;
  if (sign) return {name, version: sign.version, parts: [{label: t.signature, value: sign.signature, as: 'base64url'}], follow: {name: 'verify', values: {signature: asBytes(sign.signature)}}};
  if (computeMac) return {name, version: computeMac.version, parts: [{label: t.mac, value: computeMac.mac, as: 'base64url'}], follow: {name: 'verifyMac', values: {mac: asBytes(computeMac.mac)}}};
  if (encrypt) {
    return {
      name, version: encrypt.version, parts: [{label: t.ciphertext, value: encrypt.ciphertext, as: 'base64url'}, ...(encrypt.nonce ? [{label: t.nonce, value: encrypt.nonce, as: 'base64url' as const}] : [])],
      follow: {name: 'decrypt', values: {ciphertext: asBytes(encrypt.ciphertext), nonce: asBytes(encrypt.nonce), algorithm: values.algorithm}},
    };
  }
  if (wrapKey) {
    const epk = wrapKey.epk ? JSON.stringify(wrapKey.epk) : '';
    return {
      name, version: wrapKey.version, parts: [{label: t.wrappedKey, value: wrapKey.wrappedKey, as: 'base64url'}], ...(epk && {json: {label: t.epk, value: epk}}),
      follow: {name: 'unwrapKey', values: {wrappedKey: asBytes(wrapKey.wrappedKey), epk, algorithm: values.algorithm}},
    };
  }
  if (decrypt) return {name, version: decrypt.version, secret: true, parts: [{label: t.plaintext, value: decrypt.plaintext, as: 'text'}]};
  if (unwrapKey) return {name, version: unwrapKey.version, secret: true, parts: [{label: t.unwrappedKey, value: unwrapKey.unwrappedKey, as: 'base64url'}]};
  const verdict = verify ?? verifyMac;
  return {name, version: verdict?.version ?? null, valid: verdict?.valid ?? false, parts: []};
}

function Shown({result, keyName}: {result: Result; keyName: string}): ReactElement {
  const t = text.use;
  return (
    <>
      {result.valid === true && <p className="verdict good"><Icon name="circle-check"/>{t.valid(result.version ?? 0)}</p>}
      {result.valid === false && <p className="verdict bad"><Icon name="x"/>{t.invalid}</p>}
      {result.valid === undefined && result.version !== null && <p className="soft">{t.by(result.version)}</p>}
      {result.parts.map((part) => <Part key={part.label} {...part} file={fileName(keyName, '-', part.label, '.bin')}/>)}
      {result.json && <Takeaway label={result.json.label} value={result.json.value} what={result.json.label}/>}
      {result.secret && <Note>{t.showSecret}</Note>}
    </>
  );
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
        <Button tone="quiet" icon="download" onClick={() => download(file, bytes, 'application/octet-stream')}>{text.use.save}</Button>
      </div>
    </div>
  );
}

/** The request as it is sent, and the code that sends it. */
function Request({url, name, input, shares}: {url: string; name: Name; input: Record<string, unknown>; shares: boolean}): ReactElement {
  const t = text.use;
  const {caller} = useSession();
  const [language, setLanguage] = useState<Language>('cli');
  const {text: query, action} = documents[name];
  const variables = {input};
  const sample = {url, action: action ?? '', query, variables, capability: Boolean(caller && action && capabilityFor(caller, url, action)), shares};
  return (
    <div className="columns">
      <section className="card" aria-labelledby="request">
        <h2 id="request">{t.request}</h2>
        <p className="soft">{t.requestLead}</p>
        <dl className="facts"><dt>{t.endpoint}</dt><dd><code>{url}</code></dd><dt>{t.action}</dt><dd><code>{action}</code></dd></dl>
        <Takeaway label={t.query} value={query} what={t.query}/>
        <Takeaway label={t.variables} value={JSON.stringify(variables, null, 2)} what={t.variables}/>
      </section>
      <section className="card" aria-labelledby="code">
        <h2 id="code">{t.code}</h2>
        <Choices compact legend={t.language} value={language} onChange={setLanguage} options={(['cli', 'js', 'go'] as const).map((l) => ({value: l, label: t.languages[l]}))}/>
        <Takeaway value={sampleOf(language, sample)} what={`${t.code}: ${t.languages[language]}`}/>
      </section>
    </div>
  );
}
