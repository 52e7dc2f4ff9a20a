import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Client, openClient, repositoryAt } from '../../support/client.ts';
import { scriptedRegistry } from '../../support/scripted-registry.ts';
import { sendJson } from '../../support/scripted-server.ts';

const DIGEST = digestOf('manifest');
const LOGIN = { username: 'bob', password: 'secret' };
const BASIC = `Basic ${Buffer.from('bob:secret').toString('base64')}`;
const OWN = 'repository:acme/app:pull';

const server = scriptedRegistry();

const login = () => openClient({ logins: [{ registry: server.host, ...LOGIN }] });
const resolve = (who: Client) => who.resolve(repositoryAt(server.host), '7');
const found = (response: ServerResponse) => response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
const challenge = (response: ServerResponse, header?: string) =>
  response.writeHead(401, header === undefined ? {} : { 'WWW-Authenticate': header }).end();
/** Scopes of each request for a token, in order. */
const scopes = () =>
  server.requests
    .filter(({ path }) => path.startsWith('/token'))
    .map(({ path }) => new URL(path, server.origin).searchParams.getAll('scope').join(' '));
const headsWith = () =>
  server.requests.filter(({ method }) => method === 'HEAD').map(({ headers }) => headers.authorization ?? '-');

describe('a 401 without a challenge', () => {
  test('is answered with what a request for /v2/ is challenged with, asked once', async () => {
    server.script = ({ path, headers }, response) => {
      if (path === '/v2/') return challenge(response, 'Bearer realm="/token",service="gcr"');
      if (path.startsWith('/token')) return sendJson(response, 200, { token: 't' });
      return headers.authorization ? found(response) : challenge(response);
    };
    const who = openClient();
    await resolve(who);
    await resolve(who);
    expect(server.lines().map((line) => line.replace(/\?.*/, ''))).toEqual([
      'HEAD /v2/acme/app/manifests/7',
      'GET /v2/',
      'GET /token',
      'HEAD /v2/acme/app/manifests/7',
      'HEAD /v2/acme/app/manifests/7',
    ]);
    expect(scopes()).toEqual([OWN]);
  });

  test('to a token that was good means another token, and no other request', async () => {
    let issued = 0;
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) return sendJson(response, 200, { token: `t${++issued}` });
      if (headers.authorization === undefined) return challenge(response, 'Bearer realm="/token"');
      return headers.authorization === `Bearer t${server.requests.length > 3 ? 2 : 1}`
        ? found(response)
        : challenge(response);
    };
    const who = openClient();
    await resolve(who);
    await resolve(who);
    expect(headsWith()).toEqual(['-', 'Bearer t1', 'Bearer t1', 'Bearer t2']);
    expect(server.lines()).not.toContain('GET /v2/');
  });
});

describe('a scope', () => {
  test('that turns out too narrow is widened once, and stays so', async () => {
    const wide = 'repository:acme/app:metadata_read,pull';
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) {
        const scope = new URL(path, server.origin).searchParams.get('scope') ?? '';
        return sendJson(response, 200, { token: scope.includes('metadata_read') ? 'wide' : 'narrow' });
      }
      if (headers.authorization === 'Bearer wide') return found(response);
      const more = headers.authorization ? ',scope="repository:acme/app:metadata_read",error="insufficient_scope"' : '';
      return challenge(response, `Bearer realm="/token"${more}`);
    };
    const who = openClient();
    await resolve(who);
    await resolve(who);
    expect(scopes()).toEqual([OWN, wide]);
    expect(headsWith()).toEqual(['-', 'Bearer narrow', 'Bearer wide', 'Bearer wide']);
  });

  test('that grows without end ends all the same', async () => {
    server.script = ({ path, index }, response) =>
      path.startsWith('/token')
        ? sendJson(response, 200, { token: `t${index}` })
        : challenge(response, `Bearer realm="/token",scope="repository:a${index}:pull"`);
    await expect(resolve(openClient())).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(server.requests.length).toBeLessThan(25);
  });
});

describe('Bearer and Basic side by side, as Gitea offers them', () => {
  const BOTH = 'Bearer realm="/token",service="container_registry",scope="*",Basic realm="/v2"';

  test('is Bearer while tokens come', async () => {
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) return sendJson(response, 200, { token: 't' });
      return headers.authorization ? found(response) : challenge(response, BOTH);
    };
    await resolve(login());
    expect(headsWith()).toEqual(['-', 'Bearer t']);
    expect(scopes()).toEqual(['*']);
  });

  test.each([
    ['refuses', (response: ServerResponse) => sendJson(response, 403, { errors: [{ code: 'DENIED' }] })],
    ['sends none', (response: ServerResponse) => sendJson(response, 200, {})],
  ])('is Basic where the token server %s', async (_, answer) => {
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) return answer(response);
      return headers.authorization === BASIC ? found(response) : challenge(response, BOTH);
    };
    const who = login();
    await resolve(who);
    await resolve(who);
    expect(headsWith()).toEqual(['-', BASIC, BASIC]);
  });

  test('is Basic where the registry refuses the token', async () => {
    server.script = ({ path, headers }, response) => {
      if (path.startsWith('/token')) return sendJson(response, 200, { token: 't' });
      return headers.authorization === BASIC ? found(response) : challenge(response, BOTH);
    };
    await resolve(login());
    expect(headsWith()).toEqual(['-', 'Bearer t', BASIC]);
  });

  test('is never Basic without a login', async () => {
    server.script = ({ path }, response) =>
      path.startsWith('/token') ? sendJson(response, 403, {}) : challenge(response, BOTH);
    await expect(resolve(openClient())).rejects.toMatchObject({ code: 'DENIED' });
    expect(headsWith()).toEqual(['-']);
  });
});
