import { createRequire } from 'node:module';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** Files that take longest, the longest first: one of them begun last would run alone, on one of two processors. */
const longest = [
  'http/capabilityWalk',
  'conformance/examplesSearch',
  'contract/mongodb',
  'conformance/examplesSearchMongodb',
  'contract/sqlite',
  'command/move',
  'scenario/kill',
  'firm/f1_03_kill',
  'firm/f1_03_gateway',
  'firm/f4_05_restore',
  'firm/f4_06_fullDisk',
  'command/seed',
  'smart/chromium/browser',
  'firm/f2_04_edit',
  'http/bundle',
];
const place = ({ path }) => {
  const at = longest.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return at < 0 ? longest.length : at;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => place(a) - place(b)); // the others as jest would have them
  }
}
