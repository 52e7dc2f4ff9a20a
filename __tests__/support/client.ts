import type { PullEvent } from '../../src/outcome.ts';
import type { Content, Piece, Registry } from '../../src/ports.ts';
import { createRegistry, type RegistryOptions } from '../../src/registry/registry.ts';

/** A registry client under test: waits are noted instead of waited, and chance is always the middle. */
export interface Client extends Registry {
  readonly events: PullEvent[];
  /** Milliseconds it wanted to wait, in order. */
  readonly waits: number[];
  readonly controller: AbortController;
}

const open = new Set<Client>();

/** Closes every client that a test opened. */
export async function closeClients(): Promise<void> {
  await Promise.all([...open].map((client) => client.close()));
  open.clear();
}

/** A client over the real transport; to be closed by the test, at the latest by `closeClients`. */
export function openClient(options: Partial<RegistryOptions> = {}): Client {
  const events: PullEvent[] = [];
  const waits: number[] = [];
  const controller = new AbortController();
  const registry = createRegistry({
    userAgent: 'pull-image/test',
    signal: controller.signal,
    report: (event) => void events.push(event),
    random: () => 0.5,
    sleep: async (ms) => void waits.push(ms),
    // Nothing here is to depend on how fast the machine is.
    rangeMs: 0,
    ...options,
  });
  const client = { ...registry, events, waits, controller };
  open.add(client);
  return client;
}

/** A repository of a registry on this machine. */
export function repositoryAt(host: string, path = 'acme/app') {
  return { domain: host, path };
}

/** The bytes of an iteration, pieces in their order, and what ended it if that was an error. */
export async function collect(source: Content): Promise<{ bytes: Buffer; error: unknown }> {
  const pieces: Piece[] = [];
  let position = 0;
  let error: unknown;
  try {
    for await (const chunk of source) {
      // Nobody here keeps a file that could be filled.
      if ('offer' in chunk || 'landed' in chunk) continue;
      pieces.push('position' in chunk ? chunk : { position, bytes: chunk });
      position += 'position' in chunk ? 0 : chunk.byteLength;
    }
  } catch (thrown) {
    error = thrown;
  }
  pieces.sort((a, b) => a.position - b.position);
  return { bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)), error };
}
