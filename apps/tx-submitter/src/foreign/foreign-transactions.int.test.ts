import { randomUUID } from 'node:crypto';

import { changeOfRecord } from '@quorate/halts';
import {
  kafkaMessageLog,
  type LogRecord,
  type MessageLog,
  recordsOf,
  silentLogger,
} from '@quorate/messaging';
import { PeerDirectory } from '@quorate/platform';

import { TestBench } from '../testing/test-bench';
import { until } from '../../../../test/integration/until';

jest.setTimeout(120_000);

/** What a reader of the submitter's state topic makes of its records, as nodes and coordinators do. */
class StateTopic {
  readonly records: LogRecord[] = [];
  private readonly log: MessageLog;
  private readonly peers: PeerDirectory;

  constructor(private readonly bench: TestBench) {
    const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
    this.log = kafkaMessageLog({ brokers, clientId: 'test-reader', logger: silentLogger });
    this.peers = PeerDirectory.load(bench.identities.files.peers);
  }

  async start(): Promise<void> {
    await this.log.subscribe({
      ...{ topic: this.bench.topics.state('submitter'), group: `test-${randomUUID()}`, start: 'earliest' },
      handle: async (batches) => void this.records.push(...recordsOf(batches)),
    });
  }

  stop(): Promise<void> {
    return this.log.close();
  }

  /** In their order; records may come twice. */
  halts(): unknown[] {
    const lookup = this.peers.lookup('coordinator', 'submitter');
    const readResume = (): never => {
      throw new Error('there are no resumes');
    };
    const once = new Map(this.records.map((record) => [record.key?.toString(), record]));
    return [...once.values()].map((record) =>
      changeOfRecord(record, 'submitter', { lookup, readResume }, new Date()),
    );
  }
}

describe.each(['true', 'false'])(
  'a foreign transaction of one of our accounts, with HALT_ON_FOREIGN=%s',
  (isHalting) => {
    let bench: TestBench;
    let state: StateTopic;

    beforeAll(async () => {
      bench = await TestBench.start({ HALT_ON_FOREIGN: isHalting });
      state = new StateTopic(bench);
      await state.start();
    });
    afterAll(async () => {
      await state?.stop();
      await bench?.stop();
    });

    /** Sends as somebody would who has the key. */
    async function sendForeign(address: string, count: number): Promise<void> {
      await bench.chain('anvil_impersonateAccount', address);
      const next = Number(await bench.chain('eth_getTransactionCount', address, 'latest'));
      for (let n = 0; n < count; n += 1)
        await bench.chain('eth_sendTransaction', { from: address, to: address, value: '0x0' });
      const wanted = `0x${(next + count).toString(16)}`;
      await until(async () => (await bench.chain('eth_getTransactionCount', address, 'latest')) === wanted);
    }
    const makeFinal = () => bench.chain('anvil_mine', '0x80');
    /** Findings about an account; records may come twice. */
    const found = (address: string) => {
      const events = bench.events.map(
        ({ value }) => JSON.parse(value?.toString() ?? '') as Record<string, unknown>,
      );
      const alarms = events.filter(
        ({ type, from }) => type === 'quorate.tx.foreign-nonce.v1' && from === address,
      );
      return [...new Map(alarms.map((event) => [event['eventId'], event])).values()];
    };
    /** One may be found a block before the other. */
    const nonces = (address: string) =>
      found(address)
        .flatMap((event) => event['nonces'])
        .sort();
    async function metric(name: string): Promise<number> {
      const page = await (await fetch(`${bench.submitter.url}/metrics`)).text();
      return Number(new RegExp(`^quorate_${name}{[^}]*} (\\S+)$`, 'm').exec(page)?.[1]);
    }
    const halt = (address: string) => ({
      change: {
        ...{ kind: 'halt', scope: `key:${bench.key.keyId}`, by: 'submitter' },
        haltId: found(address)[0]?.['haltId'],
        reason: expect.stringContaining(address) as unknown,
      },
      evidence: { writer: 'submitter' },
    });

    it('that takes the nonces of intents ends these, and halts the key once, over a kill', async () => {
      const path = 'm/27';
      const address = bench.key.address(path);
      await bench.fund(address);
      bench.signer.answer = () => 'hold';
      const before = bench.signer.requests.length;
      const intents = [bench.intent({ path }), bench.intent({ path })];
      for (const intent of intents) await bench.send(intent);
      await until(() => bench.signer.requests.length >= before + 2);
      await sendForeign(address, 2);
      await bench.signer.release();
      for (const { intentId } of intents)
        await until(async () => (await bench.get(`/v1/transactions/${intentId}`)).body['hash'] !== null);
      await makeFinal();
      for (const { intentId } of intents)
        expect(await bench.outcome(intentId, 'superseded')).toMatchObject({ code: 'nonce-used' });
      await until(() => nonces(address).length === 2);
      expect(nonces(address)).toEqual(['0', '1']);
      expect(found(address)[0]).toMatchObject({ keyId: bench.key.keyId, chainId: '31337' });
      expect(await metric('foreign_nonce_total')).toBe(2);
      await bench.submitter.kill();
      await bench.submitter.start();
      const next = bench.intent({ path });
      await bench.send(next);
      expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '2' });
      expect(nonces(address)).toEqual(['0', '1']);
      expect(state.halts()).toEqual(isHalting === 'true' ? [halt(address)] : []);
    });

    it('is found while nothing of ours is on its way, once it is final, and not before', async () => {
      const path = 'm/28';
      const address = bench.key.address(path);
      await bench.fund(address);
      // What an account did before its first intent is its history.
      await sendForeign(address, 1);
      const intent = bench.intent({ path });
      await bench.send(intent);
      expect(await bench.outcome(intent.intentId, 'confirmed')).toMatchObject({ nonce: '1' });
      await makeFinal();
      await bench.outcome(intent.intentId, 'finalized');
      await sendForeign(address, 3);
      await until(async () => (await metric('foreign_nonce_suspected')) === 1);
      expect(found(address)).toEqual([]);
      const haltsBefore = state.halts().length;
      await makeFinal();
      await until(() => found(address).length === 1, 60_000);
      expect(found(address)).toMatchObject([{ nonces: ['2', '3', '4'], keyId: bench.key.keyId }]);
      await until(async () => (await metric('foreign_nonce_suspected')) === 0);
      if (isHalting === 'true') {
        await until(() => state.halts().length === haltsBefore + 1);
        expect(state.halts().at(-1)).toEqual(halt(address));
      } else {
        expect(found(address)[0]).not.toHaveProperty('haltId');
        expect(state.halts()).toEqual([]);
      }
      const next = bench.intent({ path });
      await bench.send(next);
      expect(await bench.outcome(next.intentId, 'confirmed')).toMatchObject({ nonce: '5' });
    });
  },
);
