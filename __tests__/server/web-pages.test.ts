import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { type Served, served } from '../support/serving.ts';

let registry: Served;
beforeEach(async () => {
  registry = await served();
});
afterEach(() => registry.dispose());

/** As a browser sends it, which `fetch` does not let us do. */
const fromPage = (method: string, path: string, origin: string, body = '') =>
  new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
    const headers = { origin, 'content-type': 'text/plain' };
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
    expect(await fromPage('POST', `/v2/app/blobs/uploads/?digest=${digest}`, origin, 'from a page')).toEqual(refused);
    expect(await fromPage('GET', '/v2/', origin)).toEqual(refused);
    expect((await registry.ask('HEAD', `app/blobs/${digest}`)).status).toBe(404);
    expect((await registry.ask('GET', '')).status).toBe(200);
  },
);
