import type { Contract, Organization } from '@medplum/fhirtypes';
import { isFeeContract, ratesOf, type Terms } from '../../billing/contract/feeContract.ts';
import { mostRates, percentOf, ratesFrom, readRates, type Rate } from '../../billing/contract/rates.ts';
import { isDate } from '../../datatypes/date.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, firstIssues, unresolved, wrongValue, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

type Stored<T> = T & { id: string };

/** What $load-contract is asked to load; every fault of it is named at once. */
export interface Loaded {
  readonly terms: Terms;
  readonly rates: readonly Rate[];
  readonly replaces: Stored<Contract> | undefined;
}

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
const faultsShown = 50;

export async function contractInput(call: Call): Promise<Loaded> {
  const { input, tx, target } = call;
  const practice = `Organization/${target.id ?? ''}`;
  const faults: Issue[] = [];
  const text = (name: string): string | undefined => {
    const said = parameter(input, name)?.valueString?.trim();
    return said === '' ? undefined : said;
  };
  const start = parameter(input, 'start')?.valueDate ?? '';
  const end = parameter(input, 'end')?.valueDate;
  for (const [name, day] of [['start', start] as const, ['end', end] as const])
    if (day !== undefined && !isDate(day))
      faults.push(wrongValue('malformed-value', at(name), `${name} must be a full date`));
  if (end !== undefined && end < start)
    faults.push(wrongValue('end-before-start', at('end'), 'the last day is before the first'));
  const payer = await resolve<Organization>(tx, 'Organization', parameter(input, 'payer')?.valueReference);
  if (payer?.id === undefined)
    faults.push(unresolved('payer-unknown', at('payer'), 'names no Organization that is here'));
  const replaces = await contractNamed(call, 'replaces', practice, faults);
  const base = await contractNamed(call, 'of', practice, faults);
  const own =
    text('content') === undefined ? [] : read(parameter(input, 'content')?.valueString ?? '', faults);
  const rates = base ? fromBase(call, base, own, faults) : own;
  if (!base && text('content') === undefined && !parameter(input, 'of'))
    faults.push(
      businessFault(
        'contract-row',
        at('content'),
        'give rows, or the schedule that this one is a percentage of',
      ),
    );
  if (faults.length > 0) throw unprocessable([...firstIssues(faults, faultsShown)]);
  return {
    terms: {
      ...{ name: text('name') ?? 'fee schedule', practice, payer: `Organization/${payer?.id ?? ''}` },
      ...{ plan: text('plan'), network: text('network'), start, end },
    },
    rates,
    replaces,
  };
}

function read(content: string, faults: Issue[]): readonly Rate[] {
  const { rates, faults: found } = readRates(content);
  faults.push(...found.map((said) => businessFault('contract-row', at('content'), said)));
  return rates;
}

/** A fee schedule of this practice that a parameter names. One of another practice is not told from one that is not there. */
async function contractNamed(
  { input, tx }: Call,
  name: 'of' | 'replaces',
  practice: string,
  faults: Issue[],
): Promise<Stored<Contract> | undefined> {
  const reference = parameter(input, name)?.valueReference;
  if (!reference) return undefined;
  const id = parseReference(reference.reference)?.id;
  const found = await resolve<Contract>(tx, 'Contract', reference);
  if (found && id !== undefined && isFeeContract(found) && found.authority?.[0]?.reference === practice)
    return changed(found, { id });
  faults.push(unresolved('contract-unknown', at(name), 'names no fee schedule of this practice'));
  return undefined;
}

function fromBase(
  { input }: Call,
  base: Stored<Contract>,
  own: readonly Rate[],
  faults: Issue[],
): readonly Rate[] {
  const percent = percentOf((parameter(input, 'percent')?.valueDecimal ?? 100).toString());
  if (percent === undefined) {
    const text = 'percent is above 0 and up to 1000, with two decimals';
    faults.push(wrongValue('malformed-value', at('percent'), text));
    return [];
  }
  const rates = ratesFrom(ratesOf(base), percent, own);
  if (rates.length > mostRates)
    faults.push(
      businessFault(
        'contract-row',
        at('content'),
        `${referenceText(base)} and the rows are more than ${mostRates}`,
      ),
    );
  return rates;
}
