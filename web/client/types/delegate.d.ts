export type Capability = import('./chain.js').Capability;
export type Link = import('./chain.js').Link;
export type Signer = import('./identity.js').Signer;
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
export declare function delegate({ identity, parent, rootTarget, target, controller, actions, expires, now }: {
    identity: Signer;
    parent?: Capability;
    rootTarget?: string;
    target?: string;
    controller: string;
    actions?: string[];
    expires: Date;
    now?: Date;
}): Promise<Capability>;
