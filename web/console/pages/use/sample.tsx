import {useState, type ReactElement} from 'react';
import {readable, sampleOf, type Language} from '../../code.ts';
import {capabilityFor} from '../../network.ts';
import {useSession} from '../../session.tsx';
import {Choices, Takeaway} from '../../ui.tsx';
import {workText} from '../../worktext.ts';
import {operations, type Name} from './operations.ts';
import type {Input, Prepared} from './request.ts';

const shownItems = 3;
const longestArgument = 128 << 10; // Linux

/** The request as it is sent, and the code that sends it. */
export function Sample({url, name, prepared, many, shares}: {url: string; name: Name; prepared: Prepared; many: boolean; shares: boolean}): ReactElement {
  const t = workText.use;
  const {caller} = useSession();
  const [language, setLanguage] = useState<Language>('cli');
  const {text: query, action} = prepared.document;
  const list = operations[name].batch?.list ?? 'items';
  const items = many ? prepared.input[list] as unknown[] : [];
  // A share is nothing to copy with the rest.
  const {secretShares: _, ...shown} = prepared.input;
  const input: Input = {...shown, ...(many && {[list]: items.slice(0, shownItems)})};
  const variables = {input};
  const sample = {url, action: action ?? '', query, variables, capability: Boolean(caller && action && capabilityFor(caller, url, action))};
  const command = language === 'cli' && readable(sample) !== undefined;
  const tooLong = language === 'cli' && !command && JSON.stringify(variables).length > longestArgument;
  return (
    <div className="columns">
      <section className="card" aria-labelledby="request">
        <h2 id="request">{t.request}</h2>
        <p className="soft">{t.requestLead}{shares && <> {t.requestShares}</>}{items.length > shownItems && <> {t.requestItems(shownItems, items.length)}</>}</p>
        <dl className="facts"><dt>{t.endpoint}</dt><dd><code>{url}</code></dd><dt>{t.action}</dt><dd><code>{action}</code></dd></dl>
        <Takeaway label={t.query} value={query} what={t.query}/>
        <Takeaway label={t.variables} value={JSON.stringify(variables, null, 2)} what={t.variables}/>
      </section>
      <section className="card" aria-labelledby="code">
        <h2 id="code">{t.code}</h2>
        <Choices compact legend={t.language} value={language} onChange={setLanguage} options={(['cli', 'js', 'go'] as const).map((l) => ({value: l, label: t.languages[l]}))}/>
        <p className="hint">{t.codeHints[language]}{sample.capability && <> {t.codeCapability}</>}{command && shares && <> {t.codeShares}</>}{tooLong && <> {t.codeTooLong}</>}</p>
        <Takeaway value={sampleOf(language, sample)} what={`${t.code}: ${t.languages[language]}`}/>
      </section>
    </div>
  );
}
