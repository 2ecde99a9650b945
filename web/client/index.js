// The client of a twolock server for browsers and Node, without dependencies.

export {fromBase64url, toBase64url} from './bytes.js';
export {CapabilityError, rootId} from './chain.js';
export {Client, actionHeader, revocationUrl, signedFetch} from './client.js';
export {delegate} from './delegate.js';
export {TwolockError} from './error.js';
export {Identity} from './identity.js';
export {joinShares, newShares, splitSecret} from './shares.js';
export {rootTargetOf, signRequest} from './signature.js';

/** @typedef {import('./chain.js').Capability} Capability */
/** @typedef {import('./identity.js').Signer} Signer */
/** @typedef {import('./did.js').KeyType} KeyType */
