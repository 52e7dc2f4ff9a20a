import { expect, test } from '@jest/globals';
import { nothingSeen } from '../../src/registry/seen.ts';

const piece = (position: number, text: string) => ({ position, bytes: Buffer.from(text) });
const words = (parts: ReturnType<ReturnType<typeof nothingSeen>['fresh']>) =>
  parts.map((part) => {
    if ('landed' in part) return `${part.position}+${part.landed}`;
    return 'position' in part ? `${part.position}:${Buffer.from(part.bytes)}` : Buffer.from(part).toString();
  });

test('chunks of a second place begin where the first broke off', () => {
  const seen = nothingSeen();
  expect(words(seen.fresh(Buffer.from('abc'), 0))).toEqual(['abc']);
  expect(words(seen.fresh(Buffer.from('ab'), 0))).toEqual([]);
  expect(words(seen.fresh(Buffer.from('cde'), 2))).toEqual(['de']);
  expect(seen.bytes()).toBe(5);
});

test('after pieces everything is a piece, and fills the gaps only', () => {
  const seen = nothingSeen();
  expect(words(seen.fresh(piece(4, 'ef'), 0))).toEqual(['4:ef']);
  expect(words(seen.fresh(piece(0, 'a'), 0))).toEqual(['0:a']);
  expect(words(seen.fresh(Buffer.from('abcdefgh'), 0))).toEqual(['1:bcd', '6:gh']);
  expect(words(seen.fresh(piece(2, 'cdef'), 0))).toEqual([]);
  expect(seen.bytes()).toBe(8);
});

test('what is in the file already counts as seen, and a sign of no bytes is passed on', () => {
  const seen = nothingSeen();
  expect(words(seen.fresh({ position: 2, landed: 3 }, 0))).toEqual(['2+3']);
  expect(words(seen.fresh({ position: 0, landed: 6 }, 0))).toEqual(['0+2', '5+1']);
  expect(words(seen.fresh({ position: 0, landed: 0 }, 0))).toEqual(['0+0']);
  expect(words(seen.fresh(Buffer.from('abcdefgh'), 0))).toEqual(['6:gh']);
  expect(seen.bytes()).toBe(8);
});
