// The workbench and the dialogs of a key, by keyboard alone: each operation once, and the same in many where it has that.

import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import test from 'node:test';
import {Client, Identity} from '../../client/index.js';
import {calm, keyOf, keystoreOf, look, makeIdentity, visitor} from './browser.js';
import {handsOf} from './hands.js';

const other = generateKeyPairSync('x25519').publicKey.export({format: 'jwk'}).x;
const material = 'AAECAwQFBgcICQoLDA0ODw';

// Of each key one row after the other: what is chosen, or the button that goes on from what came before; what is typed; the button that runs it; what then shows.
const rows = {
  AES_256_GCM: [
    ['Encrypt', {'Plaintext': 'attack at dawn', 'Additional data': 'order 66'}, 'Encrypt', 'By version 1'],
    ['Re-encrypt it', {}, 'Re-encrypt', 'From version 1 to version 1'],
    ['Decrypt it', {}, 'Decrypt', 'attack at dawn'],
    ['Wrap', {'Key to wrap': material}, 'Wrap the key', 'By version 1'],
    ['Unwrap it', {}, 'Unwrap the key', material],
    ['Data key', {'Additional data': 'file 7'}, 'Make a data key', 'The result is secret.'],
    ['Decrypt it', {}, 'Decrypt', 'The result is secret.'],
    ['many', 'Encrypt', {'Plaintext: one per line': 'alpha\nbeta'}, 'Encrypt: 2 items', '2 items done.'],
    ['Re-encrypt them', {}, 'Re-encrypt: 2 items', '2 items done.'],
    ['Decrypt them', {}, 'Decrypt: 2 items', 'beta'],
    ['Data key', {'How many': '3'}, 'Make a data key: 3 items', '3 items done.'],
  ],
  HMAC_SHA256: [
    ['MAC', {Data: 'hello'}, 'Compute the MAC', 'By version 1'],
    ['Verify it', {}, 'Verify the MAC', 'Valid: made by version 1 of this key'],
    ['many', 'MAC', {'Data: one per line': 'alpha\nbeta\n'}, 'Compute the MAC: 2 items', '2 items done.'],
    ['Verify them', {}, 'Verify the MAC: 2 items', '2 items done.'],
  ],
  X25519: [
    ['Seal', {Plaintext: 'for its eyes'}, 'Seal', 'By version 1'],
    ['Open it', {}, 'Open', 'for its eyes'],
    ['Derive secret', {'The other side’s public key': other}, 'Derive the secret', 'The result is secret.'],
    ['Derive key', {'Info': 'orders', 'Length in bytes': '16'}, 'Derive', 'The result is secret.'],
  ],
  ML_KEM_768: [
    ['Encapsulate', {}, 'Make a shared secret', 'Ciphertext'],
    ['Decapsulate it', {}, 'Get the shared secret', 'The result is secret.'],
  ],
  ED25519: [
    ['Sign', {Message: 'hello'}, 'Sign', 'By version 1'],
    ['Verify it', {}, 'Verify the signature', 'Valid: made by version 1 of this key'],
    ['many', 'Sign', {'Message: one per line': 'one\ntwo'}, 'Sign: 2 items', '2 items done.'],
    ['Verify them', {}, 'Verify the signature: 2 items', '2 items done.'],
  ],
};

test('each operation of the workbench once, alone and in many, by keyboard alone', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, name, to, back, at, heading, around} = handsOf(page);
  const {did, file} = await makeIdentity(page);
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  const client = new Client({identity: await Identity.fromFile(file)});
  const keystore = await keystoreOf(client, did, 'Bench');
  const result = page.getByRole('region', {name: 'Result'});
  const operation = ({radio, group}) => radio && group === 'What to do';
  const chosen = () => page.getByRole('group', {name: 'What to do'}).locator('input:checked').evaluate((radio) => radio.labels[0].textContent);
  const [offered, done] = [new Set(), new Set()];
  for (const [keyType, steps] of Object.entries(rows)) {
    await page.goto(await keyOf(client, keystore, {type: keyType, name: keyType}) + '/use');
    await page.getByRole('group', {name: 'What to do'}).waitFor();
    for (const label of await page.getByRole('group', {name: 'What to do'}).locator('label').allTextContents()) offered.add(label);
    let go = to;
    const choose = async (wanted) => {
      await go(operation);
      go = back;
      for (let i = 0; await name() !== wanted; i++) {
        assert.ok(i < 20, `no arrow reaches ${wanted}`);
        await press('ArrowRight');
      }
    };
    for (const step of steps) {
      const many = step[0] === 'many';
      const [how, typed, run, shows] = many ? step.slice(1) : step;
      if (/ (it|them)$/.test(how)) {
        await to(how);
        await press('Enter');
        await at('Input', `after ${how}`);
      } else {
        await choose(how);
      }
      if (many) {
        await to('Many at once');
        await press('Space');
      }
      done.add(await chosen());
      for (const [label, words] of Object.entries(typed)) {
        await to((is) => is.tag !== 'BUTTON' && is.name.replace(' (optional)', '') === label);
        await press('Control+A');
        await type(words);
      }
      await to((is) => is.tag === 'BUTTON' && is.name === run);
      await press('Enter');
      await result.getByText(shows).first().waitFor();
      await at(run, `after ${run}`);
    }
    if (keyType === 'AES_256_GCM') await around('the workbench');
    assert.equal(await page.getByRole('alert').count(), 0);
  }
  assert.deepEqual([...offered].filter((label) => !done.has(label)), [], 'offered, and not done here');

  await page.goto(keystore);
  await page.getByRole('link', {name: 'AES_256_GCM'}).waitFor();
  await to('Random bytes');
  await press('Enter');
  await heading('Random bytes');
  await to('Length in bytes');
  await press('Control+A');
  await type('24');
  await to('Draw random bytes');
  await press('Enter');
  await result.getByText('The result is secret.').waitFor();
  await calm(v);
});

test('the dialogs of a key: restricted, exported, old versions deleted, by keyboard alone', async () => {
  const v = await visitor();
  const {page} = v;
  const {press, type, to, back, at, opens, escape, savedBy, paste, around} = handsOf(page);
  const {did, file} = await makeIdentity(page);
  await page.getByRole('heading', {name: 'No keystore yet'}).waitFor();
  const client = new Client({identity: await Identity.fromFile(file)});
  const keystore = await keystoreOf(client, did, 'Dialogs');
  const key = await keyOf(client, keystore, {type: 'AES_256_GCM', name: 'old', exportable: true});
  await client.request(key, 'rotateKey', 'mutation($input: RotateKeyInput!) { rotateKey(input: $input) { key { id } } }', {input: {key}});
  await page.goto(key);
  await page.getByRole('rowheader', {name: '2 newest'}).waitFor();
  await around('the page of a key');

  await to('Restrict');
  await opens('Restrictions and rotation');
  await around('the restrictions');
  await escape('Restrict');
  await opens('Restrictions and rotation');
  await to('Unwrap keys');
  await press('Space');
  await to('Narrow for good');
  await press('Enter');
  await page.getByRole('dialog').waitFor({state: 'detached'});
  await at('Restrict', 'after it was restricted');

  await back('Export');
  await opens('Export the key');
  await to(/^Public key to encrypt to/);
  const {crv, kty, x} = generateKeyPairSync('x25519').publicKey.export({format: 'jwk'});
  await paste(JSON.stringify({crv, kty, x}));
  await to('Encrypt and export');
  await press('Enter');
  await page.getByText('Version 2, encrypted.').waitFor();
  await at('Encrypt and export', 'after it was exported');
  await to('Download Wrapped key');
  assert.match(await savedBy('Enter'), /^eyJ/);
  await around('the export');
  await escape('Export');

  // What is in use is not deleted: first it is said what is.
  await back('Delete old versions');
  await opens('Delete old versions?');
  await page.getByText('All of its versions are in use.').waitFor();
  await look(page, 'key-trim-in-use');
  await to('Close');
  await press('Enter');
  await at('Delete old versions', 'after closing');
  await back('Edit labels');
  await opens('Edit labels');
  for (const label of ['Oldest that verifies', 'Oldest that decrypts']) {
    await to(label);
    await press('Control+A');
    await type('2');
  }
  await press('Enter');
  await page.getByRole('dialog').waitFor({state: 'detached'});
  await at('Edit labels', 'after saving');
  await to('Delete old versions');
  await opens('Delete old versions?');
  await look(page, 'key-trim');
  await escape('Delete old versions');
  await opens('Delete old versions?');
  await to(/^Type “old”/);
  await type('old');
  await to('Delete old versions');
  await press('Enter');
  await page.getByRole('rowheader', {name: '1', exact: true}).waitFor({state: 'detached'});
  await at('Versions and their use', 'after the old versions were deleted'); // the button went with them
  await calm(v);
});
