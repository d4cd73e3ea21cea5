import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop, type Placed } from '../../x12/loop.ts';
import { component, element, type Segment } from '../../x12/segment.ts';
import { dateOfText, daysOf } from '../../x12/value.ts';
import { readService, type ServiceRead } from './service278.ts';

/** HCR: what was decided. */
export interface Decision {
  readonly action: string; // HCR01: A1 certified, A3 not, A4 pended, A6 modified …
  readonly number: string; // HCR02
  readonly reasons: readonly string[]; // HCR03
  readonly secondOpinion?: boolean; // HCR04
  readonly position: number;
}

/** AAA */
export interface Rejection {
  readonly code: string;
  readonly followUp: string;
  readonly position: number;
}

/** What is said of the event as a whole, or of one of its services. */
export interface Review {
  readonly traces: readonly string[]; // TRN02
  readonly decision?: Decision;
  readonly issued?: string; // DTP*102
  readonly period?: { readonly start?: string; readonly end?: string }; // DTP*007 and 036
  readonly administrationReference: string; // REF*NT
  readonly previousAuthorization: string; // REF*BB
  readonly messages: readonly string[];
  readonly rest: readonly Segment[]; // what has no place of its own
}

export interface ServiceReview extends Review {
  readonly service: ServiceRead;
  readonly isNamed: boolean; // a service is named in it
}

/** What a 278 answers to one request. */
export interface AuthorizationAnswer {
  readonly reference: string; // BHT03
  readonly saidAt: string; // BHT04 and BHT05: which answer is the later one
  readonly member: string;
  readonly born?: string;
  readonly isDependent: boolean;
  readonly event?: Review;
  readonly services: readonly ServiceReview[];
  readonly rejections: readonly Rejection[];
}

/** Reads a level of a 278 response: a member with what was asked for him (2000C), or one above that nobody is in. */
export function readAnswer278({ loop, above }: Placed): AuthorizationAnswer[] {
  const set = above.find(({ id }) => id === 'ST');
  const bht = set && segmentOf(set, 'BHT');
  const head = {
    reference: bht ? element(bht, 3) : '',
    saidAt: bht ? `${element(bht, 4)}${element(bht, 5)}` : '',
  };
  const higher = above.filter(({ id }) => id !== 'ST').flatMap(rejectionsOf);
  const own = rejectionsOf(loop);
  if (loop.id !== '2000C')
    return [{ ...head, member: '', isDependent: false, services: [], rejections: [...higher, ...own] }];
  const nm1 = (level: Loop, id: string): Segment | undefined => {
    const named = loopOf(level, id);
    return named && segmentOf(named, 'NM1');
  };
  const holder = nm1(loop, '2010C');
  const dependents = loopsOf(loop, '2000D');
  const people = dependents.length === 0 ? [loop] : dependents;
  return people.flatMap((person): AuthorizationAnswer[] => {
    const isDependent = person !== loop;
    const named = loopOf(person, isDependent ? '2010D' : '2010C');
    const dmg = named && segmentOf(named, 'DMG');
    const born = dmg && dateOfText(element(dmg, 2));
    const said = {
      ...head,
      member: holder ? element(holder, 9) : '',
      ...(born === undefined ? {} : { born }),
      isDependent,
    };
    const refused = [...higher, ...own, ...(isDependent ? rejectionsOf(person) : [])];
    const events = loopsOf(person, '2000E');
    if (events.length === 0) return [{ ...said, services: [], rejections: refused }];
    return events.map((event) => {
      const services = loopsOf(event, '2000F');
      return {
        ...said,
        event: reviewOf(event),
        services: services.map((level) => ({
          ...reviewOf(level),
          service: readService(level),
          isNamed: ['SV1', 'SV2', 'SV3'].some((id) => segmentOf(level, id) !== undefined),
        })),
        rejections: [...refused, ...rejectionsOf(event), ...services.flatMap(rejectionsOf)],
      };
    });
  });
}

/** AAA of a level and of the names in it. */
function rejectionsOf(level: Loop): Rejection[] {
  const names = level.loops.filter(({ id }) => id.startsWith('2010'));
  return [level, ...names]
    .flatMap((loop) => segmentsOf(loop, 'AAA'))
    .map((aaa) => ({
      code: component(aaa, 3, 1) || component(aaa, 2, 1),
      followUp: element(aaa, 4),
      position: aaa.position,
    }));
}

/** Segments that are read here, or that say again what was asked. */
const placed: readonly string[] = ['HL', 'TRN', 'AAA', 'UM', 'HCR', 'MSG', 'HI', 'SV1', 'SV2', 'SV3'];
const placedDates: readonly string[] = ['102', '007', '036', '472', 'AAH', '435', '096'];

function reviewOf(level: Loop): Review {
  const day = (qualifier: string): string | undefined => {
    const dtp = segmentOf(level, 'DTP', qualifier);
    return dtp && daysOf(element(dtp, 2), element(dtp, 3))?.start;
  };
  const until = (): string | undefined => {
    const dtp = segmentOf(level, 'DTP', '007');
    return dtp && daysOf(element(dtp, 2), element(dtp, 3))?.end;
  };
  const reference = (qualifier: string): string => {
    const ref = segmentOf(level, 'REF', qualifier);
    return ref ? element(ref, 2) : '';
  };
  const [issued, start, end] = [day('102'), day('007'), day('036') ?? until()];
  const decision = decisionOf(segmentOf(level, 'HCR'));
  return {
    traces: segmentsOf(level, 'TRN').map((trn) => element(trn, 2)),
    ...(decision ? { decision } : {}),
    ...(issued === undefined ? {} : { issued }),
    ...(start === undefined && end === undefined
      ? {}
      : { period: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) } }),
    administrationReference: reference('NT'),
    previousAuthorization: reference('BB'),
    messages: segmentsOf(level, 'MSG').map((msg) => element(msg, 1)),
    rest: level.segments.filter(
      (one) =>
        !placed.includes(one.id) &&
        !(one.id === 'DTP' && placedDates.includes(element(one, 1))) &&
        !(one.id === 'REF' && ['NT', 'BB'].includes(element(one, 1))),
    ),
  };
}

function decisionOf(hcr: Segment | undefined): Decision | undefined {
  if (!hcr) return undefined;
  const opinion = element(hcr, 4);
  return {
    action: element(hcr, 1),
    number: element(hcr, 2),
    reasons: [element(hcr, 3)].filter((reason) => reason !== ''),
    ...(opinion === 'Y' || opinion === 'N' ? { secondOpinion: opinion === 'Y' } : {}),
    position: hcr.position,
  };
}
