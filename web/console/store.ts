// What this browser keeps, in IndexedDB: identities, whose private keys WebCrypto does not give out, and what each of them knows and has
// given. Nothing here is sent anywhere, and no share of a lock and no plaintext is ever put here.

import type {Capability} from '../client/index.js';

export type StoredIdentity = {
  did: string;
  label: string;
  keyPair: CryptoKeyPair;
  createdAt: number;
  /** Whether a file of it exists outside this browser, as far as the console knows. */
  saved: boolean;
};

/** A keystore or key that an identity knows: the API lists keystores for operators only. */
export type Place = {
  did: string;
  url: string;
  name: string | null;
  userLock?: string;
  vault?: boolean;
  /** The delegated capability by which it is reached; left out: the root capability. */
  capability?: Capability;
  /** More of them, for what that one does not allow. */
  others?: readonly Capability[];
  /** The ids of those that the server could not be asked about. */
  unasked?: readonly string[];
  seenAt: number;
};

/** A capability that an identity delegated here. */
export type Given = {
  did: string;
  id: string;
  keystore: string;
  note: string;
  capability: Capability;
  givenAt: number;
  revokedAt?: number;
};

type Tables = {identities: StoredIdentity; places: Place; given: Given; settings: {name: string; value: string}};

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('twolock', 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore('identities', {keyPath: 'did'});
      db.createObjectStore('places', {keyPath: ['did', 'url']});
      db.createObjectStore('given', {keyPath: ['did', 'id']});
      db.createObjectStore('settings', {keyPath: 'name'});
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function run<T>(names: (keyof Tables)[], mode: IDBTransactionMode, work: (t: IDBTransaction) => IDBRequest<T> | void): Promise<T> {
  const db = await open();
  return new Promise((resolve, reject) => {
    const t = db.transaction(names, mode);
    const request = work(t);
    t.oncomplete = () => resolve(request?.result as T);
    t.onerror = t.onabort = () => reject(t.error);
  });
}

export function put<N extends keyof Tables>(table: N, row: Tables[N]): Promise<unknown> {
  return run([table], 'readwrite', (t) => t.objectStore(table).put(row));
}

export function all<N extends keyof Tables>(table: N): Promise<Tables[N][]> {
  return run([table], 'readonly', (t) => t.objectStore(table).getAll() as IDBRequest<Tables[N][]>);
}

export async function setting(name: string): Promise<string | undefined> {
  const row = await run<Tables['settings'] | undefined>(['settings'], 'readonly', (t) => t.objectStore('settings').get(name));
  return row?.value;
}

export function places(did: string): Promise<Place[]> {
  return run(['places'], 'readonly', (t) => t.objectStore('places').getAll(below(did)) as IDBRequest<Place[]>);
}

export function given(did: string): Promise<Given[]> {
  return run(['given'], 'readonly', (t) => t.objectStore('given').getAll(below(did)) as IDBRequest<Given[]>);
}

export function forgetPlace(did: string, url: string): Promise<unknown> {
  return run(['places'], 'readwrite', (t) => t.objectStore('places').delete([did, url]));
}

/** Takes an identity out of this browser, with all that is kept for it. */
export function wipe(did: string): Promise<unknown> {
  return run(['identities', 'places', 'given', 'settings'], 'readwrite', (t) => {
    t.objectStore('identities').delete(did);
    t.objectStore('places').delete(below(did));
    t.objectStore('given').delete(below(did));
    const settings = t.objectStore('settings');
    const current = settings.get('current') as IDBRequest<Tables['settings'] | undefined>;
    current.onsuccess = () => current.result?.value === did && settings.delete('current');
  });
}

function below(did: string): IDBKeyRange {
  return IDBKeyRange.bound([did], [did, []]);
}
