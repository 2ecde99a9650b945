export type Capability = import('./chain.js').Capability;
export type Signer = import('./identity.js').Signer;
export type Fetch = typeof globalThis.fetch;
/**
 * Sends signed GraphQL requests. Several at a time are fine.
 */
export declare class Client {
    identity: import("./identity.js").Signer;
    capability: import("./chain.js").Capability | undefined;
    fetch: typeof fetch;
    now: () => Date;
    /**
     * @param {object} options
     * @param {Signer} options.identity
     * @param {Capability} [options.capability] invoked where a request names none; left out: the root capability of the
     *   keystore or service of the URL
     * @param {Fetch} [options.fetch] instead of the global one
     * @param {() => Date} [options.now] the clock
     */
    constructor({ identity, capability, fetch, now }: {
        identity: Signer;
        capability?: Capability;
        fetch?: Fetch;
        now?: () => Date;
    });
    /**
     * Sends an operation to the URL of the service, a keystore or a key, invoking a capability for the action.
     * @param {string} url
     * @param {string} action as the schema says for the operation's fields
     * @param {string} query
     * @param {Record<string, unknown>} [variables] bytes as toBase64url writes them
     * @param {{capability?: Capability, signal?: AbortSignal}} [options] signal: left out, half a minute is allowed
     * @returns {Promise<any>} data
     * @throws {import('./error.js').TwolockError} what the server refused; what fetch throws, when there is no answer
     */
    request(url: string, action: string, query: string, variables?: Record<string, unknown>, options?: {
        capability?: Capability;
        signal?: AbortSignal;
    }): Promise<any>;
    /**
     * Revokes a capability that was delegated from the root of a keystore or of the service, and with it all that was
     * delegated from it. Whoever controls one of its chain may.
     * @param {Capability} capability
     * @param {{invoke?: Capability, signal?: AbortSignal}} [options] invoke: a capability for the keystore or service that
     *   allows write, instead of the revocation's own root capability
     * @returns {Promise<void>}
     * @throws {import('./error.js').TwolockError}
     */
    revoke(capability: Capability, { invoke, signal }?: {
        invoke?: Capability;
        signal?: AbortSignal;
    }): Promise<void>;
}
/**
 * Where a capability is revoked. Its id must have no slash, and those of delegate have none: no URL names such a
 * capability, and only what it was delegated from can be revoked.
 * @param {Capability} capability
 * @throws {CapabilityError}
 */
export declare function revocationUrl(capability: Capability): string;
/** The header that tells signedFetch the action of one request. It is not sent. */
export declare const actionHeader = "Twolock-Action";
/**
 * Makes a fetch that signs, for GraphQL clients such as urql and Apollo.
 *
 * The action of a request is, in this order: its header Twolock-Action; the option, which may be a function of the
 * operation. Where neither tells, the request is not sent. Requests must be POST with a JSON body.
 *
 * @param {Signer} identity
 * @param {object} [options]
 * @param {Capability | ((url: string) => Capability | undefined)} [options.capability] invoked; left out, or
 *   undefined for a URL: the root capability
 * @param {string | ((operation: {url: string, query: string, operationName?: string, variables?: object}) => string)}
 *   [options.action]
 * @param {Fetch} [options.fetch] instead of the global one
 * @param {() => Date} [options.now] the clock
 * @returns {Fetch}
 */
export declare function signedFetch(identity: Signer, { capability, action, fetch, now }?: {
    capability?: Capability | ((url: string) => Capability | undefined);
    action?: string | ((operation: {
        url: string;
        query: string;
        operationName?: string;
        variables?: object;
    }) => string);
    fetch?: Fetch;
    now?: () => Date;
}): Fetch;
