import { PullError } from '../errors.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor, Document } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf } from '../oci/digest.ts';
import { type Index, type Manifest, parseDocument } from '../oci/manifest.ts';
import { isImageConfigType, isIndexType, isManifestType } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import { isAttestation } from '../oci/platform-match.ts';
import { familiarName, type Reference } from '../oci/reference.ts';
import type { Registry } from '../ports.ts';

/** A manifest of a registry; sizes in bytes. */
export interface RemoteManifest {
  readonly descriptor: Descriptor;
  /** As the index has it, or the config of an image that stands in none. */
  readonly platform: Platform | undefined;
  readonly layers: number;
  /** Of config and layers, which a pull moves. */
  readonly bytes: number;
  readonly artifactType?: string | undefined;
  /** The manifest this one describes, if it is an attestation. */
  readonly attests?: Digest | undefined;
  readonly attestation: boolean;
}

/** What a registry has under a name. */
export interface Remote {
  readonly document: Document;
  readonly manifests: readonly RemoteManifest[];
}

const MAX_CONFIG = 4 * 1024 * 1024;

/** What the reference points to, and each manifest its index lists; asks for one manifest a platform, and for no layer. Throws what `Registry` throws. */
export async function readRemote(registry: Registry, reference: Reference): Promise<Remote> {
  const { digest, tag = 'latest' } = reference;
  const resolved = digest ? { digest } : await registry.resolve(reference, tag);
  const known = 'document' in resolved ? resolved.document : undefined;
  const top = await read(registry, reference, resolved.digest, known);
  const { digest: own, bytes } = top.document;
  const target = { mediaType: top.content.mediaType, digest: own, size: bytes.byteLength };
  if (top.content.kind === 'manifest') {
    const platform = await statedPlatform(registry, reference, top.content);
    return { document: top.document, manifests: [summary({ ...target, platform }, top.content)] };
  }
  const children = top.content.manifests.filter(({ mediaType }) => isManifestType(mediaType) || isIndexType(mediaType));
  const manifests = children.map(async (child) => {
    const { content } = await read(registry, reference, child.digest);
    return content.kind === 'manifest' ? summary(child, content) : nested(child, content);
  });
  return { document: top.document, manifests: await Promise.all(manifests) };
}

async function read(registry: Registry, reference: Reference, digest: Digest, known?: Document) {
  const document = known ?? (await registry.manifest(reference, digest));
  const content = parseDocument(document, `${familiarName(reference)}@${digest}`);
  return { document: { ...document, mediaType: content.mediaType }, content };
}

/** The platform of an image that stands in no index: its config alone says it. */
async function statedPlatform(registry: Registry, reference: Reference, { config, artifactType }: Manifest) {
  if (artifactType || !isImageConfigType(config.mediaType) || config.size > MAX_CONFIG) return undefined;
  const bytes = Buffer.alloc(config.size);
  let next = 0;
  for await (const chunk of registry.blob(reference, config)) {
    // Nothing here keeps a file that somebody else could fill.
    if ('offer' in chunk || 'landed' in chunk) continue;
    const { position, bytes: part } = 'position' in chunk ? chunk : { position: next, bytes: chunk };
    next = position + part.byteLength;
    // What is longer than promised cannot be what the digest says.
    if (next > config.size) break;
    bytes.set(part, position);
  }
  if (digestOf(bytes, algorithmOf(config.digest)) !== config.digest)
    throw new PullError('DIGEST_MISMATCH', familiarName(reference), `config is not ${config.digest}`);
  return parseConfig(bytes, config.digest).platform;
}

function summary(descriptor: Descriptor, { config, layers, artifactType }: Manifest): RemoteManifest {
  const attested = descriptor.annotations?.['vnd.docker.reference.digest'] as Digest | undefined;
  return {
    descriptor,
    platform: descriptor.platform,
    layers: layers.length,
    bytes: layers.reduce((sum, { size }) => sum + size, config.size),
    artifactType,
    attests: isAttestation(descriptor) ? attested : undefined,
    attestation: isAttestation(descriptor),
  };
}

/** An index within the index counts as it stands there. */
const nested = (descriptor: Descriptor, { manifests }: Index): RemoteManifest => ({
  descriptor,
  platform: descriptor.platform,
  layers: 0,
  bytes: manifests.reduce((sum, { size }) => sum + size, 0),
  attestation: isAttestation(descriptor),
});
