import type { Coverage } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed } from '../../datatypes/json.ts';
import { idOf, parseReference, referenceText, same, versionText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import { openStates, type Lease } from '../../store/job.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import { resultOf } from '../../billing/eligibility/result.ts';
import { restrictedAmong, restrictedError, selfPaidVisitsOn } from '../claim/restricted.ts';
import type { Call } from '../operation.ts';
import {
  askingKey,
  askingKind,
  focalOf,
  keepAttempt,
  lastAttempt,
  payerOf,
  readQuestion,
  type Asking,
  type Request,
} from './asking.ts';
import { lastEligibility, waitForEligibility, type Response } from './recordEligibility.ts';
import { wayToAsk, type WayToAsk } from './wayToAsk.ts';

/** A request that its payer is asked with: what this process goes on with, once the transaction has landed. */
export interface AskingBegun {
  readonly request: string; // CoverageEligibilityRequest/1
  readonly asking?: Asking;
  readonly lease?: Lease;
}

export const isAskingBegun = (result: Response | AskingBegun): result is AskingBegun =>
  !('resourceType' in result);

/** How often a payer that does not answer is asked again by itself. */
const againMost = 5;

interface Options {
  /** Nobody waits for the answer: the job is taken by whoever is free. */
  readonly isLater?: boolean;
  /** What is asked is which coverage there is: the payer has to allow it. */
  readonly way?: WayToAsk;
}

/**
 * Makes a request ready to be asked, with a job that brings it to the payer. One that was answered gives its last answer;
 * one that was not is asked again. To check a coverage anew, on another day, is a new request.
 */
export async function submitEligibility(
  call: Call,
  request: Request,
  { isLater = false, way: given }: Options = {},
): Promise<Response | AskingBegun> {
  const { tx, context } = call;
  const name = referenceText(request);
  await tx.lock(`eligibility|${name}`);
  const attempt = await lastAttempt(tx, name);
  const job = attempt === 0 ? undefined : await tx.jobs.read(askingKey(name, attempt));
  const last = await lastEligibility(tx, name);
  if (job && openStates.includes(job.state)) return call.isPart && last ? last : { request: name };
  if (last && resultOf(last) !== 'not-answered') return last;
  const payer = await fitToAsk(call, request);
  await refuseSelfPaid(call, request);
  const practice = parseReference(request.provider?.reference);
  const named = practice?.type === 'Organization' ? `Organization/${practice.id}` : undefined;
  const way = given ?? (await wayToAsk(call, { payer, practice: named }));
  if (!way) throw notConnected();
  const trace = identifierOf(request, system.trace) ?? context.newId();
  const sent = call.dryRun ? request : await traced(call, request, trace);
  const asking: Asking = {
    request: versionText(sent),
    ...{ trace, gateway: way.code, payer, on: call.on, attempt: attempt + 1, left: againMost },
    isUrgent: !isLater,
    ...(way.route ? { route: way.route } : {}),
  };
  if (call.dryRun) return { request: name, asking };
  await keepAttempt(tx, name, asking.attempt);
  const key = askingKey(name, asking.attempt);
  const work = { key, kind: askingKind, payload: JSON.stringify(asking), due: Date.parse(context.now()) };
  if (isLater || call.isPart) {
    await tx.jobs.enqueue(work);
    return isLater ? { request: name } : waitForEligibility(call, sent);
  }
  const lease = await tx.jobs.begin(work);
  return { request: name, asking, ...(lease ? { lease } : {}) };
}

/** The answer will name the request by its trace number: it is written into it before it leaves. */
const traced = async ({ context, tx }: Call, request: Request, trace: string): Promise<Request> =>
  identifierOf(request, system.trace) === trace
    ? request
    : updateResource(
        context,
        tx,
        changed(request, {
          identifier: [...(request.identifier ?? []), { system: system.trace, value: trace }],
        }),
      );

/** Every fault of what is asked at once; the payer as it is here. */
async function fitToAsk({ tx }: Call, request: Request): Promise<string> {
  if (request.status !== 'active')
    throw conflict(
      'request-not-active',
      `${referenceText(request)} is ${request.status}`,
      'CoverageEligibilityRequest.status',
    );
  const payer = await payerOf(tx, request);
  const { parties, coverage } = await readQuestion(tx, request);
  const at = (element: string): string => `CoverageEligibilityRequest.${element}`;
  const isSearch = request.purpose.includes('discovery');
  const focal = focalOf(request);
  const names = [...parties.values()].some(({ resourceType }) => resourceType === 'Patient');
  const faults: Issue[] = [
    ...(payer === undefined
      ? [businessFault('payer-unknown', at('insurer'), 'the payer is no Organization that is here')]
      : []),
    ...(names ? [] : [businessFault('patient-unknown', at('patient'), 'the patient is not here')]),
    ...(coverage || isSearch
      ? []
      : [businessFault('coverage-missing', at('insurance'), 'names no Coverage that is here')]),
    ...(coverage && focal ? faultsOfCoverage(request, coverage) : []),
  ];
  if (faults.length > 0 || payer === undefined) throw unprocessable(faults);
  return payer;
}

function faultsOfCoverage(request: Request, coverage: Coverage): Issue[] {
  const at = 'CoverageEligibilityRequest.insurance.coverage';
  const isContained = request.insurer.reference?.startsWith('#') === true;
  const isOwn = isContained || same(coverage.beneficiary, request.patient);
  const isOfPayer = isContained || coverage.payor.some((one) => same(one, request.insurer));
  return [
    ...(isOwn
      ? []
      : [businessFault('coverage-of-other-patient', at, 'the Coverage is another patient than the request')]),
    ...(isOfPayer
      ? []
      : [businessFault('coverage-of-other-payer', at, 'the Coverage is of another payer than the request')]),
  ];
}

/**
 * No payer is told of what a patient pays himself by his Consent: neither of a visit that the request names, nor of the
 * day of such a visit.
 */
async function refuseSelfPaid(call: Call, request: Request): Promise<void> {
  const visits = (request.supportingInfo ?? []).flatMap(({ information }) => {
    const id = idOf(information, 'Encounter');
    return id === undefined ? [] : [`Encounter/${id}`];
  });
  const patient = idOf(request.patient, 'Patient');
  const { servicedDate, servicedPeriod } = request;
  const day = servicedDate ?? servicedPeriod?.start;
  const ofDay =
    patient === undefined || day === undefined || visits.length > 0
      ? []
      : await selfPaidVisitsOn(call, {
          patient: `Patient/${patient}`,
          from: day,
          to: servicedPeriod?.end ?? day,
        });
  const found = new Set([...(await restrictedAmong(call, visits)), ...ofDay]);
  if (found.size > 0) throw restrictedError([...found]);
}

const notConnected = (): Error =>
  unprocessable([
    businessFault(
      'eligibility-not-connected',
      'CoverageEligibilityRequest.insurer',
      'nothing here asks this payer about eligibility: a route with transaction 270, or an Endpoint of the payer, is needed',
    ),
  ]);
