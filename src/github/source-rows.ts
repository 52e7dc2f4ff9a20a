import { count, formatBytes, formatSeconds } from '../lib/format.ts';
import type { Digest } from '../oci/digest.ts';
import type { PullOutcome, Source, Transfer } from '../outcome.ts';

/** What one source gave to a run. Store and engine had their bytes here all along: they took no time. */
export interface SourceRow {
  readonly source: Source;
  /** Bytes of distinct layers that were used from there. */
  readonly bytes: number;
  /** What was moved, which holds documents and configs too; absent where nothing moved. */
  readonly moved?: Transfer | undefined;
}

const SOURCES: readonly Source[] = ['registry', 'cache', 'store', 'engine'];

/** A row for each source that gave something, the farthest first. */
export function sourceRows({ images, totals }: PullOutcome): readonly SourceRow[] {
  const layers = new Map<Digest, { readonly source: Source; readonly size: number }>();
  for (const { platforms } of images)
    for (const platform of platforms) for (const layer of platform.layers) layers.set(layer.digest, layer);
  return SOURCES.flatMap((source) => {
    const bytes = [...layers.values()]
      .filter((layer) => layer.source === source)
      .reduce((sum, { size }) => sum + size, 0);
    const moved = source === 'registry' || source === 'cache' ? totals[source] : undefined;
    if (bytes === 0 && !moved?.bytes) return [];
    return [{ source, bytes, moved: moved?.bytes ? moved : undefined }];
  });
}

/** `24.1 MB/s`, or nothing where too little moved for a rate to mean anything. */
export function rateOf({ bytes, seconds }: Transfer): string | undefined {
  return bytes >= LEAST_BYTES && seconds > 0 ? `${(bytes / 1e6 / seconds).toFixed(1)} MB/s` : undefined;
}

const LEAST_BYTES = 1_000_000;

/** `registry 12MB in 0.5s (24.0 MB/s)`, `store 40MB`. */
export function sourceText({ source, bytes, moved }: SourceRow): string {
  if (!moved) return `${source} ${formatBytes(bytes)}`;
  const rate = rateOf(moved);
  return `${source} ${formatBytes(moved.bytes)} in ${formatSeconds(moved.seconds)}${rate ? ` (${rate})` : ''}`;
}

/** What the run was spared, in a sentence; undefined if nothing. */
export function savingText({ totals }: PullOutcome): string | undefined {
  const bytes = totals.bytes - totals.downloaded;
  const pulls = totals.pullsSaved;
  const facts = [
    bytes > 0 ? `${formatBytes(bytes)} of layers not downloaded` : '',
    pulls > 0 ? `${count(pulls, 'pull')} that no registry counts` : '',
  ].filter((fact) => fact !== '');
  return facts.length > 0 ? `Spared: ${facts.join(', ')}.` : undefined;
}

/** Says so if the cache was the slower of two sources of the same run; undefined if it was not, or too little moved to tell. */
export function slowCacheText({ totals: { registry, cache } }: PullOutcome): string | undefined {
  const [fast, slow] = [rateOf(registry), rateOf(cache)];
  if (!fast || !slow || registry.bytes / registry.seconds <= cache.bytes / cache.seconds) return undefined;
  return `The Actions cache was slower than the registry here: ${slow} against ${fast}. With cache: false this job may be faster.`;
}
