const { appendFileSync } = require('node:fs');
const { enableCompileCache, flushCompileCache, registerHooks } = require('node:module');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { default: JestRuntime } = require('jest-runtime');

/**
 * What jest runs a test file with. Jest would load the whole program anew for every file, in a context of its own: a
 * second of processor each, and the code is never compiled for long. Here Node itself imports the test files, so that
 * the files one worker runs share the modules of the program, their compiled code and the compiled checks of the
 * resource types. No test keeps state in a module, replaces one, or changes a setting of the process.
 */
enableCompileCache(join(__dirname, '../node_modules/.cache/claimwright'));

/** Where `test`, `expect` and the others of the file that runs now are kept; each file has its own. */
const place = 'claimwright test globals';
const names = ['afterAll', 'afterEach', 'beforeAll', 'beforeEach', 'describe', 'expect', 'test'];
const globals = names
  .map(
    (name) =>
      `export const ${name} = new Proxy(() => undefined, {
        apply: (_target, _this, given) => globalThis[Symbol.for('${place}')].${name}(...given),
        get: (_target, key) => globalThis[Symbol.for('${place}')].${name}[key],
      });`,
  )
  .join('\n');
const url = 'claimwright:jest-globals';
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
  load: (at, context, next) =>
    at === url ? { format: 'module', source: globals, shortCircuit: true } : next(at, context),
});

const framework = join(dirname(require.resolve('jest-circus')), 'jestAdapterInit.js');
const kept = ['JEST_STATE_SYMBOL', 'EVENT_HANDLERS']; // what it keeps in globalThis
class Runtime extends JestRuntime {
  /** Jest's own framework, anew for each file, but in the context of the program: expect.any(String) means its String. */
  requireInternalModule(from, to) {
    if (from !== framework || to !== undefined) return super.requireInternalModule(from, to);
    for (const key of Object.getOwnPropertySymbols(globalThis))
      if (kept.includes(key.description)) Reflect.deleteProperty(globalThis, key); // of the file before
    Reflect.deleteProperty(require.cache, framework);
    return require(framework);
  }

  setGlobalsForRuntime(own) {
    globalThis[Symbol.for(place)] = own;
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(file) {
    if (file.endsWith('.test.ts')) this.began = { file, cpu: process.cpuUsage() };
    await import(pathToFileURL(file).href);
  }

  /** What a file took of the processor, without the servers and databases it had beside it. */
  noteProcessor() {
    if (!this.began || process.env.CLAIMWRIGHT_TEST_PROCESSOR === undefined) return;
    const { user, system } = process.cpuUsage(this.began.cpu);
    appendFileSync(process.env.CLAIMWRIGHT_TEST_PROCESSOR, `${(user + system) / 1e6}\t${this.began.file}\n`);
    this.began = undefined;
  }

  teardown() {
    this.noteProcessor();
    globalThis[Symbol.for('claimwright test file end')]?.(); // closes what a worker would wait for at its end
    flushCompileCache();
    super.teardown();
  }
}
module.exports = { default: Runtime, __esModule: true };
