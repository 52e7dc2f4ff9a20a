import { describe, expect, test } from '@jest/globals';
import { parseRetryAfter, retryAfterInWords } from '../../src/registry/retry-after.ts';

const NOW = Date.parse('2026-08-22T10:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5000],
    ['Sat, 22 Aug 2026 10:00:30 GMT', 30_000],
    ['Saturday, 22-Aug-26 10:01:00 GMT', 60_000],
    ['Sat, 22 Aug 2026 09:59:59 GMT', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s milliseconds', (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });
});

describe('the delay in a message', () => {
  test.each([
    ['retry-after: 985.86µs, allowed: 44000/minute', 0.98586],
    ['retry-after: 1.16676ms, allowed: 44000/minute', 1.16676],
    ['too many requests, Retry-After: 1m2.5s', 62_500],
    ['retry-after: 3s', 3000],
    ['retry-after: never', undefined],
    ['Rate exceeded', undefined],
  ])('%s', (message, expected) => {
    const found = retryAfterInWords(message);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected);
  });
});
