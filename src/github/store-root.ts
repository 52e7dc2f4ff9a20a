import { access, constants, mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises';
import { arch, homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { makeFolder } from '../lib/make-folder.ts';
import { reasonOf } from './wording.ts';

const TOOL = 'pull-image-store';
/** The version of the store's format, not of the action: stores of other formats lie beside it. */
const VERSION = '1.0.0';
const LOCK_WAIT_MS = 30_000;
const LOCK_STALE_MS = 10_000;

/** A directory that exists and can be written to; the warning says why it is not the one that was wanted. */
export interface StoreRoot {
  readonly path: string;
  readonly warning?: string | undefined;
}

/**
 * Where the layer store lies: `explicit` if it is given, else the tool `pull-image-store` of the runner's tool cache, registered there on first use. If that
 * cannot be written to, a temp folder with a warning; throws STORE_UNUSABLE if there is not even that. `env` is this process's environment, which
 * @actions/tool-cache reads by itself.
 */
export async function storeRoot(explicit: string | undefined, env = process.env): Promise<StoreRoot> {
  try {
    return { path: explicit === undefined ? await toolStore(env) : await writable(absolute(explicit)) };
  } catch (error) {
    const path = await temporaryStore(env);
    const wanted = explicit === undefined ? "the runner's tool cache" : clean(explicit);
    return {
      path,
      warning: `The layer store cannot be in ${wanted} (${reasonOf(error)}): it is in ${path}, for this job only.`,
    };
  }
}

const absolute = (path: string): string => resolve(path.replace(/^~(?=$|[\\/])/, homedir()));

async function toolStore(env: NodeJS.ProcessEnv): Promise<string> {
  const root = env.RUNNER_TOOL_CACHE;
  if (!root) throw new Error('RUNNER_TOOL_CACHE is not set');
  const known = await registered(root);
  if (known) return writable(known);
  await makeFolder(root);
  // cacheDir empties its target before it fills it: a job on the same machine may have a store there by now.
  return locked(join(root, `${TOOL}.lock`), async () => writable((await registered(root)) ?? (await register(env))));
}

/** The tool as `find` of @actions/tool-cache finds it, which takes longer to load than all that a start with a known store does. */
async function registered(root: string): Promise<string | undefined> {
  const tool = join(root, TOOL, VERSION, arch());
  const found = await Promise.all([stat(tool), stat(`${tool}.complete`)]).catch(() => undefined);
  return found && tool;
}

async function register(env: NodeJS.ProcessEnv): Promise<string> {
  const empty = await mkdtemp(join(env.RUNNER_TEMP || tmpdir(), `${TOOL}-`));
  try {
    const toolCache = await import('@actions/tool-cache');
    return await toolCache.cacheDir(empty, TOOL, VERSION);
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
}

/** The directory, once it exists and has been written to. */
async function writable(path: string): Promise<string> {
  await makeFolder(path);
  await rmdir(await mkdtemp(join(path, '.probe-')));
  // A job in a container may have left blobs that belong to root in a folder of ours.
  await access(join(path, 'blobs', 'sha256'), constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return path;
}

/** One folder for all steps of a job; outside a job one of its own, since a name others can guess is not safe in a shared temp folder. */
async function temporaryStore(env: NodeJS.ProcessEnv): Promise<string> {
  const ofJob = env.RUNNER_TEMP;
  try {
    if (ofJob) return await writable(join(ofJob, TOOL));
  } catch {
    // The next place may do.
  }
  try {
    return await mkdtemp(join(tmpdir(), `${TOOL}-`));
  } catch (cause) {
    throw new PullError('STORE_UNUSABLE', tmpdir(), `no folder for the layer store can be made: ${reasonOf(cause)}`, {
      hint: 'Set store to a directory that can be written to.',
      cause,
    });
  }
}

/** Runs the work while a directory of that name exists for it alone; gives up after 30 s. */
async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LOCK_WAIT_MS;
  while (!(await taken(lock))) {
    if (Date.now() > deadline) throw new Error(`${lock} is held by another process; remove it if there is none`);
    await clear(lock);
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    await rmdir(lock).catch(() => {});
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock whose process must be dead, since the work takes milliseconds; of several that see this one does it, or a new lock would be removed too. */
async function clear(lock: string): Promise<void> {
  const guard = `${lock}.stale`;
  if (!(await isStale(lock)) || !(await taken(guard))) return;
  try {
    if (await isStale(lock)) await rmdir(lock);
  } finally {
    await rmdir(guard);
  }
}

async function isStale(lock: string): Promise<boolean> {
  const found = await stat(lock).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > LOCK_STALE_MS;
}
