import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import {
  canonicalReference,
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../oci/reference.ts';
import type { Store } from '../ports.ts';

/** No registry ever said where a name given here points, so it stands in for no registry that cannot be asked. */
const NEVER = 0;

/** Text as a name to be given, `latest` where it has no tag; throws REFERENCE_INVALID, also for a digest, which nobody can give. */
export function newName(text: string): Reference {
  const reference = withDefaultTag(parseReference(text));
  if (reference.digest === undefined) return reference;
  throw new PullError('REFERENCE_INVALID', clean(text, 300), 'a name that is given cannot have a digest', {
    hint: 'Write name:tag.',
  });
}

/** Points the name at the target, as pulls record names; throws what `Store.record` throws. */
export async function nameTarget(
  store: Store,
  reference: Reference,
  { mediaType, digest, size }: Descriptor,
  readAs?: Descriptor,
): Promise<void> {
  const target = { mediaType, digest, size };
  const names = [...new Set([familiarReference(reference), canonicalReference(reference)])];
  await store.record(names.map((name) => ({ name, target, readAs, at: NEVER })));
}
