import { clean } from '../lib/clean.ts';
import { canonicalReference, withDefaultTag } from '../oci/reference.ts';
import type { PushedBlob, PushedImage, PushOutcome } from '../outcome/push.ts';
import type { Report } from '../outcome.ts';
import { pinned } from './described.ts';
import { REGISTRY_INPUTS } from './inputs.ts';
import { publish, writeReport } from './publish.ts';

/** The inputs that `push/action.yml` declares, all of them, in its order. */
export const PUSH_INPUTS = [
  'images',
  'files',
  'to',
  'platforms',
  'all-tags',
  'tags',
  'max-tags',
  'pull-policy',
  'store',
  'store-max-size',
  ...REGISTRY_INPUTS,
  'max-concurrent-uploads',
  'chunk-size',
  'quiet',
] as const;

/** The outputs that `push/action.yml` declares, all of them, in its order. */
export const PUSH_OUTPUTS = ['digest', 'digests', 'pinned', 'json', 'report', 'store'] as const;

/** What is given up first where there is no room for all. */
const FALLBACK = ['json', 'pinned', 'digests'];

/** What a push that failed as a whole ends with. */
export const NOTHING_PUSHED: PushOutcome = {
  images: [],
  totals: { images: 0, failed: 0, uploaded: 0, mounted: 0, present: 0, bytes: 0, seconds: 0 },
};

/** The outcome as the `json` output has it, for `JSON.stringify`, images by their destination; with every blob, as the report file has it. */
export function describePush({ images, totals }: PushOutcome, withBlobs = false): object {
  return {
    version: 1,
    images: Object.fromEntries(images.map((image) => [image.key, describeImage(image, withBlobs)])),
    totals: { ...totals, seconds: milliseconds(totals.seconds) },
  };
}

/** The value of every output; text is empty where there is nothing to say. */
function allOutputs(
  outcome: PushOutcome,
  report: string,
  store: string,
): Record<(typeof PUSH_OUTPUTS)[number], string> {
  const good = outcome.images.filter(({ error }) => !error);
  return {
    digest: outcome.images[0]?.error ? '' : (outcome.images[0]?.digest ?? ''),
    digests: JSON.stringify(Object.fromEntries(good.map(({ key, digest }) => [key, digest]))),
    pinned: good.flatMap((image) => pinnedText(image) ?? []).join('\n'),
    json: JSON.stringify(describePush(outcome)),
    report,
    store,
  };
}

/** The content of the report file: the `json` output with every blob. */
export const renderPushReport = (outcome: PushOutcome): string =>
  `${JSON.stringify(describePush(outcome, true), null, 2)}\n`;

/** Writes the report to a new file in the runner's temp folder and sets every output, within GitHub's limit; a report that cannot be written is only a warning. */
export async function publishPush(
  outcome: PushOutcome,
  store: string,
  report: Report,
  env = process.env,
): Promise<void> {
  const file = await writeReport(renderPushReport(outcome), report, env);
  await publish(allOutputs(outcome, file, store), FALLBACK, report);
}

function describeImage(image: PushedImage, withBlobs: boolean): object {
  const { source, reference, digest, blobs, seconds, error } = image;
  const of = (how: PushedBlob['how']) => blobs.filter((blob) => blob.how === how);
  return {
    source,
    reference: reference ? canonicalReference(reference.digest ? reference : withDefaultTag(reference)) : null,
    pinned: (error ? undefined : pinnedText(image)) ?? null,
    digest: digest ?? null,
    seconds: milliseconds(seconds),
    blobs: {
      uploaded: of('uploaded').length,
      mounted: of('mounted').length,
      present: of('present').length,
      foreign: of('foreign').length,
    },
    bytes: of('uploaded').reduce((sum, { size }) => sum + size, 0),
    ...(withBlobs && {
      contents: blobs.map(({ digest, size, how, from }) => ({ digest, size, how, ...(from && { from: clean(from) }) })),
    }),
    ...(error && {
      error: { code: error.code, message: clean(error.message), ...(error.hint && { hint: clean(error.hint) }) },
    }),
  };
}

const pinnedText = ({ reference, digest }: PushedImage): string | undefined => pinned({ reference, digest });
const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;
