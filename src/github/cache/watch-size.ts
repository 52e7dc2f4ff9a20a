import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const EVERY_MS = 200;
/** A file of nothing takes its place on the disk as well. */
const LEAST_BYTES = 4096;
const BLOCK = 512;

/** Calls back, once, as soon as the folders take more than so many bytes of the disk; looks five times a second until the returned function is called. */
export function watchSize(folders: readonly string[], most: number, tooLarge: () => void): () => void {
  let over = false;
  let looking = false;
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    const bytes = await sizeOnDisk(folders, most);
    looking = false;
    if (over || bytes <= most) return;
    stop();
    tooLarge();
  }, EVERY_MS);
  timer.unref();
  function stop(): void {
    over = true;
    clearInterval(timer);
  }
  return stop;
}

/** What the files below take of the disk, no links followed; no more is counted than it takes to be beyond `most`. */
async function sizeOnDisk(folders: readonly string[], most: number): Promise<number> {
  let bytes = 0;
  const rest = [...folders];
  for (let folder = rest.pop(); folder !== undefined; folder = rest.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      const { blocks = 0 } = (await lstat(path).catch(() => undefined)) ?? {};
      bytes += Math.max(blocks * BLOCK, LEAST_BYTES);
      if (bytes > most) return bytes;
      if (entry.isDirectory()) rest.push(path);
    }
  }
  return bytes;
}
