// The explorer: GraphiQL, whose requests are signed here. Nothing that is typed in it is kept: variables may be secrets.

import {useEditorContext, type GraphiQLPlugin} from '@graphiql/react';
import {GraphiQL} from 'graphiql';
import {useEffect, useMemo, useRef, useState, type ReactElement} from 'react';
import {signedFetch} from '../../client/client.js';
import {short} from '../format.ts';
import {Icon, Mark} from '../icons.tsx';
import {capabilityFor, origin, service} from '../network.ts';
import {operatorText} from '../operatortext.ts';
import {useSession} from '../session.tsx';
import {text} from '../text.ts';
import {SelectField, TextField} from '../ui.tsx';
import {examples, filled, needsOf, type Example, type Scope} from './operation.ts';

const t = operatorText.explorer;

/** A storage that is gone with the page. */
function memory(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    clear: () => items.clear(),
    getItem: (name) => items.get(name) ?? null,
    key: (i) => [...items.keys()][i] ?? null,
    removeItem: (name) => void items.delete(name),
    setItem: (name, value) => void items.set(name, value),
  };
}

/** Gives GraphiQL's editors the names that it leaves out, and its tabs the roles that they can have. */
function name(main: Element): void {
  for (const [where, label] of Object.entries({'.graphiql-query-editor': t.editors.query, '.graphiql-editor-tool': t.editors.variables, '.graphiql-response': t.editors.answer})) {
    for (const area of main.querySelectorAll(`${where} textarea:not([aria-label])`)) area.setAttribute('aria-label', label);
    for (const scroll of main.querySelectorAll(`${where} .CodeMirror-scroll:not([role])`)) {
      scroll.setAttribute('role', 'group');
      scroll.setAttribute('aria-label', label);
      scroll.setAttribute('tabindex', '0'); // what scrolls can be scrolled by keyboard
    }
  }
  // Its tabs have buttons inside, which tabs must not: a list of buttons, one of them current, is what they are.
  for (const list of main.querySelectorAll('[role=tablist]')) list.setAttribute('role', 'list');
  for (const tab of main.querySelectorAll('li.graphiql-tab')) {
    tab.removeAttribute('role');
    tab.removeAttribute('aria-selected');
    const button = tab.querySelector('button');
    if (tab.classList.contains('graphiql-tab-active')) button?.setAttribute('aria-current', 'true');
    else button?.removeAttribute('aria-current');
  }
}

const keystorePattern = /^(.*\/keystores\/[^/]+)(\/keys\/[^/]+)?$/;

type Params = {query: string; operationName?: string | null; variables?: unknown};

// What the fetcher and the examples read is what stands in the bar at that moment.
const bar = {target: service, did: '', send: undefined as undefined | ((params: Params) => Promise<unknown>), fit: undefined as undefined | ((scope: Scope) => string)};
const fetcher = (params: Params) => bar.send?.(params) ?? Promise.resolve({errors: [{message: t.loading}]});
const storage = memory();

export function Explorer(): ReactElement {
  const {identities, current, places, caller, select} = useSession();
  const [target, setTarget] = useState(service);
  const [query, setQuery] = useState('');
  const needs = needsOf(query);
  const bad = target !== service && !(target.startsWith(origin + '/') && keystorePattern.test(target));
  const urls = useMemo(() => [service, ...places.filter(({url}) => url.startsWith(origin + '/keystores/')).map(({url}) => url)], [places]);

  useEffect(() => {
    bar.target = target;
    bar.did = current?.did ?? '';
    bar.fit = (scope) => {
      const isKey = /\/keys\//.test(target);
      const keystores = urls.filter((url) => keystorePattern.test(url));
      let next = target;
      if (scope === 'SERVICE' || scope === 'PUBLIC') next = service;
      else if (scope === 'KEYSTORE' && (isKey || target === service)) next = keystorePattern.exec(target)?.[1] ?? keystores.find((url) => !/\/keys\//.test(url)) ?? target;
      else if (scope === 'KEY' && target === service) next = keystores.find((url) => /\/keys\//.test(url)) ?? keystores[0] ?? target;
      setTarget(next);
      return next;
    };
    bar.send = async ({query: document, operationName, variables}) => {
      const wanted = needsOf(document, operationName);
      const action = wanted?.actions[0];
      if (wanted && wanted.actions.length > 1) return {errors: [{message: t.actionMixed(wanted.actions.join(', '))}]};
      const body = JSON.stringify({query: document, variables: variables ?? {}, ...(operationName && {operationName})});
      if (!action || !caller) {
        const response = await fetch(service, {method: 'POST', body, headers: {'Content-Type': 'application/json'}, credentials: 'omit', redirect: 'error'});
        return response.json();
      }
      if (bad) return {errors: [{message: t.notHere(origin)}]};
      const url = wanted.scopes.includes('SERVICE') ? service : target;
      const capability = capabilityFor(caller, url, action);
      const signed = signedFetch(caller.identity, {action, ...(capability && {capability})});
      const response = await signed(url, {method: 'POST', body, headers: {'Content-Type': 'application/json', 'Accept': 'application/json'}});
      return response.json();
    };
  }, [target, current, caller, urls, bad]);

  // Who signs out leaves nothing in the editors.
  const [cleared, setCleared] = useState(0);
  const before = useRef(identities);
  useEffect(() => {
    const out = before.current.some(({did}) => !identities.some((one) => one.did === did));
    before.current = identities;
    if (!out) return;
    storage.clear();
    setCleared((times) => times + 1);
  }, [identities]);

  useEffect(() => {
    const main = document.querySelector('.explorer-main');
    if (!main) return undefined;
    // The examples stand open where there is room beside the editors: by their button, for GraphiQL keeps hidden what was not visible when it was made.
    let opened = !matchMedia('(min-width: 48rem)').matches;
    const tend = () => {
      name(main);
      const button = opened ? null : main.querySelector<HTMLElement>(`.graphiql-sidebar [aria-label="Show ${t.examples}"]`);
      if (!button) return;
      opened = true;
      button.click();
    };
    tend();
    // Tab goes on, as everywhere: in an editor that took it for itself there would be no way out (WCAG 2.1.2). While words are offered it takes one of them.
    const leave = (event: Event) => {
      const {key, target} = event as KeyboardEvent;
      if (key === 'Tab' && (target as Element).closest('.CodeMirror') && !document.querySelector('.CodeMirror-hints')) event.stopPropagation();
    };
    main.addEventListener('keydown', leave, true);
    const changes = new MutationObserver(tend);
    changes.observe(main, {childList: true, subtree: true, attributeFilter: ['class', 'aria-selected']});
    return () => {
      main.removeEventListener('keydown', leave, true);
      changes.disconnect();
    };
  }, []);

  const action = needs === undefined ? t.actionUnknown : needs.actions.length === 0 ? t.actionNone : needs.actions.length > 1 ? t.actionMixed(needs.actions.join(', ')) : needs.actions[0];
  return (
    <div className="explorer">
      <header className="explorer-bar">
        <a href="/" className="brand" aria-label={`${text.name}: ${t.console}`}><Mark/><span>{text.name}</span></a>
        <h1>{t.title}</h1>
        <div className="explorer-fields">
          {identities.length > 0
            ? <SelectField label={t.identity} value={current?.did ?? ''} onChange={(did) => void select(did)} options={identities.map(({did, label}) => ({value: did, label: `${label || t.unnamed} (${short(did)})`}))}/>
            : <p className="hint">{t.noIdentity}</p>}
          <TextField label={t.target} type="url" className="mono" list="explorer-urls" value={target} problem={bad ? t.notHere(origin) : undefined} onChange={(next) => setTarget(next.trim())}/>
          <datalist id="explorer-urls">{urls.map((url) => <option key={url} value={url}/>)}</datalist>
          <p className="explorer-action"><span className="soft">{t.action}</span> <output>{action}</output></p>
        </div>
        <a href="/" className="button"><Icon name="key-round"/>{t.console}</a>
      </header>
      <main className="explorer-main" aria-label={t.title}>
        <GraphiQL
          key={cleared}
          fetcher={fetcher as never}
          storage={storage}
          defaultQuery={first.query}
          plugins={plugins}
          isHeadersEditorEnabled={false}
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
          defaultEditorToolsVisibility="variables"
          forcedTheme="system"
          onEditQuery={setQuery}
        >
          <GraphiQL.Logo><span/></GraphiQL.Logo>
        </GraphiQL>
      </main>
    </div>
  );
}

const first = examples.find(({field}) => field === 'service') as Example;

const plugins: GraphiQLPlugin[] = [{title: t.examples, icon: () => <><Icon name="folder-open"/><span className="examples-label">{t.examples}</span></>, content: () => <Examples/>}];

/** One for every operation; a click opens it in a tab of its own. */
function Examples(): ReactElement {
  const {addTab, queryEditor, variableEditor} = useEditorContext({nonNull: true});
  const [wanted, setWanted] = useState('');
  const shown = examples.filter(({field}) => field.toLowerCase().includes(wanted.trim().toLowerCase()));
  const open = (example: Example) => {
    const [, keystore = '', key = ''] = keystorePattern.exec(bar.fit?.(example.scope) ?? bar.target) ?? [];
    addTab();
    // The editors take the new tab's contents, which are none, before these.
    setTimeout(() => {
      queryEditor?.setValue(example.query);
      variableEditor?.setValue(Object.keys(example.variables).length > 0 ? filled(example, {keystore, key: key && keystore + key, did: bar.did}) : '');
      queryEditor?.focus();
    }, 0);
  };
  return (
    <section className="examples" aria-labelledby="examples">
      <h2 id="examples">{t.examples}</h2>
      <p className="soft">{t.examplesLead}</p>
      <TextField label={t.examplesFind} type="search" value={wanted} onChange={setWanted}/>
      {shown.length === 0 && <p role="status">{t.examplesNothing}</p>}
      {(['PUBLIC', 'SERVICE', 'KEYSTORE', 'KEY'] as const).map((scope) => {
        const some = shown.filter((example) => example.scope === scope);
        return some.length > 0 && (
          <div key={scope}>
            <h3>{t.scopes[scope]}</h3>
            <ul>{some.map((example) => <li key={example.field}><button type="button" onClick={() => open(example)}><code>{example.field}</code><span>{/^.*?\.(?= |$)/.exec(example.description.replace(/\s+/g, ' '))?.[0] ?? example.description}</span></button></li>)}</ul>
          </div>
        );
      })}
    </section>
  );
}
