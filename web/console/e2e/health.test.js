// What the overview says when AWS KMS, the Auth server and a vault are gone: not by answers made up, but with those that the server talks to switched off.

import assert from 'node:assert/strict';
import test from 'node:test';
import {Client, Identity, delegate, signRequest} from '../../client/index.js';
import {calm, look, url, visitor} from './browser.js';

const service = url + '/graphql';
const vaults = process.env.TWOLOCK_VAULTS_URL ?? '';

test('a lock, the Auth server and a vault that are gone', async () => {
  // An operator with a keystore in a vault: nobody has looked at the overview yet, so the first look finds what is gone.
  const v = await visitor();
  const {page} = v;
  await page.goto(url);
  await page.getByLabel('A name for it').first().fill('Op');
  await page.getByRole('button', {name: 'Make my identity'}).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Save the recovery file'}).click()]);
  const identity = await Identity.fromFile(await (await import('node:fs/promises')).readFile(await download.path(), 'utf8'));
  await page.getByRole('button', {name: 'Continue', exact: true}).click();
  const client = new Client({identity});
  const token = new URL(process.env.TWOLOCK_ENROLMENT ?? '').hash.replace('#enrol=', '');
  await client.request(service, 'enrolOperator', 'mutation($input: EnrolOperatorInput!) { enrolOperator(input: $input) { operator } }', {input: {token}});
  const body = JSON.stringify({
    sequence: 0, controller: identity.did, keyAgreementKey: {id: identity.did + '#kak', type: 'X25519KeyAgreementKey2020'}, hmac: {id: 'urn:hmac:1', type: 'Sha256HmacKey2019'},
  });
  const made = await fetch(vaults + '/edvs', {method: 'POST', body, headers: await signRequest({url: vaults + '/edvs', body, identity, rootTarget: vaults + '/edvs', action: 'write'})});
  const vault = made.headers.get('Location');
  const {service: {did}} = await client.request(service, 'read', '{ service { did } }');
  const capability = await delegate({identity, rootTarget: vault, target: vault + '/documents', controller: did, actions: ['read', 'write'], expires: new Date(Date.now() + 3_600_000)});
  const {createKeystore: {keystore: {id}}} = await client.request(service, 'createKeystore', 'mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }', {
    input: {controller: identity.did, name: 'Vaulted', vault: {url: vault, capability}},
  });
  const {createKey: {key}} = await client.request(id, 'generateKey', 'mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }', {input: {keystore: id, type: 'ED25519'}});

  await fetch(process.env.TWOLOCK_AWAY_URL ?? '');
  const sign = client.request(key.id, 'sign', 'mutation($input: SignInput!) { sign(input: $input) { version } }', {input: {key: key.id, message: 'aGk'}});
  await assert.rejects(sign, {code: 'UPSTREAM_UNAVAILABLE', upstream: 'vault'});

  await page.goto(url + '/service');
  const row = (name) => page.getByRole('row', {name});
  await row(/Server lock aws-kms/).getByText('Fails').waitFor({timeout: 20_000});
  await row(/Auth server/).getByText('Fails').waitFor({timeout: 20_000});
  await row(/Server lock local/).getByText('Opens').waitFor();
  await row(/^Database/).getByText('Takes writes').waitFor();
  await row(/^Vaults/).getByText(/requests failed in the last hour/).waitFor();
  for (const name of [/Server lock aws-kms/, /Auth server/]) assert.match(await row(name).locator('td').first().textContent() ?? '', /^Fails \S.{5,}/, 'no word of why');
  await page.getByRole('row', {name: /UPSTREAM_UNAVAILABLE/}).first().waitFor();
  await look(page, 'service-overview-away');

  // The controller learns the same in words.
  await page.goto(id);
  await page.getByText('The vault, which keeps the keys').waitFor({timeout: 20_000});
  await look(page, 'keystore-vault-away');
  await calm(v);
});
