import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { clientOptions, type QuorateClient, readStackFile } from '@quorate/client';
import { connect } from '../../libs/client/examples/own-installation';
import { pay } from '../../libs/client/examples/pay';
import { signSurely } from '../../libs/client/examples/sign-surely';

jest.setTimeout(120_000);

const stackFile = process.env['QUORATE_STACK_FILE'] ?? '';
const stack = readStackFile(stackFile);
const root = join(__dirname, '..', '..');
const RECEIVER = '0x000000000000000000000000000000000000dEaD';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-guide-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the guide of the SDK (libs/client/README.md)', () => {
  it('signs a message from a folder in which a stack runs', async () => {
    mkdirSync(join(folder, '.quorate'));
    symlinkSync(dirname(stackFile), join(folder, '.quorate', 'run'));
    const example = join(root, 'dist', 'libs', 'client', 'examples', 'sign-message.js');
    const { stdout } = await promisify(execFile)(process.execPath, [example], { cwd: folder });
    expect(stdout).toMatch(/^signed by node-\d and node-\d for 0x[0-9a-fA-F]{40}: /);
    expect(stdout).toContain('quorate.sign.completed.v1');
  });

  it('connects with what a client was given, signs whatever gets lost, and pays', async () => {
    const { kafka, requester, key } = stack;
    copyFileSync(kafka.caFile ?? '', join(folder, 'kafka-ca.pem'));
    copyFileSync(requester.privateKeyFile, join(folder, 'identity.pem'));
    writeFileSync(join(folder, 'kafka.password'), kafka.sasl?.password ?? '');
    const { trust } = clientOptions(stack);
    const client: QuorateClient = await connect(requester.kid, kafka.brokers, folder, trust);
    try {
      const request = { keyId: key.keyId, payload: { kind: 'eip191' as const, message: '0x68656c6c6f' } };
      const { data: final } = await signSurely(client, request, key);
      expect(final.type).toBe('quorate.sign.completed.v1');
      expect(await pay(client, key.keyId, RECEIVER, '1000')).toMatchObject({
        type: 'quorate.tx.confirmed.v1',
        from: key.address.toLowerCase(),
      });
    } finally {
      await client.close();
    }
  });
});
