import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Client, collect, openClient, repositoryAt } from '../../support/client.ts';
import { scriptedRegistry } from '../../support/scripted-registry.ts';
import { type Recorded, type Script, scriptedServer, sendJson } from '../../support/scripted-server.ts';

const DIGEST = digestOf('manifest');
const LOGIN = { username: 'bob', password: 'pä:ss' };
const BASIC = `Basic ${Buffer.from('bob:pä:ss').toString('base64')}`;
const SCOPE = 'repository:acme/app:pull';

const server = scriptedRegistry();

const login = () => openClient({ logins: [{ registry: server.host, ...LOGIN }] });
const resolve = (who: Client, path?: string) => who.resolve(repositoryAt(server.host, path), '7');
const found = (response: ServerResponse) => response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
const challenge = (response: ServerResponse, header: string | string[]) =>
  response.writeHead(401, { 'WWW-Authenticate': header }).end();
const tokenRequests = () => server.requests.filter(({ path }) => path.startsWith('/token'));

/** A registry that wants a token for each request and says so; the token server beside it hands out `t1`, `t2`, … */
function tokenRegistry({ valid = (token: string) => token !== '', answer = {} as object, params = '' } = {}): Script {
  let issued = 0;
  return ({ path, headers }, response) => {
    if (path.startsWith('/token')) {
      issued += 1;
      return sendJson(response, 200, { token: `t${issued}`, ...answer });
    }
    if (valid(headers.authorization?.replace('Bearer ', '') ?? '')) return found(response);
    return challenge(response, `Bearer realm="${server.origin}/token",service="reg",scope="${SCOPE}"${params}`);
  };
}

describe('Basic', () => {
  const guarded: Script = ({ headers }, response) =>
    headers.authorization === BASIC ? found(response) : challenge(response, 'BASIC realm="Nexus"');

  test('is given when asked for, and from then on unasked', async () => {
    server.script = guarded;
    const who = login();
    await resolve(who);
    await resolve(who);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, BASIC, BASIC]);
  });

  test('is not tried without a login', async () => {
    server.script = guarded;
    await expect(resolve(openClient())).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      reason: `pull access denied for ${server.host}/acme/app, repository does not exist or may require 'docker login' (401 from ${server.host})`,
      hint: expect.stringContaining('docker/login-action'),
    });
    expect(server.lines()).toEqual(['HEAD /v2/acme/app/manifests/7', 'GET /v2/acme/app/manifests/7']);
  });

  test('that is wrong is not repeated to the same request', async () => {
    server.script = (_, response) => challenge(response, 'Basic realm="x"');
    await expect(resolve(login())).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      hint: expect.stringContaining('bob'),
    });
    expect(server.requests).toHaveLength(3);
  });
});

describe('Bearer', () => {
  test('costs a challenge and a token once, for all requests of the repository', async () => {
    server.script = tokenRegistry();
    const who = openClient();
    expect((await resolve(who)).digest).toBe(DIGEST);
    await resolve(who);
    expect(server.lines()).toEqual([
      'HEAD /v2/acme/app/manifests/7',
      `GET /token?service=reg&scope=${encodeURIComponent(SCOPE)}`,
      'HEAD /v2/acme/app/manifests/7',
      'HEAD /v2/acme/app/manifests/7',
    ]);
    const [, token] = server.requests;
    expect(token?.headers.authorization).toBeUndefined();
    expect(token?.headers.accept).toBeUndefined();
  });

  test('asks for a token with the login, which the registry itself never sees', async () => {
    server.script = tokenRegistry();
    await resolve(login());
    expect(tokenRequests()).toMatchObject([
      { path: expect.stringContaining('account=bob'), headers: { authorization: BASIC } },
    ]);
    expect(
      server.requests.filter(({ path }) => path.startsWith('/v2')).map(({ headers }) => headers.authorization),
    ).toEqual([undefined, 'Bearer t1']);
  });

  test.each([
    ['access_token', { token: undefined, access_token: 'other' }],
    ['access_token beside an empty token', { token: '', access_token: 'other' }],
  ])('takes %s', async (_, answer) => {
    server.script = tokenRegistry({ answer, valid: (token) => token === 'other' });
    expect((await resolve(openClient())).digest).toBe(DIGEST);
  });

  test('asks for its own scope where the challenge names none, at a realm that may be relative', async () => {
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/auth')) return sendJson(response, 200, { token: 't' });
      return headers.authorization ? found(response) : challenge(response, 'bearer realm="/auth?x=1"');
    };
    await resolve(openClient());
    expect(server.lines()[1]).toBe(`GET /auth?x=1&scope=${encodeURIComponent(SCOPE)}`);
  });

  test('asks for each scope of a challenge on its own', async () => {
    const both: Script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) return sendJson(response, 200, { token: 't' });
      const scope = 'repository:a:pull repository:b:pull';
      return headers.authorization ? found(response) : challenge(response, `Bearer realm="/token",scope="${scope}"`);
    };
    server.script = both;
    await resolve(openClient());
    expect(new URL(server.lines()[1]?.slice(4) ?? '', server.origin).searchParams.getAll('scope')).toEqual([
      'repository:a:pull',
      'repository:b:pull',
    ]);
  });

  test('is fetched once for requests that wait at the same time', async () => {
    server.script = tokenRegistry();
    const who = openClient();
    await Promise.all(Array.from({ length: 20 }, () => resolve(who)));
    expect(tokenRequests()).toHaveLength(1);
  });

  test('lasts as long as the server says by our clock, at least a minute, less ten seconds', async () => {
    let now = 1_000_000;
    server.script = tokenRegistry({ answer: { expires_in: 300, issued_at: '1999-01-01T00:00:00Z' } });
    const who = openClient({ now: () => now });
    await resolve(who);
    now += 289_000;
    await resolve(who);
    expect(tokenRequests()).toHaveLength(1);
    now += 2000;
    await resolve(who);
    expect(tokenRequests()).toHaveLength(2);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer t2');
  });

  test('is replaced once when it is refused in the middle of a pull', async () => {
    let revoked = false;
    server.script = tokenRegistry({ valid: (token) => (revoked ? token === 't2' : token === 't1') });
    const who = openClient();
    await resolve(who);
    revoked = true;
    expect(await Promise.all([resolve(who), resolve(who), resolve(who)])).toHaveLength(3);
    expect(tokenRequests()).toHaveLength(2);
  });

  test('is not asked for again where the scope is not granted', async () => {
    server.script = tokenRegistry({ valid: () => false, params: ',error="insufficient_scope"' });
    await expect(resolve(openClient())).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(tokenRequests()).toHaveLength(1);
    expect(server.lines().filter((line) => line.startsWith('HEAD'))).toHaveLength(2);
  });

  test('that is refused is an error about the repository, and nothing of it is kept', async () => {
    let open = false;
    const good = tokenRegistry();
    server.script = (request, response) => {
      if (request.path.startsWith('/token') && !open)
        return sendJson(response, 401, { details: 'incorrect username or password' });
      return good(request, response);
    };
    const who = login();
    await expect(resolve(who)).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      subject: `${server.host}/acme/app`,
      reason: `${server.host} refused the login of bob (401: incorrect username or password)`,
    });
    open = true;
    expect((await resolve(who)).digest).toBe(DIGEST);
  });

  test.each([
    ['no token', (response: ServerResponse) => sendJson(response, 200, { ok: true })],
    ['a token that is no header', (response: ServerResponse) => sendJson(response, 200, { token: 'a\r\nX: y' })],
    ['no JSON', (response: ServerResponse) => response.end('<html>')],
    ['more than a megabyte', (response: ServerResponse) => response.end(' '.repeat(1024 * 1024 + 1))],
  ])('is an error if the server sends %s', async (_, answer) => {
    const good = tokenRegistry();
    server.script = (request, response) =>
      request.path.startsWith('/token') ? answer(response) : good(request, response);
    await expect(resolve(openClient())).rejects.toMatchObject({ code: 'REGISTRY_ANSWER' });
  });

  test('survives a token server that fails for a moment', async () => {
    const good = tokenRegistry();
    let failures = 2;
    server.script = (request, response) => {
      if (request.path.startsWith('/token') && failures-- > 0) return response.writeHead(503).end();
      return good(request, response);
    };
    const who = openClient();
    expect((await resolve(who)).digest).toBe(DIGEST);
    expect(who.waits).toEqual([500, 1000]);
  });
});

describe('a login', () => {
  test.each(['file:///token', 'ftp://auth.example/token', 'http://['])('never goes to the realm %s', async (realm) => {
    server.script = (_, response) => challenge(response, `Bearer realm="${realm}"`);
    await expect(resolve(login())).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' });
  });

  test('never goes where the token server redirects to', async () => {
    const thief = await scriptedServer((_, response) => sendJson(response, 200, { token: 'x' }));
    const good = tokenRegistry();
    server.script = (request, response) =>
      request.path.startsWith('/token')
        ? response.writeHead(302, { Location: `${thief.origin}/` }).end()
        : good(request, response);
    await expect(resolve(login())).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' });
    expect(thief.requests).toHaveLength(0);
  });

  test('and a token stay at the registry when a blob is elsewhere, and a challenge there is not answered', async () => {
    const blob = { mediaType: 'x', digest: DIGEST, size: 8 };
    const seen: Recorded[] = [];
    const storage = await scriptedServer((request, response) => {
      seen.push(request);
      if (seen.length < 3) challenge(response, `Bearer realm="${storage.origin}/steal"`);
      else response.end('manifest');
    });
    const good = tokenRegistry();
    server.script = (request, response) =>
      request.path.includes('/blobs/') && request.headers.authorization
        ? response.writeHead(307, { Location: `${storage.origin}/blob` }).end()
        : good(request, response);
    const who = login();
    const { error } = await collect(who.blob(repositoryAt(server.host), blob));
    expect(error).toMatchObject({ code: 'REGISTRY_ANSWER' });
    expect((await collect(who.blob(repositoryAt(server.host), blob))).bytes.toString()).toBe('manifest');
    expect(storage.lines()).toEqual(['GET /blob', 'GET /blob', 'GET /blob']);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, undefined]);
  });

  test('of another registry is not used', async () => {
    server.script = tokenRegistry();
    await resolve(openClient({ logins: [{ registry: 'ghcr.io', ...LOGIN }] }));
    expect(tokenRequests()[0]?.headers.authorization).toBeUndefined();
  });
});
