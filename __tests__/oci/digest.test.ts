import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  algorithmOf,
  briefDigest,
  type Digest,
  digestOf,
  digestTag,
  finishDigest,
  hexOf,
  isDigest,
  parseDigest,
  shortDigest,
} from '../../src/oci/digest.ts';
import { thrownBy, vectors } from './vectors.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('the parts of a digest', () => {
  const digest = parseDigest(`sha256:${EMPTY}`);
  expect([algorithmOf(digest), hexOf(digest), shortDigest(digest)]).toEqual(['sha256', EMPTY, EMPTY.slice(0, 12)]);
  const long = digestOf('', 'sha512');
  expect([algorithmOf(long), hexOf(long).length]).toEqual(['sha512', 128]);
});

test('the digest of bytes, whole or in pieces', () => {
  expect(digestOf('')).toBe(`sha256:${EMPTY}`);
  expect(digestOf(Buffer.from('ab'))).toBe(finishDigest(createHash('sha256').update('a').update('b'), 'sha256'));
  expect(digestOf('ab', 'sha512')).toBe(`sha512:${createHash('sha512').update('ab').digest('hex')}`);
});

test.each([
  ['', 'expected sha256:<64 hex digits> or sha512:<128 hex digits>, found ""'],
  [EMPTY, `found "${EMPTY}"`],
  [`sha256:${EMPTY.toUpperCase()}`, 'expected sha256:<64 hex digits>'],
  [`SHA256:${EMPTY}`, 'expected sha256:<64 hex digits>'],
  [`sha256:${EMPTY}\n`, 'expected sha256:<64 hex digits>'],
  [`sha256:${EMPTY}0`, 'expected sha256:<64 hex digits>'],
  ['sha256:../../etc', 'found "sha256:../../etc"'],
  [`sha512:${EMPTY}`, 'expected sha256:<64 hex digits>'],
  [`blake3:${EMPTY}`, 'unsupported digest algorithm "blake3", expected sha256 or sha512'],
  ['sha256+b64u:LCa0a2j', 'unsupported digest algorithm "sha256+b64u"'],
  ['a\n::error::x', 'found "a : :error: :x"'],
])('%j is no digest we take', (text, reason) => {
  expect(isDigest(text)).toBe(false);
  expect(thrownBy(() => parseDigest(text, 'layer'))).toMatchObject({
    name: 'PullError',
    code: 'DIGEST_INVALID',
    subject: 'layer',
    reason: expect.stringContaining(reason),
  });
});

test('what is not text is no digest', () => {
  expect([undefined, null, 5, {}, [`sha256:${EMPTY}`]].map(isDigest)).toEqual([false, false, false, false, false]);
});

// go-digest knows sha384 where it is registered; we take what image-spec registers and containers use.
test('go-digest accepts and refuses the same', () => {
  const differing = vectors<{ input: string; expected: { error?: string; algorithm?: string } }>('digest.json').filter(
    ({ input, expected }) => isDigest(input) !== (expected.error === undefined && expected.algorithm !== 'sha384'),
  );
  expect(differing).toEqual([]);
});

test.each([
  [`sha256:${EMPTY}` as Digest, 'sha256:e3b0c44298fc', 'sha256-e3b0c44298fc'],
  [`sha512:${'0a'.repeat(64)}` as Digest, 'sha512:0a0a0a0a0a0a', 'sha512-0a0a0a0a0a0a'],
])('%s is %s in brief, and %s as a tag', (digest, brief, tag) => {
  expect(briefDigest(digest)).toBe(brief);
  expect(digestTag(digest)).toBe(tag);
});
