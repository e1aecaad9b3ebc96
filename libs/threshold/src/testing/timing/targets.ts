/** What the timing test times: the steps of the specification in which secrets are worked on (section 16). */
import { randomScalar, scalarToBytes, Q } from '../../group/scalar';
import { multiplyBase } from '../../group/point';
import { multiplyBaseEach, multiplySecretEach } from '../../group/point-batch';
import { correlationCipher, messageDigest } from '../../multiplication/correlation-hash';
import { wasmKernel } from '../../multiplication/kernel/wasm-kernel';
import { answerExtension, startExtension } from '../../multiplication/ot-extension';
import {
  multiplyAsReceiver,
  multiplyAsSender,
  parseRvoleMessage,
  rvoleMessageBytes,
  type RvoleRun,
} from '../../multiplication/rvole';
import { onlineShare } from '../../sign/online';
import { type RandomSource } from '../../random';
import { suite } from '../../suite';
import { seededRandom } from '../seeded-random';
import { copyOf, requestFor } from '../signing-harness';
import { type Target } from './welch';

const { xi } = suite(1);
/** Different inputs of each class; each is used many times. */
const POOL = 12;
/** Multipliers of one batch. */
const MULTIPLIERS = 4;

/** Base OTs whose Nabla is given. */
function baseOt(nabla: Buffer, random: RandomSource) {
  const [seeds0, seeds1] = [random(4096), random(4096)];
  const chosen = Array.from({ length: 128 }, (_, m) => {
    const bit = ((nabla[m >> 3] ?? 0) >> (m & 7)) & 1;
    return (bit ? seeds1 : seeds0).subarray(32 * m, 32 * (m + 1));
  });
  return { asSender: { nabla, seeds: Buffer.concat(chosen) }, asReceiver: { seeds0, seeds1 } };
}

/** An honest run with this Nabla and, when given, these choice bits. */
function honestRun(seed: string, nabla: Buffer, beta?: Buffer) {
  const random = seededRandom(seed);
  const base = baseOt(nabla, random);
  const context = { pairctx: random(32), receiverNonce: random(32) };
  const choices: RandomSource = (bytes) => (beta ? Buffer.from(beta.subarray(0, bytes)) : random(bytes));
  const { message, extension } = startExtension(base.asReceiver, context, xi, choices);
  const runContext = { ...context, senderNonce: random(32), messageDigest: messageDigest(message) };
  const run: RvoleRun = {
    kernel: wasmKernel,
    context: runContext,
    encrypt: correlationCipher(runContext),
    xi,
  };
  return { base, context, message, extension, run };
}

function pools<T>(make: (secretClass: 0 | 1, k: number) => T): (secretClass: 0 | 1, k: number) => T {
  const both = ([0, 1] as const).map((secretClass) =>
    Array.from({ length: POOL }, (_, k) => make(secretClass, k)),
  );
  return (secretClass, k) => {
    const input = both[secretClass]?.[k % POOL];
    if (input === undefined) throw new RangeError('empty pool');
    return input;
  };
}

const random16 = (seed: string) => seededRandom(seed)(16);

/** 5.4: Nabla of zeros against random Nablas. */
export function extensionCheck(): Target<ReturnType<typeof honestRun>> {
  const prepare = pools((secretClass, k) =>
    honestRun(`extension ${k}`, secretClass === 0 ? Buffer.alloc(16) : random16(`nabla ${k}`)),
  );
  return {
    name: '5.4 OT-extension check, Nabla zero / random',
    prepare,
    run: ({ base, context, message }) => {
      if (!answerExtension(base.asSender, context, xi, message)) throw new Error('an honest run passes');
    },
  };
}

/** 6.2 and 6.3: inputs 1 against q/2. */
export function senderStep(): Target<ReturnType<typeof senderInput>> {
  return {
    name: '6.2 multiplication sender, a_x = 1 / q/2',
    prepare: pools((secretClass, k) => senderInput(k, scalarToBytes(secretClass === 0 ? 1n : Q / 2n))),
    run: ({ run, columns, nabla, a, target }) => {
      multiplyAsSender(run, 0, columns, nabla, [a, a], target);
    },
  };
}

function senderInput(k: number, a: Buffer) {
  const { base, context, message, run } = honestRun(`sender ${k}`, random16(`nabla ${k}`));
  const columns = answerExtension(base.asSender, context, xi, message);
  if (!columns) throw new Error('an honest run passes');
  return { run, columns, nabla: base.asSender.nabla, a, target: Buffer.alloc(rvoleMessageBytes(xi)) };
}

/** 6.4 and 6.1: light against heavy choice bits. */
export function receiverStep(): Target<ReturnType<typeof receiverInput>> {
  return {
    name: '6.4 multiplication receiver, beta light / heavy',
    prepare: pools((secretClass, k) => receiverInput(k, Buffer.alloc(112, secretClass === 0 ? 0x01 : 0xfe))),
    run: ({ run, extension, message }) => {
      if (!multiplyAsReceiver(run, 0, extension.columns, extension.beta, message)) {
        throw new Error('an honest message passes');
      }
    },
  };
}

function receiverInput(k: number, beta: Buffer) {
  const nabla = random16(`nabla ${k}`);
  const { base, context, message, extension, run } = honestRun(`receiver ${k}`, nabla, beta);
  const columns = answerExtension(base.asSender, context, xi, message);
  if (!columns) throw new Error('an honest run passes');
  const bytes = Buffer.alloc(rvoleMessageBytes(xi));
  multiplyAsSender(run, 0, columns, nabla, [scalarToBytes(3n), scalarToBytes(4n)], bytes);
  const parsed = parseRvoleMessage(bytes, xi, wasmKernel);
  if (!parsed) throw new Error('an honest message is well-formed');
  return { run, extension, message: parsed };
}

/** 3, 4 and 7: multipliers of the base point that are small against random ones. */
export function baseMultiplication(): Target<readonly Buffer[]> {
  return {
    name: '4 multiples of G, secrets small / random',
    prepare: multipliers('base'),
    run: (secrets) => {
      multiplyBaseEach(secrets);
    },
  };
}

/** 4 and 7: the same for multipliers of any points. */
export function pointMultiplication(): Target<readonly Buffer[]> {
  const points = Array.from({ length: MULTIPLIERS }, (_, k) => multiplyBase(BigInt(k + 2)));
  return {
    name: '4 multiples of points, secrets small / random',
    prepare: multipliers('points'),
    run: (secrets) => {
      multiplySecretEach(points.map((point, k) => [point, secrets[k] ?? point]));
    },
  };
}

function multipliers(seed: string): (secretClass: 0 | 1, k: number) => readonly Buffer[] {
  const random = seededRandom(seed);
  return pools((secretClass) =>
    Array.from({ length: MULTIPLIERS }, (_, k) =>
      scalarToBytes(secretClass === 0 ? BigInt(k + 1) : randomScalar(random)),
    ),
  );
}

/** 8.4: presignature shares of 1 against random ones. */
export function onlineStep(): Target<ReturnType<typeof copyOf>> {
  const random = seededRandom('online');
  const R = multiplyBase(77n);
  const request = requestFor(5n, [1, 2], Buffer.alloc(32, 6), 9n);
  const scalar = (secretClass: 0 | 1) =>
    secretClass === 0 ? scalarToBytes(1n) : Buffer.concat([Buffer.of(0x7f), random(31)]);
  const pick = pools((secretClass) => ({
    presignatureId: Buffer.alloc(32, 1),
    R,
    ownNoncePoint: R,
    phi: scalar(secretClass),
    u: scalar(secretClass),
    v: scalar(secretClass),
  }));
  return {
    name: '8.4 online share, phi u v = 1 / random',
    prepare: (secretClass, k) => copyOf(pick(secretClass, k)),
    run: (presignature) => {
      onlineShare(presignature, request);
    },
  };
}

/** Deliberately leaky: a comparison that stops at the first difference. The test must find it. */
export function leakyComparison(): Target<readonly [Buffer, Buffer]> {
  const secret = seededRandom('secret')(4096);
  const random = seededRandom('guess');
  const prepare = pools((secretClass): readonly [Buffer, Buffer] => [
    secret,
    secretClass === 0 ? Buffer.from(secret) : random(4096),
  ]);
  return {
    name: 'self-test: a comparison that stops early',
    prepare,
    run: ([a, b]) => {
      for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return;
    },
  };
}
