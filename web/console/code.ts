// What was just done, as code that does it again.

import {commandOf, quote} from './command.ts';

export type Sample = {url: string; action: string; query: string; variables: Record<string, unknown>; capability: boolean};

export type Language = 'cli' | 'js' | 'go';

export function sampleOf(language: Language, sample: Sample): string {
  return {cli, js, go}[language](sample);
}

const indent = (value: string, by: string) => value.split('\n').join('\n' + by);

/** The readable command, where there is one for it. */
export const readable = ({query, variables, capability}: Sample): string | undefined =>
  commandOf(/\{\s*(\w+)/.exec(query)?.[1] ?? '', variables.input as Record<string, unknown>, capability);

function cli(sample: Sample): string {
  const {url, action, query, variables, capability} = sample;
  const lines = [
    'twolock call --identity alice.json', ...(capability ? ['  --capability capability.json'] : []), `  --url ${quote(url)}`, `  --action ${action}`,
    `  --variables ${quote(JSON.stringify(variables))}`, `  ${quote(query)}`,
  ];
  return readable(sample) ?? lines.join(' \\\n');
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
console.log(JSON.stringify(data));
`;
}

function go({url, action, query, variables, capability}: Sample): string {
  const raw = (value: string) => '`' + value.replaceAll('`', '` + "`" + `') + '`';
  return `package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"twolock/auth"
	"twolock/client"
)

func main() {
	file, err := os.ReadFile("alice.json")
	if err != nil {
		log.Fatal(err)
	}
	identity, err := auth.ParseIdentity(file)
	if err != nil {
		log.Fatal(err)
	}
${capability ? `	file, err = os.ReadFile("capability.json")
	if err != nil {
		log.Fatal(err)
	}
	capability, err := auth.ParseCapability(file)
	if err != nil {
		log.Fatal(err)
	}
` : ''}	c := &client.Client{Identity: identity${capability ? ', Capability: capability' : ''}}
	variables := json.RawMessage(${raw(JSON.stringify(variables, null, 2))})
	var data json.RawMessage
	err = c.Do(context.Background(), ${JSON.stringify(url)}, ${JSON.stringify(action)},
		${raw(query)},
		variables, &data)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(data))
}
`;
}
