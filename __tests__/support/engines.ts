import { ownContainerd } from './containerd.ts';
import { newerDocker, ownDocker } from './own-docker.ts';
import { ownPodman } from './podman.ts';
import { NEWER_DOCKER, ROOT } from './real-parts.ts';

/** An engine that a test has for itself. */
export interface OwnEngine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a container prints, from what the engine holds and without a network. */
  runs(name: string, ...command: readonly string[]): Promise<string>;
  /** What the engine's own command prints. */
  command(...args: readonly string[]): Promise<string>;
  dispose(): Promise<void>;
}

export interface EngineKind {
  readonly title: string;
  readonly engine: 'docker' | 'podman' | 'containerd';
  /** What `realTest` is to be told that it needs. */
  readonly parts: readonly string[];
  make(): Promise<OwnEngine>;
}

const docker = (newer: boolean, store: 'graphdriver' | 'containerd'): EngineKind => ({
  title: `Docker ${newer ? 'of a later release' : 'as installed'}, ${store === 'containerd' ? 'containerd store' : 'graph driver'}`,
  engine: 'docker',
  parts: ['docker', 'dockerd', ROOT, ...(newer ? [NEWER_DOCKER] : [])],
  async make() {
    const own = await ownDocker({ newer: newer ? newerDocker() : undefined, store });
    await own.start();
    return { ...own, command: own.docker };
  },
});

/** Every engine that runs images here: the stores of two Dockers, Podman, containerd. */
export const ENGINES: readonly EngineKind[] = [
  docker(false, 'graphdriver'),
  docker(true, 'graphdriver'),
  docker(true, 'containerd'),
  {
    title: 'Podman',
    engine: 'podman',
    parts: ['podman'],
    async make() {
      const own = await ownPodman();
      return { ...own, command: own.podman };
    },
  },
  {
    title: 'containerd',
    engine: 'containerd',
    parts: ['containerd', 'ctr', ROOT],
    async make() {
      const own = await ownContainerd();
      return { ...own, command: own.ctr, dispose: own.stop };
    },
  },
];
