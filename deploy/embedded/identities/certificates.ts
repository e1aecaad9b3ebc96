import { join } from 'node:path';
import { Authority, type TlsFiles } from '@quorate/deployment';
import { type StackFolders } from '../files/stack-folders';

/**
 * One local authority, and for every kid a certificate with CN = kid, good as server (localhost, 127.0.0.1) and as
 * client. What is there and valid for 30 more days is kept.
 */
export async function prepareCertificates(
  folders: StackFolders,
  kids: string[],
): Promise<Map<string, TlsFiles>> {
  const folder = join(folders.data, 'certificates');
  const authority = await Authority.kept(filesOf(folder, 'ca'));
  await Promise.all(kids.map((kid) => authority.issue(filesOf(folder, kid), { kid })));
  return new Map(kids.map((kid) => [kid, filesOf(folder, kid)]));
}

/** The files of one of them. @throws RangeError when there is none */
export function certificateOf(certificates: ReadonlyMap<string, TlsFiles>, kid: string): TlsFiles {
  const files = certificates.get(kid);
  if (files === undefined) throw new RangeError(`${kid} has no certificate`);
  return files;
}

function filesOf(folder: string, name: string): TlsFiles {
  return {
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, `${name}.pem`),
    keyFile: join(folder, `${name}.key.pem`),
  };
}
