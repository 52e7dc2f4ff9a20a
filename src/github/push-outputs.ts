import { clean } from '../lib/clean.ts';
import { canonicalReference, withDefaultTag } from '../oci/reference.ts';
import type { PushedBlob, PushedImage, PushOutcome } from '../outcome/push.ts';
import { pinned } from './described.ts';
import { setOutputs } from './set-outputs.ts';

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
  'registry',
  'username',
  'password',
  'registry-auth',
  'github-token',
  'mirrors',
  'insecure-registries',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'chunk-size',
  'quiet',
] as const;

/** The outputs that `push/action.yml` declares, all of them, in its order. */
export const PUSH_OUTPUTS = ['digest', 'digests', 'pinned', 'json'] as const;

/** What a push that failed as a whole ends with. */
export const NOTHING_PUSHED: PushOutcome = {
  images: [],
  totals: { images: 0, failed: 0, uploaded: 0, mounted: 0, present: 0, bytes: 0, seconds: 0 },
};

/** The outcome as the `json` output has it, for `JSON.stringify`; images by their destination. */
export function describePush({ images, totals }: PushOutcome): object {
  return {
    version: 1,
    images: Object.fromEntries(images.map((image) => [image.key, describeImage(image)])),
    totals: { ...totals, seconds: milliseconds(totals.seconds) },
  };
}

/** The value of every output; text is empty where there is nothing to say. */
export function renderPushOutputs(outcome: PushOutcome): Record<(typeof PUSH_OUTPUTS)[number], string> {
  const good = outcome.images.filter(({ error }) => !error);
  return {
    digest: outcome.images[0]?.error ? '' : (outcome.images[0]?.digest ?? ''),
    digests: JSON.stringify(Object.fromEntries(good.map(({ key, digest }) => [key, digest]))),
    pinned: good.flatMap((image) => pinnedText(image) ?? []).join('\n'),
    json: JSON.stringify(describePush(outcome)),
  };
}

/** Sets every output; throws as `setOutputs` does. */
export const publishPush = (outcome: PushOutcome): Promise<void> => setOutputs(renderPushOutputs(outcome));

function describeImage(image: PushedImage): object {
  const { source, reference, digest, blobs, seconds, error } = image;
  const of = (how: PushedBlob['how']) => blobs.filter((blob) => blob.how === how);
  return {
    source,
    reference: reference ? canonicalReference(reference.digest ? reference : withDefaultTag(reference)) : null,
    pinned: (error ? undefined : pinnedText(image)) ?? null,
    digest: digest ?? null,
    seconds: milliseconds(seconds),
    blobs: { uploaded: of('uploaded').length, mounted: of('mounted').length, present: of('present').length },
    bytes: of('uploaded').reduce((sum, { size }) => sum + size, 0),
    ...(error && {
      error: { code: error.code, message: clean(error.message), ...(error.hint && { hint: clean(error.hint) }) },
    }),
  };
}

const pinnedText = ({ reference, digest }: PushedImage): string | undefined => pinned({ reference, digest });
const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;
