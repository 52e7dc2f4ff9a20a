import { oneChunk } from '../../src/lib/one-chunk.ts';
import { resolveTag } from '../../src/registry/manifests.ts';
import { createRemote } from '../../src/registry/remote.ts';
import { newWaits, retry } from '../../src/registry/transport/retry.ts';
import type { Send } from '../../src/registry/transport/transport.ts';

const HUB = new URL('https://registry-1.docker.io/');

/** A client that takes a server on this machine for Docker Hub: names, retries and errors are the real ones, host and transport are not. */
export function hubClient(origin: string) {
  const waits: number[] = [];
  const { signal } = new AbortController();
  const elsewhere: Send = async ({ method, url, headers }) => {
    const answer = await fetch(new URL(url.pathname, origin), { method, headers });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const found = Object.fromEntries(answer.headers);
    return {
      status: answer.status,
      headers: found,
      url,
      body: oneChunk(bytes),
      discard: async () => {},
      abort: () => {},
    };
  };
  const retries = {
    signal,
    report: () => {},
    now: () => 0,
    random: () => 0.5,
    sleep: async (ms: number) => void waits.push(ms),
  };
  const remote = (name: string) =>
    createRemote({
      repository: { domain: 'docker.io', path: `library/${name}` },
      send: retry(retries)(elsewhere),
      sendOnce: elsewhere,
      sendBare: elsewhere,
      locate: async () => HUB,
      retries,
      credential: async () => undefined,
    });
  return { waits, resolve: (name: string, tag: string) => resolveTag(remote(name), tag, newWaits()) };
}
