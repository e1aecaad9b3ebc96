import { ed25519 } from '@noble/curves/ed25519.js';

import { Malformed } from '../malformed';
import { Frontier } from '../merkle/frontier';
import { type Hash, leafHash } from '../merkle/hashes';
import { type NodeId } from '../merkle/nodes';
import { proveInclusion } from '../merkle/prove';
import { formatNote, parseNote } from '../note/note';
import { ED25519, ED25519_COSIGNATURE, verifierKey } from '../note/verifier-key';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint';
import { cosign, cosignersOf } from './cosignature';
import { formatProofBundle, parseProofBundle, verifyProofBundle } from './proof-bundle';

const secretOf = (n: number) => new Uint8Array(32).fill(n);
const signWith = (n: number) => (message: Uint8Array) => ed25519.sign(message, secretOf(n));
const logKey = verifierKey('example.com/log', ED25519, ed25519.getPublicKey(secretOf(1)));
const witness = verifierKey('witness.example/w1', ED25519_COSIGNATURE, ed25519.getPublicKey(secretOf(2)));
const other = verifierKey('witness.example/w2', ED25519_COSIGNATURE, ed25519.getPublicKey(secretOf(3)));
const checkpoint = { origin: logKey.name, size: 7, root: leafHash(Buffer.from('root')) };
const signed = signCheckpoint(checkpoint, logKey, signWith(1));

describe('a checkpoint', () => {
  it('reads as the specification shows', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const { origin, size } = parseCheckpoint(text);
    expect([origin, size]).toEqual(['example.com/behind-the-sofa', 20_852_163]);
    expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
    expect(parseCheckpoint(`${text}extension\n`).size).toBe(20_852_163);
  });

  it('is opened with the key of its log only', () => {
    expect(openCheckpoint(signed, logKey).checkpoint).toEqual(checkpoint);
    const impostor = verifierKey(logKey.name, ED25519, ed25519.getPublicKey(secretOf(9)));
    expect(() => openCheckpoint(signed, impostor)).toThrow('not signed by example.com/log');
    expect(() => openCheckpoint(signed.replace('\n7\n', '\n8\n'), logKey)).toThrow(Malformed);
  });

  it('of another log is refused, though the key is right', () => {
    const foreign = signCheckpoint({ ...checkpoint, origin: 'example.com/other' }, logKey, signWith(1));
    expect(() => openCheckpoint(foreign, logKey)).toThrow('not of example.com/log');
  });

  it.each([
    ['a padded size', '07'],
    ['a negative size', '-7'],
    ['a size beyond 2^53', '9007199254740992'],
  ])('with %s is refused', (_, size) => {
    expect(() => parseCheckpoint(formatCheckpoint(checkpoint).replace('\n7\n', `\n${size}\n`))).toThrow(
      Malformed,
    );
  });

  it.each([
    ['a short root', 'a\n1\nAAAA\n'],
    ['no root', 'a\n1\n'],
    ['no last newline', formatCheckpoint(checkpoint).slice(0, -1)],
    ['an empty extension line', `${formatCheckpoint(checkpoint)}\nmore\n`],
  ])('with %s is refused', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(Malformed);
  });
});

describe('a cosignature', () => {
  const { note } = openCheckpoint(signed, logKey);
  const cosigned = (time: number) =>
    parseNote(
      formatNote({
        ...note,
        signatures: [...note.signatures, cosign(note.text, witness, time, signWith(2))],
      }),
    );

  it('is found among the signatures, and the log stays signed', () => {
    expect(cosignersOf(cosigned(1_679_315_147), [witness, other])).toEqual([witness]);
    expect(openCheckpoint(formatNote(cosigned(1)), logKey).checkpoint).toEqual(checkpoint);
  });

  it('holds for its time only', () => {
    const later = cosigned(1_679_315_147);
    for (const signature of later.signatures.slice(1)) signature.signature[7] = 0;
    expect(() => cosignersOf(later, [witness])).toThrow(Malformed);
  });
});

describe('a proof bundle', () => {
  const leaves = Array.from({ length: 7 }, (_, i) => Buffer.from(`leaf ${i}`));
  const nodes = new Map<string, Hash>();
  const frontier = Frontier.empty();
  for (const leaf of leaves)
    for (const { level, index, hash } of frontier.append(leafHash(leaf)))
      nodes.set(`${level}/${index}`, hash);
  const read = async (wanted: readonly NodeId[]) =>
    wanted.map(({ level, index }) => nodes.get(`${level}/${index}`) ?? new Uint8Array());
  const head = signCheckpoint({ origin: logKey.name, size: 7, root: frontier.root() }, logKey, signWith(1));
  const bundleOf = async (index: number) =>
    formatProofBundle({ index, hashes: await proveInclusion(read, index, 7), checkpoint: head });

  it('proves each leaf with the key alone', async () => {
    for (const [index, leaf] of leaves.entries()) {
      const proved = verifyProofBundle(await bundleOf(index), leaf, logKey, [witness]);
      expect([proved.index, proved.checkpoint.size, proved.cosigners]).toEqual([index, 7, []]);
    }
  });

  it('proves no other leaf, place, log or checkpoint', async () => {
    const bundle = await bundleOf(3);
    const leaf = leaves[3] ?? Buffer.of();
    expect(() => verifyProofBundle(bundle, Buffer.from('leaf 4'), logKey)).toThrow(
      'does not lead from leaf 3',
    );
    expect(() => verifyProofBundle(bundle.replace('index 3', 'index 4'), leaf, logKey)).toThrow(Malformed);
    expect(() => verifyProofBundle(bundle, leaf, { ...logKey, name: 'example.com/x' })).toThrow(
      'not signed by',
    );
    expect(() => verifyProofBundle(bundle.replace('\n7\n', '\n6\n'), leaf, logKey)).toThrow('signature');
  });

  it('is read as it was written, with extra data', async () => {
    const bundle = { ...parseProofBundle(await bundleOf(0)), extra: Buffer.from('context') };
    const again = parseProofBundle(formatProofBundle(bundle));
    expect(Buffer.from(again.extra ?? []).toString()).toBe('context');
    expect(verifyProofBundle(formatProofBundle(bundle), leaves[0] ?? Buffer.of(), logKey).index).toBe(0);
  });

  it.each([
    ['no checkpoint', 'c2sp.org/tlog-proof@v1\nindex 0\n'],
    ['another header', 'c2sp.org/tlog-proof@v2\nindex 0\n\nx'],
    ['no index', 'c2sp.org/tlog-proof@v1\nextra AA==\n\nx'],
    ['a padded index', 'c2sp.org/tlog-proof@v1\nindex 00\n\nx'],
    ['a short hash', 'c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx'],
    ['extra data that is not base64', 'c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx'],
    ['too many hashes', `c2sp.org/tlog-proof@v1\nindex 0\n${'AAAA\n'.repeat(65)}\nx`],
  ])('with %s is refused', (_, text) => {
    expect(() => parseProofBundle(text)).toThrow(Malformed);
  });
});
