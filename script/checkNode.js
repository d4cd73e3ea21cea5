import { readFileSync } from 'node:fs';

/** First line of `npm start` and `npm test`: is this the Node that package.json pins? Says how to mend it if not. */
const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const pinned = devDependencies.node;
const running = process.versions.node;
if (running !== pinned) {
  process.stderr.write(
    `Claimwright runs on Node ${pinned}; this is Node ${running}.\n` +
      'The npm package "node" brings the right one in its install step. To mend it:\n' +
      '  npm install-scripts approve node && npm rebuild node\n' +
      'or, with an older npm:  npm rebuild node --ignore-scripts=false\n',
  );
  process.exit(1);
}
