/**
 * @typedef {object} GraphQLError one error of an answer
 * @property {string} message
 * @property {(string | number)[]} [path]
 * @property {{code?: string, upstream?: string, retryable?: boolean, requestId?: string}} [extensions]
 */
export type GraphQLError = {
    message: string;
    path?: (string | number)[];
    extensions?: {
        code?: string;
        upstream?: string;
        retryable?: boolean;
        requestId?: string;
    };
};
/**
 * What a server refused. The message, code and path are the first error's; errors has all of them.
 */
export declare class TwolockError extends Error {
    #private;
    /** @type {string} FORBIDDEN, WRONG_SHARE, …; empty when the answer is not a twolock server's */
    code: string;
    /** @type {(string | number)[]} the field of the operation; empty when nothing of it was executed */
    path: (string | number)[];
    /** @type {string | undefined} of UPSTREAM_UNAVAILABLE: aws-kms, auth-server, vault */
    upstream: string | undefined;
    /** @type {boolean} whether it may succeed later as it is */
    retryable: boolean;
    /** @type {string | undefined} of INTERNAL: what to look for in the server's log */
    requestId: string | undefined;
    /** @type {number} of HTTP */
    status: number;
    /** @type {GraphQLError[]} */
    errors: GraphQLError[];
    /**
     * @param {number} status
     * @param {GraphQLError[]} errors at least one
     * @param {unknown} [data]
     */
    constructor(status: number, errors: GraphQLError[], data?: unknown);
    /**
     * What other fields of the operation answered; undefined or null when there is nothing. It is not among what a log
     * shows of an error, for it may be secret.
     */
    get data(): unknown;
}
