import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PullEvent } from '../../src/outcome.ts';
import { parseAccess, type RawSettings } from '../../src/settings.ts';
import { openServing } from '../../src/wire/serving.ts';

export interface Served {
  /** `localhost:PORT`. */
  readonly host: string;
  /** The folder of the store. */
  readonly store: string;
  readonly events: readonly PullEvent[];
  /** Asks with a path below `/v2/`, or an address that an answer gave. */
  ask(method: string, at: string, body?: Uint8Array | string, headers?: Record<string, string>): Promise<Response>;
  /** Ends the server; the store stays. */
  close(): Promise<void>;
  /** The same and the store with it. */
  dispose(): Promise<void>;
}

export interface ServedOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which an answer begins although upstream gave nothing yet. */
  readonly patienceMs?: number;
}

/** A store in a folder, empty unless it is given, as a registry on a free port; `upstream` are the inputs it reads through with. */
export async function served(
  upstream?: RawSettings,
  folder?: string,
  { environment = {}, patienceMs }: ServedOptions = {},
): Promise<Served> {
  const store = folder ?? (await mkdtemp(path.join(tmpdir(), 'pull-image-serve-')));
  const events: PullEvent[] = [];
  const world = {
    environment,
    store,
    report: (event: PullEvent) => void events.push(event),
    signal: new AbortController().signal,
  };
  const access = upstream && parseAccess(upstream);
  const serving = await openServing({ host: '127.0.0.1', port: 0 }, access, world, patienceMs);
  const host = `localhost:${serving.port}`;
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= serving.close();
    return closed;
  };
  return {
    host,
    store,
    events,
    ask: (method, at, body, headers = {}) =>
      fetch(new URL(at.startsWith('/') ? at : `/v2/${at}`, `http://127.0.0.1:${serving.port}`), {
        method,
        headers,
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      }),
    close,
    async dispose() {
      await close();
      await rm(store, { recursive: true, force: true });
    },
  };
}

/** The code of an error answer, after its status: `404 BLOB_UNKNOWN`. */
export async function refusalOf(answer: Response): Promise<string> {
  const { errors } = (await answer.json()) as { errors: readonly { code: string }[] };
  return `${answer.status} ${errors[0]?.code}`;
}
