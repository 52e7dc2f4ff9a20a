import { existsSync } from 'node:fs';
import { isCancelled, PullError } from '../errors.ts';
import type { Engine } from '../ports.ts';
import { containerdAddress } from './containerd-facts.ts';
import { dockerHost } from './docker-host.ts';
import type { OfferImage } from './offer.ts';
import { type Environment, isOnPath } from './program.ts';

/** What an engine choice came to: an engine that has answered, or none with the reason worth a notice. */
export interface Detected {
  readonly engine?: Engine | undefined;
  readonly notice?: string | undefined;
}

/** The machine an engine is looked for on. */
export interface Machine {
  readonly environment: Environment;
  readonly os: NodeJS.Platform;
  /** How images are served to engines that pull. */
  readonly offerImage: OfferImage;
  /** True if something lies at the path; the file system's own word unless given. */
  readonly exists?: ((file: string) => boolean) | undefined;
  /** Milliseconds a daemon has to answer: 10 s unless given. */
  readonly pingMs?: number | undefined;
}

export type EngineChoice = 'auto' | 'docker' | 'podman' | 'containerd' | 'none';

/**
 * The engine the user chose, found at run time. `auto` is Docker, else Podman, else containerd, and none, with a notice, only where nothing hints at one of them; one
 * that is there and refuses is ENGINE_UNAVAILABLE, for a silently cold engine is worse (design §1).
 */
export async function detectEngine(choice: EngineChoice, machine: Machine, signal: AbortSignal): Promise<Detected> {
  if (choice === 'none') return {};
  if (machine.os === 'win32') {
    if (choice === 'auto') return { notice: 'On Windows images are only stored, not loaded (engine: none).' };
    throw new PullError('ENGINE_UNAVAILABLE', TITLES[choice], `engine: ${choice} is not supported on Windows`, {
      hint: 'Set engine: none.',
    });
  }
  return choice === 'auto' ? first(machine, signal) : { engine: await connect(choice, machine, signal) };
}

async function first(machine: Machine, signal: AbortSignal): Promise<Detected> {
  let broken = '';
  for (const kind of AUTO.filter((kind) => isThere(kind, machine))) {
    try {
      return { engine: await connect(kind, machine, signal), ...(broken && { notice: broken }) };
    } catch (error) {
      // A program on the PATH promises less than a socket: many container images have a Podman that cannot run there.
      if (kind !== 'podman' || !(error instanceof PullError) || isCancelled(error)) throw error;
      broken = `Podman is left out, for it does not work here: ${error.reason}`;
    }
  }
  const nobody = broken ? `${broken}. No other engine` : 'No Docker, Podman or containerd';
  return { notice: `${nobody} on this runner: images are only stored, not loaded (engine: none).` };
}

type Kind = Exclude<EngineChoice, 'auto' | 'none'>;

const AUTO: readonly Kind[] = ['docker', 'podman', 'containerd'];
const TITLES: Readonly<Record<Kind, string>> = { docker: 'Docker', podman: 'Podman', containerd: 'containerd' };

/** Docker and containerd are where their sockets are, or an address that was given; Podman, which needs no daemon, where its program is. */
function isThere(kind: Kind, { environment, exists = existsSync }: Machine): boolean {
  if (kind === 'docker') return dockerHost(environment, exists) !== undefined;
  if (kind === 'podman') return isOnPath('podman', environment);
  return (
    Boolean(environment.CONTAINERD_ADDRESS) || (exists(containerdAddress(environment)) && isOnPath('ctr', environment))
  );
}

async function connect(kind: Kind, machine: Machine, signal: AbortSignal): Promise<Engine> {
  const { environment, offerImage, exists, pingMs } = machine;
  // Each is loaded when it is chosen: a start must not pay for the others.
  if (kind === 'podman') {
    const { connectPodman } = await import('./podman.ts');
    return connectPodman({ environment, signal, offerImage, pingMs });
  }
  if (kind === 'containerd') {
    const { connectContainerd } = await import('./containerd.ts');
    return connectContainerd({ environment, signal, offerImage, pingMs });
  }
  const host = dockerHost(environment, exists);
  if (host) {
    const { connectDocker } = await import('./docker.ts');
    return connectDocker(host, signal, { pingMs, offerImage });
  }
  throw new PullError('ENGINE_UNAVAILABLE', 'Docker', 'no socket at /var/run/docker.sock, and DOCKER_HOST is not set', {
    hint: 'Start the daemon, set DOCKER_HOST, or set engine: none.',
  });
}
