import { statSync } from 'node:fs';
import { identityJwk, loadIdentityKey, readJsonFile, requestersFile } from '@quorate/platform';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, finding, ok, warning } from '../finding';

/** The private keys that the commands use are there, private, and the ones that the services know. */
export async function checkIdentities(stack: Stack): Promise<Finding[]> {
  const remedy =
    stack.deployment === undefined
      ? 'start the stack anew (npm start); npm run reset makes new identities'
      : 'quorate init makes what is missing in the folder of the deployment';
  const { requesters, operators } = { requesters: [stack.requester], operators: stack.control.operators };
  const checks = [
    ...requesters.map((holder) => ({ ...holder, list: 'requesters' as const })),
    ...operators.map((holder) => ({ ...holder, list: 'operators' as const })),
  ].map(({ kid, privateKeyFile, list }) => {
    const part = `identity ${kid}`;
    return finding(part, remedy, async () => {
      const { x } = identityJwk(loadIdentityKey(privateKeyFile));
      const registered = readJsonFile(stack.files.requesters, requestersFile)[list].find(
        (entry) => entry.kid === kid,
      );
      if (registered === undefined) {
        return broken(part, `not among the ${list} of ${stack.files.requesters}`, remedy);
      }
      if (identityJwk(registered.publicKey).x !== x) {
        return broken(part, `${privateKeyFile} is not the key that ${stack.files.requesters} names`, remedy);
      }
      return (statSync(privateKeyFile).mode & 0o077) === 0
        ? ok(part, `Ed25519, registered`)
        : warning(part, `others can read ${privateKeyFile}`, `chmod 600 ${privateKeyFile}`);
    });
  });
  const services = Object.keys(stack.identities);
  return [...(await Promise.all(checks)).flat(), ok('identities', `${services.length} services pinned`)];
}
