// Writes vectors.json: requests of P-256 controllers and invokers, made and judged by the reference libraries, whose P-256 is WebCrypto's.
// Keys and signatures differ each time. To run it, install in a folder of its own, without changing package.json here:
//   ezcap http-signature-zcap-invoke http-signature-zcap-verify zcap ecdsa-multikey ecdsa-rdfc-2019-cryptosuite eddsa-rdfc-2022-cryptosuite
//   ed25519-multikey data-integrity data-integrity-context ed25519-signature-2020 ed25519-verification-key-2020 (all of @digitalbazaar)
// and run a copy of this file there: node make.mjs > vectors.json
import {readFileSync} from 'node:fs';
import jsigs from 'jsonld-signatures';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {CapabilityDelegation, createRootCapability, extendDocumentLoader} from '@digitalbazaar/zcap';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import dataIntegrityContext from '@digitalbazaar/data-integrity-context';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import {cryptosuite as ecdsa} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {signCapabilityInvocation} from '@digitalbazaar/http-signature-zcap-invoke';
import {verifyCapabilityInvocation} from '@digitalbazaar/http-signature-zcap-verify';

const now = new Date('2026-11-23T12:00:00Z');
const host = 'localhost:9443';
const keystore = `https://${host}/keystores/z19uMCiPNET4YbcPpBcab5mEE`;
const key = `${keystore}/keys/z1A9uYcmbqkFWkMEZ7rfJhhNF`;
const zcapContext = 'https://w3id.org/zcap/v1';

// The people. Their names say how they sign delegations.
const people = {};
for(const name of ['ecdsa1', 'ecdsa2', 'ecdsa3', 'ed25519a', 'ed25519b', 'eddsa']) {
  const pair = name.startsWith('ecdsa') ?
    await EcdsaMultikey.generate({curve: 'P-256'}) : await Ed25519Multikey.generate();
  pair.controller = `did:key:${pair.publicKeyMultibase}`;
  pair.id = `${pair.controller}#${pair.publicKeyMultibase}`;
  people[name] = {name, did: pair.controller, id: pair.id, pair};
  people[name].file = await pair.export({publicKey: true, secretKey: true, includeContext: true});
  // export() knows the id and controller that the pair was generated with: none.
  people[name].file.id = pair.id;
  people[name].file.controller = pair.controller;
}

function signerOf(who) {
  const signer = who.pair.signer();
  return {...signer, id: who.id, sign: o => signer.sign(o)};
}

const controllers = new Map(); // root target to DIDs
const load = extendDocumentLoader(async url => {
  if(url === 'https://w3id.org/security/data-integrity/v2') {
    return {contextUrl: null, documentUrl: url, document: dataIntegrityContext.contexts.get(url)};
  }
  if(url.startsWith('urn:zcap:root:')) {
    const invocationTarget = decodeURIComponent(url.slice('urn:zcap:root:'.length));
    const controller = controllers.get(invocationTarget);
    return {contextUrl: null, documentUrl: url, document: createRootCapability({controller, invocationTarget})};
  }
  if(url.startsWith('did:key:')) {
    return {contextUrl: null, documentUrl: url, document: await method(url)};
  }
  return jsigs.strictDocumentLoader(url);
});

const loadEd25519 = async url => {
  if(url === 'https://w3id.org/security/suites/ed25519-2020/v1') {
    const {default: context} = await import('ed25519-signature-2020-context');
    return {contextUrl: null, documentUrl: url, document: context.contexts.get(url)};
  }
  return load(url);
};

// method returns the verification method of a did:key, or its DID document.
async function method(url) {
  const [did, fragment] = url.split('#');
  const multibase = did.slice('did:key:'.length);
  const id = `${did}#${multibase}`;
  if(fragment) {
    return {'@context': 'https://w3id.org/security/multikey/v1', id, type: 'Multikey', controller: did, publicKeyMultibase: multibase};
  }
  return {'@context': 'https://www.w3.org/ns/did/v1', id: did, capabilityInvocation: [id], capabilityDelegation: [id]};
}

function suiteOf(who, date) {
  const signer = signerOf(who);
  if(who.name.startsWith('ed25519')) {
    return new Ed25519Signature2020({signer, date});
  }
  return new DataIntegrityProof({signer, date, cryptosuite: who.name === 'eddsa' ? eddsa : ecdsa});
}

// What is signed, level by level, seen where it is signed.
const levels = [];
let n = 0;

async function delegate({by, to, parent, root = keystore, target, actions, minutesAgo = 30}) {
  const capability = {
    '@context': [
      zcapContext,
      by.name.startsWith('ed25519') ? 'https://w3id.org/security/suites/ed25519-2020/v1' : 'https://w3id.org/security/data-integrity/v2'
    ],
    id: `urn:uuid:00000000-0000-4000-8000-${String(++n).padStart(12, '0')}`,
    controller: to.did,
    parentCapability: parent ? parent.id : `urn:zcap:root:${encodeURIComponent(root)}`,
    invocationTarget: target ?? parent?.invocationTarget ?? root,
    expires: parent ? parent.expires : '2026-11-23T13:00:00Z'
  };
  if(actions) {
    capability.allowedAction = actions;
  }
  const suite = suiteOf(by, new Date(now - minutesAgo * 60000));
  const sign = suite.signer.sign;
  suite.signer.sign = async ({data}) => {
    levels.push({id: capability.id, verifyDataHex: Buffer.from(data).toString('hex')});
    return sign({data});
  };
  return jsigs.sign(capability, {
    suite,
    purpose: new CapabilityDelegation({parentCapability: parent ?? capability.parentCapability}),
    documentLoader: loadEd25519
  });
}

const vectors = [];

async function vector({name, description, by, rootTarget = keystore, controller, url = key, capability, action = 'sign', json}) {
  controllers.set(rootTarget, controller);
  json ??= {query: 'mutation Op($input: SignInput!) { sign(input: $input) { __typename } }', variables: {input: {data: 'aGVsbG8gd29ybGQ'}}};
  const headers = await signCapabilityInvocation({
    url, method: 'POST', headers: {}, json,
    capability: capability ?? `urn:zcap:root:${encodeURIComponent(rootTarget)}`,
    capabilityAction: action, invocationSigner: signerOf(by), created: now
  });
  const {pathname} = new URL(url);
  const suites = [
    new Ed25519Signature2020(), new DataIntegrityProof({cryptosuite: ecdsa}), new DataIntegrityProof({cryptosuite: eddsa})
  ];
  const result = await verifyCapabilityInvocation({
    url: pathname, method: 'POST', headers, documentLoader: loadEd25519,
    getVerifier: async ({keyId}) => {
      const verificationMethod = await method(keyId);
      const pair = keyId.startsWith('did:key:zDn') ?
        await EcdsaMultikey.from(verificationMethod) : await Ed25519Multikey.from(verificationMethod);
      return {verifier: pair.verifier(), verificationMethod};
    },
    expectedHost: host, expectedAction: action, expectedTarget: url,
    expectedRootCapability: `urn:zcap:root:${encodeURIComponent(rootTarget)}`,
    suite: suites, allowTargetAttenuation: true, maxChainLength: 10, maxClockSkew: 300, now
  });
  const chain = [`urn:zcap:root:${encodeURIComponent(rootTarget)}`];
  if(capability) {
    chain.push(...capability.proof.capabilityChain.slice(1).map(c => c.id ?? c), capability.id);
  }
  const why = e => e ? [e.message, ...(e.errors ?? []).map(why), ...(e.details?.errors ?? []).map(why), e.cause && why(e.cause)].filter(Boolean).join(' | ') : null;
  vectors.push({
    name, description, verifyAt: now.toISOString(),
    server: {
      expectedHost: host, rootInvocationTarget: rootTarget, rootController: [controller].flat()[0],
      expectedTarget: url, expectedAction: action, maxClockSkewSeconds: 300, maxChainLength: 10
    },
    request: {method: 'POST', path: pathname, headers, body: JSON.stringify(json)},
    capability,
    expect: {verified: result.verified, error: why(result.error), invoker: by.did, chain}
  });
}

const {ecdsa1, ecdsa2, ecdsa3, ed25519a, ed25519b, eddsa: eddsaA} = people;

await vector({name: 'root-keystore', description: 'the P-256 controller', by: ecdsa1, controller: ecdsa1.did, url: keystore});
await vector({name: 'root-key', description: 'the P-256 controller, at a key', by: ecdsa1, controller: ecdsa1.did});
await vector({name: 'root-stranger', description: 'another P-256 key', by: ecdsa2, controller: ecdsa1.did});

const chains = {
  'ed25519-to-p256': [ed25519a, ecdsa1],
  'p256-to-ed25519': [ecdsa1, ed25519a],
  'p256-to-p256': [ecdsa1, ecdsa2],
  'eddsa-to-p256': [eddsaA, ecdsa1],
  'p256-3': [ecdsa1, ecdsa2, ecdsa3],
  'ed25519-p256-ed25519': [ed25519a, ecdsa1, ed25519b],
  'p256-ed25519-p256': [ecdsa1, ed25519a, ecdsa2],
  'p256-eddsa-p256': [ecdsa1, eddsaA, ecdsa2],
  'ed25519-p256-ed25519-p256': [ed25519a, ecdsa1, ed25519b, ecdsa2],
  'p256-p256-ed25519-eddsa-p256': [ecdsa1, ecdsa2, ed25519a, eddsaA, ecdsa3]
};
const made = {};
for(const [name, chain] of Object.entries(chains)) {
  let parent;
  let error;
  try {
    for(let i = 0; i + 1 < chain.length; i++) {
      parent = await delegate({
        by: chain[i], to: chain[i + 1], parent, actions: i ? ['sign'] : ['sign', 'verify'], target: i ? key : undefined, minutesAgo: 30 - i
      });
    }
  } catch(e) {
    error = e;
  }
  if(error) {
    console.error(name, error.message, error.details ?? '');
    continue;
  }
  made[name] = parent;
  await vector({name, description: `delegated ${chain.map(p => p.name).join(' to ')}`, by: chain.at(-1), controller: chain[0].did, capability: parent});
}

// A revocation, as the reference clients ask for it: invoking the root capability of the revocation's own URL.
const revoked = made['p256-to-ed25519'];
const url = `${keystore}/zcaps/revocations/${encodeURIComponent(revoked.id)}`;
await vector({name: 'revoke-p256', description: 'by the controller', by: ecdsa1, rootTarget: url, controller: ecdsa1.did, url, action: 'write', json: revoked});
await vector({name: 'revoke-ed25519', description: 'by the delegate', by: ed25519a, rootTarget: url, controller: ed25519a.did, url, action: 'write', json: revoked});
await vector({name: 'revoke-by-keystore', description: 'with the root capability of the keystore', by: ecdsa1, controller: ecdsa1.did, url, action: 'write', json: revoked});
const toRevoke = await delegate({by: ecdsa1, to: ecdsa2, root: url, actions: ['write']});
await vector({name: 'revoke-delegated', description: 'the right to revoke this one, delegated', by: ecdsa2, rootTarget: url, controller: ecdsa1.did, url, action: 'write', json: revoked, capability: toRevoke});

const versions = {};
for(const p of ['ezcap', 'http-signature-zcap-invoke', 'http-signature-zcap-verify', 'zcap', 'ecdsa-multikey', 'ecdsa-rdfc-2019-cryptosuite', 'data-integrity', 'ed25519-signature-2020']) {
  try {
    versions[p] = JSON.parse(readFileSync(`node_modules/@digitalbazaar/${p}/package.json`)).version;
  } catch {}
}
console.log(JSON.stringify({
  generatedWith: {...versions, node: process.version},
  keys: Object.values(people).map(p => p.file),
  levels, vectors
}, null, 2));
