import { homedir } from 'node:os';
import path from 'node:path';

/** Absolute path of the store of a terminal: the folder that was asked for, else one in the user's cache folder. */
export function storePath(asked: string | undefined, environment = process.env): string {
  return path.resolve(asked ?? path.join(environment.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pull-image'));
}

/** Where Node keeps what it compiled: a folder of the user's own, beside the store, for whoever can write to it can run code; undefined if there is none. */
export function codePath({ XDG_CACHE_HOME: cache, HOME: home }: NodeJS.ProcessEnv): string | undefined {
  const folder = cache || (home && path.join(home, '.cache'));
  return folder && path.isAbsolute(folder) ? path.join(folder, 'pull-image-code') : undefined;
}
