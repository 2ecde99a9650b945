// What a GraphQL operation takes: the actions of the fields at its root, as the schema's directives say.

import {Kind, parse, type DocumentNode, type SelectionSetNode} from 'graphql';
import all from './examples.json';

export type Scope = 'SERVICE' | 'KEYSTORE' | 'KEY' | 'PUBLIC';
export type Example = {field: string; kind: string; action: string | null; scope: Scope; description: string; query: string; variables: Record<string, unknown>};

export const examples = all as unknown as readonly Example[];

const byField = new Map(examples.map((example) => [example.field, example]));

export type Needs = {actions: readonly string[]; scopes: readonly Scope[]};

/** undefined: the text is no operation that can be read. Public fields take no action. */
export function needsOf(query: string, operationName?: string | null): Needs | undefined {
  let document: DocumentNode;
  try {
    document = parse(query, {noLocation: true});
  } catch {
    return undefined;
  }
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const operation = operationName ? operations.find(({name}) => name?.value === operationName) : operations[0];
  if (!operation) return undefined;
  const actions = new Set<string>();
  const scopes = new Set<Scope>();
  const seen = new Set<string>();
  const walk = (set: SelectionSetNode) => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const example = byField.get(selection.name.value);
        if (example?.action) actions.add(example.action);
        if (example) scopes.add(example.scope);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = document.definitions.find((definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value);
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION) walk(fragment.selectionSet);
      }
    }
  };
  walk(operation.selectionSet);
  return {actions: [...actions], scopes: [...scopes]};
}

/** The example with what the one who looks at it has, where that is known. */
export function filled(example: Example, {keystore, key, did}: {keystore: string; key: string; did: string}): string {
  const values: Record<string, string> = {KEYSTORE: keystore, KEY: key, DID: did};
  return JSON.stringify(example.variables, (_, value: unknown) => (typeof value === 'string' && values[value]) || value, 2);
}
