// Of each line on standard input, which names an operation of the console's workbench and gives its input, prints the code that the console shows for it.
import {createInterface} from 'node:readline';
import {runnerImport} from 'vite';

const load = async (path) => (await runnerImport(new URL(`../console/${path}`, import.meta.url).pathname, {configFile: false, logLevel: 'error'})).module;
const {sampleOf} = await load('code.ts');
const {operations, fieldOf} = await load('pages/use/operations.ts');

console.log(JSON.stringify(Object.entries(operations).flatMap(([name, {batch}]) => [name, ...(batch ? [fieldOf(batch.document)] : [])])));
for await (const line of createInterface({input: process.stdin})) {
  const {name, url, input, capability} = JSON.parse(line);
  const row = Object.values(operations).find(({document, batch}) => [document, batch?.document].some((one) => one && fieldOf(one) === name));
  const {text: query, action} = fieldOf(row.document) === name ? row.document : row.batch.document;
  const sample = {url, action, query, variables: {input}, capability};
  console.log(JSON.stringify({cli: sampleOf('cli', sample), js: sampleOf('js', sample), go: sampleOf('go', sample)}));
}
