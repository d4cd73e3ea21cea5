import { toTypedValue, type TypedValue } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import { amountMeets, amountOf } from './amount.ts';
import { byUrl, definitions, elementsOf, evaluate, type Definition } from './definitions.ts';
import { momentMeets, momentOf } from './moment.ts';
import { identifierOf, isNamedByCanonical, isVersionOf, namedBy, referenceMeets } from './reference.ts';
import { parts, plainText, textMeets, textsOf } from './text.ts';
import { impliedSystems } from './impliedSystem.ts';
import { displayMeets, ofType, tokenMeets, tokensOf } from './token.ts';

export type Pair = readonly [name: string, value: string];

export interface OracleOptions {
  readonly base: string; // the URL of the server
  readonly now: number; // epoch milliseconds, for ap
}

/**
 * R4 search over whole resources in memory, as the specification words it: https://hl7.org/fhir/R4/search.html.
 * Plain loops. Shares nothing with src.
 */
export class Oracle {
  readonly #byType = new Map<string, Resource[]>();
  readonly #byName = new Map<string, Resource>();
  readonly #options: OracleOptions;
  /** What contains a resource. */
  readonly #wholes = new WeakMap<Resource, Resource>();

  constructor(resources: readonly Resource[], options: OracleOptions) {
    this.#options = options;
    for (const resource of resources) {
      const { resourceType, id = '' } = resource;
      this.#byType.set(resourceType, [...(this.#byType.get(resourceType) ?? []), resource]);
      this.#byName.set(`${resourceType}/${id}`, resource);
    }
  }

  get base(): string {
    return this.#options.base;
  }

  /** The resource that Type/id names. */
  named(name: string): Resource | undefined {
    return this.#byName.get(name);
  }

  of(type: string): readonly Resource[] {
    return this.#byType.get(type) ?? [];
  }

  /** The ids of all resources of a type that meet every pair, in no order that matters. */
  search(type: string, pairs: readonly Pair[]): string[] {
    const found = this.of(type).filter((r) => pairs.every(([name, value]) => this.meets(r, name, value)));
    return found.map(({ id = '' }) => id).sort();
  }

  /** A parameter without a value says nothing. */
  meets(resource: Resource, name: string, value: string): boolean {
    if (value === '' && /^_has:|\./.test(name)) return true;
    if (name.startsWith('_has:')) return this.#has(resource, name, value);
    const [, head = '', only, rest] = /^([^.:]+)(?::([A-Z]\w+))?\.(.*)$/s.exec(name) ?? [];
    if (rest !== undefined) return this.#chain(resource, { head, only, rest }, value);
    const [code = '', modifier, ...more] = name.split(':');
    const parameter = parameterOf(resource.resourceType, code);
    if (more.length > 0 || !takes(parameter, modifier)) throw new Error(`${code} takes no ${name}`);
    return value === '' || this.#plain(resource, parameter, modifier, value);
  }

  /** What _include of a parameter adds for a resource: the references to what is here. */
  included(resource: Resource, code: string, target?: string): string[] {
    const named = this.#followed(resource, parameterOf(resource.resourceType, code));
    const wanted = named.filter((n) => !target || n.startsWith(`${target}/`));
    return [...new Set(wanted)].sort();
  }

  /** What is here and named through a parameter: literally, or by a canonical URL among the types that it may name. */
  #followed(resource: Resource, parameter: Definition): string[] {
    return elementsOf(resource, parameter).flatMap((element) => {
      const literal = namedBy(element, this.#options.base).filter((name) => this.#byName.has(name));
      const canonical = parameter.targets
        .flatMap((type) => this.of(type))
        .filter((target) => isNamedByCanonical(element, target))
        .map(({ resourceType, id = '' }) => `${resourceType}/${id}`);
      return [...literal, ...canonical];
    });
  }

  /** What a resource refers to, through a parameter, inside of itself or beside it in what contains it. */
  inside(resource: Resource, parameter: Definition): Resource[] {
    const whole = this.#wholes.get(resource) ?? resource;
    const only = parameter.paths.flatMap((path) => /resolve\(\) is (\w+)/.exec(path)?.[1] ?? []);
    const named = parameter.paths
      .flatMap((path) =>
        evaluate(path.replace(/\.where\(resolve\(\) is \w+\)/, ''), toTypedValue(resource), resource),
      )
      .map(({ value }) => (typeof value === 'string' ? value : (value as { reference?: string }).reference));
    const found = ((whole as { contained?: Resource[] }).contained ?? []).filter(
      ({ id, resourceType }) =>
        named.includes(`#${id ?? ''}`) && (only.length === 0 || only.includes(resourceType)),
    );
    for (const inner of found) this.#wholes.set(inner, whole);
    return found;
  }

  /** Whether a parameter has a value: a reference to what is contained is one. */
  hasValue(resource: Resource, parameter: Definition): boolean {
    if (elementsOf(resource, parameter).some((e) => isValue(e, parameter, this.#options.base))) return true;
    return parameter.kind === 'reference' && this.inside(resource, parameter).length > 0;
  }

  #plain(resource: Resource, parameter: Definition, modifier: string | undefined, value: string): boolean {
    const elements = elementsOf(resource, parameter);
    if (modifier === 'missing') return this.hasValue(resource, parameter) === (value === 'false');
    const any = parts(value, ',').some((text) =>
      elements.some((element) => this.#one(resource, { element, parameter, modifier, text })),
    );
    return modifier === 'not' ? !any : any;
  }

  #one(resource: Resource, asked: Asked): boolean {
    const { element, parameter, modifier, text } = asked;
    const { base, now } = this.#options;
    switch (parameter.kind) {
      case 'token':
        if (modifier === 'text') return displayMeets(element, text);
        if (modifier === 'of-type') return ofType(element, text);
        return tokenMeets(element, text, impliedSystems(parameter));
      case 'string':
        return textsOf(element.type, element.value).some((own) => textMeets(own, plainText(text), modifier));
      case 'date':
        return momentMeets(element, text, now);
      case 'number':
      case 'quantity':
        return amountMeets(element, text);
      case 'uri':
        return (
          uriMeets(String(element.value), plainText(text), modifier) ||
          (parameter.code === 'url' &&
            isNamedByCanonical({ type: 'canonical', value: plainText(text) }, resource))
        );
      case 'reference': {
        if (modifier === 'identifier') return identifierOf(element).some((i) => tokenMeets(i, text));
        if (modifier === 'below') return isVersionOf(element, plainText(text));
        const types = modifier === undefined ? parameter.targets : [modifier];
        return referenceMeets(element, plainText(text), { base, types });
      }
      case 'composite':
        return this.#composite(resource, asked);
      default:
        throw new Error(`the oracle knows no ${parameter.kind}`);
    }
  }

  /** All components hold for one and the same element. */
  #composite(resource: Resource, { element, parameter, text }: Asked): boolean {
    return parts(text, '$').every((part, i) => {
      const component = parameter.components[i];
      if (!component) return false;
      const of = byUrl(resource.resourceType, component.of);
      return evaluate(component.path, element, resource).some((inner) =>
        this.#one(resource, { element: inner, parameter: of, modifier: undefined, text: part }),
      );
    });
  }

  /** It refers to a resource here that meets the rest; without a type: of any target type that has the parameter. */
  #chain(resource: Resource, { head, only, rest }: Link, value: string): boolean {
    const parameter = parameterOf(resource.resourceType, head);
    const types = only === undefined ? parameter.targets : [only];
    const [, code = '', modifier] = /^([^.:]*)(?::([^.]*))?/.exec(rest) ?? [];
    const asking = types.filter((type) => {
      const further = definitions().get(type)?.get(code);
      return code === '_has' || (further !== undefined && (rest.includes('.') || takes(further, modifier)));
    });
    const targets = [
      ...this.#followed(resource, parameter).map((name) => this.#byName.get(name)),
      ...this.inside(resource, parameter),
    ];
    return targets.some((target) => {
      return target && asking.includes(target.resourceType) && this.meets(target, rest, value);
    });
  }

  /** `_has:Type:parameter:rest`: a resource of Type that meets the rest refers to this one. */
  #has(resource: Resource, name: string, value: string): boolean {
    const [, type = '', code = '', ...rest] = name.split(':');
    const parameter = parameterOf(type, code);
    const own = `${resource.resourceType}/${resource.id ?? ''}`;
    return this.of(type).some(
      (source) =>
        this.#followed(source, parameter).includes(own) && this.meets(source, rest.join(':'), value),
    );
  }
}

interface Asked {
  readonly element: TypedValue;
  readonly parameter: Definition;
  readonly modifier: string | undefined;
  readonly text: string;
}
interface Link {
  readonly head: string;
  readonly only: string | undefined;
  readonly rest: string;
}

export function parameterOf(type: string, code: string): Definition {
  const found = definitions().get(type)?.get(code);
  if (!found) throw new Error(`${type} has no parameter ${code}`);
  return found;
}

const modifiers: Readonly<Partial<Record<Definition['kind'], readonly string[]>>> = {
  token: ['missing', 'not', 'text', 'of-type'],
  string: ['missing', 'exact', 'contains'],
  uri: ['missing', 'above', 'below'],
  reference: ['missing', 'identifier', 'below'],
  date: ['missing'],
  number: ['missing'],
  quantity: ['missing'],
};

/** The modifiers that the oracle knows: those of R4, but for what needs a terminology. */
const takes = ({ kind }: Definition, modifier: string | undefined): boolean =>
  modifier === undefined ||
  (modifiers[kind]?.includes(modifier) ?? false) ||
  (kind === 'reference' && definitions().has(modifier));

/** Whether an element gives its parameter a value: a concept of text alone has no code. */
export function isValue(element: TypedValue, { kind }: Definition, base: string): boolean {
  switch (kind) {
    case 'token':
      return tokensOf(element).length > 0;
    case 'string':
      return textsOf(element.type, element.value).length > 0;
    case 'date':
      return momentOf(element) !== undefined;
    case 'number':
    case 'quantity':
      return amountOf(element) !== undefined;
    case 'reference':
      return namedBy(element, base).length > 0 || identifierOf(element).some((i) => tokensOf(i).length > 0);
    default:
      return true;
  }
}

/** See https://hl7.org/fhir/R4/search.html#uri; a canonical is found with its version and without. */
function uriMeets(own: string, asked: string, modifier: string | undefined): boolean {
  if (modifier === 'below') return own.startsWith(asked);
  if (modifier === 'above') return asked === own || asked.startsWith(`${own}/`);
  return own === asked || own.split('|')[0] === asked;
}
