// Each thing that a key, or a keystore, can be used for: what it takes, in the order of the form, and what it gives. All else follows from this table.

import {encryptionAlgorithms, signatureAlgorithms, wrapAlgorithms} from '../../keytypes.ts';
import * as documents from '../../operations.ts';
import type {Algorithm, KeyOperation, Operation} from '../../operations.ts';
import type {Encoding} from '../../format.ts';

export type FieldName =
  | 'message' | 'signature' | 'plaintext' | 'ciphertext' | 'nonce' | 'aad' | 'info' | 'context' | 'data' | 'mac' | 'keyToWrap' | 'wrappedKey' | 'recipientPublicKey' | 'senderPublicKey'
  | 'publicKey' | 'salt' | 'apu' | 'apv' | 'tag' | 'epk' | 'ephemeralKey' | 'algorithm' | 'encoding' | 'messageType' | 'version' | 'length' | 'withPlaintext' | 'destinationKey'
  | 'destinationAad' | 'destinationAlgorithm' | 'destinationInfo' | 'derived' | 'type' | 'name' | 'count';

export type Document = Operation<unknown, {input: never}>;

export type Row = {
  document: Document;
  /** What a key must be for; none: it is the keystore that is used. */
  needs: readonly KeyOperation[];
  /** As in the schema's input; with a question mark what may be left out. */
  fields: readonly (FieldName | `${FieldName}?`)[];
  algorithms?: (all: readonly Algorithm[]) => Algorithm[];
  /** The fields of the answer, and how they are shown. */
  result: Readonly<Record<string, Encoding | 'json' | 'key'>>;
  secret?: true;
  /** What can be done next with the result. */
  follow?: readonly Name[];
  /** The form for many: what is in each item. A list of anything but items is of the one value itself. */
  batch?: {document: Document; list: 'items' | 'messages' | 'data'; item: readonly FieldName[]};
};

export type Name =
  | 'sign' | 'verify' | 'encrypt' | 'decrypt' | 'computeMac' | 'verifyMac' | 'wrapKey' | 'unwrapKey' | 'seal' | 'open' | 'encapsulate' | 'decapsulate' | 'deriveSecret' | 'deriveKey'
  | 'generateDataKey' | 'reencrypt' | 'generateRandom';

export const operations: Readonly<Record<Name, Row>> = {
  sign: {
    document: documents.Sign, needs: ['SIGN'], fields: ['message', 'context?', 'algorithm', 'encoding', 'messageType'], algorithms: signatureAlgorithms,
    result: {signature: 'base64url'}, follow: ['verify'], batch: {document: documents.SignBatch, list: 'messages', item: ['message']},
  },
  verify: {
    document: documents.Verify, needs: ['VERIFY'], fields: ['message', 'signature', 'context?', 'algorithm', 'encoding', 'messageType', 'version?'], algorithms: signatureAlgorithms,
    result: {}, batch: {document: documents.VerifyBatch, list: 'items', item: ['message', 'signature', 'version']},
  },
  encrypt: {
    document: documents.Encrypt, needs: ['ENCRYPT'], fields: ['plaintext', 'aad?', 'info?', 'algorithm'], algorithms: encryptionAlgorithms,
    result: {ciphertext: 'base64url', nonce: 'base64url'}, follow: ['decrypt', 'reencrypt'], batch: {document: documents.EncryptBatch, list: 'items', item: ['plaintext', 'aad']},
  },
  decrypt: {
    document: documents.Decrypt, needs: ['DECRYPT'], fields: ['ciphertext', 'nonce', 'aad?', 'info?', 'algorithm', 'version?'], algorithms: encryptionAlgorithms,
    result: {plaintext: 'text'}, secret: true, batch: {document: documents.DecryptBatch, list: 'items', item: ['ciphertext', 'nonce', 'aad', 'version']},
  },
  generateDataKey: {
    document: documents.GenerateDataKey, needs: ['ENCRYPT'], fields: ['aad?', 'info?', 'algorithm', 'length', 'withPlaintext'], algorithms: encryptionAlgorithms,
    result: {plaintext: 'base64url', ciphertext: 'base64url', nonce: 'base64url'}, secret: true, follow: ['decrypt'], batch: {document: documents.GenerateDataKeyBatch, list: 'items', item: ['aad']},
  },
  reencrypt: {
    document: documents.Reencrypt, needs: ['DECRYPT'], fields: ['ciphertext', 'nonce', 'aad?', 'info?', 'algorithm', 'destinationKey?', 'destinationAad?', 'destinationInfo?', 'destinationAlgorithm', 'version?'],
    algorithms: encryptionAlgorithms,
    result: {ciphertext: 'base64url', nonce: 'base64url'}, follow: ['decrypt'],
    batch: {document: documents.ReencryptBatch, list: 'items', item: ['ciphertext', 'nonce', 'aad', 'destinationAad', 'version']},
  },
  computeMac: {
    document: documents.ComputeMac, needs: ['COMPUTE_MAC'], fields: ['data'], result: {mac: 'base64url'}, follow: ['verifyMac'],
    batch: {document: documents.ComputeMacBatch, list: 'data', item: ['data']},
  },
  verifyMac: {
    document: documents.VerifyMac, needs: ['VERIFY_MAC'], fields: ['data', 'mac', 'version?'], result: {}, batch: {document: documents.VerifyMacBatch, list: 'items', item: ['data', 'mac', 'version']},
  },
  wrapKey: {
    document: documents.WrapKey, needs: ['WRAP_KEY'], fields: ['keyToWrap', 'recipientPublicKey?', 'apu?', 'apv?', 'tag?', 'ephemeralKey?', 'algorithm'], algorithms: wrapAlgorithms,
    result: {wrappedKey: 'base64url', epk: 'json'}, follow: ['unwrapKey'],
  },
  unwrapKey: {
    document: documents.UnwrapKey, needs: ['UNWRAP_KEY'], fields: ['wrappedKey', 'epk?', 'senderPublicKey?', 'apu?', 'apv?', 'tag?', 'algorithm', 'version?'], algorithms: wrapAlgorithms,
    result: {unwrappedKey: 'base64url'}, secret: true,
  },
  seal: {document: documents.Seal, needs: ['SEAL'], fields: ['plaintext', 'recipientPublicKey?'], result: {ciphertext: 'base64url', nonce: 'base64url'}, follow: ['open']},
  open: {document: documents.Open, needs: ['OPEN'], fields: ['ciphertext', 'nonce?', 'senderPublicKey?', 'version?'], result: {plaintext: 'text'}, secret: true},
  encapsulate: {
    document: documents.Encapsulate, needs: ['ENCAPSULATE'], fields: [], result: {sharedSecret: 'base64url', ciphertext: 'base64url'}, secret: true, follow: ['decapsulate'],
  },
  decapsulate: {document: documents.Decapsulate, needs: ['DECAPSULATE'], fields: ['ciphertext', 'version?'], result: {sharedSecret: 'base64url'}, secret: true},
  deriveSecret: {document: documents.DeriveSecret, needs: ['DERIVE_SECRET'], fields: ['publicKey', 'version?'], result: {secret: 'base64url'}, secret: true},
  deriveKey: {
    document: documents.DeriveKey, needs: ['DERIVE_KEY'], fields: ['derived', 'publicKey', 'salt?', 'info?', 'length', 'type', 'name?', 'version?'], result: {secret: 'base64url', key: 'key'}, secret: true,
  },
  generateRandom: {document: documents.GenerateRandom, needs: [], fields: ['length'], result: {bytes: 'base64url'}, secret: true},
};

export const names = Object.keys(operations) as Name[];

/** What an operation is called in the schema, which is where its answer is. */
export const fieldOf = (document: Document): string => /\{\s*(\w+)/.exec(document.text)?.[1] ?? '';
