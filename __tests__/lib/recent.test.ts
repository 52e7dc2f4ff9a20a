import { expect, test } from '@jest/globals';
import { recent } from '../../src/lib/recent.ts';

test('what was added last is known, as much as there is room for', () => {
  const texts = recent(2);
  for (const text of ['a', 'b', 'a', 'c']) texts.add(text);
  expect(['a', 'b', 'c'].map(texts.has)).toEqual([true, false, true]);
});
