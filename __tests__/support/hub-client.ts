import { resolveTag } from '../../src/registry/manifests.ts';
import { createRemote } from '../../src/registry/remote.ts';
import { createHttp } from '../../src/registry/transport/http.ts';
import { retry } from '../../src/registry/transport/retry.ts';
import type { Send } from '../../src/registry/transport/transport.ts';

const HUB = new URL('https://registry-1.docker.io/');

/** A client that takes a server on this machine for Docker Hub: names, retries and errors are the real ones, the host is not. */
export function hubClient(origin: string) {
  const waits: number[] = [];
  const { signal } = new AbortController();
  const timeouts = { connectMs: 5000, headersMs: 5000, bodyMs: 5000 };
  const http = createHttp({ connections: 2, userAgent: 'pull-image/test', timeouts, signal });
  const elsewhere: Send = async (request) => {
    const response = await http.send({ ...request, url: new URL(request.url.pathname, origin) });
    return { ...response, url: request.url };
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
      locate: async () => HUB,
      retries,
      credential: async () => undefined,
    });
  return { waits, resolve: (name: string, tag: string) => resolveTag(remote(name), tag), close: http.close };
}
