import { AsyncLocalStorage } from 'node:async_hooks';

/** What one operation takes for the process around it. */
export interface Surroundings {
  /** Its current directory. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Takes what it writes to stdout and stderr; what this throws comes out of the write. */
  hear(text: string): void;
}

/**
 * Replaces what a library takes from the process: from now on work that runs within surroundings has a directory, an environment and an output of its own,
 * however much of it runs at once. Output of anything else is dropped.
 */
export function replaceSurroundings(
  process: NodeJS.Process,
): <T>(own: Surroundings, work: () => Promise<T>) => Promise<T> {
  const current = new AsyncLocalStorage<Surroundings>();

  const cwd = process.cwd.bind(process);
  process.cwd = () => current.getStore()?.folder ?? cwd();

  // Names that the process has not would be missed by whoever lists them: the parent sets those that matter.
  process.env = new Proxy(process.env, {
    get: (target, name) =>
      (typeof name === 'string' ? current.getStore()?.environment[name] : undefined) ?? Reflect.get(target, name),
  });

  const write = (chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean => {
    current.getStore()?.hear(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') process.nextTick(callback);
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;

  return (own, work) => current.run(own, work);
}
