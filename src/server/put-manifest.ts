import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from '../lib/pool.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { type Index, MAX_DOCUMENT_BYTES, type Manifest, parseDocument } from '../oci/manifest.ts';
import { isTag } from '../oci/reference.ts';
import { referrerOf } from '../oci/referrer.ts';
import type { NameRecord, Store } from '../ports.ts';
import { completePlatforms, type Readable, recordNames, writeDocument } from './naming.ts';
import { Refusal } from './refusal.ts';
import { nameOf, type Shelf, type Shelves } from './shelf.ts';
import type { Told } from './told.ts';

/** What taking manifests needs. */
export interface ManifestDoor {
  readonly store: Store;
  readonly shelves: Shelves;
  readonly readable: Readable;
  readonly now: () => number;
  /** Where what reads the names of a repository and then changes them goes one after the other. */
  readonly inTurn: (path: string) => Gate;
  readonly told: Told;
  /** Has a blob in the store that upstream has: who looked for it was told so, and does not upload it. Throws what upstream does. */
  readonly bring?: ((digest: Digest) => Promise<void>) | undefined;
}

/**
 * Takes a manifest under a tag or its digest (distribution-spec v1.1, "Pushing Manifests"): only what its digest says, that can be read, and whose children are
 * here, which no sweep takes meanwhile. What a tag pointed to before stays there under its digest.
 */
export async function putManifest(
  request: IncomingMessage,
  response: ServerResponse,
  { shelf, path, reference }: { readonly shelf: Shelf; readonly path: string; readonly reference: string },
  door: ManifestDoor,
): Promise<void> {
  if (!isDigest(reference) && !isTag(reference))
    throw new Refusal(400, 'MANIFEST_INVALID', `expected a tag or a digest, found ${JSON.stringify(reference)}`);
  const bytes = await documentOf(request);
  const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : 'sha256');
  if (isDigest(reference) && digest !== reference)
    throw new Refusal(400, 'DIGEST_INVALID', `expected a manifest with ${reference}, found ${digest}`);
  const sent = { mediaType: request.headers['content-type'] ?? '', digest, bytes };
  const subject = `${path}:${reference}`;
  const content = parseDocument(sent, subject);
  const document = { ...sent, mediaType: content.mediaType };
  const about = referrerOf(document, subject)?.subject;

  const { store, told } = door;
  const children = childrenOf(content);
  const lease = await store.lease([digest, ...children.map((child) => child.digest)]);
  try {
    for (const child of children) await mustHold(child, door);
    await writeDocument(store, document);
    const target = descriptorOf(document);
    const platforms = await completePlatforms(store, target);
    const name = nameOf(shelf.own, reference);
    await door.inTurn(shelf.own.path)(async () => {
      await keepOld(name, digest, shelf, door);
      await recordNames([name], target, platforms, door);
    });
    const listed = children.map((child) => child.digest);
    // An index of it may follow, which names it only then.
    await Promise.all([isDigest(reference) && told.keep(path, digest, listed), told.over(path, listed)]);
  } finally {
    await store.release(lease);
  }
  response
    .writeHead(201, {
      Location: `/v2/${path}/manifests/${digest}`,
      'Docker-Content-Digest': digest,
      'Content-Length': 0,
      ...(about ? { 'OCI-Subject': about } : {}),
    })
    .end();
}

async function documentOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > MAX_DOCUMENT_BYTES)
      throw new Refusal(413, 'SIZE_INVALID', `expected a manifest of at most ${MAX_DOCUMENT_BYTES} bytes`, {
        Connection: 'close',
      });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Layers that lie elsewhere, as those of Windows do, need not be here. */
const childrenOf = (content: Manifest | Index) =>
  content.kind === 'index'
    ? content.manifests
    : [content.config, ...content.layers.filter(({ urls = [] }) => urls.length === 0)];

async function mustHold(
  child: { readonly digest: Digest; readonly size: number },
  { store, bring }: Pick<ManifestDoor, 'store' | 'bring'>,
): Promise<void> {
  if (await store.has(child)) return;
  const { digest, size } = child;
  await bring?.(digest);
  if (await store.has(child)) return;
  throw new Refusal(
    404,
    'MANIFEST_BLOB_UNKNOWN',
    `expected ${digest} with ${size} bytes to be pushed before, found none`,
  );
}

/** A tag that moves, or goes, leaves what it pointed to under its digest. */
export async function keepOld(
  name: string,
  next: Digest | undefined,
  { own }: Shelf,
  { store, shelves }: Pick<ManifestDoor, 'store' | 'shelves'>,
): Promise<void> {
  const old = await store.named(name);
  if (!old || old.target.digest === next) return;
  const others = await shelves.namesIn(own);
  const known = others.some((other) => other.name !== name && other.target.digest === old.target.digest);
  if (!known) await store.record([{ ...old, name: nameOf(own, old.target.digest) } satisfies NameRecord]);
}
