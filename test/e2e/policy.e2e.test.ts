import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transaction } from 'ethers';
import { ForeignClient, type StackFile } from './foreign-client';
import { readStack } from './running-stack';

jest.setTimeout(120_000);

const PROBE_MS = 1_000;
const stack = readStack() as StackFile & { files: { policies: Record<string, string>; requesters: string } };
const to = `0x${'35'.repeat(20)}`;

/** A policy that its operator edits while everything runs: two clients with limits join. */
describe('requesters that were added to the running policies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-policy-'));
  const approver = generateKeyPairSync('ed25519');
  const spender = newClient('spender');
  const careful = newClient('careful');
  let before: Map<string, string>;

  function newClient(kid: string): { client: ForeignClient; entry: object } {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const privateKeyFile = join(folder, `${kid}.pem`);
    writeFileSync(privateKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const client = new ForeignClient({ ...stack, requester: { kid, privateKeyFile } });
    return { client, entry: { kid, role: 'client', publicKey: jwk(publicKey) } };
  }

  beforeAll(async () => {
    const files = [stack.files.requesters, ...Object.values(stack.files.policies)];
    before = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
    const may = { keys: [stack.key.keyId], paths: ['*'], chains: [stack.chain.chainId] };
    const kinds = { payloadKinds: ['eip191', 'evm-transaction', 'evm-intent'] };
    const limits = {
      value: { perTransaction: '900', windows: [{ period: '24h', max: '1000' }] },
      calls: [{ function: 'transfer(address to, uint256 amount)', arguments: { amount: { max: '5' } } }],
    };
    const approvals = { required: 1, approvers: [{ kid: 'eve', publicKey: jwk(approver.publicKey) }] };
    add(stack.files.requesters, spender.entry, careful.entry);
    for (const file of Object.values(stack.files.policies)) {
      const transactions = { [stack.chain.chainId]: limits };
      add(
        file,
        { ...spender.entry, ...may, ...kinds, transactions },
        { ...careful.entry, ...may, ...kinds, approvals },
      );
    }
    for (const [name, { pid }] of Object.entries(readStack().processes)) {
      if (/^(node|coordinator)-|^submitter/.test(name)) process.kill(pid, 'SIGHUP');
    }
    await Promise.all([spender.client.connect(), careful.client.connect()]);
    await untilKnown(spender.client);
  });
  afterAll(async () => {
    for (const [file, content] of before) writeFileSync(file, content);
    await Promise.all([spender.client.close(), careful.client.close()]);
    rmSync(folder, { recursive: true });
  });

  function add(file: string, ...entries: object[]): void {
    const content = JSON.parse(before.get(file) ?? '') as { requesters: object[] };
    writeFileSync(file, JSON.stringify({ ...content, requesters: [...content.requesters, ...entries] }));
  }

  /** Coordinator and nodes read their files each in its own time: the first request that is signed proves that all did. */
  async function untilKnown(client: ForeignClient): Promise<void> {
    for (let tries = 0; tries < 30; tries++) {
      const request = client.request({ kind: 'eip191', message: '0x00' });
      await client.send('mpc.requests', request.requestId, request);
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
      const final = client.received.find(
        ({ topic, key }) => topic.endsWith('mpc.finals') && key === request.requestId,
      );
      if (final?.json.type === 'quorate.sign.completed.v1') return;
    }
    throw new Error('the new requester is not known');
  }

  let nonce = 7_000_000;
  const sign = async (fields: { value?: bigint; data?: string; to?: string | null }) => {
    const { client } = spender;
    const { unsignedSerialized } = Transaction.from({
      ...{ type: 2, chainId: BigInt(stack.chain.chainId), nonce: nonce++, to, gasLimit: 100_000n },
      ...{ maxFeePerGas: 9n, maxPriorityFeePerGas: 1n, ...fields },
    });
    const request = client.request({ kind: 'evm-transaction', unsigned: unsignedSerialized });
    await client.send('mpc.requests', request.requestId, request);
    return (await client.finalOf(request.requestId)).json;
  };
  const refusedBy = (rule: string) => ({
    type: 'quorate.sign.rejected.v1',
    code: 'policy',
    details: expect.objectContaining({ rule }) as object,
  });
  const transfer = (amount: number, more = '') =>
    `0xa9059cbb${to.slice(2).padStart(64, '0')}${amount.toString(16).padStart(64, '0')}${more}`;

  it('are refused by the rule that their request breaks, and it is named', async () => {
    expect(await sign({ value: 901n })).toMatchObject(refusedBy('value'));
    expect(await sign({ to: null, data: '0x6000' })).toMatchObject(refusedBy('contract-creation'));
    expect(await sign({ data: '0x12345678' })).toMatchObject(refusedBy('function'));
    expect(await sign({ data: transfer(5, '00') })).toMatchObject(refusedBy('function'));
    expect(await sign({ data: transfer(6) })).toMatchObject(refusedBy('argument'));
    expect(await sign({ data: transfer(5) })).toMatchObject({ type: 'quorate.sign.completed.v1' });
  });

  it('have what their window allows, and no more', async () => {
    expect(await sign({ value: 600n })).toMatchObject({ type: 'quorate.sign.completed.v1' });
    expect(await sign({ value: 600n })).toMatchObject(refusedBy('value-window'));
  });

  it('need approvals where that is asked, for requests and for intents', async () => {
    const { client } = careful;
    const approved = async (content: object) => {
      const value = Buffer.from(JSON.stringify(content));
      return {
        value,
        headers: { approvals: await client.jws(value, 'approval', approver.privateKey, 'eve') },
      };
    };
    const bare = client.request({ kind: 'eip191', message: '0x01' });
    await client.send('mpc.requests', bare.requestId, bare);
    expect((await client.finalOf(bare.requestId)).json).toMatchObject(refusedBy('approvals'));

    const request = client.request({ kind: 'eip191', message: '0x02' });
    const { value, headers } = await approved(request);
    await client.send('mpc.requests', request.requestId, value, { headers });
    expect((await client.finalOf(request.requestId)).json).toMatchObject({
      type: 'quorate.sign.completed.v1',
    });

    const intent = client.intent({ value: '1' });
    const paid = await approved(intent);
    await client.send('tx.intents', intent.intentId, paid.value, { headers: paid.headers });
    await client.outcomeOf(intent.intentId, 'confirmed');
  });
});

function jwk(publicKey: KeyObject): object {
  const x = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url');
  return { kty: 'OKP', crv: 'Ed25519', x };
}
