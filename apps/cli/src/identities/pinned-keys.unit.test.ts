import { generateKeyPairSync } from 'node:crypto';
import { type Ed25519Jwk, identityJwk, requestersFile } from '@quorate/platform';
import { announced, bounded, ended, unfinished } from './pinned-keys';

const jwk = (): Ed25519Jwk => identityJwk(generateKeyPairSync('ed25519').publicKey);
const [before, after, other] = [jwk(), jwk(), jwk()];
const until = new Date('2026-12-01T12:00:00Z');
const change = { kid: 'alice', before, after, until };
const former = { publicKey: before, until: until.toISOString() };

describe('a document that pins keys', () => {
  it.each<[string, object, object]>([
    [
      'PEERS_FILE',
      {
        peers: [
          { kid: 'alice', role: 'node', publicKey: before },
          { kid: 'bob', role: 'node', publicKey: other },
        ],
      },
      {
        peers: [
          { kid: 'alice', role: 'node', publicKey: after, formerKeys: [former] },
          { kid: 'bob', role: 'node', publicKey: other },
        ],
      },
    ],
    [
      'REQUESTERS_FILE',
      {
        requesters: [{ kid: 'alice', role: 'client', publicKey: before, limits: { open: 5 } }],
        operators: [{ kid: 'alice', publicKey: before }],
      },
      {
        requesters: [
          { kid: 'alice', role: 'client', publicKey: after, formerKeys: [former], limits: { open: 5 } },
        ],
        operators: [{ kid: 'alice', publicKey: after, formerKeys: [former] }],
      },
    ],
    [
      'a policy, where approvals are asked for anew',
      {
        version: 1,
        operators: { required: 1, keys: [{ kid: 'alice', publicKey: before }] },
        requesters: [
          {
            ...{ kid: 'bob', publicKey: other },
            approvals: { required: 1, approvers: [{ kid: 'alice', publicKey: before }] },
          },
        ],
      },
      {
        version: 1,
        operators: { required: 1, keys: [{ kid: 'alice', publicKey: after, formerKeys: [former] }] },
        requesters: [
          {
            ...{ kid: 'bob', publicKey: other },
            approvals: { required: 1, approvers: [{ kid: 'alice', publicKey: after }] },
          },
        ],
      },
    ],
  ])('has both keys while they overlap: %s', (_, given, expected) => {
    const changed = announced(given, 'file', change);
    expect(changed).toEqual(expected);
    // What was cut off after this is done again.
    expect(announced(changed, 'file', change)).toBeUndefined();
  });

  it('is left alone when it does not name the kid', () => {
    expect(announced({ peers: [{ kid: 'bob', publicKey: other }] }, 'file', change)).toBeUndefined();
  });

  it('is refused when it pins a third key', () => {
    expect(() => announced({ peers: [{ kid: 'alice', publicKey: other }] }, 'peers.json', change)).toThrow(
      'peers.json pins another key for alice',
    );
  });

  it('keeps former keys of before', () => {
    const twice = announced(
      announced({ operators: [{ kid: 'alice', publicKey: before }] }, 'file', change),
      'file',
      { kid: 'alice', before: after, after: other, until },
    );
    expect(twice).toEqual({
      operators: [{ kid: 'alice', publicKey: other, formerKeys: [former, { ...former, publicKey: after }] }],
    });
  });
});

describe('the end of a former key', () => {
  const overlapping = announced(
    { requesters: [{ kid: 'alice', role: 'client', publicKey: before }] },
    'file',
    change,
  );
  const now = new Date('2026-12-01T00:00:00Z');

  it('for decisions is now, and never later than it was', () => {
    const cut = ended(overlapping, now, 'for the log');
    expect(cut).toMatchObject({ requesters: [{ formerKeys: [{ until: now.toISOString() }] }] });
    expect(ended(cut, new Date('2026-12-24T00:00:00Z'), 'for the log')).toBeUndefined();
  });

  it('makes policies forget it', () => {
    const policy = ended(overlapping, now, 'not at all');
    expect(policy).toEqual({ requesters: [{ kid: 'alice', role: 'client', publicKey: after }] });
    expect(ended(policy, now, 'not at all')).toBeUndefined();
  });

  it('in the log is written once', () => {
    expect(unfinished(overlapping)).toEqual(['alice']);
    const whole = bounded(overlapping, { '0': 41 });
    expect(unfinished(whole)).toEqual([]);
    expect(bounded(whole, { '0': 99 })).toBeUndefined();
    expect(requestersFile.parse(whole).requesters[0]?.formerKeys[0]?.logs).toEqual({ '0': 41 });
  });
});
