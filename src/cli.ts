import module from 'node:module';
import { codePath } from './cli/store-path.ts';

// Before anything large is read: what was compiled at an earlier start need not be compiled again. Node 20 cannot do that; and who only looks, finds nothing
// left behind.
const [, , command = 'demo'] = process.argv;
const code = command === 'demo' ? undefined : codePath(process.env);
if (code !== undefined) module.enableCompileCache?.(code);
const { main } = await import('./cli/program.ts');
await main((code) => process.exit(code));
