import type { Address, HumanName } from '@medplum/fhirtypes';
import type { Random } from './random.ts';

/** Invented people of Hampshire County: names, homes and numbers that are nobody's. */
const given = {
  female: ['Abigail', 'Beatriz', 'Clara', 'Delia', 'Edith', 'Fiona', 'Greta', 'Hazel', 'Imani', 'Josefa', 'Keiko', 'Lucinda', 'Marisol', 'Nadia', 'Odette', 'Priya', 'Renata', 'Sylvia', 'Thea', 'Uma', 'Viola', 'Wanda', 'Ximena', 'Yolanda'],
  male: ['Ambrose', 'Basil', 'Cyrus', 'Dmitri', 'Emeka', 'Felix', 'Gideon', 'Hector', 'Ivo', 'Jerome', 'Kwame', 'Lionel', 'Mateo', 'Nestor', 'Orson', 'Percy', 'Quentin', 'Rafael', 'Silas', 'Tobias', 'Ulises', 'Vincent', 'Wesley', 'Zoltan'],
} as const;
const family = ['Abbotson', 'Birkenhead', 'Calloway', 'Dunmore', 'Eastlake', 'Fairweather', 'Gantry', 'Holbrook', 'Inglesby', 'Jessop', 'Kilbride', 'Lockhart', 'Mossley', 'Northcote', 'Oakhurst', 'Pemberly', 'Quillon', 'Ravenscar', 'Stallwood', 'Thornbury', 'Underhay', 'Vasquez-Lund', 'Wexcombe', 'Yarrow', 'Zelenka', 'Arroyo-Finch', 'Bonaventura', 'Castlemaine', 'Drummond', 'Ellsworth', 'Featherby', 'Greenhalgh'] as const;
const streets = ['Maple Court', 'Canal Street', 'Orchard Lane', 'Quarry Hill Road', 'Meadow Street', 'Tannery Row', 'Linden Avenue', 'Station Road'] as const;
const towns = [['Northampton', '01060'], ['Easthampton', '01027'], ['Holyoke', '01040'], ['Amherst', '01002'], ['Hadley', '01035']] as const;

export type Gender = keyof typeof given;

export const genderOf = (random: Random): Gender => random.of(['female', 'male'] as const);

/** A name; `of` is a family name that is given already. */
export const nameOf = (random: Random, gender: Gender, of?: string): HumanName => ({
  use: 'official',
  family: of ?? random.of(family),
  given: [random.of(given[gender])],
});

export function homeOf(random: Random): Address {
  const [city, zip] = random.of(towns);
  const line = `${1 + random.below(240)} ${random.of(streets)}`;
  const postalCode = `${zip}-${String(1000 + random.below(9000))}`;
  return { use: 'home', line: [line], city, state: 'MA', postalCode, country: 'US' };
}

/** A number in the range that is kept for fiction. */
export const phoneOf = (random: Random): string => `+1 413 555 01${String(random.below(100)).padStart(2, '0')}`;

/** A day of birth that makes the person a child (5 to 16), an adult (22 to 60) or a senior (67 to 88) all year long. */
export function birthOf(random: Random, age: 'child' | 'adult' | 'senior', today: string): string {
  const [from, span] = { child: [6, 10], adult: [24, 36], senior: [68, 20] }[age] as [number, number];
  const year = Number(today.slice(0, 4)) - from - random.below(span);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${String(year)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`;
}

const letters = 'ACDEFGHJKMNPQRTUVWXY';

/** A Medicare number of the right form: digit, letter, either, digit, letter, either, digit, two letters, two digits. */
export function medicareNumber(random: Random, patient: number): string {
  const letter = (): string => letters[random.below(letters.length)] ?? 'A';
  const [tens, ones] = [Math.trunc(patient / 10), patient % 10]; // makes it unique
  const unique = [tens % 10, Math.trunc(tens / 10) % 10, ones] as const;
  return `${String(1 + random.below(9))}${letter()}${letter()}${String(unique[0])}${letter()}${letter()}${String(unique[1])}${letter()}${letter()}${String(unique[2])}${String(random.below(10))}`;
}
