import { existsSync } from 'node:fs';
import path from 'node:path';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** How to reach a Docker daemon. */
export type DockerHost =
  | { readonly kind: 'socket'; readonly socketPath: string; readonly from: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly certificates?: string | undefined; readonly from: string };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the daemon is, as the Docker CLI decides it: `DOCKER_HOST`, else the system socket, else the rootless one; undefined if there is none of these. Throws
 * ENGINE_UNAVAILABLE for a `DOCKER_HOST` that cannot be spoken to.
 */
export function dockerHost(environment: Environment, exists: (file: string) => boolean = existsSync): DockerHost | undefined {
  const { DOCKER_HOST: given, XDG_RUNTIME_DIR: runtime } = environment;
  if (given) return parseDockerHost(given, environment);
  const sockets = ['/var/run/docker.sock', ...(runtime ? [path.join(runtime, 'docker.sock')] : [])];
  const socketPath = sockets.find(exists);
  return socketPath === undefined ? undefined : { kind: 'socket', socketPath, from: socketPath };
}

function parseDockerHost(given: string, environment: Environment): DockerHost {
  const from = `DOCKER_HOST=${clean(given, 200)}`;
  const socket = /^unix:\/\/(\/.+)$/.exec(given);
  if (socket?.[1]) return { kind: 'socket', socketPath: socket[1], from };
  const tcp = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(\d+))?\/?$/.exec(given);
  if (tcp?.[1]) {
    const tls = Boolean(environment.DOCKER_TLS_VERIFY);
    const home = environment.HOME ?? '';
    return {
      kind: 'tcp',
      host: tcp[1].replace(/^\[|\]$/g, ''),
      port: Number(tcp[2] ?? (tls ? 2376 : 2375)),
      certificates: tls ? (environment.DOCKER_CERT_PATH ?? path.join(home, '.docker')) : undefined,
      from,
    };
  }
  throw new PullError('ENGINE_UNAVAILABLE', 'Docker', `expected DOCKER_HOST to be unix:///path or tcp://host:port, found ${clean(given, 200)}`, {
    hint: 'Point DOCKER_HOST at a socket or a TCP address, or set engine: none.',
  });
}
