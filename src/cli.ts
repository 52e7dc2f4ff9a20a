import module from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { codePath } from './cli/store-path.ts';

// Both before anything large is read. What was compiled at an earlier start need not be compiled again; Node 20 cannot do that.
const code = codePath(process.env);
if (code !== undefined) module.enableCompileCache?.(code);
// The HTTP parser is WebAssembly that reads a few dozen heads: to optimise it would take V8 longer than to read them.
setFlagsFromString('--liftoff-only');
const { main } = await import('./cli/program.ts');
await main((code) => process.exit(code));
