import { availableParallelism } from 'node:os';
import { platform as os } from 'node:process';
import { type Detected, detectEngine } from './engine/engine.ts';
import type { OfferImage } from './engine/offer.ts';
import { cancelled } from './errors.ts';
import { hostPlatform, normalizePlatform, type Platform } from './oci/platform.ts';
import type { Report } from './outcome.ts';
import type { LayerCache, Ports, Registry, Store, StoreCare, TagWatch } from './ports.ts';
import { readAuthFiles } from './registry/auth-files.ts';
import type { ClientOptions } from './registry/client.ts';
import { createAskHelper } from './registry/credential-helper.ts';
import { createRegistry } from './registry/registry.ts';
import { machineFiles } from './registry/routes/machine-files.ts';
import { rangeBringer } from './registry/transport/range-bring.ts';
import type { Found } from './settings/found.ts';
import { type Access, parseSettings, type RawSettings, type Settings } from './settings.ts';
import { storeCare } from './store/care.ts';
import { type FillPool, fillPool } from './store/fill-pool.ts';
import { openStore } from './store/layout-store.ts';

/** What an entry knows of the world it was started in. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the layer store. */
  readonly store: string;
  /** Absolute path of the bundled `fill-worker`; without it everything is done by one thread. */
  readonly fillWorker?: string | undefined;
  /** What is kept between jobs; nothing, where there are no jobs. */
  readonly cache?: LayerCache | undefined;
  /** Told of each secret that comes from a file or a program, before anything is done with it. */
  readonly onSecret?: (secret: { readonly username: string; readonly password: string }) => void;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface Wired {
  readonly ports: Ports;
  /** Closes what was opened, so that the process can end by itself. */
  close(): Promise<void>;
}

/** Sent with every request; the version is the one of package.json, which a test holds against it. */
export const VERSION = '0.1.0';

/** Settings out of the raw text of the inputs and what was found on disk for them; throws one INPUT_INVALID that lists every mistake. */
export async function readSettings(raw: RawSettings, found?: Found): Promise<Settings> {
  // A start does not pay for a reader of YAML that nobody needs; so it is with all that is imported on the spot.
  if (!raw['registry-auth']?.trim()) return parseSettings(raw, found);
  const { parseYamlTexts } = await import('./sources/yaml-texts.ts');
  return parseSettings(raw, found, parseYamlTexts);
}

/** Builds every port the settings ask for; throws STORE_UNUSABLE or ENGINE_UNAVAILABLE before any image is touched. */
export async function wire(settings: Settings, world: World): Promise<Wired> {
  const { environment, report, signal, cache = NO_CACHE } = world;
  const { request } = settings;
  const detected = await detectEngine(settings.engine, { environment, os, offerImage }, signal);
  if (detected.notice) report({ type: 'notice', message: detected.notice });
  const pool = world.fillWorker === undefined ? undefined : poolOf(world.fillWorker);
  const [store, access] = await Promise.all([
    openStore(world.store, { run: runOf(environment), signal, pool }),
    accessOf({ ...settings, concurrency: request.concurrency }, world),
  ]);
  const registry = createRegistry({ ...access, signal, report });
  const watch = request.lock && request.policy === 'always' ? watcher(access, signal) : undefined;
  const ports: Ports = {
    registry,
    store,
    cache,
    engine: detected.engine,
    platform: defaultPlatform(detected),
    chooseTags: await tagChoice(request.tags),
    tagWatch: watch?.tagWatch,
    report,
    signal,
    now: Date.now,
  };
  const parts = [registry, watch, cache, pool];
  return { ports, close: async () => void (await Promise.all(parts.map((part) => part?.close()))) };
}

/** What a client of registries is made of, but for its signal and its words. */
export async function accessOf(
  access: Access,
  { environment, report, signal, onSecret = () => {} }: Omit<World, 'store'>,
) {
  const warn = (message: string) => report({ type: 'warning', message });
  return {
    logins: access.logins,
    authFiles: await readAuthFiles(environment, warn),
    machineFiles: machineFiles(environment, warn),
    askHelper: createAskHelper({ environment, signal }),
    githubToken: access.githubToken,
    onSecret,
    mirrors: access.mirrors,
    insecureRegistries: access.insecureRegistries,
    environment,
    connections: access.concurrency,
    userAgent: USER_AGENT,
  };
}

/** The registries of the world as the settings reach them; the caller closes it. */
export async function openRegistry(
  access: Access,
  world: Omit<World, 'store'>,
  own: Pick<ClientOptions, 'isOwn'> & { readonly userAgent?: string } = {},
): Promise<Registry> {
  const { report, signal } = world;
  return createRegistry({ ...(await accessOf(access, world)), ...own, signal, report });
}

/** Images served to engines that pull. */
const offerImage: OfferImage = async (image, source, tag) => {
  const server = await import('./server/offer.ts');
  return server.offerImage(image, source, tag);
};

async function tagChoice(patterns: readonly string[]): Promise<Ports['chooseTags']> {
  if (patterns.length === 0) return (tags) => tags;
  const { tagFilter } = await import('./sources/tag-filter.ts');
  return tagFilter(patterns);
}

/** A client of its own for what must not hinder the pull: one try, no words, and an end whenever it is asked for. */
function watcher(
  access: Omit<Parameters<typeof createRegistry>[0], 'signal' | 'report'>,
  signal: AbortSignal,
): { readonly tagWatch: TagWatch; close(): Promise<void> } {
  const own = new AbortController();
  const ends = AbortSignal.any([signal, own.signal]);
  const once = async () => {
    throw cancelled();
  };
  const registry = createRegistry({ ...access, signal: ends, report: () => {}, sleep: once });
  return {
    tagWatch: async (repository, tag) => (await registry.resolve(repository, tag)).digest,
    async close() {
      own.abort();
      await registry.close();
    },
  };
}

/** The store at this path, and what keeps it in order. */
export async function openCare(
  path: string,
  environment: World['environment'],
): Promise<{ store: Store; care: StoreCare }> {
  const store = await openStore(path, { run: runOf(environment) });
  return { store, care: storeCare(store.root) };
}

/** The registries as somebody without any login sees them, through the same proxies. */
export function anonymousRegistry(signal: AbortSignal, environment: World['environment']): Registry {
  const files = machineFiles(environment, () => {});
  const options = { userAgent: USER_AGENT, signal, environment, machineFiles: files, anonymous: true };
  return createRegistry({ ...options, report: () => {} });
}

/** Places to fill files, as many as there are processors: more than four would share the same network and disk, and of two this thread is one. */
function poolOf(path: string): FillPool {
  const processors = availableParallelism();
  const places = Math.min(4, Math.max(2, processors));
  return fillPool({ path, places, here: processors > 2 ? undefined : rangeBringer() });
}

/** The job, for people who look at what it marks in the store. */
export const runOf = (environment: World['environment']): string => environment.GITHUB_RUN_ID ?? `pid-${process.pid}`;

export const USER_AGENT = `pull-image/${VERSION}`;

/** The cache of a terminal, which has no jobs to keep anything between. */
const NO_CACHE: LayerCache = {
  readable: false,
  writable: false,
  newest: async () => undefined,
  restore: async () => undefined,
  save: async () => 'refused',
  close: async () => {},
};

/** What the engine runs; without one what containers on this machine run: Linux, on macOS too, and Windows on Windows. */
function defaultPlatform({ engine }: Detected): Platform {
  return engine?.platform ?? normalizePlatform(hostPlatform());
}
