import { Turns } from './turns';

describe('turns', () => {
  it('come one after the other, whatever fails', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const step = (name: string, fails = false) =>
      turns.take(async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const [first, second, third] = [step('a'), step('b', true), step('c')];
    await expect(second).rejects.toThrow('b');
    expect(await Promise.all([first, third])).toEqual(['a', 'c']);
    expect(seen).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('are over when the last one is, also when it fails', async () => {
    const turns = new Turns();
    let isDone = false;
    const failing = turns.take(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      isDone = true;
      throw new Error('it fails');
    });
    failing.catch(() => undefined);
    await turns.over();
    expect(isDone).toBe(true);
  });
});
