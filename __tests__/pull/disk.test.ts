import { expect, test } from '@jest/globals';
import type { Digest } from '../../src/oci/digest.ts';
import type { PullEvent } from '../../src/outcome.ts';
import type { LayerCache, Ports } from '../../src/ports.ts';
import { packKey } from '../../src/pull/cache-keys.ts';
import { makeSureItFits, stagingBytes } from '../../src/pull/disk.ts';
import type { Plan } from '../../src/pull/plan.ts';
import { newRun, type Run } from '../../src/pull/run.ts';
import { parseSettings } from '../../src/settings.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { randomBlob } from '../support/store-blobs.ts';

const MB = 1_000_000;

/** A plan that lacks blobs of these sizes. */
function lacking(...sizes: readonly number[]): Plan {
  const missing = sizes.map((size) => ({
    blob: { ...randomBlob(8).descriptor, size },
    repositories: [],
    inline: undefined,
    rank: 0,
  }));
  return { missing, layers: sizes.length, bytes: 0 };
}

interface Setting {
  readonly free: number;
  readonly readable?: boolean;
  readonly policy?: string;
  /** Blobs that the one pack of the cache has. */
  readonly packed?: readonly Digest[];
}

async function runWith({ free, readable = false, policy = 'always', packed = [] }: Setting) {
  const store = memoryStore('/the/store');
  store.free = free;
  const events: PullEvent[] = [];
  const asked: string[] = [];
  let disposed = 0;
  const dispose = async () => {
    disposed += 1;
  };
  const cache: LayerCache = {
    readable,
    writable: false,
    newest: async () => undefined,
    async restore(key) {
      asked.push(key);
      const files = packed.map((digest) => ({ name: digest.replace(':', '-'), path: '/nowhere', size: 8 }));
      return { files, bytes: 8, seconds: 1, dispose };
    },
    save: async () => 'refused',
    close: async () => {},
  };
  const report = (event: PullEvent) => void events.push(event);
  const ports = { store, cache, report, now: Date.now } as unknown as Ports;
  const run: Run = newRun(parseSettings({ images: 'a', 'pull-policy': policy }).request, ports);
  const target = randomBlob(8).descriptor.digest;
  if (packed.length > 0) await run.packs.open(target, ['linux/amd64']);
  if (packed.length > 0) expect(asked).toEqual([packKey(target, 'linux/amd64')]);
  const take = async () => {
    await run.packs.take({ digest: target, size: 20 * MB });
    return asked.length > (packed.length > 0 ? 1 : 0);
  };
  return {
    run,
    warnings: () => events.filter(({ type }) => type === 'warning'),
    takes: take,
    disposed: () => disposed,
  };
}

test('what does not fit is an error with both figures and what to do', async () => {
  const { run } = await runWith({ free: 300 * MB });
  await expect(makeSureItFits(lacking(399 * MB, MB), run)).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: '/the/store: 400MB are to be stored and 300MB are free on its disk; nothing was fetched',
    hint: expect.stringMatching(/Free some space.*`store-max-size`.*`store`/),
  });
});

test.each([
  ['to the byte', [200 * MB, 100 * MB], 300 * MB],
  ['where the disk does not tell', [400 * MB], Number.MAX_SAFE_INTEGER],
  ['when nothing is missing, on a full disk', [], 0],
])('what fits %s is no error', async (_, sizes, free) => {
  const { run, warnings } = await runWith({ free });
  await makeSureItFits(lacking(...sizes), run);
  expect(warnings()).toEqual([]);
});

test('what lies in an open pack needs no more room, and without room for the rest the pack goes', async () => {
  const plan = lacking(200 * MB, 200 * MB);
  const packed = [plan.missing[0]?.blob.digest ?? ('' as Digest)];
  const enough = await runWith({ free: 200 * MB, readable: true, packed, policy: 'never' });
  await makeSureItFits(plan, enough.run);
  const short = await runWith({ free: 200 * MB - 1, readable: true, packed });
  await expect(makeSureItFits(plan, short.run)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect([enough.disposed(), short.disposed()]).toEqual([0, 1]);
});

test('where only the archives of the cache do not fit, layers come without it, with a warning', async () => {
  const tight = await runWith({ free: 400 * MB - 1, readable: true });
  await makeSureItFits(lacking(200 * MB), tight.run);
  expect(tight.warnings()).toMatchObject([
    { message: expect.stringMatching(/^\/the\/store .*400MB needed, 400MB free.*registry/) },
  ]);
  expect(await tight.takes()).toBe(false);
  const roomy = await runWith({ free: 400 * MB, readable: true });
  await makeSureItFits(lacking(200 * MB), roomy.run);
  expect(roomy.warnings()).toEqual([]);
  expect(await roomy.takes()).toBe(true);
});

test('the cache counts only if it can be read, and is tried in any case where no registry may be asked', async () => {
  for (const setting of [{ readable: false }, { readable: true, policy: 'never' }]) {
    const { run, warnings } = await runWith({ free: 300 * MB, ...setting });
    await makeSureItFits(lacking(200 * MB), run);
    expect(warnings()).toEqual([]);
  }
});

test('archives are those of the four largest layers that have entries of their own', () => {
  const MIB = 1024 * 1024;
  expect(stagingBytes(lacking(MIB, 16 * MIB - 1).missing)).toBe(0);
  expect(stagingBytes(lacking(16 * MIB, MIB, 20 * MIB).missing)).toBe(36 * MIB);
  expect(stagingBytes(lacking(...[20, 50, 30, 40, 60].map((size) => size * MIB)).missing)).toBe(180 * MIB);
});
