// The command that does what a request does, where the command line has one for it.

import {encode, fromBase64url} from './format.ts';

type Flag = string | {flag: string; as: 'text'} | {flag: string; if: unknown};
type Command = {
  name: string;
  /** The field that is read as it is, or the fields that are read as another command printed them. */
  reads?: string | readonly string[];
  flags?: Readonly<Record<string, Flag>>;
};

const text = (flag: string): Flag => ({flag, as: 'text'});
const signing = {algorithm: '--algorithm', encoding: {flag: '--der', if: 'DER'}, messageType: {flag: '--digest', if: 'DIGEST'}, context: text('--context')};
const encrypting = {algorithm: '--algorithm', aad: text('--aad'), info: text('--info')};
const wrapping = {algorithm: '--algorithm', apu: text('--apu'), apv: text('--apv'), tag: '--tag'};
const version = '--version';

/** By the field of the schema: what fills each field of its input. */
const commands: Readonly<Record<string, Command>> = {
  sign: {name: 'sign', reads: 'message', flags: signing},
  verify: {name: 'verify', reads: 'message', flags: {...signing, signature: '--signature', version}},
  encrypt: {name: 'encrypt', reads: 'plaintext', flags: encrypting},
  decrypt: {name: 'decrypt', reads: ['ciphertext', 'nonce', 'version'], flags: encrypting},
  reencrypt: {name: 'reencrypt', reads: ['ciphertext', 'nonce', 'version'], flags: {...encrypting, destinationKey: '--to', destinationAad: text('--to-aad'), destinationAlgorithm: '--to-algorithm', destinationInfo: text('--to-info')}},
  generateDataKey: {name: 'data-key', flags: {...encrypting, length: '--length', withPlaintext: {flag: '--without-plaintext', if: false}}},
  computeMac: {name: 'mac', reads: 'data'},
  verifyMac: {name: 'verify-mac', reads: 'data', flags: {mac: '--mac', version}},
  wrapKey: {name: 'wrap', reads: 'keyToWrap', flags: {...wrapping, recipientPublicKey: '--recipient-key'}},
  unwrapKey: {name: 'unwrap', reads: ['wrappedKey', 'epk', 'version'], flags: {...wrapping, senderPublicKey: '--sender-key'}},
  seal: {name: 'seal', reads: 'plaintext', flags: {recipientPublicKey: '--recipient-key'}},
  open: {name: 'open', reads: ['ciphertext', 'nonce', 'version'], flags: {senderPublicKey: '--sender-key'}},
  encapsulate: {name: 'encapsulate'},
  decapsulate: {name: 'decapsulate', reads: ['ciphertext', 'version']},
  deriveSecret: {name: 'agree', flags: {publicKey: '--public-key', version}},
  deriveKey: {name: 'derive', flags: {publicKey: '--public-key', salt: text('--salt'), info: text('--info'), length: '--length', type: '--type', name: '--name', version}},
  generateRandom: {name: 'random', flags: {length: '--length'}},
};

export const quote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** undefined: there is none, or the input has what it does not take, such as bytes that are no text. */
export function commandOf(field: string, {key, keystore, ...input}: Readonly<Record<string, unknown>>, capability: boolean): string | undefined {
  const command = commands[field];
  if (!command) return undefined;
  const subject = key === undefined ? `--keystore ${quote(String(keystore))}` : `--key ${quote(String(key))}`;
  const lines = [`twolock ${command.name} --identity alice.json`, ...(capability ? ['  --capability capability.json'] : []), `  ${subject}`];
  const listed = typeof command.reads === 'object' ? command.reads : [];
  const printed: Record<string, unknown> = {};
  let read = command.reads === undefined ? undefined : '';
  for (const [name, value] of Object.entries(input)) {
    const flag = command.flags?.[name];
    if (value === undefined) continue;
    if (name === command.reads) {
      read = plain(value);
      if (read === undefined) return undefined;
    } else if (listed.includes(name)) printed[name] = value;
    else if (flag === undefined) return undefined;
    else if (typeof flag === 'string') lines.push(`  ${flag} ${quote(String(value))}`);
    else if ('if' in flag) lines.push(...(value === flag.if ? [`  ${flag.flag}`] : []));
    else {
      const words = plain(value);
      if (words === undefined) return undefined;
      lines.push(`  ${flag.flag} ${quote(words)}`);
    }
  }
  if (listed.length > 0) read = JSON.stringify(printed);
  return (read === undefined ? '' : `printf %s ${quote(read)} |\n`) + lines.join(' \\\n');
}

/** Bytes as text that a terminal takes as it is; undefined: they are none. */
function plain(value: unknown): string | undefined {
  const text = encode(fromBase64url(String(value)), 'text');
  return text === undefined || /[^\P{C}\n\t]/u.test(text) ? undefined : text;
}
