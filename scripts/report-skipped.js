// A jest reporter: names every skipped test and closes with the counts. With FAIL_ON_SKIP set, a skipped test fails the run, for then a real part that was
// promised is missing; only tests that need the real images or the newer Docker may skip where what brings them does not lie beside the checkout.
import { existsSync } from 'node:fs';
import path from 'node:path';

const shared = path.resolve(import.meta.dirname, '../../shared');
const OPTIONAL = { 'real images': 'images', 'newer Docker': 'tools/newer-docker' };

function isExcused(name) {
  const missing = /\(missing: ([^()]+)\)$/.exec(name)?.[1]?.split(', ') ?? [''];
  return missing.every((part) => part in OPTIONAL && !existsSync(path.join(shared, OPTIONAL[part])));
}

// biome-ignore lint/style/noDefaultExport: jest loads a reporter by its default export.
export default class SkippedReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numPendingTests, testResults }) {
    const names = testResults
      .flatMap((file) => file.testResults)
      .filter(({ status }) => status === 'pending')
      .map(({ fullName }) => fullName);
    for (const name of names) process.stdout.write(`skipped: ${name}\n`);
    process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`);
    const unexcused = names.filter((name) => !isExcused(name));
    if (process.env.FAIL_ON_SKIP && unexcused.length > 0)
      this.error = new Error(`${unexcused.length} tests were skipped`);
  }

  getLastError() {
    return this.error;
  }
}
