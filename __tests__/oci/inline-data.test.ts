import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { inlineData } from '../../src/oci/manifest.ts';

describe('inline data', () => {
  const inline = (data: string | undefined, size: number, digest: Digest) =>
    inlineData({ mediaType: '', digest, size, data });

  test('is the blob if size and digest agree', () => {
    expect(inline('e30=', 2, digestOf('{}'))).toEqual(Buffer.from('{}'));
    expect(inline('e30=', 2, digestOf('{}', 'sha512'))).toEqual(Buffer.from('{}'));
    expect(inline('', 0, digestOf(''))).toEqual(Buffer.alloc(0));
  });

  test('is nothing if they do not, or if there is none', () => {
    expect(inline('e30=', 3, digestOf('{}'))).toBeUndefined();
    expect(inline('e30=', 2, digestOf('[]'))).toBeUndefined();
    expect(inline('not base64 §', 2, digestOf('{}'))).toBeUndefined();
    expect(inline(undefined, 0, digestOf(''))).toBeUndefined();
  });

  test('is known of the empty object and the layer of no files, which need not be asked for', () => {
    const empty = Buffer.from('1f8b080000096e8800ff621805a360148c5800080000ffff2eafb5ef00040000', 'hex');
    expect(inline(undefined, 2, digestOf('{}'))).toEqual(Buffer.from('{}'));
    expect(inline(undefined, empty.length, digestOf(empty))).toEqual(empty);
    expect(gunzipSync(empty).every((byte) => byte === 0)).toBe(true);
    expect(inline(undefined, 3, digestOf('{}'))).toBeUndefined();
  });
});
