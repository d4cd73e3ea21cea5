import type { OperationDefinitionParameter, ParametersParameter } from '@medplum/fhirtypes';
import { badRequest } from '../../outcome/fhirError.ts';

/** Parameters that are the transport's business. */
const transport = new Set(['_format', '_pretty']);

/**
 * Simple parameters given in the URL, typed as they are defined.
 * See https://hl7.org/fhir/R4/operations.html#executing
 */
export const fromQuery = (
  known: readonly OperationDefinitionParameter[],
  query: readonly (readonly [string, string])[],
): ParametersParameter[] =>
  query
    .filter(([name]) => !transport.has(name))
    .map(([name, text]) => typed(known.find((k) => k.name === name)?.type, name, text));

function typed(type: string | undefined, name: string, text: string): ParametersParameter {
  switch (type) {
    case undefined:
      return { name, valueString: text };
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw malformed(name, 'true or false');
      return { name, valueBoolean: text === 'true' };
    case 'integer':
      if (!/^-?\d{1,9}$/.test(text)) throw malformed(name, 'a whole number');
      return { name, valueInteger: Number(text) };
    case 'positiveInt':
      if (!/^[1-9]\d{0,8}$/.test(text)) throw malformed(name, 'a whole number above zero');
      return { name, valuePositiveInt: Number(text) };
    case 'decimal':
      if (!/^-?\d{1,15}(?:\.\d{1,10})?$/.test(text)) throw malformed(name, 'a decimal');
      return { name, valueDecimal: Number(text) };
    case 'Reference':
      return { name, valueReference: { reference: text } };
    case 'string':
      return { name, valueString: text };
    case 'date':
      return { name, valueDate: text };
    case 'dateTime':
      return { name, valueDateTime: text };
    case 'instant':
      return { name, valueInstant: text };
    case 'code':
      return { name, valueCode: text };
    case 'id':
      return { name, valueId: text };
    case 'uri':
      return { name, valueUri: text };
    case 'canonical':
      return { name, valueCanonical: text };
    default:
      throw badRequest('wrong-parameter-type', `${name} is a ${type}: send it in a body of Parameters`);
  }
}

const malformed = (name: string, what: string) => badRequest('malformed-value', `${name} must be ${what}`);
