import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Programs `docker-credential-<name>` in a folder of their own. */
export interface HelperPrograms {
  /** An environment in which they are found, and nothing of this machine's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where a program may write down what it was asked. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** Writes shell scripts by the name of the helper; `$server` is what came on standard input, `$1` the command. */
export async function helperPrograms(scripts: Readonly<Record<string, string>>): Promise<HelperPrograms> {
  const folder = await mkdtemp(path.join(tmpdir(), 'credential-helpers-'));
  for (const [name, script] of Object.entries(scripts)) {
    const file = path.join(folder, `docker-credential-${name}`);
    await writeFile(file, `#!/bin/sh\nserver=$(cat)\n${script}\n`);
    await chmod(file, 0o755);
  }
  const environment = { PATH: `${folder}${path.delimiter}${process.env.PATH ?? ''}`, HOME: folder };
  return { environment, folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A script that knows what is in the table, by server: user name and secret. */
export function keeps(table: Readonly<Record<string, readonly [string, string]>>): string {
  const cases = Object.entries(table).map(
    ([server, [username, secret]]) =>
      `'${server}') echo '${JSON.stringify({ ServerURL: server, Username: username, Secret: secret })}';;`,
  );
  return `case "$server" in\n${cases.join('\n')}\n*) echo 'credentials not found in native keychain'; exit 1;;\nesac`;
}
