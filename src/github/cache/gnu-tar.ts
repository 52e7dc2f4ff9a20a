import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * True if the tar that @actions/cache would take is GNU tar and knows the options given by TAR_OPTIONS. Others ignore them, and nothing may be unpacked then.
 */
export async function hasGnuTar(
  environment: Readonly<Record<string, string>>,
  platform = process.platform,
): Promise<boolean> {
  for (const program of candidates(environment, platform)) {
    const version = await new Promise<string | undefined>((resolve) => {
      const options = { env: environment, timeout: 10_000, windowsHide: true };
      execFile(program, ['--version'], options, (error, stdout) => resolve(error ? undefined : stdout));
    });
    if (version !== undefined) return version.includes('GNU tar');
  }
  return false;
}

function candidates(environment: Readonly<Record<string, string>>, platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['gtar', 'tar'];
  const ofGit = join(environment.PROGRAMFILES ?? environment.ProgramFiles ?? '', 'Git', 'usr', 'bin', 'tar.exe');
  return platform === 'win32' && existsSync(ofGit) ? [ofGit] : ['tar'];
}
