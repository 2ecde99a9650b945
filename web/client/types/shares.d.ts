export type Bytes = import('./bytes.js').Bytes;
/**
 * Draws a secret, splits it and forgets it: any `threshold` of the shares make the lock. The secret itself is needed
 * nowhere.
 * @param {number} [shares] 2 to 16
 * @param {number} [threshold] 2 to the number of shares
 * @returns {Bytes[]} of 33 bytes each
 */
export declare function newShares(shares?: number, threshold?: number): Bytes[];
/**
 * Splits a secret so that any `threshold` of the shares give it back and fewer tell nothing about it.
 * @param {Uint8Array} secret 32 bytes
 * @param {number} shares 2 to 16
 * @param {number} threshold 2 to the number of shares
 * @returns {Bytes[]} of 33 bytes each
 * @throws {RangeError} that names the argument
 */
export declare function splitSecret(secret: Uint8Array, shares: number, threshold: number): Bytes[];
/**
 * Joins shares. It cannot tell whether they are right, or enough: others give other bytes and no error.
 *
 * What it does refuse would be worse than wrong: a share with x = 0 is the secret itself, so that whoever sent it would
 * choose the result.
 * @param {Uint8Array[]} shares 2 to 16
 * @returns {Bytes} 32 bytes
 * @throws {RangeError} that names the share and quotes nothing of it
 */
export declare function joinShares(shares: Uint8Array[]): Bytes;
