import { createRequire } from 'node:module';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** Files that take longest, the longest first: one of them begun last would run alone, on one of two processors. */
const longest = [
  'contract/mongodb',
  'transport/kill',
  'office/nightly/kill',
  'scenario/kill',
  'firm/f4_05_restore',
  'http/capabilityWalk',
  'store/mongodb/failover',
  'conformance/examplesSearch',
  'firm/f4_02_election',
  'smart/chromium/browser',
  'smart/leak',
  'command/move',
  'conformance/examplesSearchMongodb',
  'firm/f4_05_verify',
  'main',
  'firm/f1_03_kill',
  'scenario/history',
  'firm/f4_07_oneOwner',
  'smart/sameTime',
  'transport/status',
  'scenario/hundredAtOnce',
  'firm/f4_06_fullDisk',
  'firm/f1_03_gateway',
  'firm/f2_04_edit',
  'smart/ownAccount',
  'store/mongodb/many',
  'command/seed',
  'posting/kill',
  'contract/sqlite',
  'http/conditional',
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
