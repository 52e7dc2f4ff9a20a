import { expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { toldBy } from '../../src/server/told.ts';
import { memoryStore } from '../fakes/memory-store.ts';

const HOUR = 3_600_000;
const digest = (name: string): Digest => digestOf(name);

/** A store that has everything, and what it is asked to keep. */
function world() {
  const store = memoryStore();
  const state = { at: 0, writes: 0 };
  const lease: typeof store.lease = (digests) => {
    state.writes += 1;
    return store.lease(digests);
  };
  const told = toldBy({
    store: { lease, release: store.release },
    contents: { sizeOf: async () => 7 },
    now: () => state.at,
  });
  return { told, state, kept: () => [...store.leases.values()].flat() };
}

test('who asks for one blob again and again has it marked once, until half of an hour is over', async () => {
  const { told, state, kept } = world();
  for (let times = 0; times < 20; times += 1) expect(await told.sizeOf('a', digest('x'))).toBe(7);
  state.at = HOUR / 2 - 1;
  await told.sizeOf('a', digest('x'));
  expect([state.writes, kept()]).toEqual([1, [digest('x')]]);
  state.at = HOUR / 2;
  await told.sizeOf('a', digest('x'));
  expect([state.writes, kept()]).toEqual([2, [digest('x')]]);
});

test('questions without end fill neither memory nor store', async () => {
  const { told, state, kept } = world();
  const asked = Array.from({ length: 10_000 }, (_, at) => told.sizeOf(`path/${at}`, digest(`${at}`)));
  expect(new Set(await Promise.all(asked))).toEqual(new Set([7]));
  expect(kept()).toHaveLength(4096);
  expect(kept()).toContain(digest('9999'));
  expect(state.writes).toBeLessThan(10);
  // None is kept longer for what came behind it.
  state.at = HOUR;
  await told.sizeOf('a', digest('late'));
  expect(kept()).toEqual([digest('late')]);
});

test('a blob is kept until each who was told of it has named it, by the repository', async () => {
  const { told, kept } = world();
  await told.sizeOf('a', digest('x'));
  await told.sizeOf('a', digest('x'));
  await told.sizeOf('b', digest('x'));
  await told.over('a', [digest('x')]);
  await told.over('b', [digest('x')]);
  await told.over('b', [digest('x')]);
  expect(kept()).toEqual([digest('x')]);
  await told.over('a', [digest('x')]);
  expect(kept()).toEqual([]);
  await told.keep('a', digest('manifest'), [digest('x')]);
  expect(kept()).toEqual([digest('manifest'), digest('x')]);
  await told.forget(digest('x'));
  expect(kept()).toEqual([]);
});

test('where nothing can be marked the answer is as ever, and the next question tries again', async () => {
  let full = true;
  const leases: (readonly Digest[])[] = [];
  const lease = async (digests: readonly Digest[]) => {
    if (full) throw new Error('no space left');
    leases.push(digests);
    return 'lease';
  };
  const store = { lease, release: async () => {} };
  const told = toldBy({ store, contents: { sizeOf: async () => 7 }, now: () => 0 });
  expect(await told.sizeOf('a', digest('x'))).toBe(7);
  full = false;
  expect(await told.sizeOf('a', digest('x'))).toBe(7);
  expect(leases).toEqual([[digest('x')]]);
});

test('what went while it was asked for is not told of, and nothing stays marked when the server ends', async () => {
  const store = memoryStore();
  const sizes = [7, undefined];
  const told = toldBy({ store, contents: { sizeOf: async () => sizes.shift() }, now: () => 0 });
  expect(await told.sizeOf('a', digest('x'))).toBeUndefined();
  expect(store.leases.size).toBe(0);
  sizes.push(7, 7);
  await told.sizeOf('a', digest('x'));
  expect(store.leases.size).toBe(1);
  await told.end();
  expect(store.leases.size).toBe(0);
});
