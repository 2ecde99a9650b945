// Apollo with a twolock server: a keystore, a key in it, a signature. TWOLOCK_URL is the server, TWOLOCK_IDENTITY an operator's identity file.
import {readFile} from 'node:fs/promises';
import {ApolloClient, HttpLink, InMemoryCache, gql} from '@apollo/client/core';
import {Identity, signedFetch, toBase64url} from 'twolock';

const identity = await Identity.fromFile(await readFile(process.env.TWOLOCK_IDENTITY, 'utf8'));

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: new HttpLink({uri: process.env.TWOLOCK_URL + '/graphql', fetch: signedFetch(identity)}),
});

// The URL of a keystore or a key is its endpoint. The header tells signedFetch the action of a request; it is not sent.
const invoke = (action, uri) => ({context: {uri, headers: {'Twolock-Action': action}}});

const {data: {createKeystore: {keystore}}} = await client.mutate({
  mutation: gql`mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }`,
  variables: {input: {controller: identity.did}},
  ...invoke('createKeystore'),
});
const {data: {createKey: {key}}} = await client.mutate({
  mutation: gql`mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }`,
  variables: {input: {keystore: keystore.id, type: 'ED25519'}},
  ...invoke('generateKey', keystore.id),
});
const read = await client.query({
  query: gql`query($id: ID!) { key(id: $id) { type state } }`,
  variables: {id: key.id},
  ...invoke('read', key.id),
});
console.log(read.data.key);

const message = toBase64url(new TextEncoder().encode('hello'));
const {data: {sign: {signature}}} = await client.mutate({
  mutation: gql`mutation($input: SignInput!) { sign(input: $input) { signature } }`,
  variables: {input: {key: key.id, message}},
  ...invoke('sign', key.id),
});
const {data: {verify: {valid}}} = await client.mutate({
  mutation: gql`mutation($input: VerifyInput!) { verify(input: $input) { valid } }`,
  variables: {input: {key: key.id, message, signature}},
  ...invoke('verify', key.id),
});
console.log(valid ? 'valid' : 'not valid');
