/** A: processes that die, stand still, or lose their database. */
import { setTimeout as delay } from 'node:timers/promises';
import { type FaultKind } from './fault';
import { drawFailpoint, inflictFailpoint } from './failpoints';

const MINUTE_MS = 60_000;

export const processFaults: readonly FaultKind[] = [
  {
    ...{ name: 'kill', group: 'A' },
    draw: (random, spreadMs) =>
      Array.from({ length: random.between(1, 3) }, () => {
        const which = random.below(2);
        return {
          ...{ description: `kill -9 of submitter ${which + 1}`, at: random.below(spreadMs) },
          inflict: async ({ bench }) => bench.submitters[which]?.kill(),
        };
      }),
  },
  {
    ...{ name: 'kill-both', group: 'A' },
    draw: (random, spreadMs) => [
      {
        ...{ description: 'kill -9 of both submitters', at: random.below(spreadMs) },
        inflict: async ({ bench }) => {
          await Promise.all(bench.submitters.map((submitter) => submitter.kill()));
        },
      },
    ],
  },
  {
    ...{ name: 'rolling-update', group: 'A' },
    draw: (random, spreadMs) => [
      {
        ...{ description: 'SIGTERM of one submitter, then of the other', at: random.below(spreadMs) },
        async inflict({ bench }) {
          for (const submitter of bench.submitters) {
            await submitter.restart();
            await delay(1000);
          }
        },
      },
    ],
  },
  {
    ...{ name: 'kill-at-point', group: 'A' },
    draw: (random, spreadMs) => {
      const point = drawFailpoint(random);
      const nth = random.between(1, 5);
      return [
        {
          description: `kill -9 of a submitter at ${point.name}, ${point.at} ${point.match}, the ${nth}. time`,
          at: random.below(spreadMs / 2),
          inflict: (arena) => inflictFailpoint(arena, point, nth),
        },
      ];
    },
  },
  {
    ...{ name: 'freeze', group: 'A' },
    draw: (random, spreadMs) => {
      const [which, milliseconds] = [random.below(2), random.between(500, 4000)];
      return [
        {
          ...{
            description: `submitter ${which + 1} stands still for ${milliseconds} ms`,
            at: random.below(spreadMs),
          },
          inflict: async ({ bench }) => bench.submitters[which]?.freeze(milliseconds),
        },
      ];
    },
  },
  {
    ...{ name: 'freeze-minute', group: 'A', isSlow: true },
    draw: (random, spreadMs) => {
      const which = random.below(2);
      return [
        {
          ...{ description: `submitter ${which + 1} stands still for a minute`, at: random.below(spreadMs) },
          inflict: async ({ bench }) => bench.submitters[which]?.freeze(MINUTE_MS),
        },
      ];
    },
  },
  {
    ...{ name: 'end-sessions', group: 'A' },
    draw: (random, spreadMs) =>
      Array.from({ length: random.between(1, 6) }, () => ({
        ...{ description: 'Postgres ends all sessions', at: random.below(spreadMs) },
        inflict: ({ bench }) => bench.database.endSessions(),
      })),
  },
  {
    ...{ name: 'kill-postgres', group: 'A', isSlow: true },
    draw: (random, spreadMs) => [
      {
        ...{ description: 'kill -9 of Postgres', at: random.below(spreadMs) },
        inflict: async ({ bench }) => bench.foundation.killPostgres(),
      },
    ],
  },
];
