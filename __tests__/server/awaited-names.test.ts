import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NameRecord, Store } from '../../src/ports.ts';
import { awaitedNames } from '../../src/server/awaited-names.ts';
import { storeContents } from '../../src/store/contents.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { tempFolder } from '../support/store-blobs.ts';
import { type Made, makeImage, makeIndex, writeBlobs } from '../support/stored-image.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let store: Store;
let calls: number;
let recorded: readonly string[];
/** Thrown by the next records. */
let failures: unknown[];
beforeEach(async () => {
  folder = await tempFolder();
  [calls, recorded, failures] = [0, [], []];
  const real = await openStore(folder.path);
  const counted =
    <A extends readonly unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      calls += 1;
      return work(...args);
    };
  store = {
    ...real,
    has: counted(real.has),
    read: counted(real.read),
    named: counted(real.named),
    async record(names: readonly NameRecord[]) {
      const [failure] = failures.splice(0, 1);
      if (failure !== undefined) throw failure;
      await real.record(names);
      recorded = [...recorded, ...names.map(({ name, at }) => `${name} ${at}`)];
    },
  };
});
afterEach(() => folder.dispose());

const awaited = () => awaitedNames({ store, readable: () => undefined, now: () => 7 });
/** All but the blobs. */
const writeDocuments = async (image: Made) =>
  writeBlobs(
    store,
    image,
    image.blobs.filter(({ mediaType }) => /index|manifest/.test(mediaType)),
  );
const contentOf = ({ blobs }: Made) => blobs.filter(({ mediaType }) => !/index|manifest/.test(mediaType));

/** What one image costs, blob after blob, while so many others wait. */
async function costBeside(others: number): Promise<number> {
  const names = awaited();
  const mine = await makeIndex({ layers: [`${others} a`, `${others} b`, `${others} c`] });
  for (let n = 0; n < others; n += 1) {
    const image = await makeImage({ layers: [`${others} other ${n}`] });
    await writeDocuments(image);
    await names.expect({ names: [`other:${others}-${n}`], target: image.target });
  }
  await writeDocuments(mine);
  const before = calls;
  await names.expect({ names: [`mine:${others}`], target: mine.target });
  for (const blob of contentOf(mine)) {
    await writeBlobs(store, mine, [blob]);
    names.arrived(blob.digest);
    await names.settled();
  }
  expect(recorded).toContain(`mine:${others} 7`);
  return calls - before;
}

test('however many names wait, a blob costs what the images cost that it is part of', async () => {
  expect(await costBeside(40)).toBe(await costBeside(1));
});

test('a blob that came some other way is seen with the next of its platform, and one that nobody waits for costs nothing', async () => {
  const names = awaited();
  const image = await makeImage({ layers: ['a', 'b'] });
  await writeDocuments(image);
  await names.expect({ names: ['app:1'], target: image.target });
  await writeBlobs(store, image, image.blobs);
  expect(recorded).toEqual([]);
  calls = 0;
  names.arrived((await makeImage({ layers: ['z'] })).target.digest);
  expect(calls).toBe(0);
  names.arrived(contentOf(image).at(-1)?.digest ?? image.target.digest);
  await names.settled();
  expect(recorded).toEqual(['app:1 7']);
});

test('a name that could not be written is written with the next blob, whosever it is', async () => {
  const names = awaited();
  const [one, other] = [await makeImage({ layers: ['one'] }), await makeImage({ layers: ['other'] })];
  failures.push(new Error('locked'));
  await writeBlobs(store, one, one.blobs);
  await names.expect({ names: ['one:1'], target: one.target });
  await writeDocuments(other);
  await names.expect({ names: ['other:1'], target: other.target });
  expect([recorded, failures]).toEqual([[], []]);
  names.arrived(one.target.digest);
  await names.settled();
  expect(recorded).toEqual(['one:1 7']);
});

describe('a name that means its target already', () => {
  /** An index of which the second platform comes, the manifest first, as it is asked for. */
  async function comes(meanwhile: () => Promise<void>): Promise<void> {
    const names = awaited();
    const [recipe, late] = [{ layers: ['amd'] }, { layers: ['arm'], architecture: 'arm64' }];
    const [image, arm] = [await makeIndex(recipe, late), await makeImage(late)];
    const later = new Set(arm.blobs.map(({ digest }) => digest));
    const early = image.blobs.filter(({ digest }) => !later.has(digest));
    await writeBlobs(store, image, early);
    await store.record([{ name: 'app:1', target: image.target, at: 3 }]);
    recorded = [];
    await names.expect({ names: ['app:1'], target: image.target, named: true });
    expect(recorded).toEqual([]);
    await meanwhile();
    for (const blob of [arm.target, ...contentOf(arm)]) {
      await writeBlobs(store, arm, [blob]);
      names.arrived(blob.digest);
    }
    await names.settled();
  }

  test('is written for a further platform alone, and stays as old as it was', async () => {
    await comes(async () => {});
    expect(recorded).toEqual(['app:1 3']);
  });

  test('does not come back when it was taken away', async () => {
    await comes(() => storeContents(folder.path).forget(['app:1']));
    expect(recorded).toEqual([]);
  });
});
