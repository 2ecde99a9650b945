// Pages by URL, with the history API. The URL of a keystore or key is that of its page.

import {useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactElement} from 'react';
import routes from './routes.json';

export type RouteName = keyof typeof routes;
export type Params = {keystore: string; key: string};

const matchers = Object.entries(routes).map(([name, pattern]) => ({
  name: name as RouteName,
  pattern: new RegExp('^' + pattern.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)') + '$'),
}));

export function match(path: string): {name: RouteName; params: Params} | undefined {
  for (const {name, pattern} of matchers) {
    const found = pattern.exec(path);
    if (found) return {name, params: {keystore: '', key: '', ...found.groups}};
  }
  return undefined;
}

/** The path of a page: the identifiers are the last parts of URLs, which need no escape. */
export function pathOf(name: RouteName, params: Partial<Params> = {}): string {
  return routes[name].replace(/\{(\w+)\}/g, (_, part: string) => params[part as keyof Params] ?? '');
}

const listeners = new Set<() => void>();
window.addEventListener('popstate', () => listeners.forEach((listener) => listener()));

export function usePath(): string {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => location.pathname);
}

export function go(path: string, {replace = false} = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  listeners.forEach((listener) => listener());
  window.scrollTo(0, 0);
}

export function Link({to, onClick, ...rest}: {to: string} & AnchorHTMLAttributes<HTMLAnchorElement>): ReactElement {
  const click = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return <a {...rest} href={to} onClick={click}/>;
}
