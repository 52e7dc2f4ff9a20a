import { describe, expect, test } from '@jest/globals';
import { cleanLines, commandLine } from '../../src/github/commands.ts';
import { ATTACKS } from './outcomes.ts';

describe('commandLine', () => {
  test.each([
    [commandLine('notice', 'hello'), '::notice::hello\n'],
    [commandLine('endgroup'), '::endgroup::\n'],
    [commandLine('group', 'redis:7'), '::group::redis:7\n'],
    [commandLine('error', 'one\ntwo\r\nthree'), '::error::one%0Atwo%0Athree\n'],
    [commandLine('error', '50% off', 'a:b,c%'), '::error title=a%3Ab%2Cc%25::50%25 off\n'],
    [commandLine('warning', 'x%0A::error::y'), '::warning::x%250A: :error: :y\n'],
  ])('escapes as the runner undoes it: %j', (line, expected) => {
    expect(line).toBe(expected);
  });

  test.each(ATTACKS)('keeps %j one command, as message and as title', (attack) => {
    const line = commandLine('error', attack, attack);
    expect(line).toMatch(/^::error title=[^:,\n]*::[^\r\n]*\n$/);
    expect(line).not.toMatch(/##\[|\u001b/);
  });
});

test('cleanLines cleans each line and drops the empty ones', () => {
  expect(cleanLines('one\n\n \u001b[1mtwo\r\n::three::')).toBe('one\ntwo\n: :three: :');
});
