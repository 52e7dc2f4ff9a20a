import { readdirSync, readFileSync } from 'node:fs';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
};

/** A process and all that came of it and still runs (Linux, /proc). */
export function treeOf(root: number): readonly number[] {
  const found = [root];
  for (const pid of found) {
    let threads: readonly string[] = [];
    try {
      threads = readdirSync(`/proc/${pid}/task`);
    } catch {}
    for (const thread of threads)
      found.push(...read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number));
  }
  return found;
}

/** Bytes a process holds now (`VmRSS`) or held at most so far (`VmHWM`); 0 if it is gone. */
export const memoryOf = (pid: number, field: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

/** Clock ticks a second, as Linux has them everywhere. */
const TICKS = 100;

/** CPU seconds, user and system, of a process itself and of its children that have ended. */
export function cpuOf(pid: number): { readonly own: number; readonly children: number } {
  // The name may hold blanks and parentheses.
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / TICKS, children: (childUser + childSystem) / TICKS };
}
