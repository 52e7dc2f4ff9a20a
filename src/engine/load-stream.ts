/**
 * Why a load failed, out of the JSON stream that `POST /images/load` answers with status 200 in any case; undefined if it tells of no failure. The containerd
 * store says `Error unpacking image …` in plain words only.
 */
export function loadFailure(body: string): string | undefined {
  for (const line of body.split('\n')) {
    const message = parse(line);
    const failure = message.error ?? asText(message.stream, /^error unpacking image/i) ?? asText(message.status, /^error unpacking image/i);
    if (failure !== undefined) return String(failure);
  }
  return undefined;
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return /^error/i.test(line) ? { error: line } : {};
  }
}

const asText = (value: unknown, like: RegExp): string | undefined =>
  typeof value === 'string' && like.test(value.trim()) ? value.trim() : undefined;
