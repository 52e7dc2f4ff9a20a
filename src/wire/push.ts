import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { count } from '../lib/format.ts';
import type { PushOutcome } from '../outcome/push.ts';
import type { PullEvent, Report } from '../outcome.ts';
import type { StoreCare } from '../ports.ts';
import { tooManyTags } from '../pull/all-tags.ts';
import { pull } from '../pull/pull.ts';
import { pack } from '../push/parcels.ts';
import { type PushPorts, push } from '../push/push.ts';
import { storedTags } from '../push/stored-tags.ts';
import { createUploads } from '../registry/uploads.ts';
import type { Found } from '../settings/found.ts';
import { type PushSettings, parsePushSettings } from '../settings/push.ts';
import { reader, splitLines, splitList } from '../settings/reader.ts';
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
 * tags that the store has, unless the policy is `always` or there are none: then those of the registry, or NO_TAGS where that is not to be asked. Throws one INPUT_INVALID.
 */
export async function preparePush(
  raw: RawSettings,
  folder: string,
  { environment, store }: Pick<World, 'environment' | 'store'>,
): Promise<PreparedPush> {
  const { found, events } = await readSources(raw, folder, environment);
  const policy = raw.to?.trim() ? raw['pull-policy'] : 'never';
  const list = async () => (await openCare(store, environment)).care.list();
  const tagged = await withStoredTags({ ...raw, 'pull-policy': policy }, found, list);
  const settings = parsePushSettings(tagged.raw, tagged.found, parseYamlTexts);
  const { maxTags } = settings.pull.request;
  const many = tagged.stored.find(({ tags }) => tags.length > maxTags);
  if (many) throw tooMany(many, maxTags);
  return { settings, events };
}

/** A repository as it was written, and the tags that the store has of it. */
interface Stored {
  readonly image: string;
  readonly tags: readonly string[];
}

/** Repositories that the store has tags of as images of these tags, beside what files name; the others are left for the registry to be asked about. */
async function withStoredTags(
  raw: RawSettings,
  found: Found,
  list: StoreCare['list'],
): Promise<{ readonly raw: RawSettings; readonly found: Found; readonly stored: readonly Stored[] }> {
  // What is wrong with them is said where all inputs are read.
  const read = reader(raw);
  const policy = read.text('pull-policy') ?? 'always';
  if (!read.boolean('all-tags', false) || policy === 'always') return { raw, found, stored: [] };
  const names = (await list()).map(({ name }) => name);
  const choose = tagFilter(splitLines(raw.tags ?? ''));
  const all = splitList(raw.images ?? '').map((image) => ({ image, tags: choose(storedTags(image, names)) }));
  const absent = all.filter(({ tags }) => tags.length === 0).map(({ image }) => image);
  if (absent.length > 0 && policy === 'never') throw noTags(absent, splitLines(raw.tags ?? ''));
  const images = all.flatMap(({ image, tags }) => tags.map((tag) => ({ text: `${image}:${tag}`, at: 'all-tags' })));
  const rest = absent.length > 0 ? { images: absent.join('\n') } : { images: '', 'all-tags': 'false', tags: '' };
  return { raw: { ...raw, ...rest }, found: { ...found, images: [...images, ...found.images] }, stored: all };
}

const tooMany = ({ image, tags }: Stored, allowed: number): PullError =>
  tooManyTags(clean(image, 300), `push ${count(tags.length, 'tag')} of the store`, tags.length, allowed);

function noTags(repositories: readonly string[], patterns: readonly string[]): PullError {
  const which = patterns.length > 0 ? ` that matches ${clean(patterns.join(' '), 300)}` : '';
  const reason = `the store has no tag of it${which}; nothing was pushed`;
  const hint =
    'See pull-image ls, and pull it first. With a destination (to) and pull-policy missing its registry is asked for its tags.';
  return new PullError('NO_TAGS', repositories.map((each) => clean(each, 300)).join(', '), reason, { hint });
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
