import { stat, statfs } from 'node:fs/promises';
import type { EngineDisk } from '../ports.ts';
import type { DockerFacts } from './docker-facts.ts';
import type { DockerHost } from './docker-host.ts';
import type { DockerImages } from './docker-images.ts';

/**
 * The disk of a daemon on this machine, beside a folder of ours. Undefined for one that is reached over TCP, whose folder is not seen here, or that leaves its images
 * to a containerd of which it does not say where it keeps them.
 */
export async function dockerDisk(
  host: DockerHost,
  facts: DockerFacts,
  images: DockerImages,
  beside: string,
): Promise<EngineDisk | undefined> {
  const { root: path, keepsManifests } = facts;
  if (host.kind !== 'socket' || path === '' || keepsManifests) return undefined;
  try {
    const [there, here, disk] = await Promise.all([stat(path), stat(beside), statfs(path)]);
    const listed = await images.list();
    return { path, freeBytes: disk.bavail * disk.bsize, shared: there.dev === here.dev, empty: listed.length === 0 };
  } catch {
    // Not on this machine, or not for us to see.
    return undefined;
  }
}
