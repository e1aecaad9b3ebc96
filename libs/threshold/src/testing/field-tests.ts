/** The tests of a map from the fields of messages to the checks that find a change of them. */
import { Adversary, type Scene } from './adversary';
import { attackField, casesOf, conclusion, type FieldCase, type MessageMap } from './field-tampering';

/**
 * Every change of every field, for everyone, and one change of each for one receiver only. Each honest receiver must come
 * to the conclusion of the map.
 *
 * @param published how many of the values that honest parties draw are on the wire of a run
 * @param isTried which changes are made, of those for everyone
 */
export function fieldTests<R, P>(
  scene: Scene<R, P>,
  maps: readonly MessageMap[],
  published: number,
  isTried: (it: FieldCase) => boolean = () => true,
): void {
  describe(scene.name, () => {
    const adversary = new Adversary(scene);

    test('publishes what it must of what it draws, and nothing else', () => {
      expect(adversary.publicDraws).toBe(published);
    });

    test.each(maps.map((map) => [map.round, map.to, map] as const))('round %i to %s', (_round, to, map) => {
      for (const it of casesOf(adversary, map).filter(isTried)) {
        const receivers = to === 'all' ? adversary.receivers : [it.victim];
        const attack = attackField(adversary, map, it, receivers);
        for (const party of receivers) {
          const found = conclusion(attack, party);
          expect([it.what, party, found]).toEqual([it.what, party, it.expected.find((one) => one === found)]);
        }
      }
    });

    const broadcasts = maps.filter(({ to }) => to === 'all');
    if (adversary.receivers.length < 2) return;
    test.each(broadcasts.map((map) => [map.round, map] as const))('round %i to one only', (_round, map) => {
      for (const it of casesOf(adversary, map).filter(({ what }) => what.startsWith('bit of byte 0'))) {
        const attack = attackField(adversary, map, it, [it.victim]);
        const found = conclusion(attack, it.victim);
        expect([it.what, found]).toEqual([it.what, it.expected.find((one) => one === found)]);
        const disagree = [...attack.failures.values()].filter(({ failureClass }) => failureClass === 'AGREE');
        if (disagree.length < 2) continue;
        expect([it.what, adversary.accusedByPool(attack)]).toEqual([it.what, [scene.corrupt]]);
      }
    });
  });
}
