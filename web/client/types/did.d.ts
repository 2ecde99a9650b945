export type Bytes = import('./bytes.js').Bytes;
export type KeyType = 'Ed25519' | 'P-256';
/**
 * @param {KeyType} type
 * @param {Uint8Array} key as its kind is written: 32 bytes, or the compressed point
 * @returns {string} did:key:z…
 */
export declare function didOf(type: KeyType, key: Uint8Array): string;
/**
 * Reads a DID, or the verification method that a did:key has: did:key:z…#z…
 * @param {string} url
 * @returns {{did: string, type: KeyType, key: Bytes} | undefined} undefined for anything else
 */
export declare function parseDidUrl(url: string): {
    did: string;
    type: KeyType;
    key: Bytes;
} | undefined;
