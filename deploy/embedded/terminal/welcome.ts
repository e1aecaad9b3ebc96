import { type DemoTransfer } from '../demo/demo-transfer';
import { type StackDescription } from '../stack/stack-description';

/** What the user sees of the first transaction: signature, place on the chain, and the audit story. */
export function transferText(transfer: DemoTransfer): string {
  const { signature, story } = transfer;
  const width = Math.max(...story.map(({ type }) => shortType(type).length));
  return [
    '',
    'One transaction, signed by a quorum',
    `  intent        ${transfer.intentId}`,
    `  signature     r ${signature.r}`,
    `                s ${signature.s}`,
    `                yParity ${Number(signature.yParity)}`,
    `  transaction   ${transfer.hash}`,
    `  block         ${transfer.block}`,
    '',
    'Its story in the audit log',
    ...story.map(
      ({ time, type, source, verified }) =>
        `  ${(time ?? '').slice(11, 23).padEnd(12)}  ${shortType(type).padEnd(width)}  ${source ?? ''}${verified ? '' : '  NOT VERIFIED'}`,
    ),
  ].join('\n');
}

/** What can be done with a stack that stays up. */
export function nextStepsText(stack: StackDescription, descriptionFile: string, intentId: string): string {
  return [
    '',
    'Ready. In a browser (the link brings the token and the key of the log along):',
    `  ${pageLink(stack)}`,
    '',
    'In another terminal:',
    `  npx quorate sign --key ${stack.key.keyId} --message hello`,
    `  npx quorate audit show ${intentId}`,
    `  TOKEN=$(node -p "require('${descriptionFile}').audit.token")`,
    `  curl -H "Authorization: Bearer $TOKEN" ${stack.audit.url}/v1/requests/${intentId}`,
    '',
    `  addresses, keys, processes   ${descriptionFile}`,
    '  logs                         .quorate/logs',
    '',
    'Ctrl-C stops everything; the data stays for the next start (npm run reset forgets it).',
  ].join('\n');
}

/** The auditor's page. What is behind # stays in the browser. */
function pageLink({ audit: { url, token, logKeys } }: StackDescription): string {
  const handed = [
    ...(token === null ? [] : [`token=${encodeURIComponent(token)}`]),
    ...logKeys.map((key) => `key=${encodeURIComponent(key)}`),
  ];
  return `${url}/#${handed.join('&')}`;
}

function shortType(type: string | null): string {
  return (type ?? 'unreadable').replace(/^quorate\./, '').replace(/\.v1$/, '');
}
