import { existsSync, readFileSync } from 'node:fs';
import { identityJwk, PeerDirectory } from '@quorate/platform';
import { z } from 'zod';
import { readDocument, writeDocument } from './documents';
import { type Places, rolesOf } from './places';

const sasl = z.looseObject({ password: z.string() }).nullable();

/** What stack.json repeats of other files of a deployment. */
const stackDocument = z.looseObject({
  deployment: z.unknown().optional(),
  kafka: z.looseObject({ sasl, operator: z.looseObject({ sasl }) }),
  audit: z.looseObject({ token: z.string().nullable(), witnessToken: z.string().nullable() }),
  submitter: z.looseObject({ token: z.string().nullable() }),
  control: z.looseObject({ operators: z.array(z.looseObject({ kid: z.string() })) }),
  requester: z.looseObject({ kid: z.string() }),
  identities: z.record(z.string(), z.unknown()),
});

/** Brings stack.json of a deployment up to its other files. That of `npm start` is written by its supervisor. */
export function refreshStackFile(file: string, places: Places): void {
  const given = stackDocument.parse(readDocument(file));
  if (given.deployment === undefined) return;
  const { kafka, audit, submitter, control, requester } = given;
  const [operator] = control.operators;
  const token = (service: string, holder: string, former: string | null) => {
    const place = places.tokens(service).find((known) => known.holder === holder);
    return place === undefined ? former : (textOf(place.file) ?? former);
  };
  const login = (kid: string | undefined, former: z.output<typeof sasl>) => {
    const password = former === null || kid === undefined ? undefined : textOf(places.kafkaPassword(kid));
    return password === undefined ? former : { ...former, password };
  };
  const peers = PeerDirectory.load(places.peers);
  writeDocument(file, {
    ...given,
    kafka: {
      ...kafka,
      sasl: login(requester.kid, kafka.sasl),
      operator: { ...kafka.operator, sasl: login(operator?.kid, kafka.operator.sasl) },
    },
    audit: {
      ...audit,
      token: token('auditor', 'operator', audit.token),
      witnessToken: token('auditor', 'witness', audit.witnessToken),
    },
    submitter: { ...submitter, token: token('submitter', 'operator', submitter.token) },
    identities: Object.fromEntries(
      [...rolesOf(places.peers).keys()].flatMap((kid) => {
        const peer = peers.get(kid);
        return peer === undefined ? [] : [[kid, identityJwk(peer.publicKey)] as const];
      }),
    ),
  });
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
