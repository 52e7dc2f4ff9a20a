import type { PushOutcome } from '../outcome/push.ts';
import type { PullEvent, Report } from '../outcome.ts';
import { pull } from '../pull/pull.ts';
import { pack } from '../push/parcels.ts';
import { type PushPorts, push } from '../push/push.ts';
import { storedTags } from '../push/stored-tags.ts';
import { createUploads } from '../registry/uploads.ts';
import { type PushSettings, parsePushSettings } from '../settings/push.ts';
import { splitLines, splitList } from '../settings/reader.ts';
import type { RawSettings } from '../settings.ts';
import { tagFilter } from '../sources/tag-filter.ts';
import { parseYamlTexts } from '../sources/yaml-texts.ts';
import { accessOf, openCare, type World, wire } from '../wire.ts';
import { readSources } from './sources.ts';

/** Settings of a push with what is on disk for them, and what was found there to be told. */
export interface PreparedPush {
  readonly settings: PushSettings;
  readonly events: readonly PullEvent[];
}

/**
 * Settings out of the raw text of the inputs, relative paths in this folder. With no place to push to, what the store has is pushed to its own name. `all-tags` takes the
 * tags that the store has, unless the policy is `always` or there are none: then those of the registry. Throws one INPUT_INVALID.
 */
export async function preparePush(
  raw: RawSettings,
  folder: string,
  { environment, store }: Pick<World, 'environment' | 'store'>,
): Promise<PreparedPush> {
  const { found, events } = await readSources(raw, folder, environment);
  const policy = raw.to?.trim() ? raw['pull-policy'] : 'never';
  const tagged = await withStoredTags({ ...raw, 'pull-policy': policy }, environment, store);
  return { settings: parsePushSettings(tagged, found, parseYamlTexts), events };
}

async function withStoredTags(
  raw: RawSettings,
  environment: World['environment'],
  store: string,
): Promise<RawSettings> {
  const policy = raw['pull-policy']?.trim() || 'always';
  if (raw['all-tags']?.trim() !== 'true' || policy === 'always') return raw;
  const names = (await (await openCare(store, environment)).care.list()).map(({ name }) => name);
  const choose = tagFilter(splitLines(raw.tags ?? ''));
  const images = splitList(raw.images ?? '').flatMap((image) =>
    choose(storedTags(image, names)).map((tag) => `${image}:${tag}`),
  );
  return images.length === 0 ? raw : { ...raw, images: images.join('\n'), 'all-tags': 'false', tags: '' };
}

/** Pulls what is not here, pushes it all, and lets it go again. One image that fails does not stop the others; throws CANCELLED, or what makes the whole run impossible. */
export async function runPush({ settings }: PreparedPush, world: World): Promise<PushOutcome> {
  const { signal } = world;
  const { pull: pulling, destinations, uploads: concurrency, chunkBytes } = settings;
  const leases: string[] = [];
  const quiet = pulling.request.policy === 'never';
  const report: Report = (event) => {
    if (event.type === 'leased') leases.push(event.lease);
    if (!quiet || !OF_THE_PULL.has(event.type)) world.report(event);
  };
  const { ports, close } = await wire(pulling, { ...world, report });
  const access = await accessOf({ ...pulling, concurrency }, { ...world, report });
  const uploads = createUploads({ ...access, connections: concurrency, chunkBytes, signal, report });
  try {
    const { store, now } = ports;
    const pulled = await pull(pulling.request, ports);
    const all = pulling.request.platforms === 'all';
    const { parcels, failed } = await pack(pulled.images, destinations, all, store, report);
    for (const image of failed) if (quiet) report({ type: 'pushed', image });
    const pushPorts: PushPorts = { uploads, store, report, signal, now, concurrency };
    return await push(parcels, pushPorts, failed);
  } finally {
    await Promise.allSettled(leases.map((lease) => ports.store.release(lease)));
    await Promise.all([uploads.close(), close()]);
  }
}

/** What is said of a pull that asks no registry: nothing. */
const OF_THE_PULL: ReadonlySet<PullEvent['type']> = new Set(['started', 'planned', 'progress', 'image', 'finished']);
