import { createReadStream } from 'node:fs';
import { cancelled, PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** Where an archive without a file comes from. */
export type Input = AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };

/** The bytes of a file, or of standard input where none is named; throws INPUT_INVALID for a terminal, at once, and what cannot be read, when it is. */
export function openInput(
  file: string | undefined,
  example: string,
  stdin: () => Input,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (file !== undefined) return read(() => createReadStream(file, { highWaterMark: 512 * 1024 }), file, signal);
  const input = stdin();
  if (!input.isTTY) return read(() => input, 'standard input', signal);
  throw new PullError('INPUT_INVALID', 'standard input', 'a terminal gives no archive', {
    hint: `Name a file, or pipe one in: ${example}`,
  });
}

// Opened when it is read: a stream that fails before anybody listens would end the process.
async function* read(
  open: () => AsyncIterable<Uint8Array>,
  subject: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of open()) {
      if (signal.aborted) throw cancelled();
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof PullError) throw cause;
    throw new PullError(
      'INPUT_INVALID',
      clean(subject, 300),
      `cannot be read: ${clean((cause as Error).message, 200)}`,
      { cause },
    );
  }
}
