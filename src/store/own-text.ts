import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PullError } from '../errors.ts';

// What somebody put in the place of a file of ours must not hang us, as a pipe would. Windows knows no such flag.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The text of one of the store's own files with the time of its last change in milliseconds; throws the system's error, or STORE_UNUSABLE for what is no file. */
export async function readOwn(path: string): Promise<{ readonly text: string; readonly mtimeMs: number }> {
  const { handle, mtimeMs } = await openOwn(path);
  try {
    return { text: await handle.readFile('utf8'), mtimeMs };
  } finally {
    await handle.close();
  }
}

/** One of the store's own files opened for reading, with the time of its last change in milliseconds; throws as `readOwn` does. */
export async function openOwn(path: string): Promise<{ readonly handle: FileHandle; readonly mtimeMs: number }> {
  const handle = await open(path, READ);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notOurs(path);
    return { handle, mtimeMs: stats.mtimeMs };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** STORE_UNUSABLE for a place that something else has taken. */
export function notOurs(path: string): PullError {
  const hint = 'Remove it, or let the input `store` name another folder.';
  return new PullError('STORE_UNUSABLE', path, 'expected a file of the store, found something else', { hint });
}
