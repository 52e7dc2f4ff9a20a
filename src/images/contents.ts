import { parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type ImageConfig, parseImageConfig } from '../oci/image-config.ts';
import { inlineData, type Manifest, parseDocument } from '../oci/manifest.ts';
import { isImageConfigType } from '../oci/media-types.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { isAttestation } from '../oci/platform-match.ts';
import type { Store } from '../ports.ts';

/** A manifest of an image that the store holds, with what its config says where that is here and one of an image. */
export interface HeldManifest {
  /** With the platform as the index or else the config has it. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly attestation: boolean;
  readonly config?: (ImageConfig & { readonly diffIds: readonly string[] }) | undefined;
}

/** What a target leads to: its own media type, and the manifests, those that are not here as descriptors only. */
export interface Contents {
  readonly mediaType: string;
  readonly held: readonly HeldManifest[];
  readonly missing: readonly Descriptor[];
}

const NOTHING: Contents = { mediaType: '', held: [], missing: [] };
/** Indexes in indexes are allowed (image-spec v1.1, image-index.md), a maze is not. */
const DEEPEST = 4;

/** The manifests the target leads to, in their order; throws MANIFEST_INVALID. What the store does not hold is told as missing. */
export async function contentsOf(store: Store, target: Descriptor, depth = 0): Promise<Contents> {
  const bytes = await store.read(target.digest);
  if (!bytes) return { ...NOTHING, missing: [target] };
  const content = parseDocument({ mediaType: '', digest: target.digest, bytes }, target.digest);
  if (content.kind === 'manifest') {
    const held = await heldManifest(
      store,
      { ...target, mediaType: content.mediaType, size: bytes.byteLength },
      content,
    );
    return { mediaType: content.mediaType, held: [held], missing: [] };
  }
  if (depth >= DEEPEST) return NOTHING;
  const children = await Promise.all(content.manifests.map((child) => contentsOf(store, child, depth + 1)));
  return {
    mediaType: content.mediaType,
    held: children.flatMap(({ held }) => held),
    missing: children.flatMap(({ missing }) => missing),
  };
}

async function heldManifest(store: Store, given: Descriptor, manifest: Manifest): Promise<HeldManifest> {
  const descriptor = { ...given, data: undefined };
  const attestation = isAttestation(given);
  const isImage = !manifest.artifactType && isImageConfigType(manifest.config.mediaType);
  const bytes = isImage ? (inlineData(manifest.config) ?? (await store.read(manifest.config.digest))) : undefined;
  if (!bytes) return { descriptor, manifest, attestation };
  const { platform, diffIds } = parseConfig(bytes, manifest.config.digest);
  const config = { ...parseImageConfig(bytes, manifest.config.digest), diffIds };
  return { descriptor: { ...descriptor, platform: given.platform ?? platform }, manifest, attestation, config };
}

/** The images among the manifests: no attestations, no artifacts. */
export const imagesOf = ({ held }: Contents): readonly HeldManifest[] =>
  held.filter(({ attestation, config }) => !attestation && config !== undefined);

/** `linux/amd64`, or `-` where nobody says. */
export const platformName = (platform: Platform | undefined): string => (platform ? formatPlatform(platform) : '-');

/** The ids by which people know the image: of its target and of its configs. */
export const idsOf = (target: Digest, contents: Contents): readonly Digest[] => [
  target,
  ...contents.held.flatMap(({ manifest, config }) => (config ? [manifest.config.digest] : [])),
];
