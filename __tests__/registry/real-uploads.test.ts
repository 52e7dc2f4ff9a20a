import { describe, expect } from '@jest/globals';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { OCI_LAYER_GZIP } from '../../src/oci/media-types.ts';
import type { BlobSource } from '../../src/ports.ts';
import { collect, openClient, repositoryAt } from '../support/client.ts';
import { type DockerRegistry, HTPASSWD, startDockerRegistry } from '../support/docker-registry.ts';
import { imageBag, noise } from '../support/image-builder.ts';
import { realTest } from '../support/real-parts.ts';
import { uploadCutter } from '../support/upload-cutter.ts';
import { openUploads } from '../support/uploads-client.ts';

const test = realTest('docker-registry');

function bagOf(name: string, size: number) {
  const bag = imageBag();
  const bytes = noise(name, size);
  const source: BlobSource = {
    async *open(_, { start, end } = { start: 0, end: size }) {
      for (let at = start; at < end; at += 65_536) yield bytes.subarray(at, Math.min(end, at + 65_536));
    },
  };
  return { bag: { source }, blob: bag.add(OCI_LAYER_GZIP, bytes), bytes };
}

const requestsOf = async (registry: DockerRegistry) =>
  (await registry.log()).map((line) =>
    (/"(\w+ \S+) HTTP\/1.1" (\d+)/.exec(line)?.slice(1).join(' ') ?? line)
      .replace(/uploads\/[0-9a-f-]{36}\S*/, 'uploads/ID')
      .replace(/sha256:[0-9a-f]{64}/g, 'DIGEST')
      .replace(/sha256%3A[0-9a-f]{64}/g, 'DIGEST'),
  );

async function withRegistry(run: (registry: DockerRegistry) => Promise<void>, options = {}): Promise<void> {
  const registry = await startDockerRegistry(options);
  try {
    await run(registry);
  } finally {
    await registry.stop();
  }
}

describe('docker-registry', () => {
  test('takes a blob in one PUT, knows it the next time, and mounts it elsewhere', async () => {
    await withRegistry(async (registry) => {
      const { bag, blob, bytes } = bagOf('one', 3_000_000);
      const uploads = openUploads();
      const [app, other] = [repositoryAt(registry.host), repositoryAt(registry.host, 'acme/other')];
      expect(await uploads.blob(app, blob, bag.source)).toBe('uploaded');
      expect(await uploads.blob(app, blob, bag.source)).toBe('present');
      expect(await uploads.blob(other, blob, bag.source, app)).toBe('mounted');
      await uploads.close();
      expect(await requestsOf(registry)).toEqual([
        'HEAD /v2/acme/app/blobs/DIGEST 404',
        'POST /v2/acme/app/blobs/uploads/ 202',
        'PUT /v2/acme/app/blobs/uploads/ID 201',
        'HEAD /v2/acme/app/blobs/DIGEST 200',
        'HEAD /v2/acme/other/blobs/DIGEST 404',
        'POST /v2/acme/other/blobs/uploads/?mount=DIGEST&from=acme%2Fapp 201',
      ]);
      const client = openClient();
      expect((await collect(client.blob(other, blob))).bytes.equals(bytes)).toBe(true);
      await client.close();
    });
  });

  test('takes a blob in chunks', async () => {
    await withRegistry(async (registry) => {
      const { bag, blob } = bagOf('two', 2_500_000);
      const uploads = openUploads({ chunkBytes: 1_000_000 });
      expect(await uploads.blob(repositoryAt(registry.host), blob, bag.source)).toBe('uploaded');
      await uploads.close();
      expect((await requestsOf(registry)).slice(1)).toEqual([
        'POST /v2/acme/app/blobs/uploads/ 202',
        ...Array(3).fill('PATCH /v2/acme/app/blobs/uploads/ID 202'),
        'PUT /v2/acme/app/blobs/uploads/ID 201',
      ]);
    });
  });

  test('a mount from where there is nothing becomes an upload, in the session that was begun', async () => {
    await withRegistry(async (registry) => {
      const { bag, blob } = bagOf('three', 1000);
      const uploads = openUploads();
      const from = repositoryAt(registry.host, 'acme/empty');
      expect(await uploads.blob(repositoryAt(registry.host), blob, bag.source, from)).toBe('uploaded');
      await uploads.close();
      expect((await requestsOf(registry)).filter((line) => line.startsWith('POST'))).toHaveLength(1);
    });
  });

  test('an upload that is cut off is taken up again', async () => {
    await withRegistry(async (registry) => {
      const cutter = await uploadCutter(registry.host);
      const { bag, blob, bytes } = bagOf('four', 12_000_000);
      const uploads = openUploads({ chunkBytes: 2_000_000 });
      cutter.cutAfter([3_000_000, 4_500_000]);
      expect(await uploads.blob(repositoryAt(cutter.host), blob, bag.source)).toBe('uploaded');
      await uploads.close();
      expect(cutter.left()).toBe(0);
      expect(uploads.events.filter(({ type }) => type === 'retry').length).toBeGreaterThanOrEqual(2);
      const client = openClient();
      expect((await collect(client.blob(repositoryAt(registry.host), blob))).bytes.equals(bytes)).toBe(true);
      await client.close();
      await cutter.close();
    });
  });

  test('with a password takes from who has it, and tells who has not', async () => {
    await withRegistry(
      async (registry) => {
        const { bag, blob } = bagOf('five', 1000);
        const { username, password } = HTPASSWD;
        const login = { registry: registry.host, username, password };
        const app = repositoryAt(registry.host);
        const good = openUploads({ logins: [login] });
        expect(await good.blob(app, blob, bag.source)).toBe('uploaded');
        await good.close();
        const bad = openUploads({ logins: [{ ...login, password: 'wrong' }] });
        await expect(bad.blob(app, bagOf('six', 10).blob, bag.source)).rejects.toMatchObject({
          code: 'UNAUTHORIZED',
          reason: expect.stringContaining(`push access denied for ${registry.host}/acme/app`),
          hint: expect.stringContaining('lack the right to write'),
        });
        await bad.close();
        const nobody = openUploads();
        await expect(nobody.blob(app, bagOf('six', 10).blob, bag.source)).rejects.toMatchObject({
          code: 'UNAUTHORIZED',
          hint: expect.stringContaining('pull-image login'),
        });
        await nobody.close();
      },
      { htpasswd: HTPASSWD.line },
    );
  });

  test('bytes that are not what their digest says are never sent to their end', async () => {
    await withRegistry(async (registry) => {
      const { blob } = bagOf('seven', 1000);
      const source: BlobSource = {
        async *open() {
          yield Buffer.alloc(1000);
        },
      };
      const uploads = openUploads();
      await expect(uploads.blob(repositoryAt(registry.host), blob, source)).rejects.toMatchObject({
        code: 'REGISTRY_ANSWER',
        reason: expect.stringMatching(/400 Bad Request .*digest/),
      });
      await uploads.close();
    });
  });

  test('a manifest whose children are missing is refused, in words', async () => {
    await withRegistry(async (registry) => {
      const bag = imageBag();
      const image = await bag.image({ layers: ['a'] });
      const bytes = bag.blobs.get(image.digest as Digest)?.bytes ?? Buffer.alloc(0);
      const uploads = openUploads();
      const document = { mediaType: image.mediaType, digest: digestOf(bytes), bytes };
      await expect(uploads.manifest(repositoryAt(registry.host), document, '1')).rejects.toMatchObject({
        message: expect.stringMatching(/400 Bad Request to the request for \S+acme\/app:1: blob unknown to registry/),
      });
      await uploads.close();
    });
  });
});
