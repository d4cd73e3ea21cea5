import type { PricedBy } from '../../billing/estimate/shareAnswer.ts';
import type { Words } from '../letter/words.ts';

/** What the letter to an insured patient says, plainly, in each language. */
export const shareWords = {
  title: { en: 'What you may owe', es: 'Lo que usted podría deber' },
  what: {
    en: 'This is what we expect you to pay for the care below, after your insurance pays its part.',
    es: 'Esto es lo que esperamos que usted pague por la atención de abajo, después de que su seguro pague su parte.',
  },
  number: { en: 'Estimate', es: 'Estimado' },
  given: { en: 'Date', es: 'Fecha' },
  owed: { en: 'You may owe', es: 'Usted podría deber' },
  patient: { en: 'Patient', es: 'Paciente' },
  insurance: { en: 'Insurance', es: 'Seguro' },
  member: { en: 'Member number', es: 'Número de miembro' },
  day: { en: 'Day of the service', es: 'Día del servicio' },
  asked: { en: 'Your insurance told us on', es: 'Su seguro nos informó el' },
  notAsked: { en: 'not asked yet', es: 'todavía no se le preguntó' },
  services: { en: 'The services', es: 'Los servicios' },
  service: { en: 'Service', es: 'Servicio' },
  units: { en: 'Units', es: 'Cantidad' },
  charge: { en: 'Charge', es: 'Cargo' },
  allowed: { en: 'Plan price', es: 'Precio del plan' },
  pays: { en: 'Insurance pays', es: 'Paga el seguro' },
  youOwe: { en: 'You owe', es: 'Usted debe' },
  total: { en: 'Total', es: 'Total' },
  why: { en: 'Why', es: 'Por qué' },
  copay: { en: 'Copay', es: 'Copago' },
  deductible: { en: 'Deductible', es: 'Deducible' },
  coinsurance: { en: 'Coinsurance (your share)', es: 'Coseguro (su parte)' },
  maximum: {
    en: 'Above the most that the plan pays in a year',
    es: 'Por encima de lo máximo que paga el plan en un año',
  },
  uncovered: { en: 'Not covered by your plan', es: 'No cubierto por su plan' },
  nothing: {
    en: 'You owe nothing of this: the price of the plan is paid by your insurance.',
    es: 'Usted no debe nada de esto: su seguro paga el precio del plan.',
  },
  protected: {
    en: 'Your program does not let us charge you what it leaves. You owe nothing of this.',
    es: 'Su programa no nos permite cobrarle lo que deja sin pagar. Usted no debe nada de esto.',
  },
  prices: { en: 'Where the plan prices come from', es: 'De dónde vienen los precios del plan' },
  rights: { en: 'Please note', es: 'Tenga en cuenta' },
  notices: [
    {
      en: 'This is an estimate and not a bill. Your insurance decides when the claim reaches it.',
      es: 'Esto es un estimado y no una factura. Su seguro decide cuando recibe el reclamo.',
    },
    {
      en: 'It may change: other care may be needed, and other claims may use up your deductible first.',
      es: 'Puede cambiar: puede necesitarse otra atención, y otros reclamos pueden usar antes su deducible.',
    },
    {
      en: 'Other providers may bill you separately.',
      es: 'Otros proveedores pueden cobrarle por separado.',
    },
    {
      en: 'You may choose not to use your insurance. Ask us for a good faith estimate of what we charge then.',
      es: 'Puede decidir no usar su seguro. Pídanos un estimado de buena fe de lo que cobramos en ese caso.',
    },
  ],
} as const;

/** Where prices come from. */
export const priceWords: Readonly<Record<PricedBy, Words>> = {
  contract: {
    en: 'the prices that we have agreed on with your insurance',
    es: 'los precios que hemos acordado con su seguro',
  },
  plan: { en: 'the prices of your plan', es: 'los precios de su plan' },
  charge: {
    en: 'our charges: we do not know the prices of your plan, so you may owe less',
    es: 'nuestros cargos: no conocemos los precios de su plan, así que podría deber menos',
  },
  'not-covered': { en: 'your plan does not cover the service', es: 'su plan no cubre el servicio' },
};
