import { describe, expect, test } from '@jest/globals';
import { PullError } from '../../../src/errors.ts';
import { oneChunk } from '../../../src/lib/one-chunk.ts';
import { zoneOf } from '../../../src/registry/addresses.ts';
import { guard } from '../../../src/registry/transport/guard.ts';
import { redirect } from '../../../src/registry/transport/redirect.ts';
import type { HttpRequest, HttpResponse, Send } from '../../../src/registry/transport/transport.ts';

const HUB = 'https://registry-1.docker.io';
const CDN = 'https://cdn.example';

const KNOWN = { zoneOf, mayBePlain: () => false, isListed: () => false };

const REQUEST: HttpRequest = {
  method: 'GET',
  url: new URL(`${HUB}/v2/library/redis/blobs/sha256:0`),
  headers: { authorization: 'Bearer secret', accept: '*/*' },
  purpose: { kind: 'blob', domain: 'docker.io', repository: 'redis', target: 'redis:7' },
};

/** Answers by URL: a Location, or undefined for an end. */
function network(answers: (url: string) => [number, string] | undefined): { send: Send; seen: HttpRequest[] } {
  const seen: HttpRequest[] = [];
  const send: Send = async (request): Promise<HttpResponse> => {
    seen.push(request);
    const [status, location] = answers(request.url.href) ?? [200, undefined];
    const headers = location === undefined ? {} : { location };
    return {
      status,
      headers,
      url: request.url,
      body: oneChunk(Buffer.alloc(0)),
      discard: async () => {},
      abort: () => {},
    };
  };
  return { send: redirect()(guard(KNOWN)(send)), seen };
}

describe('a followed redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    'of status %d loses Authorization at another origin, and nothing else',
    async (status) => {
      const { send, seen } = network((url) => (url.startsWith(HUB) ? [status, `${CDN}/blob`] : undefined));
      expect((await send(REQUEST)).url.href).toBe(`${CDN}/blob`);
      expect(seen[1]?.headers).toEqual({ accept: '*/*' });
      expect(seen[1]?.method).toBe('GET');
    },
  );

  test.each([`${HUB}:8443/x`, 'https://docker.io/x'])(
    'loses Authorization at %s too, for an origin is scheme, host and port',
    async (to) => {
      const { send, seen } = network((url) => (url === REQUEST.url.href ? [307, to] : undefined));
      await send(REQUEST);
      expect(seen[1]?.headers.authorization).toBeUndefined();
    },
  );

  test('keeps Authorization within its origin', async () => {
    const { send, seen } = network((url) => (url === REQUEST.url.href ? [307, '/elsewhere'] : undefined));
    await send(REQUEST);
    expect(seen[1]?.url.href).toBe(`${HUB}/elsewhere`);
    expect(seen[1]?.headers.authorization).toBe('Bearer secret');
  });

  test('takes nothing along to another origin but what is about the content', async () => {
    const { send, seen } = network((url) => (url.startsWith(HUB) ? [307, `${CDN}/x`] : undefined));
    const content = { accept: 'a/b', range: 'bytes=0-1' };
    await send({ ...REQUEST, headers: { authorization: 'Basic x', 'x-key': 'y', cookie: 'a=b', ...content } });
    expect(seen[1]?.headers).toEqual(content);
  });

  test('does not bring Authorization back when it returns home', async () => {
    const { send, seen } = network((url) => {
      if (url === REQUEST.url.href) return [307, `${CDN}/x`];
      return url === `${CDN}/x` ? [307, `${HUB}/home`] : undefined;
    });
    await send(REQUEST);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined, undefined]);
  });

  test('goes where the Location says, byte for byte', async () => {
    const signed = `${CDN}//a%2Fb/c%20d;v=1?X-Amz-Signature=a%2Bb%3D&sig=x+y/z==&empty=&%7E~`;
    const { send, seen } = network((url) => (url.startsWith(HUB) ? [307, signed] : undefined));
    await send(REQUEST);
    expect(seen[1]?.url.href).toBe(signed);
  });

  test('is a status like another without a Location', async () => {
    const { send } = network(() => [302, undefined as unknown as string]);
    expect((await send(REQUEST)).status).toBe(302);
  });

  test('ends after five hops', async () => {
    let hop = 0;
    const { send, seen } = network(() => [302, `/hop${hop++}`]);
    await expect(send(REQUEST)).rejects.toMatchObject({
      code: 'REDIRECT_REFUSED',
      reason: expect.stringMatching(/ to https:\/\/registry-1\.docker\.io\/hop5 is not followed: more than 5/),
    });
    expect(seen).toHaveLength(6);
  });

  test.each([
    ['http://registry-1.docker.io/x?token=hunter2', 'https: to http:'],
    ['https://169.254.169.254/?token=hunter2', 'local link'],
    ['http://[', 'not a URL'],
  ])('to %s is an error that hides what is secret, and nothing is sent there', async (to, why) => {
    const { send, seen } = network(() => [302, to]);
    const error = await send(REQUEST).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PullError);
    expect(error).toMatchObject({ code: 'REDIRECT_REFUSED', subject: 'redis', reason: expect.stringContaining(why) });
    expect(String(error)).not.toContain('hunter2');
    expect(seen).toHaveLength(1);
  });

  test('to another origin is refused where the request must stay', async () => {
    const { send, seen } = network(() => [302, `${CDN}/x`]);
    await expect(send({ ...REQUEST, sameOrigin: true })).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' });
    expect(seen).toHaveLength(1);
  });
});
