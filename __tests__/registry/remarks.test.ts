import { beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { type Client, collect, openClient, repositoryAt } from '../support/client.ts';
import { hubClient } from '../support/hub-client.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';
import { type Script, scriptedServer, sendJson } from '../support/scripted-server.ts';

const BYTES = Buffer.from('{}');
const DIGEST = digestOf(BYTES);

const server = scriptedRegistry();
let client: Client;

beforeEach(() => {
  client = openClient();
});

/** A registry that has everything, and says this beside it. */
const saying =
  (headers: (index: number) => Record<string, string | string[]>): Script =>
  ({ index }, response) =>
    response.writeHead(200, { 'Docker-Content-Digest': DIGEST, ...headers(index) }).end(BYTES);
const ask = async (times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) await client.resolve(repositoryAt(server.host), '7');
};
const messages = () => client.events.map((event) => ('message' in event ? event.message : event.type));

describe('a warning of a registry', () => {
  test('is a notice, once, cleaned and without its secrets', async () => {
    const text = 'going away:: on \\"Friday\\"\u0009see https://x.test/?token=hunter2';
    server.script = saying(() => ({ Warning: `299 - "${text}"` }));
    await ask(3);
    expect(messages()).toEqual([`${server.host} says: going away: : on "Friday" see https://x.test/?token=…`]);
  });

  test('may be one of several, in one header or many; other codes are not for people', async () => {
    server.script = saying(() => ({
      Warning: ['199 - "no", 299 registry "one, two", 299 - "three"', '299 - "four"', '299 "x"'],
    }));
    await ask(1);
    expect(messages()).toEqual(['one, two', 'three', 'four'].map((text) => `${server.host} says: ${text}`));
  });

  test('that is another each time ends after five', async () => {
    server.script = saying((index) => ({ Warning: `299 - "number ${index}"` }));
    await ask(9);
    expect(messages()).toHaveLength(5);
  });

  test('of a host that a redirect leads to is none of the registry', async () => {
    const storage = await scriptedServer((_, response) =>
      response.writeHead(200, { Warning: '299 - "buy"' }).end(BYTES),
    );
    server.script = (_, response) => response.writeHead(307, { Location: `${storage.origin}/x` }).end();
    await collect(client.blob(repositoryAt(server.host), { mediaType: 'x', digest: DIGEST, size: BYTES.length }));
    expect(storage.requests).toHaveLength(1);
    expect(messages()).toEqual([]);
  });
});

const quotaHeaders = (remaining: number, source = '203.0.113.7') => ({
  'RateLimit-Limit': '100;w=21600',
  'RateLimit-Remaining': `${remaining};w=21600`,
  'Docker-RateLimit-Source': source,
});

describe('what is left of a quota', () => {
  test('is known of the last answer, and told once when it is a tenth', async () => {
    server.script = saying((index) => quotaHeaders(12 - index));
    await ask(2);
    expect(client.events).toEqual([]);
    const quota = { registry: server.host, limit: 100, windowSeconds: 21_600, isOfAccount: false };
    expect(client.quotas?.()).toEqual([{ ...quota, remaining: 11 }]);
    await ask(3);
    expect(client.events).toEqual([{ type: 'quota', quota: { ...quota, remaining: 10 } }]);
    expect(client.quotas?.()).toMatchObject([{ remaining: 8 }]);
  });

  test('may be that of an account', async () => {
    server.script = saying(() => quotaHeaders(50, '5a8b3a2e-1d9e-4b7f-9a49-0d2f3c1c9c11'));
    await ask(1);
    expect(client.quotas?.()).toMatchObject([{ isOfAccount: true }]);
  });

  test.each([
    { 'RateLimit-Limit': '100', 'RateLimit-Remaining': '5' },
    { 'RateLimit-Limit': '100, 100;w=60', 'RateLimit-Remaining': '5' },
    { 'RateLimit-Remaining': '5;w=1' },
    { 'RateLimit-Limit': '0;w=0', 'RateLimit-Remaining': '0;w=0' },
    { 'RateLimit-Limit': '0;w=60', 'RateLimit-Remaining': '0;w=60' },
    { 'RateLimit-Limit': '100;w=0', 'RateLimit-Remaining': '5;w=0' },
    {},
  ])('is not known of %j', async (headers) => {
    server.script = saying(() => headers);
    await ask(1);
    expect([client.quotas?.(), client.events]).toEqual([[], []]);
  });

  test('is said where Docker Hub gives nothing more', async () => {
    const body = { errors: [{ code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit.' }] };
    server.script = ({ method }, response) =>
      method === 'HEAD' ? response.writeHead(429).end() : sendJson(response, 429, body, quotaHeaders(0));
    await expect(hubClient(server.origin).resolve('redis', '7')).rejects.toMatchObject({
      reason:
        'too many requests (429 from Docker Hub: You have reached your pull rate limit; 0 of 100 pulls left in 6 hours)',
    });
  });
});
