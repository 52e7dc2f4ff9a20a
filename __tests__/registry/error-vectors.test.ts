import { describe, expect, test } from '@jest/globals';
import { redactText } from '../../src/lib/redact.ts';
import { errorWords } from '../../src/registry/error-words.ts';
import { registryError } from '../../src/registry/registry-error.ts';
import type { Purpose } from '../../src/registry/transport/transport.ts';
import { vectors } from '../oci/vectors.ts';

interface Case {
  readonly registry: string;
  readonly when?: string;
  readonly kind?: string;
  readonly input?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly expected:
    | string
    | { readonly class?: string; readonly messages?: readonly string[] | null; readonly retry_soon?: boolean };
}

/** Which of our codes a class of the vectors is. */
const CODES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^rate limit/, ['TOOMANYREQUESTS']],
  [/^HEAD after a redirect/, ['REGISTRY_ANSWER', 'DENIED']],
  [/credentials|authentication|denied|private/, ['UNAUTHORIZED', 'DENIED']],
  [/^bad request/, ['REGISTRY_ANSWER']],
  [/^not found/, ['MANIFEST_UNKNOWN']],
];

/** Bodies that say nothing fit to be repeated, and why. */
const SILENT: readonly (readonly [body: string, reason: string])[] = [
  ['true', 'Quay: JSON, but no words'],
  ['<html>', 'a page without a title'],
];

describe('real refusals', () => {
  const cases = vectors<Case>('errors.json');
  for (const { registry, when, kind, input = '', status = 0, headers = {}, body = '', expected } of cases) {
    if (kind === 'secrets') {
      test(`the secrets of ${input} are in no message`, () => {
        const said = registryError(
          { status: 403, headers: {}, body: `denied: ${input}`, host: 'r.example', foreign: false },
          { kind: 'manifest', domain: 'r.example', repository: 'r.example/a', target: 'r.example/a:1' },
          0,
        );
        expect(said.message).toContain('https://example.com/somepath?access_token=…&scope=…&service=…');
        expect(redactText(input)).not.toContain('hunter2');
      });
      continue;
    }
    if (typeof expected === 'string') throw new Error(`no answer to ${expected}`);
    if (status === 200) {
      // No refusal: what is left of the quota comes with it, and nothing is to be said.
      test(`${registry}: a success`, () => expect(errorWords(body).text).toBe(''));
      continue;
    }
    test(`${registry}: ${status} ${when ?? body.trim().slice(0, 60)}`, () => {
      const domain = /Docker Hub/.test(registry) ? 'docker.io' : 'registry.example';
      const token = /token/.test(registry);
      const host = token ? 'auth.example' : domain === 'docker.io' ? 'registry-1.docker.io' : domain;
      const purpose: Purpose = { kind: token ? 'token' : 'manifest', domain, repository: 'redis', target: 'redis:7' };
      const error = registryError({ status, headers, body, host, foreign: false }, purpose, 0);
      const codes = CODES.find(([pattern]) => pattern.test(expected.class ?? ''))?.[1];
      if (codes) expect(codes).toContain(error.code);
      if (expected.retry_soon) expect(error.temporary).toBe(true);
      for (const message of expected.messages ?? []) expect(error.reason).toContain(message);
      expect(error.message).toContain('redis');
      expect(error.message).toContain(String(status));
      expect(error.message).toContain(host === 'registry-1.docker.io' ? 'Docker Hub' : host);
      const silent = body === '' || SILENT.some(([text]) => text === body);
      expect(errorWords(body).text === '').toBe(silent);
      expect(error.reason).toContain(errorWords(body).text);
      expect(error.reason).not.toMatch(/[\n<{]/);
      if (codes && error.code !== 'REGISTRY_ANSWER') expect(error.hint).toMatch(/^[A-Z].*\.$/);
    });
  }
});

describe('the words of a body', () => {
  test.each([
    ['{"errors":[{"code":"A","message":"one"},{"code":"B","message":"two"},{"message":"one"}]}', 'one; two'],
    ['{"errors":[{"code":"DENIED"}]}', 'DENIED'],
    ['{"errors":[]}', ''],
    ['{"details":"incorrect username or password"}', 'incorrect username or password'],
    ['{"error":"invalid_grant","error_description":"it is expired"}', 'it is expired'],
    ['{"error":{"message":"nested"}}', 'nested'],
    ['"just text"', 'just text'],
    ['<html><head><title>502\nBad&nbsp;Gateway &amp; more</title></head><h1>x</h1>', '502 Bad Gateway & more'],
    ['<html><body><h1>Access denied</h1></body></html>', 'Access denied'],
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>', 'Access Denied'],
    ['<Error><Code>SlowDown</Code></Error>', 'SlowDown'],
    ['<html>', ''],
    ['no such host\n', 'no such host'],
    ['bad token Bearer abcdefgh.ijkl', 'bad token Bearer …'],
    ['bad token eyJhbGciOiJ.eyJhIjoxfQ.c2ln, sorry', 'bad token …, sorry'],
    [
      'see https://u:secret@h.example/a?sig=secret and https://h.example/b',
      'see https://h.example/a?sig=… and https://h.example/b',
    ],
  ])('%s are %j', (body, text) => {
    expect(errorWords(body).text).toBe(text);
  });

  test.each([
    ['tags without end', '<title '.repeat(9000)],
    ['a page of half tokens', `-eyJ${'-eyJ'.repeat(16_000)}`],
    ['half a token at the end of what is read', `Bearer ${'a'.repeat(1150)} eyJ${'a'.repeat(500)}.b.c`],
  ])('%s are read at once, and no secret of them is left', (_, body) => {
    const startedAt = performance.now();
    expect(errorWords(body).text).not.toContain('eyJ');
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});
