import type { ServerResponse } from 'node:http';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { StoreContents } from '../ports/store-contents.ts';
import { keepOld, type ManifestDoor } from './put-manifest.ts';
import { Refusal } from './refusal.ts';
import { nameOf, type Shelf } from './shelf.ts';

/**
 * Deletes a tag, or a manifest with every tag of it (distribution-spec v1.1, "Content Management"). What was pulled, and what an index here lists, stays: 405. The
 * bytes go with the next sweep.
 */
export async function deleteManifest(
  response: ServerResponse,
  { shelf, reference }: { readonly shelf: Shelf; readonly reference: string },
  door: DeletingDoor,
): Promise<void> {
  await door.inTurn(shelf.own.path)(() => forgetNames(shelf, reference, door));
  accepted(response);
}

type DeletingDoor = Pick<ManifestDoor, 'store' | 'shelves' | 'inTurn' | 'told'> & { readonly contents: StoreContents };

async function forgetNames(shelf: Shelf, reference: string, { contents, ...door }: DeletingDoor): Promise<void> {
  const { own } = shelf;
  const names = (await door.shelves.namesIn(own))
    .filter(({ name, target }) => (isDigest(reference) ? target.digest === reference : name === nameOf(own, reference)))
    .map(({ name }) => name);
  if (isDigest(reference) && (await door.shelves.isChild(own, reference)))
    throw new Refusal(405, 'UNSUPPORTED', `an index lists ${reference}: delete the index first`);
  const [first] = names;
  if (first === undefined) throw await notDeletable(shelf, reference, door);
  if (!isDigest(reference)) await keepOld(first, undefined, shelf, door);
  if (isDigest(reference)) await door.told.forget(reference);
  await contents.forget(names);
}

async function notDeletable(
  shelf: Shelf,
  reference: string,
  { shelves }: Pick<ManifestDoor, 'shelves'>,
): Promise<Refusal> {
  if (!(await shelves.find(shelf, reference)))
    return new Refusal(404, 'MANIFEST_UNKNOWN', `${shelf.own.path} has no ${reference}`);
  return new Refusal(405, 'UNSUPPORTED', `${reference} was pulled, not pushed here: it stays in the store`);
}

/** Deletes a blob that no image needs; one that is needed stays: 405. */
export async function deleteBlob(
  response: ServerResponse,
  digest: Digest,
  { contents, told }: Pick<DeletingDoor, 'contents' | 'told'>,
): Promise<void> {
  if ((await contents.sizeOf(digest)) === undefined)
    throw new Refusal(404, 'BLOB_UNKNOWN', `the store has no blob ${digest}`);
  await told.forget(digest);
  if (!(await contents.remove(digest)))
    throw new Refusal(405, 'UNSUPPORTED', `an image of the store needs ${digest}: delete its manifest first`);
  accepted(response);
}

const accepted = (response: ServerResponse): void => void response.writeHead(202, { 'Content-Length': 0 }).end();
