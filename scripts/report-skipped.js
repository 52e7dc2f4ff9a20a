// A jest reporter: names every skipped test and closes with the counts. With FAIL_ON_SKIP set, a skipped test fails the run, for then a real part that was
// promised is missing; only tests that need the real images may skip where no such folder lies beside the checkout.
import { existsSync } from 'node:fs';
import path from 'node:path';

const images = path.resolve(import.meta.dirname, '../../shared/images');
const isExcused = (name) => name.includes('(missing: real images)') && !existsSync(images);

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
