import type { OriginSettings } from './routes/machine-files.ts';
import { isSentOn, type Wrap } from './transport/transport.ts';

/** What is known of origins beyond the usual: certificates, headers, time limits. */
export interface Origins {
  /** What was learnt of the origin of the URL; the same object until there is more. */
  of(url: URL): OriginSettings | undefined;
  /** Has both what was known and this: of two clients or limits the first counts, and one that does without proof is enough. */
  learn(origin: string, settings: OriginSettings): void;
}

/** Nothing is known yet; for somebody anonymous what tells who asks, headers and client certificates, is never learnt. */
export function createOrigins(anonymous = false): Origins {
  const known = new Map<string, OriginSettings>();
  const learnt = new Set<string>();
  return {
    of: ({ origin }) => known.get(origin),
    learn(origin, told) {
      const settings = anonymous ? { ...told, client: undefined, headers: {} } : told;
      const key = `${origin} ${JSON.stringify(settings)}`;
      if (learnt.has(key) || isUsual(settings)) return;
      learnt.add(key);
      const before = known.get(origin);
      known.set(origin, before ? joined(before, settings) : settings);
    },
  };
}

const isUsual = ({ authorities, client, skipsVerify, headers, connectMs }: OriginSettings): boolean =>
  authorities.length === 0 && !client && !skipsVerify && Object.keys(headers).length === 0 && connectMs === undefined;

const joined = (one: OriginSettings, other: OriginSettings): OriginSettings => ({
  authorities: [...one.authorities, ...other.authorities],
  client: one.client ?? other.client,
  skipsVerify: one.skipsVerify || other.skipsVerify,
  headers: { ...other.headers, ...one.headers },
  connectMs: one.connectMs ?? other.connectMs,
});

/** Adds the headers that are meant for an origin to what goes there, and to nothing else; never to what another origin sent us to, not even back home. */
export function ownHeaders(origins: Origins): Wrap {
  return (next) => (request) => {
    const headers = isSentOn(request) ? undefined : origins.of(request.url)?.headers;
    return next(headers ? { ...request, headers: { ...headers, ...request.headers } } : request);
  };
}
