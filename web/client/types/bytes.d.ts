export type Bytes = Uint8Array<ArrayBuffer>;
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/**
 * Standard base64 with padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export declare function toBase64(bytes: Uint8Array): string;
/**
 * base64url without padding: how the API's Bytes are written.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export declare function toBase64url(bytes: Uint8Array): string;
/**
 * Undoes toBase64url, and toBase64: share files have the latter.
 * @param {string} text
 * @returns {Bytes}
 * @throws {TypeError} which does not quote the text
 */
export declare function fromBase64url(text: string): Bytes;
/**
 * @param {Uint8Array} bytes few, for it takes time quadratic in their number
 * @returns {string} z and base58btc
 */
export declare function toMultibase(bytes: Uint8Array): string;
/**
 * @param {string} text
 * @returns {Bytes | undefined} undefined for what is not z and base58btc, or has more than 128 characters
 */
export declare function fromMultibase(text: string): Bytes | undefined;
/**
 * @param {Uint8Array[]} parts
 * @returns {Bytes}
 */
export declare function concat(...parts: Uint8Array[]): Bytes;
/**
 * @param {Bytes} bytes
 * @returns {Promise<Bytes>} 32 bytes
 */
export declare function sha256(bytes: Bytes): Promise<Bytes>;
