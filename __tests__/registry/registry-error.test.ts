import { describe, expect, test } from '@jest/globals';
import { isTemporaryStatus, type Refusal, registryError } from '../../src/registry/registry-error.ts';
import type { Purpose } from '../../src/registry/transport/transport.ts';

const REDIS: Purpose = { kind: 'manifest', domain: 'docker.io', repository: 'redis', target: 'redis:7' };
const PACKAGE: Purpose = { kind: 'manifest', domain: 'ghcr.io', repository: 'ghcr.io/o/r', target: 'ghcr.io/o/r:main' };

const refusal = (status: number, body: unknown = '', more: Partial<Refusal> = {}): Refusal => ({
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
  host: 'registry-1.docker.io',
  foreign: false,
  ...more,
});
const errors = (code: string, message?: string) => ({ errors: [{ code, message }] });
const HUB_QUOTA = 'You have reached your pull rate limit. You may increase the limit by authenticating and upgrading';

describe('a refusal', () => {
  test.each([
    [
      refusal(404, errors('MANIFEST_UNKNOWN', 'manifest unknown')),
      REDIS,
      'MANIFEST_UNKNOWN',
      'manifest for redis:7 not found (404 from Docker Hub: manifest unknown)',
    ],
    [
      refusal(404, '404 page not found\n'),
      REDIS,
      'MANIFEST_UNKNOWN',
      'manifest for redis:7 not found (404 from Docker Hub: 404 page not found)',
    ],
    [
      refusal(404, errors('NAME_UNKNOWN', 'no such repository')),
      REDIS,
      'NAME_UNKNOWN',
      'repository redis not found (404 from Docker Hub: no such repository)',
    ],
    [
      refusal(404),
      { ...REDIS, kind: 'tags' as const },
      'NAME_UNKNOWN',
      'repository redis not found (404 from Docker Hub)',
    ],
    [
      refusal(404),
      { ...REDIS, kind: 'blob' as const, target: 'redis@sha256:0' },
      'BLOB_UNKNOWN',
      'blob redis@sha256:0 not found (404 from Docker Hub)',
    ],
    [
      refusal(401, errors('UNAUTHORIZED', 'authentication required')),
      REDIS,
      'UNAUTHORIZED',
      "pull access denied for redis, repository does not exist or may require 'docker login' (401 from Docker Hub: authentication required)",
    ],
    [
      refusal(403, errors('DENIED', 'requested access to the resource is denied'), { host: 'ghcr.io' }),
      PACKAGE,
      'DENIED',
      "pull access denied for ghcr.io/o/r, repository does not exist or may require 'docker login' (403 from ghcr.io: requested access to the resource is denied)",
    ],
    [
      refusal(400, errors('DENIED')),
      REDIS,
      'DENIED',
      "pull access denied for redis, repository does not exist or may require 'docker login' (400 from Docker Hub: DENIED)",
    ],
    [
      refusal(401, { details: 'incorrect username or password' }, { host: 'auth.docker.io' }),
      { ...REDIS, kind: 'token' as const, login: 'bob' },
      'UNAUTHORIZED',
      'auth.docker.io refused the login of bob (401: incorrect username or password)',
    ],
    [
      refusal(429, errors('TOOMANYREQUESTS', HUB_QUOTA)),
      REDIS,
      'TOOMANYREQUESTS',
      `too many requests (429 from Docker Hub: ${HUB_QUOTA})`,
    ],
    [
      refusal(503, errors('TOOMANYREQUESTS', 'slow down'), { host: 'ghcr.io' }),
      PACKAGE,
      'TOOMANYREQUESTS',
      'too many requests (503 from ghcr.io: slow down)',
    ],
    [
      refusal(503, ''),
      REDIS,
      'UNAVAILABLE',
      'registry-1.docker.io answered 503 Service Unavailable to the request for redis:7',
    ],
    [
      refusal(502, '<html>\n<head><title>502\nBad Gateway</title></head></html>'),
      REDIS,
      'UNAVAILABLE',
      'registry-1.docker.io answered 502 Bad Gateway to the request for redis:7: 502 Bad Gateway',
    ],
    [
      refusal(403, '<?xml version="1.0"?><Error><Code>x</Code><Message>Request has expired</Message></Error>', {
        foreign: true,
        host: 'cdn.example',
      }),
      REDIS,
      'REGISTRY_ANSWER',
      'cdn.example answered 403 Forbidden to the request for redis:7: Request has expired',
    ],
    [
      refusal(405),
      REDIS,
      'UNSUPPORTED',
      'registry-1.docker.io answered 405 Method Not Allowed to the request for redis:7',
    ],
    [refusal(333, 'x'), REDIS, 'REGISTRY_ANSWER', 'registry-1.docker.io answered 333 to the request for redis:7: x'],
    // Nobody asked for a part of it: what comes are the bytes of the layer.
    [
      refusal(206, 'password=hunter2'),
      { ...REDIS, kind: 'blob' as const },
      'REGISTRY_ANSWER',
      'registry-1.docker.io answered 206 Partial Content to the request for redis:7',
    ],
    [
      refusal(404, 'ustar\0\0hunter2'),
      REDIS,
      'MANIFEST_UNKNOWN',
      'manifest for redis:7 not found (404 from Docker Hub)',
    ],
    [
      refusal(404, '\ufffd\ufffdhunter2'),
      REDIS,
      'MANIFEST_UNKNOWN',
      'manifest for redis:7 not found (404 from Docker Hub)',
    ],
    [
      refusal(404, '<title>Seite wurde leider nicht gefunden, f\ufffdr immer</title>'),
      REDIS,
      'MANIFEST_UNKNOWN',
      'manifest for redis:7 not found (404 from Docker Hub: Seite wurde leider nicht gefunden, f\ufffdr immer)',
    ],
    [
      refusal(403, { error: { code: 'forbidden', message: 'Unauthorized access for: x' } }),
      REDIS,
      'DENIED',
      "pull access denied for redis, repository does not exist or may require 'docker login' (403 from Docker Hub: Unauthorized access for: x)",
    ],
  ])('%j about %j', (given, purpose, code, reason) => {
    expect(registryError(given, purpose, 0)).toMatchObject({ code, subject: purpose.repository, reason });
  });

  test('keeps commands and control characters of the registry out of the message', () => {
    const { reason } = registryError(
      refusal(404, errors('MANIFEST_UNKNOWN', '\u001b[31mx\n::error::y ##[group]z')),
      REDIS,
      0,
    );
    expect(reason).toBe('manifest for redis:7 not found (404 from Docker Hub: x : :error: :y # #[group]z)');
  });

  test('keeps a long text short', () => {
    expect(registryError(refusal(404, 'x'.repeat(5000)), REDIS, 0).reason.length).toBeLessThan(400);
  });
});

describe('a refusal is temporary', () => {
  test.each([408, 429, 499, 500, 502, 503, 504, 522, 529])('with status %d', (status) => {
    expect(isTemporaryStatus(status)).toBe(true);
    expect(registryError(refusal(status), REDIS, 0).temporary).toBe(true);
  });

  test.each([400, 401, 403, 404, 405, 416, 501])('not with status %d', (status) => {
    expect(isTemporaryStatus(status)).toBe(false);
    expect(registryError(refusal(status), REDIS, 0).temporary).toBe(false);
  });

  test('not where it is Docker Hub’s pull quota', () => {
    expect(registryError(refusal(429, errors('TOOMANYREQUESTS', HUB_QUOTA)), REDIS, 0)).toMatchObject({
      temporary: false,
      hint: expect.stringMatching(/docker\/login-action.*mirror/),
    });
    expect(registryError(refusal(429, 'Too Many Requests (HAP429)'), REDIS, 0).temporary).toBe(true);
    expect(registryError(refusal(429, errors('TOOMANYREQUESTS', HUB_QUOTA)), PACKAGE, 0).temporary).toBe(true);
  });
});

describe('how long to wait', () => {
  test('stands in the header or in the message of ghcr.io', () => {
    const ghcr = errors('TOOMANYREQUESTS', 'retry-after: 1.5ms, allowed: 44000/minute');
    expect(registryError(refusal(429, '', { headers: { 'retry-after': '7' } }), REDIS, 0).retryAfterMs).toBe(7000);
    expect(registryError(refusal(429, ghcr), PACKAGE, 0).retryAfterMs).toBe(1.5);
    expect(registryError(refusal(429), REDIS, 0).retryAfterMs).toBeUndefined();
  });
});

describe('the hint for denied access', () => {
  test.each([
    [REDIS, /docker\/login-action or the inputs registry, username and password/],
    [PACKAGE, /packages: read/],
    [{ ...PACKAGE, login: 'bob' }, /the login of bob to ghcr.io: it may be expired .* public images need none/],
    [
      { ...PACKAGE, login: 'bob', loginFrom: '~/.docker/config.json' },
      /bob to ghcr.io \(from ~\/.docker\/config.json\): it/,
    ],
  ])('about %j is %s', (purpose, hint) => {
    expect(registryError(refusal(403), purpose, 0).hint).toMatch(hint);
  });
});

describe('the hint for too many requests', () => {
  test.each([
    [
      REDIS,
      'Log in with docker/login-action, for Docker Hub allows more to accounts, or set mirrors, such as docker.io=',
    ],
    [
      { ...REDIS, login: 'bob' },
      'The account of bob has reached its limit: set mirrors, such as docker.io=mirror.gcr.io',
    ],
    [PACKAGE, 'Log in to ghcr.io with docker/login-action, or pull fewer images at a time.'],
    [{ ...PACKAGE, login: 'bob' }, 'Pull fewer images at a time.'],
    [
      { ...PACKAGE, push: true },
      'Log in to ghcr.io with docker/login-action, or push fewer images at a time, or with a lower max-concurrent-uploads.',
    ],
    [{ ...REDIS, push: true, login: 'bob' }, 'Push fewer images at a time, or with a lower max-concurrent-uploads.'],
  ])('about %j is %s', (purpose, hint) => {
    expect(registryError(refusal(429), purpose, 0).hint).toContain(hint);
  });

  test('comes at once where Docker Hub says that nothing is left', () => {
    const headers = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' };
    expect(registryError(refusal(429, '', { headers }), REDIS, 0).temporary).toBe(false);
    const some = { 'ratelimit-remaining': '10;w=21600' };
    expect(registryError(refusal(429, '', { headers: some }), REDIS, 0).temporary).toBe(true);
  });
});
