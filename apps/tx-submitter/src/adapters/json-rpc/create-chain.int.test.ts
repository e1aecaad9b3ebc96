import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseConfig } from '@quorate/platform';

import { submitterConfig } from '../../configuration';
import { readErrorRules } from './create-chain';

describe('the configuration of endpoints', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-rpc-errors-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const file = (text: string) => {
    const path = join(folder, 'errors.json');
    writeFileSync(path, text);
    return path;
  };

  it('reads rules for error texts, and ends the start with the place of a mistake', () => {
    const rule = { client: 'mine', pattern: 'napping', class: 'pool-full', example: 'pool is napping' };
    expect(readErrorRules(undefined)).toEqual([]);
    expect(readErrorRules(file(JSON.stringify([rule])))).toMatchObject([{ class: 'pool-full' }]);
    const wrong = file(`[\n${JSON.stringify(rule)},\n${JSON.stringify({ ...rule, class: 'tired' })}]`);
    expect(() => readErrorRules(wrong)).toThrow(/^RPC_ERRORS_FILE: .*line 3, entry 2: class/);
    expect(() => readErrorRules(join(folder, 'nowhere.json'))).toThrow('RPC_ERRORS_FILE');
  });

  it.each([
    ['RPC_URLS', 'http://a,http://a', 'every URL once'],
    ['RPC_URLS', 'ws://a', 'http://'],
    ['RPC_SEND_URLS', 'somewhere', 'http://'],
    ['FINALITY_TAG', 'soon', 'finalized, safe or none'],
    ['FINALITY_DEPTH', '-1', '0 blocks or more'],
  ])('refuses %s=%s', (name, value, expected) => {
    expect(() => parseConfig(submitterConfig, { [name]: value })).toThrow(
      new RegExp(`${name} is wrong: .*${expected}`),
    );
  });
});
