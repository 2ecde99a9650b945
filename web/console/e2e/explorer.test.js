// The explorer: signed requests under the strict CSP, an example for every operation, nothing of another origin, nothing kept.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {buildSchema, parse, validate} from 'graphql';
import {Client, Identity} from '../../client/index.js';
import {calm, look as lookOnce, makeIdentity, url, visitor} from './browser.js';

const examples = JSON.parse(readFileSync(new URL('../explorer/examples.json', import.meta.url), 'utf8'));
const schema = buildSchema(readFileSync(new URL('../../../graph/schema.graphqls', import.meta.url), 'utf8'));

test('every operation has an example that is valid, with the action and scope of the schema', async () => {
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((root) => Object.values(root.getFields()));
  assert.deepEqual(examples.map(({field}) => field), fields.map(({name}) => name));
  for (const {field, query, action, scope} of examples) {
    const document = parse(query);
    assert.deepEqual(validate(schema, document), [], field);
    assert.equal(document.definitions[0].selectionSet.selections[0].name.value, field);
    const directive = fields.find(({name}) => name === field).astNode.directives[0];
    const argument = (name) => directive.arguments.find((a) => a.name.value === name)?.value.value;
    assert.equal(action, directive.name.value === 'public' ? null : argument('name'));
    assert.equal(scope, directive.name.value === 'public' ? 'PUBLIC' : argument('scope'));
  }
  // The server takes each: what it refuses is the one who asks, or what the variables name.
  const client = new Client({identity: await Identity.generate()});
  for (const {field, query, action, variables} of examples) {
    const text = JSON.stringify(variables).replaceAll('"KEYSTORE"', `"${url}/keystores/z19x1Du4Wq2y5yMe6y9AJpwsC"`).replaceAll('"DID"', `"${client.identity.did}"`);
    const error = await client.request(url + '/graphql', action ?? 'read', query, JSON.parse(text.replaceAll('"KEY"', `"${url}/keystores/z19x1Du4Wq2y5yMe6y9AJpwsC/keys/z19x1Du4Wq2y5yMe6y9AJpwsC"`))).catch((e) => e);
    assert.doesNotMatch(`${error?.message}`, /^query:|Cannot query|Unknown|cost|depth/, field);
  }
});

test('the explorer asks without an identity, signs with one, and fills in examples', async () => {
  const v = await visitor();
  const {page} = v;
  await page.goto(url + '/explorer');
  await page.getByRole('heading', {name: 'API explorer'}).waitFor();
  await page.getByText('There is no identity in this browser').waitFor();
  await ready(page);
  assert.ok((await page.getByRole('heading', {name: 'Examples'}).boundingBox()).x > 0, 'the examples do not stand open'); // GraphiQL hides things beside the page
  await page.getByRole('button', {name: /Execute query/}).click();
  await page.locator('.graphiql-response').getByText('twolock').first().waitFor();
  await look(page, 'explorer-nobody');

  // Documentation from the schema, which is public.
  await page.getByRole('button', {name: 'Show Documentation Explorer'}).click();
  await page.getByText('What can be read: metadata, never a secret.').waitFor().catch(() => page.getByText('Root Types').waitFor());
  await look(page, 'explorer-documentation');

  const {did} = await makeIdentity(page, 'Dev', '/' + new URL(process.env.TWOLOCK_ENROLMENT ?? '').hash);
  await page.getByRole('button', {name: 'Make this identity an operator'}).click();
  await page.getByText('The link has been used up.').waitFor();
  await page.getByRole('link', {name: 'API explorer'}).click();
  await page.getByRole('combobox', {name: 'Signed by'}).waitFor();
  await ready(page);

  // An example for the service, with this identity's DID in it: by keyboard. What hides and shows them says so.
  await page.locator('.graphiql-sidebar').getByText('Examples', {exact: true}).waitFor();
  for (const name of ['Hide Examples', 'Show Examples']) {
    await page.getByRole('button', {name}).focus();
    await page.keyboard.press('Enter');
  }
  await page.getByRole('heading', {name: 'Examples'}).waitFor();
  for (const {field} of examples) assert.equal(await page.locator('.examples code').getByText(field, {exact: true}).count(), 1, field);
  await look(page, 'explorer-examples');
  await page.getByLabel('Find an operation').fill('createKeystore');
  await page.locator('.examples button').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('.explorer-action').getByText('createKeystore').waitFor();
  await page.locator('.graphiql-editor-tool').getByText(did.slice(0, 20)).first().waitFor();
  await page.getByRole('button', {name: /Execute query/}).click();
  await page.locator('.graphiql-response').getByText('/keystores/z').first().waitFor();
  const answer = JSON.parse(await page.evaluate(() => document.querySelector('.graphiql-response .CodeMirror').CodeMirror.getValue()));
  const keystore = answer.data.createKeystore.keystore.id;
  assert.equal(answer.data.createKeystore.keystore.controller, did);
  await look(page, 'explorer-answer');

  // For that keystore's URL, with an action of its own.
  await page.getByLabel('URL').fill(keystore);
  await page.getByLabel('Find an operation').fill('createKey');
  await page.locator('.examples button').filter({has: page.getByText('createKey', {exact: true})}).click();
  await page.locator('.explorer-action').getByText('generateKey').waitFor();
  assert.equal(await page.getByLabel('URL').inputValue(), keystore);
  await page.getByRole('button', {name: /Execute query/}).click();
  await page.locator('.graphiql-response').getByText('/keys/z').first().waitFor();

  // Two actions at once are told before anything is sent; another origin's URL is refused.
  await page.evaluate(() => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue('query Two { status { version } generateRandom: keystore(id: "x") { id } }'));
  await page.evaluate(() => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue('mutation Two { sign(input: {key: "x", message: "x"}) { version } rotateKey(input: {key: "x"}) { key { id } } }'));
  await page.locator('.explorer-action').getByText(/two at once/).waitFor();
  await page.getByLabel('URL').fill('https://evil.example/keystores/z1');
  await page.getByText('The URL must be of this server').waitFor();
  await look(page, 'explorer-mixed');

  // Nothing that was typed is kept.
  const kept = await page.evaluate(() => ({local: {...localStorage}, session: {...sessionStorage}}));
  assert.deepEqual(kept, {local: {}, session: {}});
  // The dialogs of GraphiQL need no style of their own.
  await page.getByRole('button', {name: 'Open short keys dialog'}).click();
  await page.getByRole('dialog').waitFor();
  await look(page, 'explorer-keys');
  await page.keyboard.press('Escape');
  await calm(v);
});

/** The editors are loaded after the page. */
async function ready(page) {
  for (const editor of ['.graphiql-query-editor', '.graphiql-response', '.graphiql-editor-tool']) await page.locator(`${editor} .CodeMirror`).first().waitFor();
}

/** The editors draw their lines anew a moment after the window was resized, and axe-core stumbles over a line that is gone before it has looked at it. */
async function look(page, what) {
  for (let tries = 0; ; tries++) {
    try {
      return await lookOnce(page, what);
    } catch (error) {
      if (tries === 3 || !/Cannot read properties of undefined/.test(error.message)) throw error;
    }
  }
}
