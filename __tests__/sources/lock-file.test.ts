import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { digestOf } from '../../src/oci/digest.ts';
import type { Lock } from '../../src/outcome.ts';
import { formatLock, lockChanges, parseLock, readLockFile, writeLockFile } from '../../src/sources/lock-file.ts';
import { workspaceWith } from '../support/workspace.ts';

const schema = JSON.parse(await readFile(new URL('../../docs/lock-file.schema.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true, strict: true }).compile(schema);

const digest = digestOf;
const REDIS = 'docker.io/library/redis:7';
const LOCK: Lock = new Map([
  [REDIS, { digest: digest('redis'), platforms: { 'linux/arm64': digest('arm'), 'linux/amd64': digest('amd') } }],
  ['docker.io/library/z:1', { digest: digest('z'), platforms: {} }],
  ['127.0.0.1:5000/acme/app:A', { digest: digest('app'), platforms: { 'linux/amd64': digest('app') } }],
]);

let folder = '';
let dispose = async () => {};
beforeEach(async () => {
  ({ folder, dispose } = await workspaceWith({}));
});
afterEach(() => dispose());

const file = () => path.join(folder, 'locks/pull-image.lock.json');

describe('the lock file', () => {
  test('that is something else is not quoted, for what it is may be secret', () => {
    expect(() => parseLock('TOKEN=ghp_secret', 'x.json')).toThrow(/^x\.json: is not JSON$/);
  });

  test('is sorted, a line a digest, ends with a line end, and is as its schema says', () => {
    const text = formatLock(LOCK);
    expect(text).toBe(`{
  "version": 1,
  "images": {
    "127.0.0.1:5000/acme/app:A": {
      "digest": "${digest('app')}",
      "platforms": {
        "linux/amd64": "${digest('app')}"
      }
    },
    "docker.io/library/redis:7": {
      "digest": "${digest('redis')}",
      "platforms": {
        "linux/amd64": "${digest('amd')}",
        "linux/arm64": "${digest('arm')}"
      }
    },
    "docker.io/library/z:1": {
      "digest": "${digest('z')}",
      "platforms": {}
    }
  }
}
`);
    isValid(JSON.parse(text));
    expect(isValid.errors).toBeNull();
    expect(formatLock(new Map([...LOCK].reverse()))).toBe(text);
    expect(new Map([...parseLock(text, 'x')].sort())).toEqual(new Map([...LOCK].sort()));
  });

  test('is written whole, with its folder, and not touched if it says the same', async () => {
    expect(await readLockFile(file())).toBeUndefined();
    expect(await writeLockFile(file(), LOCK)).toMatchObject({ references: 3, moved: [], dropped: [] });
    const before = await stat(file());
    expect(await writeLockFile(file(), LOCK)).toEqual({ references: 3, added: [], moved: [], dropped: [] });
    expect((await stat(file())).ino).toBe(before.ino);
    expect((await stat(file())).mtimeMs).toBe(before.mtimeMs);
    expect(await readLockFile(file())).toEqual(new Map([...LOCK].sort()));
    expect(await readdir(path.dirname(file()))).toEqual(['pull-image.lock.json']);
  });

  test('tells what changed', async () => {
    await writeLockFile(file(), LOCK);
    const after: Lock = new Map([
      [REDIS, { digest: digest('new'), platforms: {} }],
      ['ghcr.io/o/r:1', { digest: digest('r'), platforms: {} }],
    ]);
    expect(await writeLockFile(file(), after)).toEqual({
      references: 2,
      added: ['ghcr.io/o/r:1'],
      moved: [{ reference: REDIS, locked: digest('redis'), now: digest('new') }],
      dropped: ['127.0.0.1:5000/acme/app:A', 'docker.io/library/z:1'],
    });
    expect(lockChanges(after, after)).toEqual({ references: 2, added: [], moved: [], dropped: [] });
  });

  test('that nobody can read is replaced when it is written anew', async () => {
    await writeLockFile(file(), LOCK);
    await writeFile(file(), '<<<<<<< HEAD\n');
    expect((await writeLockFile(file(), LOCK)).added).toHaveLength(3);
  });

  test('that cannot be written is an error, and leaves nothing behind', async () => {
    await writeFile(path.join(folder, 'locks'), 'a file');
    await expect(writeLockFile(file(), LOCK)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      reason: 'cannot be written (EEXIST)',
    });
    const hint = 'Let lock-file name a file that this user may read and write.';
    const isFolder = { code: 'INPUT_INVALID', reason: 'cannot be written (it is a folder)', hint };
    await expect(writeLockFile(folder, LOCK)).rejects.toMatchObject(isFolder);
    await expect(readLockFile(folder)).rejects.toMatchObject({
      ...isFolder,
      reason: 'cannot be read (it is a folder)',
    });
    expect(await readdir(folder)).toEqual(['locks']);
    expect(
      (await readdir(path.dirname(folder))).filter((name) => name.startsWith(`${path.basename(folder)}.`)),
    ).toEqual([]);
  });

  test('may begin with the mark of some editors', () => {
    expect(parseLock(`\ufeff${formatLock(LOCK)}`, 'x').size).toBe(3);
  });

  const image = (more: object) =>
    JSON.stringify({ version: 1, images: { [REDIS]: { digest: digest('a'), platforms: {}, ...more } } });

  test.each([
    ['', 'is not JSON'],
    ['{', 'is not JSON'],
    [`{"version": ${'['.repeat(50_000)}${']'.repeat(50_000)}, "images": {}}`, 'expected version 1, found a list'],
    ['{\n<<<<<<< HEAD\n', 'holds an unresolved merge'],
    ['[]', 'expected an object with the member images'],
    ['{"images": {}}', 'expected version 1, found nothing'],
    ['{"version": 2, "images": {}}', 'expected version 1, found 2'],
    [
      '{"version": 1, "images": {"redis": {}}}',
      'expected a full reference with a tag, such as docker.io/library/redis:7, found "redis"',
    ],
    ['{"version": 1, "images": {"__proto__": {}}}', 'expected a full reference with a tag'],
    ['{"version": 1, "images": {"docker.io/library/redis:7": {}}}', `${REDIS}: expected digest and platforms`],
    [image({ digest: 'sha256:1' }), `${REDIS}: expected digest to be sha256:<64 hex digits>, found "sha256:1"`],
    [
      image({ platforms: { 'linux/amd64': 1 } }),
      `${REDIS}: expected linux/amd64 to be sha256:<64 hex digits>, found 1`,
    ],
  ])('%j is refused', (text, reason) => {
    expect(() => parseLock(text, 'my.lock')).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining(`my.lock: ${reason}`),
        hint: 'Write it anew with update-lock: true, or with pull-image lock.',
      }),
    );
  });
});
