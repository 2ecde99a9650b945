export type Term = string | number;
export type Quad = {
    s: Term;
    p: string;
    o: Term;
    g: Term;
};
/** A dataset under construction, and its canonical form. */
export declare class Dataset {
    #private;
    /** @returns {number} a new blank node */
    blank(): number;
    /**
     * Adds a quad, which the dataset does not have yet.
     * @param {Term} s
     * @param {string} p
     * @param {Term} o
     * @param {Term} g
     */
    add(s: Term, p: string, o: Term, g: Term): void;
    /** @returns {Promise<string>} N-Quads: sorted lines, each with its end of line */
    canonical(): Promise<string>;
}
export type Issuer = number[];
