import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { listNames, listNameUses, namesSay, readName, touchName, writeNames } from '../../src/store/names.ts';
import { blobOf, tempFolder } from '../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let root: string;
beforeEach(async () => {
  folder = await tempFolder();
  root = folder.path;
  await mkdir(join(root, 'ingest'));
  await mkdir(join(root, 'names'));
});
afterEach(() => folder.dispose());

const target = blobOf('{}').descriptor;
const fileOf = (name: string) => join(root, 'names', `${digestOf(name).slice(7)}.json`);

test('each name has a file of its own, and they are listed in order', async () => {
  const records = ['redis:7', 'busybox:1', 'redis:6'].map((name, at) => ({ name, target, at }));
  await writeNames(root, records);
  expect((await readdir(join(root, 'names'))).length).toBe(3);
  expect(JSON.parse(await readFile(fileOf('redis:7'), 'utf8'))).toEqual(records[0]);
  expect(await listNames(root)).toEqual([records[1], records[2], records[0]]);
  expect(await readdir(join(root, 'ingest'))).toEqual([]);
});

test('of a target only what finds and checks the blob is kept', async () => {
  const told = { ...target, annotations: { a: 'b' }, urls: ['http://elsewhere'], data: 'e30=' };
  await writeNames(root, [{ name: 'a:1', target: told, at: 1 }]);
  expect(await readName(root, 'a:1')).toEqual({ name: 'a:1', target, at: 1 });
});

const good = { name: 'a:1', target, at: 1 };
test.each<[string, string]>([
  ['nothing', ''],
  ['half a record', JSON.stringify(good).slice(0, 30)],
  ['null', 'null'],
  ['another name', JSON.stringify({ ...good, name: 'b:1' })],
  ['no target', JSON.stringify({ ...good, target: undefined })],
  ['a digest that is a path', JSON.stringify({ ...good, target: { ...target, digest: 'sha256:../../x' } })],
  ['a size below zero', JSON.stringify({ ...good, target: { ...target, size: -1 } })],
  ['a size in words', JSON.stringify({ ...good, target: { ...target, size: '2' } })],
  ['no time', JSON.stringify({ ...good, at: null })],
])('a name file that holds %s is passed over, and mended by the next record', async (_, content) => {
  await writeFile(fileOf('a:1'), content);
  await writeFile(join(root, 'names', 'README'), content);
  expect(await readName(root, 'a:1')).toBeUndefined();
  expect(await listNames(root)).toEqual([]);
  await writeNames(root, [good]);
  expect(await listNames(root)).toEqual([good]);
});

test('a name that is used is touched, one that is not there is no matter', async () => {
  await writeNames(root, [good]);
  await touchName(root, 'a:1', 1_000_000_000_000);
  expect((await stat(fileOf('a:1'))).mtimeMs).toBe(1_000_000_000_000);
  await touchName(root, 'absent', 1);
});

test('a name’s use tells when, and by which mark it changes', async () => {
  await writeNames(root, [good]);
  await utimes(fileOf('a:1'), 1000, 1000);
  const [use] = await listNameUses(root);
  expect(use).toMatchObject({ record: good, usedAt: 1_000_000, path: fileOf('a:1') });
  await touchName(root, 'a:1', 2_000_000);
  const [later] = await listNameUses(root);
  expect(later?.mark).not.toBe(use?.mark);
  await writeNames(root, [good]);
  const [again] = await listNameUses(root);
  expect(again?.usedAt).toBeGreaterThan(2_000_000);
  await writeFile(join(root, 'names', 'README'), 'x');
  expect(await listNameUses(root)).toHaveLength(1);
});

test('of two records of one name at once the later one wins', async () => {
  for (let round = 0; round < 20; round += 1) {
    await writeNames(root, [good, { ...good, at: 2 }, { ...good, at: 3 }]);
    expect((await readName(root, 'a:1'))?.at).toBe(3);
  }
});

test('names say the same if only their time is another', async () => {
  await writeNames(root, [good]);
  expect(await namesSay(root, [])).toBe(true);
  expect(await namesSay(root, [{ ...good, at: 2 }])).toBe(true);
  for (const other of [
    { ...good, name: 'b:1' },
    { ...good, readAs: target },
    { ...good, target: blobOf('[]').descriptor },
  ]) {
    expect(await namesSay(root, [good, other])).toBe(false);
  }
});
