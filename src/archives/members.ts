import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { formatBytes } from '../lib/format.ts';
import { algorithmOf, type Digest, finishDigest, isDigest } from '../oci/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../oci/manifest.ts';
import type { Store } from '../ports.ts';
import type { TarMember } from '../tar/member.ts';
import { readTar } from '../tar/read-tar.ts';

/** A file of an archive that has no digest in its name, put aside until it is known what it is. */
export interface Aside {
  readonly file: string;
  readonly digest: Digest;
  readonly size: number;
}

/** What was in an archive. */
export interface Members {
  /** `index.json`, `manifest.json` and `oci-layout`, at most 4 MiB each. */
  readonly documents: ReadonlyMap<string, Buffer>;
  /** Blobs that went into the store, or were there and are the same, with their sizes. */
  readonly blobs: ReadonlyMap<Digest, number>;
  /** How many of them the store had already. */
  readonly known: number;
  /** By their names. */
  readonly aside: ReadonlyMap<string, Aside>;
  /** Links, and the name of what each points to. */
  readonly links: ReadonlyMap<string, string>;
}

const LARGE = 1_000_000;
const DOCUMENTS = ['index.json', 'manifest.json', 'oci-layout'];
const BLOB = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/;

/**
 * Takes an archive apart: what a layout calls a blob is hashed into the store at once, whatever else is a file is hashed and put aside in the folder. Names are only ever
 * looked up, never used as paths. Throws INPUT_INVALID, DIGEST_MISMATCH, and what the store and the chunks throw.
 */
export async function takeApart(
  chunks: AsyncIterable<Uint8Array>,
  store: Store,
  folder: string,
  subject: string,
): Promise<Members> {
  const documents = new Map<string, Buffer>();
  const blobs = new Map<Digest, number>();
  const aside = new Map<string, Aside>();
  const links = new Map<string, string>();
  let known = 0;
  for await (const member of readTar(chunks, subject)) {
    const name = path.posix.normalize(member.name.replace(/^\/+/, ''));
    if (member.type === 'symlink') links.set(name, path.posix.join(path.posix.dirname(name), member.linkName));
    if (member.type === 'link') links.set(name, path.posix.normalize(member.linkName));
    if (member.type !== 'file') continue;
    const digest = digestIn(name);
    if (DOCUMENTS.includes(name)) documents.set(name, await whole(member, subject));
    else if (digest) {
      await makeSureItFits(member, store, subject);
      if (await takeBlob(member, digest, store, subject)) known += 1;
      blobs.set(digest, member.size);
    } else {
      await makeSureItFits(member, store, subject);
      aside.set(name, await putAside(member, folder));
    }
  }
  return { documents, blobs, known, aside, links };
}

/** What an archive announces is looked at before the disk is full. */
async function makeSureItFits({ name, size }: TarMember, store: Store, subject: string): Promise<void> {
  if (size < LARGE) return;
  const free = await store.freeBytes();
  if (size <= free) return;
  const reason = `${clean(name, 100)} has ${formatBytes(size)}, and ${formatBytes(free)} are free in ${store.root}`;
  throw new PullError('DISK_FULL', subject, reason, {
    hint: 'Free some space there, or use --store with a larger disk.',
  });
}

function digestIn(name: string): Digest | undefined {
  const [, algorithm, hex] = BLOB.exec(name) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? digest : undefined;
}

/** True if the store had it already; its bytes in the archive are proved all the same. */
async function takeBlob({ size, content }: TarMember, digest: Digest, store: Store, subject: string): Promise<boolean> {
  if (!(await store.has({ digest, size }))) {
    await store.write({ digest, size }, content);
    return false;
  }
  const hash = createHash(algorithmOf(digest));
  for await (const chunk of content) hash.update(chunk);
  const found = finishDigest(hash, algorithmOf(digest));
  if (found !== digest) throw new PullError('DIGEST_MISMATCH', subject, `expected ${digest}, found ${found}`);
  return true;
}

async function whole({ name, size, content }: TarMember, subject: string): Promise<Buffer> {
  const limit = `expected at most ${MAX_DOCUMENT_BYTES}`;
  if (size > MAX_DOCUMENT_BYTES)
    throw new PullError('INPUT_INVALID', subject, `${clean(name, 100)} has ${size} bytes, ${limit}`);
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function putAside({ size, content }: TarMember, folder: string): Promise<Aside> {
  const file = path.join(folder, randomUUID());
  const hash = createHash('sha256');
  async function* hashed() {
    for await (const part of content) {
      hash.update(part);
      yield part;
    }
  }
  await pipeline(hashed, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  return { file, digest: finishDigest(hash, 'sha256'), size };
}

/** The file of this name, through links, as far as they are no maze. */
export function fileOf({ aside, links }: Members, name: string): Aside | undefined {
  let at: string | undefined = path.posix.normalize(name);
  for (let hops = 0; at !== undefined && hops < 8; hops += 1) {
    const found = aside.get(at);
    if (found) return found;
    at = links.get(at);
  }
  return undefined;
}
