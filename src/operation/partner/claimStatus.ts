import { requestedInformation } from '../../billing/submission/requestedInformation.ts';
import {
  claimStatus,
  claimsOfLevel,
  codesText,
  statusOfAcknowledgement,
  statusOfInquiry,
  type ClaimStatus,
} from '../../billing/submission/status277.ts';
import type { HopWhere } from '../../datatypes/hop.ts';
import { referenceText } from '../../datatypes/reference.ts';
import type { Reader } from '../../store/store.ts';
import { loopOf, segmentOf, type Loop, type Placed } from '../../x12/loop.ts';
import type { OperationContext } from '../operation.ts';
import { claimOfNumber as claimOfAnyNumber } from '../remittance/matchClaim.ts';
import { laterCall } from '../submission/laterCall.ts';
import { numberOnItsWay } from '../submission/hopsOfRound.ts';
import { recordHop, type Asked } from '../submission/recordHop.ts';
import { claimOfNumber } from '../uniqueKey.ts';
import type { Inbound } from './acknowledgement.ts';
import type { SentClaim } from './compose.ts';
import { seeToAnswer, statusLoop, tellOfWhole } from './inquiryAnswer.ts';
import { claimsOfProvider } from './ofProvider.ts';
import { mayHaveGoneTo } from './sentTo.ts';
import { askedWithTrace, sentWithReference } from './sentIndex.ts';

/** What a 277CA (X214), 277 (X212) or request for information (X213) says of a claim. */
interface Said {
  readonly event: '277CA' | '277' | '277RFAI';
  readonly hop: HopWhere;
  readonly set: string; // ST02
  readonly sha256: string; // of its file
}

/** What a patient level of a 277 says of each of its claims; the numbers of claims that are not here come back. */
export async function recordPatientLevel(
  context: OperationContext,
  from: Inbound,
  level: Loop,
  said: Said,
): Promise<readonly string[]> {
  const strangers: string[] = [];
  for (const status of claimsOfLevel(level)) {
    const claim = await claimNamed(context.store, status, { event: said.event, ids: from.ids });
    if (claim) await recordStatus(context, from, { status, said, claim });
    else strangers.push(status.control === '' ? status.trace : status.control);
  }
  return strangers;
}

/** The claim that a status is of, and the number (CLM01) under which it is meant. */
async function claimNamed(
  reader: Reader,
  { trace, control, payerNumber }: ClaimStatus,
  { event, ids }: Pick<Said, 'event'> & Pick<Inbound, 'ids'>,
): Promise<SentClaim | undefined> {
  const asked = event === '277' ? await askedWithTrace(reader, ids, trace) : undefined;
  if (asked) return asked;
  for (const number of event === '277CA' ? [trace] : [control, trace]) {
    const claim = number === '' ? undefined : await claimOfNumber(reader, number);
    if (claim === undefined) continue;
    // a request for information may come from the payer itself
    if (event !== '277RFAI' && !(await mayHaveGoneTo(reader, ids, { claim, number }))) continue;
    return { claim, number };
  }
  if (event !== '277RFAI') return undefined;
  // the payer's own number of a claim that it has told us before
  for (const number of [trace, payerNumber]) {
    const claim = number === '' ? undefined : await claimOfAnyNumber(reader, number);
    if (claim) return { claim: referenceText(claim), number: control };
  }
  return undefined;
}

interface OfClaim {
  readonly status: ClaimStatus;
  readonly said: Said;
  readonly claim: SentClaim;
}

async function recordStatus(
  context: OperationContext,
  from: Inbound,
  { status: of, said, claim }: OfClaim,
): Promise<void> {
  const asks = said.event === '277RFAI' ? askedOf(of, said) : undefined;
  const [first] = of.statuses;
  const position = asks?.position ?? first?.position;
  if (position === undefined) return;
  const status =
    said.event === '277RFAI'
      ? 'accepted'
      : said.event === '277'
        ? statusOfInquiry(of.statuses)
        : statusOfAcknowledgement(of.statuses);
  const code = asks?.codes ?? codesText(of.statuses);
  const on = first?.on ?? from.on;
  const payerNumber = of.payerNumber !== '' || said.event !== '277RFAI' ? of.payerNumber : of.trace;
  await context.store.transaction(async (tx) => {
    const control = claim.number === '' ? ((await numberOnItsWay(tx, claim.claim)) ?? '') : claim.number;
    const call = laterCall(context, tx, from.on);
    await recordHop(call, {
      claim: claim.claim,
      hop: {
        ...{ event: said.event, hop: said.hop, code, on, control },
        ...(status === undefined ? {} : { status }),
        ...{ number: `${from.number}|${said.set}`, position: String(position), proof: from.binary },
        ...(payerNumber === '' ? {} : { payerNumber }),
      },
      reason: `${said.event} ${code}`,
      ...(asks ? { asks } : {}),
    });
    if (said.event === '277') await seeToAnswer(call, claim.claim, of.statuses);
  });
}

/** As an extension x12-position names a file. */
const hashLength = 12;

function askedOf(
  of: ClaimStatus,
  { set, sha256 }: Said,
): (Asked & { readonly position: number }) | undefined {
  const asked = requestedInformation(of);
  return asked && { ...asked, place: `${sha256.slice(0, hashLength)}|${set}|${asked.position.toString()}` };
}

/**
 * A 277CA that rejects the whole of what was received names the set by its BHT03 and no patient: all of its claims are
 * rejected. Where it rejects a provider, those claims of the set are that he bills. Where the set is not known, or nothing
 * in it is of that provider, a person has to see which.
 */
export async function recordReceiverLevel(
  context: OperationContext,
  from: Inbound,
  level: Placed,
  said: Said,
): Promise<void> {
  const loop = statusLoop(level, '2000B');
  const status = loop && claimStatus(loop);
  if (status && statusOfAcknowledgement(status.statuses) === 'rejected') {
    const sent = await sentWithReference(context.store, from.ids, status.trace);
    if (sent && sent.asks !== true)
      for (const claim of sent.claims) await recordStatus(context, from, { status, said, claim });
    else await tellOfWhole(context, from, status);
    return;
  }
  const provider = statusLoop(level, '2000C');
  const ofProvider = provider && claimStatus(provider);
  if (!ofProvider || statusOfAcknowledgement(ofProvider.statuses) !== 'rejected') return;
  const sent = status && (await sentWithReference(context.store, from.ids, status.trace));
  const named = [level.loop, ...level.above].find(({ id }) => id === '2000C');
  const claims = sent && sent.asks !== true ? await claimsOfProvider(context.store, named, sent.claims) : [];
  if (claims.length === 0) return tellOfWhole(context, from, ofProvider);
  for (const claim of claims) await recordStatus(context, from, { status: ofProvider, said, claim });
}

/** Who says it: the first level names the clearinghouse (AY) or the payer (PR). */
export function hopOfSource(above: readonly Loop[]): HopWhere {
  const source = above.find(({ id }) => id === '2000A');
  const name = source && loopOf(source, '2100A');
  return name && segmentOf(name, 'NM1', 'AY') ? 'clearinghouse' : 'payer';
}
