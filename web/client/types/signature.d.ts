export type Bytes = import('./bytes.js').Bytes;
export type Capability = import('./chain.js').Capability;
export type Signer = import('./identity.js').Signer;
export type SignedHeaders = Record<'Authorization' | 'Capability-Invocation' | 'Content-Type' | 'Digest', string>;
/**
 * The URL whose root capability is invoked at a URL: for what is in a keystore, the keystore's.
 * @param {string} url
 */
export declare function rootTargetOf(url: string): string;
/**
 * Signs a POST request with a JSON body that is about to be sent to a URL. The headers go with it as they are, and
 * nothing of it may change: URL, body, Content-Type. The signature is good for ten minutes.
 *
 * @param {object} options
 * @param {string | URL} options.url
 * @param {string | Bytes} options.body what will be sent, to the byte
 * @param {Signer} options.identity
 * @param {Capability} [options.capability] the delegated capability that is invoked
 * @param {string} [options.rootTarget] without capability: the URL whose root capability is invoked; left out: that
 *   of the keystore or service of the URL
 * @param {string} options.action as in a capability's allowedAction
 * @param {Date} [options.now] the clock
 * @returns {Promise<SignedHeaders>}
 * @throws {TypeError} for what a server would refuse
 */
export declare function signRequest({ url, body, identity, capability, rootTarget, action, now }: {
    url: string | URL;
    body: string | Bytes;
    identity: Signer;
    capability?: Capability;
    rootTarget?: string;
    action: string;
    now?: Date;
}): Promise<SignedHeaders>;
