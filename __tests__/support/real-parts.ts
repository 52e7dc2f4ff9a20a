import { execFileSync } from 'node:child_process';
import { test } from '@jest/globals';
import { missingParts as missingPrograms } from './installed.ts';
import { newerDocker } from './own-docker.ts';
import { hasRealImages } from './seed.ts';

/** Parts that are no programs: a later Docker beside the installed one, images with a program in them, and the right to start daemons. */
export const NEWER_DOCKER = 'newer Docker';
export const REAL_IMAGES = 'real images';
export const ROOT = 'root';

/** True if all these parts are here: programs on the PATH, or those above. */
export function hasPart(...programs: readonly string[]): boolean {
  return missingParts(programs).length === 0;
}

/**
 * A test that needs real parts: where one is missing it is skipped and says which. CI installs them all and takes a skipped test for a failure.
 */
export function realTest(
  ...programs: readonly string[]
): (name: string, run: () => Promise<void>, timeoutMs?: number) => void {
  const missing = missingParts(programs);
  if (missing.length === 0) return (name, run, timeoutMs) => test(name, run, timeoutMs);
  return (name, run) => test.skip(`${name} (missing: ${missing.join(', ')})`, run);
}

/** A test that needs a Docker daemon at `DOCKER_HOST` or the default socket, and these programs besides. */
export function dockerTest(...programs: readonly string[]): ReturnType<typeof realTest> {
  if (hasDocker()) return realTest('docker', ...programs);
  return (name, run) => test.skip(`${name} (missing: Docker daemon)`, run);
}

/** True if a Docker daemon answers the `docker` command. */
export function hasDocker(): boolean {
  answers ??= dockerAnswers();
  return answers;
}

let answers: boolean | undefined;

function dockerAnswers(): boolean {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

function missingParts(parts: readonly string[]): readonly string[] {
  return parts.filter((part) => {
    if (part === NEWER_DOCKER) return newerDocker() === undefined;
    if (part === REAL_IMAGES) return !hasRealImages;
    if (part === ROOT) return process.getuid?.() !== 0;
    return missingPrograms([part]).length > 0;
  });
}
