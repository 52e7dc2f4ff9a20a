import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { openStore } from '../../src/store/layout-store.ts';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { diskTest, smallDisk } from '../support/small-disk.ts';
import { startSource } from '../support/source.ts';
import { auditStore, unfinished } from '../support/store-audit.ts';
import { inChunks, randomBlob } from '../support/store-blobs.ts';

let disk: Awaited<ReturnType<typeof smallDisk>> | undefined;
let registry: BagRegistry | undefined;
beforeEach(() => {
  disk = undefined;
  registry = undefined;
});
afterEach(async () => {
  await registry?.close();
  await disk?.dispose();
});

diskTest(
  'an image of 400 MB and a disk of 300 MB: a clear error before any byte moves, and the store goes on',
  async () => {
    disk = await smallDisk('300m');
    const store = path.join(disk.path, 'store');
    const bag = imageBag();
    registry = await bagRegistry(bag);
    const { host, fresh } = registry;
    const layers = [200, 199].map((size) => ({ ...randomBlob(20).descriptor, size: size * 1_000_000 }));
    bag.tag('acme/large', '1', bag.index([await bag.image({ layers: [], manifest: { layers } })]));
    bag.tag('acme/small', '1', await bag.image({ layers: ['base', 'top'], layerSize: 1_000_000 }));
    const pull = (name: string) =>
      startSource(['pull', `${host}/acme/${name}:1`, '--engine', 'none', '--store', store], { HOME: disk?.path ?? '' })
        .done;

    expect(await pull('small')).toMatchObject({ code: 0, stderr: '' });
    const before = await auditStore(store);
    fresh();
    const { code, stderr } = await pull('large');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /: 399MB are to be stored and 31[0-9]MB are free on its disk; nothing was fetched\. Free some space/,
    );
    expect(stderr).toContain(store);
    expect(fresh().filter((line) => line.includes('/blobs/'))).toEqual([]);
    expect(await auditStore(store)).toEqual(before);
    expect(await unfinished(store)).toEqual([]);
    // Nobody says that it is in use.
    expect(await readdir(path.join(store, 'leases'))).toEqual([]);
    expect(await pull('small')).toMatchObject({ code: 0, stderr: '' });
  },
  60_000,
);

diskTest('a disk that fills up on the way is DISK_FULL, and the store is as it was', async () => {
  disk = await smallDisk('6m');
  const store = await openStore(path.join(disk.path, 'store'));
  const free = await store.freeBytes();
  expect(free).toBeGreaterThan(5_000_000);
  expect(free).toBeLessThanOrEqual(6 * 1024 * 1024);
  const small = randomBlob(2_000_000);
  await store.write(small.descriptor, inChunks(small.bytes));
  expect(await store.freeBytes()).toBeLessThan(free - 1_900_000);
  await store.record([{ name: 'small:1', target: small.descriptor, at: 1 }]);
  const bytes = randomBytes(8_000_000);
  const large = { ...randomBlob(8).descriptor, size: bytes.byteLength };
  await expect(store.write(large, inChunks(bytes))).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect([...(await auditStore(store.root)).names.keys()]).toEqual(['small:1']);
  expect(await unfinished(store.root)).toEqual([]);
});
