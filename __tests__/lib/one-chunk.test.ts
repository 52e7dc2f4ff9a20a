import { expect, test } from '@jest/globals';
import { oneChunk } from '../../src/lib/one-chunk.ts';

test('bytes are one chunk, and no bytes are none', async () => {
  expect(await Array.fromAsync(oneChunk(Buffer.from('abc')))).toEqual([Buffer.from('abc')]);
  expect(await Array.fromAsync(oneChunk(new Uint8Array()))).toEqual([]);
});
