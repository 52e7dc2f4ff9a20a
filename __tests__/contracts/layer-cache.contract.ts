import { lstat, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CacheEntry, CacheFile, LayerCache } from '../../src/ports.ts';
import { randomBlob, tempFolder } from '../support/store-blobs.ts';

export interface CacheUnderTest {
  /** A job's cache; all jobs share the entries. */
  open(rights?: { readonly readable?: boolean; readonly writable?: boolean }): Promise<LayerCache>;
  /** Ends all jobs. */
  dispose(): Promise<void>;
}

/** What every implementation of the LayerCache port must do. */
export function layerCacheContract(title: string, make: () => Promise<CacheUnderTest>): void {
  describe(`${title}, as a LayerCache`, () => {
    let under: CacheUnderTest;
    let folder: Awaited<ReturnType<typeof tempFolder>>;

    beforeEach(async () => {
      under = await make();
      folder = await tempFolder();
    });
    afterEach(async () => {
      await under.dispose();
      await folder.dispose();
    });

    async function fileOf(name: string, bytes: Uint8Array): Promise<CacheFile> {
      const path = join(folder.path, name);
      await writeFile(path, bytes, { mode: 0o444 });
      return { name, path };
    }

    async function contents(entry: CacheEntry | undefined): Promise<Record<string, string>> {
      const read = (entry?.files ?? []).map(async ({ name, path }) => [name, await readFile(path, 'latin1')]);
      return Object.fromEntries(await Promise.all(read));
    }

    test('what one job saves another restores: names and bytes, and the files that were saved are as they were', async () => {
      const large = randomBlob(700_000).bytes;
      const files = [
        await fileOf('sha256-aa', large),
        await fileOf('sha256-bb', Buffer.from('small')),
        await fileOf('sha256-cc', Buffer.alloc(0)),
      ];
      const first = await under.open();
      expect(await first.restore('entry-1')).toBeUndefined();
      expect(await first.save('entry-1', files)).toBe('saved');
      expect(await lstat(files[0]?.path ?? '')).toMatchObject({ nlink: 1, size: 700_000 });

      const second = await under.open();
      const entry = await second.restore('entry-1', 700_005);
      expect(await contents(entry)).toEqual({
        'sha256-aa': large.toString('latin1'),
        'sha256-bb': 'small',
        'sha256-cc': '',
      });
      expect(entry?.bytes).toBe(700_005);
      expect(entry?.seconds).toBeGreaterThanOrEqual(0);
      for (const { path } of entry?.files ?? []) {
        const found = await lstat(path);
        expect([found.isFile(), found.nlink]).toEqual([true, 1]);
      }
      await entry?.dispose();
      await expect(lstat(entry?.files[0]?.path ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('a key is saved once, whoever comes second', async () => {
      const files = [await fileOf('a', Buffer.from('first'))];
      const others = [await fileOf('b', Buffer.from('second'))];
      const first = await under.open();
      const second = await under.open();
      expect(await first.save('entry-1', files)).toBe('saved');
      expect(await first.save('entry-1', others)).toBe('exists');
      expect(await second.save('entry-1', others)).toBe('exists');
      expect(await contents(await second.restore('entry-1'))).toEqual({ a: 'first' });
    });

    test('only the very key is restored, though longer ones are there', async () => {
      const cache = await under.open();
      expect(await cache.save('entry-10', [await fileOf('a', Buffer.from('ten'))])).toBe('saved');
      expect(await cache.restore('entry-1')).toBeUndefined();
      expect(await cache.save('entry-1', [await fileOf('b', Buffer.from('one'))])).toBe('saved');
      expect(await contents(await cache.restore('entry-1'))).toEqual({ b: 'one' });
      expect(await contents(await cache.restore('entry-10'))).toEqual({ a: 'ten' });
    });

    test('the newest key with a prefix is found', async () => {
      const cache = await under.open();
      const files = [await fileOf('a', Buffer.from('x'))];
      expect(await cache.newest('tag-')).toBeUndefined();
      for (const key of ['tag-1-b', 'tag-2-a', 'other-3']) expect(await cache.save(key, files)).toBe('saved');
      expect(await cache.newest('tag-')).toBe('tag-2-a');
      expect(await cache.newest('tag-1')).toBe('tag-1-b');
      expect(await cache.newest('tag-3')).toBeUndefined();
    });

    test('one entry restored twice at once lies in two places', async () => {
      const cache = await under.open();
      await cache.save('entry-1', [await fileOf('a', Buffer.from('x'))]);
      const [one, other] = await Promise.all([cache.restore('entry-1'), cache.restore('entry-1')]);
      expect(one?.files[0]?.path).not.toBe(other?.files[0]?.path);
      await one?.dispose();
      expect(await contents(other)).toEqual({ a: 'x' });
    });

    test('many entries at once do not get mixed up', async () => {
      const cache = await under.open();
      const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
      const files = await Promise.all(numbers.map((number) => fileOf(`f${number}`, Buffer.from(`content ${number}`))));
      const saved = await Promise.all(files.map((file) => cache.save(`entry-${file.name}`, [file])));
      expect(saved).toEqual(numbers.map(() => 'saved'));
      const entries = await Promise.all(files.map((file) => cache.restore(`entry-${file.name}`)));
      for (const [at, entry] of entries.entries())
        expect(await contents(entry)).toEqual({ [`f${at + 1}`]: `content ${at + 1}` });
    });

    test('a file that is missing, or is a link, is not saved; nothing is thrown', async () => {
      const cache = await under.open();
      expect(await cache.save('entry-1', [{ name: 'a', path: join(folder.path, 'nowhere') }])).toBe('failed');
      await symlink((await fileOf('target', Buffer.from('x'))).path, join(folder.path, 'link'));
      expect(await cache.save('entry-1', [{ name: 'a', path: join(folder.path, 'link') }])).toBe('failed');
      expect(await cache.save('entry-1', [{ name: '../a', path: (await fileOf('a', Buffer.from('x'))).path }])).toBe(
        'failed',
      );
      expect(await cache.restore('entry-1')).toBeUndefined();
    });

    test('what may not be read is a miss, what may not be written is refused', async () => {
      const files = [await fileOf('a', Buffer.from('x'))];
      const full = await under.open();
      expect([full.readable, full.writable]).toEqual([true, true]);
      await full.save('entry-1', files);

      const reader = await under.open({ writable: false });
      expect([reader.readable, reader.writable]).toEqual([true, false]);
      expect(await reader.save('entry-2', files)).toBe('refused');
      expect(await contents(await reader.restore('entry-1'))).toEqual({ a: 'x' });

      const writer = await under.open({ readable: false });
      expect([writer.readable, writer.writable]).toEqual([false, true]);
      expect(await writer.restore('entry-1')).toBeUndefined();
      expect(await writer.newest('entry-')).toBeUndefined();
      expect(await writer.save('entry-3', files)).toBe('saved');
      expect(await writer.save('entry-1', files)).toBe('exists');
      expect(await full.newest('entry-')).toBe('entry-3');
    });

    test('after the end there is nothing, and no error', async () => {
      const files = [await fileOf('a', Buffer.from('x'))];
      const cache = await under.open();
      await cache.save('entry-1', files);
      await cache.close();
      await cache.close();
      expect(await cache.restore('entry-1')).toBeUndefined();
      expect(await cache.newest('entry-')).toBeUndefined();
      expect(await cache.save('entry-2', files)).toBe('failed');
    });
  });
}
