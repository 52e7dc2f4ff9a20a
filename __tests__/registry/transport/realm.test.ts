import { describe, expect, test } from '@jest/globals';
import { realmOf } from '../../../src/registry/transport/fetch-token.ts';
import type { HttpRequest } from '../../../src/registry/transport/transport.ts';

const from = (origin: string): HttpRequest => ({
  method: 'GET',
  url: new URL(`${origin}/v2/o/r/manifests/1`),
  headers: {},
  purpose: { kind: 'manifest', domain: 'r.example', repository: 'r.example/o/r', target: 'r.example/o/r:1' },
});

describe('a token server is', () => {
  test.each([
    ['https://r.example', 'https://auth.example/token?x=1', 'https://auth.example/token?x=1'],
    ['https://r.example', '/token', 'https://r.example/token'],
    ['https://r.example:5000', 'token', 'https://r.example:5000/v2/o/r/manifests/token'],
  ])('for %s and %s: %s', (origin, realm, expected) => {
    expect(realmOf(realm, from(origin)).href).toBe(expected);
  });

  test('none where the realm is not a URL, and the error hides what is secret', () => {
    expect(() => realmOf('https://?secret=hunter2', from('https://r.example'))).toThrow(
      expect.objectContaining({ code: 'REDIRECT_REFUSED', message: expect.not.stringContaining('hunter2') }),
    );
  });
});
