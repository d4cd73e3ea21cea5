import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { eventually } from '../npmStart.ts';
import { freePort } from '../freePort.ts';

const root = new URL('../../', import.meta.url).pathname;
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ');

/** What each COPY from the build context takes, and where it goes in its stage. */
const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].map(([, words = '']) => {
  const parts = words.trim().split(/\s+/);
  return { sources: parts.slice(0, -1), to: parts.at(-1) ?? '' };
});
const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const copiesOfImage = copies.filter(({ sources }) => finalStage.includes(`COPY ${sources.join(' ')} `));

/** The rules of .dockerignore, of which the last that matches a path or a folder above it decides. */
const rules = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const pattern = line.replace(/^!/, '');
    const text = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
    return { keeps: line.startsWith('!'), matches: new RegExp(`^${text}(?:/|$)`) };
  });
const isIgnored = (path: string): boolean =>
  rules.reduce((ignored, { keeps, matches }) => (matches.test(path) ? !keeps : ignored), false);

const isInImage = (file: string): boolean =>
  !isIgnored(file) &&
  copiesOfImage.some(({ sources }) =>
    sources.some((source) => file === source || file.startsWith(`${source}/`)),
  );

/** Every file of ours that is loaded when `start` is run, the ones it imports later included. */
function loadedFrom(start: string, found = new Set<string>()): Set<string> {
  if (found.has(start)) return found;
  found.add(start);
  const text = read(start);
  // Types are blanked out: what is imported for its types only is not loaded.
  const code = start.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  for (const [, path = ''] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g))
    loadedFrom(normalize(join(dirname(start), path)), found);
  return found;
}

test('4.13 everything that the Dockerfile copies is there and not left out by .dockerignore', () => {
  const sources = copies.flatMap((copy) => copy.sources);
  expect(sources).toContain('script/start.js');
  expect(sources.filter((source) => !existsSync(join(root, source)) || isIgnored(source))).toEqual([]);
});

test('4.13 every file that the server loads is in the image', () => {
  const loaded = [...loadedFrom('script/start.js')].filter((file) => file !== 'script/checkNode.js'); // npm only
  expect(loaded.length).toBeGreaterThan(200);
  expect(loaded.filter((file) => !isInImage(file))).toEqual([]);
});

test('4.13 the base image is named by its digest, in every stage', () => {
  const stages = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(stages).toEqual(['${NODE_IMAGE}', '${NODE_IMAGE}']);
  expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:26\.\d+\.\d+-\S+@sha256:[0-9a-f]{64}$/m);
});

/** A folder with exactly what the image holds: what is copied, and what `npm ci --omit=dev` installs. */
function layOut(folder: string): void {
  for (const { sources, to } of copiesOfImage)
    for (const source of sources) {
      const target =
        /\/$/.test(to) && source.includes('/') ? join(to, source.split('/').at(-1) ?? '') : source;
      cpSync(join(root, source), join(folder, target), { recursive: true });
    }
  const removed = /rm -rf (.*)$/m.exec(dockerfile)?.[1]?.split(' ') ?? [];
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
  };
  for (const [path, { dev, devOptional, optional }] of Object.entries(packages)) {
    if (path === '' || dev === true || devOptional === true || removed.includes(path)) continue;
    if (optional === true && !existsSync(join(root, path))) continue;
    if (!existsSync(join(folder, path)))
      cpSync(join(root, path), join(folder, path), {
        recursive: true,
        filter: (file) => !file.slice(join(root, path).length + 1).startsWith('node_modules'),
      });
  }
  mkdirSync(join(folder, 'data'));
}

test('4.13 what is in the image starts, seeds and answers, without TypeScript', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-image-'));
  layOut(folder);
  const port = await freePort();
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(finalStage) ?? [];
  const [, ...parameters] = JSON.parse(command) as string[];
  const child = spawn(process.execPath, parameters, {
    cwd: folder,
    env: {
      NODE_ENV: 'production',
      CLAIMWRIGHT_HOST: '0.0.0.0',
      CLAIMWRIGHT_PORT: String(port),
      CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'data', 'claimwright.db')}`,
      CLAIMWRIGHT_AUTH: 'token',
      CLAIMWRIGHT_TOKEN: 'a-token-of-more-than-thirty-two-characters',
    },
  });
  let logged = '';
  child.stderr.on('data', (chunk: Buffer) => (logged += chunk.toString()));
  try {
    expect(existsSync(join(folder, 'node_modules/typescript'))).toBe(false);
    const isReady = async (): Promise<true | undefined> =>
      (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true ? true : undefined;
    await eventually(isReady, () => {
      if (child.exitCode !== null) throw new Error(logged);
    });
    const answer = await fetch(
      `http://127.0.0.1:${port}/fhir/Observation?value-quantity=1.2|http://unitsofmeasure.org|g/L`,
      {
        headers: { authorization: 'Bearer a-token-of-more-than-thirty-two-characters' },
      },
    );
    expect(answer.status).toBe(200);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

test('4.13 neighbour: nothing of tests, data, history or scripts of development is in the image', () => {
  for (const file of [
    'test/server.ts',
    'data/claimwright.db',
    '.git/HEAD',
    'script/mongod.ts',
    'bench/run.ts',
  ])
    expect([file, isInImage(file) || !isIgnored(file)]).toEqual([file, false]);
});

test('4.13 neighbour: what the server reads beside its code is in the image', () => {
  const folders = globSync('src/**/*.{ts,sql}', { cwd: root })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...read(file).matchAll(/new URL\(\s*'(\.\.?\/[^']*)'/g)].map(([, path = '']) =>
        normalize(join(dirname(file), path)).replace(/\/$/, ''),
      ),
    );
  expect(folders).toContain('seed');
  expect(folders.filter((path) => !isInImage(path))).toEqual([]);
});

test('4.13 neighbour: no package that the image leaves out is imported by the server', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  const packages = [...loadedFrom('script/start.js')].flatMap((file) => {
    const code = file.endsWith('.ts') ? stripTypeScriptTypes(read(file)) : read(file);
    return [...code.matchAll(/^\s*(?:import|export)\b[^;]*?\bfrom\s+'([^.'][^']*)'/gm)].map(([, name = '']) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  });
  const known = [...Object.keys(dependencies), 'node:'];
  expect(packages.filter((name) => !known.some((start) => name.startsWith(start)))).toEqual([]);
});
