import * as v from 'valibot';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { Descriptor, Document } from './descriptor.ts';
import { descriptorSchema, toDescriptor } from './descriptor-json.ts';
import { algorithmOf, digestOf } from './digest.ts';
import { bareType, isIndexType, isManifestType, isSchema1Type, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';
import { doubleMember } from './member-names.ts';
import { decodeObject, expected, readJson } from './untrusted-json.ts';

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

/** The members that say what a document is, unread. */
type Json = Readonly<Partial<Record<string, unknown>>>;

/** What registries take and clients read (containerd, containers/image, oras): 4 MiB. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** Far beyond what runs (overlay2 stacks 128), far below what hurts. */
const MAX_LAYERS = 1000;
const MAX_MANIFESTS = 10_000;

/** Content types that say nothing about a document: what it is must be read from the JSON. */
const SILENT_TYPES = ['', 'text/plain', 'application/json', 'application/octet-stream', 'binary/octet-stream'];

const manifestSchema = v.object({
  artifactType: v.nullish(v.string()),
  config: descriptorSchema,
  // Go writes an empty list as null.
  layers: v.nullable(v.array(descriptorSchema, expected('a list of layers')), []),
});
const indexSchema = v.object({ manifests: v.nullable(v.array(descriptorSchema, expected('a list of manifests')), []) });

/**
 * The document as a manifest or an index, its media type the true one also where Content-Type says nothing. Throws
 * MANIFEST_INVALID, with what was expected and found, if it is larger than 4 MiB, is not JSON, contradicts its
 * Content-Type or itself (CVE-2021-41190), is of schema 1 or unknown, or has a descriptor without a well-formed digest
 * and size; also beyond 1000 layers or 10,000 manifests. Children of unknown types are kept.
 */
export function parseDocument(document: Document, subject: string): Manifest | Index {
  const { byteLength } = document.bytes;
  if (byteLength > MAX_DOCUMENT_BYTES) {
    throw invalid(subject, `expected at most ${MAX_DOCUMENT_BYTES} bytes, found ${byteLength}`);
  }
  const contentType = bareType(document.mediaType);
  if (isSchema1Type(contentType)) throw schema1(subject);
  const json = decodeObject(document.bytes, subject);
  const double = doubleMember(json);
  if (double) {
    const reason = `has a member named "${clean(double.name, 100)}", which some readers take for "${double.meant}"`;
    throw invalid(subject, reason, HYBRID);
  }
  const mediaType = mediaTypeOf(json, contentType, subject);
  if (isIndexType(mediaType)) {
    refuse(json, ['config', 'layers', 'fsLayers'], 'an index', subject);
    atMost(json.manifests, MAX_MANIFESTS, 'manifests', subject);
    const { manifests } = readJson(indexSchema, json, subject);
    return { kind: 'index', mediaType, manifests: manifests.map(toDescriptor) };
  }
  refuse(json, ['manifests', 'fsLayers'], 'an image manifest', subject);
  atMost(json.layers, MAX_LAYERS, 'layers', subject);
  const { artifactType, config, layers } = readJson(manifestSchema, json, subject);
  return {
    kind: 'manifest',
    mediaType,
    ...(artifactType ? { artifactType } : {}),
    config: toDescriptor(config),
    layers: layers.map(toDescriptor),
  };
}

/** Blobs that everybody knows: the empty JSON object of artifacts (image-spec v1.1, manifest.md), and Docker's layer of no files. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a': 'e30=',
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4':
    'H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=',
};

/**
 * The blob that the descriptor carries inline (image-spec v1.1, descriptor.md, "data"), or that everybody knows by its digest; undefined unless size and
 * digest agree.
 */
export function inlineData({ data: given, digest, size }: Descriptor): Uint8Array | undefined {
  const data = given ?? (Object.hasOwn(WELL_KNOWN, digest) ? WELL_KNOWN[digest] : undefined);
  if (data === undefined || data.length > 2 * MAX_DOCUMENT_BYTES) return undefined;
  const bytes = Buffer.from(data, 'base64');
  return bytes.byteLength === size && digestOf(bytes, algorithmOf(digest)) === digest ? bytes : undefined;
}

/** One of the four types we read; what the JSON says must not contradict Content-Type. */
function mediaTypeOf(json: Json, contentType: string, subject: string): string {
  const { mediaType: inside, schemaVersion } = json;
  if (isGiven(inside) && typeof inside !== 'string') throw invalid(subject, 'mediaType: expected text');
  const claimed = typeof inside === 'string' ? inside : '';
  if (isSchema1Type(claimed) || schemaVersion === 1 || isGiven(json.signatures)) throw schema1(subject);
  if (isGiven(schemaVersion) && schemaVersion !== 2) throw invalid(subject, 'schemaVersion: expected 2');
  const told = SILENT_TYPES.includes(contentType) ? '' : contentType;
  if (told !== '' && claimed !== '' && told !== claimed) {
    throw invalid(
      subject,
      `Content-Type and mediaType must agree: expected ${clean(told, 100)}, found ${clean(claimed, 100)}`,
    );
  }
  const mediaType = told || claimed || sniff(json, subject);
  if (isIndexType(mediaType) || isManifestType(mediaType)) return mediaType;
  throw invalid(
    subject,
    `expected an image manifest or index, found ${clean(mediaType, 100)}`,
    'Check the reference: what it names is not a container image.',
  );
}

/** Documents of OCI 1.0 need not name their type, Docker's must. */
function sniff(json: Json, subject: string): string {
  if (isGiven(json.manifests)) return OCI_INDEX;
  if (isGiven(json.config)) return OCI_MANIFEST;
  if (isGiven(json.fsLayers)) throw schema1(subject);
  const members = Object.keys(json).slice(0, 10).join(', ');
  throw invalid(
    subject,
    `expected an image manifest or index, found ${members === '' ? 'an empty object' : clean(`members ${members}`, 200)}`,
  );
}

function refuse(json: Json, members: readonly string[], what: string, subject: string): void {
  const stray = members.find((member) => isGiven(json[member]));
  if (stray === undefined) return;
  throw invalid(subject, `expected ${what}, found one with "${stray}" too`, HYBRID);
}

const HYBRID =
  'Such a document means different things to different readers (CVE-2021-41190): have the image pushed again.';

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function atMost(list: unknown, most: number, what: string, subject: string): void {
  if (Array.isArray(list) && list.length > most) {
    throw invalid(subject, `expected at most ${most} ${what}, found ${list.length}`);
  }
}

function schema1(subject: string): PullError {
  const reason =
    'expected an image manifest or index, found Docker image manifest version 2, schema 1, which Docker no longer supports';
  const hint =
    'Ask the author to push the image again with a current tool: https://docs.docker.com/go/deprecated-image-specs/';
  return invalid(subject, reason, hint);
}

function invalid(subject: string, reason: string, hint?: string): PullError {
  return new PullError('MANIFEST_INVALID', subject, reason, { hint });
}
