import type { Extraction, Kind } from '../kind.ts';

/** Several elements that belong together. See https://hl7.org/fhir/R4/search.html#composite */
export const compositeKind: Kind = {
  weight: 20,
  operators: ['eq'],
  parse: () => {
    throw new Error('a composite has values for its parts only');
  },
  /** One entry for each element; the parts write to an extraction of their own. */
  entries: (parameter, { to, visitOf }) => {
    const part: Extraction = { entries: [], base: undefined };
    const visits = (parameter.components ?? []).map((component) => visitOf(component, part));
    return (element) => {
      part.base = to.base;
      part.resource = to.resource;
      const components = visits.map((visit) => {
        part.entries = [];
        visit(element);
        return part.entries;
      });
      to.entries.push({ parameter, kind: 'composite', components });
    };
  },
  match: () => {
    throw new Error('a composite is met by its parts');
  },
  sortValue: () => undefined,
};
