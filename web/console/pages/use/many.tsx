import {useEffect, useState, type ReactElement} from 'react';
import {download, fileName, type Encoding} from '../../format.ts';
import {text} from '../../text.ts';
import {Badge, Button, Choices, Note, announce} from '../../ui.tsx';
import {workText} from '../../worktext.ts';
import type {Answer} from './next.ts';
import {operations, type Name} from './operations.ts';
import {columnsOf, csvOf, errorOf, jsonOf, labelOf, shownAs} from './table.ts';

const pageSize = 50;

/** What came back for each of many. */
export function Many({name, results, subject}: {name: Name; results: readonly Answer[]; subject: string}): ReactElement {
  const t = workText.use;
  const [all, setAll] = useState(false);
  const kinds = Object.entries(operations[name].result);
  const [as, setAs] = useState<Encoding>(kinds.some(([, kind]) => kind === 'text') ? 'text' : 'base64url');
  const columns = columnsOf(name, results);
  const failed = results.filter(errorOf).length;
  const invalid = results.filter(({valid}) => valid === false).length;
  const shown = all ? results : results.slice(0, pageSize);
  const outcome = t.outcome(results.length - failed - invalid, invalid, failed);
  useEffect(() => announce(outcome), [outcome]);
  const file = (end: string) => fileName(subject, '-', name, end);
  return (
    <>
      <p>{outcome}</p>
      <div className="bytes-tools">
        {kinds.length > 0 && <Choices compact legend={text.bytes.showAs} value={as} onChange={setAs} options={(['text', 'base64url', 'hex'] as const).map((e) => ({value: e, label: text.bytes.encodings[e]}))}/>}
        <div className="actions">
          <Button icon="download" onClick={() => download(file('.csv'), csvOf(name, results), 'text/csv')}>{t.csv}</Button>
          <Button icon="download" onClick={() => download(file('.json'), jsonOf(results))}>{t.json}</Button>
        </div>
      </div>
      <div className="table" role="group" tabIndex={0} aria-label={t.many}>
        <table>
          <caption className="visually-hidden">{t.many}</caption>
          <thead><tr><th scope="col">{t.item}</th>{columns.map((column) => <th scope="col" key={column}>{labelOf(column)}</th>)}{failed > 0 && <th scope="col">{t.itemError}</th>}</tr></thead>
          <tbody>
            {shown.map((result, i) => {
              const error = errorOf(result);
              return (
                <tr key={i}>
                  <th scope="row">{i + 1}</th>
                  {columns.map((column) => <td key={column} data-label={result[column] === null || result[column] === undefined ? undefined : labelOf(column)}><Cell value={result[column]} as={column in operations[name].result ? as : undefined}/></td>)}
                  {failed > 0 && <td>{error && <><Badge tone="danger">{text.errors.codes[error.code as keyof typeof text.errors.codes]?.title ?? error.code}</Badge> {error.message}</>}</td>}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {shown.length < results.length && <div className="actions"><span className="soft">{t.first(shown.length, results.length)}</span><Button onClick={() => setAll(true)}>{t.showAll}</Button></div>}
      <p className="hint">{t.filesHint}</p>
      {operations[name].secret && <Note>{t.showSecret}</Note>}
    </>
  );
}

function Cell({value, as}: {value: unknown; as: Encoding | undefined}): ReactElement | string {
  const t = workText.use;
  if (typeof value === 'boolean') return <Badge tone={value ? 'good' : 'danger'}>{value ? t.itemValid : t.itemInvalid}</Badge>;
  return as && typeof value === 'string' ? <code className="clip">{shownAs(value, as)}</code> : String(value ?? '');
}
