import type {
  CoverageEligibilityResponse,
  CoverageEligibilityResponseInsuranceItem,
} from '@medplum/fhirtypes';
import { cents, exactCents, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';
import { amountsOf, kindOf } from './result.ts';

/** What an answer about eligibility says of what the patient bears, in the network, on the day it was given. */
export interface BenefitsTold {
  readonly deductibleLeft?: Cents;
  readonly limitLeft?: Cents; // of what the patient pays in a year at most
  readonly coinsurance?: number; // basis points
  readonly visitCopay?: Cents;
}

type Item = CoverageEligibilityResponseInsuranceItem;

/** Service types: the plan as a whole, and visits to an office. */
const ofPlan: ReadonlySet<string> = new Set(['', '30']);
const ofVisits: ReadonlySet<string> = new Set(['98', 'BY', 'BZ']);

const serviceType = ({ category, productOrService }: Item): string =>
  productOrService ? '-' : (codeOf(category, system.x12ServiceType) ?? category?.coding?.[0]?.code ?? '');

/** What an answer says, of the single member before the family; nothing of what holds outside of the network. */
export function benefitsTold({ insurance = [] }: CoverageEligibilityResponse): BenefitsTold {
  const inNetwork = insurance
    .flatMap(({ item = [] }) => item)
    .filter(({ network }) => codeOf(network, system.benefitNetwork) !== 'out');
  const isFamily = ({ unit }: Item): boolean => codeOf(unit, system.benefitUnit) === 'family';
  const items = [...inNetwork.filter((item) => !isFamily(item)), ...inNetwork.filter(isFamily)];
  const of = (kind: string, types: ReadonlySet<string>): Item[] =>
    items.filter((item) => kindOf(item) === kind && types.has(serviceType(item)));
  const left = (kind: string): Cents | undefined => {
    const amounts = of(kind, ofPlan).map(amountsOf);
    const found = amounts.find((a) => a.left !== undefined)?.left ?? amounts.find((a) => a.whole)?.whole;
    return found === undefined ? undefined : cents(Math.max(0, found));
  };
  const share = of('A', ofPlan).find((item) => item.benefit?.[0]?.allowedUnsignedInt !== undefined);
  const copay = of('B', ofVisits)
    .map((item) => amountsOf(item).whole)
    .find((amount) => amount !== undefined);
  const coinsurance = exactCents(share?.benefit?.[0]?.allowedUnsignedInt ?? Number.NaN);
  const [deductibleLeft, limitLeft] = [left('C'), left('G')];
  return {
    ...(deductibleLeft === undefined ? {} : { deductibleLeft }),
    ...(limitLeft === undefined ? {} : { limitLeft }),
    ...(coinsurance === undefined ? {} : { coinsurance }),
    ...(copay === undefined ? {} : { visitCopay: copay }),
  };
}
