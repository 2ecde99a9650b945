import {TwolockError} from './error.js';

// What a client keeps of an answer. The largest one of a batch is 1,000 signatures of ML_DSA_87: 6.2 MB.
const maxAnswer = 8 << 20;

/**
 * Reads a GraphQL answer.
 * @param {Response} response
 * @returns {Promise<unknown>} data
 * @throws {TwolockError}
 */
export async function readAnswer(response) {
  const answer = parse(await bounded(response));
  if (answer === undefined) {
    const message = `the answer, of status ${response.status}, is not a twolock server's`;
    throw new TwolockError(response.status, [{message}]);
  }
  if (answer.errors) throw new TwolockError(response.status, answer.errors, answer.data);
  return answer.data;
}

/**
 * @param {string} text
 * @returns {{data?: unknown, errors?: import('./error.js').GraphQLError[]} | undefined}
 */
function parse(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined; // JSON.parse quotes what it was given
  }
  if (typeof answer !== 'object' || answer === null) return undefined;
  const {data, errors} = answer;
  if (errors === undefined) return typeof data === 'object' && data !== null ? {data} : undefined;
  const wellFormed = Array.isArray(errors) && errors.length > 0
    && errors.every((error) => typeof error?.message === 'string');
  return wellFormed ? {data, errors} : undefined;
}

/** @param {Response} response */
async function bounded(response) {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) return text + decoder.decode();
    length += chunk.value.length;
    if (length > maxAnswer) {
      await reader?.cancel();
      throw new TwolockError(response.status, [{message: `the answer is larger than ${maxAnswer} bytes`}]);
    }
    text += decoder.decode(chunk.value, {stream: true});
  }
}
