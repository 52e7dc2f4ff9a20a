import { PullError } from '../errors.ts';
import type { Engine } from '../ports.ts';
import { connectDocker } from './docker.ts';
import { dockerHost } from './docker-host.ts';

/** What an engine choice came to: an engine that has answered, or none with the reason worth a notice. */
export interface Detected {
  readonly engine?: Engine | undefined;
  readonly notice?: string | undefined;
}

/** The machine an engine is looked for on. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly os: NodeJS.Platform;
  /** True if something lies at the path; the file system's own word unless given. */
  readonly exists?: ((file: string) => boolean) | undefined;
}

/**
 * The engine the user chose, found at run time. `auto` is none, with a notice, only where nothing hints at a daemon; a daemon that is there and refuses is
 * ENGINE_UNAVAILABLE, for a silently cold engine is worse (design §1).
 */
export async function detectEngine(
  choice: 'auto' | 'docker' | 'none',
  machine: Machine,
  signal: AbortSignal,
): Promise<Detected> {
  if (choice === 'none') return {};
  if (machine.os === 'win32') {
    if (choice === 'auto') return { notice: 'On Windows images are only stored, not loaded (engine: none).' };
    throw new PullError('ENGINE_UNAVAILABLE', 'Docker', 'engine: docker is not supported on Windows', {
      hint: 'Set engine: none.',
    });
  }
  const host = dockerHost(machine.environment, machine.exists);
  if (host) return { engine: await connectDocker(host, signal) };
  if (choice === 'auto')
    return { notice: 'No Docker daemon on this runner: images are only stored, not loaded (engine: none).' };
  throw new PullError('ENGINE_UNAVAILABLE', 'Docker', 'no socket at /var/run/docker.sock, and DOCKER_HOST is not set', {
    hint: 'Start the daemon, set DOCKER_HOST, or set engine: none.',
  });
}
