// What was just done, as code that does it again.

export type Sample = {url: string; action: string; query: string; variables: Record<string, unknown>; capability: boolean; shares: boolean};

export type Language = 'cli' | 'js' | 'go';

export function sampleOf(language: Language, sample: Sample): string {
  return {cli, js, go}[language](sample);
}

const shell = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
const indent = (value: string, by: string) => value.split('\n').join('\n' + by);

function cli({url, action, query, variables, capability}: Sample): string {
  const lines = [
    'twolock call --identity alice.json', ...(capability ? ['  --capability capability.json'] : []), `  --url ${shell(url)}`, `  --action ${action}`,
    `  --variables ${shell(JSON.stringify(variables))}`, `  ${shell(query)}`,
  ];
  return lines.join(' \\\n');
}

function js({url, action, query, variables, capability}: Sample): string {
  return `import {Client, Identity} from 'twolock';
import {readFile} from 'node:fs/promises';

const identity = await Identity.fromFile(await readFile('alice.json', 'utf8'));
${capability ? "const capability = JSON.parse(await readFile('capability.json', 'utf8'));\n" : ''}const client = new Client({identity${capability ? ', capability' : ''}});
const data = await client.request(
  ${JSON.stringify(url)},
  ${JSON.stringify(action)},
  \`${query.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\`,
  ${indent(JSON.stringify(variables, null, 2), '  ')},
);
console.log(data);
`;
}

function go({url, action, query, variables, capability}: Sample): string {
  return `file, err := os.ReadFile("alice.json")
if err != nil {
	return err
}
identity, err := auth.ParseIdentity(file)
if err != nil {
	return err
}
c := &client.Client{Identity: identity}
${capability ? `// With c.Capability: what auth.ParseCapability makes of capability.json.
` : ''}variables := json.RawMessage(\`${JSON.stringify(variables, null, 2).replaceAll('`', '` + "`" + `')}\`)
var in map[string]any
if err := json.Unmarshal(variables, &in); err != nil {
	return err
}
var data json.RawMessage
err = c.Do(ctx, ${JSON.stringify(url)}, ${JSON.stringify(action)},
	\`${query.replaceAll('`', '` + "`" + `')}\`,
	in, &data)
`;
}
