import path from 'node:path';
import { createLayerCache } from './github/layer-cache.ts';
import { createReporter } from './github/reporter.ts';
import { readState, type State } from './github/state.ts';
import { blobPath, LAYOUT_FILE } from './oci/layout.ts';
import type { Report } from './outcome.ts';
import type { LayerCache, Ports } from './ports.ts';
import { publicOnly, saveImages, saveTags } from './pull/save.ts';
import { anonymousRegistry, openCare } from './wire.ts';

/** At most so many new entries a run, for others share the quota. */
const MOST_ENTRIES = 40;
const DEADLINE_MS = 180_000;
const HURRIED_DEADLINE_MS = 60_000;
/** How long sweeping and letting go may take beyond that. */
const REST_MS = 5_000;

/** The end of the job: what this job fetched goes into the cache, the store is let go and swept. Never fails the job. */
async function finishJob(state: State): Promise<void> {
  const report = createReporter({ groups: true, quiet: state.quiet });
  const deadline = state.interrupted ? HURRIED_DEADLINE_MS : DEADLINE_MS;
  const startedAt = Date.now();
  const signal = AbortSignal.timeout(deadline);
  setTimeout(() => process.exit(0), deadline + REST_MS).unref();
  const { store, care } = await openCare(state.store, process.env);
  const cache = createLayerCache({
    childPath: path.join(import.meta.dirname, '..', 'cache', 'index.js'),
    staging: path.join(state.store, 'staging'),
    environment: process.env,
    report,
    signal,
    deadline: startedAt + deadline,
  });
  try {
    if (state.rule.write && cache.writable) await save(state, { cache, store, now: Date.now, signal }, report);
  } finally {
    await cache.close();
    for (const lease of state.leases) await store.release(lease);
    const { images, bytes } = await care.sweep(state.storeMaxSize);
    if (images > 0) report({ type: 'swept', images, bytes });
  }
}

async function save(
  state: State,
  ports: Pick<Ports, 'store' | 'now' | 'signal'> & { readonly cache: LayerCache },
  report: Report,
) {
  const startedAt = Date.now();
  const images = state.rule.guardsPrivate ? await openImages(state, ports.signal) : state.images;
  const fileOf = (digest: Parameters<typeof blobPath>[0]) => path.join(state.store, blobPath(digest));
  const saved = await saveImages(images, { bytes: state.cacheMaxSave, entries: MOST_ENTRIES }, ports, fileOf);
  const pointer = { name: LAYOUT_FILE, path: path.join(state.store, LAYOUT_FILE) };
  await saveTags(images, ports, pointer, MOST_ENTRIES - saved.entries);
  const withheld = state.images.filter((image) => !images.includes(image)).map(({ key }) => key);
  const seconds = (Date.now() - startedAt) / 1000;
  report({ type: 'saved', saved: { ...saved, withheld }, limit: state.cacheMaxSave, seconds });
}

async function openImages({ images }: State, signal: AbortSignal) {
  if (!images.some(({ withLogin, inside }) => withLogin || inside)) return images;
  const registry = anonymousRegistry(signal, process.env);
  return publicOnly(images, registry).finally(() => registry.close());
}

const state = readState();
if (state) {
  try {
    await finishJob(state);
  } catch (error) {
    const message = `The end of the job is not as it should be: ${error instanceof Error ? error.message : String(error)}`;
    createReporter({ groups: true })({ type: 'warning', message });
  }
}
