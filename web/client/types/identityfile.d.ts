export type Bytes = import('./bytes.js').Bytes;
export type KeyType = import('./did.js').KeyType;
/**
 * Imports the key pair of an identity file, so that the private key cannot be exported.
 * @param {string | object} file JSON, or what it parses to
 * @returns {Promise<CryptoKeyPair>} whether its halves belong together is not checked
 * @throws {TypeError} which quotes nothing of the file
 */
export declare function importFile(file: string | object): Promise<CryptoKeyPair>;
