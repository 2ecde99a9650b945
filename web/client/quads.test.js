import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {readChain} from './chain.js';
import {canonicalForms, signingInput} from './quads.js';
import {Dataset} from './rdfc.js';
import {vector} from './testing.js';

test('the N-Quads of every level of the recorded chains are those of the reference implementation', async () => {
  let levels = 0;
  for (const [name, forms] of Object.entries(vector('canonical-nquads'))) {
    const {rootId, links} = readChain(vector(name).capability);
    assert.equal(links.length, forms.length, name);
    for (const want of forms) {
      const chain = links.slice(0, links.findIndex(({id}) => id === want.id) + 1);
      const {options, document} = await canonicalForms(rootId, chain);
      assert.equal(options, want.proofOptions, `${name}, proof options of ${want.id}`);
      assert.equal(document, want.document, `${name}, document of ${want.id}`);
      assert.equal(Buffer.from(await signingInput(rootId, chain)).toString('hex'), want.verifyDataHex, `${name}, ${want.id}`);
      levels++;
    }
  }
  assert.equal(levels, 18);
});

test('what P-256 keys sign, alone and in chains with Ed25519 keys, is what the reference implementation makes of it', async () => {
  const {levels, vectors} = vector('../p256/vectors');
  const want = new Map(levels.map(({id, verifyDataHex}) => [id, verifyDataHex]));
  const seen = new Set();
  for (const {name, capability} of vectors.filter(({capability}) => capability)) {
    const {rootId, links} = readChain(capability);
    for (const [i, {id, proof}] of links.entries()) {
      const input = await signingInput(rootId, links.slice(0, i + 1));
      assert.equal(Buffer.from(input).toString('hex'), want.get(id), `${name}, level ${i}`);
      seen.add(proof.cryptosuite);
    }
  }
  assert.deepEqual([...seen].sort(), ['ecdsa-rdfc-2019', 'eddsa-rdfc-2022', undefined]);
});

// A quad is [subject, predicate, object, graph]: numbers of blank nodes; -1 stands for the literal "v" and for the default graph.
test('random datasets are canonicalized as by rdf-canonize', async () => {
  const known = JSON.parse(readFileSync(new URL('../../auth/internal/rdfc/testdata/rdf-canonize.json', import.meta.url), 'utf8'));
  assert.equal(known.length, 100);
  for (const {quads, canonical: want} of known) {
    const set = new Dataset();
    const nodes = Array.from({length: 10}, () => set.blank());
    for (const [s, p, o, g] of quads) set.add(nodes[s], `<http://e/${p}>`, nodes[o] ?? '"v"', nodes[g] ?? '');
    assert.equal(await set.canonical(), want);
  }
});

test('what cannot be told apart cheaply is refused in bounded time', async () => {
  const set = new Dataset();
  const nodes = Array.from({length: 12}, () => set.blank());
  for (const a of nodes) for (const b of nodes) if (a !== b) set.add(a, '<http://e/p>', b, ''); // every node looks like every other
  await assert.rejects(set.canonical(), /too intricate/);
});
