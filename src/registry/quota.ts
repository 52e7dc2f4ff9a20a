import type { Quota } from '../outcome.ts';
import { type Headers, header } from './transport/transport.ts';

/** `100;w=21600`: so many in so many seconds. */
const PART = /^(\d{1,9})(?:;w=(\d{1,9}))?$/;

/**
 * What is left of a quota, as Docker Hub tells it with every answer about a manifest (docs.docker.com, "Pull usage and limits"); undefined if nothing is told.
 */
export function quotaIn(headers: Headers, registry: string): Quota | undefined {
  const read = (name: string) => PART.exec(header(headers, name)?.replaceAll(' ', '') ?? '') ?? [];
  const [, limit, window] = read('ratelimit-limit');
  const [, remaining] = read('ratelimit-remaining');
  if (remaining === undefined || !Number(limit) || !Number(window)) return undefined;
  // Who it counts for is told as an address or an account; neither is anybody else's business.
  const source = header(headers, 'docker-ratelimit-source') ?? '';
  return {
    registry,
    limit: Number(limit),
    remaining: Number(remaining),
    windowSeconds: Number(window),
    isOfAccount: /^[0-9a-f-]{32,36}$/i.test(source),
  };
}

/** True if a tenth of it is left, or less. */
export const isLow = ({ limit, remaining }: Quota): boolean => remaining * 10 <= limit;
