import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../src/oci/digest.ts';
import type { AuthFile } from '../../../src/registry/auth-files.ts';
import { parseDockerConfig } from '../../../src/registry/docker-config.ts';
import { collect, openClient, repositoryAt } from '../../support/client.ts';
import { scriptedRegistry } from '../../support/scripted-registry.ts';
import { type Script, scriptedServer, sendJson } from '../../support/scripted-server.ts';

const DIGEST = digestOf('manifest');
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

const server = scriptedRegistry();

/** A client whose Docker file has one entry for the server. */
const withEntry = (entry: object) => {
  const config = parseDockerConfig(JSON.stringify({ auths: { [server.host]: entry } }));
  const authFiles: AuthFile[] = [{ name: 'config.json', rules: 'docker', config }];
  return openClient({ authFiles });
};
const resolve = (entry: object) => withEntry(entry).resolve(repositoryAt(server.host), '7');

/** A registry that wants a token; `answer` is what its token server does. */
const behindTokens =
  (answer: Script): Script =>
  (request, response) => {
    if (request.path.startsWith('/token')) return answer(request, response);
    if (request.headers.authorization === 'Bearer good')
      return response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    return response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="/token",service="reg"' }).end();
  };
const tokenRequests = () => server.requests.filter(({ path }) => path.startsWith('/token'));

describe('an identity token', () => {
  test('is exchanged by POST', async () => {
    server.script = behindTokens((_, response) => sendJson(response, 200, { access_token: 'good' }));
    await resolve({ identitytoken: 'identity&1' });
    expect(tokenRequests()).toMatchObject([{ method: 'POST', path: '/token', headers: {} }]);
    const [{ headers, body } = { headers: {}, body: '' }] = tokenRequests();
    expect(headers.authorization).toBeUndefined();
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'identity&1',
      service: 'reg',
      scope: 'repository:acme/app:pull',
      client_id: 'pull-image',
    });
  });

  test.each([400, 401, 404, 405])('goes by GET where POST is answered %d', async (status) => {
    server.script = behindTokens(({ method }, response) =>
      method === 'POST' ? sendJson(response, status, {}) : sendJson(response, 200, { token: 'good' }),
    );
    await resolve({ auth: Buffer.from('guid:').toString('base64'), identitytoken: 'identity' });
    expect(tokenRequests().map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['POST', undefined],
      ['GET', basic('guid:identity')],
    ]);
  });

  test('that is refused is told, in the words of the answer', async () => {
    server.script = behindTokens((_, response) => sendJson(response, 401, { details: 'expired' }));
    await expect(resolve({ identitytoken: 'identity' })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      reason: `${server.host} refused the login of a stored token (401: expired)`,
      hint: expect.stringContaining('(from config.json)'),
    });
  });
});

describe('a login', () => {
  test.each([404, 405])('is posted where GET is answered %d', async (status) => {
    server.script = behindTokens(({ method }, response) =>
      method === 'GET' ? sendJson(response, status, {}) : sendJson(response, 200, { access_token: 'good' }),
    );
    await resolve({ username: 'bob', password: 's&p' });
    expect(tokenRequests().map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(Object.fromEntries(new URLSearchParams(tokenRequests()[1]?.body))).toMatchObject({
      grant_type: 'password',
      username: 'bob',
      password: 's&p',
    });
  });

  test('is not posted where GET refuses it', async () => {
    server.script = behindTokens((_, response) => sendJson(response, 401, {}));
    await expect(resolve({ username: 'bob', password: 'p' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    // The second is the one try without it.
    expect(tokenRequests().map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['GET', basic('bob:p')],
      ['GET', undefined],
    ]);
  });
});

describe('a registry token', () => {
  test('is sent as it is, from the first request on, and to its registry alone', async () => {
    const storage = await scriptedServer((_, response) => response.end('manifest'));
    server.script = ({ path, headers }, response) => {
      if (headers.authorization !== 'Bearer verbatim') return response.writeHead(401).end();
      if (path.includes('/blobs/')) return response.writeHead(307, { Location: `${storage.origin}/x` }).end();
      return response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    };
    const client = withEntry({ registrytoken: 'verbatim' });
    await client.resolve(repositoryAt(server.host), '7');
    const blob = { mediaType: 'x', digest: DIGEST, size: 8 };
    expect((await collect(client.blob(repositoryAt(server.host), blob))).bytes.toString()).toBe('manifest');
    expect(server.requests).toHaveLength(2);
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('that has run out does not keep a public image away', async () => {
    server.script = behindTokens((_, response) => sendJson(response, 200, { token: 'good' }));
    const client = withEntry({ registrytoken: 'old' });
    expect((await client.resolve(repositoryAt(server.host), '7')).digest).toBe(DIGEST);
    expect(client.events).toEqual([
      {
        type: 'notice',
        message: `${server.host} refused the login of a stored token (from config.json); what is public there is pulled without it.`,
      },
    ]);
  });
});
