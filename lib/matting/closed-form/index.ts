export { closedForm } from './closed-form';
export type { ClosedFormOptions } from './closed-form';
export type { Prior } from './halve';
