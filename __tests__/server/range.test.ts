import { expect, test } from '@jest/globals';
import { rangeOf } from '../../src/server/range.ts';

test.each([
  [undefined, undefined],
  ['bytes=0-3', { start: 0, end: 4 }],
  ['bytes=4-', { start: 4, end: 10 }],
  ['bytes=9-9', { start: 9, end: 10 }],
  ['bytes=2-100', { start: 2, end: 10 }],
  ['bytes=-3', { start: 7, end: 10 }],
  ['bytes=-30', { start: 0, end: 10 }],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=10-12', 'unsatisfiable'],
  ['bytes=5-4', undefined],
  ['bytes=0-1,4-5', undefined],
  ['bytes=-', undefined],
  ['bytes= 0-1', undefined],
  ['items=0-1', undefined],
])('Range: %s of ten bytes is %j', (header, expected) => {
  expect(rangeOf(header, 10)).toEqual(expected);
});

test('of no bytes no range can be had', () => {
  expect(rangeOf('bytes=0-', 0)).toBe('unsatisfiable');
  expect(rangeOf('bytes=-1', 0)).toBe('unsatisfiable');
});
