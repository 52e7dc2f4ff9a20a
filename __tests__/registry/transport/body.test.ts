import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { keepingPace, takeBytes } from '../../../src/registry/transport/body.ts';

async function* dripping(chunks: number, ms: number, size = 1): AsyncGenerator<Uint8Array> {
  for (let left = chunks; left > 0; left -= 1) {
    await sleep(ms);
    yield new Uint8Array(size);
  }
}

const tooSlow = (bytes: number, ms: number) => new Error(`${bytes} bytes in ${ms >= 100 ? 'time' : ms}`);

describe('a body that must keep a pace', () => {
  test('ends with an error once a window brought too little', async () => {
    const body = keepingPace(dripping(100, 20), { bytes: 50, windowMs: 200 }, tooSlow);
    await expect(takeBytes(body, 1000)).rejects.toThrow(/^\d+ bytes in time$/);
  });

  test('comes whole if every window brings enough', async () => {
    const body = keepingPace(dripping(20, 20, 100), { bytes: 50, windowMs: 200 }, tooSlow);
    expect((await takeBytes(body, 10_000)).bytes).toHaveLength(2000);
  });

  test('comes whole if it is short, however little that is', async () => {
    const body = keepingPace(dripping(3, 10), { bytes: 1000, windowMs: 5000 }, tooSlow);
    expect((await takeBytes(body, 1000)).bytes).toHaveLength(3);
  });

  test('may be read as slowly as its reader likes', async () => {
    let bytes = 0;
    for await (const chunk of keepingPace(dripping(5, 1), { bytes: 1000, windowMs: 200 }, tooSlow)) {
      await sleep(100);
      bytes += chunk.byteLength;
    }
    expect(bytes).toBe(5);
  });

  test('ends with an error after its time, though every window brought enough', async () => {
    const body = keepingPace(dripping(100, 20, 100), { bytes: 50, windowMs: 200, totalMs: 300 }, tooSlow);
    await expect(takeBytes(body, 100_000)).rejects.toThrow(/ bytes in time$/);
  });
});
