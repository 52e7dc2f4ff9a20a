import { expect, test } from '@jest/globals';
import { newDeferred } from '../../src/lib/deferred.ts';
import { gate, gates, once, together } from '../../src/lib/pool.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('at most the limit runs at once, first come, first served', async () => {
  const limited = gate(2);
  const latches = Array.from({ length: 5 }, () => newDeferred());
  const started: number[] = [];
  const tasks = latches.map(({ promise }, index) =>
    limited(async () => {
      started.push(index);
      await promise;
      return index;
    }),
  );
  await turn();
  expect(started).toEqual([0, 1]);
  latches[1]?.resolve();
  await turn();
  expect(started).toEqual([0, 1, 2]);
  for (const { resolve } of latches) resolve();
  expect(await Promise.all(tasks)).toEqual([0, 1, 2, 3, 4]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('a task that comes between two others does not slip past the limit', async () => {
  const limited = gate(1);
  let running = 0;
  let most = 0;
  const task = async () => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  };
  const tasks = Array.from({ length: 20 }, async (_, index) => {
    if (index % 2 === 1) await turn();
    await limited(task);
  });
  await Promise.all(tasks);
  expect(most).toBe(1);
});

test('a task that fails makes room, whether it rejects or throws', async () => {
  const limited = gate(1);
  const failures = [
    limited(() => Promise.reject(new Error('rejected'))),
    limited(() => {
      throw new Error('thrown');
    }),
  ];
  const results = await Promise.allSettled([...failures, limited(async () => 'ran')]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('each key has a gate of its own, and keeps it', async () => {
  const byKey = gates(1);
  expect(byKey('a')).toBe(byKey('a'));
  const { promise: opened, resolve: open } = newDeferred();
  const blocked = byKey('a')(() => opened);
  expect(await byKey('b')(async () => 'free')).toBe('free');
  open();
  await blocked;
});

test('one answer is shared by all who ask, during and after the work', async () => {
  const shared = once<number>();
  let runs = 0;
  const work = async () => {
    runs += 1;
    await turn();
    return runs;
  };
  expect(await Promise.all([shared('a', work), shared('a', work), shared('b', work)])).toEqual([2, 2, 2]);
  expect(await shared('a', work)).toBe(2);
  expect(runs).toBe(2);
});

test('a failure reaches all who wait and is then forgotten', async () => {
  const shared = once<string>();
  const failing = () => Promise.reject(new Error('no'));
  const results = await Promise.allSettled([shared('a', failing), shared('a', failing)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await shared('a', async () => 'yes')).toBe('yes');
});

test('what runs is shared by all who ask meanwhile; what has ended, well or badly, is asked for anew', async () => {
  const shared = together<number>();
  let runs = 0;
  const work = async () => {
    runs += 1;
    await turn();
    if (runs === 3) throw new Error('no');
    return runs;
  };
  expect(await Promise.all([shared('a', work), shared('a', work), shared('b', work)])).toEqual([2, 2, 2]);
  const failed = await Promise.allSettled([shared('a', work), shared('a', work)]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await shared('a', work)).toBe(4);
});
