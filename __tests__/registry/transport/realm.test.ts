import { describe, expect, test } from '@jest/globals';
import { realmOf } from '../../../src/registry/transport/fetch-token.ts';
import type { HttpRequest } from '../../../src/registry/transport/transport.ts';

const from = (origin: string): HttpRequest => ({
  method: 'GET',
  url: new URL(`${origin}/v2/o/r/manifests/1`),
  headers: {},
  purpose: { kind: 'manifest', domain: 'r.example', repository: 'r.example/o/r', target: 'r.example/o/r:1' },
});

describe('a token server is asked', () => {
  test.each([
    ['https://r.example', 'https://auth.example/token?x=1', 'https://auth.example/token?x=1'],
    ['https://r.example', '/token', 'https://r.example/token'],
    ['https://r.example:5000', 'https://r.example:5001/token', 'https://r.example:5001/token'],
    ['https://10.0.0.5', 'https://10.0.0.6/token', 'https://10.0.0.6/token'],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5001/token', 'http://127.0.0.1:5001/token'],
  ])('by %s at %s', (origin, realm, expected) => {
    expect(realmOf(realm, from(origin)).href).toBe(expected);
  });
});

describe('a token server is not asked', () => {
  test.each([
    ['https://r.example', 'http://r.example/token'],
    ['https://r.example', 'http://auth.example/token'],
    ['https://r.example', 'https://169.254.169.254/latest/meta-data/'],
    ['https://r.example', 'https://localhost/token'],
    ['https://r.example', 'https://[::ffff:10.0.0.1]/token'],
    ['https://r.example', 'https://0/token'],
    ['https://r.example', 'javascript:alert(1)'],
    ['https://r.example', 'https://'],
  ])('by %s at %s', (origin, realm) => {
    expect(() => realmOf(`${realm}?secret=hunter2`, from(origin))).toThrow(
      expect.objectContaining({ code: 'REDIRECT_REFUSED', message: expect.not.stringContaining('hunter2') }),
    );
  });
});
