import { setTimeout as delay } from 'node:timers/promises';
import { type Attacker } from '../byzantine/attacker';
import { type Random } from '../random';
import { drawTrigger, type FaultKind } from './fault';

const WRONG_ANSWER_ROUNDS = 6;
const BETWEEN_ROUNDS_MS = 150;
const FLOOD_RECORDS = 500;

/** Orders of a compromised coordinator, over its own sessions with the nodes. */
const ORDERS: Readonly<Record<string, (attacker: Attacker, random: Random) => void>> = {
  'one presignature for two requests': (attacker, random) => attacker.askTwice(random),
  'what no node may sign': (attacker, random) => attacker.askForTheForbidden(random),
  'one intent at two nonces': (attacker, random) => attacker.askForTwoNonces(random),
  'ceremonies without the operators': (attacker) => attacker.orderWithoutOperators(),
};

export const lyingCoordinator: FaultKind = (random) => {
  const what = random.pick(Object.keys(ORDERS));
  return {
    kind: 'lying-coordinator',
    description: `a compromised coordinator orders ${what}`,
    at: drawTrigger(random),
    inflict: async ({ attacker, random: running }) => ORDERS[what]?.(attacker, running),
  };
};

export const lyingSubmitter: FaultKind = (random) => ({
  kind: 'lying-submitter',
  description: 'the compromised submitter asks for what no client wants',
  at: drawTrigger(random),
  inflict: ({ attacker }) => attacker.submitForged(),
});

/** Wrong shares of a node that stands still itself, so that they come first, and two different ones each time. */
export const lyingNode: FaultKind = (random, stack) => {
  const node = random.pick(stack.shape.nodes);
  return {
    kind: 'lying-node',
    description: `${node} answers with wrong shares, two for each task`,
    at: drawTrigger(random),
    inflict: async ({ stack: running, attacker, records }) => {
      const pid = running.pid(node);
      process.kill(pid, 'SIGSTOP');
      try {
        let answered = 0;
        for (let round = 0; round < WRONG_ANSWER_ROUNDS; round++) {
          const seen = records.length;
          await attacker.answerWrongly(node, records.slice(answered, seen));
          answered = seen;
          await delay(BETWEEN_ROUNDS_MS);
        }
      } finally {
        if (running.pid(node) === pid) process.kill(pid, 'SIGCONT');
      }
    },
  };
};

export const flood: FaultKind = (random, stack) => {
  const node = random.pick(stack.shape.nodes);
  return {
    kind: 'flood',
    description: `${node} writes ${FLOOD_RECORDS} well-signed results of no session, and as many broken frames to each other node`,
    at: drawTrigger(random),
    inflict: ({ attacker }) => attacker.flood(node, FLOOD_RECORDS),
  };
};
