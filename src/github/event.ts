import { readFile } from 'node:fs/promises';
import { asRecord } from '../lib/records.ts';
import type { EventPayload } from './cache-rule.ts';

/** The payload of the event that started the run; empty if there is none that can be read. */
export async function readEvent(environment: Readonly<Record<string, string | undefined>>): Promise<EventPayload> {
  try {
    return asRecord(JSON.parse(await readFile(environment.GITHUB_EVENT_PATH ?? '', 'utf8')));
  } catch {
    return {};
  }
}
