import { expect, test } from '@jest/globals';
import { runTarget } from './support/fuzz/run-target.ts';
import { TARGETS } from './support/fuzz/targets.ts';

// `npm run fuzz` does the same a million times each.
const EXECUTIONS = 10_000;

test.each(TARGETS.map((target) => [target.name, target] as const))(
  'no mutation makes the parser of a %s throw anything but a PullError, or take its time',
  async (_, target) => {
    const { failures, executions, refused } = await runTarget(target, EXECUTIONS, 7);
    expect(failures).toEqual([]);
    expect(executions).toBe(EXECUTIONS);
    // Some of what is fed must be good, or the corpus is not what it should be.
    expect(refused).toBeLessThan(executions);
  },
  60_000,
);

test('a parser that throws, or takes its time, is found', async () => {
  const parse = (text: string) => {
    if (text.includes('!')) throw new RangeError('found');
  };
  const { failures } = await runTarget({ name: 'bad', corpus: ['a'], tokens: ['!'], parse }, 10_000, 7);
  expect(failures[0]).toMatchObject({ why: 'RangeError: found', input: expect.stringContaining('!') });
  const slow = (text: string) => {
    for (const until = performance.now() + 150; performance.now() < until; ) text.at(0);
  };
  expect((await runTarget({ name: 'slow', corpus: ['a'], tokens: ['a'], parse: slow }, 1, 7)).failures[0]?.why).toMatch(
    / ms for \d+ characters$/,
  );
}, 60_000);
