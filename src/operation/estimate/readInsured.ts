import type {
  Account,
  Claim,
  ClaimResponse,
  Coverage,
  CoverageEligibilityResponse,
  Organization,
  Patient,
} from '@medplum/fhirtypes';
import type { Used } from '../../billing/adjudication/benefit.ts';
import { benefitsTold } from '../../billing/eligibility/benefits.ts';
import { resultOf } from '../../billing/eligibility/result.ts';
import { qmbOn } from '../../billing/invoice/qmb.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { sum } from '../../datatypes/cents.ts';
import { contains } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { idOf, referenceText, same } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, unresolved, warning, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { isMedicaid } from '../../terminology/coverageType.ts';
import { payersOf } from '../claim/payers.ts';
import { planOf } from '../claim/practicePlans.ts';
import { expectedByContract } from '../contract/expectation.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';
import { accountKey, holderOf } from '../uniqueKey.ts';
import type { Known } from './ownShare.ts';

type Stored<T> = T & { readonly id: string };

/** The first payer of a patient on a day, and how many more there are. */
export interface FirstPayer {
  readonly coverage: Stored<Coverage>;
  readonly payer: string; // Organization/1
  readonly hasMore: boolean;
}

const at = "Parameters.parameter.where(name='coverage').value";

/** The Coverage that is named, else the one that pays first on the day. */
export async function firstPayer(
  { tx, input }: Call,
  {
    patient,
    practice,
    date,
  }: { readonly patient: Stored<Patient>; readonly practice: string; readonly date: string },
): Promise<FirstPayer> {
  const pointer = parameter(input, 'coverage')?.valueReference;
  const account: Account = (await holderOf(tx, accountKey(referenceText(patient), practice))) ?? {
    resourceType: 'Account',
    status: 'active',
  };
  const order = await payersOf(tx, { account, patient, on: date });
  const named = pointer && (await resolve<Coverage>(tx, 'Coverage', pointer));
  if (pointer && !(named && same(named.beneficiary, { reference: referenceText(patient) })))
    throw unprocessable([
      unresolved('coverage-unknown', at, 'names no Coverage of this patient that is here'),
    ]);
  if (!pointer && order.faults.length > 0) throw unprocessable(order.faults);
  const coverage = named ?? order.coverages[0];
  if (coverage?.id === undefined)
    throw conflict(
      'not-insured',
      'no Coverage of the patient is active on the day: Claim/$good-faith-estimate estimates what is paid without insurance',
      'Coverage',
    );
  if (coverage.status !== 'active' || !contains(coverage.period, date))
    throw unprocessable([businessFault('coverage-not-active', at, `it is not active on ${date}`)]);
  const payer = idOf(coverage.payor[0], 'Organization');
  if (payer === undefined || !(await resolve<Organization>(tx, 'Organization', coverage.payor[0])))
    throw unprocessable([
      unresolved('payer-unknown', 'Coverage.payor', 'names no Organization that is here'),
    ]);
  return {
    coverage: changed(coverage, { id: coverage.id }),
    payer: `Organization/${payer}`,
    hasMore: order.coverages.some(({ id }) => id !== coverage.id),
  };
}

/** What is known of the benefits, and what of it is to be told. */
export interface Benefits extends Known {
  readonly issues: readonly Issue[];
  readonly askedOn: string | undefined; // when the payer said what it says
  /** By law the patient owes nothing of what the payer leaves. */
  readonly isProtected: boolean;
}

/** Reads plan, contract, the last answer about eligibility, and what claims used up since. */
export async function readBenefits(
  call: Call,
  claim: Claim,
  { coverage, payer, hasMore }: FirstPayer,
): Promise<Benefits> {
  const { tx } = call;
  const date = claim.billablePeriod?.start ?? call.on;
  const plan = await planOf(call, coverage);
  const answer = await lastAnswer(tx, claim, { coverage, year: date.slice(0, 4) });
  if (answer && resultOf(answer) === 'inactive')
    throw conflict(
      'coverage-inactive',
      'the payer says that the Coverage is not active: look for another one',
      'Coverage',
    );
  const told = answer && benefitsTold(answer);
  if (
    !plan &&
    told?.deductibleLeft === undefined &&
    told?.coinsurance === undefined &&
    told?.visitCopay === undefined
  )
    throw conflict(
      'benefits-unknown',
      'neither a plan nor an answer of the payer says what the patient bears: CoverageEligibilityRequest/$submit asks for it',
      'Coverage',
    );
  const used = await usedBy(tx, claim, { coverage, answer, year: date.slice(0, 4) });
  const practice = claim.provider.reference ?? '';
  const expected = await expectedByContract(tx, claim, { coverage, practice, payer });
  const patient = await resolve<Patient>(tx, 'Patient', claim.patient);
  const services = (claim.item ?? []).flatMap(
    ({ productOrService }) => productOrService.coding?.[0]?.code ?? [],
  );
  const authorized = services.filter((code) => plan?.authorization.has(code) === true);
  return {
    plan,
    told,
    used,
    agreed: new Map(expected.map(({ item, amount, rule }) => [item, { amount, rule }])),
    askedOn: answer?.created.slice(0, 10),
    isProtected: isMedicaid(coverage) || qmbOn(patient, date).holds || qmbOn(coverage, date).holds,
    issues: [
      ...(answer
        ? []
        : [
            warning(
              'benefits-not-asked',
              'Coverage',
              'the payer was not asked what is left of deductible and limit: what claims here used up is taken off',
            ),
          ]),
      ...(hasMore
        ? [warning('further-payer', 'Coverage', 'what a further payer takes over is not counted')]
        : []),
      ...authorized.map((code) =>
        warning(
          'authorization-needed',
          'Claim.item',
          `${code} needs an authorization of the payer: the estimate holds with it only`,
        ),
      ),
    ],
  };
}

interface Of {
  readonly coverage: Stored<Coverage>;
}

/** The last answer of the payer about this Coverage for the year of the service. */
async function lastAnswer(
  reader: Reader,
  claim: Claim,
  { coverage, year }: Of & { readonly year: string },
): Promise<CoverageEligibilityResponse | undefined> {
  const patient = claim.patient.reference ?? '';
  const all = await find<CoverageEligibilityResponse>(reader, 'CoverageEligibilityResponse', { patient });
  const own = all.filter((one) => {
    const day = one.servicedDate ?? one.servicedPeriod?.start ?? one.created;
    const isOf =
      one.insurance?.some((i) => same(i.coverage, { reference: referenceText(coverage) })) === true;
    return isOf && one.status === 'active' && resultOf(one) !== 'not-answered' && day.startsWith(year);
  });
  const when = ({ meta }: CoverageEligibilityResponse): string => meta?.lastUpdated ?? '';
  return own.sort((a, b) => (when(a) < when(b) ? 1 : -1))[0];
}

/** What answers to claims took of deductible and limit, and what they paid: since the payer was asked, else in the year. */
async function usedBy(
  reader: Reader,
  claim: Claim,
  {
    coverage,
    answer,
    year,
  }: Of & { readonly answer: CoverageEligibilityResponse | undefined; readonly year: string },
): Promise<Used> {
  const patient = claim.patient.reference ?? '';
  const since = answer?.created.slice(0, 10) ?? `${year}-01-01`;
  const isLater = ({ created, meta }: ClaimResponse): boolean =>
    !answer || created.slice(0, 10) > since || (meta?.lastUpdated ?? '') > (answer.meta?.lastUpdated ?? '');
  const all = await find<ClaimResponse>(reader, 'ClaimResponse', { patient, created: `ge${since}` });
  const decided = all
    .filter(
      (one) =>
        one.status === 'active' &&
        one.outcome === 'complete' &&
        one.use === 'claim' &&
        isLater(one) &&
        one.insurance?.some((i) => i.focal && same(i.coverage, { reference: referenceText(coverage) })) ===
          true,
    )
    .flatMap(adjudicated);
  const shares = decided.flatMap(({ adjustments }) => adjustments.filter(({ group }) => group === 'PR'));
  const of = (...reasons: readonly string[]) =>
    sum(shares.filter(({ reason }) => reasons.includes(reason)).map(({ amount }) => amount));
  return {
    deductible: of('1'),
    limit: of('1', '2', '3'),
    inpatientDeductible: sum([]),
    paid: sum(decided.map(({ paid }) => paid)),
  };
}
