import { setTimeout as delay } from 'node:timers/promises';
import { type Random } from '../random';
import { type ChaosStack } from '../stack/chaos-stack';
import { drawTrigger, type Fault, type FaultKind } from './fault';

/** Most ceremonies have three rounds or more. */
const ROUNDS = 3;

/** A node speaks to some and not to others: to one peer in ceremonies, or to one coordinator. */
export const silence: FaultKind = (random, stack) => {
  const node = random.pick(stack.shape.nodes);
  const lastsMs = random.between(500, 6000);
  return random.oneIn(3)
    ? silentToCoordinators(node, lastsMs, random, stack)
    : silentToPeers(node, lastsMs, random, stack);
};

/** The rounds of a node that is compromised: wrong bytes, well signed, for one peer or for both. */
export const lyingRounds: FaultKind = (random, stack) => {
  const node = random.pick(stack.shape.nodes);
  const to = drawVictims(node, random, stack);
  const round = random.between(1, ROUNDS);
  const lastsMs = random.between(1000, 6000);
  return {
    kind: 'lying-rounds',
    description: `${node} sends wrong messages in round ${round} of ceremonies to ${to.join(' and ')} for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: async ({ stack: { compromised } }) => {
      compromised.begin(node, { how: 'change', to, round });
      await delay(lastsMs);
      compromised.end(node);
    },
  };
};

function silentToPeers(node: string, lastsMs: number, random: Random, stack: ChaosStack): Fault {
  const to = drawVictims(node, random, stack);
  return {
    kind: 'silence',
    description: `${node} sends nothing in ceremonies to ${to.join(' and ')} for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: async ({ stack: { compromised } }) => {
      compromised.begin(node, { how: 'silence', to, round: 1 });
      await delay(lastsMs);
      compromised.end(node);
    },
  };
}

function silentToCoordinators(node: string, lastsMs: number, random: Random, stack: ChaosStack): Fault {
  const heard = random.pick(stack.shape.coordinators);
  return {
    kind: 'silence',
    description: `${node} has a session with ${heard} only, for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: async ({ stack: running }) => {
      const links = running.shape.coordinators
        .filter((coordinator) => coordinator !== heard)
        .map((coordinator) => running.link(`grpc/${node}/${coordinator}`));
      for (const link of links) link.partition();
      await delay(lastsMs);
      for (const link of links) link.heal();
    },
  };
}

function drawVictims(node: string, random: Random, stack: ChaosStack): string[] {
  const peers = stack.shape.nodes.filter((other) => other !== node);
  return random.sample(peers, random.between(1, peers.length)).sort();
}
