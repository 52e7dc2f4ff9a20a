import { beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { type Client, openClient, repositoryAt } from '../support/client.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';
import { sendJson } from '../support/scripted-server.ts';

const BYTES = Buffer.from(`{\n  "schemaVersion": 2, "mediaType": "${OCI_INDEX}", "manifests": []\n}`);
const DIGEST = digestOf(BYTES);

const server = scriptedRegistry();
let client: Client;

beforeEach(() => {
  client = openClient();
});

const resolve = (tag = '7') => client.resolve(repositoryAt(server.host), tag);
const manifest = (digest = DIGEST) => client.manifest(repositoryAt(server.host), digest);

describe('resolving a tag', () => {
  test('costs one HEAD, with every manifest type acceptable and nothing compressed', async () => {
    server.script = (_, response) => response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end();
    expect(await resolve()).toEqual({ digest: DIGEST });
    expect(server.lines()).toEqual(['HEAD /v2/acme/app/manifests/7']);
    const headers = server.requests[0]?.headers ?? {};
    expect(headers.accept).toContain(OCI_INDEX);
    expect(headers.accept).toMatch(/, \*\/\*$/);
    expect(headers['accept-encoding']).toBe('identity');
    expect(headers['user-agent']).toBe('pull-image/test');
    expect(headers.authorization).toBeUndefined();
  });

  test.each([
    ['no digest', {}],
    ['a digest of another algorithm', { 'Docker-Content-Digest': `blake3:${'0'.repeat(64)}` }],
    ['nonsense', { 'Docker-Content-Digest': 'sha256:../../etc/passwd' }],
  ])('fetches and hashes the manifest where HEAD names %s', async (_, headers) => {
    server.script = ({ method }, response) => {
      response.writeHead(200, { 'Content-Type': `${OCI_INDEX}; charset=utf-8`, ...headers });
      response.end(method === 'HEAD' ? undefined : BYTES);
    };
    const { digest, document } = await resolve();
    expect(digest).toBe(DIGEST);
    expect(document).toEqual({ mediaType: OCI_INDEX, digest: DIGEST, bytes: BYTES });
    expect(server.lines()).toEqual(['HEAD /v2/acme/app/manifests/7', 'GET /v2/acme/app/manifests/7']);
  });

  test.each([400, 401, 403, 404, 405])('asks once more by GET where HEAD is answered %d', async (status) => {
    server.script = ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(status).end();
      else response.writeHead(200, { 'Content-Type': OCI_INDEX }).end(BYTES);
    };
    expect((await resolve()).digest).toBe(DIGEST);
    expect(server.lines().filter((line) => line.includes('/manifests/'))).toHaveLength(2);
  });

  test('hashes with the algorithm the registry uses, and never believes its digest', async () => {
    const sha512 = digestOf(BYTES, 'sha512');
    server.script = ({ method }, response) => {
      response.writeHead(200, method === 'HEAD' ? {} : { 'Docker-Content-Digest': `sha512:${'0'.repeat(128)}` });
      response.end(method === 'HEAD' ? undefined : BYTES);
    };
    expect((await resolve()).digest).toBe(sha512);
  });

  test('says in Docker’s words that a tag is not there, after one HEAD and one GET', async () => {
    server.script = (_, response) =>
      sendJson(response, 404, { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
    await expect(resolve('nope')).rejects.toMatchObject({
      code: 'MANIFEST_UNKNOWN',
      subject: `${server.host}/acme/app`,
      reason: `manifest for ${server.host}/acme/app:nope not found (404 from ${server.host}: manifest unknown)`,
    });
    expect(server.requests).toHaveLength(2);
    expect(client.waits).toEqual([]);
  });

  test('has an empty media type where the registry sends none', async () => {
    server.script = ({ method }, response) => response.writeHead(200).end(method === 'HEAD' ? undefined : BYTES);
    expect((await resolve()).document?.mediaType).toBe('');
  });
});

describe('words where a manifest should be', () => {
  const PAGE = '<!doctype html><title>Welcome to the guest network</title>';

  test('are asked about once more, then are an error that thinks of a portal and names no hash of them', async () => {
    server.script = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE);
    await expect(resolve()).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      subject: `${server.host}/acme/app`,
      reason: `expected a manifest for ${server.host}/acme/app:7, found a page, "Welcome to the guest network" from ${server.host}`,
      hint: expect.stringContaining('a login portal'),
    });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'GET']);
  });

  test.each([
    ['200 OK: Healthcheck requested', 'found the words "200 OK: Healthcheck requested" from '],
    ['', 'found nothing to read from '],
    ['<p>', 'found a page from '],
  ])('are quoted: %j', async (body, words) => {
    server.script = (_, response) => response.writeHead(200).end(body);
    await expect(manifest()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', reason: expect.stringContaining(words) });
  });
});

describe('a manifest by digest', () => {
  test('comes as the bytes received', async () => {
    server.script = (_, response) => response.writeHead(200, { 'Content-Type': OCI_INDEX }).end(BYTES);
    expect(await manifest()).toEqual({ mediaType: OCI_INDEX, digest: DIGEST, bytes: BYTES });
    expect(server.lines()).toEqual([`GET /v2/acme/app/manifests/${DIGEST}`]);
  });

  test('may lie among the blobs; what is in neither place is told in the words about manifests', async () => {
    server.script = ({ path }, response) =>
      path.includes('/blobs/')
        ? response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(BYTES)
        : response.writeHead(404).end();
    expect((await manifest()).bytes).toEqual(BYTES);
    server.script = (_, response) => response.writeHead(404).end();
    await expect(manifest()).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    expect(server.lines().slice(2)).toEqual([
      `GET /v2/acme/app/manifests/${DIGEST}`,
      `GET /v2/acme/app/blobs/${DIGEST}`,
    ]);
  });

  test.each([500, 403])('answered %d is not looked for among the blobs', async (status) => {
    server.script = (_, response) => response.writeHead(status).end();
    await expect(manifest()).rejects.toMatchObject({ name: 'PullError' });
    expect(server.lines().filter((line) => line.includes('/blobs/'))).toEqual([]);
  });

  test('is held against sha512 where the digest is one', async () => {
    server.script = (_, response) => response.writeHead(200, { 'Content-Type': OCI_MANIFEST }).end(BYTES);
    const digest = digestOf(BYTES, 'sha512');
    expect((await manifest(digest)).digest).toBe(digest);
  });

  test('with other bytes is an error that says expected and found, whatever the header claims', async () => {
    const other = Buffer.from('{}');
    server.script = (_, response) => response.writeHead(200, { 'Docker-Content-Digest': DIGEST }).end(other);
    await expect(manifest()).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      reason: expect.stringContaining(`expected a manifest with the digest ${DIGEST}, found ${digestOf(other)}`),
    });
  });

  test.each([true, false])('larger than 4 MiB is refused (length announced: %s)', async (announced) => {
    const large = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
    server.script = (_, response) => {
      response.writeHead(200, announced ? { 'Content-Length': large.length } : {});
      response.end(large);
    };
    await expect(manifest(digestOf(large))).rejects.toMatchObject({ code: 'REGISTRY_ANSWER' });
    expect(client.waits).toEqual([]);
  });

  test('is asked for again where the connection breaks inside it', async () => {
    server.script = ({ index }, response) => {
      response.writeHead(200, { 'Content-Type': OCI_INDEX, 'Content-Length': BYTES.length });
      if (index > 0) return response.end(BYTES);
      return response.write(BYTES.subarray(0, 10), () => response.destroy());
    };
    expect((await manifest()).bytes).toEqual(BYTES);
    expect(client.waits).toEqual([500]);
    expect(client.events).toMatchObject([
      { type: 'retry', attempt: 1, delayMs: 500, subject: `${server.host}/acme/app` },
    ]);
  });
});
