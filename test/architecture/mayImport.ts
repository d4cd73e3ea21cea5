/** A folder of src, and the folders it may import besides itself. See docs/decision/0002. */
const ground = ['datatypes', 'terminology', 'outcome', 'x12'];

export const mayImport: Readonly<Record<string, readonly string[]>> = {
  datatypes: [],
  terminology: [],
  outcome: [],
  x12: ['datatypes'],
  billing: ground,
  payer: [...ground, 'billing'],
  search: ['datatypes', 'outcome'],
  validation: ['datatypes', 'terminology', 'outcome'],
  store: ['search', 'outcome', 'datatypes'],
  transport: ['datatypes', 'outcome'],
  access: ['store', 'search', 'outcome', 'datatypes', 'terminology'],
  interaction: ['store', 'validation', 'search', 'outcome', 'datatypes', 'terminology'],
  gateway: [...ground, 'payer', 'transport'],
  job: ['store', 'outcome', 'datatypes'],
  operation: [
    ...ground,
    'billing',
    'payer',
    'gateway',
    'interaction',
    'store',
    'transport',
    'job',
    'validation',
    'search',
    'access',
  ],
  http: ['interaction', 'operation', 'access', 'outcome', 'datatypes', 'search', 'store'],
  web: ['datatypes'],
};

/** Folders that are entered by one door only. */
export const door: Readonly<Record<string, RegExp>> = {
  'payer > billing': /^billing\/adjudication\//,
  'interaction > store': /^store\/(store|access\/(access|asServer))\.ts$/,
  'access > store': /^store\/(store|access\/access)\.ts$/,
  'http > store': /^store\/(store|record|access\/(access|asServer))\.ts$/,
  'operation > store': /^store\/(store|job|audit|access\/(access|asServer))\.ts$/,
  'job > store': /^store\/(store|job|access\/(access|asServer))\.ts$/,
  'operation > gateway': /^gateway\/gateway\.ts$/,
  'operation > transport': /^transport\/transport\.ts$/,
  'gateway > transport': /^transport\/transport\.ts$/,
  'operation > job': /^job\/queue\.ts$/,
};

/** Packages that one place only may import. */
export const homeOf: Readonly<Record<string, RegExp>> = {
  'node:sqlite': /^store\/sqlite\//,
  mongodb: /^store\/mongodb\//,
  'tar-stream': /^package\//,
  pdfkit: /^operation\/form\//,
  '@cantoo/pdf-lib': /^operation\/appeal\//,
  'fhir-kit-client': /^gateway\//,
  'ssh2-sftp-client': /^transport\//,
  ssh2: /^transport\//,
  express: /^(http\/|app\.ts$)/,
  pino: /^http\/log\.ts$/,
  negotiator: /^http\//,
  'content-type': /^http\//,
  'type-is': /^http\//,
  'oidc-provider': /^http\/smart\//,
  jose: /^http\/smart\//,
  'lean-qr': /^http\/smart\//,
};

/** Folders that may not touch clocks, chance or the process. */
export const pure = /^(billing|payer|datatypes|terminology|outcome|search|validation|x12)\//;

/** Name parts that say nothing. Words of FHIR and of the contract stay as they are. */
export const bannedName = /manager|helper|utils?(?![a-z])|common|misc|info|process/i;
export const allowedWord =
  /supporting-?info|inforce|informational|informationSequence|information|processNote|processX12|processPriority|unprocessable/gi;

/** Every list holds every file of its folder, but for the files named here: they are no members. */
export const lists: readonly {
  readonly folder: string;
  readonly list: string;
  readonly besides: readonly string[];
  readonly exported?: true; // the list hands on what its files export
}[] = [
  {
    folder: 'operation',
    list: 'operation/index.ts',
    besides: ['index.ts', 'operation.ts', 'definition.ts', 'parameters.ts', 'run.ts', 'uniqueKey.ts'],
  },
  { folder: 'billing/scrub/rules', list: 'billing/scrub/rules/index.ts', besides: ['index.ts'] },
  { folder: 'billing/ledger', list: 'billing/ledger/index.ts', besides: ['index.ts'], exported: true },
];
