import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { demoCatalog } from './demo-images.ts';
import { createReporter } from './github/reporter.ts';
import { count } from './lib/format.ts';
import { pull } from './pull/pull.ts';
import { serve } from './server/server.ts';
import { parseSettings } from './settings.ts';
import { openStore } from './store/layout-store.ts';
import { wire } from './wire.ts';

type Say = (line: string) => void;

/**
 * The main job on this machine alone, with nothing installed: a registry of its own on loopback, two images that share a layer, pulled cold and then warm into a
 * store that is gone afterwards. Returns the exit code.
 */
export async function demo(
  signal: AbortSignal,
  say: Say = (line) => process.stdout.write(`${line}\n`),
): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-demo-'));
  try {
    const origin = await openStore(path.join(folder, 'registry'), { run: 'demo', signal });
    const catalog = await demoCatalog(origin, signal);
    const asked: string[] = [];
    const server = await serve(catalog, origin, (request) => asked.push(request));
    try {
      return await twice({ host: server.host, asked }, path.join(folder, 'store'), signal, say);
    } finally {
      await server.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A registry, and what it has been asked since that was last counted. */
interface Observed {
  readonly host: string;
  readonly asked: string[];
}

async function twice(server: Observed, store: string, signal: AbortSignal, say: Say): Promise<number> {
  const images = [`${server.host}/demo/app:1`, `${server.host}/demo/worker:1`];
  say(`A registry on ${server.host} serves two images of one base. Pulling both into an empty store:\n`);
  await run(images, server, store, signal, say);
  say('\nThe same again; the store has every layer now:\n');
  const { digests, failed } = await run(images, server, store, signal, say);
  say('\nWhat later steps get as outputs (pinned):\n');
  for (const line of digests) say(`  ${line}`);
  say('\nFor real: npm start -- pull redis:7');
  return failed > 0 ? 1 : 0;
}

async function run(images: readonly string[], server: Observed, store: string, signal: AbortSignal, say: Say) {
  const settings = parseSettings({ images: images.join('\n'), platforms: 'linux/amd64', engine: 'none' });
  const report = createReporter({ write: (text) => say(text.replace(/\n$/, '')) });
  const { ports, close } = await wire(settings, { environment: {}, store, report, signal });
  const outcome = await pull(settings.request, ports).finally(close);
  const requests = server.asked.splice(0);
  const blobs = requests.filter((request) => request.includes('/blobs/')).length;
  say(`\n${count(requests.length, 'request')} to the registry, ${blobs} of them for blobs.`);
  const digests = outcome.images.map(({ key, digest }) => `${key}@${digest}`);
  return { digests, failed: outcome.totals.failed };
}
