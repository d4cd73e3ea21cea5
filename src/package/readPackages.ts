import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Resource } from '@medplum/fhirtypes';
import { untar } from './untar.ts';

/** What is read of a package: definitions. Examples are left where they are. */
const kept = new Set([
  'CapabilityStatement',
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'GraphDefinition',
  'ImplementationGuide',
  'NamingSystem',
  'OperationDefinition',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'StructureMap',
  'ValueSet',
]);
const unpackedMax = 500 * 1024 * 1024; // bytes

interface Package {
  readonly name: string;
  readonly version: string;
  readonly resources: readonly Resource[];
}

/** One file of a package, by its path in it. */
type File = readonly [path: string, read: () => Uint8Array | Buffer];

/**
 * The definitions of implementation guides: of .tgz files, of folders of them, of unpacked packages; `paths` are parted
 * by commas. Older versions come first, so that the newest counts. Throws an Error that names what cannot be read.
 * See https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 */
export async function readPackages(paths: string): Promise<Resource[]> {
  const packages: Package[] = [];
  for (const path of paths.split(',').map((text) => text.trim()))
    if (path !== '') packages.push(...(await packagesAt(path)));
  packages.sort(
    (a, b) =>
      a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en', { numeric: true }),
  );
  return packages.flatMap(({ resources }) => resources);
}

async function packagesAt(path: string): Promise<Package[]> {
  try {
    if (!statSync(path).isDirectory()) return [packageOf(await archive(path))];
    const names = readdirSync(path).sort();
    if (names.includes('package.json')) return [packageOf(folder(path, names))];
    if (names.includes('package')) return await packagesAt(join(path, 'package'));
    const archives = names.filter((name) => /\.(?:tgz|tar\.gz)$/.test(name));
    if (archives.length === 0) throw new Error('it holds no package');
    const found: Package[] = [];
    for (const name of archives) found.push(...(await packagesAt(join(path, name))));
    return found;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw why.startsWith('the package ')
      ? error
      : new Error(`the package ${path} cannot be read: ${why}`, { cause: error });
  }
}

async function archive(path: string): Promise<File[]> {
  const files: File[] = [];
  for await (const { name, bytes } of untar(
    gunzipSync(readFileSync(path), { maxOutputLength: unpackedMax }),
  )) {
    const [first, second, ...more] = name.split('/');
    if (first === 'package' && second !== undefined && more.length === 0) files.push([second, () => bytes]);
  }
  return files;
}

const folder = (path: string, names: readonly string[]): File[] =>
  names.map((name) => [name, () => readFileSync(join(path, name))]);

function packageOf(files: readonly File[]): Package {
  const json = files.filter(([path]) => basename(path).endsWith('.json') && !path.startsWith('.'));
  const about = json.find(([path]) => path === 'package.json');
  if (!about) throw new Error('it has no package.json');
  const {
    name = '',
    version = '',
    fhirVersions,
    'fhir-version-list': list,
  } = parse(about) as Partial<
    Record<'name' | 'version', string> & Record<'fhirVersions' | 'fhir-version-list', unknown>
  >;
  const versions = (fhirVersions ?? list ?? []) as readonly string[];
  if (versions.length > 0 && !versions.some((v) => v.startsWith('4.0')))
    throw new Error(`it is of FHIR ${versions.join(', ')}, not of R4`);
  const resources = json.flatMap((file) => {
    const found = file === about ? undefined : (parse(file) as Partial<Resource>);
    return found?.resourceType !== undefined && kept.has(found.resourceType) && found.id !== undefined
      ? [found as Resource]
      : [];
  });
  return { name, version, resources };
}

function parse([path, read]: File): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(read()).replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new Error(`${path} is no JSON`, { cause: error });
  }
}
