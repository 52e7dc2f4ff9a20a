import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Digest } from '../../src/oci/digest.ts';
import { blobPath, INDEX_FILE, LAYOUT_CONTENT, LAYOUT_FILE } from '../../src/oci/layout.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { storeContract } from '../contracts/store.contract.ts';
import { blobOf, collect, inChunks, randomBlob, tempFolder } from '../support/store-blobs.ts';

storeContract('the layout store', async () => {
  const folder = await tempFolder();
  const store = await openStore(folder.path);
  return {
    store,
    dispose: folder.dispose,
    async damage(digest, bytes) {
      const path = join(folder.path, blobPath(digest));
      await chmod(path, 0o644);
      await writeFile(path, bytes);
    },
  };
});

let folder: Awaited<ReturnType<typeof tempFolder>>;
let root: string;
beforeEach(async () => {
  folder = await tempFolder();
  root = join(folder.path, 'store');
});
afterEach(() => folder.dispose());

const at = (...path: string[]) => join(root, ...path);
const blobAt = (digest: Digest) => at(blobPath(digest));

describe('opening', () => {
  test('an absent folder becomes an empty layout', async () => {
    const store = await openStore(root);
    expect(store.root).toBe(root);
    expect(await readFile(at(LAYOUT_FILE), 'utf8')).toBe(LAYOUT_CONTENT);
    expect(JSON.parse(await readFile(at(INDEX_FILE), 'utf8'))).toMatchObject({ schemaVersion: 2, manifests: [] });
    expect(await readdir(at('blobs'))).toEqual(['sha256']);
    expect(await readdir(at('ingest'))).toEqual([]);
  });

  test('a relative path becomes an absolute root', async () => {
    const store = await openStore(relative(process.cwd(), root));
    expect(store.root).toBe(root);
  });

  test.each([
    ['nothing', []],
    ['what a new file system holds', ['lost+found']],
    ['our own first step, killed', ['ingest']],
  ])('a folder with %s becomes a layout', async (_, folders) => {
    await mkdir(root);
    for (const name of folders) await mkdir(at(name));
    await openStore(root);
    expect(await readdir(root)).toContain(LAYOUT_FILE);
  });

  test('a folder with a user’s files is refused and left alone', async () => {
    await mkdir(root);
    await writeFile(at('thesis.tex'), 'x');
    await expect(openStore(root)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      subject: root,
      reason: 'expected an OCI image layout or an empty folder, found "thesis.tex"',
      hint: expect.stringContaining('`store`'),
    });
    expect(await readdir(root)).toEqual(['thesis.tex']);
  });

  test.each([
    ['{"imageLayoutVersion":"2.0.0"}', 'found 2.0.0'],
    ['{}', 'found no version'],
    ['not JSON', 'found no version'],
  ])('a layout that says %s is refused and left alone', async (content, words) => {
    await mkdir(root);
    await writeFile(at(LAYOUT_FILE), content);
    await expect(openStore(root)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      reason: expect.stringMatching(`version 1.0.0, ${words}`),
    });
    expect(await readdir(root)).toEqual([LAYOUT_FILE]);
  });

  test('a place where nothing can be written is STORE_UNUSABLE', async () => {
    await writeFile(root, 'a file');
    for (const path of [root, at('below')]) {
      await expect(openStore(path)).rejects.toMatchObject({ code: 'STORE_UNUSABLE', subject: path });
    }
  });

  test('many may open and make one store at once', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => openStore(root)));
    const { descriptor, bytes } = randomBlob(10);
    await stores[0]?.write(descriptor, inChunks(bytes));
    for (const store of stores) expect(await store.has(descriptor)).toBe(true);
  });

  test('leftovers older than an hour are swept, younger ones and foreign files stay', async () => {
    await openStore(root);
    const [old, young, foreign] = [crypto.randomUUID(), crypto.randomUUID(), 'notes.txt'];
    for (const name of [old, young, foreign]) await writeFile(at('ingest', name), 'x');
    const twoHoursAgo = Date.now() / 1000 - 7200;
    for (const name of [old, foreign]) await utimes(at('ingest', name), twoHoursAgo, twoHoursAgo);
    await utimes(at('ingest', young), twoHoursAgo + 5400, twoHoursAgo + 5400);
    await openStore(root);
    expect((await readdir(at('ingest'))).sort()).toEqual([young, foreign].sort());
  });
});

describe('a blob’s place', () => {
  test('is blobs/sha256/<hex>, read-only', async () => {
    const store = await openStore(root);
    const { descriptor, bytes } = blobOf('hello');
    await store.write(descriptor, inChunks(bytes));
    const path = at('blobs', 'sha256', descriptor.digest.slice(7));
    expect(await readFile(path, 'utf8')).toBe('hello');
    expect((await stat(path)).mode & 0o777).toBe(0o444);
  });

  test('with a link or a folder in it holds no blob, and a write puts that right', async () => {
    const store = await openStore(root);
    const { descriptor, bytes } = randomBlob(100);
    const outside = join(folder.path, 'outside');
    await writeFile(outside, bytes);
    const inTheWay = [
      () => symlink(outside, blobAt(descriptor.digest)),
      () => symlink('/dev/zero', blobAt(descriptor.digest)),
      () => mkdir(join(blobAt(descriptor.digest), 'deep'), { recursive: true }),
    ];
    for (const put of inTheWay) {
      await put();
      const { size } = await lstat(blobAt(descriptor.digest));
      for (const any of [descriptor, { ...descriptor, size }]) expect(await store.has(any)).toBe(false);
      expect(await store.read(descriptor.digest)).toBeUndefined();
      await expect(collect(store.open(descriptor))).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
      await store.write(descriptor, inChunks(bytes));
      expect(await store.has(descriptor)).toBe(true);
      await store.discard(descriptor.digest);
    }
    expect((await readFile(outside)).byteLength).toBe(100);
    expect(await readdir(at('ingest'))).toEqual([]);
  });

  test('is found again when blobs/ was taken away', async () => {
    const store = await openStore(root);
    await rm(at('blobs'), { recursive: true });
    const { descriptor, bytes } = randomBlob(100);
    await store.write(descriptor, inChunks(bytes));
    expect(await store.has(descriptor)).toBe(true);
  });
});
