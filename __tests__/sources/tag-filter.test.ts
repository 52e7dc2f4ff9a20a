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
    expect(TAGS.filter(tagFilter(patterns))).toEqual(taken);
  });

  test.each(['', '!', '>=7 <8', '/^7/', '~7', 'a b', 'x\n::error::y'])(
    'refuses %j, which no tag can match',
    (pattern) => {
      expect(() => tagFilter([pattern])).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
      expect(() => tagFilter([pattern])).toThrow(/^tags: expected a glob over tags, found "[^\n]*"$/);
    },
  );
});
