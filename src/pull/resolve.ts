import { PullError } from '../errors.ts';
import { once } from '../lib/pool.ts';
import { type Descriptor, type Document, descriptorOf } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { canonicalReference, familiarReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { Found } from '../ports.ts';
import type { WantedImage, WantedPlatforms } from '../settings.ts';
import { type Documents, documentsOf } from './documents.ts';
import { hasStandIn, lastKnown, standIn } from './last-known.ts';
import { platformsText, runFor } from './own-platforms.ts';
import { OWN_ENTRY_BYTES } from './packs.ts';
import { chooseLeaves, type Leaf, leafBlobs } from './platforms.ts';
import { failureOf, type Run } from './run.ts';

/** What a reference stands for: its target and one leaf a platform. */
export interface Resolution {
  readonly target: Descriptor;
  readonly platforms: readonly Leaf[];
  /** Stored beside the platforms under `platforms: all`: attestations, of which no engine knows. */
  readonly companions: readonly Leaf[];
  /** When a registry last said that the name points here, milliseconds since the epoch. */
  readonly at: number;
  /** The packs of the cache that hold it, by what was asked for, and whether the cache had them. */
  readonly packs: ReadonlyMap<string, boolean>;
  /** True if the registry was asked for the tag in this run. */
  readonly tagAsked: boolean;
  /** What was asked for. */
  readonly wanted: WantedPlatforms;
}

/** What became of one wanted image when its name was looked up. */
export type Resolved = Answered & {
  /** Milliseconds that went by before its look-up began, and after it, while others were looked up: none of its own time. */
  readonly heldUpMs: number;
};

type Answered =
  | { readonly kind: 'image'; readonly key: string; readonly reference: Reference; readonly resolution: Resolution }
  | {
      readonly kind: 'engine';
      readonly key: string;
      readonly reference: Reference;
      readonly digest?: Digest | undefined;
      readonly found: Found;
    }
  | {
      readonly kind: 'failed';
      readonly key: string;
      readonly reference?: Reference | undefined;
      readonly error: PullError;
    };

type Answer = { readonly resolution: Resolution } | { readonly digest: Digest | undefined; readonly found: Found };

/** All images, in order, each resolved or failed; references that mean the same are resolved once. Nothing but manifests and small configs moves. */
export async function resolveImages(wanted: readonly WantedImage[], run: Run): Promise<readonly Resolved[]> {
  const answers = once<Answer>();
  const given = new Map<Digest, Document>();
  const lookup: Lookup = {
    run,
    given,
    registry: documentsOf(run, 'registry', given),
    cache: documentsOf(run, 'cache', given),
    store: documentsOf(run, 'store', given),
  };
  const before = run.ports.now() - run.startedAt;
  const timed = await Promise.all(
    wanted.map(async (image) => ({ ...(await answered(image)), endedAt: run.ports.now() })),
  );
  const endedAt = run.ports.now();
  return timed.map(({ endedAt: own, ...image }) => ({ ...image, heldUpMs: before + endedAt - own }));

  async function answered(image: WantedImage): Promise<Answered> {
    if ('error' in image) return { key: image.key, kind: 'failed', error: image.error };
    const { key } = image;
    const reference = withDefaultTag(image.reference);
    try {
      const own = runFor(image, run);
      const asked = `${canonicalReference(reference)} ${platformsText(own.request.platforms)}`;
      const answer = await answers(asked, () => answerFor(reference, { ...lookup, run: own }));
      if ('resolution' in answer) return { key, reference, kind: 'image', resolution: answer.resolution };
      return { key, reference, kind: 'engine', digest: answer.digest, found: answer.found };
    } catch (error) {
      return { key, reference, kind: 'failed', error: failureOf(error, key) };
    }
  }
}

/** What the look-ups of a run share, so that a document many tags lead to is asked for once. */
interface Lookup {
  readonly run: Run;
  /** Documents that came along with the answer to a tag. */
  readonly given: Map<Digest, Document>;
  readonly registry: Documents;
  readonly cache: Documents;
  readonly store: Documents;
}

/** Where a digest was learnt, and where its documents may come from. */
interface Start {
  readonly digest: Digest;
  readonly at: number;
  readonly tagAsked: boolean;
  readonly reach: 'registry' | 'cache' | 'store';
}

async function answerFor(reference: Reference, lookup: Lookup): Promise<Answer> {
  const { run } = lookup;
  const { policy } = run.request;
  if (policy === 'always') return online(reference, lookup);
  const held = (await inStore(reference, lookup)) ?? (await inEngine(reference, run));
  if (held) return held;
  if (policy === 'missing') return online(reference, lookup);
  const cached = await inCache(reference, lookup);
  if (cached) return cached;
  const { engine, cache } = run.ports;
  const places = ['in the store', engine && `in ${engine.title}`, cache.readable && 'in the Actions cache'].filter(
    Boolean,
  );
  const where = places.length === 1 ? 'not complete in the store' : `neither complete ${places.join(' nor ')}`;
  throw new PullError('NOT_HELD', familiarReference(reference), `pull-policy is never, and the image is ${where}`, {
    hint: 'Pull it once with pull-policy: missing, or use always.',
  });
}

/** Asks the registry what a tag points to; a digest needs no asking, and its documents may all be nearer. */
async function online(reference: Reference, lookup: Lookup): Promise<Answer> {
  const { run, given } = lookup;
  const at = run.ports.now();
  if (reference.digest)
    return nearest(reference, { digest: reference.digest, at, tagAsked: false, reach: 'registry' }, lookup);
  try {
    const answer = await run.gate(reference.domain)(() =>
      run.ports.registry.resolve(reference, reference.tag ?? 'latest', () => hasStandIn(reference, run)),
    );
    if (answer.document) {
      given.set(answer.document.digest, answer.document);
      run.fetched.add(answer.document.digest);
    }
    return await nearest(reference, { digest: answer.digest, at, tagAsked: true, reach: 'registry' }, lookup);
  } catch (error) {
    const known = await standIn(reference, error, run);
    return nearest(reference, { ...known, tagAsked: false, reach: 'registry' }, lookup);
  }
}

/** The image of a digest; where the engine alone knows it by that digest nothing more is asked of the registry, not even what platforms it has. */
async function nearest(reference: Reference, start: Start, lookup: Lookup): Promise<Answer> {
  const { run } = lookup;
  if (run.request.platforms === 'engine' && run.ports.engine && !(await run.ports.store.read(start.digest))) {
    // Beside a tag the digest is no name: the tag is to be there.
    const name = familiarReference(reference.tag ? { ...reference, digest: undefined } : reference);
    const found = await run.ports.engine.find(name);
    if (found?.whole && found.digests.includes(start.digest)) return { digest: start.digest, found };
  }
  return { resolution: await resolution(reference, start, lookup) };
}

/** What the store says of the reference, if it holds every byte of it. */
async function inStore(reference: Reference, lookup: Lookup): Promise<Answer | undefined> {
  const { store, now } = lookup.run.ports;
  const named = reference.digest ? undefined : await store.named(canonicalReference(reference));
  const digest = reference.digest ?? named?.target.digest;
  if (!digest) return undefined;
  const found = await unlessAbsent(
    resolution(reference, { digest, at: named?.at ?? now(), tagAsked: false, reach: 'store' }, lookup),
  );
  if (!found) return undefined;
  const blobs = found.platforms.flatMap(({ manifest }) => [manifest.config, ...manifest.layers]);
  const held = await Promise.all(blobs.map((blob) => store.has(blob)));
  return held.every(Boolean) ? { resolution: found } : undefined;
}

/** What the engine holds under the name; with platforms asked for by name it cannot say, so it is not asked. */
async function inEngine(reference: Reference, run: Run): Promise<Answer | undefined> {
  if (run.request.platforms !== 'engine') return undefined;
  const found = await run.ports.engine?.find(familiarReference(reference));
  return found && { digest: reference.digest ?? found.digests[0], found };
}

/** What store and cache say of the reference together; whether the cache has the layers too is seen when they are fetched. */
async function inCache(reference: Reference, lookup: Lookup): Promise<Answer | undefined> {
  const known = reference.digest
    ? { digest: reference.digest, at: lookup.run.ports.now() }
    : await lastKnown(reference, lookup.run);
  if (!known) return undefined;
  const found = await unlessAbsent(resolution(reference, { ...known, tagAsked: false, reach: 'cache' }, lookup));
  return found && { resolution: found };
}

async function unlessAbsent<T>(finding: Promise<T>): Promise<T | undefined> {
  try {
    return await finding;
  } catch (error) {
    if (error instanceof PullError && error.code === 'NOT_HELD') return undefined;
    throw error;
  }
}

async function resolution(
  reference: Reference,
  { digest, at, tagAsked, reach }: Start,
  lookup: Lookup,
): Promise<Resolution> {
  const { run } = lookup;
  const asked = askedOf(run);
  const opens = reach !== 'store' && !(await isHere(reference, digest, lookup));
  const opened = opens ? await run.packs.open(digest, asked) : [];
  const documents = lookup[reach];
  const root = await documents.read(reference, digest);
  const { platforms, companions } = await chooseLeaves(root, reference, documents, run);
  const packs = new Map(asked.map((each, position) => [each, opened[position] ?? false]));
  return {
    target: descriptorOf(root.document),
    platforms,
    companions,
    at,
    packs,
    tagAsked,
    wanted: run.request.platforms,
  };
}

/** What packs are named after: the platforms as the request has them, so that a pack is found before its index is read. */
function askedOf({ request: { platforms }, ports }: Run): readonly string[] {
  if (platforms === 'all') return ['all'];
  return platforms === 'engine' ? [formatPlatform(ports.platform)] : [...new Set(platforms.map(formatPlatform))];
}

/** True if the store has all that a pack could bring: documents, configs and the smaller layers of what is asked for. */
async function isHere(reference: Reference, digest: Digest, { run, store: documents }: Lookup): Promise<boolean> {
  if (!run.ports.cache.readable) return true;
  const silent: Run = { ...run, ports: { ...run.ports, report: () => {} } };
  try {
    const { platforms } = await chooseLeaves(await documents.read(reference, digest), reference, documents, silent);
    const small = platforms.flatMap(leafBlobs).filter(({ size }) => size < OWN_ENTRY_BYTES);
    return (await Promise.all(small.map((blob) => run.ports.store.has(blob)))).every(Boolean);
  } catch (error) {
    // Any other failure is told by whoever reads the same documents next.
    return !(error instanceof PullError && error.code === 'NOT_HELD');
  }
}
