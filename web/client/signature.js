// HTTP signatures that invoke capabilities (draft-cavage-http-signatures-12 with the ZCAP clients' additions).

import {concat, sha256, toBase64, toBase64url} from './bytes.js';
import {CapabilityError, covers, isAction, readChain, rootId} from './chain.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./chain.js').Capability} Capability */
/** @typedef {import('./identity.js').Signer} Signer */

/** @typedef {Record<'Authorization' | 'Capability-Invocation' | 'Content-Type' | 'Digest', string>} SignedHeaders */

// How long a signature is good for, in seconds, and how much of a header a server takes.
const lifetime = 600;
const maxHeader = 8192;

/**
 * The URL whose root capability is invoked at a URL: for what is in a keystore, the keystore's.
 * @param {string} url
 */
export function rootTargetOf(url) {
  return /^(.*\/keystores\/[^/?]+)\/(?:keys|zcaps\/revocations)\/[^/?]+$/.exec(url)?.[1] ?? url;
}

/**
 * Signs a POST request with a JSON body that is about to be sent to a URL. The headers go with it as they are, and
 * nothing of it may change: URL, body, Content-Type. The signature is good for ten minutes.
 *
 * @param {object} options
 * @param {string | URL} options.url
 * @param {string | Bytes} options.body what will be sent, to the byte
 * @param {Signer} options.identity
 * @param {Capability} [options.capability] the delegated capability that is invoked
 * @param {string} [options.rootTarget] without capability: the URL whose root capability is invoked; left out: that
 *   of the keystore or service of the URL
 * @param {string} options.action as in a capability's allowedAction
 * @param {Date} [options.now] the clock
 * @returns {Promise<SignedHeaders>}
 * @throws {TypeError} for what a server would refuse
 */
export async function signRequest({url, body, identity, capability, rootTarget, action, now = new Date()}) {
  const {href, host, pathname, search, hash, username, password} = new URL(url);
  if (search || hash || username || password) throw new TypeError('url: must have no query, fragment or user');
  if (!isAction(action)) {
    throw new TypeError('action: must be 1 to 64 printable ASCII characters without quotes and backslashes');
  }
  const created = Math.floor(now.getTime() / 1000);
  if (!(created > 0)) throw new TypeError('now: must be a Date');
  const expires = created + lifetime;
  const invocation = capability
    ? `zcap capability="${await zipped(capability, identity, href)}",action="${action}"`
    : `zcap id="${rootId(rootTarget ?? rootTargetOf(href))}",action="${action}"`;
  if (invocation.length > maxHeader) throw new CapabilityError('capability', 'is too long for a header');
  const contentType = 'application/json';
  const digest = await bodyDigest(typeof body === 'string' ? new TextEncoder().encode(body) : body);
  const covered = [
    ['(key-id)', identity.keyId],
    ['(created)', created],
    ['(expires)', expires],
    ['(request-target)', `post ${pathname}`],
    ['host', host],
    ['capability-invocation', invocation],
    ['content-type', contentType],
    ['digest', digest],
  ];
  const text = covered.map(([name, value]) => `${name}: ${value}`).join('\n');
  const signature = toBase64(await identity.sign(new TextEncoder().encode(text)));
  return {
    'Authorization': `Signature keyId="${identity.keyId}",headers="${covered.map(([name]) => name).join(' ')}",`
      + `signature="${signature}",created="${created}",expires="${expires}"`,
    'Capability-Invocation': invocation,
    'Content-Type': contentType,
    'Digest': digest,
  };
}

/**
 * base64url of gzip of the capability, if the identity can invoke it at the URL.
 * @param {Capability} capability
 * @param {Signer} identity
 * @param {string} url
 */
async function zipped(capability, identity, url) {
  const {links} = readChain(capability);
  const {controllerDid, target} = links[links.length - 1];
  if (controllerDid !== identity.did) {
    throw new CapabilityError('capability', 'was delegated to another DID than that of the identity');
  }
  if (!covers(target, url)) throw new CapabilityError('capability', 'its invocationTarget does not cover the URL');
  const stream = new Blob([JSON.stringify(capability)]).stream().pipeThrough(new CompressionStream('gzip'));
  return toBase64url(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/**
 * The multihash (sha2-256, 32 bytes) of the body in multibase base64url.
 * @param {Bytes} body
 */
async function bodyDigest(body) {
  return 'mh=u' + toBase64url(concat(Uint8Array.of(0x12, 0x20), await sha256(body)));
}
