import { describe, expect, test } from '@jest/globals';
import { oneChunk } from '../../../src/lib/one-chunk.ts';
import { authorize } from '../../../src/registry/transport/authorize.ts';
import { createTokens } from '../../../src/registry/transport/tokens.ts';
import type { HttpRequest, Send } from '../../../src/registry/transport/transport.ts';

const CREDENTIAL = { username: 'x-access-token', password: 'job', optional: true };
const REQUEST: HttpRequest = {
  method: 'HEAD',
  url: new URL('https://ghcr.io/v2/o/r/manifests/main'),
  headers: {},
  purpose: { kind: 'manifest', domain: 'ghcr.io', repository: 'ghcr.io/o/r', target: 'ghcr.io/o/r:main' },
};

/** ghcr.io for a public package: `refuses` says which Authorization headers it does not want. */
function ghcr(refuses: (authorization: string | undefined, kind: 'token' | 'manifest') => boolean) {
  const seen: string[] = [];
  const send: Send = async ({ url, headers }) => {
    const { authorization } = headers;
    const kind = url.pathname === '/token' ? 'token' : 'manifest';
    seen.push(`${kind} ${authorization ?? '-'}`);
    const answer = (status: number, body = '', extra = {}) => ({
      status,
      headers: extra,
      url,
      body: oneChunk(Buffer.from(body)),
      discard: async () => {},
      abort: () => {},
    });
    if (refuses(authorization, kind)) return answer(403, '{"errors":[{"code":"DENIED","message":"denied"}]}');
    if (kind === 'token') return answer(200, JSON.stringify({ token: authorization ? 'named' : 'anonymous' }));
    return authorization
      ? answer(200)
      : answer(401, '', { 'www-authenticate': 'Bearer realm="https://ghcr.io/token"' });
  };
  const wrap = authorize({
    credential: async () => CREDENTIAL,
    scope: 'repository:o/r:pull',
    tokens: createTokens(() => 0),
    now: () => 0,
  });
  return { send: wrap(send), seen };
}

describe('a credential nobody asked for', () => {
  test('is used where it is good', async () => {
    const { send, seen } = ghcr(() => false);
    expect((await send(REQUEST)).status).toBe(200);
    expect(seen).toHaveLength(3);
    expect(seen[2]).toBe('manifest Bearer named');
  });

  test('is dropped where the token server refuses it', async () => {
    const { send, seen } = ghcr((authorization, kind) => kind === 'token' && authorization !== undefined);
    expect((await send(REQUEST)).status).toBe(200);
    await send(REQUEST);
    expect(seen.slice(2)).toEqual(['token -', 'manifest Bearer anonymous', 'manifest Bearer anonymous']);
  });

  test('is dropped where the registry refuses its token', async () => {
    const { send, seen } = ghcr((authorization) => authorization === 'Bearer named');
    expect((await send(REQUEST)).status).toBe(200);
    expect(seen.slice(2)).toEqual(['manifest Bearer named', 'token -', 'manifest Bearer anonymous']);
  });

  test('leaves the refusal of the anonymous request as the answer', async () => {
    const { send } = ghcr((authorization, kind) => kind === 'manifest' && authorization !== undefined);
    expect((await send(REQUEST)).status).toBe(403);
  });
});
