import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { Lock } from '../../src/outcome.ts';
import { lockKey } from '../../src/settings/locked.ts';
import { parseSettings, type RawSettings } from '../../src/settings.ts';

const digest = digestOf('redis');
const other = digestOf('other');
const LOCK: Lock = new Map([['docker.io/library/redis:7', { digest, platforms: {} }]]);
const parse = (raw: RawSettings, lock: Lock | undefined = LOCK) =>
  parseSettings({ 'lock-file': 'my.lock', ...raw }, { images: [], mistakes: [], lock });

test.each([
  ['redis', 'docker.io/library/redis:latest'],
  ['redis:7', 'docker.io/library/redis:7'],
  [`redis:7@${digest}`, 'docker.io/library/redis:7'],
  [`redis@${digest}`, undefined],
])('%s is called %s in a lock file', (text, key) => {
  expect(lockKey(parseReference(text))).toBe(key);
});

describe('with a lock file', () => {
  test.each(['redis:7', 'docker.io/library/redis:7', `redis:7@${digest}`])('%s has its digest', (images) => {
    const { request, lockFile } = parse({ images });
    expect(request.images).toEqual([
      { key: images, reference: { domain: 'docker.io', path: 'library/redis', tag: '7', digest } },
    ]);
    expect(request).toMatchObject({ lock: LOCK, policy: 'always' });
    expect(lockFile).toEqual({ file: 'my.lock', update: false });
  });

  test('a bare digest pins itself, and a repository under all-tags is left to the flow', () => {
    expect(parse({ images: `redis@${other}` }).request.images).toMatchObject([{ reference: { digest: other } }]);
    expect(parse({ images: 'redis', 'all-tags': 'true' }).request.images).toEqual([
      { key: 'redis', reference: { domain: 'docker.io', path: 'library/redis' } },
    ]);
  });

  test('what it does not have, or has otherwise, fails alone and says what to do', () => {
    const { request } = parse({ images: `redis:7\nnginx\nredis:7@${other}`, files: 'a b.yml' });
    expect(
      request.images
        .slice(1)
        .map((image) => ('error' in image ? [image.error.code, image.error.message, image.error.hint] : [])),
    ).toEqual([
      [
        'LOCK_MISMATCH',
        'nginx: is not in the lock file',
        `Write it with: pull-image lock redis:7 nginx redis:7@${other} --files 'a b.yml' --lock-file my.lock; or run once with update-lock: true, and commit the file.`,
      ],
      [
        'LOCK_MISMATCH',
        `redis:7@${other}: the lock file has ${digest}`,
        'Write the digest of the lock file, or the tag alone; or run once with update-lock: true.',
      ],
    ]);
  });

  test('the command that mends a lock keeps what the lock has besides', () => {
    expect(() => parse({ images: 'nginx' })).toThrow(
      'Write it with: pull-image lock nginx redis:7 --lock-file my.lock;',
    );
  });

  test('update-lock asks the registry, whatever the policy, and lets nothing older stand in', () => {
    const { request, lockFile } = parse(
      { images: 'redis:7', 'update-lock': 'true', 'pull-policy': 'missing' },
      undefined,
    );
    expect(request).toMatchObject({ policy: 'always', onRegistryError: 'fail', updatesLock: true });
    expect(request.lock).toBeUndefined();
    expect(request.images).toEqual([
      { key: 'redis:7', reference: { domain: 'docker.io', path: 'library/redis', tag: '7' } },
    ]);
    expect(lockFile).toEqual({ file: 'my.lock', update: true });
  });

  test.each<[RawSettings, string]>([
    [
      { images: 'redis:7' },
      'lock-file: my.lock is not there. Write it with: pull-image lock redis:7 --lock-file my.lock; or run once with update-lock: true, and commit the file.',
    ],
    [
      { images: 'redis', 'all-tags': 'true', tags: '>=7 <8' },
      "lock-file: my.lock is not there. Write it with: pull-image lock redis --all-tags --tags '>=7 <8' --lock-file my.lock; or run",
    ],
    [
      { images: 'redis:7', 'lock-file': '', 'update-lock': 'true' },
      'update-lock: has no file to write; name one with lock-file: pull-image.lock.json, or drop it',
    ],
    [
      { images: 'redis:7', 'update-lock': 'true', 'pull-policy': 'never' },
      'update-lock: asks the registry, which pull-policy: never forbids; drop one of the two',
    ],
  ])('%j is a mistake', (raw, words) => {
    const parseIt = () => parseSettings({ 'lock-file': 'my.lock', ...raw }, { images: [], mistakes: [] });
    expect(parseIt).toThrow(words);
  });
});
