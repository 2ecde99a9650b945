// Who uses the console in this tab: the identities of this browser, the one that acts, what it knows; and the shares that it gave for its
// keystores, which are in this tab's memory only.

import {useQuery, useQueryClient, type QueryClient} from '@tanstack/react-query';
import {createContext, use, useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactElement, type ReactNode} from 'react';
import {Identity} from '../client/identity.js';
import type {Caller} from './network.ts';
import * as store from './store.ts';
import {forgetUndo} from './ui.tsx';

export type Session = {
  /** The identity that acts; undefined: there is none in this browser yet. */
  current: store.StoredIdentity | undefined;
  identities: readonly store.StoredIdentity[];
  places: readonly store.Place[];
  caller: Caller | undefined;
  select: (did: string) => Promise<void>;
  add: (identity: Identity, label: string, saved: boolean) => Promise<void>;
  change: (identity: store.StoredIdentity) => Promise<void>;
  wipe: (did: string) => Promise<void>;
  remember: (place: store.Place) => Promise<void>;
  forget: (url: string) => Promise<void>;
};

const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('outside a session');
  return session;
}

type Loaded = {identities: store.StoredIdentity[]; did: string | undefined; identity: Identity | undefined; places: store.Place[]};

async function load(): Promise<Loaded> {
  const identities = (await store.all('identities')).sort((a, b) => a.createdAt - b.createdAt);
  const wanted = await store.setting('current');
  const current = identities.find(({did}) => did === wanted) ?? identities[0];
  if (!current) return {identities, did: undefined, identity: undefined, places: []};
  const identity = await Identity.fromKeyPair(current.keyPair);
  return {identities, did: current.did, identity, places: await store.places(current.did)};
}

export function SessionProvider({children, fallback}: {children: ReactNode; fallback: (error: unknown) => ReactElement}): ReactElement {
  const queries = useQueryClient();
  const {data, error} = useQuery({queryKey: ['session'], queryFn: load, staleTime: Infinity, retry: false});
  const reload = useCallback(() => queries.invalidateQueries({queryKey: ['session']}), [queries]);
  useEffect(() => {
    const channel = new BroadcastChannel('twolock');
    channel.onmessage = ({data: what}) => {
      if (what === 'identity') leave();
      void reload().then(() => what === 'identity' && drop(queries));
    };
    return () => channel.close();
  }, [queries, reload]);
  const session = useMemo((): Session | undefined => {
    if (!data) return undefined;
    const changed = async (what: 'identity' | 'places' = 'places') => {
      if (what === 'identity') leave();
      await reload();
      const channel = new BroadcastChannel('twolock'); // other tabs of the console, which forget the same
      channel.postMessage(what);
      channel.close();
      if (what === 'identity') drop(queries);
    };
    const current = data.identities.find(({did}) => did === data.did);
    return {
      current, identities: data.identities, places: data.places,
      caller: data.identity && {identity: data.identity, places: data.places},
      select: async (did) => {
        await store.put('settings', {name: 'current', value: did});
        await changed('identity');
      },
      add: async (identity, label, saved) => {
        await store.put('identities', {did: identity.did, label, keyPair: identity.keyPair, createdAt: Date.now(), saved});
        await store.put('settings', {name: 'current', value: identity.did});
        await changed('identity');
      },
      change: async (identity) => {
        await store.put('identities', identity);
        await changed();
      },
      wipe: async (did) => {
        await store.wipe(did);
        await changed('identity');
      },
      remember: async (place) => {
        await store.put('places', place);
        await changed();
      },
      forget: async (url) => {
        if (data.did) await store.forgetPlace(data.did, url);
        await changed();
      },
    };
  }, [data, queries, reload]);
  if (error) return fallback(error);
  return session ? <SessionContext value={session}>{children}</SessionContext> : <></>;
}

/** Drops what was answered to another identity. */
function drop(queries: QueryClient): void {
  queries.removeQueries({queryKey: ['api']});
}

// Shares by the URL of the keystore.
const shares = new Map<string, readonly string[]>();
const shareListeners = new Set<() => void>();
const none: readonly string[] = [];

export function setShares(keystore: string, list: readonly string[]): void {
  if (list.length > 0) shares.set(keystore, list);
  else shares.delete(keystore);
  shareListeners.forEach((listener) => listener());
}

/** Forgets what only the identity that acted until now may do with. */
function leave(): void {
  forgetUndo();
  shares.clear();
  shareListeners.forEach((listener) => listener());
}

/** The shares given for a keystore in this tab, as the API's Bytes. */
export function useShares(keystore: string): readonly string[] {
  return useSyncExternalStore((listener) => {
    shareListeners.add(listener);
    return () => shareListeners.delete(listener);
  }, () => shares.get(keystore) ?? none);
}

// The token of a one-time link: taken out of the address at once and kept in memory only. Browsers keep the link in their history all the same (Chromium does), until
// it is used or the server's next start voids it; a link that is pasted into the page that opens things never gets there.
let enrolment = '';
const enrolmentListeners = new Set<() => void>();

export function takeEnrolment(): void {
  if (readEnrolment(location.hash)) history.replaceState(null, '', location.pathname);
}

/** Keeps the token of a link's fragment; false: there is none. */
export function readEnrolment(fragment: string): boolean {
  const token = /^#enrol=([\w-]+)$/.exec(fragment)?.[1];
  if (!token) return false;
  enrolment = token;
  enrolmentListeners.forEach((listener) => listener());
  return true;
}

export function spendEnrolment(): void {
  enrolment = '';
  enrolmentListeners.forEach((listener) => listener());
}

export function useEnrolment(): string {
  return useSyncExternalStore((listener) => {
    enrolmentListeners.add(listener);
    return () => enrolmentListeners.delete(listener);
  }, () => enrolment);
}

/** A recovery file that was not saved yet, of an identity just made: gone with the tab. */
export type Recovery = {did: string; file: string};

export function useRecovery(): [Recovery | undefined, (recovery: Recovery | undefined) => void] {
  return useState<Recovery | undefined>();
}
