// Writes examples.json: of each field of Query and Mutation an operation that asks for it, with variables, and the action and the scope that the
// schema says it takes. Run by `npm run build`.

import {getNamedType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType, parse, print, validate} from 'graphql';

const directiveOf = (field, name) => field.astNode.directives.find((directive) => directive.name.value === name);
const argumentOf = (directive, name) => directive.arguments.find((argument) => argument.name.value === name).value.value;
const required = (type, value) => isNonNullType(type) && value === undefined;

// What a name tells of a value that its type does not. KEYSTORE, KEY and DID stand for those of whoever looks at the example.
const hello = 'aGVsbG8';
const named = {
  keystore: 'KEYSTORE', key: 'KEY', sourceKey: 'KEY', destinationKey: 'KEY', fromKey: 'KEY', toKey: 'KEY', unwrappingKey: 'KEY', controller: 'DID', did: 'DID', url: 'https://vault.example/edvs/1', name: 'example', oldestVersion: 1,
  jwk: {kty: 'OKP', crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'},
  windowDays: 7, length: 32,
};
// What is left out may be, but without it there is little to see.
const shown = {
  importKey: ['jwk', 'type'], updateKey: ['name'], updateKeystore: ['name'], createKey: ['name'], createKeystore: ['name'], deriveSecret: ['publicKey'], generateRandom: ['length'],
};

export function examples(schema) {
  const all = [];
  for (const [kind, root] of [['query', schema.getQueryType()], ['mutation', schema.getMutationType()]]) {
    for (const field of Object.values(root.getFields())) all.push(example(schema, kind, field));
  }
  return all;
}

function example(schema, kind, field) {
  const directive = directiveOf(field, 'action');
  const action = directive ? argumentOf(directive, 'name') : null;
  const scope = directive ? argumentOf(directive, 'scope') : 'PUBLIC';
  const declared = [];
  const passed = [];
  const variables = {};
  for (const argument of field.args) {
    if (!isNonNullType(argument.type) && argument.name !== 'first') continue;
    declared.push(`$${argument.name}: ${argument.type}`);
    passed.push(`${argument.name}: $${argument.name}`);
    variables[argument.name] = argument.name === 'first' ? 10 : argument.name === 'id' ? (field.name === 'key' ? 'KEY' : 'KEYSTORE') : sample(argument.type, argument.name, field.name);
  }
  const name = field.name[0].toUpperCase() + field.name.slice(1);
  const head = `${kind} ${name}${declared.length > 0 ? `(${declared.join(', ')})` : ''}`;
  const document = parse(`${head} { ${field.name}${passed.length > 0 ? `(${passed.join(', ')})` : ''}${selection(getNamedType(field.type), action, scope, [], false)} }`);
  const problems = validate(schema, document);
  if (problems.length > 0) throw new Error(`${field.name}: ${problems[0].message}`);
  return {field: field.name, kind, action, scope, description: field.description, query: print(document), variables};
}

function selection(type, action, scope, above, listed) {
  if (isLeafType(type)) return '';
  const parts = [];
  for (const field of Object.values(type.getFields())) {
    const of = getNamedType(field.type);
    const own = directiveOf(field, 'action');
    const connection = of.name.endsWith('Connection');
    if (field.args.some((argument) => required(argument.type, argument.defaultValue)) || above.includes(of.name) || field.name === 'edges') continue;
    if (own && (argumentOf(own, 'name') !== action || scope === 'SERVICE' || scope === 'PUBLIC')) continue; // it takes another capability
    if ((connection || own) && (listed || above.length > 2)) continue; // it is read for each by itself
    if (isObjectType(of) && above.length > 3) continue;
    const inner = selection(of, action, scope, [...above, type.name], listed || connection);
    if (!isLeafType(of) && inner === ' {  }') continue;
    parts.push(field.name + inner);
  }
  return ` { ${parts.join(' ')} }`;
}

function sample(type, name, of) {
  if (isNonNullType(type)) return sample(type.ofType, name, of);
  if (isListType(type)) return [sample(type.ofType, name.replace(/s$/, ''), of)];
  if (name in named && !isInputObjectType(type) && !(name === 'key' && isObjectType(type))) return named[name];
  if (isEnumType(type)) return type.getValues()[0].name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => required(field.type, field.defaultValue) || shown[of]?.includes(field.name));
    return Object.fromEntries(fields.map((field) => [field.name, sample(field.type, field.name, of)]));
  }
  return {ID: 'KEY', String: 'example', Boolean: true, Int: 1, Float: 1, Long: 1, Bytes: hello, Time: '2030-01-01T00:00:00Z', Capability: {}, JWK: named.jwk}[type.name];
}
