import { formatBytes } from '../lib/format.ts';
import type { Digest } from '../oci/digest.ts';
import type { PullOutcome, Source, Transfer } from '../outcome.ts';
import { sparedTexts } from './quota-words.ts';

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

/** Bytes a second, or nothing where too little moved for that to mean anything. */
export function speedOf({ bytes, seconds }: Transfer): number | undefined {
  return bytes >= LEAST_BYTES && seconds > 0 ? bytes / seconds : undefined;
}

/** The speed in words: `24.1 MB/s`. */
export function rateOf(transfer: Transfer): string | undefined {
  const speed = speedOf(transfer);
  return speed === undefined ? undefined : `${(speed / 1e6).toFixed(1)} MB/s`;
}

const LEAST_BYTES = 1_000_000;

/** What the run was spared, in a sentence; undefined if nothing. */
export function savingText(outcome: PullOutcome): string | undefined {
  const bytes = outcome.totals.bytes - outcome.totals.downloaded;
  const facts = [...(bytes > 0 ? [`${formatBytes(bytes)} of layers not downloaded`] : []), ...sparedTexts(outcome)];
  return facts.length > 0 ? `Spared: ${facts.join(', ')}.` : undefined;
}

/** Says so if the cache was the slower of two sources of the same run; undefined if it was not, or too little moved to tell. */
export function slowCacheText({ totals: { registry, cache } }: PullOutcome): string | undefined {
  const [fast, slow] = [speedOf(registry), speedOf(cache)];
  if (!fast || !slow || fast <= slow) return undefined;
  return `The Actions cache was slower than the registry here: ${rateOf(cache)} against ${rateOf(registry)}. With cache: false this job may be faster.`;
}
