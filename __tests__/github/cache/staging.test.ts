import { chmod, lstat, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fillStage, openStage, openStaging, removeTree, sizeOf } from '../../../src/github/cache/staging.ts';
import { tempFolder } from '../../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.dispose());

test('what runs left a day ago is swept; what may still be in use is not, nor what is not ours', async () => {
  const staging = path.join(folder.path, 'staging');
  const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
  for (const name of ['run-old', 'run-young', 'other']) {
    await mkdir(path.join(staging, name, 'op-1'), { recursive: true });
    await writeFile(path.join(staging, name, 'op-1', 'file'), '');
    if (name !== 'run-young') await utimes(path.join(staging, name), old, old);
  }
  await writeFile(path.join(staging, 'run-file'), '');
  await utimes(path.join(staging, 'run-file'), old, old);
  const root = await openStaging(staging);
  expect((await readdir(staging)).sort()).toEqual(['other', path.basename(root), 'run-file', 'run-young'].sort());
});

test('a file is saved by a second name, its bytes are not copied', async () => {
  const file = path.join(folder.path, 'blob');
  await writeFile(file, 'bytes', { mode: 0o444 });
  const stage = await openStage(await openStaging(folder.path));
  expect(
    await sizeOf([
      { name: 'a', path: file },
      { name: 'b', path: file },
    ]),
  ).toBe(10);
  await fillStage(stage, [{ name: 'a', path: file }]);
  const linked = await lstat(path.join(stage.path, 'pull-image', 'a'));
  expect([linked.ino, linked.nlink]).toEqual([(await lstat(file)).ino, 2]);
  await stage.dispose();
  expect(await readFile(file, 'utf8')).toBe('bytes');
});

test.each(['/dev/null', '/nowhere'])('%s is not saved', async (file) => {
  await expect(sizeOf([{ name: 'a', path: file }])).rejects.toThrow(/not a file|ENOENT/);
});

test.each(['../a', 'a/b', '.a', '-a', '', 'a\nb', 'a b', 'a*'])('the name %j is not saved', async (name) => {
  await expect(sizeOf([{ name, path: import.meta.filename }])).rejects.toThrow('not a file that can be saved');
});

test('a folder nobody can enter is removed all the same', async () => {
  const closed = path.join(folder.path, 'tree', 'closed');
  await mkdir(path.join(closed, 'deep'), { recursive: true });
  await mkdir(path.join(folder.path, 'kept'), { mode: 0 });
  for (const name of ['deep', '.']) {
    await chmod(path.join(closed, name), 0);
  }
  await removeTree(path.join(folder.path, 'tree'));
  expect(await readdir(folder.path)).toEqual(['kept']);
});
