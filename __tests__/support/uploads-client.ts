import type { PullEvent } from '../../src/outcome.ts';
import type { Uploads } from '../../src/ports.ts';
import { createUploads, type UploadOptions } from '../../src/registry/uploads.ts';

/** A client under test that pushes: waits are noted instead of waited. */
export interface UploadsClient extends Uploads {
  readonly events: PullEvent[];
  readonly controller: AbortController;
}

/** To be closed by the test. */
export function openUploads(options: Partial<UploadOptions> = {}): UploadsClient {
  const events: PullEvent[] = [];
  const controller = new AbortController();
  const uploads = createUploads({
    userAgent: 'pull-image/test',
    signal: controller.signal,
    report: (event) => void events.push(event),
    random: () => 0.5,
    sleep: async () => {},
    ...options,
  });
  return { ...uploads, events, controller };
}
