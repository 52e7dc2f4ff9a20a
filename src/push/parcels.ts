import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { familiarReference } from '../oci/reference.ts';
import type { PushedImage } from '../outcome/push.ts';
import type { ImageOutcome, Report } from '../outcome.ts';
import type { Store } from '../ports.ts';
import type { Destination } from '../settings/push.ts';
import { waysOf } from './destinations.ts';
import type { Parcel } from './push.ts';
import { subsetOf } from './subset.ts';

/** What is to be pushed, and the images that cannot be since they are not here. */
export interface Packed {
  readonly parcels: readonly Parcel[];
  readonly failed: readonly PushedImage[];
}

/**
 * What of the images that were pulled goes where: with `all` platforms each as it is, else those that were asked for, with a notice where the digest is another one
 * therefore. Throws INPUT_INVALID if two would come to lie under one name.
 */
export async function pack(
  images: readonly ImageOutcome[],
  destinations: readonly Destination[],
  all: boolean,
  store: Pick<Store, 'read' | 'has'>,
  report: Report,
): Promise<Packed> {
  const good = images.flatMap((image) => {
    const { key, reference, digest, error } = image;
    return reference && digest && !error ? [{ key, reference, digest, image }] : [];
  });
  const ways = waysOf(good, destinations);
  const parcels = ways.map(async ({ image: { key, reference, digest, image }, to }): Promise<Parcel> => {
    const parcel = { source: key, from: reference, to };
    if (all) return { ...parcel, target: digest };
    const { target, made } = await subsetOf(
      digest,
      image.platforms.flatMap((platform) => platform.digest ?? []),
      store,
    );
    const names = image.platforms.map(({ platform }) => platform).join(', ');
    const message = `${clean(familiarReference(to))} gets ${clean(names, 200)} alone, so its digest is not the one of ${clean(key)}: ${target}`;
    if (target !== digest) report({ type: 'notice', message });
    return {
      ...parcel,
      target,
      made,
      ...(target === digest || to.digest === undefined ? {} : { to: { ...to, digest: target } }),
    };
  });
  return {
    parcels: await Promise.all(parcels),
    failed: images
      .filter((image) => !good.some(({ key }) => key === image.key))
      .map((image) => notHere(image, destinations.length > 0)),
  };
}

function notHere({ key, error, seconds }: ImageOutcome, mayPull: boolean): PushedImage {
  const failure = error && (mayPull || error.code !== 'NOT_HELD') ? error : notHeld(clean(key));
  return { key, source: key, size: 0, blobs: [], seconds, error: failure };
}

const notHeld = (key: string): PullError =>
  new PullError('NOT_HELD', key, 'is not complete in the store, and is not pulled where no destination is named', {
    hint: 'Pull it first, or say where it is to go (input to, option --to): what is missing is then pulled.',
  });
