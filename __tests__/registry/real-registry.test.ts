import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from '@jest/globals';
import { type Digest, digestOf, isDigest } from '../../src/oci/digest.ts';
import { parseDocument } from '../../src/oci/manifest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { SHARED } from '../oci/vectors.ts';
import { type Client, collect, openClient, repositoryAt } from '../support/client.ts';
import {
  type DockerRegistry,
  HTPASSWD,
  pushBlob,
  pushManifest,
  startDockerRegistry,
} from '../support/docker-registry.ts';
import { realTest } from '../support/real-parts.ts';

const LAYER = Buffer.alloc(3_000_000, 'layer');
const CONFIG = Buffer.from('{}');
const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: digestOf(CONFIG), size: CONFIG.length },
    layers: [{ mediaType: OCI_LAYER_GZIP, digest: digestOf(LAYER), size: LAYER.length }],
  }),
);
const INDEX = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ mediaType: OCI_MANIFEST, digest: digestOf(MANIFEST), size: MANIFEST.length }],
  }),
);

async function push(host: string, headers: Record<string, string> = {}): Promise<void> {
  for (const bytes of [LAYER, CONFIG]) await pushBlob(host, 'acme/app', bytes, headers);
  await pushManifest(host, 'acme/app', 'single', { mediaType: OCI_MANIFEST, bytes: MANIFEST }, headers);
  for (const tag of ['1', 'latest'])
    await pushManifest(host, 'acme/app', tag, { mediaType: OCI_INDEX, bytes: INDEX }, headers);
}

async function withRegistry(
  options: { htpasswd?: string },
  run: (registry: DockerRegistry) => Promise<void>,
): Promise<void> {
  const registry = await startDockerRegistry(options);
  try {
    await run(registry);
  } finally {
    await registry.stop();
  }
}

/** Requests of the client under test, as `HEAD /v2/… 200`. */
async function requestsOf(registry: DockerRegistry): Promise<string[]> {
  return (await registry.log())
    .filter((line) => line.includes('pull-image/test'))
    .map((line) => /"(\w+ \S+) HTTP\/1.1" (\d+)/.exec(line)?.slice(1).join(' ') ?? line);
}

describe('docker-registry', () => {
  realTest('docker-registry')('serves tags, documents and blobs, each for one request', async () => {
    await withRegistry({}, async (registry) => {
      await push(registry.host);
      const client = openClient();
      const repository = repositoryAt(registry.host);
      expect(await client.resolve(repository, '1')).toEqual({ digest: digestOf(INDEX) });
      expect(await client.manifest(repository, digestOf(INDEX))).toEqual({
        mediaType: OCI_INDEX,
        digest: digestOf(INDEX),
        bytes: INDEX,
      });
      const layer = { mediaType: OCI_LAYER_GZIP, digest: digestOf(LAYER), size: LAYER.length };
      expect((await collect(client.blob(repository, layer))).bytes.equals(LAYER)).toBe(true);
      expect([...(await client.tags(repository))].sort()).toEqual(['1', 'latest', 'single']);
      await client.close();
      expect(await requestsOf(registry)).toEqual([
        'HEAD /v2/acme/app/manifests/1 200',
        `GET /v2/acme/app/manifests/${digestOf(INDEX)} 200`,
        `GET /v2/acme/app/blobs/${digestOf(LAYER)} 200`,
        'GET /v2/acme/app/tags/list?n=1000 200',
      ]);
    });
  });

  realTest('docker-registry')('says what is not there', async () => {
    await withRegistry({}, async (registry) => {
      await push(registry.host);
      const client = openClient();
      const name = `${registry.host}/acme/app`;
      const nothing = { mediaType: 'x', digest: digestOf('nothing'), size: 7 };
      await expect(client.resolve(repositoryAt(registry.host), 'nope')).rejects.toMatchObject({
        code: 'MANIFEST_UNKNOWN',
        reason: `manifest for ${name}:nope not found (404 from ${registry.host}: manifest unknown)`,
      });
      await expect(client.tags(repositoryAt(registry.host, 'acme/none'))).rejects.toMatchObject({
        code: 'NAME_UNKNOWN',
      });
      expect((await collect(client.blob(repositoryAt(registry.host), nothing))).error).toMatchObject({
        code: 'BLOB_UNKNOWN',
      });
      await client.close();
    });
  });

  realTest('docker-registry')('with a password lets in who has it', async () => {
    await withRegistry({ htpasswd: HTPASSWD.line }, async (registry) => {
      const { username, password } = HTPASSWD;
      const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      await push(registry.host, { authorization: basic });
      const repository = repositoryAt(registry.host);
      const resolve = async (client: Client) => {
        try {
          return (await client.resolve(repository, '1')).digest;
        } finally {
          await client.close();
        }
      };
      const login = { registry: registry.host, username, password };
      expect(await resolve(openClient({ logins: [login] }))).toBe(digestOf(INDEX));
      await expect(resolve(openClient({ logins: [{ ...login, password: 'wrong' }] }))).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
        hint: expect.stringContaining(username),
      });
      await expect(resolve(openClient())).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
        reason: expect.stringContaining('pull access denied'),
      });
    });
  });
});

const SEED = path.join(SHARED, 'images', 'seed');

describe('docker-registry with real images', () => {
  // They lie beside the project, if at all; what is generated above stands for them elsewhere.
  const check = existsSync(SEED) ? realTest('docker-registry', 'skopeo') : () => {};

  check(
    'gives every document and every blob of theirs with the right digest',
    async () => {
      await withRegistry({}, async (registry) => {
        const { stdout } = await promisify(execFile)(SEED, [registry.host]);
        const images = stdout
          .trim()
          .split('\n')
          .map((line) => line.split(' '));
        expect(images.length).toBeGreaterThan(5);
        const client = openClient();
        for (const [name = '', digest = ''] of images) {
          const reference = parseReference(`${registry.host}/${name}`);
          expect((await client.resolve(reference, reference.tag ?? '')).digest).toBe(digest);
          if (isDigest(digest)) await pullAll(client, reference, digest);
        }
        await client.close();
        expect(client.events).toEqual([]);
      });
    },
    120_000,
  );
});

async function pullAll(client: Client, repository: { domain: string; path: string }, digest: Digest): Promise<void> {
  const document = await client.manifest(repository, digest);
  const parsed = parseDocument(document, repository.path);
  if (parsed.kind === 'index') {
    for (const child of parsed.manifests) await pullAll(client, repository, child.digest);
    return;
  }
  for (const blob of [parsed.config, ...parsed.layers]) {
    const { bytes, error } = await collect(client.blob(repository, blob));
    expect(error).toBeUndefined();
    expect(digestOf(bytes)).toBe(blob.digest);
  }
}
