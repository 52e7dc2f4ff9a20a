import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { hasPart, realTest } from '../support/real-parts.ts';
import { newRunner, type Runner, type StepResult } from '../support/runner.ts';
import { type Seeded, seed } from '../support/seed.ts';

const run = promisify(execFile);
const test = realTest('docker-registry', 'skopeo');
const hasParts = hasPart('docker-registry', 'skopeo');

let registry: DockerRegistry;
let seeded: readonly Seeded[];
let runner: Runner;
beforeAll(async () => {
  if (!hasParts) return;
  registry = await startDockerRegistry();
  seeded = await seed(registry.host);
}, 60_000);
afterAll(() => registry?.stop());
beforeEach(async () => {
  runner = await newRunner();
});
afterEach(() => runner.dispose());

const requestsOf = (lines: readonly string[]) =>
  lines.map((line) => /"((?:GET|HEAD) [^"]*) HTTP/.exec(line)?.[1] ?? line);
const since = async (before: number) => requestsOf((await registry.log()).slice(before));

async function pullAll(runner: Runner, images: readonly Seeded[], platforms = ''): Promise<StepResult> {
  return runner.run({
    images: images.map(({ name }) => `${registry.host}/${name}`).join('\n'),
    platforms,
    engine: 'none',
  });
}

describe('the action against a real registry', () => {
  test('pulls every image; digests, store and second run are what they should be', async () => {
    const byPlatform = new Map<string, Seeded[]>();
    for (const image of seeded) byPlatform.set(image.platform, [...(byPlatform.get(image.platform) ?? []), image]);
    for (const [platform, images] of byPlatform) {
      const result = await pullAll(runner, images, platform);
      expect(result.stderr).toBe('');
      expect(result.errors).toEqual([]);
      expect(result.code).toBe(0);
      expect(JSON.parse(result.outputs.digests ?? '')).toEqual(
        Object.fromEntries(images.map(({ name, digest }) => [`${registry.host}/${name}`, digest])),
      );
      expect(result.outputs.digest).toBe(images[0]?.digest);
      expect(result.outputs['cache-hit']).toBe('false');
      for (const { name } of images) await skopeoAccepts(`oci:${result.outputs.store}:${registry.host}/${name}`);

      const before = (await registry.log()).length;
      const again = await pullAll(runner, images, platform);
      expect(again.outputs['cache-hit']).toBe('true');
      expect(again.outputs.pinned).toBe(result.outputs.pinned);
      const requests = await since(before);
      expect(requests.filter((request) => !request.startsWith('HEAD'))).toEqual([]);
      expect(requests).toHaveLength(images.length);

      const pinned = await runner.run({ images: result.outputs.pinned ?? '', platforms: platform, engine: 'none' });
      expect(pinned.code).toBe(0);
      expect(await since(before)).toHaveLength(images.length);
    }
  }, 60_000);

  test('platforms: all stores whole indexes', async () => {
    const result = await pullAll(runner, seeded, 'all');
    expect(result.code).toBe(0);
    for (const { name, digest } of seeded) {
      const { stdout } = await run('skopeo', [
        'inspect',
        '--raw',
        '--tls-verify=false',
        `docker://${registry.host}/${name}`,
      ]);
      const stored = await readFile(path.join(result.outputs.store ?? '', 'blobs', digest.replace(':', '/')), 'utf8');
      expect(stored).toBe(stdout);
      await skopeoAccepts(`oci:${result.outputs.store}:${registry.host}/${name}`);
    }
  }, 60_000);

  test('one bad image among good ones: red, one annotation each, everything else is there', async () => {
    const good = `${registry.host}/${seeded[0]?.name}`;
    const bad = [`${registry.host}/library/busybox:gone`, `${registry.host}/no/such:1`, '127.0.0.1:1/x:1', 'Bad:1'];
    const result = await runner.run({ images: [...bad, good].join('\n'), engine: 'none' });
    expect(result.code).toBe(1);
    expect(result.errors).toHaveLength(bad.length);
    const { images, totals } = JSON.parse(result.outputs.json ?? '');
    expect(totals).toMatchObject({ images: 5, failed: 4 });
    expect(images[good]).toMatchObject({ digest: seeded[0]?.digest });
    expect(images[good].error).toBeUndefined();
    expect(images[bad[0] ?? ''].error.message).toContain(`${registry.host}/library/busybox:gone`);
    expect(images[bad[2] ?? ''].error.message).toContain('connection refused');
    expect(result.outputs.pinned).toBe(`${good}@${seeded[0]?.digest}`);
    expect(result.outputs['cache-hit']).toBe('false');
    expect(JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')).images[good].platforms).toBeDefined();
    expect(result.summary).toContain('no/such');
  }, 60_000);

  test('wrong inputs: red, one annotation that lists them all, outputs set', async () => {
    const result = await runner.run({ images: '', platforms: 'linux/amd64/a/b', engine: 'rocket' });
    expect(result.code).toBe(1);
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]?.message).toContain('3 mistakes');
    expect(result.outputs).toMatchObject({
      digest: '',
      digests: '{}',
      pinned: '',
      'cache-hit': 'false',
      loaded: '',
      store: '',
    });
    expect(result.summary).toContain('**3 mistakes in the inputs, nothing was pulled**');
    expect(result.summary.match(/^- ❌ (images|platforms|engine): /gm)).toHaveLength(3);
    expect(await runner.post(result)).toMatchObject({ code: 0, stdout: '', stderr: '', summary: '' });
    const silent = await runner.run({ images: '', summary: 'false' });
    expect(silent).toMatchObject({ code: 1, summary: '' });
  });

  test('outputs that cannot be set: red, with one annotation more and no stack', async () => {
    const result = await runner.run({ images: '' }, { GITHUB_OUTPUT: path.join(runner.folder, 'gone', 'output') });
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.errors.map(({ title }) => title)).toEqual([
      'pull-image (INPUT_INVALID)',
      'pull-image (INPUT_INVALID)',
    ]);
    expect(result.errors[1]?.message).toMatch(/^GITHUB_OUTPUT: the outputs cannot be set: .*gone.output/);
    expect(result.stdout).not.toMatch(/^\s+at /m);
  });
});

async function skopeoAccepts(source: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'skopeo-'));
  try {
    await run('skopeo', ['--insecure-policy', 'copy', '-q', source, `dir:${folder}`]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
