import { gzipSync } from 'node:zlib';
import type { Document } from '../../../src/oci/descriptor.ts';
import { type Algorithm, type Digest, digestOf } from '../../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../../src/oci/media-types.ts';
import { noise } from '../image-builder.ts';

const EMPTY = 'application/vnd.oci.empty.v1+json';
const EXAMPLE = 'application/vnd.example.thing.v1';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const ELSEWHERE = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';

/** Something that can be pushed: blobs, then documents, of which each names only what comes before it. */
export interface Sample {
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  readonly documents: readonly Document[];
}

interface Told {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
}

interface Builder {
  blob(bytes: Uint8Array, mediaType: string, more?: object): Told;
  document(mediaType: string, fields: object): Told;
  sample(): Sample;
}

export function builder(algorithm: Algorithm = 'sha256'): Builder {
  const blobs = new Map<Digest, Uint8Array>();
  const documents: Document[] = [];
  return {
    blob(bytes, mediaType, more = {}) {
      const digest = digestOf(bytes, algorithm);
      blobs.set(digest, bytes);
      return { mediaType, digest, size: bytes.byteLength, ...more };
    },
    document(mediaType, fields) {
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }));
      const digest = digestOf(bytes, algorithm);
      documents.push({ mediaType, digest, bytes });
      return { mediaType, digest, size: bytes.byteLength };
    },
    sample: () => ({ blobs, documents }),
  };
}

let counted = 0;
/** Bytes that no other sample has, so that none holds the blobs of another. */
export function fresh(size = 500): Buffer {
  counted += 1;
  return noise(`sample ${counted}`, size);
}

/** An image of one platform; gives its manifest. */
export function image(build: Builder, more: object = {}, architecture = 'amd64', layers = [fresh(), fresh()]): Told {
  const config = {
    os: 'linux',
    architecture,
    rootfs: { type: 'layers', diff_ids: layers.map((tar) => digestOf(tar)) },
  };
  return build.document(OCI_MANIFEST, {
    config: build.blob(Buffer.from(JSON.stringify({ ...config, created_by: fresh(9).toString('hex') })), OCI_CONFIG),
    layers: layers.map((tar) => build.blob(gzipSync(tar), OCI_LAYER_GZIP)),
    ...more,
  });
}

/** An index of images of two platforms; gives it. */
export function index(build: Builder, more: object = {}): Told {
  const manifests = ['amd64', 'arm64'].map((architecture) => ({
    ...image(build, {}, architecture),
    platform: { os: 'linux', architecture },
  }));
  return build.document(OCI_INDEX, { manifests, ...more });
}

/** What image-spec v1.1 calls an artifact; gives its manifest. */
export function artifact(build: Builder, more: object = {}, content: Uint8Array = fresh()): Told {
  return build.document(OCI_MANIFEST, {
    artifactType: EXAMPLE,
    config: build.blob(Buffer.from('{}'), EMPTY),
    layers: [build.blob(content, content.byteLength === 2 ? EMPTY : EXAMPLE)],
    ...more,
  });
}

function made(fill: (build: Builder) => unknown, algorithm?: Algorithm): () => Sample {
  return () => {
    const build = builder(algorithm);
    fill(build);
    return build.sample();
  };
}

/** Every kind of content that image-spec v1.1 allows, new at every call. */
export const SAMPLES: Readonly<Record<string, () => Sample>> = {
  'an image': made((build) => image(build)),
  'an image whose layers are not compressed': made((build) => {
    const tar = fresh(1024);
    const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } };
    const layers = [build.blob(tar, LAYER)];
    build.document(OCI_MANIFEST, { config: build.blob(Buffer.from(JSON.stringify(config)), OCI_CONFIG), layers });
  }),
  'a manifest of nearly 4 MiB': made((build) =>
    image(build, {
      annotations: Object.fromEntries(Array.from({ length: 390 }, (_, n) => [`note-${n}`, 'A'.repeat(10_000)])),
    }),
  ),
  'an index': made((build) => index(build)),
  'an index of indexes': made((build) => {
    const manifests = [index(build), index(build)];
    build.document(OCI_INDEX, { manifests });
  }),
  'an index of nothing': made((build) =>
    build.document(OCI_INDEX, { manifests: [], annotations: { note: fresh(9).toString('hex') } }),
  ),
  'an artifact': made((build) => artifact(build)),
  'an artifact of nothing': made((build) =>
    artifact(build, { annotations: { note: fresh(9).toString('hex') } }, Buffer.from('{}')),
  ),
  'an index of artifacts': made((build) => {
    const manifests = [artifact(build), artifact(build)];
    build.document(OCI_INDEX, { artifactType: EXAMPLE, manifests });
  }),
  'descriptors that carry their bytes': made((build) => {
    const [config, layer] = [Buffer.from('{"os":"linux","architecture":"amd64"}'), gzipSync(fresh())];
    build.document(OCI_MANIFEST, {
      config: build.blob(config, OCI_CONFIG, { data: config.toString('base64') }),
      layers: [build.blob(layer, OCI_LAYER_GZIP, { data: layer.toString('base64') })],
    });
  }),
  'fields that nobody knows': made((build) => {
    const child = image(build, { 'org.example.unknown': fresh(9).toString('hex') });
    build.document(OCI_INDEX, { manifests: [{ ...child, unknown: 'x' }], 'org.example.unknown': { deep: [1] } });
  }),
  'an image without layers': made((build) => image(build, {}, 'amd64', [])),
  'layers that lie elsewhere': made((build) => {
    const digest = digestOf(fresh());
    const far = { mediaType: ELSEWHERE, digest, size: 123_456, urls: [`https://store.example.com/${digest}`] };
    const layers = [far, build.blob(gzipSync(fresh()), OCI_LAYER_GZIP)];
    const config = build.blob(Buffer.from('{"os":"windows","architecture":"amd64"}'), OCI_CONFIG);
    build.document(OCI_MANIFEST, { config, layers });
  }),
  'digests of sha512': made((build) => index(build), 'sha512'),
};
