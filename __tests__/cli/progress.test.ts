import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { barLine, type Progress, progressBar } from '../../src/cli/progress.ts';

const progress = (received: number, layersDone = 0): Progress => ({
  type: 'progress',
  received,
  expected: 200e6,
  layersDone,
  layers: 3,
});

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
    expect(barLine(progress(received), seconds, 120)).toBe(says);
  });

  test.each([120, 80, 60, 40, 10, 1])('is narrower than a terminal of %i columns', (columns) => {
    const line = barLine(progress(150e6), 3, columns);
    expect(line.length).toBeLessThan(columns);
    expect(line.includes('█')).toBe(columns > 65);
  });
});

describe('the bar', () => {
  const drawn = () => {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 80, rows: 24 });
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
