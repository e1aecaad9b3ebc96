import { ed25519 } from '@noble/curves/ed25519.js';

import { Malformed } from '../malformed';
import { formatNote, parseNote, signersOf, signText } from './note';
import {
  ED25519,
  ED25519_COSIGNATURE,
  formatVerifierKey,
  parseVerifierKey,
  verifierKey,
} from './verifier-key';

/** The example of golang.org/x/mod/sumdb/note. */
const known = {
  key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note:
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

const secret = new Uint8Array(32).fill(1);
const key = verifierKey('example.com/log', ED25519, ed25519.getPublicKey(secret));
const sign = (message: Uint8Array) => ed25519.sign(message, secret);
const text = 'one\n\ntwo\n';
const signed = formatNote({ text, signatures: [signText(text, key, sign)] });

describe('notes', () => {
  it('of others are verified', () => {
    const peter = parseVerifierKey(known.key);
    expect(formatVerifierKey(peter)).toBe(known.key);
    expect(signersOf(parseNote(known.note), [peter, key])).toEqual([peter]);
    expect(() => signersOf(parseNote(known.note.replace('know', 'knew')), [peter])).toThrow(Malformed);
  });

  it('are read as they were written, with empty lines in their text', () => {
    const note = parseNote(signed);
    expect(note.text).toBe(text);
    expect(signersOf(note, [key])).toEqual([key]);
    expect(formatNote(note)).toBe(signed);
  });

  it('keep what unknown keys signed, and ignore it', () => {
    const stranger = { ...known, signatures: parseNote(known.note).signatures };
    const both = formatNote({ text, signatures: [...stranger.signatures, ...parseNote(signed).signatures] });
    expect(signersOf(parseNote(both), [key])).toEqual([key]);
    expect(signersOf(parseNote(both), [])).toEqual([]);
  });

  it('with one right and one wrong signature of the same key are refused', () => {
    const [right] = parseNote(signed).signatures;
    if (right === undefined) throw new Error('none');
    const wrong = { ...right, signature: right.signature.map((byte) => byte ^ 1) };
    expect(() => signersOf(parseNote(formatNote({ text, signatures: [right, wrong] })), [key])).toThrow(
      Malformed,
    );
  });

  it('signed as a checkpoint do not count as cosigned', () => {
    const cosigner = verifierKey(key.name, ED25519_COSIGNATURE, key.publicKey);
    const note = formatNote({ text, signatures: [{ ...signText(text, cosigner, sign) }] });
    expect(() => signersOf(parseNote(note), [cosigner])).toThrow(Malformed);
  });

  it.each([
    ['no signature', 'text\n'],
    ['no newline at the end', signed.slice(0, -1)],
    ['a hyphen for the dash', signed.replace('\u2014', '-')],
    ['a control character', `a\tb\n${signed}`],
    ['a lone surrogate', `\ud800\n${signed}`],
    ['base64 that is not canonical', signed.replace(/.=?=\n$/, 'B=\n')],
    ['a short signature', `${text}\n\u2014 a AAAAAA==\n`],
    ['a name with a plus', `${text}\n\u2014 a+b AAAAAAAA\n`],
    ['four words', `${text}\n\u2014 a AAAAAAAA b\n`],
    ['too many signatures', `${text}\n${'\u2014 a AAAAAAAA\n'.repeat(101)}`],
    ['too much', 'a'.repeat(1_000_001)],
  ])('with %s are refused', (_, note) => {
    expect(() => parseNote(note)).toThrow(Malformed);
  });
});

describe('verifier keys', () => {
  it.each([
    ['another id', known.key.replace('c74f20a3', 'c74f20a4')],
    ['another type', 'a+00000000+AxpcAA=='],
    ['no key', 'PeterNeumann+c74f20a3'],
    ['a short key', 'a+00000000+ARpc'],
    ['a name with a space', known.key.replace('Peter', 'Peter ')],
  ])('with %s are refused', (_, text) => {
    expect(() => parseVerifierKey(text)).toThrow(Malformed);
  });
});
