import { expect, test } from '@jest/globals';
import { count, formatBytes, formatSeconds } from '../../src/lib/format.ts';

test.each([
  [0, '0B'],
  [999, '999B'],
  [1000, '1kB'],
  [1234, '1.23kB'],
  [999_499, '999kB'],
  [999_500, '1MB'],
  [1_234_567, '1.23MB'],
  [4_000_000_000, '4GB'],
  [2e15, '2000TB'],
])('%i bytes are %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

test.each([
  [0, '0.0s'],
  [0.44, '0.4s'],
  [9.94, '9.9s'],
  [9.96, '10s'],
  [59.4, '59s'],
  [59.6, '1m00s'],
  [185, '3m05s'],
  [3599, '59m59s'],
  [3600, '1h'],
  [3900, '1h05m'],
  [47.99 * 3600, '47h59m'],
  [48 * 3600, '2 days'],
  [40 * 24 * 3600, '5 weeks'],
])('%d seconds are %s', (seconds, expected) => {
  expect(formatSeconds(seconds)).toBe(expected);
});

test('one layer, but no layers and two layers', () => {
  expect([0, 1, 2].map((number) => count(number, 'layer'))).toEqual(['0 layers', '1 layer', '2 layers']);
});
