import {useState, type ReactElement} from 'react';
import {TwolockError} from '../../client/error.js';
import {useAct, useService, useSharesNeeded} from '../api.ts';
import {lastPart} from '../format.ts';
import {typeGroups} from '../keytypes.ts';
import {CreateKey, type KeyType} from '../operations.ts';
import {go, pathOf} from '../router.tsx';
import {useShares} from '../session.tsx';
import {text} from '../text.ts';
import {AreaField, Button, Check, Form, Heading, Loading, Note, Problem, SelectField, TextField, toast} from '../ui.tsx';
import {Crumbs, SharePanel, nameOf, readTags, useKeystore} from './frame.tsx';
import {PeriodFields, readPeriod, useRestrictions, type Period} from './restrictions.tsx';

export function NewKey({keystore: url}: {keystore: string}): ReactElement {
  const t = text.newKey;
  const {data, error} = useKeystore(url);
  const keystore = data?.keystore;
  const path = pathOf('keystore', {keystore: lastPart(url)});
  return (
    <>
      <Heading title={t.title} above={<Crumbs items={[[pathOf('home'), text.home.title], [path, keystore ? nameOf(keystore) : text.keystore.title]]}/>}>{t.title}</Heading>
      <div className="stack">
        <Problem error={error}/>
        {!keystore && !error && <Loading/>}
        {keystore?.userLock === 'SHAMIR' && <SharePanel keystore={url}/>}
        {keystore && <NewKeyForm keystore={url} types={keystore.keyTypes} shamir={keystore.userLock === 'SHAMIR'}/>}
      </div>
    </>
  );
}

/** The types that can be made in a keystore, in groups. */
export function useTypeOptions(types: readonly KeyType[]) {
  const service = useService();
  const allowed = new Set(service.data?.service.keyTypes ?? types);
  return typeGroups.flatMap(({group, types: members}) => members.filter((type) => types.includes(type) && allowed.has(type)).map((type) => ({value: type, label: type, group: text.types.groups[group]})));
}

function NewKeyForm({keystore, types, shamir}: {keystore: string; types: readonly KeyType[]; shamir: boolean}): ReactElement {
  const t = text.newKey;
  const options = useTypeOptions(types);
  const shares = useShares(keystore);
  const [type, setType] = useState<KeyType>(types.includes('ED25519') ? 'ED25519' : types[0] ?? 'ED25519');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [tags, setTags] = useState('');
  const [exportable, setExportable] = useState(false);
  const [period, setPeriod] = useState<Period>({every: '', unit: 'days'});
  const restrictions = useRestrictions(type);
  const [idempotencyKey, setIdempotencyKey] = useState(() => crypto.randomUUID());
  const [asked, setAsked] = useState(false);
  const create = useAct(CreateKey);
  const parsedTags = readTags(tags);
  const rotationPeriod = readPeriod(period);
  const needed = useSharesNeeded();
  const noShare = shamir && shares.length < needed;
  const submit = () => {
    setAsked(true);
    if (!parsedTags || rotationPeriod === undefined || !restrictions.input || noShare) return;
    create.mutate({url: keystore, variables: {input: {
      keystore, type, idempotencyKey, exportable,
      ...(name.trim() && {name: name.trim()}), ...(description.trim() && {description: description.trim()}), ...(parsedTags.length > 0 && {tags: parsedTags}),
      ...restrictions.input, ...(rotationPeriod > 0 && {rotationPeriod}), ...(shares.length > 0 && {secretShares: [...shares]}),
    }}}, {onSuccess: ({createKey: {key}}) => {
      toast({message: t.made(nameOf(key))});
      go(new URL(key.id).pathname, {replace: true});
    }, onError: (error) => {
      // What was refused made nothing; after silence it may have, and the same again is answered with it.
      if (error instanceof TwolockError) setIdempotencyKey(crypto.randomUUID());
    }});
  };
  return (
    <Form className="card narrow form" onSubmit={submit} label={t.title}>
      <SelectField label={t.type} hint={text.types.hints[type]} value={type} onChange={(next) => {
        setType(next);
        restrictions.reset();
      }} options={options}/>
      <TextField label={t.name} hint={t.nameHint} optional value={name} onChange={setName} maxLength={128}/>
      <TextField label={t.description} optional value={description} onChange={setDescription} maxLength={1024}/>
      <AreaField label={t.tags} hint={text.settings.tagsHint} optional rows={2} value={tags} onChange={setTags} problem={parsedTags ? undefined : text.settings.tagsBad}/>
      <details open={asked && !restrictions.input ? true : undefined}>
        <summary>{t.more}</summary>
        <div className="form">
          {restrictions.fields(asked)}
          <PeriodFields period={period} onChange={setPeriod}/>
          <Check label={t.exportable} hint={t.exportableHint} checked={exportable} onChange={setExportable}/>
        </div>
      </details>
      {asked && noShare && <Note tone="warning">{text.shares.missing(needed)}</Note>}
      <Problem error={create.error}/>
      <div className="actions"><Button tone="primary" type="submit" icon="key-round" busy={create.isPending}>{t.action}</Button><Button onClick={() => go(pathOf('keystore', {keystore: lastPart(keystore)}))}>{text.cancel}</Button></div>
    </Form>
  );
}
