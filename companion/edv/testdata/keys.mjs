// Keys for the unmodified clients.
import {createHmac, timingSafeEqual} from 'node:crypto';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import {X25519KeyAgreementKey2020} from '@digitalbazaar/x25519-key-agreement-key-2020';

export async function newIdentity() {
  const key = await Ed25519VerificationKey2020.generate();
  key.controller = `did:key:${key.fingerprint()}`;
  key.id = `${key.controller}#${key.fingerprint()}`;
  return {did: key.controller, signer: key.signer()};
}

// readIdentity takes an exported Ed25519VerificationKey2020 key pair.
export async function readIdentity(file) {
  const key = await Ed25519VerificationKey2020.from(file);
  return {did: key.controller, signer: key.signer()};
}

export async function newKeyAgreementKey() {
  return X25519KeyAgreementKey2020.generate({id: 'urn:example:kak', controller: 'urn:example'});
}

export function hmacKey(id, secret) {
  const sign = async ({data}) => new Uint8Array(createHmac('sha256', secret).update(data).digest());
  const verify = async ({data, signature}) => timingSafeEqual(await sign({data}), signature);
  return {id, type: 'Sha256HmacKey2019', sign, verify};
}
