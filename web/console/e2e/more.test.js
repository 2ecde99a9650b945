// The rest of what keys are for: boxes, shared secrets, data keys, derivation; many at once; keys restricted, taken out and brought back.

import assert from 'node:assert/strict';
import test from 'node:test';
import sodium from 'libsodium-wrappers';
import {Client, Identity} from '../../client/index.js';
import {calm, createKey, createKeystore, look, makeIdentity, saved, visitor} from './browser.js';

const shown = (page, label) => page.getByRole('region', {name: label, exact: true}).textContent();
const result = (page) => page.getByRole('region', {name: 'Result'});
const choose = (page, name) => page.getByRole('radio', {name, exact: true}).check();
const press = (page, name) => page.getByRole('button', {name, exact: true}).click();
const field = (page, name) => page.getByRole('textbox', {name, exact: true});

test('boxes, shared secrets and derived keys, as libsodium has them', async () => {
  await sodium.ready;
  const other = sodium.crypto_box_keypair();
  const toText = (bytes) => Buffer.from(bytes).toString('base64url');
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const keystore = await createKeystore(page, 'Boxes');
  const key = await createKey(page, keystore, 'X25519', 'box');
  await choose(page, 'Raw');
  const own = Buffer.from(await shown(page, 'Public key, Raw'), 'base64url');
  await page.goto(key + '/use');

  // A sealed box, to the key itself.
  await choose(page, 'Seal');
  await field(page, 'Plaintext').fill('attack at dawn');
  await press(page, 'Seal');
  await result(page).getByText('By version 1').waitFor();
  await press(page, 'Open it');
  await press(page, 'Open');
  await result(page).getByText('The result is secret').waitFor();
  assert.equal(await shown(page, 'Plaintext'), 'attack at dawn');

  // A box to somebody else, who opens it; this key cannot, and is not offered.
  await choose(page, 'Seal');
  await page.getByRole('textbox', {name: /^Recipient’s public key/}).fill(toText(other.publicKey));
  await press(page, 'Seal');
  await page.getByRole('region', {name: 'Nonce', exact: true}).waitFor();
  const [ciphertext, nonce] = [await shown(page, 'Ciphertext'), await shown(page, 'Nonce')].map((part) => Buffer.from(part, 'base64url'));
  assert.equal(Buffer.from(sodium.crypto_box_open_easy(ciphertext, nonce, own, other.privateKey)).toString(), 'attack at dawn');
  assert.equal(await page.getByRole('button', {name: 'Open it'}).count(), 0);
  await look(page, 'use-seal');

  // One from somebody else.
  const sealed = sodium.crypto_box_easy('from afar', nonce, own, other.privateKey);
  await choose(page, 'Open sealed');
  await field(page, 'Ciphertext').fill(toText(sealed));
  await page.getByRole('textbox', {name: /^Nonce/}).fill(toText(nonce));
  await page.getByRole('textbox', {name: /^Sender’s public key/}).fill(toText(other.publicKey));
  await press(page, 'Open');
  await result(page).getByText('from afar').waitFor();

  await choose(page, 'Derive secret');
  await field(page, 'The other side’s public key').fill(toText(other.publicKey));
  await press(page, 'Derive the secret');
  await page.getByRole('region', {name: 'Secret', exact: true}).waitFor();
  assert.equal(await shown(page, 'Secret'), toText(sodium.crypto_scalarmult(other.privateKey, own)));

  await choose(page, 'Derive key');
  await page.getByRole('textbox', {name: /^Info/}).fill('orders');
  await field(page, 'Length in bytes').fill('8161');
  await page.getByText('A whole number from 1 to 8,160.').waitFor();
  await field(page, 'Length in bytes').fill('16');
  await press(page, 'Derive');
  await page.getByRole('region', {name: 'Secret', exact: true}).waitFor();
  assert.equal(Buffer.from(await shown(page, 'Secret'), 'base64url').length, 16);
  await choose(page, 'A new key, kept here');
  await page.getByLabel('Type of the key').selectOption('HMAC_SHA256');
  await page.getByRole('textbox', {name: /^Name of the key/}).fill('derived');
  await press(page, 'Derive');
  await page.getByText('The key is there.').waitFor();
  await look(page, 'use-derive');
  await page.getByRole('link', {name: 'derived'}).click();
  await page.getByRole('heading', {name: 'derived', exact: true}).waitFor();

  await page.goto(await createKey(page, keystore, 'ML_KEM_768', 'kem') + '/use');
  await press(page, 'Make a shared secret');
  await page.getByRole('region', {name: 'Shared secret', exact: true}).waitFor();
  const secret = await shown(page, 'Shared secret');
  await look(page, 'use-encapsulate');
  await press(page, 'Decapsulate it');
  await press(page, 'Get the shared secret');
  await page.getByRole('region', {name: 'Shared secret', exact: true}).waitFor();
  assert.equal(await shown(page, 'Shared secret'), secret);
  await calm(v);
});

test('data keys, re-encryption, random bytes, and versions by the page', async () => {
  const v = await visitor();
  const {page} = v;
  const {file} = await makeIdentity(page);
  const keystore = await createKeystore(page, 'Envelopes');
  await createKey(page, keystore, 'AES_256_GCM', 'archive');
  const key = await createKey(page, keystore, 'XAES_256_GCM', 'wrapping');
  await press(page, 'Rotate');
  await page.getByRole('dialog').getByRole('button', {name: 'Rotate'}).click();
  await page.getByRole('rowheader', {name: '2 newest'}).waitFor();
  await page.goto(key + '/use');
  await choose(page, 'Data key');
  await page.getByRole('textbox', {name: /^Additional data/}).fill('file 7');
  await press(page, 'Make a data key');
  await page.getByRole('region', {name: 'Plaintext', exact: true}).waitFor();
  const dataKey = await shown(page, 'Plaintext');
  await look(page, 'use-datakey');
  await press(page, 'Decrypt it');
  await press(page, 'Decrypt');
  await page.getByRole('region', {name: 'Plaintext', exact: true}).waitFor();
  await page.getByRole('group', {name: 'Plaintext: Show as'}).getByRole('radio', {name: 'Base64url'}).check();
  assert.equal(await shown(page, 'Plaintext'), dataKey);
  await choose(page, 'Data key');
  await choose(page, 'Encrypted only');
  await press(page, 'Make a data key');
  await page.getByRole('region', {name: 'Ciphertext', exact: true}).waitFor();
  assert.equal(await page.getByRole('region', {name: 'Plaintext', exact: true}).count(), 0);

  await choose(page, 'Encrypt');
  await field(page, 'Plaintext').fill('kept for long');
  await press(page, 'Encrypt');
  await press(page, 'Re-encrypt it');
  await press(page, 'Re-encrypt');
  await page.getByText('From version 2 to version 2').waitFor();
  await press(page, 'Decrypt it');
  await press(page, 'Decrypt');
  await result(page).getByText('kept for long').waitFor();
  // To another key, which is another request: to the keystore.
  await choose(page, 'Re-encrypt');
  await page.getByLabel('To the key').selectOption({label: 'archive (AES_256_GCM)'});
  await press(page, 'Re-encrypt');
  await page.getByText('From version 2 to version 1').waitFor();
  assert.equal(await page.getByRole('button', {name: 'Decrypt it'}).count(), 0);
  assert.equal(await page.getByRole('region', {name: 'The exact request'}).locator('dd').first().textContent(), keystore);
  await look(page, 'use-reencrypt');
  // With another algorithm than the type's, and from one to another.
  await page.goto(await createKey(page, keystore, 'X25519', 'letters') + '/use');
  await choose(page, 'Encrypt');
  await field(page, 'Plaintext').fill('a letter');
  await page.getByRole('textbox', {name: /^Info/}).fill('post');
  await page.getByLabel('Algorithm', {exact: true}).selectOption('HPKE_AES_128_GCM');
  await press(page, 'Encrypt');
  await press(page, 'Re-encrypt it');
  await page.getByLabel('New algorithm').selectOption('HPKE_CHACHA20_POLY1305');
  await look(page, 'use-reencrypt-hpke');
  await press(page, 'Re-encrypt');
  await press(page, 'Decrypt it');
  await press(page, 'Decrypt');
  await result(page).getByText('a letter').waitFor();

  await page.goto(keystore);
  await press(page, 'Random bytes');
  await page.getByRole('heading', {name: 'Random bytes', level: 1}).waitFor();
  await field(page, 'Length in bytes').fill('24');
  await press(page, 'Draw random bytes');
  await page.getByRole('region', {name: 'Bytes', exact: true}).waitFor();
  assert.equal(Buffer.from(await shown(page, 'Bytes'), 'base64url').length, 24);
  await look(page, 'use-random');

  const client = new Client({identity: await Identity.fromFile(file)});
  for (let i = 3; i <= 21; i++) await client.request(key, 'rotateKey', 'mutation($input: RotateKeyInput!) { rotateKey(input: $input) { key { id } } }', {input: {key}});
  await page.goto(key);
  await page.getByRole('rowheader', {name: '21 newest'}).waitFor();
  await press(page, 'Next');
  await page.getByRole('rowheader', {name: '1', exact: true}).waitFor();
  assert.equal(await page.getByRole('rowheader').count(), 1);
  await press(page, 'Previous');
  await page.getByRole('rowheader', {name: '2', exact: true}).waitFor();
  await calm(v);
});

test('many at once: signed and verified by keyboard, each with its own error, saved, and bounded', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const keystore = await createKeystore(page, 'Many');
  await page.goto(await createKey(page, keystore, 'ED25519', 'signer') + '/use');
  // By keyboard alone.
  await page.getByRole('checkbox', {name: 'Many at once'}).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.type('one\ntwo\nthree');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Sign: 3 items/);
  await page.keyboard.press('Enter');
  await result(page).getByText('3 items done.').waitFor();
  await look(page, 'use-many');
  const {name, contents} = await saved(page, page.getByRole('button', {name: 'Save as CSV'}));
  assert.equal(name, 'signer-sign.csv');
  const rows = contents.toString().trimEnd().split('\r\n').map((row) => row.split(','));
  assert.deepEqual(rows[0], ['item', 'signature', 'version', 'code', 'message']);
  const json = JSON.parse((await saved(page, page.getByRole('button', {name: 'Save as JSON'}))).contents);
  assert.deepEqual(json.map(({signature}) => signature), rows.slice(1).map(([, signature]) => signature));

  await press(page, 'Verify them');
  await page.getByRole('textbox', {name: 'Message: one per line'}).fill('one\nzwei\nthree');
  await page.getByRole('button', {name: 'Verify the signature: 3 items'}).click();
  await result(page).getByText('2 items done, 1 not valid.').waitFor();
  await page.getByRole('textbox', {name: 'Message: one per line'}).fill('one\ntwo');
  await page.getByRole('button', {name: /^Verify the signature/}).click();
  await page.getByText('there are 2 of Message, 3 of Signature').waitFor();

  // As many as go, from a file; and more.
  await choose(page, 'Sign');
  const lines = (n) => ({name: 'lines.txt', mimeType: 'text/plain', buffer: Buffer.from(Array.from({length: n}, (_, i) => `message ${i}\n`).join(''))});
  const choosing = async (file) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Use a file of lines'}).click()]);
    await chooser.setFiles(file);
  };
  await choosing(lines(1000));
  await page.getByRole('button', {name: 'Sign: 1,000 items'}).click();
  await result(page).getByText('1,000 items done.').waitFor();
  await page.getByText('The first 3 of 1,000 items are shown.').waitFor();
  await press(page, 'Show all');
  assert.equal(await result(page).getByRole('rowheader').count(), 1000);
  await choosing(lines(1001));
  await page.getByRole('button', {name: 'Sign: 1,001 items'}).click();
  await page.getByText('There are 1,001 items, and at most 1,000 go at once.').waitFor();
  await look(page, 'use-many-bound');
  await choosing({name: 'wide.txt', mimeType: 'text/plain', buffer: Buffer.from(('x'.repeat(400_000) + '\n').repeat(2))});
  await page.getByRole('button', {name: 'Sign: 2 items'}).click();
  await page.getByText('the server takes 1 MiB').waitFor();

  // One that does not open does not keep the others.
  await page.goto(await createKey(page, keystore, 'XAES_256_GCM', 'box') + '/use');
  await choose(page, 'Encrypt');
  await page.getByRole('checkbox', {name: 'Many at once'}).check();
  await page.getByRole('textbox', {name: 'Plaintext: one per line'}).fill('alpha\nbeta');
  await page.getByRole('button', {name: 'Encrypt: 2 items'}).click();
  await press(page, 'Re-encrypt them');
  await page.getByRole('button', {name: 'Re-encrypt: 2 items'}).click();
  await result(page).getByText('2 items done.').waitFor();
  await press(page, 'Decrypt them');
  const ciphertexts = page.getByRole('textbox', {name: 'Ciphertext: one per line'});
  await ciphertexts.fill((await ciphertexts.inputValue()).replace(/^./, (first) => (first === 'A' ? 'B' : 'A')));
  await page.getByRole('button', {name: 'Decrypt: 2 items'}).click();
  await result(page).getByText('1 item done, 1 refused.').waitFor();
  await result(page).getByRole('cell', {name: 'beta'}).waitFor();
  await look(page, 'use-many-refused');
  // Each encoding is of all lines, and says which is wrong.
  await page.getByRole('group', {name: 'Ciphertext: written as'}).getByRole('radio', {name: 'Hex'}).check();
  await ciphertexts.fill('00\n0g');
  await page.getByText('Line 2: Not hexadecimal').waitFor();
  await choose(page, 'Data key');
  await field(page, 'How many').fill('3');
  await page.getByRole('button', {name: 'Make a data key: 3 items'}).click();
  await result(page).getByText('3 items done.').waitFor();
  await press(page, 'Decrypt them');
  await page.getByRole('button', {name: 'Decrypt: 3 items'}).click();
  await result(page).getByText('3 items done.').waitFor();

  await page.goto(await createKey(page, keystore, 'HMAC_SHA256', 'mac') + '/use');
  await page.getByRole('checkbox', {name: 'Many at once'}).check();
  await page.getByRole('textbox', {name: 'Data: one per line'}).fill('alpha\nbeta');
  await page.getByRole('button', {name: 'Compute the MAC: 2 items'}).click();
  await press(page, 'Verify them');
  await page.getByRole('button', {name: 'Verify the MAC: 2 items'}).click();
  await result(page).getByText('2 items done.').waitFor();
  await calm(v);
});

test('a key is restricted, taken out, backed up, and brought to another keystore', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const there = await createKeystore(page, 'There');
  await createKey(page, there, 'X25519', 'transport');
  await choose(page, 'JWK');
  const recipient = await shown(page, 'Public key, JWK');
  const here = await createKeystore(page, 'Here');
  await page.goto(here + '/new');
  await page.getByLabel('Type', {exact: true}).selectOption('AES_256_GCM');
  await page.getByRole('textbox', {name: /^Name/}).fill('carried');
  await page.getByText('Restrictions and rotation').click();
  await page.getByRole('checkbox', {name: 'AES_KWP'}).uncheck();
  await page.getByRole('textbox', {name: /^Longest chain/}).fill('11');
  await page.getByText('A whole number from 1 to 10.').waitFor();
  await page.getByRole('textbox', {name: /^Longest chain/}).fill('2');
  await page.getByRole('textbox', {name: /^Rotate automatically/}).fill('12');
  await page.getByLabel('Unit').selectOption('hours');
  await page.getByRole('checkbox', {name: 'Exportable: its private part may leave'}).check();
  await look(page, 'key-new-restricted');
  await press(page, 'Create the key');
  await page.getByText('AEAD, AES_KW', {exact: true}).waitFor();
  await page.getByText('Every 12 hours').waitFor();
  const key = page.url();

  await press(page, 'Restrict');
  await page.getByRole('checkbox', {name: 'Unwrap keys'}).uncheck();
  await page.getByText('It can no longer, for good: Unwrap keys.').waitFor();
  await page.getByRole('textbox', {name: /^Rotate automatically/}).fill('');
  await look(page, 'key-restrict');
  await press(page, 'Narrow for good');
  await page.getByText('Encrypt, Decrypt, Wrap keys', {exact: true}).waitFor();
  await page.getByText('By hand').waitFor();

  await press(page, 'Export');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', {name: 'Public key to encrypt to'}).fill(JSON.stringify({...JSON.parse(recipient), d: 'x'}));
  await dialog.getByText('This is a private key.').waitFor();
  await dialog.getByRole('textbox', {name: 'Public key to encrypt to'}).fill(recipient);
  await dialog.getByRole('button', {name: 'Encrypt and export'}).click();
  await dialog.getByText('Version 1, encrypted.').waitFor();
  const jwe = (await saved(page, dialog.getByRole('button', {name: 'Download Wrapped key'}))).contents.toString();
  await look(page, 'key-export');
  await dialog.getByText('A backup', {exact: true}).click();
  await dialog.getByRole('button', {name: 'Encrypt and export'}).click();
  await dialog.getByText('Up to version 1, encrypted.').waitFor();
  const backup = (await saved(page, dialog.getByRole('button', {name: 'Download A backup'}))).contents.toString();
  await page.keyboard.press('Escape');

  await page.goto(there);
  await press(page, 'Restore');
  await press(page, 'Restore the key');
  await page.getByText('Give the backup.').waitFor();
  await field(page, 'Backup').fill(backup);
  await page.getByLabel('Key that opens it').selectOption({label: 'transport (X25519)'});
  await look(page, 'key-restore');
  await press(page, 'Restore the key');
  await page.getByRole('heading', {name: 'carried', exact: true}).waitFor();
  await page.getByText('Encrypt, Decrypt, Wrap keys', {exact: true}).waitFor();
  assert.equal(page.url().split('/').at(-1), key.split('/').at(-1));

  await page.goto(there + '/import');
  await choose(page, 'Wrapped (JWE)');
  await page.getByLabel('Type', {exact: true}).selectOption('AES_256_GCM');
  await field(page, 'JWE').fill(jwe);
  await press(page, 'Import the key');
  await page.getByText('Choose the key that opens it.').waitFor();
  await page.getByLabel('Key that opens it').selectOption({label: 'transport (X25519)'});
  await page.getByRole('textbox', {name: /^Name/}).fill('imported');
  await look(page, 'key-import-wrapped');
  await press(page, 'Import the key');
  await page.getByRole('heading', {name: 'imported', exact: true}).waitFor();
  // It was not made to leave, and says so where the button would be.
  await page.getByText('No, and that cannot be changed').waitFor();
  assert.equal(await page.getByRole('button', {name: 'Export'}).count(), 0);

  // The types that a keystore may hold.
  await page.goto(here + '/settings');
  await page.getByRole('checkbox', {name: 'ED25519'}).uncheck();
  await press(page, 'Restrict the types');
  await page.getByText('Saved.').waitFor();
  await page.goto(here + '/new');
  await page.getByLabel('Type', {exact: true}).waitFor();
  assert.equal(await page.locator('option[value=ED25519]').count(), 0);
  assert.equal(await page.locator('option[value=ECDSA_P256]').count(), 1);
  await calm(v);
});
