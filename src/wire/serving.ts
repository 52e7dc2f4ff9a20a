import type { Registry } from '../ports.ts';
import { readableTarget } from '../pull/readable.ts';
import type { Listening, Place } from '../server/listen.ts';
import { serveStore } from '../server/store-registry.ts';
import type { Access } from '../settings.ts';
import { storeContents } from '../store/contents.ts';
import { openStore } from '../store/layout-store.ts';
import { openRegistry, runOf, type World } from '../wire.ts';

/** The store as a registry at the place; with `access` what the store lacks is read from the registries it names. Throws STORE_UNUSABLE or INPUT_INVALID. */
export async function openServing(place: Place, access: Access | undefined, world: World): Promise<Listening> {
  const { environment, signal } = world;
  const options = { run: runOf(environment), signal };
  const store = await openStore(world.store, options);
  const upstream: Registry | undefined = access && (await openRegistry(access, world));
  const contents = storeContents(store.root, options);
  const parts = { store, contents, readable: readableTarget, upstream, now: Date.now };
  const listening = await serveStore(parts, place).catch(async (error) => {
    await upstream?.close();
    throw error;
  });
  return {
    port: listening.port,
    async close() {
      await listening.close();
      await upstream?.close();
    },
  };
}
