import type { FoundImage } from '../settings/found.ts';

/** What one file says. */
export interface FileReading {
  readonly images: readonly FoundImage[];
  /** What only another tool knows at another time, named with file and line: not pulled, and worth a warning. */
  readonly warnings: readonly string[];
  /** What is not to be pulled, and why: `compose.yml:4: service app is left out: it is built`. */
  readonly left: readonly string[];
}
