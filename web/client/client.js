import {readAnswer} from './answer.js';
import {CapabilityError, isTarget, readChain, revocations} from './chain.js';
import {signRequest} from './signature.js';

/** @typedef {import('./chain.js').Capability} Capability */
/** @typedef {import('./identity.js').Signer} Signer */
/** @typedef {typeof globalThis.fetch} Fetch */

const accept = 'application/graphql-response+json, application/json';
const timeout = 30_000; // milliseconds

/**
 * Sends signed GraphQL requests. Several at a time are fine.
 */
export class Client {
  /**
   * @param {object} options
   * @param {Signer} options.identity
   * @param {Capability} [options.capability] invoked where a request names none; left out: the root capability of the
   *   keystore or service of the URL
   * @param {Fetch} [options.fetch] instead of the global one
   * @param {() => Date} [options.now] the clock
   */
  constructor({identity, capability, fetch = globalThis.fetch, now = () => new Date()}) {
    this.identity = identity;
    this.capability = capability;
    this.fetch = fetch;
    this.now = now;
  }

  /**
   * Sends an operation to the URL of the service, a keystore or a key, invoking a capability for the action.
   * @param {string} url
   * @param {string} action as the schema says for the operation's fields
   * @param {string} query
   * @param {Record<string, unknown>} [variables] bytes as toBase64url writes them
   * @param {{capability?: Capability, signal?: AbortSignal}} [options] signal: left out, half a minute is allowed
   * @returns {Promise<any>} data
   * @throws {import('./error.js').TwolockError} what the server refused; what fetch throws, when there is no answer
   */
  async request(url, action, query, variables = {}, options = {}) {
    const {capability = this.capability, signal = AbortSignal.timeout(timeout)} = options;
    const body = JSON.stringify({query, variables});
    const headers = await signRequest({url, body, identity: this.identity, capability, action, now: this.now()});
    return readAnswer(await send(this.fetch, url, {headers: {Accept: accept, ...headers}, body, signal}));
  }

  /**
   * Revokes a capability that was delegated from the root of a keystore or of the service, and with it all that was
   * delegated from it. Whoever controls one of its chain may.
   * @param {Capability} capability
   * @param {{invoke?: Capability, signal?: AbortSignal}} [options] invoke: a capability for the keystore or service that
   *   allows write, instead of the revocation's own root capability
   * @returns {Promise<void>}
   * @throws {import('./error.js').TwolockError}
   */
  async revoke(capability, {invoke, signal = AbortSignal.timeout(timeout)} = {}) {
    const url = revocationUrl(capability);
    const body = JSON.stringify(capability);
    const headers = await signRequest({
      url, body, identity: this.identity, capability: invoke, rootTarget: url, action: 'write', now: this.now(),
    });
    const response = await send(this.fetch, url, {headers: {Accept: accept, ...headers}, body, signal});
    if (response.status !== 204) await readAnswer(response);
  }
}

/**
 * Where a capability is revoked. Its id must have no slash, and those of delegate have none: no URL names such a
 * capability, and only what it was delegated from can be revoked.
 * @param {Capability} capability
 * @throws {CapabilityError}
 */
export function revocationUrl(capability) {
  const url = readChain(capability).rootTarget + revocations + encodeURIComponent(capability.id);
  if (!isTarget(url)) throw new CapabilityError('capability.id', 'has a slash, and cannot be in a URL');
  return url;
}

/** The header that tells signedFetch the action of one request. It is not sent. */
export const actionHeader = 'Twolock-Action';

/**
 * Makes a fetch that signs, for GraphQL clients such as urql and Apollo.
 *
 * The action of a request is, in this order: its header Twolock-Action; the option, which may be a function of the
 * operation. Where neither tells, the request is not sent. Requests must be POST with a JSON body.
 *
 * @param {Signer} identity
 * @param {object} [options]
 * @param {Capability | ((url: string) => Capability | undefined)} [options.capability] invoked; left out, or
 *   undefined for a URL: the root capability
 * @param {string | ((operation: {url: string, query: string, operationName?: string, variables?: object}) => string)}
 *   [options.action]
 * @param {Fetch} [options.fetch] instead of the global one
 * @param {() => Date} [options.now] the clock
 * @returns {Fetch}
 */
export function signedFetch(identity, {capability, action, fetch = globalThis.fetch, now = () => new Date()} = {}) {
  return async (input, init) => {
    const request = new Request(input, init);
    const {url, signal} = request;
    if (request.method !== 'POST') {
      throw new TypeError(`method: must be POST, not ${request.method} (urql: preferGetMethod: false)`);
    }
    const body = await request.text();
    const named = request.headers.get(actionHeader)
      ?? (typeof action === 'function' ? action({...parse(body), url}) : action);
    if (named === undefined) {
      throw new TypeError(`action: is not known; give the header ${actionHeader}, or signedFetch the option action`);
    }
    const headers = await signRequest({
      url, body, identity, action: named, now: now(),
      capability: typeof capability === 'function' ? capability(url) : capability,
    });
    return send(fetch, url, {headers: {Accept: request.headers.get('Accept') ?? accept, ...headers}, body, signal});
  };
}

/** @param {string} body */
function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    throw new TypeError('body: must be JSON'); // JSON.parse quotes what it was given
  }
}

/**
 * @param {Fetch} fetch
 * @param {string} url
 * @param {{headers: Record<string, string>, body: string, signal: AbortSignal}} init
 */
function send(fetch, url, init) {
  // What is signed is for this URL only, and nothing but the signature tells who sends it.
  return fetch(url, {...init, method: 'POST', redirect: 'error', credentials: 'omit', referrerPolicy: 'no-referrer'});
}
