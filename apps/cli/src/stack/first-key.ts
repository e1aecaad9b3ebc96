import { readFileSync } from 'node:fs';
import { type KeyFacts } from '@quorate/client';
import { prettyJson, writeWhole } from '@quorate/deployment';
import { z } from 'zod';
import { type Stack } from './stack-file';

/** Writes the first key of a deployment into its stack.json. Its other content stays, whoever wrote it. */
export function keepFirstKey(file: string, { deployment, key: known }: Stack, made: KeyFacts): void {
  if (deployment === undefined || known !== null) return;
  const { keyId, scheme, threshold, participants, publicKey, chainCode, address } = made;
  const key = { keyId, scheme, threshold, participants, publicKey, chainCode, address };
  const content = z.looseObject({}).parse(JSON.parse(readFileSync(file, 'utf8')));
  writeWhole(file, prettyJson({ ...content, key }), { secret: true });
}
