import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { placeIn } from '../../src/sources/workspace.ts';
import { workspaceWith } from '../support/workspace.ts';

let folder = '';
let elsewhere = '';
let dispose = async () => {};
beforeEach(async () => {
  ({ folder, dispose } = await workspaceWith({ 'locks/a.json': '{}' }));
  elsewhere = await mkdtemp(path.join(tmpdir(), 'pull-image-elsewhere-'));
});
afterEach(async () => {
  await dispose();
  await rm(elsewhere, { recursive: true });
});

describe('the place of a file', () => {
  test.each(['locks/a.json', './b.json', 'new/folder/c.json'])('in the folder is %s', async (file) => {
    expect(await placeIn(folder, file)).toBe(path.join(folder, file));
  });

  test('may be elsewhere if it is named there', async () => {
    for (const file of [path.join(elsewhere, 'a.json'), path.relative(folder, path.join(elsewhere, 'a.json'))])
      expect(await placeIn(folder, file)).toBe(path.join(elsewhere, 'a.json'));
  });

  test('in the folder may be a link within it', async () => {
    await symlink('locks', path.join(folder, 'other'));
    expect(await placeIn(folder, 'other/a.json')).toBe(path.join(folder, 'other/a.json'));
  });

  test.each([
    ['out.json', 'out.json', 'secret'],
    ['out.json that is not there', 'out.json', 'absent'],
    ['a folder', 'out/a.json', '.'],
    ['a folder, for a file in a new one', 'out/new/a.json', '.'],
  ])('that a link leads out of the folder by is refused: %s', async (_, file, target) => {
    await symlink(path.join(elsewhere, target), path.join(folder, file.split('/')[0] ?? ''));
    await expect(placeIn(folder, file)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      subject: file,
      reason: `is led out of ${folder} by a link`,
    });
  });
});
