import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { fetchToken, realmOf } from '../../../src/registry/transport/fetch-token.ts';
import type { HttpRequest, Send } from '../../../src/registry/transport/transport.ts';

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

describe('what is no token', () => {
  test.each([
    ['a page', '<title>Hotel</title>', 'sent none, but a page, "Hotel"', true],
    ['words, of which any may be the token', 'hunter2', 'sent none', true],
    ['other JSON', '{"ok":"hunter2"}', 'sent none', false],
  ])('is an error that says what is to be looked at: %s', async (_, answer, words, isPortal) => {
    const send: Send = async ({ url }) => ({
      ...{ status: 200, headers: {}, url, abort: () => {}, discard: async () => {} },
      body: Readable.from([Buffer.from(answer)]),
    });
    const realm = new URL('https://auth.example/token');
    const ask = { realm, service: undefined, scope: '' };
    await expect(fetchToken(send, from('https://r.example'), ask, undefined, Date.now)).rejects.toMatchObject({
      code: 'REGISTRY_ANSWER',
      message: `r.example/o/r: auth.example was asked for a token and ${words}`,
      hint: isPortal ? expect.stringContaining('Did a proxy or a login portal on the way answer') : undefined,
    });
  });
});
