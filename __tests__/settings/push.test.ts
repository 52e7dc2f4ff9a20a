import { describe, expect, test } from '@jest/globals';
import { parseReference } from '../../src/oci/reference.ts';
import { waysOf } from '../../src/push/destinations.ts';
import { storedTags } from '../../src/push/stored-tags.ts';
import { parsePushSettings } from '../../src/settings/push.ts';

const read = (raw: Record<string, string>) => parsePushSettings({ images: 'redis:7', ...raw });
const ways = (to: string, ...images: string[]) =>
  waysOf(
    images.map((key) => ({ key, reference: parseReference(key) })),
    read({ to }).destinations,
  ).map((way) => {
    const { domain, path, tag, digest } = way.to;
    return `${domain}/${path}${tag ? `:${tag}` : ''}${digest ? '@digest' : ''}`;
  });
const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('where images go', () => {
  test.each([
    ['ghcr.io/me/redis:x', ['redis:7'], ['ghcr.io/me/redis:x']],
    ['ghcr.io/me/redis', ['redis:7', 'redis'], ['ghcr.io/me/redis:7', 'ghcr.io/me/redis:latest']],
    // As mirrors: docker.io=ghcr.io/me/hub reads it.
    [
      'ghcr.io/me/hub/',
      ['redis:7', 'bitnami/kafka:3'],
      ['ghcr.io/me/hub/library/redis:7', 'ghcr.io/me/hub/bitnami/kafka:3'],
    ],
    ['localhost:5000/', ['redis'], ['localhost:5000/library/redis:latest']],
    ['me/', ['redis'], ['docker.io/me/library/redis:latest']],
    ['a.example/x, b.example/y:1', ['redis:7'], ['a.example/x:7', 'b.example/y:1']],
    ['a.example/x', [`redis@${DIGEST}`], ['a.example/x@digest']],
    ['a.example/x', [`redis:7@${DIGEST}`], ['a.example/x:7']],
    ['', ['ghcr.io/me/app:1'], ['ghcr.io/me/app:1']],
  ])('%j takes %j to %j', (to, images, expected) => {
    expect(ways(to, ...images)).toEqual(expected);
  });

  test('two images under one name are refused', () => {
    expect(() => ways('a.example/x', 'redis:7', 'nginx:7')).toThrow(
      'a.example/x:7: redis:7 and nginx:7 would both be pushed there',
    );
  });
});

describe('settings', () => {
  test('are those of a pull of every platform, without an engine', () => {
    const { pull, uploads, chunkBytes } = read({ to: 'a.example/x', 'chunk-size': '50MB' });
    expect(pull).toMatchObject({ engine: 'none', request: { platforms: 'all' } });
    expect({ uploads, chunkBytes }).toEqual({ uploads: 5, chunkBytes: 50_000_000 });
  });

  test.each([
    [{ to: `a.example/x@${DIGEST}` }, 'a destination has no digest'],
    [{ to: 'a.example/B/' }, 'to: a.example/B/: '],
    [{ to: 'ghcr.io' }, 'ghcr.io: is a registry without a repository. End it with / to'],
    [{ to: 'localhost:5000' }, 'behind it: localhost:5000/'],
    [{ to: 'https://a.example/x/' }, 'https://a.example/x/: invalid reference format. Write a registry'],
    [{ to: 'a.example/x:1', images: 'redis:7\nnginx' }, 'a destination with a tag takes one image'],
    [{ to: 'a.example/x', 'max-concurrent-uploads': '0' }, 'max-concurrent-uploads: expected a whole number'],
    [{ to: 'a.example/x', 'chunk-size': 'big' }, 'chunk-size: expected a size'],
  ])('%j is refused', (raw, words) => {
    expect(() => read(raw)).toThrow(words);
  });
});

test('tags of the store are those of one repository, without digests', () => {
  const names = ['redis:7', 'docker.io/library/redis:7', 'redis:8', `redis@${DIGEST}`, 'nginx:1', '::'];
  expect(storedTags('redis', names)).toEqual(['7', '8']);
});
