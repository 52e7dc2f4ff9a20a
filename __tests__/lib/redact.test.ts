import { expect, test } from '@jest/globals';
import { holdsToken, redactLogin, redactText, redactUrl } from '../../src/lib/redact.ts';

test.each([
  [
    'https://user:secret@host:5000/v2/a?X-Amz-Signature=secret&b=#secret',
    'https://host:5000/v2/a?X-Amz-Signature=…&b=…',
  ],
  ['https://host', 'https://host/'],
  ['https://host/?secret', 'https://host/?…'],
  ['https://host/?secret&a=secret&&=secret', 'https://host/?…&a=…&…&=…'],
  ['https://host/?a=b=secret', 'https://host/?a=…'],
  ['https://host/a?', 'https://host/a'],
  ['unix:///var/run/docker.sock', 'unix:///var/run/docker.sock'],
  ['tcp://user:secret@10.0.0.1:2375', 'tcp://10.0.0.1:2375'],
  ['data:text/plain,secret', 'data:…'],
  ['blob:https://user:secret@host/x', 'blob:…'],
  ['user:secret@host', 'user:…'],
  ['secret', '<not a URL>'],
  ['', '<not a URL>'],
])('%s is printed as %s', (url, expected) => {
  expect(redactUrl(url)).toBe(expected);
});

test('a URL object is left as it was', () => {
  const url = new URL('https://a:b@c/d?e=f');
  expect(redactUrl(url)).toBe('https://c/d?e=…');
  expect(url.href).toBe('https://a:b@c/d?e=f');
});

test.each([
  ['https://me:secret@host:5000/a:b', 'https://me:…@host:5000/a:b'],
  ['me:secret@host/a', 'me:…@host/a'],
  ['docker.io=me:secret@host', 'docker.io=me:…@host'],
  ['me@host/a', 'me@host/a'],
  [`redis:7@sha256:${'a'.repeat(64)}`, `redis:7@sha256:${'a'.repeat(64)}`],
  [`host:5000/a:b@md5:${'A'.repeat(32)}`, `host:5000/a:b@md5:${'A'.repeat(32)}`],
])('the name %s is printed as %s', (text, expected) => {
  expect(redactLogin(text)).toBe(expected);
});

test.each([
  ['ghp_0123456789abcdefABCD', 'ghp_…'],
  ['github_pat_11AAAAAAA0abcdefghijkl_x', 'github_pat_…'],
  ['glpat-0123456789abcdefghij', 'glpat-…'],
  ['dckr_pat_0123456789-abcdefghi', 'dckr_pat_…'],
  ['user npm_0123456789abcdefghij is unknown', 'user npm_… is unknown'],
])('of the token in %s only the beginning is printed', (text, expected) => {
  expect(redactText(text)).toBe(expected);
  expect(holdsToken(text)).toBe(true);
});

test.each(['octocat', 'my_ghp_friend', 'npm_build', 'org+robot', 'AWS', '00000000-0000-0000-0000-000000000000'])(
  '%s is a name',
  (text) => {
    expect(redactText(text)).toBe(text);
    expect(holdsToken(text)).toBe(false);
  },
);
