import { expect, test } from '@jest/globals';
import { nothingSeen } from '../../src/registry/seen.ts';

const piece = (position: number, text: string) => ({ position, bytes: Buffer.from(text) });
const words = (parts: readonly (Uint8Array | { position: number; bytes: Uint8Array })[]) =>
  parts.map((part) =>
    'position' in part ? `${part.position}:${Buffer.from(part.bytes)}` : Buffer.from(part).toString(),
  );

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
