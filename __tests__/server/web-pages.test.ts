import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { signOfPage } from '../../src/server/web-page.ts';
import { type Served, served } from '../support/serving.ts';

let registry: Served;
beforeEach(async () => {
  registry = await served();
});
afterEach(() => registry.dispose());

/** As a browser sends it, which `fetch` does not let us do. */
const fromPage = (method: string, path: string, own: Readonly<Record<string, string>>, body = '') =>
  new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
    const headers = { ...own, 'content-type': 'text/plain' };
    request(`http://${registry.host}${path}`, { method, headers, family: 4 }, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve({ status: response.statusCode, body: JSON.parse(text) });
    })
      .on('error', reject)
      .end(body);
  });

test.each(['http://evil.example', 'null', ''])(
  'a web page of origin %j is refused, and writes nothing',
  async (origin) => {
    const digest = digestOf('from a page');
    const message = 'expected a registry client, found an Origin header: web pages are not served';
    const refused = { status: 403, body: { errors: [{ code: 'DENIED', message }] } };
    expect(await fromPage('POST', `/v2/app/blobs/uploads/?digest=${digest}`, { origin }, 'from a page')).toEqual(
      refused,
    );
    expect(await fromPage('GET', '/v2/', { origin })).toEqual(refused);
    expect((await registry.ask('HEAD', `app/blobs/${digest}`)).status).toBe(404);
    expect((await registry.ask('GET', '')).status).toBe(200);
  },
);

test('a page whose own name leads to this machine does not read', async () => {
  const headers = { host: 'evil.example:5000', 'accept-language': 'en' };
  expect(await fromPage('GET', '/v2/', headers)).toEqual({
    status: 403,
    body: {
      errors: [
        {
          code: 'DENIED',
          message:
            'expected a registry client, found an Accept-Language header for a name that is not localhost: web pages are not served',
        },
      ],
    },
  });
  expect((await fromPage('GET', '/v2/', { host: 'registry:5000', 'user-agent': 'containerd/1.6.20' })).status).toBe(
    200,
  );
});

const LANGUAGE = { 'accept-language': '' };
test.each([
  [
    'a client by any name',
    { host: 'host.docker.internal:5000', 'user-agent': 'docker/28', 'accept-encoding': 'gzip' },
    false,
  ],
  ['somebody who looks by localhost', { host: 'localhost:5000', ...LANGUAGE, 'sec-fetch-site': 'none' }, false],
  ['the same by a name below it', { host: 'a.localhost', ...LANGUAGE }, false],
  ['the same by an address', { host: '127.0.0.1:5000', ...LANGUAGE }, false],
  ['the same by an address of IPv6', { host: '[::1]:5000', ...LANGUAGE }, false],
  ['a page that loads from us', { host: 'localhost:5000', 'sec-fetch-site': 'cross-site' }, true],
  ['a page with a name of its own', { host: 'evil.example', ...LANGUAGE }, true],
  ['one with an address in its name', { host: '127.0.0.1.evil.example:5000', ...LANGUAGE }, true],
  ['one with localhost in its name', { host: 'localhost.evil.example', ...LANGUAGE }, true],
  ['one without a name', LANGUAGE, true],
])('%s', (_, headers, isPage) => {
  expect(signOfPage(headers) !== undefined).toBe(isPage);
});
