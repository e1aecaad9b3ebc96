import { Pulse } from './pulse';

function pulseAt(): { pulse: Pulse; at: (ms: number) => Pulse } {
  let now = 0;
  const pulse = new Pulse(() => now);
  const at = (ms: number) => {
    now = ms;
    return pulse;
  };
  return { pulse, at };
}

/** A pulse that has heard so many answers of this many ms, the last one at the returned time. */
function used(answerMs: number): ReturnType<typeof pulseAt> & { now: number } {
  const { pulse, at } = pulseAt();
  for (let n = 0; n < 300; n++) {
    at(n * 100).asked(`warm-${n}`, ['a', 'b']);
    for (const node of ['a', 'b']) at(n * 100 + answerMs).heard(node, `warm-${n}`);
  }
  return { pulse, at, now: 40_000 };
}

test('patience follows the answers of late, within its limits', () => {
  expect(pulseAt().pulse.patienceMs()).toBe(1_000);
  expect(used(5).pulse.patienceMs()).toBe(250);
  expect(used(90).pulse.patienceMs()).toBe(270);
  expect(used(900).pulse.patienceMs()).toBe(1_000);
});

test('a node is quiet that owes an answer for longer than that, while others are heard', () => {
  const { at, now } = used(5);
  at(now).asked('x', ['a', 'b']);
  at(now + 10).heard('a', 'x');
  expect(at(now + 249).silenceOf('b')).toBeUndefined();
  expect(at(now + 251).silenceOf('b')).toBe(251);
  expect(at(now + 251).silenceOf('a')).toBeUndefined();
  expect(at(now + 300).heard('b', 'x')).toBe(true);
  expect(at(now + 900).silenceOf('b')).toBeUndefined();
});

test('one that answers other attempts meanwhile is busy, not quiet', () => {
  const { at, now } = used(5);
  at(now).asked('x', ['a', 'b']);
  at(now).asked('y', ['a', 'b']);
  at(now + 200).heard('b', 'y');
  at(now + 210).heard('a', 'x');
  expect(at(now + 400).silenceOf('b')).toBeUndefined();
  at(now + 420).heard('a', 'y');
  expect(at(now + 460).silenceOf('b')).toBe(260);
});

test('when nobody is heard, nobody is quiet', () => {
  const { at, now } = used(5);
  at(now).asked('x', ['a', 'b']);
  expect(at(now + 5_000).silenceOf('a')).toBeUndefined();
  expect(at(now + 5_000).silenceOf('b')).toBeUndefined();
});

test('counts what is owed, and forgets what nobody waits for', () => {
  const { at, now } = used(5);
  at(now).asked('x', ['a', 'b']);
  at(now).asked('y', ['b', 'c']);
  expect(at(now).owedBy('b')).toBe(2);
  expect(at(now).sinceAnswer('b', 'x')).toBeUndefined();
  at(now + 1).heard('b', 'x');
  expect(at(now + 3).heard('b', 'x')).toBe(false);
  expect(at(now + 4).sinceAnswer('b', 'x')).toBe(3);
  at(now + 1).forget('y');
  expect(at(now + 1).owedBy('b')).toBe(0);
  expect(at(now + 1).sinceAnswer('b', 'y')).toBeUndefined();
  expect(at(now + 7).ageOf('x')).toBe(7);
  expect(at(now + 7).ageOf('y')).toBeUndefined();
});
