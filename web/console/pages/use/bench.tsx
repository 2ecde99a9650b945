import {useQueryClient, useMutation} from '@tanstack/react-query';
import {useState, type ReactElement} from 'react';
import {useSharesNeeded} from '../../api.ts';
import {lastPart} from '../../format.ts';
import {send} from '../../network.ts';
import {useSession, useShares} from '../../session.tsx';
import {text} from '../../text.ts';
import {Button, Check, Choices, Form, Note, Problem} from '../../ui.tsx';
import {workText} from '../../worktext.ts';
import {nameOf} from '../frame.tsx';
import {Control} from './field.tsx';
import {algorithmOf, asked as askedFor, bytesIn, fields, noValues, targetOf, type Subject, type Values} from './fields.ts';
import {Many} from './many.tsx';
import {followsOf, followsOfMany, type Answer, type Follow} from './next.ts';
import {fieldOf, operations, type FieldName, type Name} from './operations.ts';
import {linesOf, maxItems, prepare} from './request.ts';
import {One} from './result.tsx';
import {Sample} from './sample.tsx';

type Result = {answer: Answer; many: readonly Answer[] | undefined; follows: Follow[]};

/** The form, what comes of it, and the request: of whatever of the names is chosen. */
export function Bench({subject, names, needsShare}: {subject: Subject; names: readonly Name[]; needsShare: boolean}): ReactElement {
  const t = workText.use;
  const {caller} = useSession();
  const queries = useQueryClient();
  const shares = useShares(subject.keystore);
  const needed = useSharesNeeded();
  const noShare = needsShare && shares.length < needed;
  const [name, setName] = useState<Name>(names[0] ?? 'sign');
  const [wantsMany, setWantsMany] = useState(false);
  const [values, setValues] = useState<Values>(noValues);
  const [asked, setAsked] = useState(false);
  const many = wantsMany && operations[name].batch !== undefined;
  const prepared = prepare(name, many, subject, values, shares);
  const url = targetOf(name, subject, values);
  const run = useMutation({
    gcTime: 0, // what came back may be secret
    mutationFn: async (): Promise<Result> => {
      if (prepared.problem || !caller) throw new Error(text.errors.unknown.title);
      const data = await send(prepared.document, url, {input: prepared.input as never}, caller) as Record<string, Answer>;
      const answer = data[fieldOf(prepared.document)] ?? {};
      const results = many ? answer.results as Answer[] : undefined;
      if (answer.key) void queries.invalidateQueries({queryKey: ['api']}); // a new one
      return {answer, many: results, follows: results ? followsOfMany(name, results, values) : followsOf(name, answer, subject, values, prepared.input)};
    },
  });
  // A result stands for what was given, not for what is being typed.
  const anew = () => {
    setAsked(false);
    if (!run.isIdle) run.reset();
  };
  const change = (next: Values) => {
    setValues(next);
    anew();
  };
  const submit = () => {
    setAsked(true);
    if (!prepared.problem && !noShare && !run.isPending) run.mutate();
  };
  const choose = (next: Name, given = values) => {
    setName(next);
    setValues(given);
    anew();
  };
  const setMany = (on: boolean) => {
    const own = linesOf(name);
    // A file is one value, not a line each.
    const bytes = Object.fromEntries(Object.entries(values.bytes).filter(([field, value]) => !(on && value.file && own.includes(field as FieldName))));
    setWantsMany(on);
    change({...values, bytes});
  };
  const own = many ? linesOf(name) : [];
  const wanted = [...askedFor(name, subject, values), ...(many && own.length === 0 ? [{name: 'count' as const, optional: false}] : [])];
  const isSmall = (field: FieldName) => ['choice', 'number', 'algorithm', 'text', 'key'].includes(fields[field].kind) && !(fields[field] as {wide?: true}).wide;
  const control = ({name: field, optional}: {name: FieldName; optional: boolean}) => (
    <Control key={field} of={name} field={field} optional={optional} lines={own.includes(field)} subject={subject} values={values} onChange={change} asked={asked}/>
  );
  const large = wanted.filter((field) => !isSmall(field.name) && !fields[field.name].more);
  const oneAlgorithm = algorithmOf(name, subject.data, values).offered.length < 2;
  const small = wanted.filter((field) => isSmall(field.name) && !(field.name === 'algorithm' && oneAlgorithm));
  const more = wanted.filter((field) => fields[field.name].more);
  const result = run.data;
  const follows = result?.follows.filter(({to}) => names.includes(to)) ?? [];
  const subjectName = subject.data ? nameOf(subject.data) : lastPart(subject.url);
  return (
    <>
      {names.length > 1 && <Choices compact legend={t.operation} value={name} onChange={(next) => choose(next)} options={names.map((n) => ({value: n, label: t.operations[n]}))}/>}
      <div className={many ? 'stack' : 'columns'}>
        <Form className="card" onSubmit={submit} label={t.operations[name]}>
          <h2 id="input" tabIndex={-1}>{t.input}</h2>
          {t.leads[name] && <p className="soft">{t.leads[name]}</p>}
          {operations[name].batch && <Check label={t.manyAtOnce} hint={t.manyHint(maxItems)} checked={wantsMany} onChange={setMany}/>}
          {large.map(control)}
          {small.length > 0 && <div className="row">{small.map(control)}</div>}
          {more.length > 0 && <details open={more.some(({name: field}) => bytesIn(values, field).value !== '')}><summary>{t.more}</summary><div className="form">{more.map(control)}</div></details>}
          {asked && prepared.problem && <Note tone="warning">{prepared.problem}</Note>}
          {asked && noShare && <Note tone="warning">{text.shares.missing(needed)}</Note>}
          <div className="actions"><Button tone="primary" icon="play" type="submit" busy={run.isPending}>{many ? t.runMany(t.run[name], prepared.items) : t.run[name]}</Button></div>
        </Form>
        <section className="card" aria-labelledby="result" aria-live={many ? undefined : 'polite'}>
          <h2 id="result">{t.result}</h2>
          <Problem error={run.error}/>
          {!result && !run.error && <p className="soft">{t.resultEmpty}</p>}
          {result && (result.many ? <Many name={name} results={result.many} subject={subjectName}/> : <One name={name} answer={result.answer} subject={subjectName}/>)}
          {follows.length > 0 && <div className="actions">{follows.map(({to, values: next}) => <Button key={to} onClick={() => {
            choose(to, next);
            document.getElementById('input')?.focus();
          }}>{(many ? t.nextMany : t.next)[to]}</Button>)}</div>}
        </section>
      </div>
      <Sample url={url} name={name} prepared={prepared} many={many} shares={shares.length > 0 || needsShare}/>
    </>
  );
}
