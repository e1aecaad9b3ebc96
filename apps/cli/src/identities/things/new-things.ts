/** Makes what takes the place of what is in use: keys, certificates, passwords, tokens. Nothing of it is in use yet. */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Authority, newPassword, ownerRole, prettyJson } from '@quorate/deployment';
import { type Ed25519Jwk, identityJwk, Invalid, loadIdentityKey } from '@quorate/platform';
import { type HttpRole } from '@quorate/platform';
import { z } from 'zod';
import { type DatabasePlace, type Places, type TokenPlace } from '../places';
import { type Thing } from '../rotation';
import { accessOf, stage, stagedPath } from '../staged-files';

const SECRET_BYTES = 32;
/** What the name of a holder ends with whose former token is let in until the rotation is finished. */
export const FORMER_TOKEN = '-former';

/**
 * Stages a thing of those who are replaced together.
 * @returns the files that have a new content beside them
 */
export async function stageThing(thing: Thing, places: Places, kids: readonly string[]): Promise<string[]> {
  switch (thing) {
    case 'identity':
      return kids.map((kid) => stageIdentity(places.identity(kid)));
    case 'tls':
      return (await Promise.all(kids.map((kid) => stageCertificate(places, kid)))).flat();
    case 'kafka':
      return kids.map((kid) =>
        stage(places.kafkaPassword(kid), randomBytes(SECRET_BYTES).toString('base64url')),
      );
    case 'database':
      return places.databases(kids).flatMap(stagePasswords);
    case 'tokens':
      return kids.flatMap((kid) => stageTokens(places.tokens(kid)));
  }
}

/** The present and the staged public key of a kid; of one that is in place already, the same twice. */
export function identityChange(places: Places, kid: string): { before: Ed25519Jwk; after: Ed25519Jwk } {
  const file = places.identity(kid);
  const before = identityJwk(loadIdentityKey(file));
  const staged = stagedPath(file);
  return { before, after: existsSync(staged) ? identityJwk(loadIdentityKey(staged)) : before };
}

function stageIdentity(file: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return stage(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** @throws Invalid `authority-key` where the authority's key is not here */
async function stageCertificate(places: Places, kid: string): Promise<string[]> {
  const { authority: files } = places;
  if (!existsSync(files.keyFile)) {
    throw new Invalid(
      'authority-key',
      `new certificates need the authority's key: put it back as ${files.keyFile}, or leave out tls`,
    );
  }
  const authority = await Authority.kept(files);
  const { certFile, keyFile } = places.certificate(kid);
  const staged = { certFile: stagedPath(certFile), keyFile: stagedPath(keyFile) };
  await authority.issue(staged, { kid, hosts: hostsIn(certFile) }, accessOf(keyFile));
  return [keyFile, certFile];
}

/** The names and addresses that a certificate is good for. */
function hostsIn(certFile: string): string[] {
  const { subjectAltName = '' } = new X509Certificate(readFileSync(certFile));
  return subjectAltName.split(', ').map((name) => name.slice(name.indexOf(':') + 1));
}

function stagePasswords(place: DatabasePlace): string[] {
  if (place.kind === 'urls') {
    const password = newPassword();
    return place.files.map((file) => {
      const url = new URL(readFileSync(file, 'utf8').trim());
      url.password = password;
      return stage(file, url.toString());
    });
  }
  const { file, database } = place;
  const passwords = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
  const roles = [database, ownerRole(database)];
  const fresh = Object.fromEntries(roles.map((role) => [role, newPassword()]));
  return [stage(file, prettyJson({ ...passwords, ...fresh }))];
}

const tokensFile = z.looseObject({
  tokens: z.array(
    z.looseObject({ name: z.string(), sha256: z.string(), roles: z.array(z.custom<HttpRole>()) }),
  ),
});

/** The present token goes on to be let in, under another name. */
function stageTokens(places: readonly TokenPlace[]): string[] {
  const [first] = places;
  if (first === undefined) return [];
  const document = tokensFile.parse(JSON.parse(readFileSync(first.tokens, 'utf8')));
  let { tokens } = document;
  const files = places.map(({ holder, file }) => {
    const token = randomBytes(SECRET_BYTES).toString('base64url');
    const name = `${holder}${FORMER_TOKEN}`;
    const present = tokens.find((entry) => entry.name === holder);
    tokens = [
      ...tokens.filter((entry) => entry.name !== holder && entry.name !== name),
      ...(present === undefined
        ? []
        : [
            { ...present, sha256: sha256(token) },
            { ...present, name },
          ]),
    ];
    return stage(file, token);
  });
  return [...files, stage(first.tokens, prettyJson({ ...document, tokens }))];
}

/** The document of HTTP_TOKENS_FILE without former tokens; undefined when it has none. */
export function withoutFormerTokens(file: string): string | undefined {
  const document = tokensFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const tokens = document.tokens.filter(({ name }) => !name.endsWith(FORMER_TOKEN));
  return tokens.length === document.tokens.length ? undefined : prettyJson({ ...document, tokens });
}

/** First 16 hex digits of the SHA-256 of a private key's public half (SPKI, DER). */
export function fingerprintOf(privateKeyFile: string): string {
  const publicKey = createPublicKey(loadIdentityKey(privateKeyFile));
  return sha256(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16);
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
