// npm run picture: the sample summary of the README as GitHub shows it, docs/summary.png, and its text, docs/summary.md. Needs Chromium.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sampleOutcome } from '../__tests__/support/sample-outcome.ts';
import { showSummary } from '../__tests__/support/summary-page.ts';
import { renderSummary } from '../src/github/summary.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
const text = renderSummary(sampleOutcome());
await writeFile(path.join(docs, 'summary.md'), text);
await showSummary(text, path.join(docs, 'summary.png'));
