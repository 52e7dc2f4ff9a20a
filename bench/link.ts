import { Agent, get } from 'node:http';
import { OCI_MANIFEST } from '../src/oci/media-types.ts';
import { type Case, LINK, layersOf, type World } from './contests.ts';
import { MB, median, ms, say, table } from './figures.ts';

const RATE = LINK.rate ?? 0;
const LATENCY_MS = LINK.latencyMs ?? 0;

/** How true the instrument is: what bare connections of Node get through the link that the contests run over. */
export const link: Case = {
  name: 'link',
  title: `The link itself, ${RATE / MB} MB/s a connection, ${LATENCY_MS} ms`,
  parts: ['link'],
  run,
};

async function run(world: World): Promise<void> {
  await world.image('link', layersOf('link', [50 * MB]));
  const { host } = await world.registries.shaped(LINK);
  const at = `http://${host}/v2/link`;
  const manifest = await (await fetch(`${at}/manifests/1`, { headers: { accept: OCI_MANIFEST } })).json();
  const [{ digest }] = (manifest as { layers: [{ digest: string }] }).layers;
  const agent = new Agent({ keepAlive: true });
  const [connect, again] = [await timed(`${at}/manifests/1`, agent), await timed(`${at}/manifests/1`, agent)];
  agent.destroy();
  say(`First answer of a connection after ${ms(connect.wallMs)}, the next one after ${ms(again.wallMs)}.\n`);
  const rows: string[][] = [];
  for (const connections of [1, 8, 16]) {
    const startedAt = performance.now();
    const all = await Promise.all(Array.from({ length: connections }, () => timed(`${at}/blobs/${digest}`)));
    const seconds = (performance.now() - startedAt) / 1000;
    // What the connect and the request take is not the rate's.
    const rates = all.map(({ bytes, wallMs }) => bytes / MB / ((wallMs - 2 * LATENCY_MS) / 1000));
    const sum = all.reduce((total, { bytes }) => total + bytes, 0) / MB / seconds;
    const figures = [Math.min(...rates), median(rates), Math.max(...rates)].map((rate) => `${rate.toFixed(2)} MB/s`);
    rows.push([`${connections}`, ...figures, `${Math.round(sum)} MB/s`]);
  }
  say(table(['connections', 'slowest', 'median', 'fastest', 'together'], rows));
}

/** A GET on a connection of its own, or of the agent, and what it took until its last byte. */
function timed(url: string, agent?: Agent): Promise<{ readonly bytes: number; readonly wallMs: number }> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: agent ?? false }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
      });
      answer.on('error', reject).on('end', () => resolve({ bytes, wallMs: performance.now() - startedAt }));
    });
    request.on('error', reject);
  });
}
