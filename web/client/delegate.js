import {toMultibase} from './bytes.js';
import {
  CapabilityError, actions as checkActions, checkAttenuation, checkLink, contextDataIntegrity, contextEd25519, contextZcap,
  isTarget, maxChain, readChain, rootId, string,
} from './chain.js';
import {signingInput} from './quads.js';

/** @typedef {import('./chain.js').Capability} Capability */
/** @typedef {import('./chain.js').Link} Link */
/** @typedef {import('./identity.js').Signer} Signer */

// How each kind of key signs a delegation.
const suites = {
  'Ed25519': {context: contextEd25519, type: 'Ed25519Signature2020'},
  'P-256': {context: contextDataIntegrity, type: 'DataIntegrityProof', cryptosuite: 'ecdsa-rdfc-2019'},
};

/**
 * Delegates a capability, or the root capability of a URL. The identity must be the controller of what is delegated: of
 * the parent, which is checked, or of the root, which cannot be here. What a server would refuse is not made.
 *
 * @param {object} options
 * @param {Signer} options.identity the delegator
 * @param {Capability} [options.parent] the capability to delegate further
 * @param {string} [options.rootTarget] without parent: the URL whose root capability is delegated
 * @param {string} [options.target] the URL it is for: the parent's, which is the default, or below
 * @param {string} options.controller the DID that it is for
 * @param {string[]} [options.actions] what it allows; left out: what the parent allows
 * @param {Date} options.expires in the future, not later than the parent; whole seconds count
 * @param {Date} [options.now] the clock
 * @returns {Promise<Capability>} signed; with Ed25519Signature2020, or ecdsa-rdfc-2019 by a P-256 key
 * @throws {CapabilityError} that names the member
 */
export async function delegate({identity, parent, rootTarget, target, controller, actions, expires, now = new Date()}) {
  const chain = parent === undefined ? rootChain(rootTarget) : readChain(parent);
  const from = chain.links[chain.links.length - 1];
  if (rootTarget !== undefined && rootTarget !== chain.rootTarget) {
    throw new CapabilityError('rootTarget', "is not the parent's");
  }
  if (chain.links.length + 2 > maxChain) {
    throw new CapabilityError('parent', `the chain would be longer than ${maxChain}, the root included`);
  }
  if (from && from.controllerDid !== identity.did) {
    throw new CapabilityError('parent', 'was not delegated to this identity');
  }

  // A delegator whose clock is behind its parent's must not date itself before it.
  const today = seconds(now, 'now');
  const created = from && Date.parse(from.proof.created) >= today ? from.proof.created : rfc3339(today);
  if (!(seconds(expires, 'expires') > Date.parse(created))) throw new CapabilityError('expires', 'must be in the future');
  const {context, ...suite} = suites[identity.type];
  /** @type {Link} */
  const link = {
    id: 'urn:uuid:' + crypto.randomUUID(),
    controller: string(controller, 'capability.controller'),
    controllerDid: '',
    parent: from ? from.id : chain.rootId,
    target: string(target ?? from?.target ?? chain.rootTarget, 'capability.invocationTarget'),
    expires: rfc3339(seconds(expires, 'expires')),
    actions: checkActions(actions, 'actions') ?? from?.actions,
    proof: {...suite, created, method: identity.keyId, delegator: identity.did, value: ''},
  };
  checkLink(link, 'capability');
  checkAttenuation(from ?? {target: chain.rootTarget}, link);
  const input = await signingInput(chain.rootId, [...chain.links, link]);
  const value = toMultibase(await identity.sign(input));
  return {
    '@context': [contextZcap, context],
    id: link.id,
    controller,
    parentCapability: link.parent,
    invocationTarget: link.target,
    expires: link.expires,
    ...(link.actions && {allowedAction: link.actions}),
    proof: {
      type: suite.type,
      created: link.proof.created,
      verificationMethod: link.proof.method,
      ...('cryptosuite' in suite && {cryptosuite: suite.cryptosuite}),
      proofPurpose: 'capabilityDelegation',
      capabilityChain: [chain.rootId, ...chain.links.slice(0, -1).map(({id}) => id), ...(parent ? [parent] : [])],
      proofValue: value,
    },
  };
}

/** @param {string | undefined} target */
function rootChain(target) {
  if (typeof target !== 'string' || !isTarget(target)) {
    throw new CapabilityError('rootTarget', 'without a parent it must be the URL whose root capability is delegated');
  }
  return {rootId: rootId(target), rootTarget: target, links: /** @type {Link[]} */ ([])};
}

/**
 * @param {Date} date
 * @param {string} at
 * @returns {number} milliseconds, of whole seconds
 */
function seconds(date, at) {
  const time = date instanceof Date ? date.getTime() : NaN;
  if (!(time >= 0 && time < Date.UTC(10000, 0))) throw new CapabilityError(at, 'must be a Date');
  return time - time % 1000;
}

/** @param {number} time milliseconds, of whole seconds */
function rfc3339(time) {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
