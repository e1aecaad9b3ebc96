import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documentedMetrics, type ServiceKind } from '../observability/metric-table';
import { type CollectedSpan } from '../observability/span-collector';
import { forbiddenTexts } from '../observability/stack-secrets';
import { ForeignClient } from './foreign-client';
import { readStack } from './running-stack';

const stack = readStack();
const client = new ForeignClient(stack);

beforeAll(() => client.connect(), 60_000);
afterAll(() => client.close());
jest.setTimeout(120_000);

const kinds: readonly [RegExp, ServiceKind][] = [
  [/^coordinator/, 'coordinator'],
  [/^node/, 'node'],
  [/^submitter/, 'submitter'],
  [/^auditor/, 'auditor'],
];
const services = Object.entries(stack.processes).flatMap(([name, { health }]) => {
  const kind = kinds.find(([pattern]) => pattern.test(name))?.[1];
  return kind === undefined || health === undefined ? [] : [{ name, kind, health }];
});

describe('the metrics', () => {
  it.each(services)('of $name are those of the table, with its labels', async ({ kind, health }) => {
    const page = await (await fetch(`${health}/metrics`)).text();
    const shown = [...page.matchAll(/^# TYPE (quorate_\w+) (\w+)$/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    const documented = documentedMetrics().filter((metric) => metric.services.includes(kind));
    expect(shown.sort()).toEqual(documented.map(({ name, type }) => `${name} ${type}`).sort());
    for (const { name, labels } of documented) {
      const sample = new RegExp(`^${name}(?:_bucket)?\\{([^}]*)\\}`, 'm').exec(page)?.[1];
      if (sample === undefined) continue;
      const used = [...sample.matchAll(/(\w+)="/g)].flatMap(([, label]) => label ?? []);
      expect(used.filter((label) => label !== 'service' && label !== 'le').sort()).toEqual(
        [...labels].sort(),
      );
    }
  });
});

describe('a traced intent', () => {
  const collector = process.env['QUORATE_SPAN_COLLECTOR'] ?? '';
  const traceId = randomBytes(16).toString('hex');

  const steps = [
    ...[
      'tx.accept',
      'tx.reserve',
      'tx.request-signature',
      'tx.sign',
      'tx.broadcast',
      'tx.include',
      'tx.confirm',
    ],
    ...[
      'sign.accept',
      'sign.assign',
      'sign.combine',
      'node.sign',
      'node.verify',
      'node.spend',
      'audit.append',
    ],
  ];

  function missingIn(spans: readonly CollectedSpan[], parent: string): string[] {
    const ids = new Set([parent, ...spans.map(({ spanId }) => spanId)]);
    const signers = new Set(spans.filter(({ name }) => name === 'node.sign').map(({ service }) => service));
    return [
      ...steps.filter((step) => !spans.some(({ name }) => name === step)),
      ...(spans.some(({ name }) => name.endsWith('mpc.finals')) ? [] : ['the publication of the final']),
      ...(signers.size >= 2 ? [] : ['node.sign of a second node']),
      ...spans
        .filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''))
        .map(({ service, name }) => `the parent of ${name} of ${service}`),
    ];
  }

  /** Waits for all of it: each service hands its spans over when it likes, a step's children perhaps before the step. */
  async function wholeTrace(parent: string): Promise<CollectedSpan[]> {
    const end = Date.now() + 60_000;
    for (;;) {
      const response = await fetch(`${collector}/spans?trace=${traceId}`);
      const spans = (await response.json()) as CollectedSpan[];
      const missing = missingIn(spans, parent);
      if (missing.length === 0) return spans;
      if (Date.now() > end) throw new Error(`not in the trace: ${missing.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  it('is one trace from the client to its confirmation, through all services', async () => {
    const intent = client.intent({ confirmations: 1 });
    const parent = randomBytes(8).toString('hex');
    const headers = { traceparent: `00-${traceId}-${parent}-01` };
    await client.send('tx.intents', intent.intentId, intent, { headers });
    await client.outcomeOf(intent.intentId, 'confirmed');
    const spans = await wholeTrace(parent);
    expect(spans.find(({ name }) => name === 'tx.accept')?.parentSpanId).toBe(parent);
    expect(JSON.stringify(spans)).not.toContain(String(intent.to));
  });

  it('is taken as any other when its header is hostile', async () => {
    const request = client.request({ kind: 'eip191', message: '0x71756f72617465' });
    const headers = { traceparent: `00-${'f'.repeat(100_000)}` };
    await client.send('mpc.requests', request.requestId, request, { headers });
    expect((await client.finalOf(request.requestId)).json.type).toBe('quorate.sign.completed.v1');
  });
});

describe('the logs', () => {
  const stackFile = process.env['QUORATE_STACK_FILE'] ?? '';
  const root = dirname(dirname(stackFile));

  it('hold no secret of the stack, in no encoding', () => {
    const forbidden = forbiddenTexts(root, stackFile);
    // Identity keys of six services, seal keys, passwords of their databases: each in several encodings.
    expect(forbidden.size).toBeGreaterThan(40);
    const logs = readdirSync(join(root, 'logs')).map((name) =>
      readFileSync(join(root, 'logs', name), 'utf8'),
    );
    expect(logs.join('').length).toBeGreaterThan(1_000);
    const found = [...forbidden].filter(([text]) => logs.some((log) => log.includes(text)));
    expect(found.map(([, origin]) => origin)).toEqual([]);
  });
});
