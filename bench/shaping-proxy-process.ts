// node shaping-proxy-process.ts TARGET RATE LATENCY_MS: a shaping proxy in a process of its own; says where it listens, ends with its stdin.
import { shapingProxy } from './shaping-proxy.ts';

const [target = '', rate, latencyMs] = process.argv.slice(2);
const proxy = await shapingProxy(target, { rate: Number(rate) || undefined, latencyMs: Number(latencyMs) });
process.stdout.write(`${proxy.host}\n`);
process.stdin.on('end', () => proxy.close()).resume();
