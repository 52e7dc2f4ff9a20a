import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { holds } from '../../src/store/blob-file.ts';
import { adoptBlob, writeBlob } from '../../src/store/ingest.ts';
import { flipped, inChunks, randomBlob, tempFolder } from '../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let root: string;
beforeEach(async () => {
  folder = await tempFolder();
  root = join(folder.path, 'store');
  await mkdir(join(root, 'ingest'), { recursive: true });
});
afterEach(() => folder.dispose());

const leftovers = () => readdir(join(root, 'ingest'));
const fifo = (path: string) => execFileSync('mkfifo', [path]);

test('while a blob arrives it is in ingest/ alone, for its owner’s eyes', async () => {
  const { descriptor, bytes } = randomBlob(2_000_000);
  async function* watched() {
    yield* inChunks(bytes.subarray(0, 1_500_000));
    const [name = 'none', ...more] = await leftovers();
    expect(more).toEqual([]);
    expect((await stat(join(root, 'ingest', name))).mode & 0o777).toBe(0o600);
    expect(await holds(root, descriptor)).toBe(false);
    expect(await readdir(root)).toEqual(['ingest']);
    yield* inChunks(bytes.subarray(1_500_000));
  }
  await writeBlob(root, descriptor, watched());
  expect(await holds(root, descriptor)).toBe(true);
  expect(await leftovers()).toEqual([]);
});

test('nothing is left of a blob that was refused or broke off', async () => {
  const { descriptor, bytes } = randomBlob(2_000_000);
  async function* broken() {
    yield* inChunks(bytes.subarray(0, 1_500_000));
    throw new Error('reset');
  }
  const wrong = [inChunks(flipped(bytes, 9)), inChunks(bytes.subarray(9)), inChunks(Buffer.concat([bytes, bytes]))];
  for (const content of [...wrong, broken()]) {
    await expect(writeBlob(root, descriptor, content)).rejects.toThrow();
    expect(await leftovers()).toEqual([]);
  }
  expect(await readdir(root)).toEqual(['ingest']);
});

test('a store that is gone is STORE_UNUSABLE, and the content is not touched', async () => {
  await rm(root, { recursive: true });
  const { descriptor, bytes } = randomBlob(10);
  let asked = false;
  async function* content() {
    asked = true;
    yield bytes;
  }
  await expect(writeBlob(root, descriptor, content())).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  expect(asked).toBe(false);
});

test('an adopted file is moved, not copied', async () => {
  const { descriptor, bytes } = randomBlob(1000);
  const file = join(folder.path, 'file');
  await writeFile(file, bytes);
  const { ino } = await stat(file);
  await adoptBlob(root, file, descriptor);
  const stored = await stat(join(root, 'blobs', 'sha256', descriptor.digest.slice(7)));
  expect(stored.ino).toBe(ino);
  expect(stored.mode & 0o777).toBe(0o444);
  expect(await leftovers()).toEqual([]);
});

test('a pipe is not adopted and does not hang us', async () => {
  const { descriptor } = randomBlob(10);
  const file = join(folder.path, 'pipe');
  fifo(file);
  await expect(adoptBlob(root, file, descriptor)).rejects.toMatchObject({
    code: 'BLOB_UNKNOWN',
    reason: expect.stringContaining('found a special file'),
  });
});

test.each<[string, (file: string, other: string) => void]>([
  ['exchanged', (file, other) => renameSync(other, file)],
  ['written to', (file, other) => writeFileSync(file, readFileSync(other))],
])('a file that is %s while it is hashed is not adopted and stays', async (_, change) => {
  const { descriptor, bytes } = randomBlob(1000);
  const [file, other] = [join(folder.path, 'file'), join(folder.path, 'other')];
  await writeFile(file, bytes);
  await utimes(file, 1, 1);
  await writeFile(other, flipped(bytes, 5));
  let looks = 0;
  // The signal is looked at after each chunk is read: the one moment that is sure to be in between.
  const signal = {
    get aborted() {
      looks += 1;
      if (looks === 1) change(file, other);
      return false;
    },
  };
  await expect(adoptBlob(root, file, descriptor, signal as AbortSignal)).rejects.toMatchObject({
    code: 'DIGEST_MISMATCH',
    subject: file,
    reason: expect.stringContaining('changed while it was read'),
  });
  expect(looks).toBe(1);
  expect(await holds(root, descriptor)).toBe(false);
  expect(await leftovers()).toEqual([]);
  expect(Buffer.compare(await readFile(file), flipped(bytes, 5))).toBe(0);
});

test('adopting can be cancelled, and the file stays', async () => {
  const { descriptor, bytes } = randomBlob(1000);
  const file = join(folder.path, 'file');
  await writeFile(file, bytes);
  const adopting = adoptBlob(root, file, descriptor, AbortSignal.abort());
  await expect(adopting).rejects.toMatchObject({ code: 'CANCELLED' });
  expect((await readFile(file)).byteLength).toBe(1000);
});

const SHM = '/dev/shm';
const secondDisk = statSync(SHM, { throwIfNoEntry: false });
const withTwoDisks = secondDisk !== undefined && secondDisk.dev !== statSync(tmpdir()).dev ? test : test.skip;

withTwoDisks('a file of another file system is copied in, and leaves its old place', async () => {
  const shm = await tempFolder(SHM);
  try {
    const { descriptor, bytes } = randomBlob(3_000_000);
    const file = join(shm.path, 'file');
    await writeFile(file, flipped(bytes, 1));
    await expect(adoptBlob(root, file, descriptor)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await readdir(shm.path)).toEqual(['file']);
    await writeFile(file, bytes);
    await adoptBlob(root, file, descriptor);
    expect(await holds(root, descriptor)).toBe(true);
    expect(await readdir(shm.path)).toEqual([]);
    expect(await leftovers()).toEqual([]);
  } finally {
    await shm.dispose();
  }
});
