import { createReadStream } from 'node:fs';
import { cancelled, PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** Where an archive without a file comes from. */
export type Input = AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };

/** A pipe as an example: what writes an archive, and what reads it here. */
export interface Pipe {
  readonly from: string;
  readonly into: string;
}

/** The bytes of a file, or of standard input where none is named; throws INPUT_INVALID for a terminal, at once, and what cannot be read, when it is. */
export function openInput(
  file: string | undefined,
  example: Pipe,
  stdin: () => Input,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (file !== undefined)
    return read(() => createReadStream(file, { highWaterMark: 512 * 1024 }), file, example, signal);
  const input = stdin();
  if (!input.isTTY) return read(() => input, 'standard input', example, signal);
  throw new PullError('INPUT_INVALID', 'standard input', 'a terminal gives no archive', {
    hint: `Name a file, or pipe one in: ${example.from} | ${example.into}`,
  });
}

// Opened when it is read: a stream that fails before anybody listens would end the process.
async function* read(
  open: () => AsyncIterable<Uint8Array>,
  subject: string,
  example: Pipe,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of open()) {
      if (signal.aborted) throw cancelled();
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof PullError) throw cause;
    const [reason, hint] = wordsOf(cause as NodeJS.ErrnoException, example);
    throw new PullError('INPUT_INVALID', clean(subject, 300), reason, { hint, cause });
  }
}

function wordsOf({ code, message }: NodeJS.ErrnoException, { into }: Pipe): readonly [reason: string, hint?: string] {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return [
        'expected an archive, found nothing there',
        `Correct the path, which begins at ${clean(process.cwd(), 300)}.`,
      ];
    case 'EISDIR':
      return ['expected an archive, found a folder', `Pack what is in it: tar -C FOLDER -c . | ${into}`];
    case 'EACCES':
    case 'EPERM':
      return ['expected a file that this user may read, found one that is kept from it', 'Change its permissions.'];
    default:
      return [`cannot be read: ${clean(message, 200)}`];
  }
}
