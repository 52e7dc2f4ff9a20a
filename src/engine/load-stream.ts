import { asRecord, isRecord, parseJson } from '../lib/records.ts';
/**
 * Why a load or a pull failed, out of the JSON stream that `POST /images/load` and `/images/create` answer with status 200 in any case; undefined if it tells of no failure. The containerd
 * store says `Error unpacking image …` in plain words only.
 */
export function loadFailure(body: string): string | undefined {
  for (const line of body.split('\n')) {
    const failure = failureIn(line.trim());
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function failureIn(line: string): string | undefined {
  const message = parseJson(line);
  if (message === undefined) return /^error\b/i.test(line) ? line : undefined;
  const { error, errorDetail, stream, status } = asRecord(message);
  const said = error || (isRecord(errorDetail) && errorDetail.message);
  if (said) return typeof said === 'string' ? said : 'no reason given';
  return unpacking(stream) ?? unpacking(status);
}

const unpacking = (text: unknown): string | undefined =>
  typeof text === 'string' ? /^error unpacking image.*$/im.exec(text)?.[0].trim() : undefined;
