export type Bytes = import('./bytes.js').Bytes;
export type KeyType = import('./did.js').KeyType;
export type Signer = {
    /**
     * did:key:z…
     */
    did: string;
    /**
     * did:key:z…#z…
     */
    keyId: string;
    type: KeyType;
    /**
     * 64 bytes: Ed25519 (RFC 8032), or P-256 with SHA-256 as r || s
     */
    sign: (message: Bytes) => Promise<Bytes>;
};
/** @implements {Signer} */
export declare class Identity implements Signer {
    /** @type {string} did:key:z… */
    did: string;
    /** @type {string} did:key:z…#z… */
    keyId: string;
    /** @type {KeyType} */
    type: KeyType;
    /** @type {CryptoKeyPair} IndexedDB takes it, though it cannot be exported; fromKeyPair makes the identity of it again */
    keyPair: CryptoKeyPair;
    /**
     * @param {CryptoKeyPair} keyPair
     * @param {KeyType} type
     * @param {Bytes} publicKey as didOf takes it
     */
    constructor(keyPair: CryptoKeyPair, type: KeyType, publicKey: Bytes);
    /**
     * Makes a new identity whose private key cannot be exported: Ed25519, or P-256 where WebCrypto has no Ed25519.
     * @param {{type?: KeyType}} [options] type: this one or none
     * @returns {Promise<Identity>}
     */
    static generate({ type }?: {
        type?: KeyType;
    }): Promise<Identity>;
    /**
     * Takes a key pair of WebCrypto's: Ed25519, or ECDSA with P-256. The private key needs the usage sign and must not be
     * extractable; the public key needs the usage verify.
     * @param {CryptoKeyPair} keyPair
     * @returns {Promise<Identity>}
     * @throws {TypeError} also for a pair whose halves do not belong together
     */
    static fromKeyPair(keyPair: CryptoKeyPair): Promise<Identity>;
    /**
     * Takes the file that `twolock identity new` makes. The key cannot be exported from then on; whether the file stays
     * is the caller's affair.
     * @param {string | object} file JSON, or what it parses to
     * @returns {Promise<Identity>}
     * @throws {TypeError} which quotes nothing of the file
     */
    static fromFile(file: string | object): Promise<Identity>;
    /**
     * @param {Bytes} message
     * @returns {Promise<Bytes>} 64 bytes
     */
    sign(message: Bytes): Promise<Bytes>;
}
