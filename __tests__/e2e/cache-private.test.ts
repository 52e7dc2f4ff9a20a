import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { newAuthority } from '../support/authority.ts';
import { type CacheService, startCacheService } from '../support/cache-service.ts';
import { cachedJob, printed } from '../support/cached-jobs.ts';
import { closeProxies, connectProxy } from '../support/connect-proxy.ts';
import {
  type DockerRegistry,
  HTPASSWD,
  pushBlob,
  pushManifest,
  startDockerRegistry,
} from '../support/docker-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { startNginx } from '../support/nginx.ts';
import { hasPart, realTest } from '../support/real-parts.ts';

const test = realTest('docker-registry');
const LOGIN = { username: HTPASSWD.username, password: HTPASSWD.password };
const PUBLIC = { default_branch: 'main', visibility: 'public', private: false };
const PRIVATE = { default_branch: 'main', visibility: 'private', private: true };

let locked: DockerRegistry;
let open: DockerRegistry;
let service: CacheService;
beforeAll(async () => {
  if (!hasPart('docker-registry')) return;
  locked = await startDockerRegistry({ htpasswd: HTPASSWD.line });
  open = await startDockerRegistry();
  const basic = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64');
  await push(locked.host, { authorization: `Basic ${basic}` });
  await push(open.host, {});
});
afterAll(async () => {
  await locked?.stop();
  await open?.stop();
});
beforeEach(async () => {
  service = await startCacheService();
});
afterEach(() => service.close());

async function push(host: string, headers: Record<string, string>): Promise<void> {
  const bag = imageBag();
  const target = await bag.image({ layers: ['secret'] });
  for (const { bytes, descriptor } of bag.blobs.values()) {
    if (descriptor.digest !== target.digest) await pushBlob(host, 'acme/app', bytes, headers);
  }
  const bytes = bag.blobs.get(target.digest)?.bytes ?? Buffer.alloc(0);
  await pushManifest(host, 'acme/app', '1', { mediaType: target.mediaType, bytes }, headers);
}

const save = (registry: DockerRegistry, repository: object, cache = 'auto') =>
  cachedJob(
    service,
    { images: `${registry.host}/acme/app:1`, registry: registry.host, ...LOGIN, cache },
    { repository },
  );

describe('an image that needs a login', () => {
  test('is not saved where strangers can read the cache, and the log says so', async () => {
    const { step, post } = await save(locked, PUBLIC);
    expect(step.code).toBe(0);
    expect(service.keys()).toEqual([]);
    expect(printed(post).join('\n')).toContain(
      `kept out, for the repository is public, and they need a login or come from inside your network: ${locked.host}/acme/app:1`,
    );
  }, 60_000);

  test('is not saved where nobody knows who can', async () => {
    await save(locked, {});
    expect(service.keys()).toEqual([]);
  }, 60_000);

  test('is saved in a private repository', async () => {
    await save(locked, PRIVATE);
    expect(service.keys()).toHaveLength(2);
  }, 60_000);

  test('is saved in a public one if the user says so', async () => {
    await save(locked, PUBLIC, 'true');
    expect(service.keys()).toHaveLength(2);
  }, 60_000);
});

describe('an image of a registry on this machine, which gives it to anybody here', () => {
  const saved = async (cache?: string) => {
    const { post } = await cachedJob(
      service,
      { images: `${open.host}/acme/app:1`, ...(cache ? { cache } : {}) },
      { repository: PUBLIC },
    );
    return { keys: service.keys().length, said: printed(post).join('\n') };
  };

  test('is not saved where strangers can read the cache, and the log says so', async () => {
    const { keys, said } = await saved();
    expect(keys).toBe(0);
    expect(said).toContain(`come from inside your network: ${open.host}/acme/app:1`);
  }, 60_000);

  test('is saved if the user says so', async () => {
    expect((await saved('true')).keys).toBe(2);
  }, 60_000);
});

// The proxy looks the name up, so that to the job the registry is on the internet.
describe('an image of a registry on the internet', () => {
  const pulls = realTest('docker-registry', 'nginx', 'openssl');
  afterEach(closeProxies);

  async function savedFrom(registry: DockerRegistry): Promise<{ keys: number; heads: number }> {
    const authority = await newAuthority();
    const front = await startNginx(registry.host, await authority.issue(['registry.test']));
    const proxy = await connectProxy();
    const environment = {
      HTTPS_PROXY: `http://${proxy.host}`,
      NO_PROXY: '127.0.0.1,localhost',
      SSL_CERT_FILE: authority.file,
    };
    const host = `registry.test:${front.port}`;
    const before = (await registry.log()).length;
    try {
      const inputs = { images: `${host}/acme/app:1`, registry: host, ...LOGIN };
      const { step } = await cachedJob(service, inputs, { repository: PUBLIC, environment });
      expect(step.errors).toEqual([]);
    } finally {
      await front.stop();
      await authority.dispose();
    }
    const heads = (await registry.log())
      .slice(before)
      .filter((line) => line.includes('HEAD /v2/acme/app/manifests/sha256:'));
    return { keys: service.keys().length, heads: heads.length };
  }

  pulls(
    'that anybody may have is saved in a public repository, though a login was sent',
    async () => {
      expect(await savedFrom(open)).toEqual({ keys: 2, heads: 1 });
    },
    60_000,
  );

  pulls(
    'that needs a login is not',
    async () => {
      expect((await savedFrom(locked)).keys).toBe(0);
    },
    60_000,
  );
});
