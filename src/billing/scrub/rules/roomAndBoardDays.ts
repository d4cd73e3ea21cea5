import { daysBetween } from '../../../datatypes/date.ts';
import { isRoomAndBoard } from '../../../terminology/revenueCode.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** Room and board is counted in whole nights with a rate, and all nights together are those of the stay: the day of discharge is none. */
export const roomAndBoardDays: ScrubRule = {
  id: 'room-and-board-days',
  source: 'billing rule 37; Medicare Claims Processing Manual chapter 3, 40.2',
  carc: '16',
  cure: 'Count a day where the patient is at midnight.',
  severity: 'error',
  check: ({ lines, form, inpatient, bill, start, end }) => {
    const rooms = lines.filter(
      (l) => form === 'institutional' && inpatient && isRoomAndBoard(l.revenue ?? ''),
    );
    if (rooms.length === 0) return [];
    const each = rooms.flatMap(({ at, item, units = 0 }) => [
      ...unless(
        Number.isInteger(units) && units > 0,
        `${at}.quantity`,
        'room and board is counted in whole days',
      ),
      ...unless(item.unitPrice !== undefined, `${at}.unitPrice`, 'room and board needs the rate of a day'),
    ]);
    const counted = rooms.reduce((n, l) => n + (l.units ?? 0), 0);
    const nights = start === undefined || end === undefined ? counted : Math.max(1, daysBetween(start, end));
    const through = bill?.frequency === '1' || bill?.frequency === '7';
    return through && counted !== nights
      ? [
          ...each,
          fault(
            rooms[0] ? `${rooms[0].at}.quantity` : 'Claim.item',
            'the days of room and board are not the nights of the stay',
            counted > nights ? 'error' : 'warning',
          ),
        ]
      : each;
  },
};
