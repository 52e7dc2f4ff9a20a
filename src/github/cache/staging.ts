import { chmod, copyFile, link, lstat, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheFile } from '../../ports.ts';
import { ENTRY_PATH } from './messages.ts';

/** A folder of one operation: `path` is where it stands, `temp` where the archive lies. */
export interface Stage {
  readonly path: string;
  readonly temp: string;
  dispose(): Promise<void>;
}

const RUN = 'run-';
const ABANDONED_MS = 24 * 60 * 60 * 1000;
/** A file of an entry: no path, nothing that a shell, a pattern or a log would take for something else. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,254}$/;

/** A new folder in `staging` that only this user can enter; what runs left behind that ended a day ago or longer is removed. */
export async function openStaging(staging: string): Promise<string> {
  await mkdir(staging, { recursive: true, mode: 0o700 });
  const root = await realpath(await mkdtemp(join(staging, RUN)));
  const { mtimeMs: now } = await lstat(root);
  for (const name of await readdir(staging)) {
    if (!name.startsWith(RUN)) continue;
    const found = await lstat(join(staging, name)).catch(() => undefined);
    if (found?.isDirectory() && now - found.mtimeMs > ABANDONED_MS) await removeTree(join(staging, name));
  }
  return root;
}

/** A stage of its own in the root. */
export async function openStage(root: string): Promise<Stage> {
  const folder = await mkdtemp(join(root, 'op-'));
  const stage = { path: join(folder, 'files'), temp: join(folder, 'temp'), dispose: () => removeTree(folder) };
  await mkdir(stage.path);
  await mkdir(stage.temp);
  return stage;
}

/** Their bytes together; throws if one is missing, no regular file, or badly named. */
export async function sizeOf(files: readonly CacheFile[]): Promise<number> {
  let bytes = 0;
  for (const { name, path } of files) {
    const found = await lstat(path);
    if (!NAME.test(name) || !found.isFile()) throw new Error(`${name} is not a file that can be saved`);
    bytes += found.size;
  }
  return bytes;
}

/** Puts files where the library packs them: a second name for each, or a copy where there can be none. Throws as `sizeOf`. */
export async function fillStage(stage: Stage, files: readonly CacheFile[]): Promise<void> {
  await sizeOf(files);
  const folder = join(stage.path, ENTRY_PATH);
  await mkdir(folder);
  for (const { name, path } of files) {
    await link(path, join(folder, name)).catch(() => copyFile(path, join(folder, name)));
  }
}

/** The regular files that were unpacked where they belong, and their sizes. Links, folders, devices and odd names are passed over; nothing is followed. */
export async function filesIn(stage: Stage): Promise<ReadonlyArray<CacheFile & { readonly size: number }>> {
  const folder = join(stage.path, ENTRY_PATH);
  const own = await lstat(folder).catch(() => undefined);
  if (!own?.isDirectory()) return [];
  // An archive may say that nobody can enter.
  await chmod(folder, 0o700);
  const files = [];
  for (const name of (await readdir(folder)).filter((name) => NAME.test(name))) {
    const path = join(folder, name);
    const found = await lstat(path);
    if (found.isFile() && found.nlink === 1) files.push({ name, path, size: found.size });
  }
  return files;
}

/** Removes a folder whatever an archive made of it; what cannot be removed stays. Programs that were just killed may write a moment longer. */
export async function removeTree(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  await remove().catch(async () => {
    await openUp(folder);
    await remove().catch(() => {});
  });
}

/** Lets the owner into every folder below. */
async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => {});
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
}
