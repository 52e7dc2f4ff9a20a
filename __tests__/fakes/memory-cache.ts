import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CacheEntry, CacheFile, LayerCache, SaveOutcome } from '../../src/ports.ts';

/** What a repository's cache holds: files by name, by key, oldest first. */
export type Entries = Map<string, ReadonlyMap<string, Uint8Array>>;

export interface MemoryCache extends LayerCache {
  /** Open to tests; jobs that are given the same map share their entries. */
  readonly entries: Entries;
  /** What was asked, in order: `newest PREFIX`, `restore KEY`, `save KEY`. */
  readonly calls: readonly string[];
}

interface Options {
  readonly entries?: Entries | undefined;
  readonly readable?: boolean | undefined;
  readonly writable?: boolean | undefined;
}

/** A LayerCache that passes the contract and keeps entries in memory; restored files lie in a temp folder until `dispose` or `close`. */
export function memoryCache({ entries = new Map(), readable = true, writable = true }: Options = {}): MemoryCache {
  const calls: string[] = [];
  const folders: string[] = [];
  let closed = false;

  async function restore(key: string): Promise<CacheEntry | undefined> {
    if (!readable || closed) return undefined;
    calls.push(`restore ${key}`);
    const found = entries.get(key);
    if (found === undefined) return undefined;
    const folder = await mkdtemp(path.join(tmpdir(), 'memory-cache-'));
    folders.push(folder);
    const files = [];
    for (const [name, bytes] of found) {
      const file = { name, path: path.join(folder, name), size: bytes.byteLength };
      await writeFile(file.path, bytes);
      files.push(file);
    }
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    return { files, bytes, seconds: 0, dispose: () => rm(folder, { recursive: true, force: true }) };
  }

  async function save(key: string, files: readonly CacheFile[]): Promise<SaveOutcome> {
    if (!writable) return 'refused';
    if (closed) return 'failed';
    calls.push(`save ${key}`);
    if (entries.has(key)) return 'exists';
    const content = new Map<string, Uint8Array>();
    for (const { name, path: file } of files) {
      const found = await lstat(file).catch(() => undefined);
      if (!found?.isFile() || name.includes('/')) return 'failed';
      content.set(name, await readFile(file));
    }
    // Another job may have been quicker.
    if (entries.has(key)) return 'exists';
    entries.set(key, content);
    return 'saved';
  }

  return {
    entries,
    calls,
    readable,
    writable,
    async newest(prefix) {
      if (!readable || closed) return undefined;
      calls.push(`newest ${prefix}`);
      return [...entries.keys()].findLast((key) => key.startsWith(prefix));
    },
    restore,
    save,
    async close() {
      closed = true;
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}
