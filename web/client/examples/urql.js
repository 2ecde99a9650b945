// urql with a twolock server: a keystore, a key in it, a signature. TWOLOCK_URL is the server, TWOLOCK_IDENTITY an operator's identity file.
import {readFile} from 'node:fs/promises';
import {Client, fetchExchange, gql} from '@urql/core';
import {Identity, signedFetch, toBase64url} from 'twolock';

const identity = await Identity.fromFile(await readFile(process.env.TWOLOCK_IDENTITY, 'utf8'));
const service = process.env.TWOLOCK_URL + '/graphql';

// The operations are named as the actions that the schema says for their fields, so that the name tells the action.
const createKeystore = gql`mutation createKeystore($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }`;
const createKey = gql`mutation generateKey($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }`;
const sign = gql`mutation sign($input: SignInput!) { sign(input: $input) { signature } }`;
const verify = gql`mutation verify($input: VerifyInput!) { verify(input: $input) { valid } }`;
const readKey = gql`query read($id: ID!) { key(id: $id) { type state } }`;

const client = new Client({
  url: service,
  exchanges: [fetchExchange],
  preferGetMethod: false, // signed requests are POST
  fetch: signedFetch(identity, {action: ({operationName}) => operationName}),
});

const data = (result) => {
  if (result.error) throw result.error;
  return result.data;
};

// The URL of a keystore or a key is its endpoint.
const {keystore} = data(await client.mutation(createKeystore, {input: {controller: identity.did}})).createKeystore;
const {key} = data(await client.mutation(createKey, {input: {keystore: keystore.id, type: 'ED25519'}}, {url: keystore.id})).createKey;
console.log(data(await client.query(readKey, {id: key.id}, {url: key.id})).key);

const message = toBase64url(new TextEncoder().encode('hello'));
const {signature} = data(await client.mutation(sign, {input: {key: key.id, message}}, {url: key.id})).sign;
const {valid} = data(await client.mutation(verify, {input: {key: key.id, message, signature}}, {url: key.id})).verify;
console.log(valid ? 'valid' : 'not valid');
