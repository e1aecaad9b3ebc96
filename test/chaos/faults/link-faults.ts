import { setTimeout as delay } from 'node:timers/promises';
import { type ChaosStack } from '../stack/chaos-stack';
import { type TcpLink } from '../stack/tcp-link';
import { drawTrigger, type FaultKind } from './fault';

interface LinkFault {
  readonly what: string;
  readonly lastsMs: number;
  readonly apply: (link: TcpLink) => void;
}

/** Every connection of a link is reset once. */
export const dropConnections = linkFault('drop', () => ({
  what: 'reset',
  lastsMs: 0,
  apply: (link) => link.drop(),
}));

/** Connections are reset and new ones refused for a while. */
export const refuseConnections = linkFault('refuse', (random) => ({
  what: 'refusing connections',
  lastsMs: random.between(300, 4000),
  apply: (link) => link.cut(),
}));

/** A black hole: connections stay open and nothing passes. */
export const partition = linkFault('partition', (random) => ({
  what: 'partitioned',
  lastsMs: random.oneIn(8) ? 12_000 : random.between(300, 5000),
  apply: (link) => link.partition(),
}));

export const slowDown = linkFault('delay', (random) => {
  const ms = random.between(5, 250);
  return { what: `${ms} ms late`, lastsMs: random.between(1000, 4000), apply: (link) => link.slow(ms) };
});

export const throttle = linkFault('throttle', (random) => {
  const bytesPerSecond = random.between(20_000, 500_000);
  return {
    what: `throttled to ${bytesPerSecond} bytes/s`,
    lastsMs: random.between(1000, 4000),
    apply: (link) => link.throttle(bytesPerSecond),
  };
});

/** Bytes are lost in the middle of a message, and the connection with them. */
export const truncate = linkFault('truncate', () => ({
  what: 'cut off within a message',
  lastsMs: 500,
  apply: (link) => link.truncateNext(),
}));

/** One bit is flipped. Not on links without TLS (Postgres, the chain): nothing could notice it there. */
export const corrupt = linkFault(
  'corrupt',
  () => ({ what: 'one bit flipped', lastsMs: 500, apply: (link) => link.corruptNext() }),
  /^(kafka|grpc)\//,
);

/** A service loses Kafka, Postgres and the other side of its gRPC links at once. */
export const isolate: FaultKind = (random, stack) => {
  const service = random.pick([...stack.shape.nodes, ...stack.shape.coordinators]);
  const lastsMs = random.between(500, 6000);
  return {
    kind: 'isolate',
    description: `${service} cut off from everything for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: async ({ stack: running }) => {
      const links = running.links.all.filter(({ name }) => name.split('/').includes(service));
      for (const link of links) link.partition();
      await delay(lastsMs);
      for (const link of links) link.heal();
    },
  };
};

function linkFault(
  kind: string,
  draw: (random: Parameters<FaultKind>[0]) => LinkFault,
  only = /./,
): FaultKind {
  return (random, stack: ChaosStack) => {
    const name = random.pick(stack.links.all.map((link) => link.name).filter((link) => only.test(link)));
    const { what, lastsMs, apply } = draw(random);
    return {
      kind,
      description: `${name} ${what}${lastsMs > 0 ? ` for ${lastsMs} ms` : ''}`,
      at: drawTrigger(random),
      inflict: async ({ stack: running }) => {
        const link = running.link(name);
        apply(link);
        await delay(lastsMs);
        link.heal();
      },
    };
  };
}
