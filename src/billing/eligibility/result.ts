import type {
  CoverageEligibilityResponse,
  CoverageEligibilityResponseInsuranceItem,
} from '@medplum/fhirtypes';
import { centsOf, subtract, toText, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';

/** What an answer comes to. What says nothing of the plan, or that the payer could not find out, is no answer. */
export type EligibilityResult = 'active' | 'inactive' | 'not-answered';

export function resultOf({ outcome, insurance = [] }: CoverageEligibilityResponse): EligibilityResult {
  if (outcome === 'queued' || outcome === 'error') return 'not-answered';
  if (insurance.some(({ inforce }) => inforce === true)) return 'active';
  return insurance.some(({ inforce }) => inforce === false) ? 'inactive' : 'not-answered';
}

type Item = CoverageEligibilityResponseInsuranceItem;

/** EB01 of an item, or what FHIR's benefit type is in its codes. */
export function kindOf({ benefit = [] }: Item): string {
  const type = benefit[0]?.type;
  const named = codeOf(type, system.benefitType);
  return codeOf(type, system.x12Eligibility) ?? hl7Kinds[named ?? ''] ?? '';
}

const hl7Kinds: Readonly<Record<string, string>> = {
  'copay-percent': 'A',
  copay: 'B',
  'copay-maximum': 'B',
  deductible: 'C',
  'medical-primary-health-coverage': '1',
  benefit: '1',
};

const isLeft = ({ term }: Item): boolean => codeOf(term, system.x12TimePeriod) === '29';

/** Own short words for the service types that practices ask after most; others by their code. */
const services: Readonly<Record<string, string>> = {
  '1': 'medical care',
  '30': '',
  '33': 'chiropractic care',
  '35': 'dental care',
  '47': 'hospital',
  '48': 'hospital inpatient care',
  '50': 'hospital outpatient care',
  '52': 'hospital emergency care',
  '86': 'emergency services',
  '88': 'pharmacy',
  '98': 'office visits',
  A6: 'psychotherapy',
  AL: 'vision',
  MH: 'mental health',
  UC: 'urgent care',
};

function serviceOf({ category, productOrService }: Item): string {
  const code = productOrService?.coding?.[0]?.code;
  if (code !== undefined) return `service ${code}`;
  const type = codeOf(category, system.x12ServiceType) ?? category?.coding?.[0]?.code ?? '';
  return services[type] ?? `service type ${type}`;
}

const networks: Readonly<Record<string, string>> = { in: ' in network', out: ' out of network' };

function aboutOf(item: Item): string {
  const service = serviceOf(item);
  const network = networks[codeOf(item.network, system.benefitNetwork) ?? ''] ?? '';
  const family = codeOf(item.unit, system.benefitUnit) === 'family' ? ' of the family' : '';
  return `${family}${service === '' ? '' : ` for ${service}`}${network}`;
}

const money = (amount: Cents): string => `$${toText(amount)}`;

/** What FHIR has as allowed and used in one item, X12 has as two: the whole and what is left. */
export function amountsOf(item: Item): { readonly whole?: Cents; readonly left?: Cents } {
  const [benefit] = item.benefit ?? [];
  const [allowed, used] = [centsOf(benefit?.allowedMoney), centsOf(benefit?.usedMoney)];
  if (allowed === undefined) return {};
  if (isLeft(item)) return { left: allowed };
  return used === undefined ? { whole: allowed } : { whole: allowed, left: subtract(allowed, used) };
}

function wordsOfItem(item: Item): string[] {
  const about = aboutOf(item);
  const { whole, left } = amountsOf(item);
  const share = item.benefit?.[0]?.allowedUnsignedInt;
  const bounded = (name: string): string[] => [
    ...(whole === undefined ? [] : [`${name}${about}: ${money(whole)}.`]),
    ...(left === undefined ? [] : [`${name}${about}, still to be met: ${money(left)}.`]),
  ];
  const words: string[] = [];
  switch (kindOf(item)) {
    case '1':
      if (item.name !== undefined) words.push(`Plan: ${item.name}.`);
      if (serviceOf(item) !== '') words.push(`Covered: ${serviceOf(item)}.`);
      break;
    case 'A':
      if (share !== undefined) words.push(`Coinsurance${about}: the patient pays ${share.toString()} %.`);
      break;
    case 'B':
      if (whole !== undefined) words.push(`Copay${about}: ${money(whole)}.`);
      break;
    case 'C':
      words.push(...bounded('Deductible'));
      break;
    case 'F':
      words.push(...bounded('Limit of the benefit'));
      break;
    case 'G':
      words.push(...bounded('Most that the patient pays in a year'));
      break;
    case 'I':
      words.push(`Not covered: ${serviceOf(item)}.`);
      break;
    case 'R':
      words.push('The payer knows of another payer.');
      break;
  }
  if (item.authorizationRequired === true) words.push(`Authorization is needed${about === '' ? '' : about}.`);
  if (item.authorizationRequired === false) words.push(`No authorization is needed${about}.`);
  return words;
}

const whether: Readonly<Record<EligibilityResult, string>> = {
  active: 'The coverage is active.',
  inactive: 'The coverage is not active.',
  'not-answered': 'The payer has not said whether the coverage is active.',
};

/** An answer in plain words for the front desk, a sentence each; nobody is named in them. */
export function wordsOf(response: CoverageEligibilityResponse): string[] {
  if (response.outcome === 'queued') return ['The payer has not answered yet.'];
  const items = (response.insurance ?? []).flatMap(({ item = [] }) => item);
  return [...new Set([whether[resultOf(response)], ...items.flatMap(wordsOfItem)])];
}

/** The answer with its words as narrative. */
export function narrativeOf(words: readonly string[]): { status: 'generated'; div: string } {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const lines = words.map((line) => `<li>${escaped(line)}</li>`).join('');
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"><ul>${lines}</ul></div>` };
}

/** Whether asking again may help: the payer could not answer now (AAA 42, 80; EB01 V), or asks to be asked again. */
export function mayAskAgain(response: CoverageEligibilityResponse): boolean {
  if (resultOf(response) !== 'not-answered' || response.outcome === 'queued') return false;
  const items = (response.insurance ?? []).flatMap(({ item = [] }) => item);
  if (items.some((item) => kindOf(item) === 'V')) return true;
  return (response.error ?? []).some(({ code }) => {
    const reason = codeOf(code, system.x12RejectReason) ?? '';
    const next = codeOf(code, system.x12FollowUp) ?? '';
    return reason === '42' || reason === '80' || next === 'P' || next === 'R';
  });
}

/** Money of another currency than ours, anywhere in an answer. */
export const hasOtherCurrency = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if ('currency' in value && value.currency !== undefined && value.currency !== 'USD') return true;
  return Object.values(value).some(hasOtherCurrency);
};
