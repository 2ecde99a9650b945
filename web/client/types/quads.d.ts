export type Link = import('./chain.js').Link;
export type Term = import('./rdfc.js').Term;
/**
 * The canonical N-Quads of the last of the chain: of its proof's options, and of itself without the proof.
 * @param {string} rootId
 * @param {Link[]} chain the root's child first
 * @returns {Promise<{options: string, document: string}>}
 */
export declare function canonicalForms(rootId: string, chain: Link[]): Promise<{
    options: string;
    document: string;
}>;
/**
 * What the proof of the last of the chain signs, in every suite: SHA-256(proof options) || SHA-256(document).
 * @param {string} rootId
 * @param {Link[]} chain the root's child first
 */
export declare function signingInput(rootId: string, chain: Link[]): Promise<import("./bytes.js").Bytes>;
