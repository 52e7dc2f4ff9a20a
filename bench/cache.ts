// npm run bench:cache: the layer cache beside the bare @actions/cache and beside the registry, against a stand-in of the cache service on this machine.
// Prints Markdown. Ratios are of medians of runs that took turns; absolute figures are this machine's.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { tokenFor } from '../__tests__/support/cache-service/entries.ts';
import { imageBag, noise } from '../__tests__/support/image-builder.ts';
import { newRunner, type Runner } from '../__tests__/support/runner.ts';
import { createLayerCache } from '../src/github/layer-cache.ts';
import { digestOf } from '../src/oci/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../src/oci/media-types.ts';
import { serve } from '../src/server/server.ts';
import { openStore } from '../src/store/layout-store.ts';
import { MB, machine, median, say } from './figures.ts';
import { inFolder } from './folder.ts';
import { memoryOf, treeOf } from './processes.ts';
import { type Shape, shapingProxy } from './shaping-proxy.ts';

const run = promisify(execFile);
const here = import.meta.dirname;
const ROUNDS = 5;
const LAYERS = [0, 1, 2].map((number) => noise(`layer ${number}`, 100 * MB));
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'] as const;

/** The stand-in in a process of its own, as it is for real. */
async function startService(...flags: string[]) {
  const [command, flag] = NODE;
  const child = spawn(command, [flag, path.join(here, '../__tests__/support/cache-service.ts'), '0', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [text] = await once(child.stdout, 'data');
  const environment: Record<string, string> = {
    ACTIONS_CACHE_SERVICE_V2: 'True',
    ACTIONS_RESULTS_URL: String(text).trim(),
    ACTIONS_RUNTIME_TOKEN: tokenFor({ read: ['main'], write: 'main' }),
  };
  return { environment, close: () => child.stdin.end() };
}

async function bare(task: 'save' | 'restore', folder: string, environment: Record<string, string>): Promise<number> {
  const names = LAYERS.map((_, number) => `layers/${number}`);
  const [command, flag] = NODE;
  const { stdout } = await run(command, [flag, path.join(here, 'bare-restore.ts'), task, 'bare', ...names], {
    cwd: folder,
    env: { PATH: process.env.PATH, RUNNER_TEMP: folder, GITHUB_WORKSPACE: folder, ...environment },
  });
  return Number(/milliseconds (\d+)/.exec(stdout)?.[1]);
}

/** Three entries at once through the adapter, each through the store's door: what a job does. */
async function ours(task: 'save' | 'restore', folder: string, environment: Record<string, string>): Promise<number> {
  const store = await openStore(path.join(folder, 'store'));
  const cache = createLayerCache({
    childPath: path.join(here, '../dist/cache/index.js'),
    staging: path.join(folder, 'store', 'staging'),
    environment: { PATH: process.env.PATH, ...environment },
    report: (event) => event.type === 'warning' && say(`warning: ${event.message}`),
    signal: new AbortController().signal,
  });
  const startedAt = performance.now();
  await Promise.all(
    LAYERS.map(async (bytes, number) => {
      const key = `layer-${number}`;
      if (task === 'save') return cache.save(key, [{ name: key, path: path.join(folder, 'layers', String(number)) }]);
      const entry = await cache.restore(key, bytes.byteLength);
      if (!entry?.files[0]) throw new Error('the entry was not there');
      return store.adopt(entry.files[0].path, { digest: digestOf(bytes), size: bytes.byteLength });
    }),
  );
  const took = performance.now() - startedAt;
  await cache.close();
  return took;
}

async function besideBare(title: string, ...flags: string[]): Promise<void> {
  const service = await startService(...flags);
  const times = { bare: [] as number[], ours: [] as number[] };
  await inFolder(async (folder) => {
    await mkdir(path.join(folder, 'layers'));
    for (const [number, bytes] of LAYERS.entries()) await writeFile(path.join(folder, 'layers', String(number)), bytes);
    await bare('save', folder, service.environment);
    await ours('save', folder, service.environment);
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    await inFolder(async (folder) => times.bare.push(await bare('restore', folder, service.environment)));
    await inFolder(async (folder) => times.ours.push(await ours('restore', folder, service.environment)));
  }
  service.close();
  const [b, o] = [median(times.bare), median(times.ours)];
  say(`| ${title} | ${Math.round(b)} ms | ${Math.round(o)} ms | ${(o / b).toFixed(2)} |`);
}

/** A whole step, started as the runner does: once from the registry, once from the cache, taking turns. */
async function besideRegistry(title: string, registryShape: Shape, ...flags: string[]): Promise<void> {
  const bag = imageBag();
  const layers = LAYERS.map((bytes) => bag.add('application/vnd.oci.image.layer.v1.tar', bytes));
  const config = bag.add(OCI_CONFIG, {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  bag.tag('bench', '1', bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }));
  const origin = await serve(bag.catalog, bag.source);
  const proxy = await shapingProxy(origin.host, registryShape);
  const service = await startService(...flags);
  const images = `${proxy.host}/bench:1`;
  const step = async (
    cache: string,
    then?: (runner: Runner, result: Awaited<ReturnType<Runner['run']>>) => Promise<unknown>,
  ) => {
    const runner = await newRunner();
    const startedAt = performance.now();
    const result = await runner.run({ images, engine: 'none', cache }, service.environment);
    const took = performance.now() - startedAt;
    if (result.code !== 0 || result.outputs['cache-hit'] !== String(cache === 'read-only'))
      throw new Error(result.stdout + result.stderr);
    await then?.(runner, result);
    await runner.dispose();
    return took;
  };
  await step('true', (runner, result) => runner.post(result, service.environment));
  const times = { registry: [] as number[], cache: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.registry.push(await step('false'));
    times.cache.push(await step('read-only'));
  }
  proxy.close();
  await origin.close();
  service.close();
  const [r, c] = [median(times.registry), median(times.cache)];
  say(`| ${title} | ${Math.round(r)} ms | ${Math.round(c)} ms | ${(c / r).toFixed(2)} |`);
}

/** Peak of the memory of this process' children together, sampled while a job restores 4 × 300 MB. */
async function memory(): Promise<void> {
  const bag = imageBag();
  const layers = [0, 1, 2, 3].map((number) =>
    bag.add('application/vnd.oci.image.layer.v1.tar', noise(`large ${number}`, 300 * MB)),
  );
  const config = bag.add(OCI_CONFIG, {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  bag.tag('large', '1', bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }));
  const origin = await serve(bag.catalog, bag.source);
  const service = await startService();
  const images = `${origin.host}/large:1`;
  const first = await newRunner();
  await first.post(
    await first.run({ images, engine: 'none', cache: 'true' }, service.environment),
    service.environment,
  );
  await first.dispose();
  const second = await newRunner();
  const { process: main, done } = await second.start(
    { images, engine: 'none', cache: 'read-only' },
    service.environment,
  );
  let peak = 0;
  const timer = setInterval(() => {
    const resident = treeOf(main.pid ?? 0).map((pid) => memoryOf(pid, 'VmRSS'));
    peak = Math.max(
      peak,
      resident.reduce((sum, bytes) => sum + bytes, 0),
    );
  }, 50);
  const { outputs } = await done;
  clearInterval(timer);
  await second.dispose();
  await origin.close();
  service.close();
  if (outputs['cache-hit'] !== 'true') throw new Error('not from the cache');
  say(
    `Peak memory of a step that restores 4 × 300 MB, main and child and their programs together: ${Math.round(peak / MB)} MB.`,
  );
}

say(`${machine()}; medians of ${ROUNDS} that took turns\n`);
say(
  'Restore of 3 × 100 MB: the bare @actions/cache with one entry, and ours with three, each hashed on its way into the store\n',
);
say('| shape | @actions/cache | ours | ratio |\n|---|---:|---:|---:|');
await besideBare('bare loopback');
await besideBare('100 ms a call, 60 MB/s a connection', '--call-ms', '100', '--mb-per-second', '60');
say('\nA whole step for the same 3 × 100 MB, from the registry and from the cache\n');
say('| shape | registry | cache | ratio |\n|---|---:|---:|---:|');
await besideRegistry('both on bare loopback', {});
await besideRegistry(
  'both 60 MB/s a connection; registry 20 ms, cache 100 ms a call',
  { rate: 60 * MB, latencyMs: 20 },
  '--call-ms',
  '100',
  '--mb-per-second',
  '60',
);
await besideRegistry(
  'registry 25 MB/s a connection and 20 ms; cache 60 MB/s and 100 ms a call',
  { rate: 25 * MB, latencyMs: 20 },
  '--call-ms',
  '100',
  '--mb-per-second',
  '60',
);
say();
await memory();
