import { access } from 'node:fs/promises';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { LAYOUT_FILE } from '../oci/layout.ts';
import type { Store, StoreCare } from '../ports.ts';
import { openCare } from '../wire.ts';
import { storePath } from './store-path.ts';

/** A store of a terminal with what keeps it in order. */
export interface OpenStore {
  readonly root: string;
  readonly store: Store;
  readonly care: StoreCare;
}

/** The store that was asked for, only if it is there: a typing error must not make one. Throws STORE_UNUSABLE. */
export async function careOf(asked: string | undefined): Promise<OpenStore> {
  const root = storePath(asked);
  try {
    await access(path.join(root, LAYOUT_FILE));
  } catch (cause) {
    const hint = 'Pull an image first, or name the store with --store.';
    throw new PullError('STORE_UNUSABLE', root, 'no layer store there', { hint, cause });
  }
  return openOrMake(asked);
}

/** The store that was asked for, made if it is not there; throws STORE_UNUSABLE. */
export async function openOrMake(asked: string | undefined): Promise<OpenStore> {
  const root = storePath(asked);
  const { store, care } = await openCare(root, process.env);
  return { root, store, care };
}
