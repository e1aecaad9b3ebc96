import { setTimeout as delay } from 'node:timers/promises';
import { type Dishonesty } from '../insider/dishonesty';
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

/** The rounds of a node that is compromised: a wrong bit, well signed, for one peer or for both. */
export const lyingRounds: FaultKind = (random, stack) => {
  const node = random.pick(stack.shape.nodes);
  const to = drawVictims(node, random, stack);
  const how = random.oneIn(3) ? 'frames' : 'contents';
  const round = random.between(1, ROUNDS);
  const place = random.below(1000);
  const lastsMs = random.between(1000, 6000);
  return {
    kind: 'lying-rounds',
    description: `${node} flips a bit at ${place / 1000} of its ${how} in round ${round} of ceremonies for ${namesOf(to)} for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: async ({ stack: { compromised } }) => {
      compromised.begin(node, { how, to, round, place });
      await delay(lastsMs);
      compromised.end(node);
    },
  };
};

function silentToPeers(node: string, lastsMs: number, random: Random, stack: ChaosStack): Fault {
  const to = drawVictims(node, random, stack);
  return {
    kind: 'silence',
    description: `${node} sends nothing in ceremonies to ${namesOf(to)} for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: async ({ stack: { compromised } }) => {
      compromised.begin(node, { how: 'silence', to, round: 1, place: 0 });
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

function drawVictims(node: string, random: Random, stack: ChaosStack): Dishonesty['to'] {
  const peers = stack.shape.nodes
    .map((name, place) => ({ node: name, index: place + 1 }))
    .filter((peer) => peer.node !== node);
  return random.sample(peers, random.between(1, peers.length));
}

function namesOf(victims: Dishonesty['to']): string {
  return victims.map(({ node }) => node).join(' and ');
}
