import { clean } from '../lib/clean.ts';
import { count, formatBytes, formatSeconds } from '../lib/format.ts';
import { briefDigest, type Digest, shortDigest } from '../oci/digest.ts';
import { familiarName } from '../oci/reference.ts';
import type { PushedBlob, PushedImage, PushTotals } from '../outcome/push.ts';
import { failureText } from './wording.ts';

/** What `docker push` prints of an image that was pushed; nothing of one that failed. */
export function pushLines({ reference, blobs, digest, size, error }: PushedImage): readonly string[] {
  if (error || !reference || !digest) return [];
  return [
    `The push refers to repository [${clean(familiarName(reference))}]`,
    ...blobs.map((blob) => `${shortDigest(blob.digest)}: ${blobWords(blob)}`),
    `${clean(reference.tag ?? digest)}: digest: ${digest} size: ${size}`,
  ];
}

function blobWords({ how, from = '' }: PushedBlob): string {
  const words = { present: 'Layer already exists', uploaded: 'Pushed', foreign: 'Skipped foreign layer' };
  return how === 'mounted' ? `Mounted from ${clean(from)}` : words[how];
}

/** The result of one image in a line. */
export function pushedLine(image: PushedImage): string {
  const key = clean(image.key, 300);
  const { error, digest, source, blobs, seconds } = image;
  if (error) return `✗ ${key}  ${failureText(error, key)}`;
  const sent = blobs.filter(({ how }) => how === 'uploaded').reduce((sum, { size }) => sum + size, 0);
  const from = source === image.key ? '' : `  from ${clean(source, 300)}`;
  return `✓ ${key}  ${short(digest)}  ${formatBytes(sent)} sent  ${formatSeconds(seconds)}${from}`;
}

/** The whole run in one line. */
export function pushTotalsLine({ images, failed, uploaded, mounted, present, bytes, seconds }: PushTotals): string {
  const failures = failed > 0 ? ` (${failed} failed)` : '';
  const blobs = `${count(uploaded, 'blob')} pushed, ${mounted} mounted, ${present} there already`;
  return `${count(images, 'image')}${failures}, ${blobs}; uploaded ${formatBytes(bytes)} in ${formatSeconds(seconds)}`;
}

const short = (digest: Digest | undefined): string => (digest ? briefDigest(digest) : '-');
