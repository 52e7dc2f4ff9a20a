import { lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { placeText } from '../../src/store/place.ts';
import { markOf, removeUnchanged } from '../../src/store/unchanged.ts';
import { tempFolder } from '../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let root: string;
let file: string;
beforeEach(async () => {
  folder = await tempFolder();
  root = folder.path;
  file = join(root, 'file');
  await mkdir(join(root, 'ingest'));
  await writeFile(file, 'content');
});
afterEach(() => folder.dispose());

const markAt = async (path: string) => markOf(await lstat(path, { bigint: true }));

test('a file that bears the mark goes', async () => {
  expect(await removeUnchanged(root, file, await markAt(file))).toBe(true);
  expect(await readdir(root)).toEqual(['ingest']);
});

test.each<[string, () => Promise<unknown>, string]>([
  ['was touched', () => utimes(file, 5, 5), 'content'],
  ['was replaced by its like', () => placeText(root, 'file', 'content'), 'content'],
  ['was replaced by another', () => placeText(root, 'file', 'new'), 'new'],
])('a file that %s stays, time and all', async (_, change, content) => {
  const mark = await markAt(file);
  await change();
  const changed = await markAt(file);
  expect(await removeUnchanged(root, file, mark)).toBe(false);
  expect(await readFile(file, 'utf8')).toBe(content);
  expect(await markAt(file)).toBe(changed);
  expect(await readdir(join(root, 'ingest'))).toEqual([]);
});

test('what is gone is not removed', async () => {
  expect(await removeUnchanged(root, join(root, 'absent'), '')).toBe(false);
  expect(await removeUnchanged(root, join(root, 'no', 'folder'), '')).toBe(false);
});

test('links and folders go by themselves', async () => {
  const [to, deep] = [join(root, 'link'), join(root, 'folder')];
  await symlink(file, to);
  await mkdir(join(deep, 'deep'), { recursive: true });
  for (const path of [to, deep]) expect(await removeUnchanged(root, path, await markAt(path))).toBe(true);
  expect(await readdir(root)).toEqual(['file', 'ingest']);
  expect(await readFile(file, 'utf8')).toBe('content');
});

test('of a touched file there is always one, whoever looks', async () => {
  let looks = 0;
  let done = false;
  const mark = await markAt(file);
  await utimes(file, 5, 5);
  const replacing = (async () => {
    for (let at = 0; at < 50; at += 1) await placeText(root, 'file', `content ${at}`);
  })();
  const looking = (async () => {
    while (!done) {
      await removeUnchanged(root, file, mark);
      looks += 1;
    }
  })();
  await replacing;
  done = true;
  await looking;
  expect(looks).toBeGreaterThan(0);
  // The last to be put there is never lost to one that was looked at.
  expect(await readFile(file, 'utf8')).toBe('content 49');
  expect(await readdir(join(root, 'ingest'))).toEqual([]);
});
