import { expect, test } from '@jest/globals';
import { oneChunk } from '../../src/lib/one-chunk.ts';

test('bytes are one chunk', async () => {
  const chunks = oneChunk(Buffer.from('abc'));
  expect(await chunks.next()).toEqual({ done: false, value: Buffer.from('abc') });
  expect(await chunks.next()).toEqual({ done: true, value: undefined });
});

test('no bytes are no chunk', async () => {
  expect(await oneChunk(new Uint8Array()).next()).toEqual({ done: true, value: undefined });
});
