import zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import { isZstd, unzstd } from '../../src/tar/zstd.ts';
import { noise } from '../support/image-builder.ts';
import { collect } from '../support/store-blobs.ts';

const { ZSTD_c_checksumFlag: CHECKSUM, ZSTD_c_contentSizeFlag: CONTENT_SIZE } = zlib.constants;
const frame = (bytes: Buffer, params: Record<number, number> = {}) => zlib.zstdCompressSync(bytes, { params });
const skippable = (content: Buffer, kind = 0) => {
  const head = Buffer.from([0x50 + kind, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(content.byteLength, 4);
  return Buffer.concat([head, content]);
};

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

async function readOne(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks) return;
}

const small = noise('small', 200);
const large = noise('large', 700_000);
const zeros = Buffer.alloc(300_000);

describe('zstd data', () => {
  test.each<[string, Buffer[], Buffer[]]>([
    ['one small frame', [frame(small)], [small]],
    ['a frame of many blocks', [frame(large)], [large]],
    ['a frame of repeated bytes', [frame(zeros)], [zeros]],
    ['a frame with a checksum', [frame(large, { [CHECKSUM]: 1 }), frame(small)], [large, small]],
    [
      'frames that do not state their size',
      [frame(large, { [CONTENT_SIZE]: 0 }), frame(small, { [CONTENT_SIZE]: 0 })],
      [large, small],
    ],
    ['an empty frame', [frame(Buffer.alloc(0)), frame(small)], [small]],
    ['several frames', [frame(large), frame(zeros), frame(small), frame(large)], [large, zeros, small, large]],
    ['a skippable frame first', [skippable(small), frame(large)], [large]],
    [
      'skippable frames between and behind',
      [frame(small), skippable(zeros, 15), frame(zeros), skippable(Buffer.alloc(0))],
      [small, zeros],
    ],
  ])('unpacks %s, however it is cut', async (_, packed, plain) => {
    const bytes = Buffer.concat(packed);
    const expected = Buffer.concat(plain);
    for (const size of [bytes.byteLength, 65_536, 1000, ...(bytes.byteLength < 5000 ? [1, 7] : [])]) {
      const found = await collect(unzstd(pieces(bytes, size), 'layer'));
      expect(Buffer.compare(found, expected)).toBe(0);
    }
  });

  test.each<[string, Buffer]>([
    ['cut short', frame(large).subarray(0, -3)],
    ['damaged', Buffer.concat([frame(large).subarray(0, 20), Buffer.alloc(500, 7)])],
    ['followed by something else', Buffer.concat([frame(small), Buffer.alloc(100, 7)])],
  ])('that is %s is refused in words', async (_, bytes) => {
    await expect(collect(unzstd(pieces(bytes, 10_000), 'layer abc'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/^layer abc: begins as zstd, but cannot be unpacked: ./),
    });
  });

  test('whose source fails ends with that very error, and is closed', async () => {
    const failure = new PullError('DIGEST_MISMATCH', 'blob', 'other bytes');
    let closed = 0;
    async function* broken() {
      try {
        yield frame(large).subarray(0, 400_000);
        throw failure;
      } finally {
        closed += 1;
      }
    }
    await expect(collect(unzstd(broken(), 'layer'))).rejects.toBe(failure);
    expect(closed).toBe(1);
  });

  test('closes its source when the reader leaves', async () => {
    const closed = new Promise<void>((resolve, reject) => {
      async function* endless() {
        try {
          for (;;) yield frame(zeros);
        } finally {
          resolve();
        }
      }
      readOne(unzstd(endless(), 'layer')).catch(reject);
    });
    await closed;
  });

  test.each<[string, Uint8Array, boolean]>([
    ['a frame', frame(small), true],
    ['a skippable frame', skippable(small, 3), true],
    ['gzip', zlib.gzipSync(small), false],
    ['a plain tar', Buffer.from('etc/passwd\0'), false],
    ['three bytes', Buffer.from([0x28, 0xb5, 0x2f]), false],
    ['nothing', Buffer.alloc(0), false],
  ])('%s is known by its magic number', (_, bytes, expected) => {
    expect(isZstd(bytes)).toBe(expected);
  });
});
