import { parseStartArguments } from './stack-options';

describe('the arguments of npm start', () => {
  it('defaults to a 2-of-3 key on one coordinator', () => {
    expect(parseStartArguments([])).toEqual({
      shape: { coordinators: ['coordinator-1'], nodes: ['node-1', 'node-2', 'node-3'], threshold: 2 },
      once: false,
      help: false,
    });
  });

  it('takes another shape', () => {
    const { shape, once } = parseStartArguments([
      '--nodes',
      '5',
      '--threshold=3',
      '--coordinators',
      '2',
      '--once',
    ]);
    expect(shape).toMatchObject({ coordinators: ['coordinator-1', 'coordinator-2'], threshold: 3 });
    expect(shape.nodes).toHaveLength(5);
    expect(once).toBe(true);
  });

  it.each([
    [['--nodes', '1'], '--nodes must be a number from 2 to 16, it is "1"'],
    [['--nodes', '3', '--threshold', '4'], '--threshold must be a number from 2 to 3, it is "4"'],
    [['--coordinators', 'many'], '--coordinators must be a number from 1 to 8, it is "many"'],
    [['--twice'], "Unknown option '--twice'"],
  ])('refuses %j', (args, message) => {
    expect(() => parseStartArguments(args)).toThrow(message);
  });
});
