import { parseUrl } from '../lib/parse-url.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Place } from './places.ts';
import { failureOf } from './registry-error.ts';
import type { Remote } from './remote.ts';
import type { HttpRequest, Send } from './transport/transport.ts';

const MOST_URLS = 4;

/**
 * The places that a manifest names for a layer which its registry may not hand out (image-spec v1.1, descriptor.md, `urls`): at most four, in their order.
 * They are asked without a login, over TLS and on the internet only; `send` must not carry one.
 */
export function layerPlaces(
  { urls = [] }: Descriptor,
  home: Remote,
  origin: () => Promise<URL>,
  send: Send,
): readonly Place[] {
  const valid = urls.map(parseUrl).filter((url) => url !== undefined);
  return valid.slice(0, MOST_URLS).map((url) => ({
    kind: 'layer-url',
    host: url.host,
    remote: layerRemote(url, home, origin, send),
  }));
}

function layerRemote(url: URL, { name, retries }: Remote, origin: () => Promise<URL>, send: Send): Remote {
  return {
    name,
    origin: async () => url,
    domain: url.host,
    patient: true,
    retries,
    ask: async ({ kind, method = 'GET', target, headers = {}, limit, turns }) => {
      const purpose = { kind, domain: url.host, repository: name, target };
      const sender = { url: await origin(), via: 'layer' } as const;
      const request: HttpRequest = { method, url, headers, purpose, limit, turns, sender };
      const response = await send(request);
      return { ...response, asked: url, failure: () => failureOf(response, request, retries.now()) };
    },
  };
}
