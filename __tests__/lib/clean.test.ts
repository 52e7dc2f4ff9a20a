import { describe, expect, test } from '@jest/globals';
import { clean, cleanJson, cleanLine } from '../../src/lib/clean.ts';
import { seeded } from '../oci/vectors.ts';

test.each([
  ['plain text', 'plain text'],
  ['a\r\nb', 'a b'],
  ['a\u2028b\u2029c\u0085d', 'a b c d'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b[38:5:1mred', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['::error::x', ': :error: :x'],
  ['a::b', 'a: :b'],
  [':::', ': : :'],
  ['cannot reach [::1]:5000', 'cannot reach [::1]:5000'],
  ['[::1]::error::x', '[::1]: :error: :x'],
  ['[fe80::1]/a::b', '[fe80::1]/a: :b'],
  ['::[::]', ': :[::]'],
  ['##[::1]', '# #[::1]'],
  ['[::error::]', '[: :error: :]'],
  ['[1::2::3]', '[1: :2: :3]'],
  ['[::1', '[: :1'],
  ['\n::set-output name=a::b', ': :set-output name=a: :b'],
  ['a ##[error]b', 'a # #[error]b'],
  ['#\u001b[0m#[error]', '# #[error]'],
  ['#\u0000#[error]', '# #[error]'],
  ['###[group]', '## #[group]'],
  ['\u202eevil\u2066\u061c', 'evil'],
  ['  a  ', 'a'],
])('%j becomes %j', (text, expected) => {
  expect(clean(text)).toBe(expected);
});

test('at most the limit is kept', () => {
  expect(clean('a'.repeat(10), 10)).toBe('a'.repeat(10));
  expect(clean('a'.repeat(11), 10)).toBe(`${'a'.repeat(9)}…`);
  expect(clean('a'.repeat(2000)).length).toBe(1000);
});

test.each([
  ['[::1]:5000/a', '[::1]:5000/a'],
  ['::error::x', ': :error::x'],
  [' \u00a0::error::x', ' \u00a0: :error::x'],
  ['\n::error::x', ' : :error::x'],
  ['a ##[error]', 'a # #[error]'],
  ['a\u001b[1mb', 'ab'],
])('of our own words %j becomes %j', (text, expected) => {
  expect(cleanLine(text)).toBe(expected);
});

test.each([
  'plain',
  '##[error]x',
  '###[group]',
  '::error::x',
  'a\nb\u0085c\u2028\u2029\u001b[31m\u007f',
  '\u202eevil',
  'é 😀',
  '\\##[error] \\\\##[error]',
])('as JSON %j is still what it was, and no command', (text) => {
  for (const indent of [undefined, 2]) {
    const json = cleanJson(JSON.stringify({ [text]: [text] }, null, indent));
    expect(JSON.parse(json)).toEqual({ [text]: [text] });
    expect(json.split('\n').map(cleanLine).join('\n')).toBe(json);
    expect(json).toMatch(/^[^\u007f-\u009f\u2028\u2029\u202e]*$/);
  }
});

describe('whatever the text', () => {
  const random = seeded(5);
  const pieces = [
    ':',
    '#',
    '[',
    '::',
    '##[',
    '\n',
    '\u001b',
    '\u001b[',
    '\u0000',
    'm',
    'x',
    ' ',
    '\u001b]',
    '\u0007',
    '\u2028',
    ']',
    '[::1]',
    '::1',
  ];
  const texts = Array.from({ length: 5000 }, () =>
    Array.from({ length: 8 }, () => pieces[Math.floor(random() * pieces.length)]).join(''),
  );

  test('no foreign line holds a command or a control character', () => {
    const lines = texts.map((text) => clean(text));
    expect(lines.filter((line) => /^\s*::|##\[|[\u0000-\u001f\u2028]/.test(line))).toEqual([]);
    const addresses = /\[(?:::1?|1?::|::1)\]/g;
    expect(lines.filter((line) => line.replace(addresses, '[]').includes('::'))).toEqual([]);
  });

  test('no line of ours is or holds a command', () => {
    expect(texts.map(cleanLine).filter((line) => /^\s*::|##\[|[\u0000-\u001f\u2028]/.test(line))).toEqual([]);
  });
});
