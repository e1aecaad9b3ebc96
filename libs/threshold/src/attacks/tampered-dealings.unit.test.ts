/**
 * Key generation, reshare and pair re-key with one dishonest participant (specification sections 3, 9, 13 and 16): which
 * check finds a change of which field, and whom it names. What must hold of every run is in testing/adversary.ts.
 */
import { groupOf, type SchnorrSuiteId } from '../suite';
import { type MessageMap } from '../testing/field-tampering';
import { fieldTests } from '../testing/field-tests';
import {
  ecdsaReshareScene,
  keygenScene,
  rekeyScene,
  schnorrKeygenScene,
  schnorrReshareScene,
} from '../testing/scenes';

/** Key generation of three parties with a polynomial of two coefficients; party 2 sends. */
function keygenMaps(suite: SchnorrSuiteId): MessageMap[] {
  const point = groupOf(suite).pointBytes;
  const view = 'AGREE keygen.r2.ssid';
  const opened = { flip: 'IDENT keygen.r2.point | IDENT keygen.r2.com', zero: 'IDENT keygen.r2.point' };
  const dealtKey = { flip: 'IDENT keygen.r3.point | IDENT keygen.r3.share', zero: 'IDENT keygen.r3.point' };
  return [
    {
      round: 1,
      to: 'all',
      fields: [
        { name: 'nu', bytes: 32, flip: view },
        { name: 'xk', bytes: 32, flip: view, zero: 'IDENT session.xk' },
        { name: 'com', bytes: 32, flip: view },
        ...[1, 3].map((dealer) => ({
          name: `EK for party ${dealer}`,
          bytes: point,
          flip: `IDENT keygen.r1.point | ${view}`,
          zero: 'IDENT keygen.r1.point',
        })),
      ],
    },
    {
      round: 2,
      to: 'all',
      fields: [
        { name: 'ssid', bytes: 32, flip: view },
        { name: 'A_0', bytes: point, ...opened },
        { name: 'A_1', bytes: point, ...opened },
        { name: 'ccom', bytes: 32, flip: 'IDENT keygen.r2.com' },
        { name: 'salt', bytes: 32, flip: 'IDENT keygen.r2.com' },
        { name: 'K of the PoK', bytes: point, flip: 'IDENT keygen.r2.pok' },
        { name: 'z of the PoK', bytes: 32, flip: 'IDENT keygen.r2.pok' },
      ],
    },
    {
      round: 3,
      to: 'all',
      fields: [
        { name: 'D2', bytes: 32, flip: 'AGREE keygen.r3.echo' },
        { name: 'cc', bytes: 32, flip: 'IDENT keygen.r3.chain-code' },
        { name: "salt'", bytes: 32, flip: 'IDENT keygen.r3.chain-code' },
        { name: 'E for party 1', bytes: point, ...dealtKey, victim: 1 },
        { name: 'ct for party 1', bytes: 32, flip: 'IDENT keygen.r3.share', victim: 1 },
        { name: 'E for party 3', bytes: point, ...dealtKey, victim: 3 },
        { name: 'ct for party 3', bytes: 32, flip: 'IDENT keygen.r3.share', victim: 3 },
      ],
    },
    {
      round: 4,
      to: 'all',
      fields: [
        { name: 'kind', bytes: 1, flip: 'IDENT keygen.r4.form' },
        { name: 'digest', bytes: 32, flip: 'AGREE keygen.r4.confirmation' },
      ],
    },
  ];
}

/** Reshare to a polynomial of three coefficients; party 2, of O and N, sends. Parties 3 and 4 are the others of N. */
function reshareMaps(suite: SchnorrSuiteId): MessageMap[] {
  const point = groupOf(suite).pointBytes;
  const view = 'AGREE reshare.r2.ssid';
  const opened = { flip: 'IDENT reshare.r2.point | IDENT reshare.r2.com', zero: 'IDENT reshare.r2.point' };
  const dealtKey = {
    flip: 'IDENT reshare.r3.point | IDENT reshare.r3.share',
    zero: 'IDENT reshare.r3.point',
  };
  return [
    {
      round: 1,
      to: 'all',
      fields: [
        { name: 'com', bytes: 32, flip: view },
        { name: 'nu', bytes: 32, flip: view },
        { name: 'xk', bytes: 32, flip: view, zero: 'IDENT session.xk' },
        ...[1, 3].map((dealer) => ({
          name: `EK for party ${dealer}`,
          bytes: point,
          flip: `IDENT reshare.r1.point | ${view}`,
          zero: 'IDENT reshare.r1.point',
        })),
      ],
    },
    {
      round: 2,
      to: 'all',
      fields: [
        { name: 'ssid', bytes: 32, flip: view },
        { name: 'A_0', bytes: point, ...opened },
        { name: 'A_1', bytes: point, ...opened },
        { name: 'A_2', bytes: point, ...opened },
        { name: 'salt', bytes: 32, flip: 'IDENT reshare.r2.com' },
      ],
    },
    {
      round: 3,
      to: 'all',
      fields: [
        { name: 'D2', bytes: 32, flip: 'AGREE reshare.r3.echo' },
        { name: 'E for party 3', bytes: point, ...dealtKey, victim: 3 },
        { name: 'ct for party 3', bytes: 32, flip: 'IDENT reshare.r3.share', victim: 3 },
        { name: 'E for party 4', bytes: point, ...dealtKey, victim: 4 },
        { name: 'ct for party 4', bytes: 32, flip: 'IDENT reshare.r3.share', victim: 4 },
      ],
    },
    {
      round: 4,
      to: 'all',
      fields: [
        { name: 'kind', bytes: 1, flip: 'IDENT reshare.r4.form' },
        { name: 'digest', bytes: 32, flip: 'AGREE reshare.r4.confirmation' },
      ],
    },
  ];
}

/**
 * The direct messages of a base OT. Nothing in key generation and reshare finds another valid point, nor another
 * contribution: the health check does. A re-key compares both messages, which costs nothing among two.
 */
function baseOtMaps(name: string, silent: string): MessageMap[] {
  const pointOf = (round: number) => ({
    flip: `IDENT-P ${name}.r${round}.base-ot | ${silent}`,
    zero: `IDENT-P ${name}.r${round}.base-ot`,
    copy: `IDENT-P ${name}.r${round}.base-ot | ${silent}`,
  });
  const points = (round: number) => ({ name: 'points', bytes: 256 * 33, ...pointOf(round) });
  return [
    { round: 2, to: 'each', fields: [points(2)] },
    { round: 3, to: 'each', fields: [points(3), { name: 'zero contribution', bytes: 32, flip: silent }] },
  ];
}

const rekeyMaps: MessageMap[] = [
  {
    round: 1,
    to: 'all',
    fields: [
      { name: 'nu', bytes: 32, flip: 'AGREE rekey.r2.rsid' },
      { name: 'xk', bytes: 32, flip: 'AGREE rekey.r2.rsid', zero: 'IDENT session.xk' },
    ],
  },
  { round: 2, to: 'all', fields: [{ name: 'rsid', bytes: 32, flip: 'AGREE rekey.r2.rsid' }] },
  { round: 3, to: 'all', fields: [{ name: 'rsid', bytes: 32, flip: 'AGREE rekey.r3.rsid' }] },
  ...baseOtMaps('rekey', 'AGREE rekey.r4.confirmation'),
  {
    round: 4,
    to: 'all',
    fields: [
      { name: 'kind', bytes: 1, flip: 'IDENT rekey.r4.form' },
      { name: 'digest', bytes: 32, flip: 'AGREE rekey.r4.confirmation' },
    ],
  },
];

for (const suite of [3, 4] as const) {
  fieldTests(schnorrKeygenScene(suite), keygenMaps(suite), 2 * 4);
  fieldTests(schnorrReshareScene(suite), reshareMaps(suite), 4);
}
fieldTests(keygenScene(), baseOtMaps('keygen', 'result'), 4);
// base OTs take long
const some = ({ what }: { readonly what: string }) => /^bit of byte 0|^zeros/.test(what);
fieldTests(ecdsaReshareScene(), baseOtMaps('reshare', 'result'), 2, some);
fieldTests(rekeyScene(), rekeyMaps, 1, some);
