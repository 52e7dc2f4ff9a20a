import { PullError } from '../errors.ts';
import type { Lock, LockChanges, PullEvent, Report } from '../outcome.ts';
import type { Found } from '../settings/found.ts';
import type { LockSettings } from '../settings/locked.ts';
import { type RawSettings, splitLines } from '../settings/reader.ts';
import type { Discovery } from '../sources/files.ts';
import { placeIn, workspaceAt } from '../sources/workspace.ts';

// Loaded where they are needed: most runs name no files, and a start must not pay for YAML, globs and versions.
const filesModule = () => import('../sources/files.ts');
const lockModule = () => import('../sources/lock-file.ts');

const NOTHING: Discovery = { images: [], warnings: [], left: [], mistakes: [], files: 0 };

/** What the settings need from disk, and what is to be told of it once somebody listens. */
export interface Sources {
  readonly found: Found;
  readonly events: readonly PullEvent[];
}

/** Reads what `files`, `lock-file` and `tags` name, relative to `folder`, which nothing is read outside of but a lock file that is named there; mistakes are collected, never thrown. */
export async function readSources(
  raw: RawSettings,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Sources> {
  const patterns = splitLines(raw.files ?? '');
  const world = { workspace: workspaceAt(folder), environment: (name: string) => visible(name, environment) };
  const { images, warnings, left, files, mistakes } =
    patterns.length > 0 ? await filesModule().then(({ discover }) => discover(patterns, world)) : NOTHING;
  const attempts = [...mistakes, ...(await tagMistakes(splitLines(raw.tags ?? '')))];
  const lock = await lockOf(raw, folder, attempts);
  const events: PullEvent[] = warnings.map((message) => ({ type: 'warning', message }));
  if (files > 0) events.push({ type: 'discovered', files, images: new Set(images.map(({ text }) => text)).size, left });
  return { found: { images, mistakes: attempts, lock }, events };
}

/**
 * The variables that a step of the user's has too. The runner gives inputs and its own tokens to actions alone: a file of a pull request must not be able to put them
 * into the name of an image.
 */
const visible = (name: string, environment: Readonly<Record<string, string | undefined>>): string | undefined =>
  /^(?:INPUT|STATE|ACTIONS)_/i.test(name) ? undefined : environment[name];

/** A file that is to be written anew need not be right now. */
async function lockOf(raw: RawSettings, folder: string, mistakes: string[]): Promise<Lock | undefined> {
  const file = raw['lock-file']?.trim();
  if (!file || /^true$/i.test(raw['update-lock']?.trim() ?? '')) return undefined;
  try {
    return await storedLock(file, folder);
  } catch (error) {
    mistakes.push(`lock-file: ${sentence(error)}`);
    return undefined;
  }
}

/** What the lock file says, undefined if there is none; throws INPUT_INVALID for one that cannot be read. */
export async function storedLock(file: string, folder: string): Promise<Lock | undefined> {
  const { readLockFile } = await lockModule();
  return readLockFile(await placeIn(folder, file));
}

/** How the lock differs from what the file says. */
export async function compareLock(file: string, lock: Lock, folder: string): Promise<LockChanges> {
  const { lockChanges } = await lockModule();
  return lockChanges((await storedLock(file, folder)) ?? new Map(), lock);
}

async function tagMistakes(patterns: readonly string[]): Promise<readonly string[]> {
  if (patterns.length === 0) return [];
  const { tagFilter } = await import('../sources/tag-filter.ts');
  return patterns.flatMap((pattern) => {
    try {
      tagFilter([pattern]);
      return [];
    } catch (error) {
      return [sentence(error)];
    }
  });
}

function sentence(error: unknown): string {
  if (!(error instanceof PullError)) throw error;
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}

/** Writes the lock file the settings ask for, reports and returns how it changed; leaves it as it was, with a warning, if an image failed. */
export async function saveLock(
  settings: LockSettings | undefined,
  lock: Lock | undefined,
  folder: string,
  report: Report,
): Promise<LockChanges | undefined> {
  if (!settings?.update) return undefined;
  if (!lock) {
    const message = `${settings.file} was left as it was: it is to hold every image, and not all could be asked for.`;
    report({ type: 'warning', message });
    return undefined;
  }
  const { writeLockFile } = await lockModule();
  const changes = await writeLockFile(await placeIn(folder, settings.file), lock);
  report({ type: 'locked', file: settings.file, changes });
  return changes;
}
