import { hostname, networkInterfaces } from 'node:os';
import { bare } from './addresses.ts';

/** What this machine is called, and its addresses. */
export type Names = () => readonly string[];

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1', '::ffff:7f00:1'];
/** Who listens there is reached by every address of the machine; who asks for it reaches the machine itself. */
const ANY: readonly string[] = ['0.0.0.0', '::'];

/**
 * True for a host, as references and URLs have it (`127.0.0.1:5000`; without a port the one of HTTP or of HTTPS), under which whoever listens at the place is reached,
 * however it is spelt. Names that only a resolver knows are not looked up.
 */
export function ownPlace(
  { host, port }: { readonly host: string; readonly port: number },
  names: Names = ofThisMachine,
): (host: string) => boolean {
  const own = spelt(host);
  const isAny = ANY.includes(own);
  const isLoopback = isLoopbackName(own);
  return (asked) => {
    if (!URL.canParse(`http://${asked}`)) return false;
    const url = new URL(`http://${asked}`);
    const ports = /:\d+$/.test(asked) ? [Number(url.port || 80)] : [80, 443];
    if (!ports.includes(port)) return false;
    const name = spelt(url.hostname);
    if (name === own) return true;
    if (isLoopbackName(name) || ANY.includes(name)) return isLoopback || isAny;
    return isAny && names().map(spelt).includes(name);
  };
}

const isLoopbackName = (name: string): boolean => LOOPBACK.includes(name) || name.endsWith('.localhost');

/** As URLs spell it, without brackets. */
function spelt(host: string): string {
  const name = bare(host).replace(/%.*$/, '');
  const url = `http://${name.includes(':') ? `[${name}]` : name}`;
  return URL.canParse(url) ? bare(new URL(url).hostname).replace(/\.$/, '') : name.toLowerCase();
}

const ofThisMachine: Names = () => [
  hostname(),
  ...Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
];
