import { rmSync, writeFileSync } from 'node:fs';
import { chmod, link, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { blobPath, INDEX_FILE, REF_NAME } from '../../src/oci/layout.ts';
import type { Store, StoreCare } from '../../src/ports.ts';
import { storeCare } from '../../src/store/care.ts';
import { type Exclusive, exclusiveIn } from '../../src/store/exclusive.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { withLock } from '../../src/store/lock.ts';
import { sweepStore } from '../../src/store/sweep.ts';
import { auditStore } from '../support/store-audit.ts';
import { inChunks, randomBlob, tempFolder } from '../support/store-blobs.ts';
import {
  age,
  blobsIn,
  bytesOf,
  hasAll,
  listedNames,
  makeImage,
  makeIndex,
  putImage,
  usedAgo,
  writeBlobs,
} from '../support/stored-image.ts';

const HOUR = 3_600_000;
const LOCK_TIMES = { beat: 40, stale: 600, poll: 5, wait: 20_000 };

let folder: Awaited<ReturnType<typeof tempFolder>>;
let root: string;
let store: Store;
let care: StoreCare;
beforeEach(async () => {
  folder = await tempFolder();
  root = join(folder.path, 'store');
  store = await openStore(root);
  care = storeCare(root);
});
afterEach(() => folder.dispose());

const image = (...layers: string[]) => makeImage({ layers, layerSize: 20_000 });
const leaseFiles = () => readdir(join(root, 'leases'));

async function damage({ digest }: Pick<Descriptor, 'digest'>, content: string) {
  await chmod(join(root, blobPath(digest)), 0o644);
  await writeFile(join(root, blobPath(digest)), content);
}

describe('list', () => {
  test('is empty for an empty store', async () => {
    expect(await care.list()).toEqual([]);
  });

  test('has every name, the last used first, with the bytes it leads to that are here', async () => {
    const [old, young] = [await image('base', 'old'), await image('base', 'young')];
    await putImage(store, 'old:1', old);
    await putImage(store, 'young:1', young);
    await usedAgo(root, 'old:1', 3);
    const listed = await care.list();
    expect(listed).toMatchObject([
      { name: 'young:1', target: young.target.digest, bytes: bytesOf(young) },
      { name: 'old:1', target: old.target.digest, bytes: bytesOf(old) },
    ]);
    expect(Math.abs((listed[1]?.usedAt ?? 0) - (Date.now() - 3 * HOUR))).toBeLessThan(60_000);
  });

  test('counts of an index what is here, and of a name whose target is gone nothing', async () => {
    const made = await makeIndex({ layers: ['a'] }, { layers: ['b'], architecture: 'arm64' });
    const arm = made.manifests[1]?.digest;
    const here = made.blobs.filter(({ digest }) => digest !== arm);
    await writeBlobs(store, made, here);
    await store.record([
      { name: 'sparse:1', target: made.target, at: 1 },
      { name: 'gone:1', target: randomBlob(7).descriptor, at: 1 },
    ]);
    const found = new Map((await care.list()).map(({ name, bytes }) => [name, bytes]));
    // The arm64 layer and config are here, but nothing that is here leads to them.
    const walked = bytesOf(await makeImage({ layers: ['a'] })) + made.target.size;
    expect(found).toEqual(
      new Map([
        ['sparse:1', walked],
        ['gone:1', 0],
      ]),
    );
  });

  test('a name is used when it is recorded again and when it is asked for', async () => {
    const made = await image('base');
    await putImage(store, 'app:1', made);
    for (const use of [() => putImage(store, 'app:1', made), () => store.named('app:1')]) {
      await usedAgo(root, 'app:1', 9);
      await use();
      const [{ usedAt = 0 } = {}] = await care.list();
      expect(Date.now() - usedAt).toBeLessThan(HOUR);
    }
  });
});

describe('verify', () => {
  test('finds nothing wrong with what is right, and changes nothing', async () => {
    const made = await image('a', 'b');
    await putImage(store, 'app:1', made);
    expect(await care.verify()).toEqual({ blobs: made.blobs.length, bytes: bytesOf(made), wrong: [] });
    expect(await hasAll(store, made.blobs)).toBe(true);
  });

  test('removes what is wrong, says why, and index.json lists nothing that is gone', async () => {
    const [good, bad, short] = [await image('good'), await image('bad'), await image('short')];
    for (const [name, made] of Object.entries({ 'good:1': good, 'bad:1': bad, 'short:1': short }))
      await putImage(store, name, made);
    const [layer = bad.target] = short.blobs;
    await damage(bad.target, 'x'.repeat(bad.target.size));
    await damage(layer, '');
    const { wrong, blobs } = await care.verify();
    expect(blobs).toBe(9);
    expect(new Map(wrong.map(({ digest, reason }) => [digest, reason]))).toEqual(
      new Map([
        [bad.target.digest, expect.stringMatching(`expected ${bad.target.digest}, found sha256:`)],
        [layer.digest, expect.stringMatching(`expected ${layer.digest}, found sha256:`)],
      ]),
    );
    expect(await store.has(bad.target)).toBe(false);
    expect(await listedNames(root)).toEqual(['good:1', 'short:1']);
    expect((await care.verify()).wrong).toEqual([]);
  });

  test('removes links and folders in a blob’s place, and follows neither; foreign files stay', async () => {
    const [one, two] = [randomBlob(9), randomBlob(9)];
    const outside = join(folder.path, 'outside');
    await writeFile(outside, one.bytes);
    await symlink(outside, join(root, blobPath(one.descriptor.digest)));
    await mkdir(join(root, blobPath(two.descriptor.digest), 'deep'), { recursive: true });
    await writeFile(join(root, 'blobs/sha256/README'), 'x');
    const { wrong } = await care.verify();
    expect(wrong.map(({ digest }) => digest).sort()).toEqual(
      [one, two].map(({ descriptor }) => descriptor.digest).sort(),
    );
    expect(wrong.map(({ reason }) => reason).join()).toMatch(/symbolic link/);
    expect(await readdir(join(root, 'blobs/sha256'))).toEqual(['README']);
    expect((await readFile(outside)).equals(one.bytes)).toBe(true);
    expect(await readdir(join(root, 'ingest'))).toEqual([]);
  });
});

describe('sweep', () => {
  test('leaves a store that fits as it is', async () => {
    const made = await image('a');
    await putImage(store, 'app:1', made);
    const stray = randomBlob(1000);
    await store.write(stray.descriptor, inChunks(stray.bytes));
    await age(root, [stray.descriptor, ...made.blobs]);
    expect(await care.sweep(bytesOf(made) + 1000)).toEqual({ images: 0, bytes: 0 });
    expect(await store.has(stray.descriptor)).toBe(true);
    expect(await listedNames(root)).toEqual(['app:1']);
  });

  test('removes the least recently used image: blobs, name and entry', async () => {
    const made = { 'old:1': await image('old'), 'mid:1': await image('mid'), 'new:1': await image('new') };
    for (const [name, each] of Object.entries(made)) await putImage(store, name, each);
    await usedAgo(root, 'old:1', 3);
    await usedAgo(root, 'mid:1', 2);
    // Asked for: now another one is the oldest.
    await store.named('old:1');
    const before = bytesOf(...Object.values(made));
    expect(await care.sweep(before - 1)).toEqual({ images: 1, bytes: bytesOf(made['mid:1']) });
    expect(await listedNames(root)).toEqual(['new:1', 'old:1']);
    expect(await store.named('mid:1')).toBeUndefined();
    expect(await blobsIn(root)).toEqual(
      [...made['old:1'].blobs, ...made['new:1'].blobs].map(({ digest }) => digest).sort(),
    );
    await auditStore(root);
  });

  test('keeps shared layers while a name leads to them, and counts them once', async () => {
    const [old, young] = [await image('base', 'old'), await image('base', 'young')];
    await putImage(store, 'old:1', old);
    await putImage(store, 'young:1', young);
    await usedAgo(root, 'old:1', 3);
    expect(await care.sweep(bytesOf(old, young))).toEqual({ images: 0, bytes: 0 });
    const both = bytesOf(old, young);
    expect(await care.sweep(bytesOf(young))).toEqual({ images: 1, bytes: both - bytesOf(young) });
    expect(await hasAll(store, young.blobs)).toBe(true);
    expect((await auditStore(root)).blobs.size).toBe(young.blobs.length);
  });

  test('removes an index with its platforms and their names, as one image, though a child was never here', async () => {
    const made = await makeIndex({ layers: ['a'] }, { layers: ['b'], architecture: 'arm64' });
    const [amd = made.target, arm = made.target] = made.manifests;
    await writeBlobs(
      store,
      made,
      made.blobs.filter(({ digest }) => digest !== arm.digest),
    );
    await store.record([
      { name: 'app:1', target: made.target, readAs: amd, at: 1 },
      { name: `app@${amd.digest}`, target: amd, at: 1 },
    ]);
    const orphans = (await makeImage({ layers: ['b'], architecture: 'arm64' })).blobs.filter(
      ({ digest }) => digest !== arm.digest,
    );
    await age(root, orphans);
    expect((await care.sweep(0)).images).toBe(1);
    expect(await blobsIn(root)).toEqual([]);
    expect(await listedNames(root)).toEqual([]);
    expect(await readdir(join(root, 'names'))).toEqual([]);
  });

  test('keeps what other tools are to read under a name', async () => {
    const [target, readAs] = [await image('a'), await image('b')];
    for (const made of [target, readAs]) await writeBlobs(store, made, made.blobs);
    await age(root, [...target.blobs, ...readAs.blobs]);
    await store.record([{ name: 'app:1', target: target.target, readAs: readAs.target, at: 1 }]);
    const other = await image('other');
    await putImage(store, 'other:1', other);
    await usedAgo(root, 'other:1', 3);
    await care.sweep(bytesOf(target, readAs));
    expect(await hasAll(store, [...target.blobs, ...readAs.blobs])).toBe(true);
    expect(await listedNames(root)).toEqual(['app:1', 'app:1']);
  });

  test.each([['a manifest'], ['an index']])('keeps %s that another tool listed, and all it leads to', async (kind) => {
    const theirs =
      kind === 'an index'
        ? await makeIndex({ layers: ['a'] }, { layers: ['b'], os: 'windows' })
        : await image('a', 'b');
    await writeBlobs(store, theirs, theirs.blobs);
    await age(root, theirs.blobs, 100);
    const ours = await image('ours');
    const entries = [
      { ...theirs.target, annotations: { 'x-theirs': '1' } },
      { ...theirs.target, annotations: { [REF_NAME]: 'theirs:1' } },
    ];
    await writeFile(join(root, INDEX_FILE), JSON.stringify({ schemaVersion: 2, manifests: entries }));
    await putImage(store, 'ours:1', ours);
    expect(await care.sweep(0)).toEqual({ images: 1, bytes: bytesOf(ours) });
    expect(await hasAll(store, theirs.blobs)).toBe(true);
    expect(await listedNames(root)).toEqual(['', 'theirs:1']);
  });

  test('never removes what a lease marks, whoever took it, nor the name of it; only until it is released or expires', async () => {
    const other = await openStore(root, { run: 'another-container' });
    const [ours, theirs, free] = [
      await image('base', 'ours'),
      await image('base', 'theirs'),
      await image('base', 'free'),
    ];
    for (const [name, made] of Object.entries({ ours, theirs, free })) await putImage(store, name, made);
    const digests = (made: { blobs: readonly Descriptor[] }) => made.blobs.map(({ digest }) => digest);
    const lease = await store.lease(digests(ours));
    await other.lease(digests(theirs));
    expect((await care.sweep(0)).images).toBe(1);
    expect(await listedNames(root)).toEqual(['ours', 'theirs']);
    expect(await hasAll(store, [...ours.blobs, ...theirs.blobs])).toBe(true);

    await store.release(lease);
    await care.sweep(0);
    expect(await listedNames(root)).toEqual(['theirs']);
    expect(await hasAll(store, theirs.blobs)).toBe(true);

    const later = (ms: number) => storeCare(root, { now: () => Date.now() + ms });
    await later(6 * HOUR - 60_000).sweep(0);
    expect(await hasAll(store, theirs.blobs)).toBe(true);
    await later(6 * HOUR + 60_000).sweep(0);
    expect(await blobsIn(root)).toEqual([]);
    expect(await leaseFiles()).toEqual([]);
  });

  test('removes expired leases and what was left unfinished, though all fits', async () => {
    await (await openStore(root, { now: () => Date.now() - 7 * HOUR })).lease([]);
    const [old, young] = [crypto.randomUUID(), crypto.randomUUID()];
    for (const name of [old, young]) await writeFile(join(root, 'ingest', name), 'x');
    await utimes(join(root, 'ingest', old), 1, 1);
    await care.sweep(1e12);
    expect(await leaseFiles()).toEqual([]);
    expect(await readdir(join(root, 'ingest'))).toEqual([young]);
  });

  test('never removes a blob that comes in or has just come, whatever the size, and its old place makes no difference', async () => {
    const made = await image('slow');
    const [layer = made.target, ...rest] = made.blobs;
    const bytes = made.bag.blobs.get(layer.digest)?.bytes ?? Buffer.alloc(0);
    let swept = 0;
    async function* slowly() {
      for await (const chunk of inChunks(bytes, 2_000)) {
        await care.sweep(0);
        swept += 1;
        yield chunk;
      }
    }
    await store.write(layer, slowly());
    expect(swept).toBeGreaterThan(5);
    const [second = made.target, ...last] = rest;
    const file = join(folder.path, 'from-an-archive');
    await writeFile(file, made.bag.blobs.get(second.digest)?.bytes ?? '');
    await utimes(file, 1, 1);
    await store.adopt(file, second);
    await care.sweep(0);
    await writeBlobs(store, made, last);
    await care.sweep(0);
    expect(await hasAll(store, made.blobs)).toBe(true);
    await store.record([{ name: 'app:1', target: made.target, at: 1 }]);
    await auditStore(root);
  });

  test('a blob that vanishes meanwhile is no matter', async () => {
    for (const name of ['a', 'b', 'c']) await putImage(store, name, await image('base', name));
    const vanish = async () => {
      for (const digest of await blobsIn(root)) await rm(join(root, blobPath(digest)), { force: true });
    };
    await Promise.all([care.sweep(0), vanish(), care.sweep(0)]);
    expect(await blobsIn(root)).toEqual([]);
  });

  describe('while it looks around', () => {
    /** A sweep to which something happens after it has looked around, and before it does anything. */
    function during(first: () => Promise<unknown>) {
      const exclusive = exclusiveIn(root, {});
      const interrupted: Exclusive = (work) =>
        exclusive((held) =>
          work(async () => {
            await first();
            return held();
          }),
        );
      return sweepStore(root, interrupted, { bytes: 0, round: 100 }, Date.now);
    }

    test('a name that is used stays, with all it leads to', async () => {
      const [used, idle] = [await image('base', 'used'), await image('base', 'idle')];
      await putImage(store, 'used:1', used);
      await putImage(store, 'idle:1', idle);
      expect(await during(() => store.named('used:1'))).toEqual({
        images: 1,
        bytes: bytesOf(used, idle) - bytesOf(used),
      });
      expect(await hasAll(store, used.blobs)).toBe(true);
      expect(await listedNames(root)).toEqual(['used:1']);
      expect(await store.named('idle:1')).toBeUndefined();
      await auditStore(root);
    });

    test('a sweeper that is taken for dead does nothing more', async () => {
      const made = await image('base');
      await putImage(store, 'app:1', made);
      const over = () => writeFile(join(root, 'lock', '1000'), 'free {"holder":"the next","since":"now"}');
      expect(await during(over)).toEqual({ images: 0, bytes: 0 });
      expect(await hasAll(store, made.blobs)).toBe(true);
      expect(await listedNames(root)).toEqual(['app:1']);
      expect((await care.sweep(0)).images).toBe(1);
    });
  });

  test('a name that was swept while it was recorded again is listed', async () => {
    const made = await image('a');
    await putImage(store, 'app:1', made);
    await putImage(store, 'app:2', made);
    const { manifests } = JSON.parse(await readFile(join(root, INDEX_FILE), 'utf8'));
    const theirs = { ...made.target, annotations: { 'x-theirs': '1' } };
    await writeFile(join(root, INDEX_FILE), JSON.stringify({ schemaVersion: 2, manifests: [...manifests, theirs] }));

    // A sweep that comes when a record has found nothing new about both, and is about to write them again.
    const sweep = () => {
      writeFileSync(join(root, INDEX_FILE), JSON.stringify({ schemaVersion: 2, manifests: [theirs] }));
      for (const name of ['app:1', 'app:2'])
        rmSync(join(root, 'names', `${digestOf(name).slice('sha256:'.length)}.json`));
    };
    let asked = 0;
    const second = {
      ...{ name: 'app:2', target: made.target },
      get at() {
        asked += 1;
        if (asked === 2) sweep();
        return 2;
      },
    };
    await store.record([{ name: 'app:1', target: made.target, at: 2 }, second]);
    expect(asked).toBeGreaterThan(1);
    expect(await listedNames(root)).toEqual(['', 'app:1', 'app:2']);
  });

  test('goes in rounds and lets others have the lock between them', async () => {
    const made = await Promise.all(['a', 'b', 'c', 'd'].map((name) => image(name)));
    for (const [at, each] of made.entries()) await putImage(store, `app:${at}`, each);
    let inside = 0;
    const counting = { ...LOCK_TIMES, wait: 5_000 };
    const sweeping = storeCare(root, { round: 3, lockTimes: LOCK_TIMES }).sweep(0);
    const others = (async () => {
      for (;;) {
        const left = await withLock(join(root, 'lock'), { holder: 'the test', times: counting }, () => blobsIn(root));
        if (left.length === 0) return;
        if (left.length < 12) inside += 1;
        await sleep(1);
      }
    })();
    expect(await sweeping).toEqual({ images: 4, bytes: bytesOf(...made) });
    await others;
    expect(inside).toBeGreaterThan(0);
  });

  test('waits for those who record or lease, and they wait for it', async () => {
    const made = await image('a');
    await putImage(store, 'app:1', made);
    const done: string[] = [];
    const noting = async (what: string, work: Promise<unknown>) => {
      await work;
      done.push(what);
    };
    const busy = await withLock(join(root, 'lock'), { holder: 'the test' }, async () => {
      const all = [
        noting('sweep', storeCare(root).sweep(0)),
        noting('lease', store.lease([made.target.digest])),
        noting('record', store.record([{ name: 'new:1', target: made.target, at: 1 }])),
      ];
      // A hit needs no lock.
      await store.record([{ name: 'app:1', target: made.target, at: 2 }]);
      await sleep(200);
      expect(done).toEqual([]);
      return all;
    });
    await Promise.all(busy);
    expect(done.sort()).toEqual(['lease', 'record', 'sweep']);
  });

  test('a blob that is being saved, and so has a second name, goes like any other', async () => {
    const made = await image('a');
    await putImage(store, 'app:1', made);
    const [layer = made.target] = made.blobs;
    await link(join(root, blobPath(layer.digest)), join(folder.path, 'linked'));
    await care.sweep(0);
    expect(await blobsIn(root)).toEqual([]);
    expect((await readFile(join(folder.path, 'linked'))).byteLength).toBe(layer.size);
  });
});
