import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** True if all these programs are on the PATH. */
export function hasPart(...programs: readonly string[]): boolean {
  return missingParts(programs).length === 0;
}

/** Those of the programs that are not on the PATH. */
export function missingParts(programs: readonly string[]): readonly string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return programs.filter((program) => !folders.some((folder) => isExecutable(path.join(folder, program))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
