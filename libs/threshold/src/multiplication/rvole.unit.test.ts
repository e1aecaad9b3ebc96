import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { cheatInRows, openRun } from '../testing/multiplication-run';
import { gadget } from './gadget';
import { bigintKernel } from './kernel/bigint-kernel';
import { wasmKernel } from './kernel/wasm-kernel';
import { bitMask, viewOf } from './limbs';
import { parseRvoleMessage, type RvoleMessage, rvoleMessageBytes } from './rvole';
import { mod, Q, scalarFromBytes } from '../group/scalar';

const copyOf = ({ atilde, eta, mu }: RvoleMessage): RvoleMessage => ({
  atilde: Buffer.from(atilde),
  eta: Buffer.from(eta),
  mu: Buffer.from(mu),
});

const flip = (bytes: Buffer, at: number) => (bytes[at] = (bytes[at] ?? 0) ^ 1);

const scalar = fc.oneof(
  fc.constantFrom(1n, 2n, Q - 1n, Q - 2n, 2n ** 255n),
  fc.bigInt({ min: 1n, max: Q - 1n }),
);

describe('random vector OLE (section 6)', () => {
  const kernels = { 'WebAssembly kernel': wasmKernel, 'BigInt kernel': bigintKernel };
  it.each([
    [1, 'WebAssembly kernel'],
    [2, 'WebAssembly kernel'],
    [1, 'BigInt kernel'],
    [2, 'BigInt kernel'],
  ] as const)('c_x + d_x = a_x * chi in suite %i, %s, for random and extreme inputs', (suiteId, kernel) => {
    const { send, receive } = openRun('algebra', 2, suiteId, kernels[kernel]);
    fc.assert(
      fc.property(scalar, scalar, fc.constantFrom(0, 1), (a1, a2, p) => {
        const sent = send(p, [a1, a2]);
        const received = receive(p, sent.message);
        if (!received) throw new Error('an honest message passes');
        const chi = scalarFromBytes(received.chi);
        expect(mod(scalarFromBytes(sent.c[0]) + scalarFromBytes(received.d[0]))).toBe(mod(a1 * chi));
        expect(mod(scalarFromBytes(sent.c[1]) + scalarFromBytes(received.d[1]))).toBe(mod(a2 * chi));
      }),
      { numRuns: 8 },
    );
  });

  it('one R1 answered twice gives the same bytes (6.2)', () => {
    const { send } = openRun('twice', 1);
    expect(send(0, [5n, 6n])).toEqual(send(0, [5n, 6n]));
  });

  const tampers: [string, (message: RvoleMessage, xi: number) => void][] = [
    [
      'one atilde column shifted in all rows',
      ({ atilde }, xi) => {
        for (let b = 0; b < xi; b++) flip(atilde, 96 * b);
      },
    ],
    ['eta', ({ eta }) => flip(eta, 31)],
    ['mu', ({ mu }) => flip(mu, 0)],
  ];
  it.each(tampers)('%s altered -> 6.4', (_name, tamper) => {
    const { run, send, receive } = openRun('tampered', 1);
    const message = copyOf(send(0, [3n, 4n]).message);
    tamper(message, run.xi);
    expect(receive(0, message)).toBeUndefined();
  });

  it('swapped presignature indices, another session -> 6.4', () => {
    const { send, receive } = openRun('indices', 2);
    expect(receive(1, send(0, [3n, 4n]).message)).toBeUndefined();
    expect(receive(0, openRun('elsewhere', 2).send(0, [3n, 4n]).message)).toBeUndefined();
  });

  it('beta selective failure: a change of one row passes exactly when its choice bit is 0', () => {
    const { run, send, receive, beta } = openRun('selective', 1);
    const honest = send(0, [3n, 4n]).message;
    const passed: boolean[] = [];
    for (let b = 0; b < 16; b++) {
      // The cheater fixes the row, then computes eta and mu for what it sent: only theta moves.
      const message = send(0, [3n, 4n], cheatInRows(run, [b])).message;
      passed.push(receive(0, message) !== undefined);
      expect(passed[b]).toBe(bitMask(viewOf(beta), b) === 0);
    }
    expect(receive(0, honest)).toBeDefined();
    expect(new Set(passed).size).toBe(2);
  });
});

describe('format of the sender message (6.3, 6.4)', () => {
  const { run, send } = openRun('format', 1);
  const { atilde, eta, mu } = send(0, [3n, 4n]).message;
  const bytes = Buffer.concat([atilde, eta, mu]);

  it('has xi*96 + 64 bytes and parses back', () => {
    expect(bytes).toHaveLength(72_192 + 64);
    expect(parseRvoleMessage(bytes, run.xi, run.kernel)).toEqual({ atilde, eta, mu });
  });

  it('an atilde entry or eta >= q is refused, wherever it stands', () => {
    for (const at of [0, 32, 96 * 751 + 64]) {
      const altered = Buffer.from(bytes);
      altered.set(Buffer.from(Q.toString(16), 'hex').reverse(), at);
      expect(parseRvoleMessage(altered, run.xi, run.kernel)).toBeUndefined();
    }
    const altered = Buffer.from(bytes);
    altered.fill(0xff, 72_192, 72_192 + 32);
    expect(parseRvoleMessage(altered, run.xi, run.kernel)).toBeUndefined();
  });

  it('another length is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        expect(parseRvoleMessage(Buffer.from(junk), run.xi, run.kernel)).toBeUndefined();
      }),
    );
    expect(parseRvoleMessage(bytes.subarray(1), run.xi, run.kernel)).toBeUndefined();
    expect(rvoleMessageBytes(run.xi)).toBe(bytes.length);
  });

  it('known answers: first four gadget entries, and the message', () => {
    const g = gadget(run.context, 0, { atilde, eta, mu }, run.xi);
    expect(g).toHaveLength(run.xi * 32);
    const entries = [0, 1, 2, 3].map((b) => {
      const entry = Buffer.from(g.subarray(32 * b, 32 * (b + 1))).reverse();
      return mod(BigInt(`0x${entry.toString('hex')}`)).toString(16);
    });
    expect(entries).toMatchInlineSnapshot(`
     [
       "b8ff8cb3b0754840753019ba1834a507359bd98d0832b47a068bbe39d9285dc7",
       "718fd94c33d1caa9e73d93f21c284752b01d7c11c4c996a28bcc40701c38adfb",
       "e0805f883a88701159a932e17b79f47a31b4a662611d327c6b25bfcc5e253a29",
       "3b9ec3ff094392b537d599f28e9fd190487a42dd35e945200a88e4e3d9a5171d",
     ]
    `);
    expect(createHash('sha256').update(bytes).digest('hex')).toMatchInlineSnapshot(
      `"7f060fdab3a83ecf2edcb33454a856f3a61df3c371bcfb9453f0154d39f88a59"`,
    );
  });

  it('the gadget depends on every part of the message', () => {
    const g = gadget(run.context, 0, { atilde, eta, mu }, run.xi);
    for (const part of ['atilde', 'eta', 'mu'] as const) {
      const altered = copyOf({ atilde, eta, mu });
      flip(altered[part], 0);
      expect(gadget(run.context, 0, altered, run.xi).equals(g)).toBe(false);
    }
    expect(gadget(run.context, 1, { atilde, eta, mu }, run.xi).equals(g)).toBe(false);
  });
});
