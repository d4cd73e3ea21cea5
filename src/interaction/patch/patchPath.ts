import { badRequest, type FhirError } from '../../outcome/fhirError.ts';

/** One step of the path of a FHIRPath Patch. */
export type PathStep =
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'function'; readonly name: PathFunction; readonly argument: string };

const functions = ['where', 'first', 'last', 'single', 'extension', 'ofType', 'as', 'skip', 'take', 'tail'];
type PathFunction =
  'where' | 'first' | 'last' | 'single' | 'extension' | 'ofType' | 'as' | 'skip' | 'take' | 'tail';

const lengthMax = 1000;

/** What criteria may call: nothing that could run for long, leave the resource or look at the clock. */
const inCriteria = new Set([
  ...[
    'where',
    'exists',
    'empty',
    'not',
    'all',
    'count',
    'first',
    'last',
    'single',
    'extension',
    'ofType',
    'as',
    'is',
  ],
  ...[
    'startsWith',
    'endsWith',
    'contains',
    'length',
    'lower',
    'upper',
    'substring',
    'indexOf',
    'hasValue',
    'toString',
  ],
]);

/**
 * Reads the path of a patch operation: names, `[n]`, `where(…)` and a few more, all that names elements of a resource
 * and nothing that computes. 400 for anything else. See https://hl7.org/fhir/R4/fhirpatch.html
 */
export function patchPath(text: string, resourceType: string, place: string): PathStep[] {
  const refuse = (why: string): FhirError => badRequest('malformed-patch', `the path ${why}`, place);
  if (text.length > lengthMax) throw refuse(`must not be longer than ${lengthMax} characters`);
  const steps: PathStep[] = [];
  let rest = text.trim();
  for (let isFirst = true; rest !== ''; isFirst = false) {
    const index = /^\[\s*(\d{1,6})\s*\]\s*/.exec(rest);
    if (index && !isFirst) {
      steps.push({ kind: 'index', index: Number(index[1]) });
      rest = rest.slice(index[0].length);
      continue;
    }
    const name = (isFirst ? /^(`?)([A-Za-z_]\w*)\1\s*/ : /^\.\s*(`?)([A-Za-z_]\w*)\1\s*/).exec(rest);
    if (!name) throw refuse('is not understood: it has names, [n], where(…), first(), last(), extension(…)');
    rest = rest.slice(name[0].length);
    const [, , called = ''] = name;
    if (!rest.startsWith('(')) {
      if (!isFirst || !isRootName(called, resourceType)) steps.push({ kind: 'child', name: called });
      continue;
    }
    const end = closing(rest);
    if (end < 0) throw refuse('has a parenthesis that is not closed');
    if (!isPathFunction(called)) throw refuse(`may call ${functions.join(', ')}, not ${called.slice(0, 40)}`);
    const argument = rest.slice(1, end).trim();
    const unfit = faultOf(called, argument);
    if (unfit !== undefined) throw refuse(unfit);
    steps.push({ kind: 'function', name: called, argument });
    rest = rest.slice(end + 1).trimStart();
  }
  return steps;
}

const isPathFunction = (name: string): name is PathFunction => functions.includes(name);

const isRootName = (name: string, resourceType: string): boolean =>
  name === resourceType || name === 'Resource' || name === 'DomainResource';

/** Where the parenthesis that opens a text is closed; -1 when it is not. Text in quotes counts for nothing. */
function closing(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (char === "'") {
      for (i += 1; i < text.length && text[i] !== "'"; i += 1) if (text[i] === '\\') i += 1;
    } else if (char === '(') depth += 1;
    else if (char === ')') {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}

/** What is wrong with the argument of a function; undefined when nothing is. */
function faultOf(name: PathFunction, argument: string): string | undefined {
  switch (name) {
    case 'where': {
      if (argument === '') return 'has a where() without criteria';
      const plain = argument.replace(/'(?:\\.|[^'\\])*'/g, "''");
      if (plain.includes('%')) return 'may not name variables in its criteria';
      const calls = [...plain.matchAll(/([A-Za-z_]\w*)\s*\(/g)].map(([, called = '']) => called);
      const other = calls.find(
        (called) => !inCriteria.has(called) && !/^(?:and|or|xor|implies|in)$/.test(called),
      );
      return other === undefined ? undefined : `may not call ${other.slice(0, 40)}() in its criteria`;
    }
    case 'skip':
    case 'take':
      return /^\d{1,6}$/.test(argument) ? undefined : `has a ${name}() without a number`;
    case 'extension':
      return /^'[^'\\]*'$/.test(argument) ? undefined : 'has an extension() without a URL in quotes';
    case 'ofType':
    case 'as':
      return /^(?:FHIR\.)?[A-Za-z]\w*$/.test(argument) ? undefined : `has an ${name}() without a type`;
    default:
      return argument === '' ? undefined : `gives ${name}() an argument, and it takes none`;
  }
}
