import { expect, test } from '@jest/globals';
import { filterImages } from '../../src/images/filters.ts';

const none = { images: [], find: () => [] };

test.each([
  'reference=[',
  'reference=a[b',
  'reference=a\\',
  'reference=[z-a]',
  'until=24h',
  'dangling=perhaps',
  'label=',
])('a filter that is none is refused: %s', (filter) => {
  expect(() => filterImages(none, [filter])).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringMatching(/^--filter: .*expected/) }),
  );
});
