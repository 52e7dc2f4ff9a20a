import type * as whole from 'undici';
// The parts by themselves: the whole brings fetch, WebSocket, caches and mocks, and takes twenty milliseconds more of each start.
// @ts-expect-error: declarations are there for the whole only.
import connectOf from 'undici/lib/api/api-connect.js';
// @ts-expect-error: as above.
import requestOf from 'undici/lib/api/api-request.js';
// @ts-expect-error: as above.
import dispatcherClass from 'undici/lib/dispatcher/dispatcher.js';
// @ts-expect-error: as above.
import poolClass from 'undici/lib/dispatcher/pool.js';
// @ts-expect-error: as above.
import proxyAgentClass from 'undici/lib/dispatcher/proxy-agent.js';

export type { Dispatcher } from 'undici';

/** undici's own, as its package declares it. */
export const Pool: typeof whole.Pool = poolClass;

/** undici's ProxyAgent. */
export function proxyAgent(options: whole.ProxyAgent.Options): whole.ProxyAgent {
  // It opens tunnels by a method that dispatchers get from the whole alone.
  dispatcherClass.prototype.connect ??= connectOf;
  return new proxyAgentClass(options);
}

/** What `dispatcher.request(options)` is in undici. */
export const request = (
  dispatcher: whole.Dispatcher,
  options: whole.Dispatcher.RequestOptions,
): Promise<whole.Dispatcher.ResponseData> => requestOf.call(dispatcher, options);
