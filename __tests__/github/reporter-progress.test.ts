import { describe, expect, test } from '@jest/globals';
import { createReporter, type ReporterOptions } from '../../src/github/reporter.ts';

describe('progress', () => {
  const at = (moments: readonly [number, number][], options: ReporterOptions = {}) => {
    let clock = 0;
    const found: string[] = [];
    const report = createReporter({ write: (text) => found.push(text), now: () => clock, ...options });
    for (const [seconds, received] of moments) {
      clock = seconds * 1000;
      report({ type: 'progress', received, expected: 310e6, layersDone: 5, layers: 12 });
    }
    return found;
  };

  test('is told after 10 s, then at most every 10 s, with the rate since the last time', () => {
    const moments: [number, number][] = Array.from({ length: 250 }, (_, index) => [
      index / 10,
      index < 100 ? index * 1e6 : 100e6 + (index - 100) * 2e5,
    ]);
    expect(at(moments)).toEqual([
      'Downloading: 100MB of 310MB, 5 of 12 blobs done, 10.0 MB/s\n',
      'Downloading: 120MB of 310MB, 5 of 12 blobs done, 2.0 MB/s\n',
    ]);
  });

  test('of a push is told the same way', () => {
    let clock = 0;
    const found: string[] = [];
    const report = createReporter({ write: (text) => found.push(text), now: () => clock });
    for (const sent of [0, 50e6, 60e6]) {
      report({ type: 'pushing', sent, expected: 80e6, blobsDone: 1, blobs: 3 });
      clock += 10_000;
    }
    expect(found).toEqual([
      'Pushing: 50MB of 80MB, 1 of 3 blobs done, 5.0 MB/s\n',
      'Pushing: 60MB of 80MB, 1 of 3 blobs done, 1.0 MB/s\n',
    ]);
  });

  test('is not told of short downloads, nor under quiet', () => {
    expect(
      at([
        [0, 0],
        [9.9, 300e6],
      ]),
    ).toEqual([]);
    expect(
      at(
        [
          [0, 0],
          [60, 300e6],
        ],
        { quiet: true },
      ),
    ).toEqual([]);
  });

  test('does not run backwards when bytes are thrown away', () => {
    expect(
      at([
        [0, 0],
        [10, 100e6],
        [20, 50e6],
      ]).at(-1),
    ).toContain('50MB of 310MB, 5 of 12 blobs done, 0.0 MB/s');
  });

  test('is not told once nothing is left of what came, for its blob failed', () => {
    const told = at([
      [0, 0],
      [10, 100e6],
      [25, 0],
      [40, 30e6],
    ]);
    expect(told.slice(1)).toEqual(['Downloading: 30MB of 310MB, 5 of 12 blobs done, 2.0 MB/s\n']);
  });
});
