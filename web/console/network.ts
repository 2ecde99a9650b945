// All that goes over the network. A request is signed by the identity and invokes the root capability of what it is for, or the delegated
// one that the identity has.

import {Client, TwolockError, rootTargetOf, type Capability} from '../client/index.js';
import {readAnswer} from '../client/answer.js';
import {covers, readChain} from '../client/chain.js';
import type {Identity} from '../client/identity.js';
import {ReadKey, ReadKeystore, Status, type Operation} from './operations.ts';
import type {Place} from './store.ts';
import {text as words} from './text.ts';

export const origin = location.origin;
export const service = origin + '/graphql';

/** Whom a request is from, and what that identity can invoke. */
export type Caller = {identity: Identity; places: readonly Place[]};

export async function send<Data, Variables>(
  operation: Operation<Data, Variables>, url: string, variables: Variables, caller: Caller | undefined, signal?: AbortSignal,
): Promise<Data> {
  const {text, action} = operation;
  const given = variables as Record<string, unknown>;
  if (action === null) {
    const body = JSON.stringify({query: text, variables: given});
    const response = await fetch(url, {
      method: 'POST', body, headers: {'Content-Type': 'application/json'}, credentials: 'omit', redirect: 'error', signal: signal ?? null,
    });
    return await readAnswer(response) as Data;
  }
  if (!caller) throw new Error('there is no identity');
  const client = new Client({identity: caller.identity});
  const timeout = AbortSignal.timeout(30_000);
  const capability = capabilityFor(caller, url, action);
  return await client.request(url, action, text, given, {
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout, ...(capability && {capability}),
  }) as Data;
}

/** The delegated capability to invoke at a URL; undefined: the root capability. */
export function capabilityFor({identity, places}: Caller, url: string, action: string): Capability | undefined {
  if (rooted({identity, places}, url)) return undefined;
  const now = Date.now();
  for (const capability of given(places)) {
    try {
      const {links} = readChain(capability);
      const last = links.at(-1);
      if (!last || last.controllerDid !== identity.did || Date.parse(last.expires) <= now) continue;
      if (covers(last.target, url) && (!last.actions || last.actions.includes(action))) return capability;
    } catch {
      // One that cannot be read is no use.
    }
  }
  return undefined;
}

/** What was given to the identity: what the server could not be asked about comes last, so that it stands in the way of nothing. */
function given(places: readonly Place[]): Capability[] {
  const all = places.flatMap(({capability, others = [], unasked = []}) => (capability ? [capability, ...others] : []).map((one) => ({one, asked: !unasked.includes(one.id)})));
  return [...all.filter(({asked}) => asked), ...all.filter(({asked}) => !asked)].map(({one}) => one);
}

/**
 * What the server makes of a capability that somebody handed over, which anybody can make in anybody's name: needless where the identity may without it; unknown
 * where the server cannot be asked, for it does not let read.
 */
export async function weigh(identity: Identity, place: Place): Promise<'good' | 'needless' | 'refused' | 'unknown'> {
  const {url} = place;
  const may = async (places: readonly Place[]) => {
    try {
      const caller = {identity, places};
      await (url === service ? send(Status, url, {}, caller) : url.includes('/keys/') ? send(ReadKey, url, {id: url}, caller) : send(ReadKeystore, url, {id: url}, caller));
      return true;
    } catch (error) {
      if (error instanceof TwolockError && ['FORBIDDEN', 'UNAUTHENTICATED'].includes(error.code)) return false;
      throw error;
    }
  };
  if (await may([])) return 'needless';
  if (!capabilityFor({identity, places: [place]}, url, 'read')) return 'unknown';
  return await may([place]) ? 'good' : 'refused';
}

/** Whether the identity may do something, as far as can be told here: the server decides. */
export function may(caller: Caller | undefined, url: string, action: string): boolean {
  const delegated = caller?.places.some(({capability, url: place}) => capability && (url === place || url.startsWith(place + '/') || place.startsWith(url + '/')));
  return caller !== undefined && (!delegated || rooted(caller, url) || capabilityFor(caller, url, action) !== undefined);
}

function rooted({places}: Caller, url: string): boolean {
  return places.some((place) => place.url === rootTargetOf(url) && !place.capability);
}

export async function revoke(capability: Capability, caller: Caller): Promise<void> {
  if (!readChain(capability).rootTarget.startsWith(origin + '/')) throw new Error(words.open.elsewhere(origin));
  await new Client({identity: caller.identity}).revoke(capability);
}

/** Whether the same request may succeed later. */
export function mayPass(error: unknown): boolean {
  return error instanceof TwolockError ? error.retryable : !(error instanceof TypeError && /identity|capability|action|url/.test(error.message));
}
