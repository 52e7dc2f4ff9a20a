import { describe, expect, test } from '@jest/globals';
import { proofOf, verified } from '../../src/store/verify.ts';
import { blobOf, flipped } from '../support/store-blobs.ts';

const { bytes, descriptor } = blobOf('abcdefghij');

async function* chunks(...all: readonly Uint8Array[]) {
  yield* all;
}

/** What a reader saw before the end or the error. */
async function seen(source: AsyncIterable<Uint8Array>) {
  const sizes: number[] = [];
  try {
    for await (const chunk of source) sizes.push(chunk.byteLength);
    return { sizes };
  } catch (error) {
    return { sizes, error };
  }
}

describe('verified', () => {
  test('gives the chunks of a right blob as they came', async () => {
    const parts = [bytes.subarray(0, 3), bytes.subarray(3, 4), bytes.subarray(4)];
    expect(await seen(verified(descriptor, chunks(...parts)))).toEqual({ sizes: [3, 1, 6] });
  });

  test('gives nothing for the empty blob', async () => {
    const empty = blobOf('');
    expect(await seen(verified(empty.descriptor, chunks()))).toEqual({ sizes: [] });
    expect(await seen(verified(empty.descriptor, chunks(empty.bytes)))).toEqual({ sizes: [] });
  });

  test.each<[string, readonly Uint8Array[], readonly number[], string]>([
    ['one wrong chunk', [flipped(bytes, 0)], [], 'DIGEST_MISMATCH'],
    ['a wrong first chunk', [flipped(bytes.subarray(0, 5), 0), bytes.subarray(5)], [5], 'DIGEST_MISMATCH'],
    ['empty chunks at the end', [flipped(bytes, 9), bytes.subarray(10), bytes.subarray(10)], [], 'DIGEST_MISMATCH'],
    ['a missing end', [bytes.subarray(0, 4), bytes.subarray(4, 9)], [4], 'SIZE_MISMATCH'],
    ['a longer end', [bytes.subarray(0, 4), bytes.subarray(4), bytes.subarray(0, 1)], [4], 'SIZE_MISMATCH'],
    ['nothing at all', [], [], 'SIZE_MISMATCH'],
  ])('withholds the last chunk of %s', async (_, parts, sizes, code) => {
    expect(await seen(verified(descriptor, chunks(...parts)))).toMatchObject({ sizes, error: { code } });
  });

  test('ends its source when the reader leaves early', async () => {
    let ended = false;
    async function* source() {
      try {
        yield bytes.subarray(0, 2);
        yield bytes.subarray(2, 4);
        yield bytes.subarray(4);
      } finally {
        ended = true;
      }
    }
    for await (const _ of verified(descriptor, source())) break;
    expect(ended).toBe(true);
  });
});

test('a proof says expected and found', () => {
  const short = proofOf(descriptor);
  short.take(bytes.subarray(1));
  expect(() => short.end()).toThrow(`${descriptor.digest}: wrong size: expected 10 bytes, found 9`);
  const wrong = blobOf(flipped(bytes, 0));
  const other = proofOf(descriptor);
  other.take(wrong.bytes);
  expect(() => other.end()).toThrow(`expected ${descriptor.digest}, found ${wrong.descriptor.digest}`);
});
