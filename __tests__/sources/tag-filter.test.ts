import { describe, expect, test } from '@jest/globals';
import { tagFilter } from '../../src/sources/tag-filter.ts';

const TAGS = ['6.2', '7.0', '7.2-alpine', '7.2-rc1', '8.0-rc1-alpine', 'latest', 'Latest', '_x', 'a.b_c-d'];

describe('tagFilter', () => {
  test.each<[string[], string[]]>([
    [[], TAGS],
    [['*'], TAGS],
    [['7.*'], ['7.0', '7.2-alpine', '7.2-rc1']],
    [['*-alpine'], ['7.2-alpine', '8.0-rc1-alpine']],
    [['latest'], ['latest']],
    [
      ['7.*', '6.?'],
      ['6.2', '7.0', '7.2-alpine', '7.2-rc1'],
    ],
    [['[67].*'], ['6.2', '7.0', '7.2-alpine', '7.2-rc1']],
    [['{6,8}.*'], ['6.2', '8.0-rc1-alpine']],
    [
      ['7.*', '!*-rc*'],
      ['7.0', '7.2-alpine'],
    ],
    [
      ['!*-rc*', '7.*'],
      ['7.0', '7.2-alpine'],
    ],
    [['!*-rc*'], ['6.2', '7.0', '7.2-alpine', 'latest', 'Latest', '_x', 'a.b_c-d']],
    [
      ['!*-rc*', '!?atest'],
      ['6.2', '7.0', '7.2-alpine', '_x', 'a.b_c-d'],
    ],
    [['!(*-rc*|?atest)'], ['6.2', '7.0', '7.2-alpine', '_x', 'a.b_c-d']],
    [
      ['!(7.*)', '7.0'],
      ['6.2', '7.0', '8.0-rc1-alpine', 'latest', 'Latest', '_x', 'a.b_c-d'],
    ],
    [['7'], []],
    [['7.2'], []],
  ])('%j takes %j', (patterns, taken) => {
    expect(tagFilter(patterns)(TAGS)).toEqual(taken);
  });

  const VERSIONS =
    '6.2.14 7 7.0 7.2 7.2.4 v7.3 7.2-alpine 7.2.4-rc1 7.4-rc2 8 8.0-rc1 22.04 1.2.3.4 7.x latest 20240101 sha-0a1b'.split(
      ' ',
    );

  test.each<[string[], string]>([
    [['>=7 <8'], '7 7.0 7.2 7.2.4 v7.3'],
    [['^7.2'], '7.2 7.2.4 v7.3'],
    [['~7.2'], '7.2 7.2.4'],
    [['=7.2'], '7.2 7.2.4'],
    [['<7'], '6.2.14'],
    [['7.0 - 7.2'], '7 7.0 7.2 7.2.4'],
    [['<7 || 22'], '6.2.14 22.04'],
    [['>=22.04 <23'], '22.04'],
    [['>=7.4.0-rc1 <7.5'], '7.4-rc2'],
    [['>=7 <8', '!>=7.2'], '7 7.0'],
    [['>=7 <8', '!7.0'], '7 7.2 7.2.4 v7.3'],
    [['7.*-alpine', '~6.2'], '6.2.14 7.2-alpine'],
    [['7.x'], '7.x'],
    [['/^7\\.\\d+$/'], '7.0 7.2'],
    [['/^7(?!.*-)/'], '7 7.0 7.2 7.2.4 7.x'],
    [['/RC/i', '!/^7/'], '8.0-rc1'],
    [['/x|latest/'], '7.x latest'],
  ])('%j takes %s', (patterns, taken) => {
    expect(tagFilter(patterns)(VERSIONS)).toEqual(taken.split(' '));
  });

  test.each([
    ['', 'expected a glob, a range or an expression over tags'],
    ['!', 'expected a glob, a range or an expression over tags'],
    ['a b', 'expected a glob, a range or an expression over tags'],
    ['a/b', 'expected a glob, a range or an expression over tags'],
    ['x\n::error::y', 'expected a glob, a range or an expression over tags'],
    ['>=seven', 'expected a version range'],
    ['/(/', 'expected a regular expression (Invalid regular expression: /(/: Unterminated group)'],
    ['/a/g', 'expected no flags but i and u after the expression, not "g"'],
  ])('refuses %j', (pattern, reason) => {
    expect(() => tagFilter([pattern])).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', hint: expect.stringContaining('>=7 <8') }),
    );
    expect(() => tagFilter([pattern])).toThrow(`tags: ${reason}, found "`);
    expect(() => tagFilter([pattern])).toThrow(/^[^\n]*$/);
  });

  test('an expression that backtracks without end is an error, not a job that hangs', () => {
    expect(() => tagFilter(['/^(a+)+$/'])([`${'a'.repeat(100)}!`])).toThrow(
      'tags: "/^(a+)+$/" had not been held against the tags after 2 s',
    );
  });

  test('nor a glob of many stars', () => {
    expect(() => tagFilter(['*-*-*-*-*-*-*-x'])(['-'.repeat(128)])).toThrow(
      expect.objectContaining({
        message: 'tags: "*-*-*-*-*-*-*-x" had not been held against the tags after 2 s',
        hint: 'Write fewer * in it.',
      }),
    );
  });

  test('100,000 tags take no time worth mentioning', () => {
    const tags = Array.from({ length: 100_000 }, (_, at) => `${at % 100}.${at}`);
    const startedAt = Date.now();
    expect(tagFilter(['/^7\\.\\d*7$/', '>=99'])(tags)).toHaveLength(2_000);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });
});
