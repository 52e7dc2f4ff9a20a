import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codePath } from '../../src/cli/store-path.ts';

let own: string;
beforeEach(async () => {
  own = await mkdtemp(path.join(tmpdir(), 'pull-image-code-'));
});
afterEach(() => rm(own, { recursive: true, force: true }));

test('what Node compiled is kept beside the store, in the cache folder of the user', () => {
  expect(codePath({ HOME: own })).toBe(path.join(own, '.cache/pull-image-code'));
  expect(codePath({ HOME: '/nowhere', XDG_CACHE_HOME: own })).toBe(path.join(own, 'pull-image-code'));
});

test.each([
  ['there is no such folder', { HOME: '/nowhere' }],
  ['it depends on where we are', { XDG_CACHE_HOME: 'cache' }],
  ['nobody says where', {}],
])('but nowhere, if %s', (_, environment) => {
  expect(codePath(environment)).toBeUndefined();
});

test('nor in the folder of another', async () => {
  // Only root can give a folder away; of others, the root folder is another's.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(own, 12345, 12345);
  expect(codePath({ HOME: isRoot ? own : '/' })).toBeUndefined();
});
