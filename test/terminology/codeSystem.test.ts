import { expect, test } from '@jest/globals';
import { isAdmissionType, isDischargeStatus, isPointOfOrigin } from '../../src/terminology/admission.ts';
import { isConditionCode } from '../../src/terminology/conditionCode.ts';
import { reasonLabel } from '../../src/terminology/claimAdjustmentReason.ts';
import {
  isAmbulance,
  isHcpcs,
  isMileage,
  isUnlisted,
  looksLikeCpt,
  looksLikeHcpcs,
} from '../../src/terminology/hcpcs.ts';
import { shippedCodes } from '../../src/terminology/codeSystem.ts';
import { isModifier } from '../../src/terminology/modifier.ts';
import { isMsDrg } from '../../src/terminology/msDrg.ts';
import { isPlaceOfService } from '../../src/terminology/placeOfService.ts';
import { isPresentOnAdmission } from '../../src/terminology/presentOnAdmission.ts';
import { isRevenueCode, isRoomAndBoard } from '../../src/terminology/revenueCode.ts';
import { isTaxonomy, looksLikeTaxonomy } from '../../src/terminology/taxonomy.ts';
import { isInpatientBill, needsAdmissionDate, typeOfBill } from '../../src/terminology/typeOfBill.ts';

type Check = (code: string) => boolean;

test.each<[name: string, check: Check, known: string[], unknown: string[]]>([
  ['HCPCS', (c) => isHcpcs(c), ['T1015', 'J0897', 'A0425', 'G0463'], ['T9999', 'D0120', '99213', 'A042', '']],
  ['form of HCPCS', looksLikeHcpcs, ['T1015', 'V5299'], ['D0120', '99213', 'RB0120']],
  ['form of CPT', looksLikeCpt, ['99213', '0001F', '0071T', '0001U', '0001M'], ['T1015', '9921', '9921X']],
  ['ambulance', isAmbulance, ['A0021', 'A0427', 'A0999'], ['A0020', 'A1000', 'E0114']],
  ['mileage', isMileage, ['A0425', 'A0435'], ['A0427', 'J7325']],
  [
    'unlisted',
    (c) => isUnlisted(c),
    ['E1399', 'J3490', 'A0999', 'J8499'],
    ['J3301', 'T1015', 'S8101', '99199'],
  ],
  [
    'modifier',
    (c) => isModifier(c),
    ['RT', 'NU', 'JZ', '25', '59', 'XE', '2P'],
    ['QQQ', 'ZZ', 'R', 'RH', ''],
  ],
  ['modifier of an ambulance', (c) => isModifier(c, 'A0427'), ['RH', 'SH', 'GM'], ['RK', 'ZZ']],
  ['place of service', isPlaceOfService, ['11', '21', '22', '41', '99'], ['00', '28', '1', '111']],
  ['revenue code', isRevenueCode, ['0120', '0250', '0510', '0636'], ['0999X', '120', '9999']],
  ['room and board', isRoomAndBoard, ['0100', '0120', '0219'], ['0220', '0001', '0250']],
  ['MS-DRG', isMsDrg, ['194', '001', '1'], ['000', '9999']],
  ['admission type', isAdmissionType, ['1', '3', '9'], ['6', '0', 'X']],
  ['point of origin', isPointOfOrigin, ['1', '5', 'D'], ['3', 'Z', '~']],
  ['discharge status', isDischargeStatus, ['01', '20', '30', '81'], ['10', '00', '1']],
  ['POA', isPresentOnAdmission, ['Y', 'N', 'U', 'W', '1'], ['X', 'YN', '']],
  ['condition code', isConditionCode, ['01', '45', 'W2'], ['~', 'ZZZ', '5']],
  ['taxonomy', isTaxonomy, ['208D00000X', '282N00000X'], ['208D00000Y', '999999999X']],
  ['form of taxonomy', looksLikeTaxonomy, ['208D00000X', '999999999X'], ['208D00000', '208d00000X']],
  [
    'type of bill',
    (c) => typeOfBill(c) !== undefined,
    ['0111', '0131', '131', '0137'],
    ['0191', '1111', '011', '013L'],
  ],
  ['needs an admission date', needsAdmissionDate, ['11', '21', '81'], ['13', '14']],
  ['inpatient bill', isInpatientBill, ['11', '21'], ['13', '12', '14']],
])('%s knows its codes', (_name, check, known, unknown) => {
  expect(known.filter((code) => !check(code))).toEqual([]);
  expect(unknown.filter((code) => check(code))).toEqual([]);
});

test('names of public sets are kept', () => {
  expect(shippedCodes('hcpcs-2025')().get('T1015')?.display).toBe('Clinic service');
  expect(shippedCodes('place-of-service')().get('11')?.display).toBe('Office');
});

test('a type of bill is read apart', () => {
  expect(typeOfBill('0131')).toEqual({ kind: '13', frequency: '1' });
});

test('adjustment reasons have labels of our own, and only those that are named', () => {
  expect(reasonLabel('45')).toBe('Above the agreed or allowed fee');
  expect(reasonLabel('999')).toBeUndefined();
});
