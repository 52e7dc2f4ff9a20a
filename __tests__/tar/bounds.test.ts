import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { bounded } from '../../src/tar/bounds.ts';
import { decompressed } from '../../src/tar/compression.ts';
import { readTar } from '../../src/tar/read-tar.ts';
import { collect, inChunks } from '../support/store-blobs.ts';
import { pax, tarArchive } from '../support/tar-archive.ts';

const ZEROS = Buffer.alloc(8_000_000);
const BOUNDS = { free: 1_000_000, ratio: 200 };
const WORDS =
  /^layer x: \d+(\.\d+)?k?B unpack to more than \d+(\.\d+)?MB, 200 times as much, and are taken for a decompression bomb$/;

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('what swells beyond all measure is an error in its midst (%s)', async (_, pack) => {
  let bytes = 0;
  const unpacking = (async () => {
    for await (const chunk of decompressed(inChunks(pack(ZEROS)), 'layer x', { bounds: BOUNDS }))
      bytes += chunk.byteLength;
  })();
  await expect(unpacking).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringMatching(WORDS) });
  expect(bytes).toBeLessThan(3_000_000);
});

test('what is small enough to do no harm may swell', async () => {
  const packed = gzipSync(ZEROS);
  const bounds = { free: ZEROS.length, ratio: 2 };
  expect(await collect(decompressed(inChunks(packed), 'x', { bounds }))).toHaveLength(ZEROS.length);
});

test('where the whole size is known, a beginning of zeros is no sign of anything', async () => {
  const packed = gzipSync(ZEROS);
  const size = Math.ceil(ZEROS.length / BOUNDS.ratio);
  expect(await collect(decompressed(inChunks(packed), 'x', { size, bounds: BOUNDS }))).toHaveLength(ZEROS.length);
  await expect(collect(decompressed(inChunks(packed), 'x', { size: size - 1, bounds: BOUNDS }))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  });
});

test('plain bytes have no bounds', async () => {
  const bounds = { free: 0, ratio: 0 };
  expect(await collect(decompressed(inChunks(ZEROS), 'x', { bounds }))).toHaveLength(ZEROS.length);
});

test('16 GiB or 200 times the size pass unasked', async () => {
  async function* chunks() {
    for (let at = 0; at < 17; at += 1) yield { byteLength: 1024 ** 3 } as Uint8Array;
  }
  const read = async (packed: number) => {
    for await (const _ of bounded(chunks(), () => packed, 'x'));
  };
  await expect(read(100)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  await expect(read(90_000_000)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  await read(92_000_000);
});

test('a tar of more members than any image has is an error, and so is a name that no disk takes', async () => {
  const members = (names: readonly string[]) => tarArchive(names.map((name) => ({ name, content: '' })));
  const read = async (tar: Uint8Array, most?: number) => {
    for await (const _ of readTar(inChunks(tar), 'x', { most }));
  };
  await expect(read(members(['a', 'b', 'c']), 2)).rejects.toMatchObject({
    message: 'x: has more than 2 members',
  });
  await read(members(['a', 'b']), 2);
  const long = tarArchive([pax({ path: 'a/'.repeat(9000) }), { name: 'a' }]);
  await expect(read(long)).rejects.toMatchObject({
    message: expect.stringMatching(/^x: has a name of \d+ bytes, expected at most 16384$/),
  });
});
