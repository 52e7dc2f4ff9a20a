import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { ownContainerd } from '../support/containerd.ts';
import { newerDocker, type OwnDockerOptions, ownDocker } from '../support/own-docker.ts';
import { ownPodman } from '../support/podman.ts';
import { NEWER_DOCKER, realTest } from '../support/real-parts.ts';
import { type Served, served } from '../support/serving.ts';
import { type Made, makeIndex } from '../support/stored-image.ts';

const run = promisify(execFile);

let folder: string;
let image: Made;
let upstream: BagRegistry;
let registry: Served;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-clients-'));
  image = await makeIndex({ layers: ['base', 'app'] }, { layers: ['base', 'arm'], architecture: 'arm64' });
  image.bag.tag('library/app', '1', image.target);
  for (const { descriptor } of image.bag.blobs.values()) image.bag.tag('library/app', descriptor.digest, descriptor);
  upstream = await bagRegistry(image.bag);
  registry = await served({ mirrors: `docker.io=${upstream.host}` });
});
afterEach(async () => {
  await registry.dispose();
  await upstream.close();
  await rm(folder, { recursive: true, force: true });
});

/** The file that docs/serve.md shows for a program, with our port. */
async function recipe(program: string): Promise<string> {
  const page = await readFile(path.resolve(import.meta.dirname, '../../docs/serve.md'), 'utf8');
  const [, text] = new RegExp(`^\\*\\*${program}[^]*?^\`\`\`\\w+\\n([^]*?)^\`\`\`$`, 'm').exec(page) ?? [];
  if (!text?.includes('127.0.0.1:5000')) throw new Error(`docs/serve.md shows no file for ${program}`);
  return text.replaceAll('127.0.0.1:5000', registry.host);
}

const digestAt = async (at: string) => {
  const answer = await registry.ask('HEAD', at.replace(':', '/manifests/'));
  return answer.headers.get('docker-content-digest');
};

/** Runs twice: through to upstream, and when upstream is gone from the store alone. */
async function throughAndAlone(pullsDigest: () => Promise<string>): Promise<void> {
  expect(await pullsDigest()).toContain(image.target.digest);
  // The name comes as soon as the platform is whole, which the client may see first.
  while ((await registry.ask('HEAD', 'library/app/manifests/1')).status !== 200);
  await upstream.close();
  expect(await pullsDigest()).toContain(image.target.digest);
}

describe('push to it and pull from it with equal digests:', () => {
  realTest('skopeo')(
    'skopeo, every platform',
    async () => {
      const { host } = registry;
      const copy = (...args: readonly string[]) => run('skopeo', ['copy', '--quiet', '--all', ...args]);
      await copy(
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `docker://${host}/library/app:1`,
        `docker://${host}/team/app:1`,
      );
      expect(await digestAt('team/app:1')).toBe(image.target.digest);
      await copy('--src-tls-verify=false', `docker://${host}/team/app:1`, `oci:${folder}/out:1`);
      const { stdout } = await run('skopeo', ['inspect', '--format', '{{.Digest}}', `oci:${folder}/out:1`]);
      expect(stdout).toContain('sha256:');
      await copy('--dest-tls-verify=false', `oci:${folder}/out:1`, `docker://${host}/team/back:1`);
      expect(await digestAt('team/back:1')).toBe(image.target.digest);
    },
    60_000,
  );

  realTest('podman')(
    'podman',
    async () => {
      const own = await ownPodman(folder);
      try {
        await own.podman('pull', '--tls-verify=false', `${registry.host}/library/app:1`);
        await own.podman(
          'push',
          '--tls-verify=false',
          '--digestfile',
          `${folder}/digest`,
          `${registry.host}/library/app:1`,
          `${registry.host}/team/app:1`,
        );
        const { stdout } = await run('cat', [`${folder}/digest`]);
        expect(stdout.trim()).toBe(await digestAt('team/app:1'));
      } finally {
        await own.dispose();
      }
    },
    90_000,
  );

  realTest('docker', 'dockerd')(
    'docker',
    async () => {
      const own = await ownDocker();
      try {
        await own.start();
        expect(await own.docker('pull', `${registry.host}/library/app:1`)).toContain(image.target.digest);
        await own.docker('tag', `${registry.host}/library/app:1`, `${registry.host}/team/app:1`);
        expect(await own.docker('push', `${registry.host}/team/app:1`)).toContain(`${await digestAt('team/app:1')}`);
      } finally {
        await own.dispose();
      }
    },
    90_000,
  );
});

describe('as a mirror of Docker Hub, and alone when upstream is gone:', () => {
  async function dockerd(options: OwnDockerOptions): Promise<void> {
    const mirrors = JSON.parse(await recipe('Docker'))['registry-mirrors'];
    const own = await ownDocker({ ...options, mirrors });
    try {
      await own.start();
      await throughAndAlone(async () => {
        const said = await own.docker('pull', 'app:1');
        await own.docker('rmi', 'app:1');
        return said;
      });
    } finally {
      await own.dispose();
    }
  }

  realTest('docker', 'dockerd')('dockerd with registry-mirrors', () => dockerd({}), 120_000);

  for (const store of ['graphdriver', 'containerd'] as const)
    realTest(NEWER_DOCKER)(
      `a later dockerd with registry-mirrors and the ${store} store`,
      () => dockerd({ newer: newerDocker(), store }),
      120_000,
    );

  realTest('containerd', 'ctr')(
    'containerd with hosts.toml',
    async () => {
      await mkdir(path.join(folder, 'docker.io'));
      await writeFile(path.join(folder, 'docker.io/hosts.toml'), await recipe('containerd'));
      const own = await ownContainerd();
      try {
        await throughAndAlone(async () => {
          await own.ctr(
            'images',
            'pull',
            '--hosts-dir',
            folder,
            '--platform',
            'linux/amd64',
            'docker.io/library/app:1',
          );
          const said = await own.ctr('images', 'ls');
          await own.ctr('images', 'rm', '--sync', 'docker.io/library/app:1');
          return said;
        });
      } finally {
        await own.stop();
      }
    },
    120_000,
  );

  realTest('podman')(
    'podman with registries.conf',
    async () => {
      const config = path.join(folder, 'registries.conf');
      await writeFile(config, await recipe('Podman'));
      const own = await ownPodman(folder);
      const env = { ...own.environment, CONTAINERS_REGISTRIES_CONF: config };
      try {
        await throughAndAlone(async () => {
          await run('podman', ['pull', '--quiet', 'docker.io/library/app:1'], { env });
          const { stdout } = await run('podman', ['images', '--digests', '--format', '{{.Digest}}'], { env });
          await run('podman', ['rmi', '--force', 'docker.io/library/app:1'], { env });
          return stdout;
        });
      } finally {
        await own.dispose();
      }
    },
    120_000,
  );
});
