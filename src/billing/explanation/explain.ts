import type {
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  ExplanationOfBenefitInsurance,
  ExplanationOfBenefitItem,
  ExplanationOfBenefitItemAdjudication,
  ExplanationOfBenefitTotal,
  Reference,
} from '@medplum/fhirtypes';
import { adjudicated, type Adjudicated } from '../../datatypes/adjudication.ts';
import { exactCents, toMoney } from '../../datatypes/cents.ts';
import { codeOf, concept, has } from '../../datatypes/coding.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { parseReference, referenceTo } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { system } from '../../terminology/system.ts';
import {
  allReasons,
  allowedUnits,
  amountCategory,
  amounts,
  drugCost,
  oneReason,
  rejectReason,
  status,
} from './adjudication.ts';
import { breakdown, priorPaidOn, together, type Breakdown } from './breakdown.ts';
import { careTeam, diagnoses, explainedItem, supportingInfo } from './claimPart.ts';
import { claimStatus, lineStatus, providerStatus, type NetworkStatus } from './network.ts';
import { profileOf, type Profile } from './profile.ts';

/** What an explanation is made of. */
export interface Explained {
  readonly claim: Claim;
  readonly response: ClaimResponse; // complete
  readonly priors: readonly ClaimResponse[]; // the answers of the payers before
  /** By coverage reference, what the other payers are called. */
  readonly carriers?: ReadonlyMap<string, string>;
  /** Whose place the services were given in, where it is not the billing provider's own. */
  readonly facility?: Reference;
}

interface Decision {
  readonly line: Adjudicated;
  readonly parts: Breakdown;
}

/**
 * The ExplanationOfBenefit of an answered claim, in the shape of CARIN Blue Button 2.0.0.
 * See https://hl7.org/fhir/us/carin-bb/STU2/ and docs/model.md
 */
export function explain({
  claim: sent,
  response,
  priors,
  carriers,
  facility,
}: Explained): ExplanationOfBenefit {
  const claim = withoutVersions(sent); // clients of C4BB know no reference to a version
  const profile = profileOf(claim);
  const decisions = adjudicated(response).map((line) => ({
    line,
    parts: breakdown(line, priorPaidOn(line, priors)),
  }));
  return {
    resourceType: 'ExplanationOfBenefit',
    meta: { profile: [profile.canonical], ...(response.meta?.tag ? { tag: response.meta.tag } : {}) },
    ...identity(claim, response),
    type: claim.type,
    ...(claim.subType && (profile.form === 'inpatient' || profile.form === 'outpatient')
      ? { subType: claim.subType }
      : {}),
    ...(profile.form === 'oral' ? { provider: dentist(claim) } : {}),
    payee: payee(claim),
    ...careTeam(claim, profile),
    supportingInfo: supportingInfo(claim, profile, facility),
    ...(profile.form === 'pharmacy' ? prescription(claim) : {}),
    ...(claim.diagnosis?.length && profile.form !== 'pharmacy'
      ? { diagnosis: diagnoses(claim, profile) }
      : {}),
    ...(profile.form === 'inpatient' && claim.procedure ? { procedure: claim.procedure } : {}),
    insurance: insurance(claim, carriers),
    ...(claim.accident ? { accident: claim.accident } : {}),
    item: items(claim, response, { profile, decisions }),
    adjudication: headerAdjudication(profile, decisions, response),
    total: totals(claim, profile, decisions),
    payment: {
      type: concept(system.c4bbStatus, paymentType(decisions)),
      date: response.payment?.date ?? response.created,
      ...(response.payment ? { amount: response.payment.amount } : {}),
    },
    ...processNotes(response),
  };
}

function totals(
  claim: Claim,
  { form }: Profile,
  decisions: readonly Decision[],
): ExplanationOfBenefitTotal[] {
  const all = together(decisions.map((d) => d.parts));
  return [...amounts(all), ...(form === 'pharmacy' ? [drugCost(all.eligible)] : []), ...paidByPatient(claim)];
}

/** The prescription of a fill. */
function prescription({ prescription: of }: Claim): Pick<ExplanationOfBenefit, 'prescription'> {
  if (of === undefined || parseReference(of.reference)?.type === 'DeviceRequest') return {};
  const { reference, identifier } = of;
  return {
    prescription: {
      ...(reference === undefined ? {} : { reference }),
      ...(identifier ? { identifier } : {}),
    },
  };
}

/** An oral explanation names the dentist (C4BB 2.0.0): who treated, else who bills. */
function dentist({ careTeam, provider }: Claim): Claim['provider'] {
  const isPerson = parseReference(provider.reference)?.type === 'Practitioner';
  const treating = careTeam?.find(
    (m) =>
      parseReference(m.provider.reference)?.type === 'Practitioner' &&
      m.role?.coding?.some((c) => c.code === 'rendering' || c.code === 'primary'),
  );
  return isPerson ? provider : (treating?.provider ?? provider);
}

type Identity = Omit<ExplanationOfBenefit, 'type' | 'insurance'> & Pick<ExplanationOfBenefit, 'outcome'>;

/** Which claim of whom was answered by whom. */
function identity(claim: Claim, response: ClaimResponse): Omit<Identity, 'resourceType' | 'meta'> {
  return {
    identifier: [
      {
        type: concept(system.c4bbIdentifierType, 'uc'),
        system: system.payerClaimControlNumber,
        value: identifierOf(response, system.payerClaimControlNumber) ?? response.id ?? '',
      },
    ],
    status: 'active',
    use: 'claim',
    patient: claim.patient,
    ...(claim.billablePeriod ? { billablePeriod: claim.billablePeriod } : {}),
    created: response.created,
    insurer: response.insurer,
    provider: claim.provider,
    priority: claim.priority,
    ...(claim.facility ? { facility: claim.facility } : {}),
    claim: referenceTo(claim),
    claimResponse: referenceTo(response),
    outcome: 'complete',
    ...(response.disposition === undefined ? {} : { disposition: response.disposition }),
  };
}

/** Who is paid: as the claim says, else the billing provider. */
function payee({ payee: asked, provider }: Claim): NonNullable<ExplanationOfBenefit['payee']> {
  const known = ['subscriber', 'provider', 'other'].some((code) => has(asked?.type, system.payeeType, code));
  if (asked && known) return { type: asked.type, party: asked.party ?? provider };
  return { type: concept(system.payeeType, 'provider'), party: provider };
}

/** Every coverage of the claim; one that is not of this payer is called by its carrier's name too. */
const insurance = (claim: Claim, carriers?: ReadonlyMap<string, string>): ExplanationOfBenefitInsurance[] =>
  claim.insurance.map(({ focal, coverage, preAuthRef }) => {
    const display = focal ? undefined : carriers?.get(coverage.reference ?? '');
    return {
      focal,
      coverage: display === undefined ? coverage : { ...coverage, display },
      ...(preAuthRef ? { preAuthRef } : {}),
    };
  });

interface Decided {
  readonly profile: Profile;
  readonly decisions: readonly Decision[];
}

function items(
  claim: Claim,
  response: ClaimResponse,
  { profile, decisions }: Decided,
): ExplanationOfBenefitItem[] {
  return (claim.item ?? []).map((item) => {
    const decision = decisions.find((d) => d.line.sequence === item.sequence);
    const noteNumber = response.item?.find((r) => r.itemSequence === item.sequence)?.noteNumber;
    return changed(explainedItem(item, profile, claim), {
      ...(noteNumber ? { noteNumber } : {}),
      ...(decision
        ? {
            adjudication: lineAdjudication(decision, item.quantity?.value, profile, response),
          }
        : {}),
    });
  });
}

/** The NCPDP reject code that the payer gave for a line. */
const rejectedBy = (response: ClaimResponse, sequence: number): string | undefined =>
  response.item
    ?.find((i) => i.itemSequence === sequence)
    ?.adjudication.flatMap((a) => codeOf(a.reason, system.rejectCode) ?? [])[0];

function lineAdjudication(
  { line, parts }: Decision,
  units: number | undefined,
  { form }: Profile,
  response: ClaimResponse,
): ExplanationOfBenefitItemAdjudication[] {
  if (form === 'pharmacy') {
    const reject = line.sequence === undefined ? undefined : rejectedBy(response, line.sequence);
    return [
      ...amounts(parts),
      drugCost(parts.eligible),
      ...(reject === undefined ? [] : [rejectReason(reject)]),
    ];
  }
  const isSingle = form === 'professional' || form === 'oral';
  return [
    ...amounts(parts),
    ...(isSingle ? oneReason(line) : allReasons(line)),
    ...(isSingle ? [status('benefitpaymentstatus', lineStatus(response, line.sequence))] : []),
    ...(units !== undefined && line.allowed > 0 ? [allowedUnits(units)] : []),
  ];
}

/**
 * Network and payment status; the amounts too where the claim was decided as a whole. A professional claim has its
 * payment status on the lines, and in the header too where they differ.
 */
function headerAdjudication(
  { form }: Profile,
  decisions: readonly Decision[],
  response: ClaimResponse,
): ExplanationOfBenefitItemAdjudication[] {
  const is = claimStatus(
    response,
    decisions.map((d) => d.line.sequence),
  );
  const paid = status('benefitpaymentstatus', is);
  const billing = provider(response, 'billingnetworkstatus', is);
  const network = [billing, provider(response, 'renderingnetworkstatus', is)];
  if (form === 'professional') return is === 'other' ? [...network, paid] : network;
  if (form === 'oral') return [...network, paid];
  const whole = decisions.find((d) => d.line.sequence === undefined);
  return [paid, billing, ...(whole ? [...amounts(whole.parts), ...allReasons(whole.line)] : [])];
}

const provider = (
  response: ClaimResponse,
  question: 'billingnetworkstatus' | 'renderingnetworkstatus',
  is: NetworkStatus,
): ExplanationOfBenefitItemAdjudication => status(question, providerStatus(response, question, is));

/** What the patient paid before, as the claim reports it. It does not lower memberliability. */
function paidByPatient(claim: Claim): ExplanationOfBenefitTotal[] {
  const value = claim.supportingInfo?.find((s) => has(s.category, system.supportingInfo, 'patient-paid'))
    ?.valueQuantity?.value;
  const paid = value === undefined ? undefined : exactCents(value);
  return paid === undefined || paid === 0
    ? []
    : [{ category: amountCategory('paidbypatient'), amount: toMoney(paid) }];
}

/** paid, denied (nothing of what was asked is covered) or, where some lines are denied, partiallypaid. */
function paymentType(decisions: readonly Decision[]): 'paid' | 'denied' | 'partiallypaid' {
  const asked = decisions.filter((d) => d.line.submitted > 0);
  const denied = asked.filter((d) => d.line.allowed === 0).length;
  if (denied === 0) return 'paid';
  return denied === asked.length ? 'denied' : 'partiallypaid';
}

/** The payer's own notes; those for display only are ours. */
function processNotes(response: ClaimResponse): Pick<ExplanationOfBenefit, 'processNote'> {
  const notes = response.processNote?.filter((n) => n.type === 'print') ?? [];
  if (notes.length === 0) return {};
  return {
    processNote: notes.map(({ number, text }) => ({
      ...(number === undefined ? {} : { number }),
      type: 'print',
      text,
    })),
  };
}
