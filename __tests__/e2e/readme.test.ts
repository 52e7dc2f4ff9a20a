import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { docker } from '../support/docker-cli.ts';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { ownPodman } from '../support/podman.ts';
import { pushPrograms } from '../support/program-images.ts';
import { dockerTest, hasDocker, hasPart, realTest } from '../support/real-parts.ts';
import { newRunner } from '../support/runner.ts';
import { hasRealImages, seed } from '../support/seed.ts';
import { runWorkflow, type WorkflowOptions } from '../support/workflow.ts';

const parts = ['docker-registry', 'skopeo'];
const hasParts = hasDocker() && hasPart(...parts) && hasRealImages;
const realParts = hasRealImages ? dockerTest(...parts) : realTest('real images');
const test = (name: string, run: () => Promise<void>) => realParts(name, run, 60_000);
const podmanTest: typeof test = hasPart('podman') ? test : (name, run) => realTest('podman')(name, run);
const readme = `\n${readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8')}`;

/** The YAML block under a heading, as written. */
function block(heading: string): string {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`));
  return /```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
}

const COMPOSE = 'services:\n  cache:\n    image: redis:7\n  web:\n    build: .\n';

let registry: DockerRegistry;
let project = '';
/** Programs that a test has not: what they would have found is asked of the engine instead. */
const absent = (script: string) => /^(docker compose|npm|kind|podman) /.test(script);

beforeAll(async () => {
  if (!hasParts) return;
  registry = await startDockerRegistry();
  await seed(registry.host);
  await pushPrograms(registry.host, [
    { repository: 'library/redis', tag: '7', program: 'redis-server' },
    { repository: 'library/postgres', tag: '17-alpine', program: 'postgres' },
    { repository: 'testcontainers/ryuk', tag: '0.12.0', program: 'ryuk' },
    { repository: 'acme/app', tag: 'main', program: 'app' },
    { repository: 'tools/lint', tag: '3', program: 'lint' },
  ]);
  project = mkdtempSync(path.join(tmpdir(), 'readme-'));
  writeFileSync(path.join(project, 'compose.yaml'), COMPOSE);
}, 60_000);
afterAll(async () => {
  if (!hasParts) return;
  await registry.stop();
  rmSync(project, { recursive: true });
  await forget();
});

const PRIVATE = ['ghcr.io/acme/app:main', 'registry.example.com/tools/lint:3'];
const NAMES = ['redis:7', 'postgres:17-alpine', 'testcontainers/ryuk:0.12.0', ...PRIVATE];
const forget = async () => {
  for (const name of NAMES) await docker('rmi', '--force', name).catch(() => {});
};

/** The block through the action as the runner would run it; Docker Hub is a mirror on this machine. */
async function follow(
  heading: string,
  more: Readonly<Record<string, string>> = {},
  rest: Partial<WorkflowOptions> = {},
) {
  await forget();
  const mirrors = ['docker.io', 'ghcr.io', 'registry.example.com'].map((name) => `${name}=${registry.host}`).join('\n');
  const inputs = { mirrors, ...more };
  return runWorkflow(block(heading), {
    inputs,
    checkout: project,
    vars: { DOCKERHUB_USERNAME: 'robot' },
    leaveOut: absent,
    ...rest,
  });
}

describe('the README, block by block', () => {
  test('its first job', async () => {
    const { actions, output } = await follow('# pull-image');
    expect(actions[0]?.result.outputs.loaded).toBe('redis:7\npostgres:17-alpine');
    expect(output).toMatch(
      /^redis-server runs\nredis:7@sha256:[0-9a-f]{64}\npostgres:17-alpine@sha256:[0-9a-f]{64}\n$/,
    );
  });

  test('the images of a compose project', async () => {
    const { actions, left } = await follow('### The images of a compose project');
    expect(actions[0]?.result.outputs.loaded).toBe('redis:7');
    expect(left).toEqual(['docker compose up --detach --pull never --wait']);
  });

  test('the same bytes in every leg of a matrix', async () => {
    const { actions, output } = await follow('### The same bytes in every leg of a matrix');
    const [first, ...legs] = actions.map(({ result }) => result.outputs);
    expect(legs).toHaveLength(2);
    for (const leg of legs) expect(leg.pinned).toBe(first?.pinned);
    expect(output).toBe('redis-server runs\nredis-server runs\n');
  });

  test('deploy exactly what was tested', async () => {
    const { actions, output } = await follow('### Deploy exactly what was tested');
    const { digest } = actions[0]?.result.outputs ?? {};
    expect(output).toContain(`    image: redis:7@${digest}\n`);
    expect(output).toContain(`      image: redis@${digest}\n`);
    expect(output).toMatch(/redis-server runs\n$/);
  });

  test('Testcontainers', async () => {
    const { actions } = await follow('### Testcontainers');
    expect(actions[0]?.result.outputs.loaded).toBe('postgres:17-alpine\ntestcontainers/ryuk:0.12.0');
  });

  test('a lock file', async () => {
    const locked = await newRunner();
    try {
      await follow('### A lock file', { 'update-lock': 'true' }, { runner: locked });
      const { actions } = await follow('### A lock file', {}, { runner: locked });
      const lock = readFileSync(path.join(locked.folder, 'workspace/pull-image.lock.json'), 'utf8');
      expect(lock).toContain(actions[0]?.result.outputs.digest);
    } finally {
      await locked.dispose();
    }
  });

  podmanTest('Podman', async () => {
    const own = await ownPodman();
    try {
      const environment = Object.fromEntries(
        Object.entries(own.environment).filter(([name]) => /^CONTAINERS/.test(name)),
      );
      const { actions, left } = await follow('### Podman', {}, { environment: environment as Record<string, string> });
      expect(actions[0]?.result.outputs.loaded).toBe('redis:7');
      expect(left).toEqual(['podman run --rm --pull never docker.io/library/redis:7 redis-server --version']);
      expect(await own.runs('docker.io/library/redis:7', 'redis-server')).toBe('redis-server runs');
    } finally {
      await own.dispose();
    }
  });

  test('kind', async () => {
    const { actions, left } = await follow('### kind');
    expect(actions[0]?.result.outputs.loaded).toBe('redis:7');
    expect(left).toEqual(['kind create cluster', 'kind load docker-image redis:7']);
  });

  test('self-hosted runners: the second job finds every layer in the store', async () => {
    const store = mkdtempSync(path.join(tmpdir(), 'readme-store-'));
    try {
      await follow('### Self-hosted runners', { store });
      const { actions } = await follow('### Self-hosted runners', { store });
      expect(actions[0]?.inputs).toMatchObject({ 'store-max-size': '40GB', cache: 'false' });
      expect(actions[0]?.result.outputs['cache-hit']).toBe('true');
    } finally {
      rmSync(store, { recursive: true });
    }
  });

  test('pull requests from forks', async () => {
    const { actions } = await follow('### Pull requests from forks');
    expect(actions[0]?.result.stdout).toMatch(/^::notice::.*fork/m);
    expect(actions[0]?.result.outputs.loaded).toBe('redis:7');
  });

  test('private images', async () => {
    const { actions } = await follow('## Private images');
    expect(actions[0]?.inputs['registry-auth']).toContain('registry: ghcr.io');
    expect(actions[0]?.result.outputs.loaded).toBe(PRIVATE.join('\n'));
  });

  test('networks', async () => {
    const { actions } = await follow('## Networks');
    expect(actions[0]?.inputs['insecure-registries']).toBe('10.0.0.0/8');
    expect(actions[0]?.result.outputs.loaded).toBe('redis:7');
  });

  test('mirrors', async () => {
    const { actions } = await follow('### Mirrors');
    expect((await registry.log()).some((line) => line.includes('/v2/library/redis/'))).toBe(true);
    expect(actions[0]?.result.outputs.loaded).toBe('redis:7');
  });

  test('again without a network', async () => {
    const runner = await newRunner();
    try {
      await follow('### Mirrors', {}, { runner });
      const asked = (await registry.log()).length;
      const { actions } = await follow('### Again without a network', {}, { runner });
      expect(actions[0]?.result.outputs).toMatchObject({ 'cache-hit': 'true', loaded: 'redis:7' });
      expect(await registry.log()).toHaveLength(asked);
    } finally {
      await runner.dispose();
    }
  });

  test('no block is without its test', async () => {
    const headings = readme
      .split(/^(?=#{1,3} )/m)
      .filter((section) => section.includes('```yaml'))
      .map((section) => section.slice(0, section.indexOf('\n')));
    const own = readFileSync(import.meta.filename, 'utf8');
    expect(headings.length).toBeGreaterThan(8);
    expect(headings.filter((heading) => !own.includes(`follow('${heading}'`))).toEqual([]);
  });
});
