import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from '@jest/globals';

/** A file system of its own with that much room, in memory. */
export async function smallDisk(size: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  return {
    path: folder,
    /** Gives it that much room instead. */
    grow(more: string): void {
      execFileSync('mount', ['-o', `remount,size=${more}`, folder]);
    },
    async dispose() {
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}

/** A test that mounts a file system: only root on Linux may; elsewhere it is skipped and says so. */
export function diskTest(name: string, run: () => Promise<void>, timeoutMs?: number): void {
  if (process.platform === 'linux' && process.getuid?.() === 0) test(name, run, timeoutMs);
  else test.skip(`${name} (missing: root)`, run);
}
