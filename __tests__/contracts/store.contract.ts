import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newDeferred } from '../../src/lib/deferred.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { Store } from '../../src/ports.ts';
import { blobOf, collect, flipped, inChunks, randomBlob, tempFolder } from '../support/store-blobs.ts';
import { piecesContract } from './pieces.contract.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Puts other bytes in a blob's place behind the store's back. */
  damage(digest: Digest, bytes: Uint8Array): Promise<void>;
  dispose(): Promise<void>;
}

/** The bytes, of which those from `position` on wait for the gate. */
async function* held(bytes: Uint8Array, position: number, opened: Promise<void>): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes.subarray(0, position));
  await opened;
  yield* inChunks(bytes.subarray(position));
}

/** What every implementation of the Store port must do. */
export function storeContract(title: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${title}, as a Store`, () => {
    let under: StoreUnderTest;
    let store: Store;
    let folder: Awaited<ReturnType<typeof tempFolder>>;

    beforeEach(async () => {
      under = await make();
      store = under.store;
      folder = await tempFolder();
    });
    afterEach(async () => {
      await under.dispose();
      await folder.dispose();
    });

    async function put(blob = randomBlob(100_000)) {
      await store.write(blob.descriptor, inChunks(blob.bytes));
      return blob;
    }

    test.each([
      [0, 1],
      [1, 1],
      [70_000, 64 * 1024],
      [1024 * 1024, 1024],
      [1024 * 1024 + 1, 64 * 1024],
      [5_000_000, 3_000_000],
    ])('%i bytes in chunks of %i come out as they went in', async (size, chunk) => {
      const { bytes, descriptor } = randomBlob(size);
      expect(await store.has(descriptor)).toBe(false);
      await store.write(descriptor, inChunks(bytes, chunk));
      expect(await store.has(descriptor)).toBe(true);
      expect(Buffer.compare(await collect(store.open(descriptor)), bytes)).toBe(0);
      expect(Buffer.compare((await store.read(descriptor.digest)) ?? Buffer.from('none'), bytes)).toBe(0);
    });

    test('a blob that is arriving is read as it comes, but for its last byte', async () => {
      const { bytes, descriptor } = randomBlob(3_000_000);
      const gate = newDeferred();
      const writing = store.write(descriptor, held(bytes, 2_500_000, gate.promise));
      const reading = store.open(descriptor)[Symbol.asyncIterator]();
      const parts: Uint8Array[] = [];
      const first = await reading.next();
      if (!first.done) parts.push(first.value);
      expect(await store.has(descriptor)).toBe(false);
      const part = collect(store.open(descriptor, { start: 2_400_000, end: 3_000_000 }));
      gate.resolve();
      for await (const chunk of { [Symbol.asyncIterator]: () => reading }) parts.push(chunk);
      await writing;
      expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
      expect(Buffer.compare(await part, bytes.subarray(2_400_000))).toBe(0);
    });

    test('who follows a blob that turns out wrong never sees its end', async () => {
      const { bytes, descriptor } = randomBlob(3_000_000);
      const gate = newDeferred();
      const writing = store.write(descriptor, held(flipped(bytes, 2_900_000), 2_000_000, gate.promise));
      let seen = 0;
      const reading = (async () => {
        for await (const chunk of store.open(descriptor)) seen += chunk.byteLength;
      })();
      gate.resolve();
      await expect(writing).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      await expect(reading).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      expect(seen).toBeLessThan(3_000_000);
    });

    piecesContract(() => store);

    test('a part of a blob', async () => {
      const { bytes, descriptor } = await put(randomBlob(2_000_000));
      const part = await collect(store.open(descriptor, { start: 700_001, end: 1_900_000 }));
      expect(Buffer.compare(part, bytes.subarray(700_001, 1_900_000))).toBe(0);
      expect(await collect(store.open(descriptor, { start: 5, end: 5 }))).toHaveLength(0);
    });

    test('a blob of another size than promised is not there', async () => {
      const { descriptor } = await put();
      expect(await store.has({ ...descriptor, size: descriptor.size + 1 })).toBe(false);
      expect(await store.has({ ...descriptor, size: descriptor.size - 1 })).toBe(false);
    });

    test('a sha512 digest is kept like a sha256 digest', async () => {
      const { bytes } = randomBlob(1000);
      const descriptor = { mediaType: '', digest: digestOf(bytes, 'sha512'), size: 1000 };
      await store.write(descriptor, inChunks(bytes));
      expect(await store.has(descriptor)).toBe(true);
      expect(Buffer.compare(await collect(store.open(descriptor)), bytes)).toBe(0);
      const other = store.write(descriptor, inChunks(flipped(bytes, 3)));
      await expect(other).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    });

    test.each([0, 50_000, 99_999])('bytes with one bit changed at %i never enter', async (position) => {
      const { bytes, descriptor } = randomBlob(100_000);
      const wrong = flipped(bytes, position);
      await expect(store.write(descriptor, inChunks(wrong))).rejects.toMatchObject({
        code: 'DIGEST_MISMATCH',
        subject: descriptor.digest,
        message: expect.stringContaining(`expected ${descriptor.digest}, found ${digestOf(wrong)}`),
      });
      expect(await store.has(descriptor)).toBe(false);
      expect(await store.read(descriptor.digest)).toBeUndefined();
    });

    test('too few bytes never enter', async () => {
      const { bytes, descriptor } = randomBlob(100_000);
      await expect(store.write(descriptor, inChunks(bytes.subarray(1)))).rejects.toMatchObject({
        code: 'SIZE_MISMATCH',
        message: expect.stringContaining('expected 100000 bytes, found 99999'),
      });
      expect(await store.has(descriptor)).toBe(false);
    });

    test('too many bytes are refused while they still come', async () => {
      const { bytes, descriptor } = randomBlob(1000);
      let given = 0;
      let ended = false;
      async function* endless() {
        try {
          for (;;) {
            given += 1;
            yield bytes;
          }
        } finally {
          ended = true;
        }
      }
      await expect(store.write(descriptor, endless())).rejects.toMatchObject({
        code: 'SIZE_MISMATCH',
        message: expect.stringContaining('expected 1000 bytes, found at least 2000'),
      });
      expect(given).toBe(2);
      expect(ended).toBe(true);
      expect(await store.has(descriptor)).toBe(false);
    });

    test('what the content throws comes through, and nothing is in', async () => {
      const { bytes, descriptor } = randomBlob(100_000);
      const failure = Object.assign(new Error('reset'), { code: 'ENOSPC', syscall: 'read' });
      async function* broken() {
        yield bytes.subarray(0, 50_000);
        throw failure;
      }
      await expect(store.write(descriptor, broken())).rejects.toBe(failure);
      expect(await store.has(descriptor)).toBe(false);
    });

    test('many may write one blob at the same time', async () => {
      const { bytes, descriptor } = randomBlob(300_000);
      const good = Array.from({ length: 6 }, () => store.write(descriptor, inChunks(bytes)));
      const bad = expect(store.write(descriptor, inChunks(flipped(bytes, 0)))).rejects.toMatchObject({
        code: 'DIGEST_MISMATCH',
      });
      await Promise.all([...good, bad]);
      expect(Buffer.compare(await collect(store.open(descriptor)), bytes)).toBe(0);
    });

    test('a damaged blob is not read, and its last chunk is never seen', async () => {
      const { bytes, descriptor } = await put(randomBlob(3_000_000));
      await under.damage(descriptor.digest, flipped(bytes, 10));
      expect(await store.read(descriptor.digest)).toBeUndefined();
      const seen: number[] = [];
      const reading = (async () => {
        for await (const chunk of store.open(descriptor)) seen.push(chunk.byteLength);
      })();
      await expect(reading).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', subject: descriptor.digest });
      expect(seen.reduce((sum, size) => sum + size, 0)).toBeLessThan(bytes.byteLength);
    });

    test('a blob that lost or gained bytes is not there, and is not opened', async () => {
      const { bytes, descriptor } = await put();
      for (const wrong of [bytes.subarray(1), Buffer.concat([bytes, Buffer.from('x')])]) {
        await under.damage(descriptor.digest, wrong);
        expect(await store.has(descriptor)).toBe(false);
        expect(await store.read(descriptor.digest)).toBeUndefined();
        await expect(collect(store.open(descriptor))).rejects.toMatchObject({
          code: 'SIZE_MISMATCH',
          message: expect.stringContaining(`expected 100000 bytes, found ${wrong.byteLength}`),
        });
      }
    });

    test('writing a damaged blob again mends it', async () => {
      const { bytes, descriptor } = await put();
      for (const wrong of [bytes.subarray(1), flipped(bytes, 0)]) {
        await under.damage(descriptor.digest, wrong);
        await store.write(descriptor, inChunks(bytes));
        expect(Buffer.compare((await store.read(descriptor.digest)) ?? Buffer.from('none'), bytes)).toBe(0);
      }
    });

    test('an absent blob is BLOB_UNKNOWN to open and undefined to read', async () => {
      const { descriptor } = randomBlob(10);
      expect(await store.read(descriptor.digest)).toBeUndefined();
      await expect(collect(store.open(descriptor))).rejects.toMatchObject({
        code: 'BLOB_UNKNOWN',
        subject: descriptor.digest,
      });
    });

    test('a blob above 8 MiB is for open, not for read', async () => {
      const most = await put(randomBlob(8 * 1024 * 1024));
      const more = await put(randomBlob(8 * 1024 * 1024 + 1));
      expect((await store.read(most.descriptor.digest))?.byteLength).toBe(most.descriptor.size);
      expect(await store.read(more.descriptor.digest)).toBeUndefined();
      expect((await collect(store.open(more.descriptor))).byteLength).toBe(more.descriptor.size);
    });

    test('a discarded blob is gone, and may be discarded again', async () => {
      const { descriptor } = await put();
      await store.discard(descriptor.digest);
      expect(await store.has(descriptor)).toBe(false);
      await store.discard(descriptor.digest);
    });

    test('an adopted file is in the store and no longer where it was', async () => {
      const { bytes, descriptor } = randomBlob(2_000_000);
      const file = join(folder.path, 'file');
      await writeFile(file, bytes);
      await store.adopt(file, descriptor);
      expect(Buffer.compare(await collect(store.open(descriptor)), bytes)).toBe(0);
      await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test.each<[string, (bytes: Buffer) => Buffer, string]>([
      ['one bit changed', (bytes) => flipped(bytes, 7), 'DIGEST_MISMATCH'],
      ['a byte missing', (bytes) => bytes.subarray(1), 'SIZE_MISMATCH'],
      ['a byte too many', (bytes) => Buffer.concat([bytes, bytes.subarray(0, 1)]), 'SIZE_MISMATCH'],
    ])('a file with %s is not adopted and stays', async (_, change, code) => {
      const { bytes, descriptor } = randomBlob(1000);
      const file = join(folder.path, 'file');
      await writeFile(file, change(bytes));
      await expect(store.adopt(file, descriptor)).rejects.toMatchObject({ code });
      expect(await store.has(descriptor)).toBe(false);
      expect(Buffer.compare(await readFile(file), change(bytes))).toBe(0);
    });

    test('links, folders and absent files are not adopted', async () => {
      const { bytes, descriptor } = randomBlob(1000);
      const path = (name: string) => join(folder.path, name);
      await writeFile(path('target'), bytes);
      await symlink('target', path('symlink'));
      await writeFile(path('first'), bytes);
      await link(path('first'), path('second'));
      await mkdir(path('folder'));
      for (const name of ['symlink', 'second', 'folder', 'absent']) {
        await expect(store.adopt(path(name), descriptor)).rejects.toMatchObject({
          code: 'BLOB_UNKNOWN',
          subject: path(name),
        });
      }
      expect(await store.has(descriptor)).toBe(false);
      expect((await readFile(path('target'))).byteLength).toBe(1000);
    });

    test('a name points to what was recorded last', async () => {
      const [old, young] = [await put(), await put()];
      const name = 'localhost:5000/a/b:1';
      expect(await store.named(name)).toBeUndefined();
      await store.record([{ name, target: old.descriptor, at: 1 }]);
      expect(await store.named(name)).toEqual({ name, target: old.descriptor, at: 1 });
      await store.record([{ name, target: young.descriptor, at: 2 }]);
      expect(await store.named(name)).toEqual({ name, target: young.descriptor, at: 2 });
    });

    test('a name remembers what other tools are to read under it', async () => {
      const [{ descriptor: target }, { descriptor: readAs }] = [await put(), await put()];
      await store.record([{ name: 'a:1', target, readAs, at: 1 }]);
      expect(await store.named('a:1')).toEqual({ name: 'a:1', target, readAs, at: 1 });
      await store.record([{ name: 'a:1', target, at: 2 }]);
      expect(await store.named('a:1')).toEqual({ name: 'a:1', target, at: 2 });
    });

    test('names that are no file names are names all the same', async () => {
      const { descriptor } = await put(blobOf('{}'));
      const names = ['redis:7', '../../etc/passwd', `a/${'x'.repeat(250)}:1`, 'REDIS:7', '', 'ü\u0000:1'];
      await store.record(names.map((name, at) => ({ name, target: descriptor, at })));
      for (const [at, name] of names.entries()) expect((await store.named(name))?.at).toBe(at);
      expect(await store.named('redis')).toBeUndefined();
    });

    test('many names recorded at the same time are all there', async () => {
      const { descriptor } = await put();
      const names = Array.from({ length: 40 }, (_, number) => `redis:${number}`);
      await Promise.all(names.map((name) => store.record([{ name, target: descriptor, at: 1 }])));
      for (const name of names) expect((await store.named(name))?.target.digest).toBe(descriptor.digest);
    });

    test('any blob can be leased, there or not, and each lease has a name of its own', async () => {
      const { descriptor } = await put();
      const digests = [descriptor.digest, randomBlob(3).descriptor.digest];
      const leases = [await store.lease(digests), await store.lease(digests), await store.lease([])];
      expect(new Set(leases).size).toBe(3);
      expect(leases.join('')).toMatch(/^[\w.-]+$/);
    });

    test('a lease can be released, more than once, and none that never was does harm', async () => {
      const lease = await store.lease([randomBlob(3).descriptor.digest]);
      await store.release(lease);
      for (const gone of [lease, 'never-was', '', '.', '../leases', '../../etc/passwd']) await store.release(gone);
      const { descriptor } = await put();
      expect(await store.has(descriptor)).toBe(true);
    });

    test('free bytes are a whole number of bytes', async () => {
      const free = await store.freeBytes();
      expect(Number.isSafeInteger(free) && free >= 0).toBe(true);
    });
  });
}
