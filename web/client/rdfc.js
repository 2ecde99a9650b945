// RDF Dataset Canonicalization, RDFC-1.0 with SHA-256 (W3C Recommendation), for datasets whose text is ASCII without
// quotes and backslashes, which sorts as it is and needs no escapes. Sections are the Recommendation's.

import {sha256} from './bytes.js';

/**
 * A blank node is its number from 1; the default graph is ''; anything else is as N-Quads writes it.
 * @typedef {string | number} Term
 */

/** @typedef {{s: Term, p: string, o: Term, g: Term}} Quad */

// The orders of look-alike blank nodes that are tried. A chain of ten capabilities needs 81.
const maxWork = 1024;

/** A dataset under construction, and its canonical form. */
export class Dataset {
  /** @type {Quad[]} */
  #quads = [];
  #blanks = 0;

  /** @returns {number} a new blank node */
  blank() {
    return ++this.#blanks;
  }

  /**
   * Adds a quad, which the dataset does not have yet.
   * @param {Term} s
   * @param {string} p
   * @param {Term} o
   * @param {Term} g
   */
  add(s, p, o, g) {
    this.#quads.push({s, p, o, g});
  }

  /** @returns {Promise<string>} N-Quads: sorted lines, each with its end of line */
  async canonical() {
    const state = new Canonicalizer(this.#quads, this.#blanks);
    await state.label();
    return state.serialize();
  }
}

/** @typedef {number[]} Issuer temporary identifiers (section 4.5): a blank node's is _:b and its place in the list */

/**
 * @param {Issuer} issuer
 * @param {number} node
 */
function issue(issuer, node) {
  const at = issuer.indexOf(node);
  return at >= 0 ? at : issuer.push(node) - 1;
}

class Canonicalizer {
  /** @type {Map<number, Quad[]>} */
  #of = new Map();
  /** @type {Map<number, string>} */
  #first = new Map();
  /** @type {Map<number, string>} */
  #labels = new Map();
  #work = maxWork;

  /**
   * @param {Quad[]} quads
   * @param {number} blanks
   */
  constructor(quads, blanks) {
    this.quads = quads;
    for (let node = 1; node <= blanks; node++) {
      const of = quads.filter(({s, o, g}) => s === node || o === node || g === node);
      if (of.length > 0) this.#of.set(node, of); // else no quad has it, and the dataset has not either
    }
  }

  // Section 4.4.3, steps 2 to 5.
  async label() {
    /** @type {Map<string, number[]>} */
    const groups = new Map();
    for (const node of this.#of.keys()) {
      const hash = await this.#hashFirstDegree(node);
      this.#first.set(node, hash);
      groups.set(hash, [...(groups.get(hash) ?? []), node]);
    }
    const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, nodes]) => nodes);
    for (const [node] of sorted.filter((nodes) => nodes.length === 1)) this.#issue(node);
    for (const nodes of sorted.filter((nodes) => nodes.length > 1)) {
      const results = [];
      for (const node of nodes) {
        if (!this.#labels.has(node)) results.push(await this.#hashNDegree(node, [node]));
      }
      results.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0));
      for (const {issuer} of results) issuer.forEach((node) => this.#issue(node));
    }
  }

  /** @param {number} node */
  #issue(node) {
    if (!this.#labels.has(node)) this.#labels.set(node, '_:c14n' + this.#labels.size);
  }

  /**
   * Section 4.6.
   * @param {number} node
   */
  #hashFirstDegree(node) {
    const quads = this.#of.get(node) ?? [];
    return hash(lines(quads, (other) => (other === node ? '_:a' : '_:z')));
  }

  /**
   * Section 4.7.
   * @param {number} related
   * @param {string} predicate
   * @param {Issuer} issuer
   * @param {'s' | 'o' | 'g'} position
   */
  #hashRelated(related, predicate, issuer, position) {
    const at = issuer.indexOf(related);
    const name = this.#labels.get(related) ?? (at >= 0 ? '_:b' + at : this.#first.get(related));
    return hash(position + (position === 'g' ? '' : predicate) + name);
  }

  /**
   * Section 4.8. It does not change the issuer given.
   * @param {number} node
   * @param {Issuer} issuer
   * @returns {Promise<{hash: string, issuer: Issuer}>}
   */
  async #hashNDegree(node, issuer) {
    /** @type {Map<string, number[]>} */
    const groups = new Map();
    for (const quad of this.#of.get(node) ?? []) {
      for (const position of /** @type {const} */ (['s', 'o', 'g'])) {
        const related = quad[position];
        if (typeof related !== 'number' || related === node) continue;
        const hash = await this.#hashRelated(related, quad.p, issuer, position);
        groups.set(hash, [...(groups.get(hash) ?? []), related]);
      }
    }
    let data = '';
    for (const [hash, nodes] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const best = await this.#bestPath(nodes, issuer);
      data += hash + best.path;
      issuer = best.issuer;
    }
    return {hash: await hash(data), issuer};
  }

  /**
   * The least path of all orders in which the nodes can be visited (section 4.8, step 5.4). Orders that look the same,
   * because a node is there twice, are tried once.
   * @param {number[]} nodes
   * @param {Issuer} issuer
   */
  async #bestPath(nodes, issuer) {
    const order = nodes.toSorted((a, b) => a - b);
    /** @type {{path: string, issuer: Issuer} | undefined} */
    let best;
    do {
      // every deeper call comes through here
      if (--this.#work < 0) {
        throw new RangeError('capability: the chain is too intricate');
      }
      const next = await this.#path(order, issuer, best?.path);
      if (next && (!best || next.path < best.path)) best = next;
    } while (permute(order));
    return /** @type {{path: string, issuer: Issuer}} */ (best); // the first order has one
  }

  /**
   * One order's path; undefined once it is longer and greater than the best so far.
   * @param {number[]} order
   * @param {Issuer} known
   * @param {string | undefined} best
   */
  async #path(order, known, best) {
    let issuer = [...known];
    let path = '';
    const worse = () => best !== undefined && path.length >= best.length && path > best;
    /** @type {number[]} */
    const visit = [];
    for (const node of order) {
      const label = this.#labels.get(node);
      if (label === undefined && !issuer.includes(node)) visit.push(node);
      path += label ?? '_:b' + issue(issuer, node);
      if (worse()) return undefined;
    }
    for (const node of visit) {
      const deeper = await this.#hashNDegree(node, issuer);
      path += `_:b${issue(issuer, node)}<${deeper.hash}>`;
      issuer = deeper.issuer;
      if (worse()) return undefined;
    }
    return {path, issuer};
  }

  // Section 4.4.3, steps 6 and 7, and section 5.
  serialize() {
    return lines(this.quads, (node) => /** @type {string} */ (this.#labels.get(node)));
  }
}

/**
 * @param {Quad[]} quads
 * @param {(node: number) => string} label
 */
function lines(quads, label) {
  const text = (/** @type {Term} */ term) => (typeof term === 'number' ? label(term) : term);
  return quads.map(({s, p, o, g}) => `${text(s)} ${p} ${text(o)} ${g === '' ? '' : text(g) + ' '}.\n`).sort().join('');
}

/** @param {string} text */
async function hash(text) {
  const digest = await sha256(new TextEncoder().encode(text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Makes the list its next permutation in numeric order; false when it was the last.
 * @param {number[]} list
 */
function permute(list) {
  let i = list.length - 2;
  while (i >= 0 && list[i] >= list[i + 1]) i--;
  if (i < 0) return false;
  let j = list.length - 1;
  while (list[j] <= list[i]) j--;
  [list[i], list[j]] = [list[j], list[i]];
  list.push(...list.splice(i + 1).reverse());
  return true;
}
