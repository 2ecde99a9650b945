// Joins the shares on standard input (base64, a JSON list), splits the secret again, five shares of which three are needed, and prints both.
import {text} from 'node:stream/consumers';
import {joinShares, splitSecret} from '../client/index.js';

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const joined = joinShares(JSON.parse(await text(process.stdin)).map((share) => Uint8Array.from(Buffer.from(share, 'base64'))));
console.log(JSON.stringify({Joined: base64(joined), Shares: splitSecret(joined, 5, 3).map(base64)}));
