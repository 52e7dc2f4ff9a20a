import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/layout-store.ts';
import { preparePush } from '../../src/wire/push.ts';
import { makeImage, putImage } from '../support/stored-image.ts';

let folder: string;
let store: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'all-tags-'));
  store = path.join(folder, 'store');
  const opened = await openStore(store, { run: 'test' });
  const app = await makeImage({ layers: ['base'] });
  for (const tag of ['1', '2']) await putImage(opened, `r.example/app:${tag}`, app);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const prepare = async (images: string, more: Record<string, string> = {}) => {
  const raw = { images, 'all-tags': 'true', ...more };
  const { settings } = await preparePush(raw, folder, { environment: {}, store });
  const { images: wanted, allTags, tags } = settings.pull.request;
  return { images: wanted.map(({ key }) => key), allTags, tags };
};
const TO = { to: 'm.example/', 'pull-policy': 'missing' };

test('all tags that the store has of a repository are pushed, or those that match', async () => {
  expect(await prepare('r.example/app')).toMatchObject({ images: ['r.example/app:1', 'r.example/app:2'] });
  expect(await prepare('r.example/app', { tags: '1*' })).toMatchObject({ images: ['r.example/app:1'] });
});

test('a repository without tags is an error that says so, though others have some', async () => {
  for (const images of ['r.example/none', 'r.example/app, r.example/none'])
    await expect(prepare(images)).rejects.toMatchObject({
      code: 'NO_TAGS',
      message: 'r.example/none: the store has no tag of it; nothing was pushed',
      hint: expect.stringContaining('pull it first. With a destination (to)'),
    });
  await expect(prepare('r.example/app', { tags: '7.*\n8.*' })).rejects.toMatchObject({
    message: 'r.example/app: the store has no tag of it that matches 7.* 8.*; nothing was pushed',
  });
  await expect(prepare('r.example/app', { ...TO, 'pull-policy': 'never', tags: '7.*' })).rejects.toMatchObject({
    code: 'NO_TAGS',
  });
});

test('where images may be pulled on the way, the registry is asked for the tags of those that the store has none of', async () => {
  expect(await prepare('r.example/app, r.example/none', TO)).toEqual({
    images: ['r.example/none', 'r.example/app:1', 'r.example/app:2'],
    allTags: true,
    tags: [],
  });
  expect(await prepare('r.example/app', TO)).toMatchObject({ allTags: false });
});

test('more tags than max-tags allows are an error, as those of a registry are', async () => {
  await expect(prepare('r.example/app', { 'max-tags': '1' })).rejects.toMatchObject({
    code: 'TOO_MANY_TAGS',
    message: 'r.example/app: all-tags would push 2 tags of the store, max-tags allows 1',
    hint: 'Narrow them with tags, or set max-tags: 2.',
  });
});

test('a tag where a repository is expected is what is complained about', async () => {
  await expect(prepare('r.example/app:1')).rejects.toMatchObject({
    message: 'r.example/app:1: all-tags takes a repository, found a tag; write r.example/app',
  });
});
