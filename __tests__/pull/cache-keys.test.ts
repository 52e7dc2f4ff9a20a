import { describe, expect, test } from '@jest/globals';
import { digestOf, hexOf } from '../../src/oci/digest.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { layerKey, packKey, parseTagKey, tagKey, tagPrefix } from '../../src/pull/cache-keys.ts';

const digest = digestOf('x');
const redis = parseReference('redis:7');

test('keys are those of the format, and hold nothing a key may not', () => {
  expect(layerKey(digest)).toBe(`pull-image-v1-sha256-${hexOf(digest)}`);
  expect(packKey(digest, 'linux/arm64/v8')).toBe(`pull-image-v1-pack-${hexOf(digest)}-linux-arm64-v8`);
  expect(packKey(digest, 'windows(10.0.20348)/amd64')).toBe(
    `pull-image-v1-pack-${hexOf(digest)}-windows-10.0.20348-amd64`,
  );
  expect(packKey(digest, 'all')).toBe(`pull-image-v1-pack-${hexOf(digest)}-all`);
  expect(tagKey(redis, digest, 1_700_000_000_999)).toBe(`${tagPrefix(redis)}1700000000-sha256-${hexOf(digest)}`);
});

test('the pointers of one tag are nobody else’s', () => {
  const others = ['redis:70', 'redis:8', 'ghcr.io/library/redis:7', 'quay.io/redis:7'].map((text) =>
    tagPrefix(parseReference(text)),
  );
  expect(new Set([tagPrefix(redis), ...others]).size).toBe(5);
  expect(tagPrefix(parseReference('docker.io/library/redis:7'))).toBe(tagPrefix(redis));
});

describe('a pointer', () => {
  test('is read as it was written', () => {
    expect(parseTagKey(redis, tagKey(redis, digest, 1_700_000_000_000))).toEqual({ digest, at: 1_700_000_000_000 });
    const long = digestOf('x', 'sha512');
    expect(parseTagKey(redis, tagKey(redis, long, 5000))).toEqual({ digest: long, at: 5000 });
  });

  test.each([
    `${tagPrefix(redis)}`,
    `${tagPrefix(redis)}17-sha256-abc`,
    `${tagPrefix(redis)}x-sha256-${hexOf(digest)}`,
    `${tagPrefix(redis)}17-md5-${hexOf(digest)}`,
    tagKey(parseReference('redis:8'), digest, 1000),
  ])('is nothing if it is not one: %s', (key) => {
    expect(parseTagKey(redis, key)).toBeUndefined();
  });
});
