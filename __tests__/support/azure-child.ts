// The bundled child in a world where Azure's blob storage is this machine: node azure-child.ts [FOLDER]
import dns from 'node:dns';
import path from 'node:path';

const lookup = dns.lookup as (...args: unknown[]) => unknown;
dns.lookup = ((host: string, ...rest: unknown[]) =>
  lookup(host.endsWith('.blob.core.windows.net') ? '127.0.0.1' : host, ...rest)) as unknown as typeof dns.lookup;
await import(path.resolve(import.meta.dirname, '../../dist/cache/index.js'));
