// Writes operations.ts: of each operation in operations.graphql the text, the action that the schema asks for, and the
// types of its variables and its answer. Run by `npm run build`.

import {readFileSync, writeFileSync} from 'node:fs';
import {
  Kind, buildSchema, getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType, parse, print,
  typeFromAST, validate, visit,
} from 'graphql';
import {examples} from './explorer/examples.js';

const here = new URL('.', import.meta.url);
const read = (path) => readFileSync(new URL(path, here), 'utf8');
const schema = buildSchema(read('../../graph/schema.graphqls'));
const document = parse(read('operations.graphql'), {noLocation: true});
const problems = validate(schema, document);
if (problems.length > 0) throw new Error(problems.map(({message}) => message).join('\n'));

const scalars = {
  ID: 'string', String: 'string', Boolean: 'boolean', Int: 'number', Float: 'number', Long: 'number', Bytes: 'string', Time: 'string',
  Capability: 'Capability', JWK: 'Record<string, unknown>',
};
const enums = new Map();
const inputs = new Map();

function named(type) {
  if (isEnumType(type)) {
    enums.set(type.name, type);
    return type.name;
  }
  if (isInputObjectType(type)) {
    if (!inputs.has(type.name)) {
      inputs.set(type.name, '');
      const fields = Object.values(type.getFields()).map((field) => {
        const optional = !isNonNullType(field.type) || field.defaultValue !== undefined;
        return `  ${field.name}${optional ? '?' : ''}: ${typeOf(field.type, named)};`;
      });
      inputs.set(type.name, `export type ${type.name} = {\n${fields.join('\n')}\n};`);
    }
    return type.name;
  }
  return scalars[type.name];
}

function typeOf(type, inner, nullable = true) {
  if (isNonNullType(type)) return typeOf(type.ofType, inner, false);
  const text = isListType(type) ? list(typeOf(type.ofType, inner)) : inner(getNamedType(type));
  return nullable ? `${text} | null` : text;
}

const list = (text) => (/[ |]/.test(text) ? `(${text})[]` : `${text}[]`);

const fragments = new Map();
const operations = [];
for (const definition of document.definitions) {
  if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  else operations.push(definition);
}

function selected(set, parent, depth) {
  const pad = '  '.repeat(depth);
  const parts = [];
  const lines = [];
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      parts.push(selection.name.value);
      continue;
    }
    const field = parent.getFields()[selection.name.value];
    const inner = (type) => (isObjectType(type) ? selected(selection.selectionSet, type, depth + 1) : named(type));
    lines.push(`${pad}  ${selection.alias?.value ?? selection.name.value}: ${typeOf(field.type, inner)};`);
  }
  if (lines.length > 0) parts.push(`{\n${lines.join('\n')}\n${pad}}`);
  return parts.join(' & ');
}

const out = [
  '// Written by generate.js from operations.graphql and graph/schema.graphqls. Do not edit.',
  "import type {Capability} from '../client/index.js';",
  `/** What a request is made of. Data and Variables are types only. */
export type Operation<Data, Variables> = {
  readonly text: string;
  /** The action of the capability that is invoked; null: none is, the field is public. */
  readonly action: string | null;
  readonly types?: (variables: Variables) => Data;
};`,
];
const body = [];
for (const [name, fragment] of fragments) {
  const parent = schema.getType(fragment.typeCondition.name.value);
  body.push(`export type ${name} = ${selected(fragment.selectionSet, parent, 0)};`);
}
for (const operation of operations) {
  const root = operation.operation === 'query' ? schema.getQueryType() : schema.getMutationType();
  const used = new Set();
  const collect = (node) => visit(node, {FragmentSpread({name}) {
    if (used.has(name.value)) return;
    used.add(name.value);
    collect(fragments.get(name.value));
  }});
  collect(operation);
  const actions = new Set(operation.selectionSet.selections.map((selection) => {
    const directive = root.getFields()[selection.name.value].astNode.directives.find(({name}) => name.value === 'action');
    return directive?.arguments.find(({name}) => name.value === 'name').value.value ?? null;
  }));
  if (actions.size !== 1) throw new Error(`${operation.name.value}: its fields are for different actions`);
  const [action] = actions;
  const variables = operation.variableDefinitions.map((definition) => {
    const type = typeFromAST(schema, definition.type);
    return `${definition.variable.name.value}${isNonNullType(type) ? '' : '?'}: ${typeOf(type, named)}`;
  });
  const text = [operation, ...[...used].map((name) => fragments.get(name))].map((node) => print(node)).join('\n\n');
  body.push(`export const ${operation.name.value}: Operation<${selected(operation.selectionSet, root, 0)}, {${variables.join('; ')}}> = {
  action: ${JSON.stringify(action)},
  text: ${JSON.stringify(text)},
};`);
}
for (const [name, type] of enums) {
  const values = type.getValues().map((value) => `'${value.name}'`);
  const constant = name[0].toLowerCase() + name.slice(1) + 'Values';
  out.push(`export const ${constant} = [${values.join(', ')}] as const;\nexport type ${name} = (typeof ${constant})[number];`);
}
writeFileSync(new URL('operations.ts', here), [...out, ...inputs.values(), ...body].join('\n\n') + '\n');

writeFileSync(new URL('explorer/examples.json', here), JSON.stringify(examples(schema), null, 1) + '\n');
