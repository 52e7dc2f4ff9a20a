import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Client, collect, openClient, repositoryAt } from '../../support/client.ts';
import { scriptedRegistry } from '../../support/scripted-registry.ts';
import { type Recorded, type Script, scriptedServer, sendJson } from '../../support/scripted-server.ts';

const DIGEST = digestOf('manifest');
const BLOB = { mediaType: 'x', digest: DIGEST, size: 8 };
const LOGIN = { username: 'bob', password: 'stale' };
const DENIED = { errors: [{ code: 'DENIED', message: 'denied' }] };

const server = scriptedRegistry();

const login = () => openClient({ logins: [{ registry: server.host, ...LOGIN }] });
const resolve = (who: Client, path?: string) => who.resolve(repositoryAt(server.host, path), '7');
const challenge = (response: ServerResponse, header = 'Bearer realm="/token"') =>
  response.writeHead(401, { 'WWW-Authenticate': header }).end();
const notices = (who: Client) => who.events.filter(({ type }) => type === 'notice');

/** A registry whose public images need a token that anybody gets; `refuses` says which requests with a login it does not like, and how. */
function publicRegistry(refuses: (request: Recorded, response: ServerResponse) => boolean): Script {
  return (request, response) => {
    const { path, headers } = request;
    if (refuses(request, response)) return;
    if (path.startsWith('/token'))
      return sendJson(response, 200, { token: headers.authorization ? 'named' : 'anonymous' });
    if (headers.authorization === undefined) return challenge(response);
    if (path.includes('/blobs/')) return response.end('manifest');
    return response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
  };
}

describe('a stale login', () => {
  test('whose user name is a token is told without it', async () => {
    server.script = publicRegistry(({ path, headers }, response) => {
      if (!path.startsWith('/token') || headers.authorization === undefined) return false;
      sendJson(response, 401, { errors: [{ code: 'DENIED', message: 'no user ghp_0123456789abcdefABCD' }] });
      return true;
    });
    const username = 'ghp_0123456789abcdefABCD';
    const who = openClient({ logins: [{ registry: server.host, username, password: 'x' }] });
    await resolve(who);
    expect(notices(who)).toMatchObject([
      { message: expect.stringContaining('refused the login of a token in place of a user name (from the') },
    ]);
    expect(JSON.stringify(who.events)).not.toContain('0123456789');
  });

  test.each([401, 403])('that the token server refuses with %d does not hide a public image', async (status) => {
    server.script = publicRegistry(({ path, headers }, response) => {
      if (!path.startsWith('/token') || headers.authorization === undefined) return false;
      sendJson(response, status, DENIED);
      return true;
    });
    const who = login();
    expect((await resolve(who)).digest).toBe(DIGEST);
    expect((await collect(who.blob(repositoryAt(server.host), BLOB))).bytes.toString()).toBe('manifest');
    await resolve(who, 'acme/other');
    expect(notices(who)).toEqual([
      {
        type: 'notice',
        message: `${server.host} refused the login of bob (from the inputs); what is public there is pulled without it.`,
      },
    ]);
    // Challenged, refused, let in; the blob then comes for one request.
    expect(server.requests.filter(({ path }) => !path.includes('other'))).toHaveLength(5);
  });

  test('that is no better as Basic is dropped where nobody gets a token', async () => {
    server.script = ({ path, headers }, response) => {
      const { authorization } = headers;
      if (path.startsWith('/token') && authorization === undefined)
        return sendJson(response, 200, { token: 'anonymous' });
      if (authorization === undefined) return challenge(response, 'Bearer realm="/token", Basic realm="x"');
      if (authorization.startsWith('Basic')) return sendJson(response, 403, DENIED);
      return response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    };
    const who = login();
    expect((await resolve(who)).digest).toBe(DIGEST);
    const sent = server.requests.map(
      ({ method, headers }) => `${method} ${headers.authorization?.split(' ')[0] ?? '-'}`,
    );
    expect(sent).toEqual(['HEAD -', 'GET Basic', 'HEAD Basic', 'GET -', 'HEAD Bearer']);
    expect(notices(who)).toHaveLength(1);
  });

  test('to a private image stays the error, tried without once', async () => {
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) {
        const named = headers.authorization !== undefined;
        return named ? sendJson(response, 401, { details: 'bad login' }) : sendJson(response, 200, { token: 'x' });
      }
      return headers.authorization ? sendJson(response, 403, DENIED) : challenge(response);
    };
    const who = login();
    const refusal = { code: 'UNAUTHORIZED', reason: `${server.host} refused the login of bob (401: bad login)` };
    await expect(resolve(who)).rejects.toMatchObject(refusal);
    const before = server.requests.length;
    await expect(resolve(who)).rejects.toMatchObject(refusal);
    // The second time nobody is not tried again: one request for a token.
    expect(server.requests.slice(before).map(({ headers }) => headers.authorization !== undefined)).toEqual([true]);
    expect(notices(who)).toEqual([]);
  });

  test('where nothing but a login opens is not tried without', async () => {
    server.script = (_, response) => challenge(response, 'Basic realm="x"');
    await expect(resolve(login())).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(server.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([false, true, true]);
  });

  test('is not what a login is that opened something', async () => {
    server.script = publicRegistry(({ path, headers }, response) => {
      if (!path.includes('/blobs/') || headers.authorization === undefined) return false;
      sendJson(response, 403, DENIED);
      return true;
    });
    const who = login();
    await resolve(who);
    const { error } = await collect(who.blob(repositoryAt(server.host), BLOB));
    expect(error).toMatchObject({ code: 'DENIED', hint: expect.stringContaining('the login of bob') });
    expect(server.requests.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(1);
  });

  test('is not what a busy token server makes of a good one', async () => {
    let busy = 2;
    server.script = publicRegistry(({ path }, response) => {
      if (!path.startsWith('/token') || busy-- <= 0) return false;
      response.writeHead(503).end();
      return true;
    });
    const who = login();
    await resolve(who);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer named');
  });
});

describe('a registry that sends us to another one', () => {
  test('as lscr.io does to ghcr.io, gives what that gives anybody', async () => {
    const target = await scriptedServer(publicRegistry(() => false));
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) return sendJson(response, 200, { token: 'ours' });
      if (headers.authorization === undefined) return challenge(response);
      return response.writeHead(307, { Location: `${target.origin}${path}` }).end();
    };
    const who = login();
    expect((await resolve(who)).digest).toBe(DIGEST);
    expect((await collect(who.blob(repositoryAt(server.host), BLOB))).bytes.toString()).toBe('manifest');
    expect(target.requests.map(({ method, headers }) => `${method} ${headers.authorization ?? '-'}`)).toEqual([
      'HEAD -',
      'GET -',
      'HEAD Bearer anonymous',
      'GET -',
      'GET Bearer anonymous',
    ]);
  });
});
