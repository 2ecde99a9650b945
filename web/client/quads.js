// The RDF of a capability and of its proof. The shape is fixed, so it is written directly instead of by a JSON-LD
// processor: nothing is fetched, nothing is dropped silently. The terms are those of the contexts zcap/v1,
// ed25519-2020/v1 and data-integrity/v2.

import {concat, sha256} from './bytes.js';
import {Dataset} from './rdfc.js';

/** @typedef {import('./chain.js').Link} Link */
/** @typedef {import('./rdfc.js').Term} Term */

const security = (/** @type {string} */ name) => iri('https://w3id.org/security#' + name);
const rdf = (/** @type {string} */ name) => iri('http://www.w3.org/1999/02/22-rdf-syntax-ns#' + name);
const iri = (/** @type {string} */ text) => `<${text}>`;
const literal = (/** @type {string} */ text, /** @type {string} */ type = '') => `"${text}"` + (type && '^^' + type);
const dateTime = iri('http://www.w3.org/2001/XMLSchema#dateTime');

/**
 * The capability without its proof.
 * @param {Dataset} set
 * @param {Link} link
 * @param {Term} graph
 */
function writeDocument(set, link, graph) {
  const subject = iri(link.id);
  for (const action of link.actions ?? []) set.add(subject, security('allowedAction'), literal(action), graph);
  set.add(subject, security('controller'), iri(link.controller), graph);
  set.add(subject, security('expiration'), literal(link.expires, dateTime), graph);
  set.add(subject, security('invocationTarget'), iri(link.target), graph);
  set.add(subject, security('parentCapability'), iri(link.parent), graph);
  return subject;
}

/**
 * The proof of the last of the chain, without its value: the proof options. A proof embedded in another one has its
 * value too.
 * @param {Dataset} set
 * @param {string} rootId
 * @param {Link[]} chain
 * @param {Term} graph
 * @returns {number} its blank node
 */
function writeProof(set, rootId, chain, graph) {
  const parents = chain.slice(0, -1);
  const {proof} = chain[chain.length - 1];
  const node = set.blank();
  set.add(node, rdf('type'), security(proof.type), graph);
  if (proof.cryptosuite) {
    set.add(node, security('cryptosuite'), literal(proof.cryptosuite, security('cryptosuiteString')), graph);
  }
  set.add(node, iri('http://purl.org/dc/terms/created'), literal(proof.created, dateTime), graph);
  set.add(node, security('proofPurpose'), security('capabilityDelegationMethod'), graph);
  set.add(node, security('verificationMethod'), iri(proof.method), graph);

  let cell = set.blank();
  set.add(node, security('capabilityChain'), cell, graph);
  set.add(cell, rdf('first'), iri(rootId), graph);
  for (const parent of parents) {
    const next = set.blank();
    set.add(cell, rdf('rest'), next, graph);
    cell = next;
    set.add(cell, rdf('first'), iri(parent.id), graph);
  }
  set.add(cell, rdf('rest'), rdf('nil'), graph);

  const parent = parents[parents.length - 1];
  if (parent) {
    // The last entry of the list is the parent itself; its proof gets a graph of its own.
    const subject = writeDocument(set, parent, graph);
    const proofGraph = set.blank();
    set.add(subject, security('proof'), proofGraph, graph);
    const embedded = writeProof(set, rootId, parents, proofGraph);
    set.add(embedded, security('proofValue'), literal(parent.proof.value, security('multibase')), proofGraph);
  }
  return node;
}

/**
 * The canonical N-Quads of the last of the chain: of its proof's options, and of itself without the proof.
 * @param {string} rootId
 * @param {Link[]} chain the root's child first
 * @returns {Promise<{options: string, document: string}>}
 */
export async function canonicalForms(rootId, chain) {
  const options = new Dataset();
  writeProof(options, rootId, chain, '');
  const document = new Dataset();
  writeDocument(document, chain[chain.length - 1], '');
  return {options: await options.canonical(), document: await document.canonical()};
}

/**
 * What the proof of the last of the chain signs, in every suite: SHA-256(proof options) || SHA-256(document).
 * @param {string} rootId
 * @param {Link[]} chain the root's child first
 */
export async function signingInput(rootId, chain) {
  const {options, document} = await canonicalForms(rootId, chain);
  const encoder = new TextEncoder();
  return concat(await sha256(encoder.encode(options)), await sha256(encoder.encode(document)));
}
