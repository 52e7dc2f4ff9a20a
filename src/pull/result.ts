import type { PullError } from '../errors.ts';
import { blobKey } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { formatPlatform, normalizePlatform } from '../oci/platform.ts';
import type { Reference } from '../oci/reference.ts';
import { failedImage } from '../outcome/failed-image.ts';
import type { ImageOutcome, LayerOutcome, PlatformOutcome, PullOutcome, Source } from '../outcome.ts';
import type { Held } from '../ports.ts';
import type { Arrivals } from './fetch.ts';
import { withLockHint } from './locked.ts';
import { heldByEngine } from './plan.ts';
import type { Leaf } from './platforms.ts';
import type { Present } from './present.ts';
import type { Resolution, Resolved } from './resolve.ts';
import type { Run } from './run.ts';

interface Facts {
  readonly key: string;
  readonly reference: Reference;
  readonly resolution: Resolution;
  readonly present: Present;
  readonly arrivals: Arrivals;
}

/** The outcome of an image whose blobs are all here; `held` is what an engine has of it, the platform under its own name first. */
export async function imageOutcome(facts: Facts, held: readonly Held[], run: Run): Promise<ImageOutcome> {
  const [first] = held;
  const { key, reference, resolution } = facts;
  const platforms = await Promise.all(resolution.platforms.map((leaf) => platformOutcome(leaf, facts, held)));
  const sources = platforms.flatMap(({ layers }) => layers.map(({ source }) => source));
  return {
    key,
    reference,
    digest: resolution.target.digest,
    local: first?.local,
    digestRunnable: first?.digestRunnable ?? false,
    loaded: first !== undefined,
    source: farthest(sources),
    seconds: secondsOf(run),
    platforms,
    fresh: sources.includes('registry'),
  };
}

async function platformOutcome(leaf: Leaf, facts: Facts, held: readonly Held[]): Promise<PlatformOutcome> {
  const digest = leaf.documents.at(-1)?.digest ?? facts.resolution.target.digest;
  const { layers, config } = leaf.manifest;
  const own = held.find(({ manifest }) => manifest === digest);
  const source: Source = heldByEngine(leaf, facts.key, facts.present) ? 'engine' : 'store';
  return {
    platform: leaf.name,
    digest,
    imageId: own?.imageId ?? config.digest,
    size: layers.reduce((sum, layer) => sum + layer.size, 0),
    local: own?.local,
    layers: await Promise.all(
      layers.map(async (layer): Promise<LayerOutcome> => {
        const { digest, size } = layer;
        const arrival = await facts.arrivals.get(blobKey(layer))?.stored;
        // In the store as well as in the engine counts as the store: that is where a next step would read it.
        if (arrival === undefined)
          return { digest, size, source: facts.present.stored.has(blobKey(layer)) ? 'store' : source, seconds: 0 };
        return { digest, size, ...arrival };
      }),
    ),
  };
}

const farthest = (sources: readonly Source[]): Source =>
  (['registry', 'cache', 'engine'] as const).find((it) => sources.includes(it)) ?? 'store';

/** The outcome of an image that the engine alone holds and no registry was asked about. */
export function engineOutcome(image: Extract<Resolved, { kind: 'engine' }>, run: Run): ImageOutcome {
  const { key, reference, digest, found } = image;
  const { local, platform, manifest, imageId } = found;
  return {
    key,
    reference,
    digest,
    // As it was found: an engine that knows name:tag@digest may have the digest alone, and no such tag.
    local,
    digestRunnable: digest !== undefined,
    loaded: true,
    source: 'engine',
    seconds: secondsOf(run),
    platforms: platform
      ? [{ platform: formatPlatform(normalizePlatform(platform)), digest: manifest, imageId, local, layers: [] }]
      : [],
    fresh: false,
  };
}

/** The outcome of an image that failed, with whatever is known of it all the same. */
export function failedOutcome(
  known: Partial<ImageOutcome> & { readonly key: string },
  error: PullError,
  run: Run,
): ImageOutcome {
  return failedImage(known, withLockHint(error, known.reference, run.request.lock), secondsOf(run));
}

/** What the run as a whole came to; sums count each layer once. */
export function totalOutcome(images: readonly ImageOutcome[], run: Run): PullOutcome {
  const { store, engine, registry } = run.ports;
  const layers = new Map<Digest, LayerOutcome>();
  for (const { platforms } of images)
    for (const platform of platforms) for (const layer of platform.layers) layers.set(layer.digest, layer);
  const sum = (some: readonly LayerOutcome[]) => some.reduce((bytes, { size }) => bytes + size, 0);
  const downloaded = [...layers.values()].filter(({ source }) => source === 'registry');
  const good = images.filter(({ error }) => error === undefined);
  const spared = good.filter((image) => !documentsOf(image).some((digest) => run.fetched.has(digest)));
  const quotas = (registry.quotas?.() ?? []).map((quota) => ({
    ...quota,
    spared: spared.filter(({ reference }) => reference?.domain === quota.registry).length,
  }));
  return {
    images,
    totals: {
      images: images.length,
      failed: images.length - good.length,
      layers: layers.size,
      bytes: sum([...layers.values()]),
      downloaded: sum(downloaded),
      pullsSaved: spared.length,
      registry: run.meter.of('registry'),
      cache: run.meter.of('cache'),
      seconds: secondsOf(run),
    },
    cacheHit:
      images.length > 0 &&
      good.length === images.length &&
      downloaded.length === 0 &&
      images.every(({ loaded }) => loaded || !engine),
    quotas: quotas.length > 0 ? quotas : undefined,
    store: store.root,
    engine: engine?.title,
  };
}

/** The documents a registry counts a pull for. */
const documentsOf = ({ digest, platforms }: ImageOutcome): readonly Digest[] => [
  ...(digest ? [digest] : []),
  ...platforms.flatMap((platform) => platform.digest ?? []),
];

const secondsOf = (run: Run): number => Math.max(0, Math.round(run.ports.now() - run.startedAt) / 1000);
