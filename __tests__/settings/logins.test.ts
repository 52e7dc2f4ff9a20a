import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import { parseSettings } from '../../src/settings.ts';
import { parseYamlTexts } from '../../src/sources/yaml-texts.ts';

const settings = (list: string, raw: Record<string, string> = {}) =>
  parseSettings({ images: 'redis', 'registry-auth': list, ...raw }, undefined, parseYamlTexts);

const mistake = (list: string, raw: Record<string, string> = {}): string => {
  try {
    settings(list, raw);
  } catch (error) {
    if (error instanceof PullError) return error.message;
    throw error;
  }
  return '';
};

describe('registry-auth', () => {
  test('holds several logins, Docker Hub where no registry is named', () => {
    const list =
      '- username: me\n  password: hub\n- registry: ghcr.io\n  username: you\n  password: token\n  ecr: auto';
    expect(settings(list)).toMatchObject({
      logins: [
        { registry: 'docker.io', username: 'me', password: 'hub' },
        { registry: 'ghcr.io', username: 'you', password: 'token' },
      ],
      notices: [],
    });
  });

  test.each([
    ["'#it''s: a * secret'", "#it's: a * secret"],
    ['0123', '0123'],
    ['no', 'no'],
    ['1e9', '1e9'],
    ['"a\\tb"', 'a\tb'],
    ['|\n    {\n      "k": 1\n    }', '{\n  "k": 1\n}'],
  ])('keeps the password %s as it was written', (written, password) => {
    expect(settings(`- username: me\n  password: ${written}`).logins).toMatchObject([{ password }]);
  });

  test('leaves a login without a password out, with a notice', () => {
    const { logins, notices } = settings(
      '- registry: ghcr.io\n  username: me\n  password:\n- username: me\n  password: p',
    );
    expect(logins.map(({ registry }) => registry)).toEqual(['docker.io']);
    expect(notices).toEqual([
      'No password for ghcr.io (a pull request from a fork has no secrets): this login is left out.',
    ]);
  });

  test.each([
    ['org/app', 'org/app'],
    ['/org/app/', 'org/app'],
    ['org/app@pull', 'org/app'],
    ['org/app@push,pull', 'org/app'],
    ['@pull', undefined],
  ])('with the scope %s is for %s', (scope, expected) => {
    expect(settings(`- username: me\n  password: p\n  scope: '${scope}'`).logins[0]?.scope).toBe(expected);
  });

  test('that may not pull is left out', () => {
    expect(settings("- username: me\n  password: p\n  scope: 'org/app@push'").logins).toEqual([]);
  });

  test.each([
    ['username: me', 'registry-auth: expected a YAML list of logins, each with registry, username and password'],
    ['[]', 'registry-auth: expected a YAML list'],
    ['- just text', 'registry-auth: login 1: expected registry, username, password'],
    ['- password: hunter22', 'registry-auth: login 1: username: is empty, but password is set'],
    ['- {username: a, password: [hunter22]}', 'registry-auth: login 1: password: expected a text'],
    ['- {username: a, hunter22: b}', 'login 1: has a field that is none of registry, username, password, scope, ecr'],
    ['- {username: a, password: hunter22, ecr: true}', 'login 1: ecr: keys of AWS are no login; run aws-actions'],
    ['- username: a\n  password: "hunter22', 'registry-auth: line 2 is not YAML (missing char)'],
    ['- username: a\n  password: @hunter22', 'registry-auth: line 2 is not YAML'],
    ['- username: a\n  password: *hunter22', 'a text that begins with * needs quotes'],
    ['- username: a\n  password: !hunter22', 'line 2 is not YAML (tag resolve failed)'],
  ])('%j is a mistake that repeats no secret', (list, message) => {
    expect(mistake(list)).toContain(message);
    expect(mistake(list)).not.toContain('hunter22');
  });

  test('stands instead of the other inputs', () => {
    const list = '- {username: me, password: p}';
    expect(mistake(list, { username: 'me', password: 'p' })).toContain('registry-auth: stands alone; move the login');
  });
});
