import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { Answer, Question, Remote } from '../../../src/registry/remote.ts';
import { streamBlob } from '../../../src/registry/stream-blob.ts';
import type { Target } from './run-target.ts';

const RIGHT = Buffer.from('right bytes');
const WRONG = Buffer.from('WRONG BYTES');
const CUT = 5;
const BLOB: Descriptor = { mediaType: '', digest: digestOf(RIGHT), size: RIGHT.length };
const REST = `bytes ${CUT}-${RIGHT.length - 1}/${RIGHT.length}`;
const PLACE = new URL('https://r.example/v2/a/blobs/x');

function answer(status: number, bytes: Uint8Array, headers: Answer['headers'] = {}): Answer {
  const body = (async function* () {
    yield bytes;
  })();
  const failure = () => Promise.reject(new TypeError(`an answer of ${status} that should not fail`));
  return { status, headers, url: PLACE, asked: PLACE, body, discard: async () => {}, abort: () => {}, failure };
}

/** A registry that breaks off, and answers the range it is then asked for with this Content-Range: right bytes only if that is the right one. */
function remoteWith(range: string): Remote {
  let asked = 0;
  const ask = async ({ headers = {} }: Question): Promise<Answer> => {
    asked += 1;
    if (headers.range) {
      const isRight = range.trim().toLowerCase() === REST;
      return answer(206, isRight ? RIGHT.subarray(CUT) : WRONG.subarray(CUT), { 'content-range': range });
    }
    return answer(200, asked === 1 ? RIGHT.subarray(0, CUT) : RIGHT);
  };
  const retries = {
    signal: new AbortController().signal,
    report: () => {},
    now: () => 0,
    sleep: async () => {},
    random: () => 0.5,
  };
  const origin = async () => new URL('https://r.example/');
  return { name: 'fuzz', origin, domain: 'r.example', patient: true, ask, retries };
}

/** Content-Range as a resumed transfer reads it: bytes of another place must never be taken for those that were asked for. */
export const rangedTransfer: Target = {
  name: 'Content-Range',
  corpus: [REST, `bytes ${CUT}-*/${RIGHT.length}`, 'bytes */11', `bytes 0-10/${RIGHT.length}`, 'items 1-2/3', ''],
  tokens: ['bytes', ' ', '-', '/', '*', '5', '10', '11', ',', '\t', '+5', '05', '5.0', '0x5', '1e1'],
  async parse(range) {
    for await (const bytes of streamBlob(remoteWith(range), BLOB)) {
      if (Buffer.from(bytes).includes('B') || Buffer.from(bytes).includes('Y'))
        throw new TypeError('bytes of another place');
    }
  },
};
