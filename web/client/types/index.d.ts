export { fromBase64url, toBase64url } from './bytes.js';
export { CapabilityError, rootId } from './chain.js';
export { Client, actionHeader, revocationUrl, signedFetch } from './client.js';
export { delegate } from './delegate.js';
export { TwolockError } from './error.js';
export { Identity } from './identity.js';
export { joinShares, newShares, splitSecret } from './shares.js';
export { rootTargetOf, signRequest } from './signature.js';
export type Capability = import('./chain.js').Capability;
export type Signer = import('./identity.js').Signer;
export type KeyType = import('./did.js').KeyType;
/** @typedef {import('./chain.js').Capability} Capability */
/** @typedef {import('./identity.js').Signer} Signer */
/** @typedef {import('./did.js').KeyType} KeyType */
