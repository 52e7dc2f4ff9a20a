import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, hexOf } from './digest.ts';
import { OCI_INDEX } from './media-types.ts';
import type { Platform } from './platform.ts';

/** The fixed files of an OCI image layout (image-spec v1.1, image-layout.md). */
export const LAYOUT_FILE = 'oci-layout';
export const LAYOUT_CONTENT = '{"imageLayoutVersion":"1.0.0"}';
export const INDEX_FILE = 'index.json';

/** The annotation that names an entry of `index.json`: what skopeo and podman look for. */
export const REF_NAME = 'org.opencontainers.image.ref.name';
/** The annotation containerd and Docker's containerd store take a whole image name from. */
export const CONTAINERD_NAME = 'io.containerd.image.name';

/** A name of the layout and what it points to. */
export interface LayoutEntry {
  readonly name: string;
  readonly target: Descriptor;
}

/** Where a blob lies in a layout, relative to its root and with slashes: `blobs/sha256/<hex>`. */
export function blobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/**
 * The content of `index.json`: a valid index with an entry a name, sorted by name, so that equal entries give equal
 * bytes. Annotations of the targets are left out: names come from the user alone, never from what was pulled.
 */
export function layoutIndex(entries: readonly LayoutEntry[]): string {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  return indexJson(sorted.map(({ name, target }) => ({ ...target, annotations: { [REF_NAME]: name } })));
}

/** An OCI index over these manifests, in this order, with their platforms and annotations (image-spec v1.1, image-index.md). */
export function indexJson(manifests: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: manifests.map(toJson) });
}

function toJson({ mediaType, digest, size, platform, artifactType, annotations }: Descriptor): object {
  return { mediaType, digest, size, platform: platform && platformToJson(platform), artifactType, annotations };
}

function platformToJson({ os, architecture, variant, osVersion, osFeatures }: Platform): object {
  return { architecture, os, 'os.version': osVersion, 'os.features': osFeatures, variant };
}
