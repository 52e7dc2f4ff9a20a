import { homedir } from 'node:os';
import path from 'node:path';

/** Absolute path of the store of a terminal: the folder that was asked for, else one in the user's cache folder. */
export function storePath(asked: string | undefined, environment = process.env): string {
  return path.resolve(asked ?? path.join(environment.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'pull-image'));
}
