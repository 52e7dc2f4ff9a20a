import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Absolute path of the store of a terminal: the folder that was asked for, else one in the user's cache folder. */
export function storePath(asked: string | undefined, environment = process.env): string {
  return path.resolve(asked ?? path.join(environment.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pull-image'));
}

/**
 * Where Node keeps what it compiled, in the cache folder of the user, beside the store. Undefined if there is none, or if it is another's: whoever can write there
 * can run code, and root may well have been given the home of somebody else.
 */
export function codePath({ XDG_CACHE_HOME: cache, HOME: home }: NodeJS.ProcessEnv): string | undefined {
  const own = cache || home;
  if (!own || !path.isAbsolute(own)) return undefined;
  const owner = statSync(own, { throwIfNoEntry: false })?.uid;
  if (owner !== (process.getuid?.() ?? owner)) return undefined;
  return path.join(cache || path.join(own, '.cache'), 'pull-image-code');
}
