import type dns from 'node:dns';

/** Looks up names of hosts as if a network had them: `*.test` is this machine, others as listed, the rest is unknown. */
export function namesOf(addresses: Readonly<Record<string, readonly string[]>> = {}): typeof dns.lookup {
  const lookup = (hostname: string, options: dns.LookupAllOptions, callback: (...results: unknown[]) => void) => {
    const found = addresses[hostname] ?? (hostname.endsWith('.test') ? ['127.0.0.1'] : []);
    const all = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const [first] = all;
    if (!first) return callback(Object.assign(new Error(`no ${hostname}`), { code: 'ENOTFOUND' }), []);
    return options.all ? callback(null, all) : callback(null, first.address, first.family);
  };
  return lookup as unknown as typeof dns.lookup;
}
