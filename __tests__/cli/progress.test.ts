import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { type Bar, barLines, type Progress, progressBar } from '../../src/cli/progress.ts';
import { digestOf, shortDigest } from '../../src/oci/digest.ts';

const progress = (received: number, layersDone = 0): Progress => ({
  type: 'progress',
  received,
  expected: 200e6,
  layersDone,
  layers: 3,
});

const arriving = (name: string, arrived: number) => ({ digest: digestOf(name), size: 10e6, arrived });

describe('the line', () => {
  test.each([
    { received: 0, seconds: 0, says: `${'░'.repeat(40)}   0%  0B of 200MB  0 of 3 blobs` },
    { received: 50e6, seconds: 0.9, says: `${'█'.repeat(10)}${'░'.repeat(30)}  25%  50MB of 200MB  0 of 3 blobs` },
    {
      received: 150e6,
      seconds: 3,
      says: `${'█'.repeat(30)}${'░'.repeat(10)}  75%  150MB of 200MB  0 of 3 blobs  50.0 MB/s  1.0s left`,
    },
    // A try that failed is taken back, and what a registry sends may be more than it promised.
    { received: -5, seconds: 3, says: `${'░'.repeat(40)}   0%  0B of 200MB  0 of 3 blobs` },
    { received: 201e6, seconds: 0, says: `${'█'.repeat(40)} 100%  201MB of 200MB  0 of 3 blobs` },
  ])('of $received bytes after $seconds s', ({ received, seconds, says }) => {
    expect(barLines(progress(received), [], seconds, 120)).toEqual([says]);
  });

  test.each([120, 80, 60, 40, 10, 1])('is narrower than a terminal of %i columns', (columns) => {
    const lines = barLines(progress(150e6), [arriving('one', 3e6)], 3, columns);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(columns);
    expect(lines.map((line) => line.includes('█'))).toEqual([columns > 65, columns > 65]);
  });

  test('of each blob is above that of all, with as wide a bar', () => {
    const lines = barLines(progress(100e6, 1), [arriving('one', 2.5e6), arriving('two', 0.5e6)], 0, 120);
    expect(lines).toEqual([
      `${'█'.repeat(10)}${'░'.repeat(30)}  25%  2.5MB of 10MB  ${shortDigest(digestOf('one'))}`,
      `${'█'.repeat(2)}${'░'.repeat(38)}   5%  500kB of 10MB  ${shortDigest(digestOf('two'))}`,
      `${'█'.repeat(20)}${'░'.repeat(20)}  50%  100MB of 200MB  1 of 3 blobs`,
    ]);
  });
});

describe('the bar', () => {
  const drawn = (rows = 24) => {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 80, rows });
    let at = 0;
    return {
      bar: progressBar(stream, () => at),
      read: () => String(stream.read() ?? ''),
      wait: (ms: number) => (at += ms),
    };
  };

  test('is drawn ten times a second at most', () => {
    const { bar, read, wait } = drawn();
    bar.show(progress(10e6));
    expect(read()).toContain('   5%');
    wait(99);
    bar.show(progress(20e6));
    expect(read()).toBe('');
    wait(1);
    bar.show(progress(30e6));
    expect(read()).toContain('  15%');
  });

  test('lets lines pass above it, and is drawn again below them', () => {
    const { bar, read } = drawn();
    bar.show(progress(10e6));
    read();
    bar.write('a line\n');
    expect(read()).toMatch(/^\u001b[^█]*a line\n[\s\S]*█.* 5%/);
  });

  /** What a terminal of this height shows when the blobs have been on their way for a second. */
  function layersOn(rows: number, names: readonly string[], then: (bar: Bar) => void = () => {}): readonly string[] {
    const { bar, read, wait } = drawn(rows);
    const show = (arrived: number) => {
      for (const name of names) bar.show({ ...progress(1e6), blob: arriving(name, arrived) });
    };
    show(1e6);
    wait(1000);
    show(2e6);
    then(bar);
    wait(100);
    bar.show(progress(2e6));
    read();
    // Drawn anew, whatever changed.
    bar.write('');
    return [...read().matchAll(/ 20% {2}2MB of 10MB {2}([0-9a-f]{12})\n/g)].map((match) => match[1] ?? '');
  }
  const shortOf = (...names: readonly string[]) => names.map((name) => shortDigest(digestOf(name)));

  test('has a line above it for each blob on its way, the first to come on top, as many as there is room for', () => {
    expect(layersOn(24, ['one', 'two', 'three'])).toEqual(shortOf('one', 'two', 'three'));
    expect(layersOn(4, ['one', 'two', 'three'])).toEqual(shortOf('one', 'two'));
    expect(layersOn(1, ['one', 'two', 'three'])).toEqual([]);
  });

  test('has none for a blob that is stored, or whose bytes were taken back', () => {
    const names = ['one', 'two', 'three'];
    expect(layersOn(24, names, (bar) => bar.stored(digestOf('two')))).toEqual(shortOf('one', 'three'));
    const again = (bar: Bar) => bar.show({ ...progress(1e6), blob: arriving('one', 0) });
    expect(layersOn(24, names, again)).toEqual(shortOf('two', 'three'));
  });

  test('has none for what is there within half a second', () => {
    const { bar, read, wait } = drawn();
    bar.show({ ...progress(1e6), blob: arriving('one', 1e6) });
    wait(499);
    bar.show({ ...progress(2e6), blob: arriving('one', 2e6) });
    expect(read()).not.toContain(' of 10MB');
    wait(101);
    bar.show({ ...progress(3e6), blob: arriving('one', 3e6) });
    expect(read()).toContain(' of 10MB');
  });

  test('goes when all is there, and when the run is over', () => {
    const done = drawn();
    done.bar.show(progress(10e6));
    done.read();
    done.bar.show(progress(200e6, 3));
    expect(done.read()).toMatch(/^\u001b[^█]*$/);
    done.bar.write('a line\n');
    expect(done.read()).toBe('a line\n');

    const over = drawn();
    over.bar.show(progress(10e6));
    over.read();
    over.bar.close();
    expect(over.read()).toMatch(/^\u001b[^█]*$/);
    over.bar.close();
    expect(over.read()).toBe('');
  });
});
