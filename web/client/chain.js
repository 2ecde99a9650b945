// A delegated capability and the chain it comes from. What comes from elsewhere is read as strictly as a server reads
// it: the known contexts, one proof, no unknown member, and nothing given that the parent does not have.

import {fromMultibase} from './bytes.js';
import {parseDidUrl} from './did.js';

/**
 * A delegated capability, as JSON, beside its @context.
 * @typedef {object} CapabilityMembers
 * @property {string} id
 * @property {string} controller the DID that it was delegated to
 * @property {string} parentCapability
 * @property {string} invocationTarget
 * @property {string} expires RFC 3339
 * @property {string | string[]} [allowedAction] left out: every action of the parent's
 * @property {Proof} proof
 */

/** @typedef {CapabilityMembers & {'@context': string[]}} Capability */

/**
 * @typedef {object} Proof
 * @property {string} type
 * @property {string} [cryptosuite]
 * @property {string} created
 * @property {string} verificationMethod
 * @property {string} proofPurpose
 * @property {(string | Capability)[]} capabilityChain
 * @property {string} proofValue
 */

/**
 * One delegation of a chain. What was signed keeps its spelling.
 * @typedef {object} Link
 * @property {string} id
 * @property {string} controller
 * @property {string} controllerDid
 * @property {string} parent id
 * @property {string} target
 * @property {string} expires
 * @property {string[] | undefined} actions undefined: all
 * @property {{type: string, cryptosuite?: string, created: string, method: string, delegator: string, value: string}}
 *   proof
 */

export const contextZcap = 'https://w3id.org/zcap/v1';
export const contextEd25519 = 'https://w3id.org/security/suites/ed25519-2020/v1';
export const contextDataIntegrity = 'https://w3id.org/security/data-integrity/v2';

/** Capabilities in a chain, the root included. */
export const maxChain = 10;
const maxTarget = 1024;
const maxId = 512;
const maxActions = 128;
const rootPrefix = 'urn:zcap:root:';

/**
 * Names the root capability of a URL.
 * @param {string} target
 */
export function rootId(target) {
  return rootPrefix + encodeURIComponent(target);
}

/**
 * @param {string} id
 * @returns {string | undefined} the URL whose root capability it names
 */
function rootTarget(id) {
  if (!id.startsWith(rootPrefix) || id.length > 3 * maxTarget) return undefined;
  try {
    const target = decodeURIComponent(id.slice(rootPrefix.length));
    return isTarget(target) && rootId(target) === id ? target : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with a capability, and where. */
export class CapabilityError extends TypeError {
  /**
   * @param {string} at the member
   * @param {string} problem which quotes nothing of it
   */
  constructor(at, problem) {
    super(`${at}: ${problem}`);
    this.name = 'CapabilityError';
  }
}

/**
 * Reads a delegated capability and the parents embedded in it. Structure and attenuation of the whole chain are
 * checked, no signature and no date is.
 * @param {unknown} capability
 * @returns {{rootId: string, rootTarget: string, links: Link[]}} the root's child first
 * @throws {CapabilityError}
 */
export function readChain(capability) {
  const chain = readLinks(capability, 'capability', 2);
  const target = rootTarget(chain.rootId);
  if (target === undefined) {
    throw new CapabilityError('capability', `the chain does not begin with the id of a root capability, ${rootPrefix}…`);
  }
  chain.links.forEach((link, i) => checkAttenuation(i === 0 ? {target} : chain.links[i - 1], link));
  return {...chain, rootTarget: target};
}

/**
 * Checks that a delegation gives nothing that what is delegated does not, and was made by its controller.
 * @param {Link | {target: string}} parent the root capability has a target only; its controller is for the server to
 *   know
 * @param {Link} link
 */
export function checkAttenuation(parent, link) {
  const at = `capability ${link.id}`;
  if (!covers(parent.target, link.target)) {
    throw new CapabilityError(at, "its invocationTarget is not within its parent's");
  }
  if (!('proof' in parent)) return;
  if (link.proof.delegator !== parent.controllerDid) {
    throw new CapabilityError(at, "was not delegated by its parent's controller");
  }
  const allowed = parent.actions;
  if (allowed && !link.actions?.every((action) => allowed.includes(action))) {
    throw new CapabilityError(at, "its allowedAction has more than its parent's");
  }
  if (Date.parse(link.expires) > Date.parse(parent.expires)) {
    throw new CapabilityError(at, 'expires later than its parent');
  }
  if (Date.parse(link.proof.created) < Date.parse(parent.proof.created)) {
    throw new CapabilityError(at, 'was delegated before its parent');
  }
}

/**
 * A capability for a target is one for what is longer after / or ? too, unless it has a query of its own.
 * @param {string} base
 * @param {string} target
 */
export function covers(base, target) {
  return target === base || (!base.includes('?') && (target.startsWith(base + '/') || target.startsWith(base + '?')));
}

/**
 * @param {unknown} capability
 * @param {string} at
 * @param {number} length of the chain so far: the root and this one
 * @returns {{rootId: string, links: Link[]}}
 */
function readLinks(capability, at, length) {
  if (length > maxChain) {
    throw new CapabilityError('capability', `the chain is longer than ${maxChain}, the root included`);
  }
  const document = object(capability, at,
    ['@context', 'id', 'controller', 'parentCapability', 'invocationTarget', 'expires', 'proof'], ['allowedAction']);
  const proof = object(document.proof, at + '.proof',
    ['type', 'created', 'verificationMethod', 'proofPurpose', 'capabilityChain', 'proofValue'], ['cryptosuite']);

  const keyType = suites.get(JSON.stringify([document['@context'], proof.type, proof.cryptosuite]));
  if (!keyType) {
    throw new CapabilityError(at, 'its @context and the type and cryptosuite of its proof are no known combination');
  }
  if (proof.proofPurpose !== 'capabilityDelegation') {
    throw new CapabilityError(at + '.proof.proofPurpose', 'must be capabilityDelegation');
  }
  const method = string(proof.verificationMethod, at + '.proof.verificationMethod');
  const delegator = method.includes('#') ? parseDidUrl(method) : undefined;
  if (!delegator) throw new CapabilityError(at + '.proof.verificationMethod', 'must name a key, did:key:z…#z…');
  if (delegator.type !== keyType) throw new CapabilityError(at + '.proof', `its suite is for ${keyType} keys`);
  const value = string(proof.proofValue, at + '.proof.proofValue');
  if (fromMultibase(value)?.length !== 64) {
    throw new CapabilityError(at + '.proof.proofValue', 'must be a signature of 64 bytes in base58btc (z…)');
  }

  /** @type {Link} */
  const link = {
    id: string(document.id, at + '.id'),
    controller: string(document.controller, at + '.controller'),
    controllerDid: '',
    parent: string(document.parentCapability, at + '.parentCapability'),
    target: string(document.invocationTarget, at + '.invocationTarget'),
    expires: time(document.expires, at + '.expires'),
    actions: actions(document.allowedAction, at + '.allowedAction'),
    proof: {
      type: String(proof.type),
      ...(proof.cryptosuite === undefined ? {} : {cryptosuite: String(proof.cryptosuite)}),
      created: time(proof.created, at + '.proof.created'),
      method, delegator: delegator.did, value,
    },
  };
  checkLink(link, at);
  return embed(link, proof.capabilityChain, at + '.proof.capabilityChain', length);
}

/**
 * Checks what a delegation must fulfil by itself, and fills in the DID of its controller.
 * @param {Link} link
 * @param {string} at
 */
export function checkLink(link, at) {
  if (!/^(urn|https):/.test(link.id) || !isIri(link.id) || link.id.length > maxId || link.id.startsWith(rootPrefix)) {
    throw new CapabilityError(at + '.id', "must be an absolute urn: or https: URI, and not a root capability's");
  }
  const controller = parseDidUrl(link.controller);
  if (!controller) {
    throw new CapabilityError(at + '.controller', 'must be a did:key of Ed25519 (did:key:z6Mk…) or P-256 (did:key:zDn…)');
  }
  link.controllerDid = controller.did;
  if (!isTarget(link.target)) {
    throw new CapabilityError(at + '.invocationTarget', 'must be an absolute https: or http: URL in its plainest spelling');
  }
}

/**
 * Puts a delegation behind the chain that its proof embeds.
 * @param {Link} link
 * @param {unknown} value [root id, id…, embedded parent]
 * @param {string} at
 * @param {number} length
 */
function embed(link, value, at, length) {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxChain) {
    throw new CapabilityError(at, 'must be a list of 1 to 10');
  }
  const root = string(value[0], at + '[0]');
  const last = value.length - 1;
  const parents = last > 0 ? readLinks(value[last], `${at}[${last}]`, length + 1) : {rootId: root, links: []};
  const ids = [root, ...value.slice(1, last), ...parents.links.slice(-1).map(({id}) => id)];
  const want = [parents.rootId, ...parents.links.map(({id}) => id)];
  if (ids.length !== want.length || ids.some((id, i) => id !== want[i])) {
    throw new CapabilityError(at, 'does not match the chain of the parent capability');
  }
  if (link.parent !== want[last]) throw new CapabilityError(at, 'its last entry is not the parentCapability');
  if (want.includes(link.id)) throw new CapabilityError(at, 'two capabilities of the chain have the same id');
  return {rootId: root, links: [...parents.links, link]};
}

// The contexts, type and cryptosuite of a proof, and which keys sign it.
const suites = new Map([
  [JSON.stringify([[contextZcap, contextEd25519], 'Ed25519Signature2020', undefined]), 'Ed25519'],
  [JSON.stringify([[contextZcap, contextDataIntegrity], 'DataIntegrityProof', 'eddsa-rdfc-2022']), 'Ed25519'],
  [JSON.stringify([[contextZcap, contextDataIntegrity], 'DataIntegrityProof', 'ecdsa-rdfc-2019']), 'P-256'],
]);

/**
 * @param {unknown} value
 * @param {string} at
 * @param {string[]} required
 * @param {string[]} optional
 * @returns {Record<string, unknown>}
 */
function object(value, at, required, optional) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CapabilityError(at, 'must be an object');
  }
  const has = Object.keys(value);
  const missing = required.find((name) => !has.includes(name));
  if (missing) throw new CapabilityError(at, `has no ${missing}`);
  if (!has.every((name) => required.includes(name) || optional.includes(name))) {
    throw new CapabilityError(at, 'has a member that is not known');
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {unknown} value
 * @param {string} at
 */
export function string(value, at) {
  if (typeof value !== 'string' || value === '' || value.length > 4 * maxTarget) {
    throw new CapabilityError(at, 'must be a string');
  }
  return value;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/**
 * @param {unknown} value
 * @param {string} at
 */
function time(value, at) {
  const text = string(value, at);
  if (!rfc3339.test(text) || Number.isNaN(Date.parse(text))) {
    throw new CapabilityError(at, 'must be a date and time as in RFC 3339');
  }
  return text;
}

/**
 * No list means all actions, so that an empty one must not pass for none.
 * @param {unknown} value
 * @param {string} at
 * @returns {string[] | undefined}
 */
export function actions(value, at) {
  if (value === undefined) return undefined;
  const list = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list) || list.length === 0 || list.length > maxActions) {
    throw new CapabilityError(at, 'must have 1 to 128 actions');
  }
  if (!list.every(isAction)) {
    throw new CapabilityError(at, 'an action must be 1 to 64 printable ASCII characters without quotes and backslashes');
  }
  if (new Set(list).size !== list.length) throw new CapabilityError(at, 'names an action twice');
  return [...list];
}

/**
 * Tells what can stand as it is in a header parameter and in an N-Quads literal.
 * @param {unknown} value
 * @returns {value is string}
 */
export function isAction(value) {
  return typeof value === 'string' && /^[ !#-[\]-~]{1,64}$/.test(value);
}

/**
 * Tells whether all characters stand in an N-Quads IRI as they are.
 * @param {string} text
 */
function isIri(text) {
  return /^[!#-;=?-[\]_a-z~]+$/.test(text);
}

/** Where in a URL the id of a capability to be revoked begins: the one place that may have escapes. */
export const revocations = '/zcaps/revocations/';

/**
 * Tells whether it is an absolute http or https URL in its one spelling: two spellings of a URL would be two targets.
 * @param {string} target
 */
export function isTarget(target) {
  const at = target.indexOf(revocations);
  const plain = at < 0 ? target : target.slice(0, at);
  if (plain.length > maxTarget || !isIri(plain) || /[%#@]/.test(plain)) return false;
  const [, host, path, query] = /^https?:\/\/([^/?]+)(\/[^?]*)?(\?.*)?$/.exec(plain) ?? [];
  if (!host || (at >= 0 && (query !== undefined || !isRevocable(target.slice(at + revocations.length))))) return false;
  if (path === undefined || path === '/') return true;
  return path.slice(1).split('/').every((segment) => !['', '.', '..'].includes(segment));
}

/** @param {string} text encodeURIComponent of an id that a capability can have, without a slash */
function isRevocable(text) {
  try {
    const id = decodeURIComponent(text);
    return id.length <= maxId && isIri(id) && !id.includes('/') && encodeURIComponent(id) === text;
  } catch {
    return false;
  }
}
