import { createReporter } from '../github/reporter.ts';
import { failureText } from '../github/wording.ts';
import { clean } from '../lib/clean.ts';
import type { Lock, LockChanges } from '../outcome.ts';
import { lockImages } from '../pull/lock.ts';
import { parseSettings } from '../settings.ts';
import { compareLock, readSources, saveLock, storedLock } from '../wire/sources.ts';
import { wire } from '../wire.ts';
import { type RegistryOptions, registryInputs } from './options.ts';
import { storePath } from './store-path.ts';

/** The options of `lock` as they were typed. */
export interface LockOptions extends RegistryOptions {
  readonly files: readonly string[];
  readonly lockFile: string;
  readonly check?: boolean;
  readonly allTags?: boolean;
  readonly tags: readonly string[];
  readonly maxTags?: string;
  readonly store?: string;
}

/**
 * `lock`: writes what the references are now into the lock file and pulls none of them; without references, those the file has. With `--check` nothing is written.
 * What fails goes aside. Returns the exit code, 1 if a reference failed or the check found a difference; throws INPUT_INVALID for what cannot be asked for.
 */
export async function lockCommand(
  references: readonly string[],
  options: LockOptions,
  signal: AbortSignal,
  aside: (text: string) => void,
): Promise<number> {
  const folder = process.cwd();
  const raw = {
    images: (await imagesOf(references, options, folder)).join('\n'),
    files: options.files.join('\n'),
    'lock-file': options.lockFile,
    'update-lock': 'true',
    'all-tags': String(options.allTags ?? false),
    tags: options.tags.join('\n'),
    'max-tags': options.maxTags,
    engine: 'none',
    ...registryInputs(options),
  };
  const { found, events } = await readSources(raw, folder, process.env);
  const settings = parseSettings(raw, found);
  const report = createReporter({ complain: aside });
  for (const event of events) report(event);
  const store = storePath(options.store);
  const { ports, close } = await wire(settings, { environment: process.env, store, report, signal });
  try {
    const { lock, failed } = await lockImages(settings.request, ports);
    for (const { key, error } of failed) {
      const name = clean(key, 300);
      report({ type: 'warning', message: `${name}: ${failureText(error, name)}` });
    }
    if (options.check && failed.length === 0) return await check(lock, options.lockFile, folder, report);
    await saveLock(settings.lockFile, failed.length === 0 ? lock : undefined, folder, report);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
}

/** With nothing named, what is locked is locked again. */
async function imagesOf(
  references: readonly string[],
  { files, lockFile }: LockOptions,
  folder: string,
): Promise<readonly string[]> {
  if (references.length > 0 || files.length > 0) return references;
  return [...((await storedLock(lockFile, folder))?.keys() ?? [])];
}

async function check(
  lock: Lock,
  file: string,
  folder: string,
  report: ReturnType<typeof createReporter>,
): Promise<number> {
  const changes = await compareLock(file, lock, folder);
  report({ type: 'locked', file, changes });
  return isUnchanged(changes) ? 0 : 1;
}

const isUnchanged = ({ added, moved, dropped }: LockChanges): boolean =>
  added.length + moved.length + dropped.length === 0;
