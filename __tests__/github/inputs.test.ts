import { afterEach, describe, expect, test } from '@jest/globals';
import { INPUTS, maskLogin, maskSecrets, readInputs } from '../../src/github/inputs.ts';

const variable = (name: string) => `INPUT_${name.toUpperCase()}`;

afterEach(() => {
  for (const name of INPUTS) delete process.env[variable(name)];
});

describe('readInputs', () => {
  test('gives every input, empty where the runner set none', () => {
    expect(readInputs()).toEqual(Object.fromEntries(INPUTS.map((name) => [name, ''])));
  });

  test('reads each input from its own variable, without blanks around it', () => {
    for (const name of INPUTS) process.env[variable(name)] = ` value of ${name}\n`;
    expect(readInputs()).toEqual(Object.fromEntries(INPUTS.map((name) => [name, `value of ${name}`])));
  });
});

describe('maskSecrets', () => {
  const masked = (raw: Record<string, string>): string[] => {
    const found: string[] = [];
    maskSecrets(raw, (secret) => found.push(secret));
    return found;
  };

  test.each([
    [{ password: 'hunter22', 'github-token': 'ghs_0123456789' }, ['hunter22', 'ghs_0123456789']],
    [{ password: 'docker', 'github-token': '' }, []],
    [{ password: '1234567' }, []],
    [{ password: '1234567', username: 'a-long-user-name' }, ['YS1sb25nLXVzZXItbmFtZToxMjM0NTY3']],
    [
      { password: 'x', username: 'ghp_0123456789abcdefABCD' },
      ['ghp_0123456789abcdefABCD', Buffer.from('ghp_0123456789abcdefABCD:x').toString('base64')],
    ],
    [{}, []],
  ])('masks what is secret and long: %j', (raw, expected) => {
    expect(masked(raw)).toEqual(expected);
  });

  test('masks a JSON key line by line, so that no single brace becomes a secret', () => {
    expect(masked({ password: '{\n  "private_key": "abc",\r\n  "x": 1\n}\n' })).toEqual(['"private_key": "abc",']);
  });
});

test('maskLogin masks the password and what goes into a Basic header', () => {
  const found: string[] = [];
  maskLogin({ username: 'AWS', password: 'hunter22' }, (secret) => found.push(secret));
  maskLogin({ username: '', password: 'identity-token' }, (secret) => found.push(secret));
  expect(found).toEqual(['hunter22', Buffer.from('AWS:hunter22').toString('base64'), 'identity-token']);
});
