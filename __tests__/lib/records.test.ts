import { describe, expect, test } from '@jest/globals';
import { asArray, asRecord, asText, isRecord, parseJson } from '../../src/lib/records.ts';

describe.each([[undefined], [null], [0], ['text'], [true], [[]], [['a']]])('%j', (value) => {
  test('is no record', () => {
    expect(isRecord(value)).toBe(false);
    expect(asRecord(value)).toEqual({});
  });
});

test('an object is a record', () => {
  expect(isRecord({})).toBe(true);
  expect(asRecord({ a: 1 })).toEqual({ a: 1 });
});

test('what is of another kind is empty', () => {
  expect(asArray({ length: 1 })).toEqual([]);
  expect(asArray([1])).toEqual([1]);
  expect(asText(7)).toBe('');
  expect(asText('7')).toBe('7');
});

test('what is no JSON is undefined, and null is not', () => {
  expect(parseJson('{')).toBeUndefined();
  expect(parseJson('')).toBeUndefined();
  expect(parseJson('null')).toBeNull();
  expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
});
