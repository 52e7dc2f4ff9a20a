import { beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { type Client, openClient, repositoryAt } from '../support/client.ts';
import { hubClient } from '../support/hub-client.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';
import { sendJson } from '../support/scripted-server.ts';

const BYTES = Buffer.from('{}');
const DIGEST = digestOf(BYTES);
const QUOTA = { errors: [{ code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit.' }] };

const server = scriptedRegistry();
let client: Client;

beforeEach(() => {
  client = openClient();
});

const repository = () => repositoryAt(server.host);
const methods = () => server.requests.map(({ method }) => method);

describe('429 to a HEAD', () => {
  test('that says nothing more is asked about by a GET at once, and what that brings is used', async () => {
    server.script = ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(429).end();
      else response.end(BYTES);
    };
    expect(await client.resolve(repository(), '7')).toMatchObject({ digest: DIGEST, document: { bytes: BYTES } });
    expect(methods()).toEqual(['HEAD', 'GET']);
    expect(client.waits).toEqual([]);
  });

  test('is waited for by what the body of the GET says', async () => {
    const body = { errors: [{ code: 'TOOMANYREQUESTS', message: 'retry-after: 700ms, allowed: 44000/minute' }] };
    server.script = ({ index }, response) => {
      if (index < 3) sendJson(response, 429, body);
      else response.end(BYTES);
    };
    expect((await client.resolve(repository(), '7')).digest).toBe(DIGEST);
    expect(methods()).toEqual(['HEAD', 'GET', 'GET', 'GET']);
    expect(client.waits).toEqual([735, 1000]);
  });

  test('is waited for by its own Retry-After, and asked again as HEAD', async () => {
    server.script = ({ index }, response) => {
      if (index === 0) response.writeHead(429, { 'Retry-After': '2' }).end();
      else response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    };
    expect((await client.resolve(repository(), '7')).digest).toBe(DIGEST);
    expect(methods()).toEqual(['HEAD', 'HEAD']);
    expect(client.waits).toEqual([2100]);
  });

  test('that does not end is asked again once, then about by a GET, whose words count', async () => {
    server.script = ({ method }, response) =>
      method === 'HEAD' ? response.writeHead(429, { 'Retry-After': '1' }).end() : sendJson(response, 429, QUOTA);
    const hub = hubClient(server.origin);
    await expect(hub.resolve('redis', '7')).rejects.toMatchObject({
      message: 'redis: too many requests (429 from Docker Hub: You have reached your pull rate limit.)',
      temporary: false,
    });
    expect(methods()).toEqual(['HEAD', 'HEAD', 'GET']);
    expect(hub.waits).toEqual([1050]);
  });

  test('that asks for more than a minute is asked about by a GET at once', async () => {
    server.script = ({ method }, response) =>
      method === 'HEAD' ? response.writeHead(429, { 'Retry-After': '3600' }).end() : sendJson(response, 429, QUOTA);
    const hub = hubClient(server.origin);
    await expect(hub.resolve('redis', '7')).rejects.toMatchObject({
      reason: expect.stringContaining('pull rate limit'),
    });
    expect(methods()).toEqual(['HEAD', 'GET']);
    expect(hub.waits).toEqual([]);
  });

  test('with nothing left of a quota and a wait costs no further request either', async () => {
    const headers = { 'RateLimit-Remaining': '0;w=21600', 'Retry-After': '1' };
    server.script = (_, response) => response.writeHead(429, headers).end();
    await expect(client.resolve(repository(), '7')).rejects.toMatchObject({ code: 'TOOMANYREQUESTS' });
    expect(methods()).toEqual(['HEAD']);
    expect(client.waits).toEqual([]);
  });

  test('with nothing left of a quota costs no further request', async () => {
    server.script = (_, response) => response.writeHead(429, { 'RateLimit-Remaining': '0;w=21600' }).end();
    await expect(client.resolve(repository(), '7')).rejects.toMatchObject({
      code: 'TOOMANYREQUESTS',
      reason: `too many requests (429 from ${server.host})`,
    });
    expect(await client.has(repository(), DIGEST)).toBe(false);
    expect(methods()).toEqual(['HEAD', 'HEAD']);
    expect(client.waits).toEqual([]);
  });

  test('does not make an image unknown that a GET still finds', async () => {
    server.script = ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(429).end();
      else response.end(BYTES);
    };
    expect(await client.has(repository(), DIGEST)).toBe(true);
  });
});

// Docker Hub itself cannot be had here: its words come over the transport of a client that takes a local host for it.
describe('the pull quota of Docker Hub', () => {
  test('is one HEAD and one GET, no wait, and the words of both sides', async () => {
    server.script = ({ method }, response) =>
      method === 'HEAD' ? response.writeHead(429).end() : sendJson(response, 429, QUOTA);
    const hub = hubClient(server.origin);
    await expect(hub.resolve('redis', '7')).rejects.toMatchObject({
      code: 'TOOMANYREQUESTS',
      message: 'redis: too many requests (429 from Docker Hub: You have reached your pull rate limit.)',
      hint: 'Log in with docker/login-action, for Docker Hub allows more to accounts, or set mirrors, such as docker.io=mirror.gcr.io.',
      temporary: false,
    });
    expect(methods()).toEqual(['HEAD', 'GET']);
    expect(hub.waits).toEqual([]);
  });
});
