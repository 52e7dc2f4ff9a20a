import { PullError } from '../errors.ts';
import type { Reference } from '../oci/reference.ts';
import { failedImage } from '../outcome/failed-image.ts';
import type { PullOutcome, Report } from '../outcome.ts';
import { describeOutcome, isVouchedFor, pinned } from './described.ts';
import { publish, withinLimit, writeReport } from './publish.ts';

/** The outputs that `action.yml` declares, all of them, in its order. */
export const OUTPUTS = ['digest', 'digests', 'pinned', 'json', 'report', 'cache-hit', 'loaded', 'store'] as const;

/** What is given up first where there is no room for all. */
const FALLBACK = ['json', 'pinned', 'loaded', 'digests'];

/** What a run that failed as a whole ends with, so that later steps can read every output all the same. */
export const NOTHING_PULLED: PullOutcome = {
  images: [],
  totals: {
    images: 0,
    failed: 0,
    layers: 0,
    bytes: 0,
    downloaded: 0,
    pullsSaved: 0,
    registry: { bytes: 0, seconds: 0 },
    cache: { bytes: 0, seconds: 0 },
    seconds: 0,
  },
  cacheHit: false,
  store: '',
};

/** What a run that an error ended as a whole ends with: each image that was asked for has that error, so that nobody takes it for a run without failures. */
export function failedAsWhole(
  asked: readonly { readonly key: string; readonly reference?: Reference }[],
  error: unknown,
): PullOutcome {
  const errorOf = (key: string) =>
    error instanceof PullError
      ? error
      : new PullError('UNEXPECTED', key, 'the run ended by a mistake in the action itself; the log has more');
  const images = asked.map(({ key, reference }) => failedImage({ key, reference }, errorOf(key), 0));
  return {
    ...NOTHING_PULLED,
    images,
    totals: { ...NOTHING_PULLED.totals, images: images.length, failed: images.length },
  };
}

/**
 * The value of every output; text is empty where there is nothing to say. Above 900 KB of UTF-16 `json`, then `pinned`, then `loaded` are emptied, and
 * `digests` only where it is too large by itself; the file at `reportPath` has everything.
 */
export function renderOutputs(outcome: PullOutcome, reportPath: string): Record<string, string> {
  return withinLimit(allOutputs(outcome, reportPath), FALLBACK);
}

function allOutputs(outcome: PullOutcome, reportPath: string): Record<string, string> {
  const { images } = outcome;
  const good = images.filter(isVouchedFor);
  const known = good.flatMap(({ key, digest }) => (digest ? [[key, digest] as const] : []));
  return {
    digest: good.find((image) => image === images[0])?.digest ?? '',
    digests: JSON.stringify(Object.fromEntries(known)),
    pinned: lines(good.map(pinned)),
    json: JSON.stringify(describeOutcome(outcome, false)),
    report: reportPath,
    'cache-hit': String(outcome.cacheHit),
    loaded: lines(images.flatMap((image) => [image.local, ...image.platforms.map(({ local }) => local)])),
    store: outcome.store,
  };
}

/** The content of the report file: the `json` output with every layer. */
export function renderReport(outcome: PullOutcome): string {
  return `${JSON.stringify(describeOutcome(outcome, true), null, 2)}\n`;
}

/** Writes the report to a new file in the runner's temp folder and sets every output; a report that cannot be written is only a warning. Throws as `setOutputs` does. */
export async function publishOutputs(outcome: PullOutcome, report: Report, env = process.env): Promise<void> {
  const file = await writeReport(renderReport(outcome), report, env);
  await publish(allOutputs(outcome, file), FALLBACK, report);
}

const lines = (items: readonly (string | undefined)[]): string =>
  [...new Set(items)].filter((item) => item !== undefined).join('\n');
