/**
 * @typedef {object} GraphQLError one error of an answer
 * @property {string} message
 * @property {(string | number)[]} [path]
 * @property {{code?: string, upstream?: string, retryable?: boolean, requestId?: string}} [extensions]
 */

/**
 * What a server refused. The message, code and path are the first error's; errors has all of them.
 */
export class TwolockError extends Error {
  /** @type {string} FORBIDDEN, WRONG_SHARE, …; empty when the answer is not a twolock server's */
  code;
  /** @type {(string | number)[]} the field of the operation; empty when nothing of it was executed */
  path;
  /** @type {string | undefined} of UPSTREAM_UNAVAILABLE: aws-kms, auth-server, vault */
  upstream;
  /** @type {boolean} whether it may succeed later as it is */
  retryable;
  /** @type {string | undefined} of INTERNAL: what to look for in the server's log */
  requestId;
  /** @type {number} of HTTP */
  status;
  /** @type {GraphQLError[]} */
  errors;
  /** @type {unknown} */
  #data;

  /**
   * @param {number} status
   * @param {GraphQLError[]} errors at least one
   * @param {unknown} [data]
   */
  constructor(status, errors, data) {
    const [{message, path, extensions}] = errors;
    super(message);
    this.name = 'TwolockError';
    this.code = extensions?.code ?? '';
    this.path = path ?? [];
    this.upstream = extensions?.upstream;
    this.retryable = extensions?.retryable ?? false;
    this.requestId = extensions?.requestId;
    this.status = status;
    this.errors = errors;
    this.#data = data;
  }

  /**
   * What other fields of the operation answered; undefined or null when there is nothing. It is not among what a log
   * shows of an error, for it may be secret.
   */
  get data() {
    return this.#data;
  }
}
