import { expect, test } from '@jest/globals';
import { slots } from '../../../src/github/cache/slots.ts';

/** Tasks that run until they are let go; gives the names of those that were started. */
function tasks(admit: ReturnType<typeof slots>) {
  const started: string[] = [];
  const release = new Map<string, (error?: Error) => void>();
  const run = (name: string, bytes: number) =>
    admit(bytes, () => {
      started.push(name);
      return new Promise<string>((resolve, reject) =>
        release.set(name, (error) => (error ? reject(error) : resolve(name))),
      );
    });
  return { started, run, end: (name: string, error?: Error) => release.get(name)?.(error) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('no more than so many run at once, in the order they came', async () => {
  const { started, run, end } = tasks(slots(2, 100));
  const all = ['a', 'b', 'c', 'd'].map((name) => run(name, 1));
  await settled();
  expect(started).toEqual(['a', 'b']);
  end('b');
  await settled();
  expect(started).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c']) end(name);
  await settled();
  end('d');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('together they hold no more than the bytes there are; nobody is overtaken', async () => {
  const { started, run, end } = tasks(slots(10, 100));
  for (const [name, bytes] of [
    ['a', 60],
    ['b', 60],
    ['c', 10],
  ] as const)
    run(name, bytes);
  await settled();
  expect(started).toEqual(['a']);
  end('a');
  await settled();
  expect(started).toEqual(['a', 'b', 'c']);
});

test('one that wants more than there is runs alone', async () => {
  const { started, run, end } = tasks(slots(10, 100));
  run('a', 1000);
  run('b', 1);
  await settled();
  expect(started).toEqual(['a']);
  end('a');
  await settled();
  expect(started).toEqual(['a', 'b']);
});

test('one that fails makes room like any other', async () => {
  const { started, run, end } = tasks(slots(1, 100));
  const first = run('a', 1);
  run('b', 1);
  await settled();
  end('a', new Error('no'));
  await expect(first).rejects.toThrow('no');
  await settled();
  expect(started).toEqual(['a', 'b']);
});
