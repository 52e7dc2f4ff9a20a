import { algorithmOf, shortDigest } from '../oci/digest.ts';
import { canonicalName, familiarName, type Reference } from '../oci/reference.ts';
import type { DockerFacts } from './docker-facts.ts';

type Naming = Pick<DockerFacts, 'keepsManifests'>;

/** The name an image runs by: its own tag; for a bare digest the digest itself, or a tag made of it where the engine cannot name digests. */
export function localName(reference: Reference, { keepsManifests }: Naming): string {
  const name = familiarName(reference);
  if (reference.tag !== undefined) return `${name}:${reference.tag}`;
  if (reference.digest === undefined) return `${name}:latest`;
  if (keepsManifests) return `${name}@${reference.digest}`;
  return `${name}:${algorithmOf(reference.digest)}-${shortDigest(reference.digest)}`;
}

/** The local name with the registry spelled out, as archives carry it. */
export function archiveName(reference: Reference, naming: Naming): string {
  return canonicalName(reference) + localName(reference, naming).slice(familiarName(reference).length);
}
