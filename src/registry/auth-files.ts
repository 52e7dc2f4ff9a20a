import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PullError } from '../errors.ts';
import { type DockerConfig, parseAuthVariable, parseDockerConfig } from './docker-config.ts';

/** A place where logins are kept, and whose rules say how one is found there. */
export interface AuthFile {
  /** For people: the path, or the name of the variable. */
  readonly name: string;
  readonly rules: 'variable' | 'docker' | 'podman';
  readonly config: DockerConfig;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Everywhere Docker and Podman keep logins, in the order they are asked in: `DOCKER_AUTH_CONFIG`, `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, then
 * `REGISTRY_AUTH_FILE` or else `$XDG_RUNTIME_DIR/containers/auth.json` and `~/.config/containers/auth.json`. What is absent is left out; what cannot be read is
 * a warning, as with Docker.
 */
export async function readAuthFiles(
  environment: Environment,
  warn: (message: string) => void,
): Promise<readonly AuthFile[]> {
  const home = environment.HOME || homedir();
  const places = [
    { rules: 'docker' as const, name: join(environment.DOCKER_CONFIG || join(home, '.docker'), 'config.json') },
    ...podmanFiles(environment, home).map((name) => ({ rules: 'podman' as const, name })),
  ];
  const read = await Promise.all(
    places.map(async (place) => {
      const config = await attempt(async () => parseDockerConfig(await readFile(place.name, 'utf8'), place.name), warn);
      return config && { ...place, config };
    }),
  );
  return [await variable(environment, warn), ...read].filter((file) => file !== undefined);
}

async function variable(environment: Environment, warn: (message: string) => void): Promise<AuthFile | undefined> {
  const text = environment[VARIABLE];
  const config = text ? await attempt(async () => parseAuthVariable(text, VARIABLE), warn) : undefined;
  return config && { name: VARIABLE, rules: 'variable', config };
}

const VARIABLE = 'DOCKER_AUTH_CONFIG';

/** containers-auth.json(5). Without a folder for the session `podman login` writes to one of the user's own below /run. */
function podmanFiles(environment: Environment, home: string): readonly string[] {
  if (environment.REGISTRY_AUTH_FILE) return [environment.REGISTRY_AUTH_FILE];
  const session = environment.XDG_RUNTIME_DIR
    ? join(environment.XDG_RUNTIME_DIR, 'containers')
    : `/run/containers/${process.getuid?.() ?? 0}`;
  const lasting = join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'containers');
  return [session, lasting].map((folder) => join(folder, 'auth.json'));
}

async function attempt(read: () => Promise<DockerConfig>, warn: (message: string) => void) {
  try {
    return await read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    warn(`credentials are not read: ${error instanceof PullError ? error.message : message}`);
    return undefined;
  }
}
