import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { gate } from '../lib/pool.ts';
import { blobKey, type Descriptor } from '../oci/descriptor.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { isImageConfigType } from '../oci/media-types.ts';
import { formatPlatform } from '../oci/platform.ts';
import { choosePlatform } from '../oci/platform-match.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import type { Engine, Held, Loadable } from '../ports.ts';
import { leafBlobs } from './platforms.ts';
import { readableTarget } from './readable.ts';
import type { Resolution, Resolved } from './resolve.ts';
import { failureOf, type Run } from './run.ts';

/** What is here already, asked before any blob moves. */
export interface Present {
  /** Blobs the store holds, by `blobKey`. */
  readonly stored: ReadonlySet<string>;
  /** By key, the images the engine holds under their own name. */
  readonly held: ReadonlyMap<string, Held>;
  /** By key, why an image cannot be handed to the engine at all. */
  readonly unloadable: ReadonlyMap<string, PullError>;
}

/** Asks store and engine what they hold of the resolved images; an engine that fails to say makes only that image fail. */
export async function presentImages(resolved: readonly Resolved[], run: Run): Promise<Present> {
  const { store, engine } = run.ports;
  const stored = new Set<string>();
  const held = new Map<string, Held>();
  const unloadable = new Map<string, PullError>();
  const some = gate(8);
  const images = resolved.filter((image) => image.kind === 'image');
  const blobs = new Map(images.flatMap(({ resolution }) => blobsOf(resolution)).map((blob) => [blobKey(blob), blob]));
  // Marked before anybody looks: what is seen here must still be here when it is used.
  const digests = [...blobs.values()].map(({ digest }) => digest);
  const lease = await store.lease([...digests, ...images.flatMap(({ resolution }) => documentsIn(resolution))]);
  run.ports.report({ type: 'leased', lease });
  const asked = images.map(({ key, reference, resolution }) =>
    some(async () => {
      try {
        const image = engine && loadableOf(reference, resolution, engine);
        const found = image && (await engine.present(image));
        if (found) held.set(key, found);
      } catch (error) {
        unloadable.set(key, failureOf(error, key));
      }
    }),
  );
  const looked = [...blobs.values()].map((blob) =>
    some(async () => void ((await store.has(blob)) && stored.add(blobKey(blob)))),
  );
  await Promise.all([...asked, ...looked]);
  return { stored, held, unloadable };
}

/** Every blob of a resolution but its documents: configs and layers, companions' too. */
export function blobsOf(resolution: Resolution): readonly Descriptor[] {
  return [...resolution.platforms, ...resolution.companions].flatMap(leafBlobs);
}

/** Every document of a resolution, and the one that stands in for its target before other readers. */
function documentsIn(resolution: Resolution): readonly Digest[] {
  const documents = [...resolution.platforms, ...resolution.companions].flatMap((leaf) => leaf.documents);
  const readable = readableTarget(resolution);
  return [...documents.map(({ digest }) => digest), ...(readable ? [readable.descriptor.digest] : [])];
}

/** The leaf that takes the image's name in the engine: the one it runs, else the first it could hold. Throws UNSUPPORTED if there is none. */
export function loadableOf(reference: Reference, resolution: Resolution, engine: Engine): Loadable {
  const images = resolution.platforms.filter(
    ({ manifest }) => isImageConfigType(manifest.config.mediaType) && !manifest.artifactType,
  );
  const subject = familiarReference(reference);
  const unsupported = (reason: string, hint = '') =>
    new PullError('UNSUPPORTED', subject, reason, { hint: `Use engine: none to keep it in the store${hint}.` });
  if (images.length === 0) {
    const { artifactType, config } = resolution.platforms[0]?.manifest ?? {};
    throw unsupported(
      `not a container image but ${artifactWords(artifactType ?? config?.mediaType ?? '')}, which ${engine.title} cannot run`,
    );
  }
  const leaf =
    choosePlatform(images, (image) => image.platform, engine.platform, { strict: false }) ??
    images.find(({ platform }) => !platform || platform.os === engine.platform.os);
  if (!leaf) {
    const names = images.map(({ name }) => name).join(', ');
    throw unsupported(`${engine.title} runs ${formatPlatform(engine.platform)} and cannot hold ${names}`);
  }
  const encrypted = leaf.manifest.layers.find(({ mediaType }) => mediaType.endsWith('+encrypted'));
  if (encrypted) {
    const type = clean(encrypted.mediaType, 100);
    throw unsupported(
      `layer ${shortDigest(encrypted.digest)} is encrypted (${type}), which ${engine.title} cannot unpack`,
      ', and decrypt it from there, such as with `skopeo copy --decryption-key`',
    );
  }
  return {
    reference,
    target: resolution.target,
    documents: leaf.documents,
    manifest: leaf.manifest,
    platform: leaf.platform ?? engine.platform,
  };
}

/** What people push to registries besides images, by artifact or config type. */
const ARTIFACTS: Readonly<Record<string, string>> = {
  'application/vnd.cncf.helm.config.v1+json': 'a Helm chart',
  'application/vnd.docker.plugin.v1+json': 'a Docker plugin',
  'application/vnd.docker.ai.model.config.v0.1+json': 'an AI model',
  'application/vnd.wasm.config.v0+json': 'a WebAssembly module',
};

const artifactWords = (type: string): string =>
  `${Object.hasOwn(ARTIFACTS, type) ? ARTIFACTS[type] : 'an artifact'} (${clean(type, 100)})`;
