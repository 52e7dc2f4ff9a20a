import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { DockerHost } from './docker-host.ts';

/** The error of a daemon that kept silent for this many milliseconds. */
export function noAnswer(milliseconds: number): Error {
  return Object.assign(new Error(`no answer within ${Math.round(milliseconds / 100) / 10} s`), { code: 'ETIMEDOUT' });
}

/** ENGINE_UNAVAILABLE for an exchange that came to no answer, in words that name the address and what to do; CANCELLED if the run is cancelled. */
export function unreachable(host: DockerHost, error: unknown, signal: AbortSignal): PullError {
  if (signal.aborted) return new PullError('CANCELLED', 'Docker', 'cancelled', { cause: error });
  const { code = '', message } = error as NodeJS.ErrnoException;
  const { reason, hint } = words(code, message);
  return new PullError('ENGINE_UNAVAILABLE', 'Docker', `${host.from}: ${reason}`, { hint, cause: error });
}

/** True for the failures of a daemon that is still starting: nobody listens yet. */
export function isNotThereYet(error: unknown): boolean {
  const cause = error instanceof PullError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return STARTING.includes(cause?.code ?? '');
}

function words(code: string, message: string): { reason: string; hint: string } {
  if (code === 'EACCES' || code === 'EPERM') {
    return { reason: 'permission denied', hint: 'Add the user to the docker group, or set engine: none.' };
  }
  if (code === 'ETIMEDOUT')
    return { reason: clean(message), hint: 'See in its log whether the daemon hangs, or set engine: none.' };
  if (BROKEN.includes(code) || message === 'aborted') {
    return {
      reason: 'the connection was closed before the answer was complete',
      hint: 'See in its log whether the daemon stopped.',
    };
  }
  if (code.startsWith('HPE_')) {
    return { reason: 'expected a Docker daemon, found a server that does not speak HTTP', hint: CORRECT };
  }
  return { reason: ABSENT[code] ?? clean(message), hint: CORRECT };
}

const STARTING = ['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN'];
const BROKEN = ['ECONNRESET', 'EPIPE'];
const ABSENT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: no daemon listens there',
  ENOENT: 'no such socket',
  ENOTDIR: 'no such socket',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'no such host',
};
const CORRECT = 'Start the daemon, correct DOCKER_HOST, or set engine: none.';
