import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../src/oci/media-types.ts';
import type { BlobSource } from '../../src/ports.ts';
import { repositoryAt } from '../support/client.ts';
import { noise } from '../support/image-builder.ts';
import { closeServers, scriptedServer, sendJson } from '../support/scripted-server.ts';
import { answer, answering, BEGIN, sizes } from '../support/scripted-uploads.ts';
import { openUploads, type UploadsClient } from '../support/uploads-client.ts';

const BYTES = noise('upload', 10_000);
const BLOB = { mediaType: OCI_LAYER_GZIP, digest: digestOf(BYTES), size: BYTES.length };
const SOURCE: BlobSource = {
  async *open(_, { start, end } = { start: 0, end: BYTES.length }) {
    yield BYTES.subarray(start, end);
  },
};
const DONE = `?digest=${encodeURIComponent(BLOB.digest)}`;

let uploads: UploadsClient | undefined;
afterEach(async () => {
  await uploads?.close();
  await closeServers();
});

const send = (host: string, options = {}) => {
  uploads = openUploads(options);
  return uploads.blob(repositoryAt(host), BLOB, SOURCE);
};
describe('the place of an upload', () => {
  test('may be relative, and keeps its query', async () => {
    const server = await scriptedServer(
      answering({ [BEGIN]: answer(202, { location: '/up/1?state=a%2Bb' }), 'PUT /up/1': answer(201) }),
    );
    expect(await send(server.host)).toBe('uploaded');
    expect(sizes(server.requests)).toEqual([`PUT /up/1?state=a%2Bb&digest=${encodeURIComponent(BLOB.digest)} 10000`]);
  });

  test('may be at another origin, where no login goes', async () => {
    const storage = await scriptedServer(answering({ 'PUT /bucket/1': answer(201) }));
    const registry = await scriptedServer((request, response) => {
      if (request.headers.authorization === undefined)
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return answering({ [BEGIN]: answer(202, { location: `${storage.origin}/bucket/1` }) })(request, response);
    });
    const logins = [{ registry: registry.host, username: 'me', password: 'secret' }];
    expect(await send(registry.host, { logins })).toBe('uploaded');
    const [put] = storage.requests.filter(({ method }) => method === 'PUT');
    expect(put?.path).toBe(`/bucket/1${DONE}`);
    expect(put?.headers.authorization).toBeUndefined();
    expect(registry.requests.at(-1)?.headers.authorization).toMatch(/^Basic /);
  });

  test('must not be where the policy lets nobody send us', async () => {
    const server = await scriptedServer(answering({ [BEGIN]: answer(202, { location: 'ftp://127.0.0.1/x' }) }));
    await expect(send(server.host)).rejects.toMatchObject({
      code: 'REDIRECT_REFUSED',
      reason: expect.stringContaining('names a place for the upload that is not asked: ftp://127.0.0.1/x'),
    });
  });

  test('must be there', async () => {
    const server = await scriptedServer(answering({ [BEGIN]: answer(202) }));
    await expect(send(server.host)).rejects.toMatchObject({
      code: 'REGISTRY_ANSWER',
      reason: expect.stringContaining('expected a Location for what comes next, found none'),
    });
  });
});

describe('chunks', () => {
  const LOCATED = { location: '/up/1' };

  test('are no smaller than the registry wants, and each goes where the one before it says', async () => {
    const server = await scriptedServer(
      answering({
        [BEGIN]: answer(202, { ...LOCATED, 'oci-chunk-min-length': '6000' }),
        'PATCH /up/1': answer(202, { location: '/up/2', range: '0-5999' }),
        'PATCH /up/2': answer(202, { location: '/up/3', range: '0-9999' }),
        'PUT /up/3': answer(201),
      }),
    );
    expect(await send(server.host, { chunkBytes: 1000 })).toBe('uploaded');
    expect(sizes(server.requests)).toEqual([
      'PATCH /up/1 0-5999 6000',
      'PATCH /up/2 6000-9999 4000',
      `PUT /up/3${DONE} 0`,
    ]);
  });

  test('are small where whole blobs are too large for the registry', async () => {
    const big = noise('big', 9 * 1024 * 1024);
    const blob = { mediaType: OCI_LAYER_GZIP, digest: digestOf(big), size: big.length };
    const source: BlobSource = {
      async *open(_, { start, end } = { start: 0, end: big.length }) {
        yield big.subarray(start, end);
      },
    };
    const server = await scriptedServer(
      answering({
        [BEGIN]: answer(202, LOCATED),
        'PUT /up/1': ({ body }, response) => response.writeHead(body.length > 0 ? 413 : 201).end(),
        'PATCH /up/1': answer(202, LOCATED),
      }),
    );
    uploads = openUploads();
    expect(await uploads.blob(repositoryAt(server.host), blob, source)).toBe('uploaded');
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2);
  });
});

describe('a manifest', () => {
  const bytes = Buffer.from('{}');
  const document = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: digestOf(bytes), bytes };

  test('that the registry has changed is an error', async () => {
    const other = digestOf('other');
    const server = await scriptedServer(answer(201, { 'docker-content-digest': other }));
    uploads = openUploads();
    await expect(uploads.manifest(repositoryAt(server.host), document, '1')).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      reason: `${server.host} was given the manifest ${document.digest} and says that it has ${other}`,
    });
  });

  test('goes under its tag, or without one under its digest, as the type it is', async () => {
    const server = await scriptedServer(answer(201));
    uploads = openUploads();
    await uploads.manifest(repositoryAt(server.host), document, '1');
    await uploads.manifest(repositoryAt(server.host), document);
    const puts = server.requests.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ path, headers, body }) => [path, headers['content-type'], body])).toEqual([
      ['/v2/acme/app/manifests/1', document.mediaType, '{}'],
      [`/v2/acme/app/manifests/${document.digest}`, document.mediaType, '{}'],
    ]);
  });
});

describe('a login', () => {
  test('asks for pull and push at once, and for the other repository besides where it mounts from', async () => {
    const asked: string[] = [];
    const server = await scriptedServer((request, response) => {
      const url = new URL(request.path, 'http://x');
      if (url.pathname === '/token') {
        asked.push(url.searchParams.getAll('scope').join(' '));
        return sendJson(response, 200, { token: `t${asked.length}` });
      }
      if (request.headers.authorization === undefined) {
        const scope = 'repository:acme/app:pull';
        const challenge = `Bearer realm="http://${request.headers.host}/token",service="s",scope="${scope}"`;
        return response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
      return answering({ [BEGIN]: answer(201) })(request, response);
    });
    uploads = openUploads({ logins: [{ registry: server.host, username: 'me', password: 'secret' }] });
    expect(await uploads.blob(repositoryAt(server.host), BLOB, SOURCE, repositoryAt(server.host, 'acme/base'))).toBe(
      'mounted',
    );
    expect(asked).toEqual(['repository:acme/app:pull,push', 'repository:acme/app:pull,push repository:acme/base:pull']);
  });
});
