import zlib from 'node:zlib';
import { PullError } from '../../src/errors.ts';
import { parseConfig } from '../../src/oci/config.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, hexOf } from '../../src/oci/digest.ts';
import { familiarName, type Reference } from '../../src/oci/reference.ts';
import type { BlobSource, Engine, Held, Loadable } from '../../src/ports.ts';
import { collect } from '../support/store-blobs.ts';

export interface MemoryEngineOptions {
  /** As Docker with the containerd image store: images go by what their name points to, and digests are names. */
  readonly keepsManifests?: boolean;
}

export interface MemoryEngine extends Engine {
  /** What each name stands for, open to tests: the image id. */
  readonly names: Map<string, Digest>;
  /** The local name of every image that was sent, in order; a name given to an image that is there already is not among them. */
  readonly sent: readonly string[];
  /** Every blob that was read for sending, in order. */
  readonly read: readonly Digest[];
  /** Thrown by the next load, after the first blob has been read. */
  failNext: PullError | undefined;
}

const TITLE = 'Memory 1.0';

/** An Engine that passes the contract: it reads every blob, unpacks every layer and holds it against the config, and keeps nothing but names and ids. */
export function memoryEngine({ keepsManifests = false }: MemoryEngineOptions = {}): MemoryEngine {
  const names = new Map<string, Digest>();
  const complete = new Map<Digest, Set<Digest>>();
  const sent: string[] = [];
  const read: Digest[] = [];

  const idOf = (image: Loadable) => (keepsManifests ? image.target.digest : image.manifest.config.digest);
  const has = (image: Loadable) => complete.get(idOf(image))?.has(manifestOf(image)) ?? false;

  function localName(reference: Reference): string {
    const name = familiarName(reference);
    if (reference.tag !== undefined || reference.digest === undefined) return `${name}:${reference.tag ?? 'latest'}`;
    return keepsManifests ? `${name}@${reference.digest}` : `${name}:sha256-${hexOf(reference.digest).slice(0, 12)}`;
  }

  function idNamed(name: string): Digest | undefined {
    const [repository, digest] = name.split('@');
    if (digest === undefined || !keepsManifests) return names.get(name);
    const known = [...names].find(([of, id]) => id === digest && repositoryOf(of) === repositoryOf(repository ?? ''));
    return known?.[1];
  }

  function heldAs(image: Loadable, local: string): Held | undefined {
    if (idNamed(local) !== idOf(image) || !has(image)) return undefined;
    return { manifest: manifestOf(image), imageId: idOf(image), local, digestRunnable: keepsManifests };
  }

  const engine: MemoryEngine = {
    title: TITLE,
    platform: { os: 'linux', architecture: 'amd64' },
    holdsPlatforms: keepsManifests,
    names,
    sent,
    read,
    failNext: undefined,

    async find(name) {
      const imageId = idNamed(name);
      if (!imageId) return undefined;
      const [manifest] = keepsManifests ? (complete.get(imageId) ?? []) : [];
      const digests = keepsManifests ? [imageId] : [];
      return { imageId, digests, local: name, whole: true, platform: engine.platform, manifest };
    },

    async present(image) {
      const local = localName(image.reference);
      if (has(image) && !local.includes('@')) names.set(local, idOf(image));
      return heldAs(image, local);
    },

    async load(image, source) {
      const local = localName(image.reference);
      if (!has(image)) {
        sent.push(local);
        await unpack(image, source, local);
        const manifests = complete.get(idOf(image)) ?? new Set();
        complete.set(idOf(image), manifests.add(manifestOf(image)));
      }
      names.set(local, idOf(image));
      const held = heldAs(image, local);
      if (!held) throw new Error(`${local} was loaded and is not there`);
      return held;
    },
  };

  async function unpack({ manifest }: Loadable, source: BlobSource, local: string): Promise<void> {
    const bytesOf = async (blob: Descriptor) => {
      const bytes = await collect(source.open(blob));
      read.push(blob.digest);
      if (digestOf(bytes, algorithmOf(blob.digest)) !== blob.digest) throw new Error(`wrong bytes for ${blob.digest}`);
      return bytes;
    };
    const { diffIds } = parseConfig(await bytesOf(manifest.config), local);
    const failure = engine.failNext;
    engine.failNext = undefined;
    if (failure) throw failure;
    for (const [at, layer] of manifest.layers.entries()) {
      const found = digestOf(unpacked(await bytesOf(layer)));
      if (found !== diffIds[at]) {
        throw new PullError(
          'ENGINE_FAILED',
          TITLE,
          `loading ${local}: layer ${at} is ${found}, expected ${diffIds[at]}`,
        );
      }
    }
  }

  return engine;
}

const manifestOf = ({ documents, target }: Loadable): Digest => documents.at(-1)?.digest ?? target.digest;
const repositoryOf = (name: string): string => name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');

function unpacked(bytes: Buffer): Buffer {
  for (const unpack of [zlib.gunzipSync, zlib.zstdDecompressSync]) {
    try {
      return unpack(bytes);
    } catch {
      // Packed in another way, or not at all.
    }
  }
  return bytes;
}
