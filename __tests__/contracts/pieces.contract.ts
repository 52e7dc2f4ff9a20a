import { expect, test } from '@jest/globals';
import { newDeferred } from '../../src/lib/deferred.ts';
import type { Piece, Store } from '../../src/ports.ts';
import { collect, flipped, randomBlob } from '../support/store-blobs.ts';

/** The bytes in pieces of so many, the odd ones first, each a buffer of its own. */
async function* shuffled(bytes: Uint8Array, size: number): AsyncGenerator<Piece> {
  for (const first of [1, 0])
    for (let at = first * size; at < bytes.byteLength; at += 2 * size)
      yield { position: at, bytes: bytes.slice(at, at + size) };
}

/** What the door of every Store must do with pieces; part of the Store contract. */
export function piecesContract(current: () => Store): void {
  test.each([1, 512 * 1024, 3_000_000])(
    'pieces of %i bytes come out as they should, in whatever order they come',
    async (size) => {
      const { bytes, descriptor } = randomBlob(Math.min(3_000_000, size * 1000));
      await current().write(descriptor, shuffled(bytes, size));
      expect(Buffer.compare(await collect(current().open(descriptor)), bytes)).toBe(0);
    },
  );

  test('of pieces that are ahead nothing is read before what is missing has come', async () => {
    const { bytes, descriptor } = randomBlob(3_000_000);
    const gate = newDeferred();
    async function* late() {
      yield { position: 0, bytes: bytes.slice(0, 500_000) };
      yield { position: 1_000_000, bytes: bytes.slice(1_000_000) };
      await gate.promise;
      yield { position: 500_000, bytes: bytes.slice(500_000, 1_000_000) };
    }
    const writing = current().write(descriptor, late());
    let seen = 0;
    const reading = (async () => {
      const parts: Uint8Array[] = [];
      for await (const chunk of current().open(descriptor)) {
        parts.push(chunk);
        seen += chunk.byteLength;
        if (seen === 500_000) setTimeout(gate.resolve, 50);
        else if (seen < 500_000) continue;
      }
      return Buffer.concat(parts);
    })();
    await writing;
    expect(Buffer.compare(await reading, bytes)).toBe(0);
  });

  test.each<[string, (bytes: Buffer) => { position: number; bytes: Buffer }[], string]>([
    [
      'a changed bit',
      (bytes) => [
        { position: 70, bytes: flipped(bytes.subarray(70), 5) },
        { position: 0, bytes: bytes.slice(0, 70) },
      ],
      'DIGEST_MISMATCH',
    ],
    [
      'a gap',
      (bytes) => [
        { position: 0, bytes: bytes.slice(0, 70) },
        { position: 80, bytes: bytes.slice(80) },
      ],
      'SIZE_MISMATCH',
    ],
    ['no end', (bytes) => [{ position: 0, bytes: bytes.slice(0, 70) }], 'SIZE_MISMATCH'],
    ['more than there is', (bytes) => [{ position: 0, bytes: Buffer.concat([bytes, bytes]) }], 'SIZE_MISMATCH'],
  ])('pieces with %s never enter', async (_, piecesOf, code) => {
    const { bytes, descriptor } = randomBlob(1000);
    async function* pieces() {
      yield* piecesOf(bytes);
    }
    await expect(current().write(descriptor, pieces())).rejects.toMatchObject({ code });
    expect(await current().has(descriptor)).toBe(false);
  });
}
