// The workbench: each operation with each kind of input, checked against WebCrypto, and the code that it shows, run.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash, createPublicKey, verify} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'node:test';
import {fileURLToPath} from 'node:url';
import {calm, createKey, createKeystore, look, makeIdentity, saved, visitor} from './browser.js';

const shown = (page, label) => page.getByRole('region', {name: label, exact: true}).textContent();
const result = (page) => page.getByRole('region', {name: 'Result'});

test('sign and verify: text, hex, a file; the key’s own signature and no other; the code of it runs', async () => {
  const v = await visitor();
  const {page} = v;
  const {file} = await makeIdentity(page);
  const keystore = await createKeystore(page, 'Bench');
  const key = await createKey(page, keystore, 'ED25519', 'signer');
  await page.getByText('BEGIN PUBLIC KEY').waitFor();
  const pem = await shown(page, 'Public key, PEM');
  await page.getByRole('button', {name: 'Use it'}).click();
  await page.getByRole('heading', {name: /Use/}).waitFor();
  await look(page, 'use-empty');
  await page.getByRole('textbox', {name: 'Message'}).fill('héllo\nworld');
  await page.getByRole('button', {name: 'Sign', exact: true}).click();
  await result(page).getByText('By version 1').waitFor();
  const signature = await shown(page, 'Signature');
  assert.ok(verify(null, Buffer.from('héllo\nworld'), createPublicKey(pem), Buffer.from(signature, 'base64url')));
  await look(page, 'use-sign');

  // What the page shows as code is code: it runs as it stands, and says the same.
  const program = process.env.TWOLOCK_PROGRAM;
  assert.ok(program, 'TWOLOCK_PROGRAM is not set');
  const dir = mkdtempSync(join(tmpdir(), 'twolock-e2e-'));
  try {
    writeFileSync(join(dir, 'alice.json'), file, {mode: 0o600});
    const command = await shown(page, 'The same in code: Command line');
    assert.match(command, /^printf %s 'héllo\nworld' \|\ntwolock sign /);
    assert.equal(execFileSync('sh', ['-c', command.replace('twolock', `'${program}'`)], {cwd: dir, encoding: 'utf8'}), signature + '\n');

    await page.getByRole('radio', {name: 'JavaScript'}).check();
    writeFileSync(join(dir, 'sample.mjs'), await shown(page, 'The same in code: JavaScript'));
    mkdirSync(join(dir, 'node_modules'));
    symlinkSync(fileURLToPath(new URL('../../..', import.meta.url)), join(dir, 'node_modules', 'twolock'));
    assert.equal(JSON.parse(execFileSync('node', ['sample.mjs'], {cwd: dir, encoding: 'utf8'})).sign.signature, signature);

    await page.getByRole('radio', {name: 'Go', exact: true}).check();
    writeFileSync(join(dir, 'main.go'), await shown(page, 'The same in code: Go'));
    // A program of this module, in a folder that is not there.
    writeFileSync(join(dir, 'overlay.json'), JSON.stringify({Replace: {[join(process.cwd(), 'sample', 'page', 'main.go')]: join(dir, 'main.go')}}));
    execFileSync('go', ['build', '-trimpath', '-overlay', join(dir, 'overlay.json'), '-o', join(dir, 'sample'), 'twolock/web/sample/page'], {env: {...process.env, CGO_ENABLED: '0'}});
    assert.equal(JSON.parse(execFileSync(join(dir, 'sample'), {cwd: dir, encoding: 'utf8'})).sign.signature, signature);
  } finally {
    rmSync(dir, {recursive: true});
  }
  await page.getByRole('button', {name: 'Verify it'}).click();
  await page.getByRole('button', {name: 'Verify the signature'}).click();
  await page.getByText('Valid: made by version 1 of this key').waitFor();
  await look(page, 'use-valid');
  await page.getByRole('textbox', {name: 'Message'}).fill('hello');
  await page.getByRole('button', {name: 'Verify the signature'}).click();
  await page.getByText('Not valid').waitFor();
  await look(page, 'use-invalid');

  await page.getByRole('radio', {name: 'Sign', exact: true}).check();
  await page.getByRole('group', {name: 'Message: written as'}).getByRole('radio', {name: 'Hex'}).check();
  await page.getByRole('textbox', {name: 'Message'}).fill('00 ff zz');
  await page.getByText('Not hexadecimal').waitFor();
  await page.getByRole('button', {name: 'Sign', exact: true}).click();
  await page.getByText('Something above is missing or cannot be read.').waitFor();
  await page.getByRole('textbox', {name: 'Message'}).fill('00 FF');
  await page.getByRole('button', {name: 'Sign', exact: true}).click();
  await result(page).getByText('By version 1').waitFor();
  assert.ok(verify(null, Buffer.from([0, 255]), createPublicKey(pem), Buffer.from(await shown(page, 'Signature'), 'base64url')));

  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', {name: 'Use a file'}).first().click()]);
  const bytes = Buffer.from(Array.from({length: 70_000}, (_, i) => i % 251));
  await chooser.setFiles({name: 'big.bin', mimeType: 'application/octet-stream', buffer: bytes});
  await page.getByText('big.bin, 70,000 bytes').waitFor();
  await look(page, 'use-file');
  await page.getByRole('button', {name: 'Sign', exact: true}).click();
  await result(page).getByText('By version 1').waitFor();
  assert.ok(verify(null, bytes, createPublicKey(pem), Buffer.from(await shown(page, 'Signature'), 'base64url')));
  assert.equal(page.url(), key + '/use');
  await calm(v);
});

test('ECDSA: a digest, and a signature in DER', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const key = await createKey(page, await createKeystore(page, 'Bench'), 'ECDSA_P256', 'signer');
  const pem = await shown(page, 'Public key, PEM');
  await page.goto(key + '/use');
  await page.getByLabel('The message is').selectOption('DIGEST');
  await page.getByLabel('Form of the signature').selectOption('DER');
  await page.getByRole('group', {name: 'Message: written as'}).getByRole('radio', {name: 'Hex'}).check();
  await page.getByRole('textbox', {name: 'Message'}).fill(createHash('sha256').update('hello').digest('hex'));
  await page.getByRole('button', {name: 'Sign', exact: true}).click();
  await result(page).getByText('By version 1').waitFor();
  const signature = Buffer.from(await shown(page, 'Signature'), 'base64url');
  assert.ok(verify('sha256', Buffer.from('hello'), createPublicKey(pem), signature));
  await page.getByRole('button', {name: 'Verify it'}).click();
  await page.getByRole('button', {name: 'Verify the signature'}).click();
  await page.getByText('Valid: made by version 1').waitFor();
  await look(page, 'use-ecdsa');
  await calm(v);
});

for (const [type, name] of [['XAES_256_GCM', 'symmetric'], ['RSA_2048', 'RSA'], ['X25519', 'HPKE']]) {
  test(`encrypt, and decrypt again: ${name}`, async () => {
    const v = await visitor();
    const {page} = v;
    await makeIdentity(page);
    const key = await createKey(page, await createKeystore(page, 'Bench'), type, 'box');
    await page.goto(key + '/use');
    await page.getByRole('radio', {name: 'Encrypt', exact: true}).check();
    await page.getByRole('textbox', {name: 'Plaintext'}).fill('attack at dawn');
    await page.getByRole('textbox', {name: /^Additional data/}).fill('order 66');
    await page.getByRole('button', {name: 'Encrypt', exact: true}).click();
    await result(page).getByText('By version 1').waitFor();
    await look(page, `use-encrypt-${type}`);
    await page.getByRole('button', {name: 'Decrypt it'}).click();
    await page.getByRole('button', {name: 'Decrypt', exact: true}).click();
    await result(page).getByText('The result is secret').waitFor();
    assert.equal(await page.getByRole('region', {name: 'Plaintext'}).textContent(), 'attack at dawn');
    const {contents} = await saved(page, page.getByRole('button', {name: 'Save as a file'}));
    assert.equal(contents.toString(), 'attack at dawn');
    await look(page, `use-decrypt-${type}`);
    // Other additional data: refused in words.
    await page.getByRole('textbox', {name: /^Additional data/}).fill('order 67');
    await page.getByRole('button', {name: 'Decrypt', exact: true}).click();
    await page.getByRole('alert').waitFor();
    await look(page, `use-refused-${type}`);
    await calm(v);
  });
}

test('MAC, wrap and unwrap', async () => {
  const v = await visitor();
  const {page} = v;
  await makeIdentity(page);
  const keystore = await createKeystore(page, 'Bench');
  await page.goto(await createKey(page, keystore, 'HMAC_SHA256', 'mac') + '/use');
  await page.getByRole('textbox', {name: 'Data'}).fill('hello');
  await page.getByRole('button', {name: 'Compute the MAC'}).click();
  await page.getByRole('button', {name: 'Verify it'}).click();
  await page.getByRole('button', {name: 'Verify the MAC'}).click();
  await page.getByText('Valid: made by version 1').waitFor();
  await look(page, 'use-mac');
  for (const type of ['AES_256_GCM', 'ECDH_P256']) {
    await page.goto(await createKey(page, keystore, type, `wrap ${type}`) + '/use');
    await page.getByRole('radio', {name: 'Wrap', exact: true}).check();
    await page.getByRole('group', {name: 'Key to wrap: written as'}).getByRole('radio', {name: 'Hex'}).check();
    await page.getByRole('textbox', {name: 'Key to wrap'}).fill('000102030405060708090a0b0c0d0e0f');
    await page.getByRole('button', {name: 'Wrap the key'}).click();
    await page.getByRole('button', {name: 'Unwrap it'}).click();
    await page.getByRole('button', {name: 'Unwrap the key'}).click();
    await page.getByRole('region', {name: 'Unwrapped key'}).waitFor();
    assert.equal(await page.getByRole('region', {name: 'Unwrapped key'}).textContent(), 'AAECAwQFBgcICQoLDA0ODw');
    await look(page, `use-wrap-${type}`);
  }
  await calm(v);
});
