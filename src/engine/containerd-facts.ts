import { existsSync } from 'node:fs';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { tryWithin } from './patience.ts';
import { type Environment, run } from './program.ts';

/** What must be known of containerd before anything is asked of it. */
export interface ContainerdFacts {
  /** `containerd 1.7.24 (namespace default)`. */
  readonly title: string;
  /** What `ctr` is run with, address and namespace included. */
  readonly environment: Environment;
  /** What makes `ctr images pull` read the hosts.toml it is given. */
  readonly pullOptions: readonly string[];
}

/** Where containerd listens: `CONTAINERD_ADDRESS`, else its own default. */
export const containerdAddress = (environment: Environment): string =>
  environment.CONTAINERD_ADDRESS || '/run/containerd/containerd.sock';

/** The facts, asked of a daemon that may still be starting; throws ENGINE_UNAVAILABLE, which names the address, if it does not answer within `pingMs`. */
export async function containerdFacts(
  given: Environment,
  signal: AbortSignal,
  pingMs: number,
): Promise<ContainerdFacts> {
  const namespace = given.CONTAINERD_NAMESPACE || 'default';
  const address = containerdAddress(given);
  const environment = { ...given, CONTAINERD_ADDRESS: address, CONTAINERD_NAMESPACE: namespace };
  const again = (error: unknown) => error instanceof PullError && error.temporary;
  const version = await tryWithin({ withinMs: pingMs, everyMs: 250, signal, again }, async (timeoutMs) => {
    // ctr itself would wait for the socket, as long as it has.
    if (address.startsWith('/') && !existsSync(address)) throw refusal(address, 'no such file');
    const { code, stdout, stderr } = await run('ctr', ['version'], { environment, signal, timeoutMs });
    const found = /Server:\s+Version:\s*(\S+)/.exec(stdout)?.[1];
    if (code === 0 && found !== undefined) return found;
    throw refusal(address, stderr);
  });
  const usage = await run('ctr', ['images', 'pull', '--help'], { environment, signal, timeoutMs: pingMs });
  return {
    title: clean(`containerd ${version} (namespace ${namespace})`, 100),
    environment,
    // Later versions leave the pull to the daemon, which would not read our hosts.toml.
    pullOptions: /--local\b/.test(usage.stdout) ? ['--local'] : [],
  };
}

function refusal(address: string, stderr: string): PullError {
  const subject = 'containerd';
  if (/permission denied/i.test(stderr)) {
    return new PullError('ENGINE_UNAVAILABLE', subject, `${address}: permission denied`, {
      hint: 'Run as a user that may open the socket, or set engine: none.',
    });
  }
  const isAbsent = /no such file/i.test(stderr);
  const isDead = /connection refused|deadline exceeded/i.test(stderr);
  const reason = isAbsent
    ? 'no such socket'
    : isDead
      ? 'connection refused: no daemon listens there'
      : clean(stderr, 300) || 'ctr version tells no version of a server';
  return new PullError('ENGINE_UNAVAILABLE', subject, `${address}: ${reason}`, {
    hint: 'Start the daemon, correct CONTAINERD_ADDRESS, or set engine: none.',
    temporary: isAbsent || isDead,
  });
}
