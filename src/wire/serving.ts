import { randomUUID } from 'node:crypto';
import type { Registry } from '../ports.ts';
import { readableTarget } from '../pull/readable.ts';
import { ownPlace } from '../registry/own-place.ts';
import type { Listening, Place } from '../server/listen.ts';
import { serveStore } from '../server/store-registry.ts';
import type { Access } from '../settings.ts';
import { storeContents } from '../store/contents.ts';
import { openStore } from '../store/layout-store.ts';
import { openRegistry, runOf, USER_AGENT, type World } from '../wire.ts';

/**
 * The store as a registry at the place; with `access` what the store lacks is read from the registries it names, but never from this server itself. Throws
 * STORE_UNUSABLE or INPUT_INVALID.
 */
export async function openServing(
  place: Place,
  access: Access | undefined,
  world: World,
  patienceMs?: number,
): Promise<Listening> {
  const { environment, signal } = world;
  const options = { run: runOf(environment), signal };
  const store = await openStore(world.store, options);
  let isOwn = (_: string) => false;
  // Names of this machine that only a resolver knows are told by who asks.
  const own = { isOwn: (host: string) => isOwn(host), userAgent: `${USER_AGENT} (serve ${randomUUID()})` };
  const upstream: Registry | undefined = access && (await openRegistry(access, world, own));
  const contents = storeContents(store.root, options);
  const parts = { store, contents, readable: readableTarget, upstream, ...own, patienceMs, now: Date.now };
  const listening = await serveStore(parts, place).catch(async (error) => {
    await upstream?.close();
    throw error;
  });
  isOwn = ownPlace({ host: place.host, port: listening.port });
  return {
    port: listening.port,
    async close() {
      await listening.close();
      await upstream?.close();
    },
  };
}
