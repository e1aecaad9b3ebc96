/** B: endpoints that take transactions and do not say so, refuse them, or lie; each endpoint in its own way. */
import { rejections } from '@quorate/evm';
import { queueLimit, strictBumps } from '../../../rpc-proxy/pool-rules';
import { type RpcFault } from '../../../rpc-proxy/rpc-call';
import * as sends from '../../../rpc-proxy/send-faults';
import { type Random } from '../../random';
import { type Blow, endpointBlow, shuffled } from './endpoint-blow';
import { type FaultKind } from './fault';

/** Refusals that nothing mends: an intent fails when both endpoints give one, and never otherwise. */
const hopeless = ['intrinsic-gas', 'gas-above-block-limit', 'not-allowed', 'too-large', 'malformed'] as const;
const passing = rejections.filter((one) => !hopeless.some((other) => other === one));

const silent: readonly RpcFault[] = [...sends.acceptedSilently, ...sends.lostSilently, sends.twice];

function atSends(random: Random, fault: RpcFault): Blow {
  return { method: 'eth_sendRawTransaction', fault, oneIn: random.between(1, 4) };
}

function silently(random: Random): Blow {
  return atSends(random, random.oneIn(8) ? sends.reorder(random, 4, 300) : random.pick(silent));
}

export const sendFaults: readonly FaultKind[] = [
  {
    ...{ name: 'uncertain-sends', group: 'B' },
    draw: (random, spreadMs) => [endpointBlow(random, spreadMs, [silently(random), silently(random)])],
  },
  {
    ...{ name: 'refused-sends', group: 'B' },
    draw: (random, spreadMs) => {
      const refusal = () => atSends(random, sends.rejectAs(random.pick(passing), random));
      return [endpointBlow(random, spreadMs, [refusal(), refusal()])];
    },
  },
  {
    ...{ name: 'false-known', group: 'B' },
    draw: (random, spreadMs) => {
      const means = random.pick(['known', 'nonce-used', 'node-trouble'] as const);
      const blow = () => atSends(random, sends.rejectAs(means, random));
      return [endpointBlow(random, spreadMs, [blow(), random.oneIn(2) ? blow() : silently(random)])];
    },
  },
  {
    ...{ name: 'contradicting-sends', group: 'B' },
    draw: (random, spreadMs) => {
      const fatal = { ...atSends(random, sends.rejectAs(random.pick(hopeless), random)), oneIn: 1 };
      return [endpointBlow(random, spreadMs, shuffled(random, [fatal, undefined]))];
    },
  },
  {
    ...{ name: 'hopeless-sends', group: 'B' },
    draw: (random, spreadMs) => {
      const means = random.pick(hopeless);
      const blow = { ...atSends(random, sends.rejectAs(means, random)), oneIn: 1 };
      const { inflict, ...rest } = endpointBlow(random, spreadMs, [blow, blow], [200, 800]);
      return [
        {
          ...rest,
          inflict: async (arena) => {
            arena.failures.add(means);
            await inflict(arena);
          },
        },
      ];
    },
  },
  {
    ...{ name: 'unknown-refusals', group: 'B' },
    draw: (random, spreadMs) => {
      const strange = atSends(random, sends.reject('the stars are not right', -32603));
      return [endpointBlow(random, spreadMs, [strange, random.oneIn(2) ? strange : undefined])];
    },
  },
  {
    ...{ name: 'pool-rules', group: 'D' },
    draw: (random, spreadMs) => {
      const rule = random.oneIn(2) ? strictBumps(random.oneIn(2)) : queueLimit(random.pick([16, 64]));
      const blow = { ...atSends(random, rule), oneIn: 1 };
      return [endpointBlow(random, spreadMs / 2, [blow, blow], [2000, 4000])];
    },
  },
];
