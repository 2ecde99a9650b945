/**
 * Reads a GraphQL answer.
 * @param {Response} response
 * @returns {Promise<unknown>} data
 * @throws {TwolockError}
 */
export declare function readAnswer(response: Response): Promise<unknown>;
