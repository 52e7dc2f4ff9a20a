// npm run fuzz -- [--executions 1000000] [--seed 1] [--only text]: mutations of what is seen in the wild through every parser of foreign text. Prints a
// table, and each input that made a parser throw anything but a PullError, or take too long; then it ends with 1.
import { parseArgs } from 'node:util';
import { runTarget } from '../__tests__/support/fuzz/run-target.ts';
import { TARGETS } from '../__tests__/support/fuzz/targets.ts';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`seed ${values.seed}, Node ${process.version}\n`);
say('| parser | executions | refused | failures | slowest | seconds |\n|---|---:|---:|---:|---:|---:|');
for (const target of TARGETS.filter(({ name }) => name.includes(values.only))) {
  const tally = await runTarget(target, Number(values.executions), Number(values.seed));
  const { executions, refused, failures, slowestMs, seconds } = tally;
  const counts = [executions, refused, failures.length].map((number) => number.toLocaleString('en'));
  say(`| ${target.name} | ${counts.join(' | ')} | ${slowestMs.toFixed(1)} ms | ${seconds.toFixed(0)} |`);
  for (const { input, why } of failures) say(`\n${why}\n${JSON.stringify(input.slice(0, 2000))}`);
  if (failures.length > 0) process.exitCode = 1;
}
