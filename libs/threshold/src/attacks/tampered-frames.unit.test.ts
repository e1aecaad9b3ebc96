/**
 * What can be done to frames without regard to their meaning, in every slot of every ceremony (specification sections 2, 9
 * and 16). What must hold of every run is in testing/adversary.ts.
 */
import {
  BROADCAST,
  encodeHeader,
  FRAME_TYPES,
  type FrameHeader,
  HEADER_BYTES,
  parseFrame,
  ROUNDS,
  SIGNATURE_BYTES,
} from '../session/frame';
import { provesEquivocation } from '../session/equivocation';
import { Adversary, type Attack, type Scene, type Shot } from '../testing/adversary';
import { conclusion } from '../testing/field-tampering';
import {
  ecdsaReshareScene,
  keygenScene,
  nonceScene,
  presignScene,
  rekeyScene,
  schnorrKeygenScene,
  schnorrReshareScene,
} from '../testing/scenes';
import { seededRandom } from '../testing/seeded-random';
import { identityOf } from '../testing/trusted-dealer';

const flipped = (bytes: Buffer, at: number, mask = 1): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ mask, at);
  return copy;
};

/** Where the fields of a header begin, and where payload and signature begin and end. */
const HEADER_FIELDS = [0, 1, 2, 3, 4, 35, 36, 39, 40, 71, 72, 73, 74, 75, 76, 79];

/** Frames that nobody signed, or somebody else. */
function unsigned({ frame: { bytes } }: Shot, random: (bytes: number) => Buffer): Buffer[] {
  const end = bytes.length - SIGNATURE_BYTES;
  const places = [...HEADER_FIELDS, HEADER_BYTES, end - 1, end, end + 32, bytes.length - 1];
  const inside = Array.from({ length: 8 }, () => random(4).readUInt32BE(0) % bytes.length);
  const body = bytes.subarray(0, end);
  return [
    ...places.map((at) => flipped(bytes, at)),
    ...inside.map((at) => flipped(bytes, at, 1 << (at % 8))),
    Buffer.concat([body, Buffer.alloc(SIGNATURE_BYTES)]),
    Buffer.concat([body, identityOf(9).sign(Buffer.concat([Buffer.from('dkls23/1/frame'), body]))]),
    Buffer.concat([body, identityOf(2).sign(body)]), // without the domain
    body,
    bytes.subarray(0, bytes.length - 1),
    Buffer.concat([bytes, Buffer.alloc(1)]),
    bytes.subarray(0, HEADER_BYTES),
    Buffer.alloc(0),
  ];
}

/** Frames that the dishonest party signed, of other sessions, slots or lengths: they have no place in this session. */
function misplaced<R, P>(adversary: Adversary<R, P>, shot: Shot): Buffer[] {
  const { frame, receiver } = shot;
  const { start } = adversary.scene;
  const others = start.participants.map(({ index }) => index).filter((index) => index !== frame.from);
  const claims: Partial<FrameHeader>[] = [
    ...others.map((from) => ({ from })),
    { from: 9 },
    { epoch: frame.epoch + 1 },
    ...([1, 2, 3, 4] as const).filter((suite) => suite !== frame.suite).map((suite) => ({ suite })),
    { keyId: flipped(frame.keyId, 0) },
    { sid: flipped(frame.sid, 31) },
    ...Object.values(FRAME_TYPES)
      .filter((type) => type !== frame.type)
      .map((type) => ({ type })),
    ...others.filter((to) => to !== receiver).map((to) => ({ to })),
    { to: 9 },
    { round: 0 },
    { round: ROUNDS[frame.type] + 1 },
  ];
  const lengths = [1, -1, frame.payload.length, -frame.payload.length].map((more) => {
    const payload = Buffer.concat([frame.payload, Buffer.alloc(Math.max(more, 0))]);
    const cut = payload.subarray(0, frame.payload.length + more);
    return adversary.sign(Buffer.concat([encodeHeader(frame, cut.length), cut]));
  });
  const liesAboutLength = adversary.sign(
    Buffer.concat([encodeHeader(frame, frame.payload.length + 1), frame.payload]),
  );
  const version = flipped(frame.bytes.subarray(0, -SIGNATURE_BYTES), 0, 2);
  return [
    ...claims.map((claim) => adversary.forge(shot, undefined, claim)),
    ...lengths,
    liesAboutLength,
    adversary.sign(version),
  ];
}

/** Everything that a run shows, byte for byte. */
function shown<R, P>(scene: Scene<R, P>, { outcomes, results, sent }: Attack<R>) {
  return {
    ended: [...outcomes].map(([party, { kind }]) => [party, kind]),
    facts: [...results].map(([party, result]) => [party, scene.facts(result)]),
    secrets: [...results].map(([party, result]) => [party, scene.secretsOf(result)]),
    sent,
  };
}

/** Whether two shots are the same message, or the same broadcast. */
const slotOf = ({ frame: { round, to } }: Shot): string =>
  `round ${round} to ${to === BROADCAST ? 'all' : to}`;

/** @param effort the number of orders, and the slots to which everything is done; base OTs and three signers take long */
function frameTests<R, P>(
  scene: Scene<R, P>,
  effort: { readonly orders: number; readonly slots: 'every' | 'direct' | 'none' },
): void {
  describe(scene.name, () => {
    const adversary = new Adversary(scene);
    const expected = shown(scene, adversary.honest);
    const slots = [...new Map(adversary.shots.map((shot) => [slotOf(shot), shot])).values()];
    const isTried = ({ frame: { to } }: Shot) =>
      effort.slots === 'every' || (effort.slots === 'direct' && to !== BROADCAST);
    const named = slots.filter(isTried).map((slot) => [slotOf(slot), slot] as const);
    const inSlot = (slot: Shot, send: (shot: Shot) => Buffer[]) =>
      adversary.attack((shot) => (slotOf(shot) === slotOf(slot) ? send(shot) : [shot.frame.bytes]));

    test('everyone ends with a result', () => {
      expect([...adversary.honest.results.keys()].sort()).toEqual([...adversary.receivers].sort());
    });

    test('frames that nobody signed, of other slots and sessions, and duplicates change nothing at all', () => {
      const random = seededRandom(scene.name);
      let delivered = 0;
      const attack = adversary.attack((shot) => {
        const { bytes } = shot.frame;
        const before = [...unsigned(shot, random), ...misplaced(adversary, shot)];
        delivered += before.length;
        return [...before, bytes, bytes, ...before, bytes];
      });
      expect(delivered).toBeGreaterThan(adversary.shots.length * 50);
      expect(shown(scene, attack)).toEqual(expected);
    });

    test('the order of frames changes nothing', () => {
      for (let seed = 0; seed < effort.orders; seed++) {
        const random = seededRandom(`order ${seed}`);
        const attack = adversary.attack(
          ({ frame }) => [frame.bytes],
          (waiting) => random(4).readUInt32BE(0) % waiting,
        );
        const { facts, secrets, sent } = shown(scene, attack);
        const sorted = (list: readonly unknown[]) => list.map((it) => JSON.stringify(it)).sort();
        expect(sorted(facts)).toEqual(sorted(expected.facts));
        expect([secrets.length, sent.length]).toEqual([expected.secrets.length, expected.sent.length]);
      }
    });

    if (named.length === 0) return;
    test.each(named)('%s dropped: no result, nobody accused', (_, slot) => {
      for (const send of [() => [], (shot: Shot) => unsigned(shot, seededRandom('alone')).slice(0, 30)]) {
        const attack = inSlot(slot, send);
        const [victim] = slot.frame.to === BROADCAST ? adversary.receivers : [slot.receiver];
        expect(conclusion(attack, victim ?? 0)).toBe('waits');
        expect([...attack.failures.values()]).toEqual([]);
      }
    });

    test.each(named)('%s twice with different content convicts, before anyone', (_, slot) => {
      const other = flipped(slot.plaintext, slot.plaintext.length - 1);
      const met = new Set<number>();
      const attack = adversary.attack((shot) => {
        const { receiver, frame } = shot;
        const both = adversary.shots.find((it) => slotOf(it) === slotOf(slot) && it.receiver === receiver);
        if (!both || met.has(receiver)) return [frame.bytes];
        met.add(receiver); // frames of later rounds are held
        return [both.frame.bytes, adversary.forge(both, other), frame.bytes];
      });
      const { identityKey } = identityOf(scene.corrupt);
      for (const party of met) {
        const { check, accused, evidence = [] } = attack.failures.get(party) ?? {};
        const [a, b] = evidence;
        expect([party, check, accused]).toEqual([party, 'session.equivocation', scene.corrupt]);
        expect(a && b && provesEquivocation(a, b, identityKey)).toBe(true);
      }
      expect(met.size).toBe(slot.frame.to === BROADCAST ? adversary.receivers.length : 1);
    });

    test.each(named)('%s: a changed frame, then the honest one', (_, slot) => {
      const other = flipped(slot.plaintext, slot.plaintext.length - 1);
      const attack = inSlot(slot, (shot) => [adversary.forge(shot, other), shot.frame.bytes]);
      const victims = slot.frame.to === BROADCAST ? adversary.receivers : [slot.receiver];
      for (const party of victims) expect([party, conclusion(attack, party)]).not.toEqual([party, 'waits']);
    });

    const sealed = named.filter(([, { frame, plaintext }]) => frame.payload.length > plaintext.length);
    if (sealed.length > 0) {
      test.each(sealed)(
        '%s with another ciphertext or tag, or sealed for another receiver: IDENT-P',
        (_, slot) => {
          const body = slot.frame.bytes.subarray(0, -SIGNATURE_BYTES);
          const frames = [HEADER_BYTES, body.length - 17, body.length - 1].map((at) =>
            adversary.sign(flipped(body, at)),
          );
          const stranger = adversary.receivers.find((party) => party !== slot.receiver);
          if (stranger) frames.push(adversary.forge({ ...slot, receiver: stranger }));
          for (const frame of frames) {
            const attack = inSlot(slot, () => [frame]);
            expect(conclusion(attack, slot.receiver)).toBe('IDENT-P session.aead');
          }
        },
      );
    }

    if (effort.slots !== 'every') return;

    test.each(named)('%s changed, in any order', (_, slot) => {
      for (const seed of [1, 2, 3]) {
        const random = seededRandom(`${slotOf(slot)}, order ${seed}`);
        const at = random(4).readUInt32BE(0) % slot.plaintext.length;
        adversary.attack(
          (shot) => {
            const isIt = slotOf(shot) === slotOf(slot);
            return [isIt ? adversary.forge(shot, flipped(shot.plaintext, at)) : shot.frame.bytes];
          },
          (waiting) => random(4).readUInt32BE(0) % waiting,
        );
      }
    });

    test.each(named)('%s replayed from elsewhere', (_, slot) => {
      const others = adversary.shots.filter((it) => slotOf(it) !== slotOf(slot));
      for (const other of new Map(others.map((it) => [slotOf(it), it])).values()) {
        const { length } = slot.plaintext;
        const payload = Buffer.concat([other.plaintext, Buffer.alloc(length)]).subarray(0, length);
        inSlot(slot, (shot) => [adversary.forge(shot, payload)]);
        inSlot(slot, (shot) => [
          adversary.forge(shot, shot.plaintext, { round: other.frame.round }),
          shot.frame.bytes,
        ]);
      }
    });

    test('the first message of another session', () => {
      const elsewhere = new Adversary({ ...scene, name: `${scene.name}, again` });
      for (const slot of slots) {
        const other = elsewhere.shots.find((it) => slotOf(it) === slotOf(slot));
        if (!other) throw new Error('the same slots');
        inSlot(slot, () => [other.frame.bytes]);
        const attack = inSlot(slot, (shot) => [adversary.forge(shot, other.plaintext)]);
        expect(parseFrame(other.frame.bytes)?.signature).not.toEqual(slot.frame.signature);
        expect(attack.outcomes.size).toBeGreaterThan(0);
      }
    });
  });
}

for (const suite of [3, 4] as const) {
  frameTests(schnorrKeygenScene(suite), { orders: 10, slots: 'every' });
  frameTests(schnorrReshareScene(suite), { orders: 10, slots: 'every' });
  frameTests(nonceScene(suite), { orders: 10, slots: 'every' });
}
frameTests(presignScene([1, 2]), { orders: 5, slots: 'every' });
frameTests(presignScene([1, 2, 3]), { orders: 3, slots: 'direct' });
frameTests(keygenScene(), { orders: 1, slots: 'direct' });
frameTests(ecdsaReshareScene(), { orders: 1, slots: 'none' });
frameTests(rekeyScene(), { orders: 1, slots: 'direct' });
