import fs from 'node:fs';
import { restoreCache, saveCache } from '@actions/cache';
import { type CacheAnswer, type CacheRequest, type CacheSign, ENTRY_PATH } from './github/cache/messages.ts';
import { replaceSurroundings } from './github/cache/surroundings.ts';

/** Lines that say at which point the library is; it has no other way to tell. */
const RETRYING = /^Attempt \d+ of \d+ failed/m;
const MOVING = /^::debug::(?:Archive path: |Attempting to upload cache)/im;
const FOUND_ANOTHER = /^Cache hit for restore-key: /m;
/** Debug lines hold signed URLs; of them only the true reason of a refusal is of use. */
const TOLD = /^(?!::debug::|::add-mask::)|^::debug::Failed to reserve cache/;
const OUTPUT_LIMIT = 16_384;

const within = replaceSurroundings(process);

/** Runs one operation of the library and answers it; never rejects. */
async function answer({ id, op, key, folder, temp }: CacheRequest): Promise<void> {
  let output = '';
  let another = false;
  const hear = (text: string): void => {
    output += text;
    if (RETRYING.test(text)) tell({ id, sign: 'retrying' });
    if (MOVING.test(text)) tell({ id, sign: 'moving' });
    // Keys are matched by prefix. The only way out before it downloads what nobody asked for is an exception from here.
    if (op === 'restore' && FOUND_ANOTHER.test(text)) {
      another = true;
      throw new Error('only another key was found');
    }
  };
  const environment = { GITHUB_WORKSPACE: folder, RUNNER_TEMP: temp };
  let result: Partial<CacheAnswer>;
  try {
    result = await within({ folder, environment, hear }, () => perform(op, key));
  } catch (error) {
    result = { error: String(error) };
  }
  const told = output.split('\n').filter((line) => TOLD.test(line));
  tell(another ? { id, output: '' } : { id, ...result, output: told.join('\n').slice(-OUTPUT_LIMIT) });
}

/** One call of the library; `true` at the end of each lets one entry serve every OS. */
async function perform(op: CacheRequest['op'], key: string): Promise<Partial<CacheAnswer>> {
  if (op === 'lookup') return { key: await restoreCache([ENTRY_PATH], key, [], { lookupOnly: true }, true) };
  if (op === 'restore') return { key: await restoreCache([ENTRY_PATH], key, [], {}, true) };
  return { saved: (await saveCache([ENTRY_PATH], key, {}, true)) !== -1 };
}

/** A parent that is gone needs no answer. */
function tell(message: CacheAnswer | CacheSign): void {
  process.send?.(message, undefined, {}, () => {});
}

/**
 * From Azure the library downloads segments of 128 MiB into memory and writes each to a file in one go, but holds on to it while the next one comes, and then
 * leaves it to the garbage collector. Here its memory is given back as soon as it is written.
 */
function freeSegments(): void {
  const write = fs.writeFileSync;
  fs.writeFileSync = (file, data, options) => {
    write(file, data, options);
    // Whoever gives an open file has a buffer of its own, and does not look at it again.
    if (typeof file === 'number' && data instanceof Uint8Array) (data.buffer as Transferable).transfer?.(0);
  };
}

/** As an ArrayBuffer is from Node 21 on. */
interface Transferable {
  transfer?(size: number): unknown;
}

/** Without a parent nobody clears up: ends the programs it runs, removes the folder it was given, and ends itself. */
function orphaned(folder: string | undefined): void {
  process.on('SIGTERM', () => {});
  try {
    process.kill(-process.pid, 'SIGTERM');
  } catch {
    // It leads no group of its own.
  }
  try {
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  } finally {
    process.exit();
  }
}

freeSegments();
// node cache-child.js [FOLDER]: all it writes lies in the folder.
process.on('disconnect', () => orphaned(process.argv[2]));
process.on('message', (request: CacheRequest) => void answer(request));
