import { describe, expect, test } from '@jest/globals';
import { interpolate } from '../../src/sources/interpolate.ts';

const VALUES: Readonly<Record<string, string>> = { TAG: '7', EMPTY: '', HOST: 'ghcr.io' };
const of = (text: string) => interpolate(text, (name) => VALUES[name]);
const v = (inner: string) => `\${${inner}}`;

describe('interpolate', () => {
  test.each([
    ['redis:7', 'redis:7'],
    ['redis:$TAG', 'redis:7'],
    [`redis:${v('TAG')}`, 'redis:7'],
    [`${v('HOST')}/o/r:${v('TAG')}-alpine`, 'ghcr.io/o/r:7-alpine'],
    [v('TAG:-8'), '7'],
    [v('NONE:-8'), '8'],
    [v('EMPTY:-8'), '8'],
    [v('EMPTY-8'), ''],
    [v('NONE-8'), '8'],
    [v('NONE:-'), ''],
    [v('TAG:?tell me'), '7'],
    [v('EMPTY?tell me'), ''],
    [v('TAG:+yes'), 'yes'],
    [v('EMPTY:+yes'), ''],
    [v('EMPTY+yes'), 'yes'],
    [v('NONE+yes'), ''],
    [v(`NONE:-${v(`EMPTY:-${v('TAG')}`)}`), '7'],
    [v('NONE:-$TAG'), '7'],
    [v('NONE:-a:b/c@d'), 'a:b/c@d'],
    ['$$TAG', '$TAG'],
    [`$$${v('TAG')}`, '$7'],
    [`$${v('TAG')}`, v('TAG')],
  ])('%s is %s', (text, expected) => {
    expect(of(text)).toEqual({ text: expected, blank: [] });
  });

  test('a variable without a value is blank, and named', () => {
    expect(of(`${v('A')}redis:$B`)).toEqual({ text: 'redis:', blank: ['A', 'B'] });
    expect(of(v('EMPTY'))).toEqual({ text: '', blank: [] });
  });

  test('that grows without end is none', () => {
    expect(interpolate('$A$A', () => 'a'.repeat(40_000))).toEqual({
      variable: '',
      reason: 'is longer than 8192 characters with its variables',
    });
  });

  test.each([
    [v('NONE:?say which'), 'NONE', 'needs NONE, which is not set: say which'],
    [v(`NONE?${v('TAG')} is best`), 'NONE', 'needs NONE, which is not set: 7 is best'],
    [v('EMPTY:?'), 'EMPTY', 'needs EMPTY, which is not set'],
    [v('TAG'.concat('!x')), 'TAG', `has ${v('TAG!x')}, which is no variable`],
    [v(''), '', `has ${v('')}, which is no variable`],
    ['$'.concat('{TAG'), '', 'has a brace that is not closed'],
    ['a$', '', 'has a $ that begins no variable; write $$ for a dollar sign'],
    [Array(30).fill('$'.concat('{N:-')).join('') + '}'.repeat(30), '', 'is nested too deep'],
  ])('%s is none', (text, variable, reason) => {
    expect(of(text)).toEqual({ variable, reason });
  });

  test('a text that grows beyond any reference is none', () => {
    const value = 'a'.repeat(1000);
    const result = interpolate('$A'.repeat(10), (name) => (name === 'A' ? value : undefined));
    expect(result).toEqual({ variable: '', reason: 'is longer than 8192 characters with its variables' });
    expect(interpolate(v(`A+${'$A'.repeat(10)}`), () => value)).toEqual(result);
    expect(interpolate('b'.repeat(8192), () => undefined)).toEqual({ text: 'b'.repeat(8192), blank: [] });
  });
});
