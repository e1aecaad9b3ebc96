import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy } from './file/parse-policy';
import { RULE_NAMES } from './rules/rule';

const page = readFileSync(join(__dirname, '../../../docs/policy.md'), 'utf8');

describe('docs/policy.md', () => {
  it('shows a policy that is valid', () => {
    const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
    expect(parsePolicy(example)).toMatchObject({ ok: true });
  });

  it.each(RULE_NAMES)('names rule %s', (rule) => {
    expect(page).toContain(`\`${rule}\``);
  });
});
