import { PullError } from '../errors.ts';
import { canonicalReference, familiarReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { Destination } from '../settings/push.ts';

/** An image that is to be pushed: what it is called, as the user wrote it and in full. */
export interface Named {
  readonly key: string;
  readonly reference: Reference;
}

/** One image on its way to one place. */
export interface Way<T extends Named> {
  readonly image: T;
  readonly to: Reference;
}

/**
 * Where each image goes: to every destination, or to its own name where there is none. A destination that ends with `/` takes the whole path of the image below it, one
 * without a tag takes its tag. Throws INPUT_INVALID if two images would come to lie under one name.
 */
export function waysOf<T extends Named>(images: readonly T[], destinations: readonly Destination[]): readonly Way<T>[] {
  const ways = images.flatMap((image): Way<T>[] => {
    const own = withDefaultTag(image.reference);
    if (destinations.length === 0) return [{ image, to: placed(own, own) }];
    return destinations.map((destination) => ({ image, to: placed(whereTo(destination, own), own) }));
  });
  const taken = new Map<string, Way<T>>();
  for (const way of ways) {
    const name = canonicalReference(way.to);
    const other = taken.get(name);
    if (other && other.image.key !== way.image.key) throw collision(way, other);
    taken.set(name, way);
  }
  return [...taken.values()];
}

/** A tag, or the digest where there is none: what is pushed under a tag has the digest it has. */
function placed({ domain, path, tag }: Reference, { digest }: Reference): Reference {
  return tag === undefined ? { domain, path, digest } : { domain, path, tag };
}

function whereTo(destination: Destination, { path, tag }: Reference): Reference {
  const { domain, prefix } = destination;
  if (prefix !== undefined) return { domain, path: `${prefix}${path}`, tag };
  return { domain, path: destination.path, tag: destination.tag ?? tag };
}

function collision<T extends Named>({ image, to }: Way<T>, other: Way<T>): PullError {
  const reason = `${other.image.key} and ${image.key} would both be pushed there`;
  const hint = 'End the destination with / to keep the paths of the images apart: registry.example/mirror/.';
  return new PullError('INPUT_INVALID', familiarReference(to), reason, { hint });
}
