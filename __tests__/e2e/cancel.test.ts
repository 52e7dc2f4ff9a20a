import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner } from '../support/runner.ts';
import { auditStore, unfinished } from '../support/store-audit.ts';
import { type Said, startCli } from '../support/terminal.ts';
import { until } from '../support/until.ts';

/** The promise is a second; a busy machine gets another. */
const AT_MOST_MS = 2000;
const FIRST = 'acme/first:1';
const SECOND = 'acme/second:1';

let registry: BagRegistry;
/** What becomes of requests for blobs. */
let blobs: 'come' | 'hang' | 'are refused for now' = 'come';
const bag = imageBag();
beforeAll(async () => {
  bag.tag('acme/first', '1', await bag.image({ layers: ['base', 'small'], layerSize: 20_000 }));
  bag.tag('acme/second', '1', await bag.image({ layers: ['base', 'large'], layerSize: 3_000_000 }));
  registry = await bagRegistry(bag, (route, response, { method }) => {
    if (blobs === 'come' || route.kind !== 'blob' || method !== 'GET') return false;
    if (blobs === 'are refused for now') response.writeHead(503, { 'Retry-After': '20' }).end();
    else
      response.writeHead(200, { 'Content-Length': bag.blobs.get(route.digest)?.bytes.byteLength ?? 0 }).flushHeaders();
    return true;
  });
}, 30_000);
afterAll(() => registry?.close());

let runner: Runner;
let store: string;
beforeEach(async () => {
  runner = await newRunner();
  store = path.join(runner.folder, 'store');
  blobs = 'come';
});
afterEach(() => runner.dispose());

type Start = (
  images: readonly string[],
) => Promise<{ process: { kill(signal: NodeJS.Signals): boolean }; done: Promise<Said> }>;
const hosted = (images: readonly string[]) => images.map((image) => `${registry.host}/${image}`);
const entries: [name: string, start: Start][] = [
  ['the action', async (images) => runner.start({ images: hosted(images).join('\n'), engine: 'none', store })],
  [
    'the command line',
    async (images) =>
      startCli(['pull', ...hosted(images), '--engine', 'none', '--store', store], { HOME: runner.folder }),
  ],
];
const cases = entries.flatMap(([name, start]) =>
  (['SIGINT', 'SIGTERM'] as const).map((signal) => ({ name, start, signal })),
);

async function cancel(
  running: Awaited<ReturnType<Start>>,
  signal: NodeJS.Signals,
): Promise<Said & { readonly ms: number }> {
  const cancelledAt = performance.now();
  running.process.kill(signal);
  const said = await running.done;
  return { ...said, ms: performance.now() - cancelledAt };
}

/** Ended by itself, red, soon, with one line that says why and nothing that looks like a crash. */
function expectCancelled({ code, signal, stdout, stderr, ms }: Said & { readonly ms: number }): void {
  const lines = `${stdout}${stderr}`.split('\n');
  expect({ code, signal }).toEqual({ code: 130, signal: null });
  expect(lines.filter((line) => /cancel/i.test(line))).toEqual(['pull-image: cancelled']);
  expect(lines.filter((line) => /^\s+at |Error|✗|^::error/.test(line))).toEqual([]);
  expect(ms).toBeLessThan(AT_MOST_MS);
  process.stderr.write(`cancelled in ${Math.round(ms)} ms\n`);
}

describe.each(cases)('$signal to $name', ({ start, signal }) => {
  test('in mid-download: it stops, the store is whole, and the next run goes on', async () => {
    registry.pace = { bytes: 20_000, ms: 20 };
    registry.fresh();
    const running = await start([FIRST, SECOND]);
    // The first image is complete, and the large layer of the second on its way.
    await until(async () => (await auditStore(store)).names.size > 0);
    expectCancelled(await cancel(running, signal));

    const { names, blobs: held } = await auditStore(store);
    expect([...names.keys()]).toEqual([`${registry.host}/${FIRST}`]);
    expect(await unfinished(store)).toEqual([]);
    const asked = fetched(registry.fresh(), 'blobs');
    expect(asked.some((digest) => !held.has(digest))).toBe(true);

    registry.pace = undefined;
    const next = await (await start([FIRST, SECOND])).done;
    expect(next.code).toBe(0);
    const lines = registry.fresh();
    expect([...fetched(lines, 'blobs'), ...fetched(lines, 'manifests')].filter((digest) => held.has(digest))).toEqual(
      [],
    );
    expect((await auditStore(store)).names.size).toBe(2);
  }, 30_000);

  test.each(['hang', 'are refused for now'] as const)(
    'while blobs %s: it stops all the same',
    async (what) => {
      blobs = what;
      registry.fresh();
      const running = await start([FIRST]);
      await until(() => fetched(registry.fresh(), 'blobs').length > 0);
      expectCancelled(await cancel(running, signal));
      expect((await auditStore(store)).names.size).toBe(0);
      expect(await unfinished(store)).toEqual([]);
    },
    30_000,
  );
});

test('the action, cancelled, still sets every output', async () => {
  blobs = 'hang';
  registry.fresh();
  const step = await runner.start({ images: hosted([FIRST]).join(), engine: 'none', store });
  await until(() => fetched(registry.fresh(), 'blobs').length > 0);
  step.process.kill('SIGINT');
  const { outputs } = await step.done;
  expect(outputs).toMatchObject({ digest: '', digests: '{}', pinned: '', 'cache-hit': 'false', loaded: '' });
}, 30_000);
