import type { Descriptor } from './descriptor.ts';

/** An image manifest (image-spec v1.1, manifest.md), or Docker's schema 2. */
export interface Manifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An image index (image-spec v1.1, image-index.md), or Docker's manifest list. */
export interface Index {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}
