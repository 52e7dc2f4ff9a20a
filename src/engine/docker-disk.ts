import { readFile, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { EngineDisk } from '../ports.ts';
import type { DockerFacts } from './docker-facts.ts';
import type { DockerHost } from './docker-host.ts';
import type { DockerImages } from './docker-images.ts';

/**
 * The disk of a daemon on this machine, beside a folder of ours. Undefined for one that is reached over TCP, whose folder is not seen here, or that leaves its images
 * to a containerd of which it says nothing (Engine API before 1.46).
 */
export async function dockerDisk(
  host: DockerHost,
  facts: DockerFacts,
  images: DockerImages,
  beside: string,
): Promise<EngineDisk | undefined> {
  if (host.kind !== 'socket') return undefined;
  try {
    const folder = await folderOf(facts);
    if (folder === '') return undefined;
    const [there, here, disk] = await Promise.all([stat(folder), stat(beside), statfs(folder)]);
    const listed = await images.list();
    return {
      path: folder,
      freeBytes: disk.bavail * disk.bsize,
      shared: there.dev === here.dev,
      empty: listed.length === 0,
      keepsPacked: facts.keepsManifests,
    };
  } catch {
    // Not on this machine, or not for us to see.
    return undefined;
  }
}

/** Where the images are; the containerd of the system keeps them in a folder of its own, one that the daemon started in the daemon's. */
async function folderOf({ root, keepsManifests, containerd }: DockerFacts): Promise<string> {
  if (!keepsManifests) return root;
  if (containerd === '') return '';
  if (!SYSTEM.test(containerd)) return path.join(root, 'containerd/daemon');
  const config = await readFile('/etc/containerd/config.toml', 'utf8').catch(() => '');
  return /^root\s*=\s*["'](.+)["']/m.exec(config)?.[1] ?? '/var/lib/containerd';
}

const SYSTEM = /^(\/var)?\/run\/containerd\/containerd\.sock$/;
