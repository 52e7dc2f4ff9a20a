import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  /** All it wrote to stdout so far. */
  output(): string;
  /** Resolves when stdout holds the text; rejects if the child ends without it. */
  says(text: string): Promise<void>;
  /** What it ended with; rejects with its stderr unless it ended with 0 or by a signal. */
  readonly ended: Promise<NodeJS.Signals | 0>;
}

/** Runs a script of this folder with the same Node as the tests. */
export function runChild(script: string, args: readonly string[]): Child {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, ...args], { env });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    if (signal !== null) return signal as NodeJS.Signals;
    if (code !== 0) throw new Error(`${script} ended with ${code}: ${errors}`);
    return 0 as const;
  });
  ended.catch(() => {});
  return {
    process: child,
    output: () => output,
    ended,
    async says(text) {
      while (!output.includes(text)) {
        const more = await Promise.race([once(child.stdout, 'data'), ended]);
        if (!Array.isArray(more) && !output.includes(text)) throw new Error(`${script} ended silently: ${errors}`);
      }
    },
  };
}
