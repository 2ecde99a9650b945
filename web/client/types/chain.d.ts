export type CapabilityMembers = {
    id: string;
    /**
     * the DID that it was delegated to
     */
    controller: string;
    parentCapability: string;
    invocationTarget: string;
    /**
     * RFC 3339
     */
    expires: string;
    /**
     * left out: every action of the parent's
     */
    allowedAction?: string | string[];
    proof: Proof;
};
export type Capability = CapabilityMembers & {
    '@context': string[];
};
export type Proof = {
    type: string;
    cryptosuite?: string;
    created: string;
    verificationMethod: string;
    proofPurpose: string;
    capabilityChain: (string | Capability)[];
    proofValue: string;
};
export type Link = {
    id: string;
    controller: string;
    controllerDid: string;
    /**
     * id
     */
    parent: string;
    target: string;
    expires: string;
    /**
     * undefined: all
     */
    actions: string[] | undefined;
    proof: {
        type: string;
        cryptosuite?: string;
        created: string;
        method: string;
        delegator: string;
        value: string;
    };
};
/**
 * A delegated capability, as JSON, beside its @context.
 * @typedef {object} CapabilityMembers
 * @property {string} id
 * @property {string} controller the DID that it was delegated to
 * @property {string} parentCapability
 * @property {string} invocationTarget
 * @property {string} expires RFC 3339
 * @property {string | string[]} [allowedAction] left out: every action of the parent's
 * @property {Proof} proof
 */
/** @typedef {CapabilityMembers & {'@context': string[]}} Capability */
/**
 * @typedef {object} Proof
 * @property {string} type
 * @property {string} [cryptosuite]
 * @property {string} created
 * @property {string} verificationMethod
 * @property {string} proofPurpose
 * @property {(string | Capability)[]} capabilityChain
 * @property {string} proofValue
 */
/**
 * One delegation of a chain. What was signed keeps its spelling.
 * @typedef {object} Link
 * @property {string} id
 * @property {string} controller
 * @property {string} controllerDid
 * @property {string} parent id
 * @property {string} target
 * @property {string} expires
 * @property {string[] | undefined} actions undefined: all
 * @property {{type: string, cryptosuite?: string, created: string, method: string, delegator: string, value: string}}
 *   proof
 */
export declare const contextZcap = "https://w3id.org/zcap/v1";
export declare const contextEd25519 = "https://w3id.org/security/suites/ed25519-2020/v1";
export declare const contextDataIntegrity = "https://w3id.org/security/data-integrity/v2";
/** Capabilities in a chain, the root included. */
export declare const maxChain = 10;
/**
 * Names the root capability of a URL.
 * @param {string} target
 */
export declare function rootId(target: string): string;
/** What is wrong with a capability, and where. */
export declare class CapabilityError extends TypeError {
    /**
     * @param {string} at the member
     * @param {string} problem which quotes nothing of it
     */
    constructor(at: string, problem: string);
}
/**
 * Reads a delegated capability and the parents embedded in it. Structure and attenuation of the whole chain are
 * checked, no signature and no date is.
 * @param {unknown} capability
 * @returns {{rootId: string, rootTarget: string, links: Link[]}} the root's child first
 * @throws {CapabilityError}
 */
export declare function readChain(capability: unknown): {
    rootId: string;
    rootTarget: string;
    links: Link[];
};
/**
 * Checks that a delegation gives nothing that what is delegated does not, and was made by its controller.
 * @param {Link | {target: string}} parent the root capability has a target only; its controller is for the server to
 *   know
 * @param {Link} link
 */
export declare function checkAttenuation(parent: Link | {
    target: string;
}, link: Link): void;
/**
 * A capability for a target is one for what is longer after / or ? too, unless it has a query of its own.
 * @param {string} base
 * @param {string} target
 */
export declare function covers(base: string, target: string): boolean;
/**
 * Checks what a delegation must fulfil by itself, and fills in the DID of its controller.
 * @param {Link} link
 * @param {string} at
 */
export declare function checkLink(link: Link, at: string): void;
/**
 * @param {unknown} value
 * @param {string} at
 */
export declare function string(value: unknown, at: string): string;
/**
 * No list means all actions, so that an empty one must not pass for none.
 * @param {unknown} value
 * @param {string} at
 * @returns {string[] | undefined}
 */
export declare function actions(value: unknown, at: string): string[] | undefined;
/**
 * Tells what can stand as it is in a header parameter and in an N-Quads literal.
 * @param {unknown} value
 * @returns {value is string}
 */
export declare function isAction(value: unknown): value is string;
/** Where in a URL the id of a capability to be revoked begins: the one place that may have escapes. */
export declare const revocations = "/zcaps/revocations/";
/**
 * Tells whether it is an absolute http or https URL in its one spelling: two spellings of a URL would be two targets.
 * @param {string} target
 */
export declare function isTarget(target: string): boolean;
