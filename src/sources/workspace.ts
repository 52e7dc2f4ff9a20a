import { readFile, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { formatBytes } from '../lib/format.ts';

/** Larger than any file people write references into. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The files below one folder; nothing outside it is ever read, through links neither. */
export interface Workspace {
  /** Absolute. */
  readonly root: string;
  /**
   * The text of a file named relative to the root, undefined if there is none; at most 4 MiB. Throws INPUT_INVALID for a folder, a larger file, one that is not
   * UTF-8, and whatever lies outside.
   */
  read(file: string): Promise<string | undefined>;
}

export function workspaceAt(folder: string): Workspace {
  const root = path.resolve(folder);
  return {
    root,
    async read(file) {
      const subject = clean(file, 300);
      const outside = () =>
        new PullError('INPUT_INVALID', subject, `lies outside of ${root}, and nothing outside is read`);
      const at = path.resolve(root, file);
      if (!isWithin(root, at)) throw outside();
      try {
        if (!isWithin(await realpath(root), await realpath(at))) throw outside();
        const { size } = await stat(at);
        if (size > MAX_BYTES) {
          const reason = `expected a file of at most ${formatBytes(MAX_BYTES)}, found ${formatBytes(size)}`;
          throw new PullError('INPUT_INVALID', subject, reason);
        }
        return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(at));
      } catch (error) {
        return absent(error, subject);
      }
    },
  };
}

/**
 * The absolute path of a file that the workflow names, relative to the folder or anywhere else. Throws INPUT_INVALID for one that is named in the folder and that
 * links lead out of it: those are not the workflow's.
 */
export async function placeIn(folder: string, file: string): Promise<string> {
  const root = path.resolve(folder);
  const at = path.resolve(root, file);
  if (!isWithin(root, at) || isWithin(await whereItEnds(root), await whereItEnds(at))) return at;
  throw new PullError('INPUT_INVALID', clean(file, 300), `is led out of ${root} by a link`);
}

/** What the path, or as much of it as is there, comes to when links are followed; a link to nothing counts as there. */
async function whereItEnds(at: string): Promise<string> {
  const link = await readlink(at).catch(() => undefined);
  try {
    return await realpath(at);
  } catch (error) {
    const parent = path.dirname(at);
    if (parent === at) throw error;
    return link === undefined ? whereItEnds(parent) : path.resolve(await whereItEnds(parent), link);
  }
}

function absent(error: unknown, subject: string): undefined {
  if (error instanceof PullError) throw error;
  const { code = '' } = error as { code?: string };
  if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
  const found = code === 'EISDIR' ? 'is a folder; name its files, as in folder/**/*.yml' : '';
  const reason =
    found ||
    (code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
      ? 'is not text in UTF-8'
      : `cannot be read (${/^(EACCES|EPERM)$/.test(code) ? 'permission denied' : code || error})`);
  throw new PullError('INPUT_INVALID', subject, reason, { cause: error });
}

function isWithin(root: string, file: string): boolean {
  const way = path.relative(root, file);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
