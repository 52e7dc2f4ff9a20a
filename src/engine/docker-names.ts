import { type Digest, digestTag } from '../oci/digest.ts';
import { canonicalName, familiarName, type Reference } from '../oci/reference.ts';
import type { Loadable } from '../ports.ts';
import type { DockerFacts } from './docker-facts.ts';

type Naming = Pick<DockerFacts, 'keepsManifests'>;

/** The name an image runs by: its own tag; for a bare digest the digest itself, or a tag made of it where the engine cannot name digests. */
export function localName(reference: Reference, { keepsManifests }: Naming): string {
  const name = familiarName(reference);
  if (reference.tag !== undefined) return `${name}:${reference.tag}`;
  if (reference.digest === undefined) return `${name}:latest`;
  if (keepsManifests) return `${name}@${reference.digest}`;
  return `${name}:${digestTag(reference.digest)}`;
}

/** The local name with the registry spelled out, as archives carry it. */
export function archiveName(reference: Reference, naming: Naming): string {
  return canonicalName(reference) + localName(reference, naming).slice(familiarName(reference).length);
}

/** What the daemon calls an image: what its name points to where it keeps manifests, else its config. */
export const idOf = (image: Loadable, { keepsManifests }: Naming): Digest =>
  keepsManifests ? image.target.digest : image.manifest.config.digest;

/** The digest of the image's own manifest. */
export const manifestOf = ({ documents, target }: Loadable): Digest => documents.at(-1)?.digest ?? target.digest;
