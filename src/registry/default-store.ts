import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/**
 * The program that Docker has keep logins where its file says nothing of any: that of the system (`pass` comes before the secret service), if it is on the
 * PATH; undefined otherwise.
 */
export async function defaultStore(
  environment: Readonly<Record<string, string | undefined>>,
  system: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  const has = (program: string) => isOnPath(system === 'win32' ? `${program}.exe` : program, environment.PATH ?? '');
  const name = OF_SYSTEM[system] ?? ((await has('pass')) ? 'pass' : 'secretservice');
  return (await has(`docker-credential-${name}`)) ? name : undefined;
}

const OF_SYSTEM: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'osxkeychain', win32: 'wincred' };

async function isOnPath(program: string, folders: string): Promise<boolean> {
  const found = folders.split(path.delimiter).filter(Boolean);
  const tries = found.map((folder) => access(path.join(folder, program), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}
