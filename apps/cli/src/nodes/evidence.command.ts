import { type Judgement, judgeSession } from '@quorate/client';
import { PeerDirectory } from '@quorate/platform';
import { keyLookup, type KeyLookup } from '@quorate/protocol';
import { Command } from 'commander';
import { contextOf } from '../context';
import { CommandFailure, EXIT } from '../exit-code';
import { auditOf, identities } from '../stack/connections';
import { columns } from '../terminal/layout';
import { type Output } from '../terminal/output';

const FAILED = 'quorate.ceremony.failed.v1';

export function evidenceCommand(): Command {
  return new Command('evidence')
    .description('judge a ceremony that failed, by the signed messages that its nodes published')
    .argument('<session>', 'the session id, 0x...')
    .addHelpText(
      'after',
      `
What a node says about another one proves nothing; a message that a node signed does. The messages of all nodes are put
together here and judged offline: whoever signed two messages for one purpose, dealt a bad share or complained without a
reason is convicted. Session ids: quorate audit list --type ${FAILED}

Examples:
  $ quorate nodes evidence 0x6f1c...
  $ quorate nodes evidence 0x6f1c... --json`,
    )
    .action(async (session: string, _options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const story = await auditOf(stack).story(session);
      const failures = (story?.events ?? []).filter(({ type, verified }) => verified && type === FAILED);
      const judgement = judgeSession(
        failures.map(({ data }) => data),
        // The session may be older than the present identities of its nodes.
        stack.files.peers === undefined
          ? keyLookup(identities(stack, 'node'))
          : everyKey(PeerDirectory.load(stack.files.peers)),
      );
      if (judgement === undefined) {
        throw new CommandFailure(EXIT.notFound, 'unknown-session', `no node says that ${session} failed`);
      }
      output.result(judgement, () => described(judgement, output));
    });
}

function described({ convicted, claims, frames, missingFrames }: Judgement, output: Output): string {
  const verdict =
    convicted === undefined
      ? `Nobody is convicted by the ${frames} signed messages that are there.`
      : `${convicted.node} is convicted by its own signed messages (${convicted.check}).`;
  const missing =
    missingFrames === 0
      ? []
      : [`${missingFrames} messages were too large for the log: their nodes keep them (failure_evidence).`];
  const header = ['NODE', 'CLASS', 'CHECK', 'ACCUSES'].map((text) => output.paint('dim', text));
  const rows = claims.map((claim) => [claim.node, claim.class, claim.check, claim.accused ?? '']);
  return [verdict, ...missing, '', columns([header, ...rows])].join('\n');
}

function everyKey(peers: PeerDirectory): KeyLookup {
  return (kid) => peers.everyKeyOf(kid);
}
